//! `/workflows/:id`: one workflow, its live execution, history and configuration.

pub mod configuration;
pub mod history;

use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::{use_navigate, use_params_map, use_query_map};
use model::{
    Snapshot, WorkflowId,
    event::Change,
    execution::{Execution, Status},
    workflow::{WorkflowCard, WorkflowState},
};

use crate::{
    api,
    components::{
        cancel::Cancel,
        icon::Icon,
        loaded::Loaded,
        next_run::NextRun,
        queue::QueuePlace,
        run_now::RunNow,
        state::{Mark, State},
        steps::{StepIcons, StepTimeline},
        time::Time,
        workflow_actions::{PauseOrResume, WorkflowMenu},
        workflow_card::LastRun,
    },
    format,
    live::{LiveCard, Message, use_live},
};
use configuration::Configuration;
use history::History;

#[component]
pub fn WorkflowPage() -> impl IntoView {
    let params = use_params_map();
    let id = Memo::new(move |_| params.with(|params| params.get("id")).and_then(|id| id.parse::<WorkflowId>().ok()));
    let card = Resource::new(move || id.get(), api::workflows::workflow);
    let reload = Callback::new(move |()| card.refetch());
    view! {
        <Loaded data=move || async move { card.await } let:snapshot>
            <Content snapshot reload/>
        </Loaded>
    }
    .into_any()
}

#[component]
fn Content(snapshot: Snapshot<WorkflowCard>, reload: Callback<()>) -> impl IntoView {
    let Snapshot { number, data } = snapshot;
    let live = LiveCard::new(data);
    let navigate = use_navigate();
    use_live().listen(number, move |message| match message {
        Message::Reload => reload.run(()),
        Message::Change(Change::WorkflowDeleted { workflow_id }) if *workflow_id == live.id => {
            navigate("/workflows", Default::default());
        }
        Message::Change(_) | Message::Sample(_) => live.hear(message),
    });
    let name = Memo::new(move |_| live.card.read().workflow.name.clone());
    view! {
        <Title text=move || name.get()/>
        <Header live name/>
        <Summary card=live.card/>
        <Suspension card=live.card/>
        <Active live/>
        <Tabs card=live.card/>
    }
    .into_any()
}

#[component]
fn Header(live: LiveCard, name: Memo<String>) -> impl IntoView {
    let LiveCard { id, card, .. } = live;
    let state = Memo::new(move |_| card.read().workflow.state);
    let project = move || {
        let (id, name) = card.with(|card| (card.workflow.project_id, card.workflow.project_name.clone()));
        view! { <a href=format!("/projects/{id}")>{name}</a> }
    };
    view! {
        <header class="page-head">
            <div>
                <p class="crumb"><a href="/workflows">"Workflows"</a> " / " {project}</p>
                <h1>{name}</h1>
            </div>
            <div class="actions">
                <a class="button" href=format!("/workflows/{id}/edit")>{Icon::Pencil.view()} "Edit"</a>
                <PauseOrResume workflow=id state/>
                <RunNow workflow=id main=true/>
                <WorkflowMenu workflow=id name state/>
            </div>
        </header>
    }
    .into_any()
}

#[component]
fn Summary(card: RwSignal<WorkflowCard>) -> impl IntoView {
    let workflow = Signal::derive(move || card.read().workflow.clone());
    let last = Memo::new(move |_| card.read().last.clone());
    let steps = Memo::new(move |_| card.read().workflow.steps);
    let state = Signal::derive(move || Mark::from(card.read().workflow.state));
    view! {
        <dl class="facts">
            <div>
                <dt>"State"</dt>
                <dd><State mark=state/></dd>
            </div>
            <div>
                <dt>"Schedule"</dt>
                <dd>
                    {move || card.read().workflow.schedule_words.clone()} " "
                    <small>{move || card.read().workflow.time_zone.clone()}</small>
                </dd>
            </div>
            <div>
                <dt>"Next run"</dt>
                <dd><NextRun workflow/></dd>
            </div>
            <div>
                <dt>"Last run"</dt>
                <dd>{move || match last.get() {
                    Some(last) => view! {
                        <small>
                            {(last.status == Status::Success).then(|| view! { <span class="success">"Success"</span> " · " })}
                            <LastRun last/>
                        </small>
                    }.into_any(),
                    None => "never".into_any(),
                }}</dd>
            </div>
            <div>
                <dt>"Steps"</dt>
                <dd>
                    {move || format::execution::steps(steps.get())} " " {move || view! { <StepIcons steps=steps.get()/> }}
                </dd>
            </div>
        </dl>
    }
    .into_any()
}

#[component]
fn Suspension(card: RwSignal<WorkflowCard>) -> impl IntoView {
    let reason = Memo::new(move |_| {
        card.with(|card| card.workflow.state_reason.clone().filter(|_| card.workflow.state == WorkflowState::Suspended))
    });
    move || {
        let reason = reason.get()?;
        Some(view! {
            <p class="cause">
                <b>"Suspended: "</b> {reason} " It starts by itself again once resumed; Run Now works meanwhile."
            </p>
        })
    }
}

/// The running execution with its steps, and those that wait.
#[component]
fn Active(live: LiveCard) -> impl IntoView {
    let LiveCard { card, progress, .. } = live;
    let ids =
        Memo::new(move |_| card.with(|card| card.active.iter().map(|execution| execution.id).collect::<Vec<_>>()));
    let usual =
        Signal::derive(move || card.with(|card| card.last.clone().filter(|last| last.status == Status::Success)));
    view! {
        <For each=move || ids.get() key=|id| *id let:id>
            {
                let first = card.with_untracked(|card| card.active.iter().find(|it| it.id == id).cloned());
                first.map(|first| {
                    let execution = Memo::new(move |before: Option<&Execution>| {
                        card.with(|card| card.active.iter().find(|it| it.id == id).cloned())
                            .or_else(|| before.cloned())
                            .unwrap_or_else(|| first.clone())
                    });
                    view! { <ActiveExecution execution progress usual/> }
                })
            }
        </For>
    }
    .into_any()
}

#[component]
fn ActiveExecution(
    execution: Memo<Execution>,
    progress: RwSignal<Option<model::event::Progress>>,
    usual: Signal<Option<Execution>>,
) -> impl IntoView {
    let mark = Signal::derive(move || Mark::from(execution.read().status));
    let is_queued = Memo::new(move |_| execution.read().status == Status::Queued);
    let id = execution.read_untracked().id;
    let started = Signal::derive(move || execution.with(|it| it.started_at.unwrap_or(it.queued_at)));
    let records = move || execution.read().records.map(|records| format!(" · {}", format::counted(records, "record")));
    view! {
        <section class="sheet" aria-label=move || format!("{} execution", mark.get().word)>
            <div class="row">
                <State mark/>
                <span class="soft">
                    {move || execution.with(format::execution::trigger)}
                    {move || if is_queued.get() {
                        view! { " · " <QueuePlace execution/> }.into_any()
                    } else {
                        view! { " · started " <Time at=started/> {records} }.into_any()
                    }}
                </span>
                <div class="row push">
                    <a class="soft" href=format!("/executions/{id}")>"Details and log"</a>
                    <Cancel execution/>
                </div>
            </div>
            <Show when=move || !is_queued.get()>
                <StepTimeline execution progress usual/>
            </Show>
        </section>
    }
    .into_any()
}

#[component]
fn Tabs(card: RwSignal<WorkflowCard>) -> impl IntoView {
    let query = use_query_map();
    let configuration = Memo::new(move |_| query.with(|query| query.get("tab")).as_deref() == Some("configuration"));
    let id = card.with_untracked(|card| card.workflow.id);
    view! {
        <div class="stack">
            <nav class="tabs" aria-label="Workflow">
                <a
                    href=format!("/workflows/{id}")
                    data-noscroll="true"
                    aria-current=move || (!configuration.get()).then_some("page")
                >
                    "Execution History"
                </a>
                <a
                    href=format!("/workflows/{id}?tab=configuration")
                    data-noscroll="true"
                    aria-current=move || configuration.get().then_some("page")
                >
                    "Configuration"
                </a>
            </nav>
            {move || if configuration.get() {
                view! { <Configuration workflow=Signal::derive(move || card.read().workflow.clone())/> }.into_any()
            } else {
                view! { <History workflow=id/> }.into_any()
            }}
        </div>
    }
    .into_any()
}
