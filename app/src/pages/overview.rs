//! `/`: what runs, waits, failed since yesterday, needs a decision and comes next, and how the last days went.

pub mod charts;

use leptos::prelude::*;
use leptos_meta::Title;
use model::{
    Error, Role, Snapshot, Step, Timestamp,
    execution::Execution,
    overview::{Overview, SHOWN},
    workflow::{WorkflowCard, WorkflowFilter, WorkflowSort, WorkflowState},
};

use crate::{
    api::request::backend,
    components::{
        allowed::may_everywhere,
        cancel::Cancel,
        icon::Icon,
        loaded::Loaded,
        queue::QueuePlace,
        steps::{ProgressLine, StepMeter},
        time::{Saying, Time},
        watch::Watch,
        workflow_actions::Action,
    },
    format,
    interest::Interest,
};
use charts::Charts;

const DAY: std::time::Duration = std::time::Duration::from_secs(86_400);

/// One moment of the whole place.
struct Glance {
    overview: Snapshot<Overview>,
    suspended: Vec<WorkflowCard>,
    /// In the order of their next runs.
    next: Vec<WorkflowCard>,
    /// There is a workflow at all.
    has_any: bool,
}

async fn load() -> Result<Glance, Error> {
    let backend = backend();
    let shown = || WorkflowFilter { limit: Some(SHOWN), ..WorkflowFilter::default() };
    // The overview first: its number is that of the oldest fact on the page.
    let overview = backend.overview().await?;
    let suspended = WorkflowFilter { state: Some(WorkflowState::Suspended), ..shown() };
    let suspended = backend.workflows(suspended).await?.data.items;
    let next = WorkflowFilter { sort: WorkflowSort::NextRun, ..shown() };
    let mut next = backend.workflows(next).await?.data.items;
    let has_any = !next.is_empty();
    let horizon = backend.now().plus(DAY);
    next.retain(|card| next_run(card).is_some_and(|at| at <= horizon));
    Ok(Glance { overview, suspended, next, has_any })
}

fn next_run(card: &WorkflowCard) -> Option<Timestamp> {
    card.workflow.next_run_at
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
    let Glance { overview: Snapshot { number, data: overview }, suspended, next, has_any } = glance;
    let content = if has_any {
        let Overview { running, queue, queued, failed, failures, days, .. } = overview;
        view! {
            <div class="overview">
                <div class="stack">{running_now(running)} {waiting(queue, queued)}</div>
                <div class="stack">{failed_since(failed, failures)} {suspended_ones(suspended)}</div>
                <div class="stack">{coming_up(next)} <Charts days/></div>
            </div>
        }
        .into_any()
    } else {
        view! { <Welcome/> }.into_any()
    };
    view! {
        <Watch after=number topics=vec![Interest::Workflows]/>
        {content}
    }
    .into_any()
}

/// A list with its heading and count, and a sentence in its place when there is nothing to list.
fn section(
    id: &'static str,
    heading: &'static str,
    count: u64,
    none: &'static str,
    rows: Vec<AnyView>,
    more: Option<AnyView>,
) -> impl IntoView {
    view! {
        <section class="sheet" aria-labelledby=id data-key=id>
            <div class="sheet-head">
                <h2 id=id>{heading}</h2>
                {(count > 0).then(|| view! { <span class="count">{format::number(count)}</span> })}
            </div>
            {rows.is_empty().then(|| view! { <p class="soft">{none}</p> })}
            <ul class="glance" role="list">{rows}</ul>
            {more}
        </section>
    }
    .into_any()
}

/// The way to the rest of a list that shows only its beginning.
fn more(count: u64, shown: usize, href: &'static str, words: &'static str) -> Option<AnyView> {
    (count > shown as u64).then(|| view! { <p class="soft"><a href=href>{words}</a></p> }.into_any())
}

fn running_now(running: Vec<Execution>) -> impl IntoView {
    let count = running.len() as u64;
    let row = |execution: Execution| {
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
    let rows = running.into_iter().map(row).collect();
    section("running", "Running now", count, "Nothing runs at the moment.", rows, None)
}

fn waiting(queue: Vec<Execution>, queued: u64) -> impl IntoView {
    let shown = queue.len();
    let row = |execution: Execution| {
        view! {
            <li class="row" data-key=execution.id.to_string()>
                <a href=format!("/executions/{}", execution.id)>{execution.workflow_name.clone()}</a>
                <span class="soft"><QueuePlace execution=execution.clone()/></span>
            </li>
        }
        .into_any()
    };
    let more = more(queued, shown, "/executions?status=queued", "Everything that waits");
    section("queue", "Queue", queued, "Nothing waits.", queue.into_iter().map(row).collect(), more)
}

/// The newest failure of each workflow, with how many of the listed ones are its own.
fn by_workflow(failed: Vec<Execution>) -> Vec<(Execution, usize)> {
    let mut newest: Vec<(Execution, usize)> = Vec::new();
    for execution in failed {
        match newest.iter_mut().find(|(known, _)| known.workflow_id == execution.workflow_id) {
            Some((_, count)) => *count += 1,
            None => newest.push((execution, 1)),
        }
    }
    newest
}

fn failed_since(failed: Vec<Execution>, failures: u64) -> impl IntoView {
    let shown = failed.len();
    let row = |(execution, count): (Execution, usize)| {
        let at = execution.finished_at.unwrap_or(execution.queued_at);
        let step = execution.current_step().map(|run| format!("at {} · ", run.step));
        let others = (count > 1).then(|| {
            let href = format!("/executions?workflow={}&status=failed", execution.workflow_id);
            view! { " · " <a href=href>{format!("{} before it", format::counted(count as u64 - 1, "failure"))}</a> }
        });
        view! {
            <li class="stack" data-key=execution.id.to_string()>
                <div class="row">
                    <a href=format!("/workflows/{}", execution.workflow_id)>{execution.workflow_name.clone()}</a>
                    <span class="soft">{step} <Time at/></span>
                </div>
                {execution.error.map(|error| view! { <p class="soft failed clamped">{error}</p> })}
                <p class="soft"><a href=format!("/executions/{}", execution.id)>"See the run"</a> {others}</p>
            </li>
        }
        .into_any()
    };
    let more = more(failures, shown, "/executions?status=failed", "All failed executions");
    let rows = by_workflow(failed).into_iter().map(row).collect();
    section("failed", "Failed since yesterday", failures, "Nothing has failed since yesterday.", rows, more)
}

fn suspended_ones(suspended: Vec<WorkflowCard>) -> impl IntoView {
    if suspended.is_empty() {
        return ().into_any();
    }
    let (shown, count) = (suspended.len(), suspended.len() as u64);
    let row = |card: WorkflowCard| {
        let id = card.workflow.id;
        view! {
            <li class="stack" data-key=id.to_string()>
                <div class="row">
                    <a href=format!("/workflows/{id}")>{card.workflow.name}</a>
                    <div class="push">
                        <Action
                            name="resume_workflow"
                            workflow=id
                            icon=Icon::Play
                            label="Resume"
                            class="button quiet"
                        />
                    </div>
                </div>
                {card.workflow.state_reason.map(|reason| view! { <p class="soft">{reason}</p> })}
            </li>
        }
        .into_any()
    };
    // A full list may be the beginning of a longer one.
    let more = more(
        if shown == SHOWN { u64::MAX } else { count },
        shown,
        "/workflows?state=suspended",
        "All suspended workflows",
    );
    section("suspended", "Suspended", count, "", suspended.into_iter().map(row).collect(), more).into_any()
}

fn coming_up(next: Vec<WorkflowCard>) -> impl IntoView {
    let shown = next.len();
    let row = |card: WorkflowCard| {
        let at = next_run(&card).map(|at| view! { <Time at saying=Saying::Due/> });
        view! {
            <li class="row" data-key=card.workflow.id.to_string()>
                <a href=format!("/workflows/{}", card.workflow.id)>{card.workflow.name}</a>
                <span class="soft push">{at}</span>
            </li>
        }
        .into_any()
    };
    let more = more(
        if shown == SHOWN { u64::MAX } else { 0 },
        shown,
        "/workflows?sort=next_run",
        "All in the order of their next runs",
    );
    let rows = next.into_iter().map(row).collect();
    section("next", "Next 24 hours", 0, "No schedule fires within 24 hours.", rows, more)
}

#[component]
fn Welcome() -> impl IntoView {
    view! {
        <section class="empty">
            {Icon::Import.view()}
            <h2>"From dirty records to golden ones"</h2>
            <p>
                "Upload a file, CSV or Excel: it becomes a project, with settings suggested from what is in it. A workflow
                then runs the project on a schedule, or when you press Run Now."
            </p>
            {may_everywhere(Role::Editor).then(|| view! {
                <a class="button main" href="/projects/new">"Create a project"</a>
            })}
        </section>
        <ol class="step-facts" role="list" aria-label="What a workflow does">
            {Step::ALL.map(|step| view! {
                <li class="step-fact">
                    <h3>{Icon::of_step(step).view()} {step.label()}</h3>
                    <p class="soft">{purpose(step)}</p>
                </li>
            })}
        </ol>
    }
    .into_any()
}

/// What a step is for, to one who has not seen it run.
const fn purpose(step: Step) -> &'static str {
    match step {
        Step::Import => "Reads files in many formats, dialects and encodings; what cannot be read is set aside.",
        Step::Profile => "Says what is in each column, and how good it is.",
        Step::Cleanse => "Trims, unifies the case, brings dates into one form.",
        Step::Match => "Finds the records that mean the same person, company or product.",
        Step::Merge => "Makes one golden record of each group, the gaps filled.",
        Step::Export => "Writes the golden records: the whole file, or none of it.",
    }
}
