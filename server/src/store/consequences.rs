//! What follows from the end of an execution: a retry, the count of failed runs, suspension.

use std::time::Duration;

use model::{
    ExecutionId,
    execution::{Execution, Status, Trigger},
    limits,
};
use sqlx::sqlite::SqliteRow;

use super::{
    StoreResult,
    execution_row::{self, NewExecution},
    queue,
    row::{Bytes, Columns},
    statements::statements,
    workflows,
    writer::Tx,
};

statements! {
    RULES = "SELECT retry_delays_s, suspend_after, failed_runs, state FROM workflows WHERE id = ?";
    RESET_FAILED_RUNS = "UPDATE workflows SET failed_runs = 0 WHERE id = ? AND failed_runs > 0";
    SET_FAILED_RUNS = "UPDATE workflows SET failed_runs = ? WHERE id = ?";
    SUSPEND = "UPDATE workflows SET state = 'suspended', state_reason = ?, next_run_at = NULL WHERE id = ?";
}

/// To be called in the transaction that ended `execution`.
pub(super) async fn follow(tx: &mut Tx, execution: &Execution) -> StoreResult<()> {
    match execution.status {
        Status::Success => {
            let workflow = execution.workflow_id.bytes();
            sqlx::query(RESET_FAILED_RUNS).bind(workflow).execute(&mut tx.connection).await?;
            Ok(())
        }
        // Who asked for it to be cancelled wants no retry of it, even when it failed before it saw the request.
        Status::Failed if execution.cancelled_by.is_some() => Ok(()),
        Status::Failed => {
            let workflow = execution.workflow_id.bytes();
            let rules = sqlx::query(RULES).bind(workflow).fetch_one(&mut tx.connection).await?;
            if execution.attempt < execution.attempts {
                retry(tx, execution, &rules).await
            } else {
                count_failed_run(tx, execution, &rules).await
            }
        }
        Status::Queued | Status::Running | Status::Cancelling | Status::Cancelled | Status::Interrupted => Ok(()),
    }
}

async fn retry(tx: &mut Tx, failed: &Execution, rules: &SqliteRow) -> StoreResult<()> {
    let delays: Vec<u32> = rules.json("retry_delays_s")?;
    let place = usize::try_from(failed.attempt - 1).expect("attempts are few");
    let last_resort = limits::RETRY_DELAYS_DEFAULT_S[place.min(limits::RETRY_DELAYS_DEFAULT_S.len() - 1)];
    let delay_s = delays.get(place).copied().unwrap_or(last_resort);
    let ready_at = tx.now().plus(Duration::from_secs(delay_s.into()));
    let new = queue::new_execution(tx, failed.workflow_id, Trigger::Retry).await?;
    let execution = Execution {
        original_trigger: failed.original_trigger,
        requested_by: failed.requested_by.clone(),
        attempt: failed.attempt + 1,
        attempts: failed.attempts,
        retry_of: Some(first_attempt(failed)),
        ready_at: Some(ready_at),
        due_at: failed.due_at,
        late: failed.late,
        ..new
    };
    execution_row::insert(tx, NewExecution { execution, key: None, ready_at, interruptions: 0 }).await?;
    Ok(())
}

async fn count_failed_run(tx: &mut Tx, execution: &Execution, rules: &SqliteRow) -> StoreResult<()> {
    let workflow = execution.workflow_id;
    let failed_runs = rules.integer("failed_runs")? + 1;
    sqlx::query(SET_FAILED_RUNS).bind(failed_runs).bind(workflow.bytes()).execute(&mut tx.connection).await?;
    let limit = rules.integer("suspend_after")?;
    if limit == 0 || failed_runs < limit || rules.text("state")? != "active" {
        return Ok(());
    }
    let reason = if failed_runs == 1 {
        "The last run failed.".to_owned()
    } else {
        format!("The last {failed_runs} runs failed, one after another.")
    };
    sqlx::query(SUSPEND).bind(reason).bind(workflow.bytes()).execute(&mut tx.connection).await?;
    workflows::announce(tx, workflow).await
}

/// The first attempt of the run that an execution belongs to.
pub(super) fn first_attempt(execution: &Execution) -> ExecutionId {
    execution.retry_of.unwrap_or(execution.id)
}
