//! `/`: what runs, waits, failed lately and comes next.

use leptos::prelude::*;
use leptos_meta::Title;
use model::{
    Error, Page, Snapshot,
    execution::{Execution, ExecutionFilter, Status},
    limits,
    workflow::{WorkflowCard, WorkflowFilter, WorkflowState},
};

use crate::{
    api::request::backend,
    components::{
        cancel::Cancel,
        icon::Icon,
        loaded::Loaded,
        queue::QueuePlace,
        steps::{ProgressLine, StepMeter},
        time::{Saying, Time},
        watch::Watch,
        workflow_card::{running, waiting},
    },
    format,
    interest::Interest,
};

/// Rows of a list that is a glance, not the whole.
const SHOWN: usize = 6;

/// One moment of the whole place.
struct Glance {
    workflows: Snapshot<Page<WorkflowCard>>,
    failed: Vec<Execution>,
}

async fn load() -> Result<Glance, Error> {
    let filter = WorkflowFilter { limit: Some(limits::PAGE_ITEMS_MAX), ..WorkflowFilter::default() };
    let failed = ExecutionFilter { status: Some(Status::Failed), limit: Some(SHOWN), ..ExecutionFilter::default() };
    let backend = backend();
    Ok(Glance { workflows: backend.workflows(filter).await?, failed: backend.executions(failed).await?.data.items })
}

#[component]
pub fn OverviewPage() -> impl IntoView {
    view! {
        <Title text="Overview"/>
        <header class="page-head">
            <h1>"Overview"</h1>
        </header>
        <Loaded data=load() let:glance>
            <Content glance/>
        </Loaded>
    }
    .into_any()
}

#[component]
fn Content(glance: Glance) -> impl IntoView {
    let Glance { workflows: Snapshot { number, data: Page { items: cards, .. } }, failed } = glance;
    let content = if cards.is_empty() {
        view! { <Welcome/> }.into_any()
    } else {
        view! {
            <div class="columns">
                {running_now(&cards)}
                {queue(&cards)}
                {coming_up(&cards)}
                {failed_lately(failed)}
            </div>
        }
        .into_any()
    };
    view! {
        <Watch after=number topics=vec![Interest::Workflows]/>
        {content}
    }
    .into_any()
}

/// What `of` gives of the cards, in the order of `key`.
fn chosen<'a, T, K: Ord>(
    cards: &'a [WorkflowCard],
    of: impl Fn(&'a WorkflowCard) -> Option<&'a T>,
    key: impl Fn(&T) -> K,
) -> Vec<&'a T> {
    let mut found: Vec<&T> = cards.iter().filter_map(of).collect();
    found.sort_by_key(|it| key(it));
    found
}

/// A list with its heading, and a sentence in its place when there is nothing to list.
fn section(id: &'static str, heading: &'static str, none: &'static str, rows: Vec<AnyView>) -> impl IntoView {
    view! {
        <section class="sheet" aria-labelledby=id>
            <h2 id=id class="sheet-head">{heading}</h2>
            {rows.is_empty().then(|| view! { <p class="soft">{none}</p> })}
            <ul class="glance" role="list">{rows}</ul>
        </section>
    }
    .into_any()
}

fn running_now(cards: &[WorkflowCard]) -> impl IntoView + use<> {
    let row = |execution: &Execution| {
        let since = execution.started_at.unwrap_or(execution.queued_at);
        view! {
            <li class="stack" data-key=execution.id.to_string()>
                <div class="row">
                    <a href=format!("/executions/{}", execution.id)>{execution.workflow_name.clone()}</a>
                    <span class="soft">"started " <Time at=since/></span>
                    <div class="push">
                        <Cancel execution=execution.clone() class="button quiet"/>
                    </div>
                </div>
                <StepMeter execution=execution.clone()/>
                <ProgressLine execution=execution.clone()/>
            </li>
        }
        .into_any()
    };
    let rows = chosen(cards, running, |it| it.started_at).into_iter().map(row).collect();
    section("running", "Running now", "Nothing runs at the moment.", rows)
}

fn queue(cards: &[WorkflowCard]) -> impl IntoView + use<> {
    let row = |execution: &Execution| {
        view! {
            <li class="row" data-key=execution.id.to_string()>
                <a href=format!("/executions/{}", execution.id)>{execution.workflow_name.clone()}</a>
                <span class="soft"><QueuePlace execution=execution.clone()/></span>
            </li>
        }
        .into_any()
    };
    let rows = chosen(cards, waiting, |it| it.queued_at).into_iter().map(row).collect();
    section("queue", "Queue", "Nothing waits.", rows)
}

fn coming_up(cards: &[WorkflowCard]) -> impl IntoView + use<> {
    let next = |card: &WorkflowCard| card.workflow.next_run_at.filter(|_| card.workflow.state == WorkflowState::Active);
    let row = |card: &WorkflowCard| {
        view! {
            <li class="row" data-key=card.workflow.id.to_string()>
                <a href=format!("/workflows/{}", card.workflow.id)>{card.workflow.name.clone()}</a>
                <span class="soft push">{next(card).map(|at| view! { <Time at saying=Saying::Due/> })}</span>
            </li>
        }
        .into_any()
    };
    let found = chosen(cards, |card| next(card).map(|_| card), next);
    let rows = found.into_iter().take(SHOWN).map(row).collect();
    section("next", "Coming up", "No workflow has a schedule that will fire.", rows)
}

fn failed_lately(failed: Vec<Execution>) -> impl IntoView {
    let row = |execution: Execution| {
        let at = execution.finished_at.unwrap_or(execution.queued_at);
        let trigger = format::execution::trigger(&execution);
        view! {
            <li class="stack" data-key=execution.id.to_string()>
                <div class="row">
                    <a href=format!("/executions/{}", execution.id)>{execution.workflow_name}</a>
                    <span class="soft"><Time at/> " · " {trigger}</span>
                </div>
                {execution.error.map(|error| view! { <p class="soft failed">{error}</p> })}
            </li>
        }
        .into_any()
    };
    section("failed", "Failed lately", "Nothing failed.", failed.into_iter().map(row).collect())
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
