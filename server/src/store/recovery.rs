//! What a new process does with executions that an earlier one left Running.

use futures::FutureExt;
use model::{
    Error, ExecutionId,
    execution::{Execution, Status, Trigger},
    limits,
};

use super::{
    Store, StoreResult, consequences,
    execution_row::{self, NewExecution, StoredExecution, select_executions},
    queue,
    settle::finish,
    statements::statements,
    writer::Tx,
};

statements! {
    LEFT = select_executions!("WHERE e.status IN ('running', 'cancelling') AND e.epoch < ? ORDER BY e.number");
}

/// An execution whose process is gone, and what became of its files for download.
#[derive(Clone, Copy, Debug)]
pub struct Interrupted {
    pub execution: ExecutionId,
    /// See [`Execution::destination_unchanged`].
    pub destination_unchanged: Option<bool>,
}

impl Store {
    /// Executions that an earlier process left running or cancelling, in queue order.
    pub async fn left_running(&self) -> StoreResult<Vec<Execution>> {
        let mut snapshot = self.read().await?;
        let rows = sqlx::query(LEFT).bind(self.epoch).fetch_all(&mut *snapshot).await?;
        Ok(StoredExecution::read_all(&rows)?.into_iter().map(|stored| stored.execution).collect())
    }

    /// Ends an execution whose process is gone. It becomes Interrupted with a recovery queued in its place; after too
    /// many interruptions in a row it is Failed instead, and one that was being cancelled is Cancelled.
    pub async fn interrupt(&self, interrupted: Interrupted) -> StoreResult<Option<Execution>> {
        let epoch = self.epoch;
        self.write(move |tx| interrupt(tx, interrupted, epoch).boxed()).await
    }
}

async fn interrupt(tx: &mut Tx, interrupted: Interrupted, epoch: i64) -> StoreResult<Option<Execution>> {
    let stored = execution_row::find(&mut tx.connection, interrupted.execution).await?;
    let mut stored = stored.ok_or_else(|| Error::not_found("execution"))?;
    let before = stored.execution.status;
    if !before.is_active() || stored.epoch == Some(epoch) {
        return Ok(None);
    }
    stored.execution.destination_unchanged = interrupted.destination_unchanged;
    let interruptions = stored.interruptions + 1;
    let status = match before {
        Status::Cancelling => Status::Cancelled,
        _ if interruptions > limits::RECOVERIES_IN_A_ROW_MAX => Status::Failed,
        _ => Status::Interrupted,
    };
    stored.execution.error = match status {
        Status::Failed => Some(format!(
            "The server stopped while this was running, for the {interruptions}th time in a row; it is not recovered again."
        )),
        Status::Interrupted => Some("The server stopped while this was running.".to_owned()),
        Status::Queued | Status::Running | Status::Cancelling | Status::Success | Status::Cancelled => None,
    };
    finish(&mut stored.execution, status, None, tx.now());
    execution_row::update(tx, &stored, before).await?;
    consequences::follow(tx, &stored, interruptions).await?;
    if status == Status::Interrupted {
        recover(tx, &stored, interruptions).await?;
    }
    Ok(Some(stored.execution))
}

/// Queues the same attempt again, at the place in the queue that the interrupted one had.
pub(super) async fn recover(tx: &mut Tx, interrupted: &StoredExecution, interruptions: u32) -> StoreResult<()> {
    let lost = &interrupted.execution;
    let (origin, _) = queue::find_origin(tx, lost.workflow_id).await?;
    let new = origin.first_attempt(tx, Trigger::Recovery, lost.from);
    let execution = Execution {
        original_trigger: lost.original_trigger,
        requested_by: lost.requested_by.clone(),
        attempt: lost.attempt,
        attempts: lost.attempts,
        retry_of: lost.retry_of,
        recovery_of: Some(lost.id),
        due_at: lost.due_at,
        late: lost.late,
        folded: lost.folded,
        ..new
    };
    let ready_at = interrupted.ready_at;
    execution_row::insert(tx, NewExecution { execution, key: None, ready_at, interruptions }).await?;
    Ok(())
}
