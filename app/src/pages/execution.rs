//! `/executions/:id`: one execution: steps, files, log, and what went wrong.

use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::{use_params_map, use_query_map};
use model::{
    Error, ExecutionId, Role, Snapshot,
    delivery::Delivery,
    execution::{Execution, ExecutionFilter, LogLine, Status},
    limits,
};

use crate::{
    api::request::backend,
    components::{
        allowed::may,
        attempts::Attempts,
        cancel::Cancel,
        comparison::Comparison,
        deliveries::Deliveries,
        execution_table::duration,
        first_records::{self, Files, FirstRecords},
        loaded::Loaded,
        log::{self, LogSheet},
        outputs::OutputList,
        queue::QueuePlace,
        run_again::RunAgain,
        state::State,
        steps::StepTimeline,
        time::{Saying, Time},
        watch::Watch,
    },
    format,
    interest::Interest,
};

#[component]
pub fn ExecutionPage() -> impl IntoView {
    let id = use_params_map().with_untracked(|params| params.get("id"));
    view! {
        <Loaded data=load(id, first_records::chosen()) let:loaded>
            <Content loaded/>
        </Loaded>
    }
    .into_any()
}

/// Everything that the page shows.
struct Loads {
    snapshot: Snapshot<Execution>,
    log: Vec<LogLine>,
    deliveries: Vec<Delivery>,
    attempts: Vec<Execution>,
    /// The workflow's newest success before it, once it has ended itself.
    before: Option<Execution>,
    /// Of a success.
    files: Option<Files>,
}

async fn load(id: Option<String>, file: Option<String>) -> Result<Loads, Error> {
    let id = id.and_then(|id| id.parse::<ExecutionId>().ok()).ok_or_else(|| Error::not_found("execution"))?;
    let backend = backend();
    let snapshot = backend.execution(id).await?;
    let log = backend.execution_logs(id, 0, limits::LOG_LINES_MAX).await?;
    let deliveries = backend.execution_deliveries(id).await?;
    let attempts = backend.execution_attempts(id).await?;
    let execution = &snapshot.data;
    let before = if execution.status.is_final() && execution.started_at.is_some() {
        let filter = ExecutionFilter {
            workflow: Some(execution.workflow_id),
            status: Some(Status::Success),
            to: Some(execution.queued_at),
            limit: Some(1),
            ..ExecutionFilter::default()
        };
        backend.executions(filter).await?.data.items.pop()
    } else {
        None
    };
    let files = match execution.status {
        Status::Success => Some(first_records::load(id, file).await?),
        _ => None,
    };
    Ok(Loads { snapshot, log, deliveries, attempts, before, files })
}

#[component]
fn Content(loaded: Loads) -> impl IntoView {
    let Loads { snapshot: Snapshot { number, data: execution }, log: lines, deliveries, attempts, before, files } =
        loaded;
    let id = execution.id;
    let searched = use_query_map().with_untracked(|query| query.get(log::SEARCH));
    let searched = searched.map(|words| words.trim().to_owned()).filter(|words| !words.is_empty());
    let title = format!("{} {}", execution.workflow_name, execution.status.label().to_lowercase());
    let list = files.as_ref().map(|files| {
        view! {
            <section class="sheet" aria-labelledby="files">
                <h2 id="files" class="sheet-head">"Files"</h2>
                <OutputList execution=id files=files.list.clone()/>
            </section>
        }
    });
    view! {
        <Title text=title/>
        <Watch after=number topics=vec![Interest::Execution(id)]/>
        <Header execution=execution.clone()/>
        <Outcome execution=execution.clone()/>
        <div class="beside">
            <div class="stack">
                <Facts execution=execution.clone()/>
                {list}
                {(attempts.len() > 1).then(|| view! { <Attempts attempts here=id/> })}
                <Told execution=execution.clone() deliveries/>
            </div>
            <div class="stack">
                <section class="sheet" aria-labelledby="steps">
                    <h2 id="steps" class="sheet-head">"Steps"</h2>
                    <StepTimeline execution=execution.clone()/>
                </section>
                {files.map(|files| view! { <FirstRecords execution=id files/> })}
                {before.map(|before| view! { <Comparison execution before/> })}
                <LogSheet execution=id lines words=searched/>
            </div>
        </div>
    }
    .into_any()
}

/// Who was told. After a failure that nobody was told of, it says how to change that.
#[component]
fn Told(execution: Execution, deliveries: Vec<Delivery>) -> impl IntoView {
    let content = match (deliveries.is_empty(), execution.status) {
        (false, _) => view! { <Deliveries deliveries project=execution.project_id/> }.into_any(),
        (true, Status::Failed) => view! {
            <p class="soft">
                "Nobody was told of this failure. "
                {may(Role::Editor, execution.project_id).then(|| view! {
                    <a href=format!("/workflows/{}/edit", execution.workflow_id)>"Add recipients to the workflow"</a>
                })}
            </p>
        }
        .into_any(),
        (true, _) => return ().into_any(),
    };
    view! {
        <section class="sheet" aria-labelledby="told">
            <h2 id="told" class="sheet-head">"Notifications"</h2>
            {content}
        </section>
    }
    .into_any()
}

#[component]
fn Header(execution: Execution) -> impl IntoView {
    let workflow = execution.workflow_id;
    let name = execution.workflow_name.clone();
    view! {
        <header class="page-head">
            <div>
                <p class="crumb">
                    <a href="/workflows">"Workflows"</a> " / " <a href=format!("/workflows/{workflow}")>{name.clone()}</a>
                </p>
                <h1>{name} ", " <Time at=execution.queued_at saying=Saying::Moment/></h1>
                <p role="status"><State mark=execution.status/></p>
            </div>
            <div class="actions">
                <Cancel execution=execution.clone()/>
                <RunAgain execution main=true/>
            </div>
        </header>
    }
    .into_any()
}

#[component]
fn Facts(execution: Execution) -> impl IntoView {
    let fact = |name: &'static str, value: Option<AnyView>| {
        value.map(|value| view! { <div><dt>{name}</dt> <dd>{value}</dd></div> })
    };
    let lasts = if execution.status == Status::Queued {
        fact("Waiting", Some(view! { <QueuePlace execution=execution.clone()/> }.into_any()))
    } else {
        fact("Duration", duration(&execution))
    };
    let first =
        execution.retry_of.map(|id| view! { <a href=format!("/executions/{id}")>"First attempt"</a> }.into_any());
    view! {
        <dl class="facts">
            {fact("Trigger", Some(format::execution::trigger(&execution).into_any()))}
            {lasts}
            {fact("Due", execution.due_at.map(|at| view! { <Time at saying=Saying::Moment/> }.into_any()))}
            {fact("Records", execution.records.map(|records| format::number(records).into_any()))}
            {fact("Configuration", execution.configuration_version.map(|version| version.to_string().into_any()))}
            {fact("Retry of", first)}
            {fact("Cancelled by", execution.cancelled_by.map(IntoAny::into_any))}
        </dl>
    }
    .into_any()
}

/// What went wrong, at which step, and how the destination was left.
#[component]
fn Outcome(execution: Execution) -> impl IntoView {
    let status = execution.status;
    let step = execution.current_step().map(|run| run.step.label());
    let error = execution.error.clone().map(|error| {
        let heading = match (status, step) {
            (Status::Failed, Some(step)) => format!("Failed at {step}: "),
            (status, _) => format!("{}: ", status.label()),
        };
        view! { <p class="cause"><b>{heading}</b> {error}</p> }
    });
    let stopped = matches!(status, Status::Cancelled | Status::Failed | Status::Interrupted);
    let destination = match execution.destination_unchanged.filter(|_| stopped) {
        Some(true) => view! { <p class="soft">"The destination is unchanged."</p> }.into_any(),
        Some(false) => view! { <p class="cause mild">"The destination may be half written: verify it."</p> }.into_any(),
        None => ().into_any(),
    };
    let advice = (status == Status::Cancelled).then(|| {
        let go_on = execution.resumes_from().map(|from| format!(" Run again from {from} goes on with those results."));
        view! {
            <p class="soft">
                "Steps that completed kept their results. A fresh run from the beginning is the safe choice." {go_on}
            </p>
        }
    });
    let to_do = format::advice::advice(&execution).map(|advice| {
        let link = advice.link.map(|(href, word)| view! { <a href=href>{word}</a> });
        view! { <p class="to-do"><b>"What to do: "</b> {advice.text} " " {link}</p> }
    });
    view! { {error} {to_do} {destination} {advice} }
}
