//! The main action of a project: run all of it now, or what keeps it from running.

use leptos::{either::EitherOf3, prelude::*};
use model::{execution::Status, workflow::WorkflowCard};

use crate::{
    api::projects::{ProjectHead, RunProject as RunProjectCall},
    components::{
        icon::Icon,
        keys::use_key,
        notice::announce,
        state::{Mark, State},
    },
};

#[component]
pub fn RunProject(head: Signal<ProjectHead>) -> impl IntoView {
    let id = head.with_untracked(|head| head.id);
    // Equal heads are not drawn again: a form that is being pressed stays.
    let ready = Memo::new(move |_| head.with(|head| !head.sources.is_empty() && head.problems.is_empty()));
    let running = Memo::new(move |_| head.with(|head| active(&head.workflows)));
    view! {
        <div class="actions">
            {move || {
                running.get().map(|(status, workflow)| {
                    view! {
                        <a class="running-now" href=format!("/workflows/{workflow}")>
                            <State mark=Mark::from(status)/>
                        </a>
                    }
                })
            }}
            <a class="button" href=format!("/workflows/new?project={id}")>
                {Icon::Plus.view()}
                "New workflow"
            </a>
            {move || ready.get().then(|| view! { <RunForm id/> })}
        </div>
    }
    .into_any()
}

/// The execution that is under way for this project, and the workflow that shows it.
fn active(workflows: &[WorkflowCard]) -> Option<(Status, model::WorkflowId)> {
    let mut executions = workflows.iter().flat_map(|card| &card.active);
    executions.next().map(|execution| (execution.status, execution.workflow_id))
}

#[component]
fn RunForm(id: model::ProjectId) -> impl IntoView {
    let run = ServerAction::<RunProjectCall>::new();
    let key = use_key(move || run.version().get());
    announce(move || run.version().get(), move || run.value().get(), |_, _| ());
    view! {
        <ActionForm action=run>
            <input type="hidden" name="id" value=id.to_string()/>
            <input type="hidden" name="key" value=key/>
            <button class="button main" disabled=move || run.pending().get()>
                {Icon::Play.view()}
                "Run it now"
            </button>
        </ActionForm>
    }
}

/// What the page says where results would be: the next step, whichever that is.
#[component]
pub fn NextStep(head: Signal<ProjectHead>) -> impl IntoView {
    let id = head.with_untracked(|head| head.id);
    move || {
        head.with(|head| {
            if head.sources.is_empty() {
                EitherOf3::A(view! {
                    <section class="empty">
                        {Icon::Import.view()} <h2>"No records yet"</h2>
                        <p>"Upload a CSV file; settings that fit it are suggested."</p>
                        <a class="button main" href=format!("/projects/{id}?tab=sources")>
                            "Add a file"
                        </a>
                    </section>
                })
            } else if head.problems.is_empty() {
                EitherOf3::B(view! {
                    <section class="next-step">
                        <h2>"Ready to run"</h2>
                        <p>
                            <strong>"Run it now"</strong>
                            " takes your records through all six steps with the settings below; change them whenever \
                             you like."
                        </p>
                    </section>
                })
            } else {
                EitherOf3::C(view! {
                    <section class="problem" role="alert">
                        {Icon::Alert.view()}
                        <div class="stack">
                            <h2>"Not ready to run"</h2>
                            <ul>
                                {head
                                    .problems
                                    .iter()
                                    .map(|problem| {
                                        view! {
                                            <li>
                                                <code>{problem.field.clone()}</code>
                                                " "
                                                {problem.message.clone()}
                                            </li>
                                        }
                                    })
                                    .collect_view()}
                            </ul>
                            <p>
                                <a href=format!("/projects/{id}?tab=configuration")>"Open the configuration"</a>
                            </p>
                        </div>
                    </section>
                })
            }
        })
    }
}
