//! What goes on where an execution ended: the retry after a failed attempt, the recovery after an interruption.

use std::time::Duration;

use model::{
    ExecutionId,
    execution::{Execution, Status, Trigger},
};

use super::patience::patiently;
use crate::cli::{
    client::Client,
    failure::Failure,
    list::{List, query},
};

/// The end and what comes after it are one transaction; this allows for a clock that is set right meanwhile.
const AROUND: Duration = Duration::from_secs(60);

/// The execution that carries on the run of one that has ended.
pub(super) async fn after(client: &Client, ended: &Execution) -> Result<Option<ExecutionId>, Failure> {
    let trigger = match ended.status {
        Status::Failed if ended.attempt < ended.attempts && ended.cancelled_by.is_none() => Trigger::Retry,
        Status::Interrupted => Trigger::Recovery,
        Status::Queued
        | Status::Running
        | Status::Cancelling
        | Status::Success
        | Status::Failed
        | Status::Cancelled => return Ok(None),
    };
    let Some(end) = ended.finished_at else { return Ok(None) };
    let around = query([
        ("workflow", Some(ended.workflow_id.to_string())),
        ("trigger", Some(trigger.as_str().to_owned())),
        ("from", Some(end.minus(AROUND).to_string())),
        ("to", Some(end.plus(AROUND).to_string())),
    ]);
    let candidates = patiently(client, async || List::all::<Execution>(client, "/executions", &around).await).await?;
    Ok(candidates.iter().find(|candidate| carries_on(candidate, ended)).map(|candidate| candidate.id))
}

fn carries_on(candidate: &Execution, ended: &Execution) -> bool {
    match candidate.trigger {
        Trigger::Retry => {
            let first = ended.retry_of.unwrap_or(ended.id);
            candidate.retry_of == Some(first) && candidate.attempt == ended.attempt + 1
        }
        Trigger::Recovery => candidate.recovery_of == Some(ended.id),
        Trigger::Scheduled | Trigger::Manual | Trigger::Api => false,
    }
}
