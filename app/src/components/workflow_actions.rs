//! What can be done with a workflow beside running it: pause or resume, edit, duplicate, delete.

use leptos::{form::ActionForm, prelude::*};
use model::{
    WorkflowId,
    workflow::{Workflow, WorkflowState},
};

use crate::{
    api::workflows::{DeleteWorkflow, DuplicateWorkflow, PauseWorkflow, ResumeWorkflow},
    components::{icon::Icon, notice::announce, opener::Opener},
};

/// Pause while it is active, Resume otherwise.
#[component]
pub fn PauseOrResume(workflow: WorkflowId, #[prop(into)] state: Signal<WorkflowState>) -> impl IntoView {
    let active = Memo::new(move |_| state.get() == WorkflowState::Active);
    move || {
        if active.get() { view! { <Pause workflow/> }.into_any() } else { view! { <Resume workflow/> }.into_any() }
    }
}

#[component]
fn Pause(workflow: WorkflowId) -> impl IntoView {
    let pause = ServerAction::<PauseWorkflow>::new();
    announce(
        move || pause.version().get(),
        move || pause.value().get(),
        |notices, workflow: Workflow| {
            notices.say(format!("Paused “{}”. Run Now still works.", workflow.name));
        },
    );
    view! {
        <ActionForm action=pause attr:class="inline">
            <input type="hidden" name="id" value=workflow.to_string()/>
            <button class="button" type="submit">
                {Icon::Pause.view()}
                "Pause"
            </button>
        </ActionForm>
    }
    .into_any()
}

#[component]
pub fn Resume(workflow: WorkflowId, #[prop(default = "button")] class: &'static str) -> impl IntoView {
    let resume = ServerAction::<ResumeWorkflow>::new();
    announce(
        move || resume.version().get(),
        move || resume.value().get(),
        |notices, workflow: Workflow| {
            notices.say(format!("Resumed “{}”.", workflow.name));
        },
    );
    view! {
        <ActionForm action=resume attr:class="inline">
            <input type="hidden" name="id" value=workflow.to_string()/>
            <button class=class type="submit">
                {Icon::Play.view()}
                "Resume"
            </button>
        </ActionForm>
    }
    .into_any()
}

/// The menu at the foot of a card and the end of a page's header.
#[component]
pub fn WorkflowMenu(
    workflow: WorkflowId,
    #[prop(into)] name: Signal<String>,
    #[prop(into)] state: Signal<WorkflowState>,
    /// On a card it opens upward and offers what a page's header shows as buttons.
    #[prop(optional)]
    on_card: bool,
) -> impl IntoView {
    let duplicate = ServerAction::<DuplicateWorkflow>::new();
    announce(
        move || duplicate.version().get(),
        move || duplicate.value().get(),
        |notices, copy: Workflow| {
            notices.say(format!("“{}” is a paused copy: edit it, then resume.", copy.name));
        },
    );
    view! {
        <Opener
            class="button quiet icon"
            name=format!("More actions for {}", name.get_untracked())
            label=Icon::More.view()
            upward=on_card
        >
            <div class="menu">
                {on_card.then(|| view! {
                    <PauseOrResume workflow state/>
                    <a href=format!("/workflows/{workflow}/edit")>{Icon::Pencil.view()} "Edit"</a>
                    <a href=format!("/workflows/{workflow}")>{Icon::Clock.view()} "History"</a>
                })}
                <ActionForm action=duplicate attr:class="inline">
                    <input type="hidden" name="id" value=workflow.to_string()/>
                    <button type="submit">{Icon::Copy.view()} "Duplicate"</button>
                </ActionForm>
                <Delete workflow name/>
            </div>
        </Opener>
    }
    .into_any()
}

/// Asks inside the menu before it deletes.
#[component]
fn Delete(workflow: WorkflowId, name: Signal<String>) -> impl IntoView {
    let delete = ServerAction::<DeleteWorkflow>::new();
    announce(
        move || delete.version().get(),
        move || delete.value().get(),
        move |notices, ()| {
            notices.say("The workflow was deleted.");
        },
    );
    view! {
        <details>
            <summary class="danger">{Icon::Trash.view()} "Delete…"</summary>
            <ActionForm action=delete attr:class="confirm">
                <input type="hidden" name="id" value=workflow.to_string()/>
                <p>
                    "Delete “" {move || name.get()}
                    "”? Its schedule ends. The project and its results stay; the history is kept until retention removes it."
                </p>
                <button class="button danger main" type="submit">"Delete the workflow"</button>
            </ActionForm>
        </details>
    }
    .into_any()
}
