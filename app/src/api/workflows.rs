//! What a person does with a workflow, as forms post it.

use leptos::prelude::*;
use model::{WorkflowId, workflow::Workflow};

use crate::{
    api::{
        ApiError,
        request::{answer, backend},
    },
    components::notice::say,
};

#[server(prefix = "/_fn", endpoint = "pause_workflow")]
pub async fn pause_workflow(id: WorkflowId) -> Result<Workflow, ApiError> {
    let workflow = answer(backend().pause_workflow(id).await)?;
    say(format!("Paused “{}”. Run Now still works.", workflow.name), None);
    Ok(workflow)
}

#[server(prefix = "/_fn", endpoint = "resume_workflow")]
pub async fn resume_workflow(id: WorkflowId) -> Result<Workflow, ApiError> {
    let workflow = answer(backend().resume_workflow(id).await)?;
    say(format!("Resumed “{}”.", workflow.name), None);
    Ok(workflow)
}

/// Leads to the copy.
#[server(prefix = "/_fn", endpoint = "duplicate_workflow")]
pub async fn duplicate_workflow(id: WorkflowId) -> Result<Workflow, ApiError> {
    let copy = answer(backend().duplicate_workflow(id).await)?;
    say(format!("“{}” is a paused copy: edit it, then resume.", copy.name), None);
    leptos_axum::redirect(&format!("/workflows/{}", copy.id));
    Ok(copy)
}

/// Leads back to the list.
#[server(prefix = "/_fn", endpoint = "delete_workflow")]
pub async fn delete_workflow(id: WorkflowId) -> Result<(), ApiError> {
    answer(backend().delete_workflow(id).await)?;
    say("The workflow was deleted.", None);
    leptos_axum::redirect("/workflows");
    Ok(())
}
