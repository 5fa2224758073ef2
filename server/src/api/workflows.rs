//! `/workflows`

use app::backend::Backend as _;
use axum::{
    Json as Answer,
    extract::{FromRequest, Request},
    http::{HeaderMap, StatusCode, header},
    response::IntoResponse,
};
use model::{
    Page, WorkflowId,
    bulk::{BulkOutcome, BulkRequest},
    workflow::{Workflow, WorkflowDraft, WorkflowFilter},
};
use utoipa::ToSchema;

use super::{
    Items, List, PREFIX,
    extract::{Id, Json, NoBody, Nothing, Query, page_limit},
    openapi::{EDITOR, Needs, OPERATOR, VIEWER},
    run_now::{IdempotencyKey, idempotency_key},
};
use crate::{
    backend::Asked,
    problem::{Problem, Result},
};

/// Workflows
///
/// Those that the filter lets through, in the order of `sort`.
#[utoipa::path(
    get,
    path = "/workflows",
    tag = "workflows",
    params(WorkflowFilter),
    responses((status = 200, description = "A page of them", body = List<Workflow>)),
    extensions(("x-role" = json!(Needs::AnyRole))),
)]
pub(super) async fn workflows(asker: Asked, Query(filter): Query<WorkflowFilter>) -> Result<Answer<List<Workflow>>> {
    let filter = WorkflowFilter { limit: page_limit(filter.limit)?, ..filter };
    let Page { items, next_cursor } = asker.workflow_page(&filter).await.map_err(Problem::of_query)?;
    Ok(Answer(List { items, next_cursor }))
}

/// Make a workflow
///
/// Its steps must be able to run: the project has what they read.
#[utoipa::path(
    post,
    path = "/workflows",
    tag = "workflows",
    request_body = WorkflowDraft,
    responses(
        (status = 201, description = "It is made", body = Workflow, headers(("location" = String, description = "Where it is"))),
        (status = 404, description = "There is no such project, or it may not be seen"),
    ),
    extensions(("x-role" = json!(EDITOR))),
)]
pub(super) async fn create_workflow(asker: Asked, body: Json<WorkflowDraft>) -> Result<impl IntoResponse> {
    let workflow = asker.create_workflow(body.value).await?;
    Ok(created(workflow))
}

/// One workflow
#[utoipa::path(
    get,
    path = "/workflows/{id}",
    tag = "workflows",
    params(("id" = WorkflowId, Path, description = "Of the workflow")),
    responses((status = 200, description = "As it is stored", body = Workflow)),
    extensions(("x-role" = json!(VIEWER))),
)]
pub(super) async fn workflow(asker: Asked, Id(id): Id<WorkflowId>) -> Result<Answer<Workflow>> {
    Ok(Answer(asker.stored_workflow(id).await?))
}

/// Change a workflow
///
/// The whole of it is sent, with the `version` that the writer started from.
#[utoipa::path(
    put,
    path = "/workflows/{id}",
    tag = "workflows",
    params(("id" = WorkflowId, Path, description = "Of the workflow")),
    request_body = WorkflowReplacement,
    responses(
        (status = 200, description = "As it is stored now", body = Workflow),
        (status = 409, description = "Someone else saved meanwhile; `current_version` is what is stored now"),
    ),
    extensions(("x-role" = json!(EDITOR))),
)]
pub(super) async fn replace_workflow(
    asker: Asked,
    Id(id): Id<WorkflowId>,
    WorkflowReplacement { draft, version }: WorkflowReplacement,
) -> Result<Answer<Workflow>> {
    Ok(Answer(asker.replace_workflow(id, draft, version).await?))
}

/// Delete a workflow
///
/// Its history stays.
#[utoipa::path(
    delete,
    path = "/workflows/{id}",
    tag = "workflows",
    params(("id" = WorkflowId, Path, description = "Of the workflow")),
    responses(
        (status = 204, description = "It is gone"),
        (status = 409, description = "One of its executions is queued or running"),
    ),
    extensions(("x-role" = json!(EDITOR))),
)]
pub(super) async fn delete_workflow(asker: Asked, Id(id): Id<WorkflowId>) -> Result<StatusCode> {
    asker.delete_workflow(id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Pause a workflow
///
/// Its schedule fires no more, until it is resumed.
#[utoipa::path(
    post,
    path = "/workflows/{id}/pause",
    tag = "workflows",
    params(("id" = WorkflowId, Path, description = "Of the workflow")),
    request_body = Option<Nothing>,
    responses(
        (status = 200, description = "As it is stored now", body = Workflow),
        (status = 409, description = "It is suspended"),
    ),
    extensions(("x-role" = json!(OPERATOR))),
)]
pub(super) async fn pause_workflow(asker: Asked, Id(id): Id<WorkflowId>, _: NoBody) -> Result<Answer<Workflow>> {
    Ok(Answer(asker.pause_workflow(id).await?))
}

/// Resume a workflow
///
/// That was paused, or suspended after failures.
#[utoipa::path(
    post,
    path = "/workflows/{id}/resume",
    tag = "workflows",
    params(("id" = WorkflowId, Path, description = "Of the workflow")),
    request_body = Option<Nothing>,
    responses((status = 200, description = "As it is stored now", body = Workflow)),
    extensions(("x-role" = json!(OPERATOR))),
)]
pub(super) async fn resume_workflow(asker: Asked, Id(id): Id<WorkflowId>, _: NoBody) -> Result<Answer<Workflow>> {
    Ok(Answer(asker.resume_workflow(id).await?))
}

/// Copy a workflow
///
/// The copy is paused and has a name of its own.
#[utoipa::path(
    post,
    path = "/workflows/{id}/duplicate",
    tag = "workflows",
    params(("id" = WorkflowId, Path, description = "Of the workflow")),
    request_body = Option<Nothing>,
    responses((status = 201, description = "The copy", body = Workflow, headers(("location" = String, description = "Where it is")))),
    extensions(("x-role" = json!(EDITOR))),
)]
pub(super) async fn duplicate_workflow(asker: Asked, Id(id): Id<WorkflowId>, _: NoBody) -> Result<impl IntoResponse> {
    Ok(created(asker.duplicate_workflow(id).await?))
}

/// Pause, resume or run several workflows
///
/// Each has its own outcome; the request as a whole is refused only when it cannot be read.
#[utoipa::path(
    post,
    path = "/workflows/bulk",
    tag = "workflows",
    params(IdempotencyKey),
    request_body = BulkRequest,
    responses((status = 200, description = "What became of each, in the order of the request", body = Items<BulkOutcome>)),
    extensions(("x-role" = json!(Needs::AnyRole))),
)]
pub(super) async fn act_on_workflows(
    asker: Asked,
    headers: HeaderMap,
    body: Json<BulkRequest>,
) -> Result<Answer<Items<BulkOutcome>>> {
    let key = idempotency_key(&headers)?;
    Ok(Answer(Items { items: asker.act_on_workflows(body.value, key).await? }))
}

/// A workflow as it is sent back, with the version that its writer started from.
#[derive(ToSchema)]
pub(super) struct WorkflowReplacement {
    #[serde(flatten)]
    draft: WorkflowDraft,
    version: i64,
}

impl<S: Send + Sync> FromRequest<S> for WorkflowReplacement {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self> {
        let body = Json::<WorkflowDraft>::from_request(request, state).await?;
        Ok(Self { version: body.version()?, draft: body.value })
    }
}

fn created(workflow: Workflow) -> impl IntoResponse {
    let location = format!("{PREFIX}/workflows/{}", workflow.id);
    (StatusCode::CREATED, [(header::LOCATION, location)], Answer(workflow))
}
