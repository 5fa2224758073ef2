//! `/workflows/:id`: one workflow, its live execution, history and configuration.

pub mod configuration;
pub mod history;
pub mod trigger_url;

use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::{use_params_map, use_query_map};
use model::{
    Error, Role, Snapshot, Timestamp, WorkflowId,
    activity::ActivityFilter,
    execution::{Execution, LogLine, Status},
    limits,
    schedule::Schedule,
    workflow::{Workflow, WorkflowCard, WorkflowState},
};

use crate::{
    api::request::backend,
    components::{
        activity::ActivityTab,
        allowed::may,
        cancel::Cancel,
        icon::Icon,
        loaded::Loaded,
        log::LogTail,
        next_run::NextRun,
        queue::QueuePlace,
        run_now::RunNow,
        state::{Mark, State},
        steps::{StepIcons, StepTimeline},
        time::{Saying, Time},
        watch::Watch,
        workflow_actions::{PauseOrResume, WorkflowMenu},
    },
    format,
    interest::Interest,
};
use configuration::Configuration;
use history::History;

#[component]
pub fn WorkflowPage() -> impl IntoView {
    let id = use_params_map().with_untracked(|params| params.get("id"));
    view! {
        <Loaded data=load(id) let:loaded>
            <Content loaded/>
        </Loaded>
    }
    .into_any()
}

/// The workflow, and the log of its execution that runs.
struct Loads {
    snapshot: Snapshot<WorkflowCard>,
    log: Vec<LogLine>,
}

async fn load(id: Option<String>) -> Result<Loads, Error> {
    let id = id.and_then(|id| id.parse::<WorkflowId>().ok()).ok_or_else(|| Error::not_found("workflow"))?;
    let backend = backend();
    let snapshot = backend.workflow(id).await?;
    let log = match snapshot.data.active.iter().find(|execution| execution.status.is_active()) {
        Some(running) => backend.execution_logs(running.id, 0, limits::LOG_LINES_MAX).await?,
        None => Vec::new(),
    };
    Ok(Loads { snapshot, log })
}

#[component]
fn Content(loaded: Loads) -> impl IntoView {
    let Loads { snapshot: Snapshot { number, data: card }, log } = loaded;
    let WorkflowCard { workflow, active, last, .. } = card;
    let suspension = (workflow.state == WorkflowState::Suspended).then(|| workflow.state_reason.clone()).flatten();
    let failure = last.clone().filter(|last| last.status == Status::Failed);
    // What a step usually takes, for those still to come.
    let usual = last.clone().filter(|last| last.status == Status::Success);
    let active = active.into_iter().map(|execution| {
        let log = if execution.status.is_active() { log.clone() } else { Vec::new() };
        view! { <ActiveExecution execution usual=usual.clone() log/> }
    });
    view! {
        <Title text=workflow.name.clone()/>
        <Watch after=number topics=vec![Interest::Workflow(workflow.id)]/>
        <Header workflow=workflow.clone()/>
        <Summary workflow=workflow.clone() last/>
        {suspension.map(|reason| view! {
            <p class="cause">
                <b>"Suspended: "</b> {reason} " It starts by itself again once resumed; Run Now works meanwhile."
            </p>
        })}
        {failure.map(|last| view! {
            <p class="cause">{last.error} " " <a href=format!("/executions/{}", last.id)>"See the run"</a></p>
        })}
        {active.collect_view()}
        <Tabs workflow/>
    }
    .into_any()
}

#[component]
fn Header(workflow: Workflow) -> impl IntoView {
    let id = workflow.id;
    view! {
        <header class="page-head">
            <div>
                <p class="crumb">
                    <a href="/workflows">"Workflows"</a>
                    " / "
                    <a href=format!("/projects/{}", workflow.project_id)>{workflow.project_name.clone()}</a>
                </p>
                <h1>{workflow.name.clone()}</h1>
                <p><span class="visually-hidden">"State: "</span> <State mark=workflow.state/></p>
            </div>
            <div class="actions">
                {may(Role::Editor, workflow.project_id).then(|| view! {
                    <a class="button" href=format!("/workflows/{id}/edit")>{Icon::Pencil.view()} "Edit"</a>
                })}
                {may(Role::Operator, workflow.project_id).then(|| view! {
                    <PauseOrResume workflow=id state=workflow.state/>
                    <RunNow workflow=id main=true/>
                })}
                <WorkflowMenu workflow/>
            </div>
        </header>
    }
    .into_any()
}

#[component]
fn Summary(workflow: Workflow, #[prop(optional_no_strip)] last: Option<Execution>) -> impl IntoView {
    let zone = (workflow.schedule != Schedule::OnDemand).then(|| workflow.time_zone.clone());
    let next = match workflow.next_run_at.filter(|_| workflow.state == WorkflowState::Active) {
        Some(at) => next_run(at),
        None => view! { <NextRun workflow=workflow.clone()/> }.into_any(),
    };
    view! {
        <dl class="facts even">
            <div>
                <dt>"Schedule"</dt>
                <dd>{workflow.schedule_words.clone()} " " <small>{zone}</small></dd>
            </div>
            <div>
                <dt>"Next run"</dt>
                <dd>{next}</dd>
            </div>
            <div>
                <dt>"Last run"</dt>
                <dd>{last.map_or_else(|| "never".into_any(), last_run)}</dd>
            </div>
            <div>
                <dt>"Steps"</dt>
                <dd>{format::execution::steps(workflow.steps)} " " <small><StepIcons steps=workflow.steps/></small></dd>
            </div>
        </dl>
    }
    .into_any()
}

/// How long until then, and when that is. Without JavaScript both would be the same words.
fn next_run(at: Timestamp) -> AnyView {
    view! { <Time at/> " " <small class="with-script"><Time at saying=Saying::Moment/></small> }.into_any()
}

/// How it ended and when; how long it took, and over how many records.
fn last_run(last: Execution) -> AnyView {
    let mark = Mark::from(last.status);
    let ran_for = format::execution::ran_for(&last);
    let records = last.records.map(|records| format::counted(records, "record"));
    let extent = ran_for.into_iter().chain(records).collect::<Vec<_>>().join(" · ");
    view! {
        <span class=mark.class>{mark.word}</span> " "
        <a href=format!("/executions/{}", last.id)><Time at=last.finished_at.unwrap_or(last.queued_at)/></a>
        " " <small>{extent}</small>
    }
    .into_any()
}

/// An execution that runs, with its steps, or one that waits.
#[component]
fn ActiveExecution(
    execution: Execution,
    #[prop(optional_no_strip)] usual: Option<Execution>,
    log: Vec<LogLine>,
) -> impl IntoView {
    let id = execution.id;
    let mark = Mark::from(execution.status);
    let stands = if execution.status == Status::Queued {
        view! { " · " <QueuePlace execution=execution.clone()/> }.into_any()
    } else {
        let records = execution.records.map(|records| format!(" · {}", format::counted(records, "record")));
        let started = execution.started_at.unwrap_or(execution.queued_at);
        view! { " · started " <Time at=started/> {records} }.into_any()
    };
    let steps = (execution.status != Status::Queued).then(|| {
        view! {
            <StepTimeline execution=execution.clone() usual/>
            {(!log.is_empty()).then(|| view! { <LogTail lines=log/> })}
        }
    });
    view! {
        <section class="sheet" aria-label=format!("{} execution", mark.word) data-key=id.to_string()>
            <div class="row">
                <State mark/>
                <span class="soft">{format::execution::trigger(&execution)} {stands}</span>
                <div class="row push">
                    <a class="soft" href=format!("/executions/{id}")>"Details and log"</a>
                    <Cancel execution/>
                </div>
            </div>
            {steps}
        </section>
    }
    .into_any()
}

#[component]
fn Tabs(workflow: Workflow) -> impl IntoView {
    let id = workflow.id;
    let tab = use_query_map().with_untracked(|query| query.get("tab"));
    let tab = tab.as_deref().unwrap_or_default();
    let link = |href: String, here: bool, label: &'static str| {
        view! { <a href=href data-in-place aria-current=here.then_some("page")>{label}</a> }
    };
    view! {
        <div class="stack">
            <nav class="tabs" aria-label="Workflow">
                {link(format!("/workflows/{id}"), !matches!(tab, "configuration" | "activity"), "Execution History")}
                {link(format!("/workflows/{id}?tab=configuration"), tab == "configuration", "Configuration")}
                {link(format!("/workflows/{id}?tab=activity"), tab == "activity", "Activity")}
            </nav>
            {match tab {
                "configuration" => view! { <Configuration workflow/> }.into_any(),
                "activity" => view! { <ActivityTab of=ActivityFilter { workflow: Some(id), ..ActivityFilter::default() }/> }.into_any(),
                _ => view! { <History workflow=id/> }.into_any(),
            }}
        </div>
    }
    .into_any()
}
