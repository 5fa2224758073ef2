//! `/`: what runs, waits, failed lately and comes next.

use leptos::prelude::*;
use leptos_meta::Title;
use model::{
    Page, Snapshot,
    execution::{Execution, ExecutionFilter, Status},
    workflow::{WorkflowCard, WorkflowFilter, WorkflowState},
};

use crate::{
    api::{self, ApiError},
    components::{
        cancel::Cancel,
        icon::Icon,
        loaded::Loaded,
        queue::QueuePlace,
        steps::{ProgressLine, StepMeter},
        time::{Saying, Time},
    },
    format,
    live::{LiveCard, LiveExecution, LiveExecutions, Message, use_live},
};

/// Rows of a list that is a glance, not the whole.
const SHOWN: usize = 6;

/// One moment of the whole place.
#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
struct Glance {
    workflows: Snapshot<Page<WorkflowCard>>,
    failed: Snapshot<Page<Execution>>,
}

async fn load() -> Result<Glance, ApiError> {
    let filter = WorkflowFilter { limit: Some(model::limits::PAGE_ITEMS_MAX), ..WorkflowFilter::default() };
    let failed = ExecutionFilter { status: Some(Status::Failed), limit: Some(SHOWN), ..ExecutionFilter::default() };
    Ok(Glance {
        workflows: api::workflows::workflows(filter).await?,
        failed: api::executions::executions(failed).await?,
    })
}

#[component]
pub fn OverviewPage() -> impl IntoView {
    let glance = Resource::new(|| (), |()| load());
    let reload = Callback::new(move |()| glance.refetch());
    view! {
        <Title text="Overview"/>
        <header class="page-head">
            <h1>"Overview"</h1>
        </header>
        <Loaded data=move || async move { glance.await } let:glance>
            <Content glance reload/>
        </Loaded>
    }
    .into_any()
}

#[component]
fn Content(glance: Glance, reload: Callback<()>) -> impl IntoView {
    let Glance { workflows, failed } = glance;
    if workflows.data.items.is_empty() {
        return view! { <Welcome/> }.into_any();
    }
    let cards: Vec<LiveCard> = workflows.data.items.into_iter().map(LiveCard::new).collect();
    let cards = StoredValue::new(cards);
    use_live().listen(workflows.number, move |message| match message {
        Message::Reload => reload.run(()),
        Message::Change(_) | Message::Sample(_) => {
            cards.with_value(|cards| cards.iter().for_each(|card| card.hear(message)));
        }
    });
    let filter = ExecutionFilter { status: Some(Status::Failed), ..ExecutionFilter::default() };
    let failures = LiveExecutions::new(failed.data.items, filter);
    use_live().listen(failed.number, move |message| failures.hear(message, reload));
    view! {
        <div class="columns">
            <RunningNow cards/>
            <Queue cards/>
            <ComingUp cards/>
            <FailedLately failures/>
        </div>
    }
    .into_any()
}

/// The cards for which `test` holds, in the order that `key` gives.
fn chosen<K: Ord>(cards: StoredValue<Vec<LiveCard>>, key: impl Fn(&WorkflowCard) -> Option<K>) -> Vec<LiveCard> {
    let mut found: Vec<(K, LiveCard)> = cards
        .with_value(|cards| cards.iter().filter_map(|live| live.card.with(&key).map(|key| (key, *live))).collect());
    found.sort_by(|left, right| left.0.cmp(&right.0));
    found.into_iter().map(|(_, live)| live).collect()
}

fn running(card: &WorkflowCard) -> Option<&Execution> {
    card.active.iter().find(|execution| execution.status.is_active())
}

fn waiting(card: &WorkflowCard) -> Option<&Execution> {
    card.active.iter().find(|execution| execution.status == Status::Queued)
}

#[component]
fn Section(
    id: &'static str,
    heading: &'static str,
    count: Signal<usize>,
    none: &'static str,
    children: ChildrenFn,
) -> impl IntoView {
    view! {
        <section class="sheet" aria-labelledby=id>
            <h2 id=id class="sheet-head">{heading}</h2>
            <Show when=move || count.get() == 0>
                <p class="soft">{none}</p>
            </Show>
            <ul class="glance" role="list">{children()}</ul>
        </section>
    }
    .into_any()
}

#[component]
fn RunningNow(cards: StoredValue<Vec<LiveCard>>) -> impl IntoView {
    let found = Memo::new(move |_| chosen(cards, |card| running(card).map(|it| it.started_at)));
    let count = Signal::derive(move || found.read().len());
    view! {
        <Section id="running" heading="Running now" count none="Nothing runs at the moment.">
            <For each=move || found.get() key=|live| live.id let:live>
                <RunningRow live/>
            </For>
        </Section>
    }
    .into_any()
}

#[component]
fn RunningRow(live: LiveCard) -> impl IntoView {
    let first = live.card.with_untracked(|card| running(card).cloned());
    first.map(|first| {
        let execution = Memo::new(move |before: Option<&Execution>| {
            live.card.with(|card| running(card).cloned()).or_else(|| before.cloned()).unwrap_or_else(|| first.clone())
        });
        let since = Signal::derive(move || execution.with(|it| it.started_at.unwrap_or(it.queued_at)));
        view! {
            <li class="stack">
                <div class="row">
                    <a href=move || format!("/executions/{}", execution.read().id)>
                        {move || execution.read().workflow_name.clone()}
                    </a>
                    <span class="soft">"started " <Time at=since/></span>
                    <div class="push">
                        <Cancel execution class="button quiet"/>
                    </div>
                </div>
                <StepMeter execution progress=live.progress/>
                <ProgressLine execution progress=live.progress/>
            </li>
        }
    })
}

#[component]
fn Queue(cards: StoredValue<Vec<LiveCard>>) -> impl IntoView {
    let found = Memo::new(move |_| chosen(cards, |card| waiting(card).map(|it| it.queued_at)));
    let count = Signal::derive(move || found.read().len());
    view! {
        <Section id="queue" heading="Queue" count none="Nothing waits.">
            <For each=move || found.get() key=|live| live.id let:live>
                {
                    let queued = Memo::new(move |_| live.card.with(|card| waiting(card).cloned()));
                    move || queued.get().map(|execution| view! {
                        <li class="row">
                            <a href=format!("/executions/{}", execution.id)>{execution.workflow_name.clone()}</a>
                            <span class="soft"><QueuePlace execution=Signal::stored(execution)/></span>
                        </li>
                    })
                }
            </For>
        </Section>
    }
    .into_any()
}

#[component]
fn ComingUp(cards: StoredValue<Vec<LiveCard>>) -> impl IntoView {
    let found = Memo::new(move |_| {
        let mut found = chosen(cards, |card| {
            (card.workflow.state == WorkflowState::Active).then_some(card.workflow.next_run_at).flatten()
        });
        found.truncate(SHOWN);
        found
    });
    let count = Signal::derive(move || found.read().len());
    view! {
        <Section id="next" heading="Coming up" count none="No workflow has a schedule that will fire.">
            <For each=move || found.get() key=|live| live.id let:live>
                {
                    let next = Memo::new(move |_| live.card.read().workflow.next_run_at);
                    let name = move || live.card.read().workflow.name.clone();
                    view! {
                        <li class="row">
                            <a href=format!("/workflows/{}", live.id)>{name}</a>
                            <span class="soft push">
                                {move || next.get().map(|at| view! { <Time at saying=Saying::Due/> })}
                            </span>
                        </li>
                    }
                }
            </For>
        </Section>
    }
    .into_any()
}

#[component]
fn FailedLately(failures: LiveExecutions) -> impl IntoView {
    let found = Signal::derive(move || failures.rows().read().iter().take(SHOWN).copied().collect::<Vec<_>>());
    let count = Signal::derive(move || found.read().len());
    view! {
        <Section id="failed" heading="Failed lately" count none="Nothing failed.">
            <For each=move || found.get() key=|row| row.id let:row>
                <FailedRow row/>
            </For>
        </Section>
    }
    .into_any()
}

#[component]
fn FailedRow(row: LiveExecution) -> impl IntoView {
    let LiveExecution { id, execution, .. } = row;
    let (name, at, error) = execution
        .with_untracked(|it| (it.workflow_name.clone(), it.finished_at.unwrap_or(it.queued_at), it.error.clone()));
    view! {
        <li class="stack">
            <div class="row">
                <a href=format!("/executions/{id}")>{name}</a>
                <span class="soft">
                    <Time at/> " · " {execution.with_untracked(format::execution::trigger)}
                </span>
            </div>
            {error.map(|error| view! { <p class="soft failed">{error}</p> })}
        </li>
    }
    .into_any()
}

#[component]
fn Welcome() -> impl IntoView {
    view! {
        <section class="empty">
            {Icon::Import.view()}
            <h2>"From dirty records to golden ones"</h2>
            <p>
                "Upload a CSV file: it becomes a project, with settings suggested from what is in it. A workflow then runs
                the project on a schedule, or when you press Run Now."
            </p>
            <a class="button main" href="/projects/new">"Create a project"</a>
        </section>
    }
    .into_any()
}
