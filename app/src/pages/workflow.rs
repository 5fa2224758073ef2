//! `/workflows/:id`: one workflow, its live execution, history and configuration.

pub mod activity;
pub mod configuration;
pub mod history;

use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::{use_params_map, use_query_map};
use model::{
    Error, Snapshot, WorkflowId,
    execution::{Execution, Status},
    workflow::{Workflow, WorkflowCard, WorkflowState},
};

use crate::{
    api::request::backend,
    components::{
        cancel::Cancel,
        icon::Icon,
        loaded::Loaded,
        next_run::NextRun,
        queue::QueuePlace,
        run_now::RunNow,
        state::{Mark, State},
        steps::{ProgressLine, StepIcons, StepTimeline},
        time::Time,
        watch::Watch,
        workflow_actions::{PauseOrResume, WorkflowMenu},
        workflow_card::LastRun,
    },
    format,
    interest::Interest,
};
use activity::ActivityTab;
use configuration::Configuration;
use history::History;

#[component]
pub fn WorkflowPage() -> impl IntoView {
    let id = use_params_map().with_untracked(|params| params.get("id"));
    let data = async move {
        let id = id.and_then(|id| id.parse::<WorkflowId>().ok()).ok_or_else(|| Error::not_found("workflow"))?;
        backend().workflow(id).await
    };
    view! {
        <Loaded data let:snapshot>
            <Content snapshot/>
        </Loaded>
    }
    .into_any()
}

#[component]
fn Content(snapshot: Snapshot<WorkflowCard>) -> impl IntoView {
    let Snapshot { number, data: card } = snapshot;
    let WorkflowCard { workflow, active, last, .. } = card;
    let suspension = (workflow.state == WorkflowState::Suspended).then(|| workflow.state_reason.clone()).flatten();
    // What a step usually takes, for those still to come.
    let usual = last.clone().filter(|last| last.status == Status::Success);
    let active = active.into_iter().map(|execution| view! { <ActiveExecution execution usual=usual.clone()/> });
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
            </div>
            <div class="actions">
                <a class="button" href=format!("/workflows/{id}/edit")>{Icon::Pencil.view()} "Edit"</a>
                <PauseOrResume workflow=id state=workflow.state/>
                <RunNow workflow=id main=true/>
                <WorkflowMenu workflow/>
            </div>
        </header>
    }
    .into_any()
}

#[component]
fn Summary(workflow: Workflow, #[prop(optional_no_strip)] last: Option<Execution>) -> impl IntoView {
    let last = match last {
        Some(last) => view! {
            <small>
                {(last.status == Status::Success).then(|| view! { <span class="success">"Success"</span> " · " })}
                <LastRun last/>
            </small>
        }
        .into_any(),
        None => "never".into_any(),
    };
    view! {
        <dl class="facts">
            <div>
                <dt>"State"</dt>
                <dd><State mark=workflow.state/></dd>
            </div>
            <div>
                <dt>"Schedule"</dt>
                <dd>{workflow.schedule_words.clone()} " " <small>{workflow.time_zone.clone()}</small></dd>
            </div>
            <div>
                <dt>"Next run"</dt>
                <dd><NextRun workflow=workflow.clone()/></dd>
            </div>
            <div>
                <dt>"Last run"</dt>
                <dd>{last}</dd>
            </div>
            <div>
                <dt>"Steps"</dt>
                <dd>{format::execution::steps(workflow.steps)} " " <StepIcons steps=workflow.steps/></dd>
            </div>
        </dl>
    }
    .into_any()
}

/// An execution that runs, with its steps, or one that waits.
#[component]
fn ActiveExecution(execution: Execution, #[prop(optional_no_strip)] usual: Option<Execution>) -> impl IntoView {
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
            <ProgressLine execution=execution.clone()/>
            <StepTimeline execution=execution.clone() usual/>
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
                "activity" => view! { <ActivityTab workflow=id/> }.into_any(),
                _ => view! { <History workflow=id/> }.into_any(),
            }}
        </div>
    }
    .into_any()
}
