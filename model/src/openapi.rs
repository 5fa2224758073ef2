//! Descriptions of what serde alone cannot tell: texts that are parsed, and limits. For the API's document, on the server
//! only.
//!
//! A field with a limit names its function here, since the derive takes nothing but literals and the limits are in
//! [`limits`].

use std::borrow::Cow;

use serde_json::json;
use utoipa::{
    PartialSchema, ToSchema,
    openapi::{
        KnownFormat, RefOr, Schema, SchemaFormat,
        schema::{ArrayBuilder, ObjectBuilder, Ref, SchemaType, Type},
    },
};

use crate::{
    DeliveryId, ExecutionId, ProjectId, SessionId, Step, StepRange, Timestamp, TokenId, UserId, WorkflowId,
    activity::ActivityKind, event::Topic, limits,
};

/// Text with 1 to 100 characters; blanks around it do not count. The names of projects, workflows, people and tokens.
const NAME_PATTERN: &str = r"^\s*\S(?:.{0,98}\S)?\s*$";

fn of(kind: Type) -> ObjectBuilder {
    ObjectBuilder::new().schema_type(kind)
}

/// The same or null.
fn nullable(kind: Type) -> ObjectBuilder {
    ObjectBuilder::new().schema_type(SchemaType::from_iter([kind, Type::Null]))
}

macro_rules! ids {
    ($($id:ident: $what:literal),+ $(,)?) => {$(
        impl PartialSchema for $id {
            fn schema() -> RefOr<Schema> {
                of(Type::String)
                    .format(Some(SchemaFormat::Custom("uuid".to_owned())))
                    .description(Some(concat!("The id of ", $what, ": a UUID of version 7.")))
                    .examples([json!("0190a0b0-0000-7000-8000-000000000000")])
                    .into()
            }
        }

        impl ToSchema for $id {
            fn name() -> Cow<'static, str> {
                Cow::Borrowed(stringify!($id))
            }
        }
    )+};
}

ids! {
    ProjectId: "a project",
    WorkflowId: "a workflow",
    ExecutionId: "an execution",
    DeliveryId: "a delivery",
    UserId: "a person",
    TokenId: "a token",
    SessionId: "a session",
}

impl PartialSchema for Timestamp {
    fn schema() -> RefOr<Schema> {
        let text = "An instant (RFC 3339). Answers are in UTC with six fractional digits and `Z`, so that the order of \
                    the texts is that of the times; what is sent may have any offset.";
        of(Type::String)
            .format(Some(SchemaFormat::KnownFormat(KnownFormat::DateTime)))
            .description(Some(text))
            .examples([json!("2026-01-31T02:00:00.000000Z")])
            .into()
    }
}

impl ToSchema for Timestamp {
    fn name() -> Cow<'static, str> {
        Cow::Borrowed("Timestamp")
    }
}

impl PartialSchema for StepRange {
    fn schema() -> RefOr<Schema> {
        let text = "Steps that follow one another without a gap. Answers list them in the order in which they run.";
        ArrayBuilder::new()
            .items(Ref::from_schema_name("Step"))
            .min_items(Some(1))
            .description(Some(text))
            .examples([json!(["import", "profile", "cleanse", "match", "merge", "export"])])
            .into()
    }
}

impl ToSchema for StepRange {
    fn name() -> Cow<'static, str> {
        Cow::Borrowed("StepRange")
    }

    fn schemas(schemas: &mut Vec<(String, RefOr<Schema>)>) {
        schemas.push((Step::name().into_owned(), Step::schema()));
    }
}

impl PartialSchema for Topic {
    fn schema() -> RefOr<Schema> {
        of(Type::String)
            .pattern(Some(r"^(?:workflows|execution:[0-9a-fA-F-]{36})$"))
            .description(Some("`workflows`: everything but log lines. `execution:ID`: one execution with its log."))
            .examples([json!("workflows")])
            .into()
    }
}

impl ToSchema for Topic {
    fn name() -> Cow<'static, str> {
        Cow::Borrowed("Topic")
    }
}

/// The name of a project, workflow, person or token, as it is sent.
pub fn name() -> ObjectBuilder {
    of(Type::String)
        .pattern(Some(NAME_PATTERN))
        .description(Some(format!(
            "1 to {} characters without control characters. Blanks around it do not count.",
            limits::NAME_CHARS_MAX
        )))
        .examples([json!("Customers")])
}

/// One character.
pub fn character() -> ObjectBuilder {
    of(Type::String).min_length(Some(1)).max_length(Some(1)).examples([json!(",")])
}

fn optional_character(what: &str, example: &str) -> ObjectBuilder {
    nullable(Type::String).min_length(Some(1)).max_length(Some(1)).description(Some(what)).examples([json!(example)])
}

pub fn delimiter() -> ObjectBuilder {
    optional_character("What stands between cells; when left out, it is detected.", ";")
}

/// As it was found in a file.
pub fn known_delimiter() -> ObjectBuilder {
    optional_character("What stands between its cells; nothing where it has none.", ";")
}

pub fn quote() -> ObjectBuilder {
    optional_character("What stands around cells that hold a delimiter; when left out, it is detected.", "\"")
}

/// `limit` of a list.
pub fn page_limit() -> ObjectBuilder {
    of(Type::Integer)
        .minimum(Some(1))
        .default(Some(json!(limits::PAGE_ITEMS_DEFAULT)))
        .description(Some(format!("Items on the page. At most {} are given.", limits::PAGE_ITEMS_MAX)))
}

/// What an entry of the log of activity says was done.
pub fn activity_kind() -> ObjectBuilder {
    of(Type::String).enum_values(Some(ActivityKind::WORDS)).description(Some("What was done."))
}

/// What a record is known by from run to run.
pub fn record_id() -> ObjectBuilder {
    of(Type::String)
        .min_length(Some(1))
        .max_length(Some(limits::RECORD_ID_MAX_BYTES))
        .description(Some("What it is known by from run to run: `id` of a record in groups and pairs."))
        .examples([json!("people/00a1b2c3d4e5f607")])
}

/// The records of one request.
pub fn review_changes() -> ArrayBuilder {
    ArrayBuilder::new()
        .items(Ref::from_schema_name("ReviewChange"))
        .min_items(Some(1))
        .max_items(Some(limits::REVIEW_RECORDS_MAX))
        .description(Some("Each of them once."))
}

pub fn workflows_of_bulk() -> ArrayBuilder {
    ArrayBuilder::new()
        .items(Ref::from_schema_name("WorkflowId"))
        .min_items(Some(1))
        .max_items(Some(limits::BULK_WORKFLOWS_MAX))
        .unique_items(true)
        .description(Some("Each of them once."))
}

pub fn token_days() -> ObjectBuilder {
    nullable(Type::Integer)
        .minimum(Some(1))
        .maximum(Some(limits::TOKEN_DAYS_MAX as usize))
        .description(Some("Days after which it ends; without, it never does."))
}

pub fn interval() -> ObjectBuilder {
    of(Type::Integer)
        .minimum(Some(1))
        .maximum(Some((limits::INTERVAL_MAX_DAYS * 24 * 60) as usize))
        .description(Some(format!("So many units between two runs, at most {} days.", limits::INTERVAL_MAX_DAYS)))
        .examples([json!(6)])
}

pub fn cron_expression() -> ObjectBuilder {
    let text = "Five fields: minute, hour, day of the month, month, day of the week. Or `@hourly`, `@daily`, `@weekly`, \
                `@monthly`, `@yearly`.";
    of(Type::String)
        .min_length(Some(1))
        .max_length(Some(limits::CRON_CHARS_MAX))
        .description(Some(text))
        .examples([json!("0 2 * * 1-5")])
}

pub fn time_zone() -> ObjectBuilder {
    nullable(Type::String)
        .description(Some("IANA name of the zone that the schedule is read in; without, the server's."))
        .examples([json!("Europe/Brussels")])
}

pub fn preview_count() -> ObjectBuilder {
    nullable(Type::Integer)
        .minimum(Some(0))
        .default(Some(json!(limits::PREVIEW_COUNT_DEFAULT)))
        .description(Some(format!("How many occurrences. At most {} are given.", limits::PREVIEW_COUNT_MAX)))
}

pub fn retries() -> ObjectBuilder {
    of(Type::Integer)
        .minimum(Some(0))
        .maximum(Some(limits::RETRIES_MAX as usize))
        .default(Some(json!(0)))
        .description(Some("Attempts after the first one."))
}

pub fn retry_delays_s() -> ArrayBuilder {
    let delay = of(Type::Integer).minimum(Some(0)).maximum(Some(limits::RETRY_DELAY_MAX_S as usize));
    ArrayBuilder::new()
        .schema_type(SchemaType::from_iter([Type::Array, Type::Null]))
        .items(delay)
        .max_items(Some(limits::RETRIES_MAX as usize))
        .description(Some("Seconds before each retry: one for each of them at least."))
        .default(Some(json!(limits::RETRY_DELAYS_DEFAULT_S)))
}

pub fn suspend_after() -> ObjectBuilder {
    nullable(Type::Integer)
        .minimum(Some(0))
        .maximum(Some(u32::MAX as usize))
        .default(Some(json!(limits::SUSPEND_AFTER_DEFAULT)))
        .description(Some("Failed runs in a row after which the workflow is suspended; 0 = never."))
}

pub fn timeout_s() -> ObjectBuilder {
    nullable(Type::Integer)
        .minimum(Some(0))
        .maximum(Some(i64::MAX as usize))
        .default(Some(json!(limits::TIMEOUT_DEFAULT_S)))
        .description(Some("Seconds after which an execution is stopped; 0 = never."))
}

pub fn longer_than_s() -> ObjectBuilder {
    nullable(Type::Integer)
        .minimum(Some(1))
        .maximum(Some(i64::MAX as usize))
        .description(Some("Tell of a run that took longer than so many seconds; null = however long."))
}

pub fn digest_hour() -> ObjectBuilder {
    let text =
        "The hour of the day, in the workflow's zone, at which a digest of the day before is sent; null = never.";
    nullable(Type::Integer).minimum(Some(0)).maximum(Some(23)).description(Some(text))
}

fn recipients(pattern: &str, what: &str, example: &str) -> ArrayBuilder {
    let one = of(Type::String).pattern(Some(pattern)).examples([json!(example)]);
    ArrayBuilder::new().items(one).max_items(Some(limits::RECIPIENTS_MAX)).description(Some(what))
}

pub fn emails() -> ArrayBuilder {
    recipients(r"^[^@\s]+@\S+$", "E-mail addresses that are told.", "ann@example.com")
}

pub fn webhooks() -> ArrayBuilder {
    let what = "Addresses that are called. Whoever may not change the workflow sees only where they lead.";
    recipients(r"^https?://[^/\s]\S*$", what, "https://hooks.example.com/millrace")
}
