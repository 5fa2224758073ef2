//! The workflow form, opened, previewed and saved. What was typed comes back with every refusal.
//!
//! There is one way through it: a browser with JavaScript sends the form's fields to [`save_workflow_form`]; without, it
//! posts them to the page, and the page finds them in [`open_workflow_form`].

#[cfg(feature = "ssr")]
mod compare;
pub mod fields;
#[cfg(feature = "ssr")]
pub(super) mod preview;
#[cfg(feature = "ssr")]
pub(super) mod read;
#[cfg(feature = "ssr")]
mod save;

use leptos::prelude::*;
use model::{ProjectId, WorkflowId};
use serde::{Deserialize, Serialize};

use crate::api::{ApiError, codec::Json};
use fields::{Refusal, WorkflowForm};

/// The form for a new workflow, or for the workflow `id`. `project` is chosen beforehand.
///
/// # Errors
/// When there is no such workflow.
#[server(prefix = "/_fn", endpoint = "open_workflow_form", input = Json, output = Json)]
pub async fn open_workflow_form(id: Option<WorkflowId>, project: Option<ProjectId>) -> Result<WorkflowForm, ApiError> {
    super::request::answer(save::open(id, project).await)
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Saved {
    Yes(WorkflowId),
    No(Refusal),
}

/// Creates a workflow, or replaces the workflow `id`, from the form's fields.
///
/// # Errors
/// Whatever can be mended in the form is part of the answer; an error means that the server could not answer.
#[server(prefix = "/_fn", endpoint = "save_workflow_form", input = Json, output = Json)]
pub async fn save_workflow_form(id: Option<WorkflowId>, fields: String) -> Result<Saved, ApiError> {
    super::request::answer(save::save(id, &read::fields(&fields)).await)
}
