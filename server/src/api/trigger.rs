//! The address that starts one workflow: `/trigger/{id}/{secret}`, for systems that can only call an address. And, under
//! `/api/v1/workflows/{id}/trigger-url`, making and taking it back.

use app::backend::Backend as _;
use axum::{
    Json as Answer,
    extract::{Path, State},
    http::{HeaderMap, StatusCode},
};
use model::{
    Access, Actor, Door, Error, ExecutionId, Identity, Role, WorkflowId,
    execution::Status,
    people::{NewTriggerUrl, TriggerUrl},
};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    extract::{Id, NoBody, Nothing},
    openapi::{EDITOR, Needs, VIEWER},
    run_now::{IdempotencyKey, idempotency_key},
};
use crate::{backend::Asked, gate::Secret, problem::Result, services::Services, sign_in::Visit};

/// Outside `/api/v1`, since it needs neither session nor token.
pub(super) fn router() -> OpenApiRouter<Services> {
    OpenApiRouter::default().routes(routes!(call_trigger_url, get_trigger_url))
}

/// What whoever calls the address learns: that it was queued, and nothing of the workflow.
#[derive(Serialize, ToSchema)]
struct Called {
    execution_id: ExecutionId,
    status: Status,
}

/// Call the trigger address of a workflow
///
/// Queues an execution, for systems that can only call an address. A secret that is wrong, a workflow that is gone and one
/// without an address are answered alike.
#[utoipa::path(
    post,
    path = "/trigger/{id}/{secret}",
    tag = "workflows",
    params(("id" = WorkflowId, Path, description = "Of the workflow"), ("secret" = String, Path, description = "As the address has it"), IdempotencyKey),
    responses(
        (status = 202, description = "It is queued", body = Called),
        (status = 429, description = "As many executions of this workflow wait as may"),
    ),
    extensions(("x-role" = json!(Needs::Address))),
)]
async fn call_trigger_url(
    State(services): State<Services>,
    visit: Visit,
    path: Path<(String, String)>,
    headers: HeaderMap,
) -> Result<(StatusCode, Answer<Called>)> {
    let Path((id, secret)) = path;
    let nothing = || Error::not_found("trigger address");
    let workflow: WorkflowId = id.parse().map_err(|_| nothing())?;
    if !services.backend.is_trigger(workflow, &Secret::shown(&secret)).await? {
        return Err(nothing().into());
    }
    let project = services.backend.project_of_workflow(workflow).await?;
    let actor = Actor {
        name: "trigger URL".to_owned(),
        door: Door::Api,
        identity: Identity::TriggerUrl,
        access: Access::in_project(project, Role::Operator),
        address: Some(visit.peer.address),
    };
    let asker = Asked::new(services.backend, actor);
    let execution = asker.run_now(workflow, None, idempotency_key(&headers)?).await?;
    Ok((StatusCode::ACCEPTED, Answer(Called { execution_id: execution.id, status: execution.status })))
}

/// Call the trigger address of a workflow with GET
///
/// For systems that can do no other.
#[utoipa::path(
    get,
    path = "/trigger/{id}/{secret}",
    tag = "workflows",
    params(("id" = WorkflowId, Path, description = "Of the workflow"), ("secret" = String, Path, description = "As the address has it"), IdempotencyKey),
    responses(
        (status = 202, description = "It is queued", body = Called),
        (status = 429, description = "As many executions of this workflow wait as may"),
    ),
    extensions(("x-role" = json!(Needs::Address))),
)]
async fn get_trigger_url(
    services: State<Services>,
    visit: Visit,
    path: Path<(String, String)>,
    headers: HeaderMap,
) -> Result<(StatusCode, Answer<Called>)> {
    call_trigger_url(services, visit, path, headers).await
}

/// The trigger address of a workflow
///
/// Without its secret.
#[utoipa::path(
    get,
    path = "/workflows/{id}/trigger-url",
    tag = "workflows",
    params(("id" = WorkflowId, Path, description = "Of the workflow")),
    responses((status = 200, description = "Who made it, and when it was called last", body = TriggerUrl)),
    extensions(("x-role" = json!(VIEWER))),
)]
pub(super) async fn trigger_url(asker: Asked, Id(id): Id<WorkflowId>) -> Result<Answer<TriggerUrl>> {
    let url = asker.trigger_url(id).await?;
    Ok(Answer(url.ok_or_else(|| Error::not_found("trigger address of this workflow"))?))
}

/// Make a trigger address
///
/// Whoever calls it starts the workflow. The answer holds, this once, its secret. The address before stops working.
#[utoipa::path(
    post,
    path = "/workflows/{id}/trigger-url",
    tag = "workflows",
    params(("id" = WorkflowId, Path, description = "Of the workflow")),
    request_body = Option<Nothing>,
    responses((status = 201, description = "The address", body = NewTriggerUrl)),
    extensions(("x-role" = json!(EDITOR))),
)]
pub(super) async fn create_trigger_url(
    asker: Asked,
    Id(id): Id<WorkflowId>,
    _: NoBody,
) -> Result<(StatusCode, Answer<NewTriggerUrl>)> {
    Ok((StatusCode::CREATED, Answer(asker.create_trigger_url(id).await?)))
}

/// Take a trigger address back
#[utoipa::path(
    delete,
    path = "/workflows/{id}/trigger-url",
    tag = "workflows",
    params(("id" = WorkflowId, Path, description = "Of the workflow")),
    responses((status = 204, description = "It does nothing any more")),
    extensions(("x-role" = json!(EDITOR))),
)]
pub(super) async fn delete_trigger_url(asker: Asked, Id(id): Id<WorkflowId>) -> Result<StatusCode> {
    asker.delete_trigger_url(id).await?;
    Ok(StatusCode::NO_CONTENT)
}
