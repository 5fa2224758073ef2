//! What the page of the form shows: as it stands in the store, or as it was posted, after doing what the post asked for.

use model::{Error, ProjectId, Role, WorkflowId};

use super::{
    fields::{Refusal, Refused, Tested, WorkflowFields, WorkflowForm},
    preview,
    read::{self, Intent},
    save::{self, Saved},
    test,
};
use crate::{
    api::request,
    backend::Backend,
    posted::{posted, refuse},
};

/// The form for a new workflow, or for the workflow `id`. `project` is chosen beforehand.
///
/// # Errors
/// When there is no such workflow, or it could not be saved whatever is typed: that is told before and not after.
pub async fn open(id: Option<WorkflowId>, project: Option<ProjectId>) -> Result<WorkflowForm, Error> {
    let backend = request::backend();
    let backend = backend.as_ref();
    let stored = match id {
        Some(id) => Some(backend.workflow(id).await?.data.workflow),
        None => None,
    };
    let access = &backend.actor().access;
    match &stored {
        Some(workflow) => access.require_in(workflow.project_id, Role::Editor, "workflow")?,
        None => access.require_anywhere(Role::Editor)?,
    }
    let mut tested = Tested::default();
    let (fields, refusal) = match (posted(), &stored) {
        (Some(body), _) => {
            let mut fields = read::fields(&body);
            let refusal = match read::intent(&body) {
                Intent::Save => save_posted(id, &fields).await?,
                Intent::Preview { after } => refusal_still(backend, id, &fields, after).await?,
                Intent::Test { after } => {
                    tested = test::send(backend, id, &fields).await?;
                    refusal_still(backend, id, &fields, after).await?
                }
            };
            if let Some(conflict) = &refusal.conflict {
                // Saving once more is a decision for what was typed.
                fields.version = conflict.version;
            }
            (fields, refusal)
        }
        (None, Some(workflow)) => (read::of_workflow(workflow), Refusal::default()),
        (None, None) => (read::blank(project, &backend.default_time_zone()), Refusal::default()),
    };
    Ok(WorkflowForm {
        id,
        stored_name: stored.map(|workflow| workflow.name),
        preview: preview::of_form(backend, &fields).await?,
        projects: backend.project_names().await?,
        time_zones: preview::time_zones(),
        unready: save::unready(backend, &fields).await?,
        fields,
        refusal,
        tested,
    })
}

/// Leads on to the workflow when it was saved.
async fn save_posted(id: Option<WorkflowId>, fields: &WorkflowFields) -> Result<Refusal, Error> {
    match save::save(id, fields).await? {
        Saved::Yes(workflow) => {
            leptos_axum::redirect(&format!("/workflows/{workflow}"));
            Ok(Refusal::default())
        }
        Saved::No(refusal) => {
            refuse();
            Ok(refusal)
        }
    }
}

/// What a form that was refused before would be refused for now.
async fn refusal_still(
    backend: &dyn Backend,
    id: Option<WorkflowId>,
    fields: &WorkflowFields,
    before: Option<Refused>,
) -> Result<Refusal, Error> {
    Ok(match (before, id) {
        (Some(Refused::Problems), _) => {
            Refusal { problems: save::problems(backend, id, fields).await?, ..Refusal::default() }
        }
        (Some(Refused::Conflict), Some(id)) => {
            Refusal { conflict: Some(save::conflict(backend, id, fields).await?), ..Refusal::default() }
        }
        (Some(Refused::Conflict) | None, _) => Refusal::default(),
    })
}
