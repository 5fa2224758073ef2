//! Workflows, as the browser asks for them.

use leptos::prelude::*;
use model::{
    Page, Snapshot, WorkflowId,
    workflow::{Workflow, WorkflowCard, WorkflowFilter},
};

#[cfg(feature = "ssr")]
use crate::api::request::{actor, answer, backend};
use crate::api::{ApiError, codec::Json};

#[server(name = ListWorkflows, prefix = "/_fn", endpoint = "workflows", input = Json, output = Json)]
pub async fn workflows(filter: WorkflowFilter) -> Result<Snapshot<Page<WorkflowCard>>, ApiError> {
    answer(backend().workflows(filter).await)
}

/// `None` stands for an address that holds no id.
#[server(name = ReadWorkflow, prefix = "/_fn", endpoint = "workflow", input = Json, output = Json)]
pub async fn workflow(id: Option<WorkflowId>) -> Result<Snapshot<WorkflowCard>, ApiError> {
    let Some(id) = id else { return answer(Err(model::Error::not_found("workflow"))) };
    answer(backend().workflow(id).await)
}

#[server(prefix = "/_fn", endpoint = "pause_workflow", output = Json)]
pub async fn pause_workflow(id: WorkflowId) -> Result<Workflow, ApiError> {
    answer(backend().pause_workflow(&actor(), id).await)
}

#[server(prefix = "/_fn", endpoint = "resume_workflow", output = Json)]
pub async fn resume_workflow(id: WorkflowId) -> Result<Workflow, ApiError> {
    answer(backend().resume_workflow(&actor(), id).await)
}

/// Leads to the copy.
#[server(prefix = "/_fn", endpoint = "duplicate_workflow", output = Json)]
pub async fn duplicate_workflow(id: WorkflowId) -> Result<Workflow, ApiError> {
    let copy = answer(backend().duplicate_workflow(&actor(), id).await)?;
    leptos_axum::redirect(&format!("/workflows/{}", copy.id));
    Ok(copy)
}

/// Leads back to the list.
#[server(prefix = "/_fn", endpoint = "delete_workflow", output = Json)]
pub async fn delete_workflow(id: WorkflowId) -> Result<(), ApiError> {
    answer(backend().delete_workflow(&actor(), id).await)?;
    leptos_axum::redirect("/workflows");
    Ok(())
}
