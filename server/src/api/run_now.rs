//! Run Now at `/workflows/{id}/executions`, and the header that makes a repeated request one.

use app::backend::Backend as _;
use axum::{
    Json as Answer,
    http::{HeaderMap, HeaderName, StatusCode, header},
    response::IntoResponse,
};
use model::{Step, WorkflowId, execution::Execution, limits};
use serde::Deserialize;
use utoipa::{
    IntoParams, ToSchema,
    openapi::{
        Required,
        path::{Parameter, ParameterBuilder, ParameterIn},
        schema::{ObjectBuilder, Type},
    },
};

use super::{
    PREFIX,
    extract::{Id, JsonIfAny},
    openapi::OPERATOR,
};
use crate::{
    backend::Asked,
    problem::{Problem, Result},
};

const IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");

/// Describes the header.
pub(super) struct IdempotencyKey;

impl IntoParams for IdempotencyKey {
    fn into_params(_: impl Fn() -> Option<ParameterIn>) -> Vec<Parameter> {
        let schema = ObjectBuilder::new()
            .schema_type(Type::String)
            .min_length(Some(1))
            .max_length(Some(limits::IDEMPOTENCY_KEY_CHARS_MAX))
            .pattern(Some("^[!-~](?:[ -~]*[!-~])?$"));
        let text = "Printable ASCII. Sent again with the same key, the request gives the execution of the first time, also \
                    after that has ended.";
        let parameter = ParameterBuilder::new()
            .name("Idempotency-Key")
            .parameter_in(ParameterIn::Header)
            .required(Required::False)
            .description(Some(text))
            .schema(Some(schema));
        vec![parameter.build()]
    }
}

/// What a run may be asked for. Nothing has to be said.
#[derive(Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct RunWish {
    /// The step to begin at; the project's results of the steps before it are used.
    from: Option<Step>,
}

/// Run Now
///
/// Queues an execution. It starts at once when a slot is free and nothing of its workflow or project runs.
#[utoipa::path(
    post,
    path = "/workflows/{id}/executions",
    tag = "executions",
    params(("id" = WorkflowId, Path, description = "Of the workflow"), IdempotencyKey),
    request_body(content = Option<RunWish>, description = "Nothing has to be said"),
    responses(
        (status = 202, description = "It is queued", body = Execution, headers(("location" = String, description = "Where it is"))),
        (status = 429, description = "As many executions of this workflow wait as may"),
    ),
    extensions(("x-role" = json!(OPERATOR))),
)]
pub(super) async fn run_now(
    asker: Asked,
    Id(workflow): Id<WorkflowId>,
    headers: HeaderMap,
    JsonIfAny(wish): JsonIfAny<RunWish>,
) -> Result<impl IntoResponse> {
    let key = idempotency_key(&headers)?;
    let execution = asker.run_now(workflow, wish.from, key).await?;
    let location = format!("{PREFIX}/executions/{}", execution.id);
    Ok((StatusCode::ACCEPTED, [(header::LOCATION, location)], Answer(execution)))
}

pub(super) fn idempotency_key(headers: &HeaderMap) -> Result<Option<String>> {
    let Some(key) = headers.get(IDEMPOTENCY_KEY) else { return Ok(None) };
    key.to_str()
        .ok()
        .map(str::trim)
        .filter(|key| !key.is_empty() && key.len() <= limits::IDEMPOTENCY_KEY_CHARS_MAX)
        .map(|key| Some(key.to_owned()))
        .ok_or_else(|| {
            Problem::query(
                "Idempotency-Key",
                format!("must be 1 to {} printable ASCII characters", limits::IDEMPOTENCY_KEY_CHARS_MAX),
            )
        })
}
