//! The address that starts one workflow: `/trigger/{id}/{secret}`, for systems that can only call an address. And, under
//! `/api/v1/workflows/{id}/trigger-url`, making and taking it back.

use app::backend::Backend as _;
use axum::{
    Json as Answer,
    extract::{Path, State},
    http::{HeaderMap, StatusCode},
    response::IntoResponse,
};
use model::{
    Access, Actor, Door, Error, ExecutionId, Identity, Role, WorkflowId,
    execution::Status,
    people::{NewTriggerUrl, TriggerUrl},
};
use serde::Serialize;

use super::{
    executions::idempotency_key,
    extract::{Id, NoBody},
};
use crate::{backend::Asked, gate::Secret, paths::Paths, problem::Result, services::Services, sign_in::Visit};

/// Outside `/api/v1`, since it needs neither session nor token.
pub fn paths() -> Paths {
    Paths::default().get("/trigger/{id}/{secret}", call).post("/trigger/{id}/{secret}", call)
}

/// What whoever calls the address learns: that it was queued, and nothing of the workflow.
#[derive(Serialize)]
struct Called {
    execution_id: ExecutionId,
    status: Status,
}

/// GET as well as POST: there are systems that can do no other. A secret that is wrong, a workflow that is gone and one
/// without an address are answered alike.
async fn call(
    State(services): State<Services>,
    visit: Visit,
    Path((id, secret)): Path<(String, String)>,
    headers: HeaderMap,
) -> Result<impl IntoResponse> {
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

pub(super) async fn read(asker: Asked, Id(id): Id<WorkflowId>) -> Result<Answer<TriggerUrl>> {
    let url = asker.trigger_url(id).await?;
    Ok(Answer(url.ok_or_else(|| Error::not_found("trigger address of this workflow"))?))
}

/// The only answer with its secret. The one before stops working.
pub(super) async fn create(
    asker: Asked,
    Id(id): Id<WorkflowId>,
    _: NoBody,
) -> Result<(StatusCode, Answer<NewTriggerUrl>)> {
    Ok((StatusCode::CREATED, Answer(asker.create_trigger_url(id).await?)))
}

pub(super) async fn delete(asker: Asked, Id(id): Id<WorkflowId>) -> Result<StatusCode> {
    asker.delete_trigger_url(id).await?;
    Ok(StatusCode::NO_CONTENT)
}
