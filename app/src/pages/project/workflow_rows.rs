//! The workflows of one project, with Run Now.

use leptos::{either::Either, prelude::*};
use model::workflow::{Workflow, WorkflowCard};

use crate::{
    api::projects::ProjectHead,
    components::{
        run_now::RunNow,
        state::{Mark, State},
        time::{Saying, Time},
    },
};

#[component]
pub fn WorkflowRows(head: Signal<ProjectHead>) -> impl IntoView {
    let id = head.with_untracked(|head| head.id);
    let ids =
        Memo::new(move |_| head.with(|head| head.workflows.iter().map(|card| card.workflow.id).collect::<Vec<_>>()));
    let card_of =
        move |workflow| head.with(|head| head.workflows.iter().find(|card| card.workflow.id == workflow).cloned());
    view! {
        <ul class="workflow-rows" role="list">
            <For each=move || ids.get() key=|id| *id let:workflow>
                <li class="workflow-row">
                    {move || card_of(workflow).map(|card| view! { <Words card/> })} <RunNow workflow/>
                </li>
            </For>
        </ul>
        <p class="help" hidden=move || ids.with(|ids| !ids.is_empty())>
            "None yet. " <strong>"Run it now"</strong> " makes one that runs only when asked; "
            <a href=format!("/workflows/new?project={id}")>"a new workflow"</a> " can run by a schedule."
        </p>
    }
    .into_any()
}

#[component]
fn Words(card: WorkflowCard) -> impl IntoView {
    let WorkflowCard { workflow, active, last, .. } = card;
    let Workflow { id, name, schedule_words, state, next_run_at, .. } = workflow;
    let mark = match (active.first(), &last) {
        (Some(execution), _) => Mark::from(execution.status),
        (None, Some(execution)) => Mark::from(execution.status),
        (None, None) => Mark::from(state),
    };
    let last = last.and_then(|execution| execution.finished_at).map(|at| {
        view! {
            <span>"last run " <Time at saying=Saying::Distance/></span>
        }
    });
    let next = match next_run_at {
        Some(at) => Either::Left(view! {
            <span>"next " <Time at saying=Saying::Due/></span>
        }),
        None => Either::Right(()),
    };
    view! {
        <div>
            <a href=format!("/workflows/{id}")>{name}</a>
            <p class="row soft">
                <span>{schedule_words}</span>
                {last}
                {next}
            </p>
        </div>
        <State mark/>
    }
}
