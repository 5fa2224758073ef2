//! What can be done with a workflow beside running it: pause or resume, edit, duplicate, delete.

use leptos::prelude::*;
use model::{
    Role, WorkflowId,
    workflow::{Workflow, WorkflowState},
};

use crate::components::{allowed::may, icon::Icon, opener::Opener};

/// Pause while it is active, Resume otherwise.
#[component]
pub fn PauseOrResume(workflow: WorkflowId, state: WorkflowState) -> impl IntoView {
    match state {
        WorkflowState::Active => view! { <Action name="pause_workflow" workflow icon=Icon::Pause label="Pause"/> },
        WorkflowState::Paused | WorkflowState::Suspended => {
            view! { <Action name="resume_workflow" workflow icon=Icon::Play label="Resume"/> }
        }
    }
}

/// A button that posts the workflow's id to the server function `name`.
#[component]
pub fn Action(
    name: &'static str,
    workflow: WorkflowId,
    icon: Icon,
    label: &'static str,
    #[prop(default = "button")] class: &'static str,
) -> impl IntoView {
    view! {
        <form class="inline" data-key=name method="post" action=format!("/_fn/{name}")>
            <input type="hidden" name="id" value=workflow.to_string()/>
            <button class=class type="submit">{icon.view()} {label}</button>
        </form>
    }
    .into_any()
}

/// The menu at the foot of a card and the end of a page's header.
#[component]
pub fn WorkflowMenu(
    workflow: Workflow,
    /// On a card it opens upward and offers what a page's header shows as buttons.
    #[prop(optional)]
    on_card: bool,
) -> impl IntoView {
    let Workflow { id, name, state, project_id, .. } = workflow;
    let (may_run, may_edit) = (may(Role::Operator, project_id), may(Role::Editor, project_id));
    if !on_card && !may_edit {
        return ().into_any();
    }
    view! {
        <Opener
            class="button quiet icon"
            name=format!("More actions for {name}")
            label=Icon::More.view()
            upward=on_card
        >
            <div class="menu">
                {on_card.then(|| view! {
                    {may_run.then(|| view! { <PauseOrResume workflow=id state/> })}
                    {may_edit.then(|| view! { <a href=format!("/workflows/{id}/edit")>{Icon::Pencil.view()} "Edit"</a> })}
                    <a href=format!("/workflows/{id}")>{Icon::Clock.view()} "History"</a>
                })}
                {may_edit.then(|| view! {
                    <Action name="duplicate_workflow" workflow=id icon=Icon::Copy label="Duplicate" class=""/>
                    <Delete workflow=id name=name.clone()/>
                })}
            </div>
        </Opener>
    }
    .into_any()
}

/// Asks inside the menu before it deletes.
#[component]
fn Delete(workflow: WorkflowId, name: String) -> impl IntoView {
    view! {
        <details>
            <summary class="danger">{Icon::Trash.view()} "Delete…"</summary>
            <form class="confirm" method="post" action="/_fn/delete_workflow">
                <input type="hidden" name="id" value=workflow.to_string()/>
                <p>
                    {format!("Delete “{name}”? Its schedule ends. The project and its results stay; \
                              the history is kept until retention removes it.")}
                </p>
                <button class="button danger main" type="submit">"Delete the workflow"</button>
            </form>
        </details>
    }
    .into_any()
}
