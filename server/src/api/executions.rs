//! `/executions`

use std::time::Duration;

use app::backend::Backend as _;
use axum::{
    Json as Answer,
    body::Body,
    extract::{Path, State},
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use model::{
    Error, ExecutionId,
    delivery::Delivery,
    execution::{Execution, ExecutionFilter, LogLine, Output},
    limits,
};
use serde::Deserialize;
use tokio_util::io::ReaderStream;
use utoipa::{
    IntoParams,
    openapi::schema::{ObjectBuilder, Type},
};

use super::{
    Items, List,
    extract::{Id, NoBody, Nothing, Query, page_limit},
    openapi::{FileContent, Needs, OPERATOR, VIEWER},
};
use crate::{
    backend::Asked,
    live::Visitor,
    problem::{Problem, Result},
    services::Services,
    sign_in::Visit,
};

/// Executions
///
/// Those that the filter lets through, the newest first.
#[utoipa::path(
    get,
    path = "/executions",
    tag = "executions",
    params(ExecutionFilter),
    responses((status = 200, description = "A page of them", body = List<Execution>)),
    extensions(("x-role" = json!(Needs::AnyRole))),
)]
pub(super) async fn executions(asker: Asked, Query(filter): Query<ExecutionFilter>) -> Result<Answer<List<Execution>>> {
    let filter = ExecutionFilter { limit: page_limit(filter.limit)?, ..filter };
    let page = asker.executions(filter).await.map_err(Problem::of_query)?.data;
    Ok(Answer(List { items: page.items, next_cursor: page.next_cursor }))
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct ReadQuery {
    #[param(schema_with = wait)]
    wait: Option<String>,
}

/// One execution
///
/// With `wait`, the answer comes when it has ended, or after that time: a program that has queued it asks once and gets the
/// outcome.
#[utoipa::path(
    get,
    path = "/executions/{id}",
    tag = "executions",
    params(("id" = ExecutionId, Path, description = "Of the execution"), ReadQuery),
    responses((status = 200, description = "As it stands", body = Execution)),
    extensions(("x-role" = json!(VIEWER))),
)]
pub(super) async fn execution(
    State(services): State<Services>,
    asker: Asked,
    visit: Visit,
    Id(id): Id<ExecutionId>,
    Query(query): Query<ReadQuery>,
) -> Result<Answer<Execution>> {
    let execution = asker.execution(id).await?.data;
    match query.wait {
        Some(wait) => {
            let visitor = Visitor { asker, visit, gate: services.gate };
            Ok(Answer(services.live.wait_for_end(visitor, id, seconds(&wait)?).await?))
        }
        None => Ok(Answer(execution)),
    }
}

fn wait() -> ObjectBuilder {
    let text = format!("Seconds, from `1s` to `{}s`, such as `30s`.", limits::WAIT_MAX_S);
    ObjectBuilder::new()
        .schema_type(Type::String)
        .pattern(Some("^0*(?:[1-9]|[1-5][0-9]|60)s?$"))
        .description(Some(text))
        .examples([serde_json::json!("30s")])
}

/// `30s` or `30`.
fn seconds(wait: &str) -> Result<Duration> {
    let digits = wait.strip_suffix('s').unwrap_or(wait);
    let number = digits.parse().ok().filter(|_| digits.bytes().all(|digit| digit.is_ascii_digit()));
    number.filter(|seconds| (1..=limits::WAIT_MAX_S).contains(seconds)).map(Duration::from_secs).ok_or_else(|| {
        Problem::query("wait", format!("must be seconds from 1s to {}s, such as 30s", limits::WAIT_MAX_S))
    })
}

/// Cancel an execution
///
/// It leaves the queue at once; one that runs stops a little later. To cancel it once more does nothing.
#[utoipa::path(
    post,
    path = "/executions/{id}/cancel",
    tag = "executions",
    params(("id" = ExecutionId, Path, description = "Of the execution")),
    request_body = Option<Nothing>,
    responses(
        (status = 202, description = "As it stands now", body = Execution),
        (status = 409, description = "It has ended; `execution_status` says how"),
    ),
    extensions(("x-role" = json!(OPERATOR))),
)]
pub(super) async fn cancel_execution(
    asker: Asked,
    Id(id): Id<ExecutionId>,
    _: NoBody,
) -> Result<(StatusCode, Answer<Execution>)> {
    match asker.cancel_execution(id).await {
        Ok(execution) => Ok((StatusCode::ACCEPTED, Answer(execution))),
        Err(conflict @ Error::Conflict { .. }) => {
            let ended = asker.execution(id).await?.data;
            Err(Problem::from(conflict).with_execution_status(ended.status))
        }
        Err(error) => Err(error.into()),
    }
}

fn log_limit() -> ObjectBuilder {
    model::openapi::page_limit()
        .default(Some(limits::PAGE_ITEMS_MAX.into()))
        .description(Some(format!("Lines on the page. At most {} are given.", limits::PAGE_ITEMS_MAX)))
}

/// Lines in order; the cursor is the index of the first line to give.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct LogQuery {
    /// Index of the first line to give; `next_cursor` of the page before.
    cursor: Option<u64>,
    #[param(schema_with = log_limit)]
    limit: Option<usize>,
}

/// The log of an execution
///
/// Its lines in order.
#[utoipa::path(
    get,
    path = "/executions/{id}/logs",
    tag = "executions",
    params(("id" = ExecutionId, Path, description = "Of the execution"), LogQuery),
    responses((status = 200, description = "A page of it", body = List<LogLine>)),
    extensions(("x-role" = json!(VIEWER))),
)]
pub(super) async fn execution_logs(
    asker: Asked,
    Id(id): Id<ExecutionId>,
    Query(query): Query<LogQuery>,
) -> Result<Answer<List<LogLine>>> {
    let limit = page_limit(query.limit)?.unwrap_or(limits::PAGE_ITEMS_MAX);
    let first = query.cursor.unwrap_or(0);
    let items = asker.execution_logs(id, first, limit).await?;
    let next_cursor = (items.len() == limit).then(|| (first + limit as u64).to_string());
    Ok(Answer(List { items, next_cursor }))
}

/// The files of an execution
///
/// The main export first, reports and rejects after it.
#[utoipa::path(
    get,
    path = "/executions/{id}/outputs",
    tag = "executions",
    params(("id" = ExecutionId, Path, description = "Of the execution")),
    responses((status = 200, description = "All of them", body = Items<Output>)),
    extensions(("x-role" = json!(VIEWER))),
)]
pub(super) async fn execution_outputs(asker: Asked, Id(id): Id<ExecutionId>) -> Result<Answer<Items<Output>>> {
    Ok(Answer(Items { items: asker.execution_outputs(id).await? }))
}

/// Notifications of an execution
///
/// Who was told what, and whether it arrived. Of a webhook, whoever may not change the workflow sees only where it leads.
#[utoipa::path(
    get,
    path = "/executions/{id}/deliveries",
    tag = "executions",
    params(("id" = ExecutionId, Path, description = "Of the execution")),
    responses((status = 200, description = "All of them", body = Items<Delivery>)),
    extensions(("x-role" = json!(VIEWER))),
)]
pub(super) async fn execution_deliveries(asker: Asked, Id(id): Id<ExecutionId>) -> Result<Answer<Items<Delivery>>> {
    Ok(Answer(Items { items: asker.execution_deliveries(id).await? }))
}

/// Download a file
///
/// Only names that the execution lists are files; nothing else of the disk can be named.
#[utoipa::path(
    get,
    path = "/executions/{id}/outputs/{name}",
    tag = "executions",
    params(("id" = ExecutionId, Path, description = "Of the execution"), ("name" = String, Path, description = "As the list of outputs has it")),
    responses((
            status = 200,
            description = "The file",
            content(
                (FileContent = "text/csv; charset=utf-8"),
                (FileContent = "application/vnd.apache.parquet"),
                (serde_json::Value = "application/json"),
                (FileContent = "application/octet-stream"),
            ),
            headers(("content-disposition" = String, description = "`attachment`, with the name of the file")),
        )),
    extensions(("x-role" = json!(VIEWER))),
)]
pub(super) async fn download_output(
    asker: Asked,
    Id(id): Id<ExecutionId>,
    Path((_, name)): Path<(String, String)>,
) -> Result<Response> {
    let path = asker.output_path(id, &name).await?;
    let file = tokio::fs::File::open(&path).await.map_err(|error| match error.kind() {
        // Retention removed it between the two lines above.
        std::io::ErrorKind::NotFound => Problem::from(Error::not_found("output")),
        _ => Problem::internal(&error),
    })?;
    let bytes = file.metadata().await.map_err(|error| Problem::internal(&error))?.len();
    let headers = [
        (header::CONTENT_TYPE, content_type(&name).to_owned()),
        (header::CONTENT_LENGTH, bytes.to_string()),
        (header::CONTENT_DISPOSITION, attachment(&name)),
    ];
    Ok((headers, Body::from_stream(ReaderStream::with_capacity(file, 64 * 1024))).into_response())
}

fn content_type(name: &str) -> &'static str {
    match name.rsplit_once('.').map(|(_, extension)| extension) {
        Some("csv") => "text/csv; charset=utf-8",
        Some("json") => "application/json",
        Some("parquet") => "application/vnd.apache.parquet",
        _ => "application/octet-stream",
    }
}

/// RFC 6266: a plain name for old programs, and the exact one in UTF-8.
fn attachment(name: &str) -> String {
    let plain: String =
        name.chars().map(|c| if c.is_ascii_graphic() && !"\"\\;%".contains(c) { c } else { '_' }).collect();
    let exact = name.bytes().fold(String::new(), |exact, byte| match byte {
        b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'.' | b'-' | b'_' => {
            exact + char::from(byte).encode_utf8(&mut [0; 4])
        }
        other => exact + &format!("%{other:02X}"),
    });
    format!("attachment; filename=\"{plain}\"; filename*=UTF-8''{exact}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_download_keeps_its_name() {
        assert_eq!(
            attachment("clients été.csv"),
            "attachment; filename=\"clients__t_.csv\"; filename*=UTF-8''clients%20%C3%A9t%C3%A9.csv"
        );
    }
}
