//! One workflow at a glance.

use leptos::prelude::*;
use model::{
    execution::{Execution, Status},
    workflow::{WorkflowCard, WorkflowState},
};

use crate::{
    components::{
        cancel::Cancel,
        icon::Icon,
        next_run::NextRun,
        queue::QueuePlace,
        run_now::RunNow,
        state::{Mark, State},
        steps::{ProgressLine, StepMeter},
        strip::Strip,
        time::Time,
        workflow_actions::{Resume, WorkflowMenu},
    },
    format,
    live::LiveCard,
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

fn running(card: &WorkflowCard) -> Option<&Execution> {
    card.active.first().filter(|execution| execution.status.is_active())
}

/// The first that waits, when none runs before it.
fn waiting(card: &WorkflowCard) -> Option<&Execution> {
    card.active.first().filter(|execution| execution.status == Status::Queued)
}

#[component]
pub fn Card(live: LiveCard) -> impl IntoView {
    let LiveCard { id, card, progress } = live;
    let name = Memo::new(move |_| card.read().workflow.name.clone());
    let state = Memo::new(move |_| card.read().workflow.state);
    let mark = Memo::new(move |_| card.with(mark));
    let running_now = Memo::new(move |_| card.with(|card| running(card).cloned()));
    let outcomes = Memo::new(move |_| card.read().strip.clone());
    let subtitle =
        move || card.with(|card| format!("{} · {}", card.workflow.project_name, card.workflow.schedule_words));
    let heading = format!("workflow-{id}");
    view! {
        <article class="sheet card" aria-labelledby=heading.clone()>
            <div class="card-head">
                <div>
                    <h2 id=heading.clone()>
                        <a href=format!("/workflows/{id}")>{name}</a>
                    </h2>
                    <p class="soft">{subtitle}</p>
                </div>
                <State mark/>
            </div>
            <Strip outcomes running=running_now/>
            <Running running=running_now progress/>
            <Cause card/>
            <Facts card/>
            <div class="card-foot">
                <RunNow workflow=id/>
                <Beside card/>
                <WorkflowMenu workflow=id name state on_card=true/>
            </div>
        </article>
    }
    .into_any()
}

/// Step and progress of the running execution.
#[component]
fn Running(running: Memo<Option<Execution>>, progress: RwSignal<Option<model::event::Progress>>) -> impl IntoView {
    let id = Memo::new(move |_| running.with(|running| running.as_ref().map(|execution| execution.id)));
    move || {
        id.get()?;
        let first = running.get_untracked()?;
        let execution = Memo::new(move |before: Option<&Execution>| {
            running.get().or_else(|| before.cloned()).unwrap_or_else(|| first.clone())
        });
        Some(view! {
            <div>
                <StepMeter execution progress/>
                <ProgressLine execution progress/>
            </div>
        })
    }
}

/// Why it is suspended, or why the last run failed, with the way there.
#[component]
fn Cause(card: RwSignal<WorkflowCard>) -> impl IntoView {
    let cause = Memo::new(move |_| {
        card.with(|card| {
            let failed = card.last.as_ref().filter(|last| last.status == Status::Failed);
            let suspended =
                card.workflow.state_reason.clone().filter(|_| card.workflow.state == WorkflowState::Suspended);
            let text = suspended.or_else(|| failed.and_then(|last| last.error.clone()))?;
            Some((text, failed.map(|last| last.id)))
        })
    });
    move || {
        let (text, execution) = cause.get()?;
        let link = execution.map(|id| view! { <a href=format!("/executions/{id}")>"See the run"</a> });
        Some(view! { <p class="cause">{text} " " {link}</p> })
    }
}

#[component]
fn Facts(card: RwSignal<WorkflowCard>) -> impl IntoView {
    let running = Memo::new(move |_| card.with(|card| running(card).cloned()));
    let waiting = Memo::new(move |_| card.with(|card| waiting(card).cloned()));
    let last = Memo::new(move |_| card.read().last.clone());
    let first_line = move || {
        if let Some(execution) = running.get() {
            let since = execution.started_at.unwrap_or(execution.queued_at);
            let trigger = format::execution::trigger(&execution);
            return view! { <dt>"Started"</dt> <dd><Time at=since/> " · " {trigger}</dd> }.into_any();
        }
        if let Some(execution) = waiting.get() {
            return view! { <dt>"Waiting"</dt> <dd><QueuePlace execution=Signal::stored(execution)/></dd> }.into_any();
        }
        match last.get() {
            Some(last) => view! { <dt>"Last"</dt> <dd><LastRun last/></dd> }.into_any(),
            None => view! { <dt>"Last"</dt> <dd>"never"</dd> }.into_any(),
        }
    };
    view! {
        <dl class="facts list">
            <div>{first_line}</div>
            <div>
                <dt>"Next"</dt>
                <dd>
                    <NextRun workflow=Signal::derive(move || card.read().workflow.clone())/>
                </dd>
            </div>
        </dl>
    }
    .into_any()
}

/// `38 min ago · 41 s · 50,578 records`, with the outcome when it was none to be glad of.
#[component]
pub fn LastRun(last: Execution) -> impl IntoView {
    let at = last.finished_at.unwrap_or(last.queued_at);
    let mark = Mark::from(last.status);
    let outcome = (last.status != Status::Success).then(|| view! { <span class=mark.class>{mark.word}</span> " · " });
    let ran_for = format::execution::ran_for(&last).map(|text| format!(" · {text}"));
    let records = last.records.map(|records| format!(" · {}", format::counted(records, "record")));
    view! { {outcome} <Time at/> {ran_for} {records} }
}

/// Beside Run Now: what pressing it means now, or the other thing one may want.
#[component]
fn Beside(card: RwSignal<WorkflowCard>) -> impl IntoView {
    let id = card.with_untracked(|card| card.workflow.id);
    let state = Memo::new(move |_| card.read().workflow.state);
    let running = Memo::new(move |_| card.with(|card| running(card).is_some()));
    let queued = Memo::new(move |_| {
        card.with(|card| card.active.iter().filter(|execution| execution.status == Status::Queued).count())
    });
    let waiting = Memo::new(move |_| card.with(|card| waiting(card).cloned()));
    move || match (running.get(), queued.get(), waiting.get()) {
        (true, 0, _) => view! { <span class="soft">"queues behind this run"</span> }.into_any(),
        (true, queued, _) => {
            view! { <span class="soft">{format!("{queued} queued behind this run")}</span> }.into_any()
        }
        (false, _, Some(execution)) => {
            view! { <Cancel execution=Signal::stored(execution) class="button quiet" upward=true/> }.into_any()
        }
        (false, _, None) if state.get() != WorkflowState::Active => {
            view! { <Resume workflow=id class="button quiet"/> }.into_any()
        }
        (false, _, None) => ().into_any(),
    }
}
