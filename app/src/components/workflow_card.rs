//! One workflow at a glance.

use leptos::{prelude::*, tachys::html::InertElement};
use model::{
    Role,
    execution::{Execution, Status},
    workflow::{WorkflowCard, WorkflowState},
};

use crate::{
    components::{
        allowed::may,
        bulk::Tick,
        cancel::Cancel,
        icon::Icon,
        next_run::NextRun,
        queue::QueuePlace,
        run_now::RunNow,
        state::{Mark, State},
        steps::LiveSteps,
        strip::Strip,
        time::Time,
        workflow_actions::{Action, WorkflowMenu},
    },
    format,
};

/// What the card's headline says: what happens now, else what stands in the way, else how it went last.
pub fn mark(card: &WorkflowCard) -> Mark {
    if let Some(execution) = card.active.first() {
        return execution.status.into();
    }
    match (card.workflow.state, &card.last) {
        (WorkflowState::Paused | WorkflowState::Suspended, _) => card.workflow.state.into(),
        (WorkflowState::Active, Some(last)) => last.status.into(),
        (WorkflowState::Active, None) => Mark { word: "Never run", icon: Icon::Circle, class: "pending" },
    }
}

/// The one that runs, if one does.
pub fn running(card: &WorkflowCard) -> Option<&Execution> {
    card.active.first().filter(|execution| execution.status.is_active())
}

/// The first that waits, when none runs before it.
pub fn waiting(card: &WorkflowCard) -> Option<&Execution> {
    card.active.first().filter(|execution| execution.status == Status::Queued)
}

#[component]
pub fn Card(card: WorkflowCard) -> impl IntoView {
    let workflow = &card.workflow;
    let id = workflow.id;
    let heading = format!("workflow-{id}");
    let running = running(&card).cloned();
    let outcomes = card.strip.clone();
    let may_run = may(Role::Operator, workflow.project_id);
    let article = view! {
        <article class="sheet card" aria-labelledby=heading.clone() data-key=id.to_string()>
            <div class="card-head">
                <div>
                    <h2 id=heading.clone()>
                        <a href=format!("/workflows/{id}")>{workflow.name.clone()}</a>
                    </h2>
                    <p class="soft">{format!("{} · {}", workflow.project_name, workflow.schedule_words)}</p>
                </div>
                <span class="row">
                    <State mark=mark(&card)/>
                    {may_run.then(|| view! { <Tick workflow=id name=workflow.name.clone()/> })}
                </span>
            </div>
            <Strip outcomes running=running.clone()/>
            <LiveSteps workflow=id running=running/>
            {cause(&card)}
            {facts(&card)}
            <div class="card-foot">
                {may_run.then(|| view! { <RunNow workflow=id/> })}
                {beside(&card)}
                <WorkflowMenu workflow=workflow.clone() on_card=true/>
            </div>
        </article>
    };
    // Nothing in it waits for data. As text it is done with; a list of a hundred would be walked through element by
    // element once more, to see.
    InertElement::new(article.to_html())
}

/// Why it is suspended, or why the last run failed, with the way there.
fn cause(card: &WorkflowCard) -> impl IntoView + use<> {
    let failed = card.last.as_ref().filter(|last| last.status == Status::Failed);
    let suspended = card.workflow.state_reason.clone().filter(|_| card.workflow.state == WorkflowState::Suspended);
    let text =
        [suspended, failed.and_then(|last| last.error.clone())].into_iter().flatten().collect::<Vec<_>>().join(" ");
    if text.is_empty() {
        return None;
    }
    let link = failed.map(|last| view! { <a href=format!("/executions/{}", last.id)>"See the run"</a> });
    Some(view! { <p class="cause">{text} " " {link}</p> })
}

fn facts(card: &WorkflowCard) -> impl IntoView + use<> {
    let first = match (running(card), waiting(card), card.last.clone()) {
        (Some(execution), ..) => {
            let since = execution.started_at.unwrap_or(execution.queued_at);
            let trigger = format::execution::trigger(execution);
            view! { <dt>"Started"</dt> <dd><Time at=since/> " · " {trigger}</dd> }.into_any()
        }
        (None, Some(execution), _) => {
            view! { <dt>"Waiting"</dt> <dd><QueuePlace execution=execution.clone()/></dd> }.into_any()
        }
        (None, None, Some(last)) => view! { <dt>"Last"</dt> <dd><LastRun last/></dd> }.into_any(),
        (None, None, None) => view! { <dt>"Last"</dt> <dd>"never"</dd> }.into_any(),
    };
    view! {
        <dl class="facts list">
            <div>{first}</div>
            <div>
                <dt>"Next"</dt>
                <dd><NextRun workflow=card.workflow.clone()/></dd>
            </div>
        </dl>
    }
}

/// `38 min ago · 41 s · 50,578 records`, with the outcome when it was none to be glad of.
#[component]
fn LastRun(last: Execution) -> impl IntoView {
    let at = last.finished_at.unwrap_or(last.queued_at);
    let mark = Mark::from(last.status);
    let outcome = (last.status != Status::Success).then(|| view! { <span class=mark.class>{mark.word}</span> " · " });
    let ran_for = format::execution::ran_for(&last).map(|text| format!(" · {text}"));
    let records = last.records.map(|records| format!(" · {}", format::counted(records, "record")));
    view! { {outcome} <Time at/> {ran_for} {records} }
}

/// Beside Run Now: what pressing it means now, or the other thing one may want.
fn beside(card: &WorkflowCard) -> AnyView {
    let id = card.workflow.id;
    let queued = card.active.iter().filter(|execution| execution.status == Status::Queued).count();
    match (running(card), queued, waiting(card)) {
        (Some(_), 0, _) if may(Role::Operator, card.workflow.project_id) => {
            view! { <span class="soft">"queues behind this run"</span> }.into_any()
        }
        (Some(_), 0, _) => ().into_any(),
        (Some(_), queued, _) => {
            view! { <span class="soft">{format!("{queued} queued behind this run")}</span> }.into_any()
        }
        (None, _, Some(execution)) => {
            view! { <Cancel execution=execution.clone() class="button quiet" upward=true/> }.into_any()
        }
        (None, _, None)
            if card.workflow.state != WorkflowState::Active && may(Role::Operator, card.workflow.project_id) =>
        {
            view! { <Action name="resume_workflow" workflow=id icon=Icon::Play label="Resume" class="button quiet"/> }
                .into_any()
        }
        (None, _, None) => ().into_any(),
    }
}
