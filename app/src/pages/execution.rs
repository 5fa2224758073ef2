//! `/executions/:id`: one execution: steps, files, log, and what went wrong.

use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_params_map;
use model::{
    ExecutionId, Snapshot,
    execution::{Execution, Status},
};

use crate::{
    api,
    components::{
        cancel::Cancel,
        loaded::Loaded,
        log::Log,
        outputs::Outputs,
        queue::QueuePlace,
        run_now::RunNow,
        state::{Mark, State},
        steps::{ProgressLine, StepTimeline},
        time::{Elapsed, Saying, Time},
    },
    format,
    live::{LiveExecution, Message, use_live},
};

#[component]
pub fn ExecutionPage() -> impl IntoView {
    let params = use_params_map();
    let id = Memo::new(move |_| params.with(|params| params.get("id")).and_then(|id| id.parse::<ExecutionId>().ok()));
    let execution = Resource::new(move || id.get(), api::executions::execution);
    let reload = Callback::new(move |()| execution.refetch());
    view! {
        <Loaded data=move || async move { execution.await } let:snapshot>
            <Content snapshot reload/>
        </Loaded>
    }
    .into_any()
}

#[component]
fn Content(snapshot: Snapshot<Execution>, reload: Callback<()>) -> impl IntoView {
    let Snapshot { number, data } = snapshot;
    let live = LiveExecution::new(data);
    let LiveExecution { id, execution, progress } = live;
    use_live().listen(number, move |message| match message {
        Message::Reload => reload.run(()),
        Message::Change(_) | Message::Sample(_) => live.hear(message),
    });
    let ended = Memo::new(move |_| execution.read().status.is_final());
    let succeeded = Memo::new(move |_| execution.read().status == Status::Success);
    let title = move || execution.with(|it| format!("{} {}", it.workflow_name, it.status.label().to_lowercase()));
    let has_started = Memo::new(move |_| execution.read().started_at.is_some());
    view! {
        <Title text=title/>
        <Header execution/>
        <Facts execution/>
        <Outcome execution/>
        <Show when=move || succeeded.get()>
            <section class="sheet" aria-labelledby="files">
                <h2 id="files" class="sheet-head">"Files"</h2>
                <Outputs execution=id revision=ended/>
            </section>
        </Show>
        <section class="sheet" aria-labelledby="steps">
            <div class="sheet-head">
                <h2 id="steps">"Steps"</h2>
                <Show when=move || has_started.get() && !ended.get()>
                    <ProgressLine execution progress/>
                </Show>
            </div>
            <StepTimeline execution progress/>
        </section>
        <section class="sheet" aria-labelledby="log">
            <div class="sheet-head">
                <h2 id="log">"Log"</h2>
                <span class="soft">"times in UTC"</span>
            </div>
            <Log execution=id after=number/>
        </section>
    }
    .into_any()
}

#[component]
fn Header(execution: RwSignal<Execution>) -> impl IntoView {
    let (workflow, name, queued_at) =
        execution.with_untracked(|it| (it.workflow_id, it.workflow_name.clone(), it.queued_at));
    let mark = Signal::derive(move || Mark::from(execution.read().status));
    let ended = Memo::new(move |_| execution.read().status.is_final());
    view! {
        <header class="page-head">
            <div>
                <p class="crumb">
                    <a href="/workflows">"Workflows"</a> " / " <a href=format!("/workflows/{workflow}")>{name.clone()}</a>
                </p>
                <h1>{name} ", " <Time at=queued_at saying=Saying::Moment/></h1>
                <p role="status"><State mark/></p>
            </div>
            <div class="actions">
                <Cancel execution/>
                <Show when=move || ended.get()>
                    <RunNow workflow main=true/>
                </Show>
            </div>
        </header>
    }
    .into_any()
}

#[component]
fn Facts(execution: RwSignal<Execution>) -> impl IntoView {
    let queued = Memo::new(move |_| execution.read().status == Status::Queued);
    let started = Memo::new(move |_| execution.read().started_at);
    let duration = move || match execution.with(format::execution::ran_for) {
        Some(text) => text.into_any(),
        None => started.get().map(|since| view! { <Elapsed since/> }).into_any(),
    };
    let fact = |name: &'static str, value: Option<AnyView>| {
        value.map(|value| view! { <div><dt>{name}</dt> <dd>{value}</dd></div> })
    };
    let due = move || execution.read().due_at.map(|at| view! { <Time at saying=Saying::Moment/> }.into_any());
    let cancelled_by = move || execution.read().cancelled_by.clone().map(IntoAny::into_any);
    let version = move || execution.read().configuration_version.map(|version| version.to_string().into_any());
    let first = move || {
        execution.read().retry_of.map(|id| view! { <a href=format!("/executions/{id}")>"First attempt"</a> }.into_any())
    };
    view! {
        <dl class="facts">
            <div>
                <dt>"Trigger"</dt>
                <dd>{move || execution.with(format::execution::trigger)}</dd>
            </div>
            {move || if queued.get() {
                fact("Waiting", Some(view! { <QueuePlace execution/> }.into_any()))
            } else {
                fact("Duration", Some(view! { {duration} }.into_any()))
            }}
            {move || fact("Due", due())}
            {move || fact("Records", execution.read().records.map(|records| format::number(records).into_any()))}
            {move || fact("Configuration", version())}
            {move || fact("Retry of", first())}
            {move || fact("Cancelled by", cancelled_by())}
        </dl>
    }
    .into_any()
}

/// What went wrong, at which step, and how the destination was left.
#[component]
fn Outcome(execution: RwSignal<Execution>) -> impl IntoView {
    let error = move || {
        let (status, error, step) =
            execution.with(|it| (it.status, it.error.clone(), it.current_step().map(|run| run.step.label())));
        let error = error?;
        let heading = match (status, step) {
            (Status::Failed, Some(step)) => format!("Failed at {step}: "),
            (status, _) => format!("{}: ", status.label()),
        };
        Some(view! { <p class="cause"><b>{heading}</b> {error}</p> })
    };
    let destination = move || {
        let (status, unchanged) = execution.with(|it| (it.status, it.destination_unchanged));
        match (status, unchanged) {
            (Status::Cancelled | Status::Failed | Status::Interrupted, Some(true)) => {
                Some(view! { <p class="soft">"The destination is unchanged."</p> }.into_any())
            }
            (Status::Cancelled | Status::Failed | Status::Interrupted, Some(false)) => {
                Some(view! { <p class="cause mild">"The destination may be half written: verify it."</p> }.into_any())
            }
            _ => None,
        }
    };
    let advice = move || {
        (execution.read().status == Status::Cancelled).then(|| {
            view! { <p class="soft">"Steps that completed kept their results; start a fresh run from the beginning."</p> }
        })
    };
    view! { {error} {destination} {advice} }
}
