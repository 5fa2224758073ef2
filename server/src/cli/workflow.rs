//! `millrace workflow`: list, run, pause, resume.

use app::format::execution::accepted;
use clap::{Args, Subcommand};
use model::{
    Step,
    execution::{Execution, Status},
    workflow::{Workflow, WorkflowSort, WorkflowState},
};
use reqwest::{Method, header::HeaderValue};
use serde::Serialize;

use super::{
    EXIT_STATUS, Outcome,
    client::{Client, Document},
    failure::Failure,
    find,
    follow::follow,
    list::{Extent, List, query},
    one_of,
    output::{Output, plain},
    table::{table, time},
};

#[derive(Debug, Subcommand)]
pub enum Request {
    /// List workflows with their state and their next run
    List(Filter),
    /// Run a workflow now
    #[command(after_help = EXIT_STATUS)]
    Run(Run),
    /// Pause a workflow: it does not start by itself until it is resumed
    Pause(Named),
    /// Resume a workflow that is paused or suspended
    Resume(Named),
}

#[derive(Debug, Args)]
pub struct Filter {
    /// Part of the workflow's or project's name
    #[arg(long, value_name = "TEXT")]
    q: Option<String>,
    /// Only workflows in this state
    #[arg(long, value_name = "STATE", value_parser = one_of(WorkflowState::ALL.map(WorkflowState::as_str)))]
    state: Option<String>,
    /// Only workflows whose last execution ended like this
    #[arg(long, value_name = "STATUS", value_parser = one_of(Status::ALL.map(Status::as_str)))]
    outcome: Option<String>,
    /// Only workflows of this project
    #[arg(long, value_name = "NAME|ID")]
    project: Option<String>,
    /// The order of the list
    #[arg(long, value_name = "ORDER", value_parser = one_of(WorkflowSort::ALL.map(WorkflowSort::as_str)))]
    sort: Option<String>,
    #[command(flatten)]
    extent: Extent,
}

#[derive(Debug, Args)]
pub struct Named {
    /// The workflow
    #[arg(value_name = "NAME|ID")]
    workflow: String,
}

#[derive(Debug, Args)]
pub struct Run {
    #[command(flatten)]
    named: Named,
    /// Begin at this step, on the project's results of the steps before it
    #[arg(long, value_name = "STEP", value_parser = one_of(Step::ALL.map(Step::as_str)))]
    from: Option<String>,
    /// Follow the run to its end; the exit status tells how it ended
    #[arg(long)]
    follow: bool,
    /// The same key for the same workflow is the same execution, however often it is sent
    #[arg(long, value_name = "KEY", value_parser = printable)]
    idempotency_key: Option<HeaderValue>,
}

fn printable(key: &str) -> Result<HeaderValue, String> {
    let key = HeaderValue::from_str(key).ok().filter(|key| key.to_str().is_ok_and(|key| !key.trim().is_empty()));
    key.ok_or_else(|| "say printable ASCII characters".to_owned())
}

impl Request {
    pub(super) async fn perform(self, client: &Client, output: &mut Output) -> Result<Outcome, Failure> {
        match self {
            Request::List(filter) => list(client, output, filter).await.map(|()| Outcome::Done),
            Request::Run(run) => run_now(client, output, run).await,
            Request::Pause(named) => switch(client, output, &named, "pause").await.map(|()| Outcome::Done),
            Request::Resume(named) => switch(client, output, &named, "resume").await.map(|()| Outcome::Done),
        }
    }
}

async fn list(client: &Client, output: &mut Output, filter: Filter) -> Result<(), Failure> {
    let query = query([
        ("q", filter.q),
        ("state", filter.state),
        ("outcome", filter.outcome),
        ("project", find::project_if_any(client, filter.project.as_deref()).await?),
        ("sort", filter.sort),
    ]);
    let list = List::fetch(client, "/workflows", &query, &filter.extent).await?;
    list.print(client, output, "There is no such workflow.", |workflows: Vec<Workflow>| {
        let row = |workflow: Workflow| {
            [
                workflow.name,
                workflow.state.as_str().to_owned(),
                workflow.schedule_words,
                workflow.next_run_at.map(time).unwrap_or_default(),
                workflow.project_name,
                workflow.id.to_string(),
            ]
        };
        table(["NAME", "STATE", "SCHEDULE", "NEXT RUN (UTC)", "PROJECT", "ID"], workflows.into_iter().map(row))
    })
}

async fn run_now(client: &Client, output: &mut Output, run: Run) -> Result<Outcome, Failure> {
    /// As the API wants it: nothing has to be said.
    #[derive(Serialize)]
    struct Wish {
        #[serde(skip_serializing_if = "Option::is_none")]
        from: Option<String>,
    }
    let workflow = find::workflow(client, &run.named.workflow).await?;
    let mut request = client.request(Method::POST, &format!("/workflows/{workflow}/executions"));
    if let Some(key) = run.idempotency_key {
        request = request.header("idempotency-key", key);
    }
    let document = client.ask(request.json(&Wish { from: run.from })).await?;
    let execution: Execution = document.read()?;
    if run.follow {
        return follow(client, execution.id, output).await;
    }
    if output.is_json() {
        output.text(document.text)?;
    } else {
        output.text(plain(&accepted(&execution)))?;
        output.text(format_args!("Watch it with  millrace execution follow {}", execution.id))?;
    }
    Ok(Outcome::Done)
}

async fn switch(client: &Client, output: &mut Output, named: &Named, verb: &str) -> Result<(), Failure> {
    let workflow = find::workflow(client, &named.workflow).await?;
    let document = client.post(&format!("/workflows/{workflow}/{verb}")).await?;
    if output.is_json() {
        return output.text(document.text);
    }
    output.text(state(&document)?)
}

/// How a workflow stands now.
fn state(document: &Document) -> Result<String, Failure> {
    let workflow: Workflow = document.read()?;
    let name = plain(&workflow.name);
    Ok(match (workflow.state, workflow.next_run_at) {
        (WorkflowState::Active, Some(next)) => format!("“{name}” is active and runs next at {} UTC.", time(next)),
        (WorkflowState::Active, None) => format!("“{name}” is active."),
        (state, _) => format!("“{name}” is {}.", state.as_str()),
    })
}
