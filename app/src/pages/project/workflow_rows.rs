//! The workflows of one project, with Run Now.

use leptos::{either::Either, prelude::*};
use model::{
    ProjectId, Role,
    workflow::{Workflow, WorkflowCard},
};

use crate::components::{
    allowed::may,
    run_now::RunNow,
    state::{Mark, State},
    time::{Saying, Time},
};

#[component]
pub fn WorkflowRows(id: ProjectId, workflows: Vec<WorkflowCard>) -> impl IntoView {
    if workflows.is_empty() {
        return Either::Left(view! {
            <p class="help">
                "None yet. " <strong>"Run it now"</strong> " makes one that runs only when asked; "
                <a href=format!("/workflows/new?project={id}")>"a new workflow"</a> " can run by a schedule."
            </p>
        });
    }
    let row = |card: WorkflowCard| {
        let workflow = card.workflow.id;
        let may_run = may(Role::Operator, id);
        view! {
            <li class="workflow-row" data-key=workflow.to_string()>
                <Words card/> {may_run.then(|| view! { <RunNow workflow/> })}
            </li>
        }
    };
    Either::Right(view! {
        <ul class="workflow-rows" role="list">
            {workflows.into_iter().map(row).collect_view()}
        </ul>
    })
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
    let next = next_run_at.map(|at| {
        view! {
            <span>"next " <Time at saying=Saying::Due/></span>
        }
    });
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
    .into_any()
}
