//! `millrace execution`: list, show, cancel, follow.

use app::format::{self, execution as words, number};
use clap::{Args, Subcommand};
use model::{
    ExecutionId,
    execution::{Execution, Output as File, Status, StepRun, Trigger},
};
use serde::Deserialize;

use super::{
    EXIT_STATUS, Outcome,
    client::Client,
    failure::Failure,
    find,
    follow::{follow, words::waits},
    list::{Extent, List, query},
    one_of,
    output::Output,
    table::{lines, table, time},
};

#[derive(Debug, Subcommand)]
pub enum Request {
    /// List executions, newest first
    List(Filter),
    /// Show one execution: its steps, its outcome, its files
    Show(Named),
    /// Cancel an execution that waits or runs
    Cancel(Named),
    /// Follow a run live to its end; the exit status tells how it ended
    #[command(after_help = EXIT_STATUS)]
    Follow(Named),
}

#[derive(Debug, Args)]
pub struct Named {
    /// The execution
    #[arg(value_name = "ID")]
    execution: ExecutionId,
}

#[derive(Debug, Args)]
pub struct Filter {
    /// Only executions of this workflow
    #[arg(long, value_name = "NAME|ID")]
    workflow: Option<String>,
    /// Only executions of workflows of this project
    #[arg(long, value_name = "NAME|ID")]
    project: Option<String>,
    /// Only executions with this status
    #[arg(long, value_name = "STATUS", value_parser = one_of(Status::ALL.map(Status::as_str)))]
    status: Option<String>,
    /// Only executions that exist for this reason
    #[arg(long, value_name = "TRIGGER", value_parser = one_of(Trigger::ALL.map(Trigger::as_str)))]
    trigger: Option<String>,
    /// Only executions queued at this time or later, such as 2026-01-31T02:00:00Z
    #[arg(long, value_name = "TIME")]
    from: Option<String>,
    /// Only executions queued before this time
    #[arg(long, value_name = "TIME")]
    to: Option<String>,
    /// Words in the error
    #[arg(long, value_name = "TEXT")]
    q: Option<String>,
    #[command(flatten)]
    extent: Extent,
}

impl Request {
    pub(super) async fn perform(self, client: &Client, output: &mut Output) -> Result<Outcome, Failure> {
        match self {
            Request::List(filter) => list(client, output, filter).await?,
            Request::Show(named) => show(client, output, named.execution).await?,
            Request::Cancel(named) => cancel(client, output, named.execution).await?,
            Request::Follow(named) => return follow(client, named.execution, output).await,
        }
        Ok(Outcome::Done)
    }
}

async fn list(client: &Client, output: &mut Output, filter: Filter) -> Result<(), Failure> {
    let query = query([
        ("workflow", find::workflow_if_any(client, filter.workflow.as_deref()).await?),
        ("project", find::project_if_any(client, filter.project.as_deref()).await?),
        ("status", filter.status),
        ("trigger", filter.trigger),
        ("from", filter.from),
        ("to", filter.to),
        ("q", filter.q),
    ]);
    let list = List::fetch(client, "/executions", &query, &filter.extent).await?;
    list.print(client, output, "There is no such execution.", |executions: Vec<Execution>| {
        let row = |execution: Execution| {
            [
                time(execution.queued_at),
                execution.status.as_str().to_owned(),
                words::trigger(&execution),
                words::ran_for(&execution).unwrap_or_default(),
                execution.records.map(number).unwrap_or_default(),
                execution.id.to_string(),
                execution.workflow_name,
            ]
        };
        table(
            ["QUEUED (UTC)", "STATUS", "TRIGGER", ">TOOK", ">RECORDS", "ID", "WORKFLOW"],
            executions.into_iter().map(row),
        )
    })
}

async fn show(client: &Client, output: &mut Output, id: ExecutionId) -> Result<(), Failure> {
    #[derive(Deserialize)]
    struct Files {
        items: Vec<File>,
    }
    let document = client.execution(id).await?;
    if output.is_json() {
        return output.text(document.text);
    }
    let execution: Execution = document.read()?;
    let files: Files = client.get(&format!("/executions/{id}/outputs"), &[]).await?.read()?;
    output.text(summary(&execution))?;
    output.text("")?;
    output.text(steps(&execution.steps))?;
    if !files.items.is_empty() {
        output.text("")?;
        let row = |file: File| [file.name, format::bytes(file.bytes), file.rows.map(number).unwrap_or_default()];
        output.text(table(["FILE", ">SIZE", ">RECORDS"], files.items.into_iter().map(row)))?;
    }
    Ok(())
}

fn summary(execution: &Execution) -> String {
    let utc = |at| format!("{} UTC", time(at));
    let took = words::ran_for(execution).map(|took| format!(", after {took}")).unwrap_or_default();
    let waits = execution.queue_reason.as_ref().map(waits);
    lines([
        ("Workflow", Some(format!("{} ({})", execution.workflow_name, execution.workflow_id))),
        ("Execution", Some(execution.id.to_string())),
        ("Status", Some(execution.status.as_str().to_owned())),
        ("Trigger", Some(words::trigger(execution))),
        ("Attempt", (execution.attempts > 1).then(|| format!("{} of {}", execution.attempt, execution.attempts))),
        ("Queued", Some(utc(execution.queued_at))),
        ("In line", execution.queue_position.map(format::ordinal)),
        ("Waits", waits),
        ("Started", execution.started_at.map(utc)),
        ("Ended", execution.finished_at.map(|at| format!("{}{took}", utc(at)))),
        ("Cancelled by", execution.cancelled_by.clone()),
        ("Records", execution.records.map(number)),
        ("Error", execution.error.clone()),
    ])
}

fn steps(steps: &[StepRun]) -> String {
    let row = |run: &StepRun| {
        let took = run.started_at.zip(run.finished_at).map(|(start, end)| format::duration(end.since(start)));
        [
            run.step.as_str().to_owned(),
            run.status.as_str().to_owned(),
            took.unwrap_or_default(),
            run.rows_in.map(number).unwrap_or_default(),
            run.rows_out.map(number).unwrap_or_default(),
            run.summary.clone().unwrap_or_default(),
        ]
    };
    table(["STEP", "STATUS", ">TOOK", ">ROWS IN", ">ROWS OUT", "SUMMARY"], steps.iter().map(row))
}

async fn cancel(client: &Client, output: &mut Output, id: ExecutionId) -> Result<(), Failure> {
    let document = client.post(&format!("/executions/{id}/cancel")).await?;
    if output.is_json() {
        return output.text(document.text);
    }
    output.text(words::cancelled(&document.read()?))
}
