//! What happens to an execution after its claim: steps, the request to cancel, the end.
//!
//! **Architecture invariant:** every change here is conditional on the state and on the claim's epoch, so whoever comes
//! late changes nothing. One transaction ends an execution, frees its slot and starts the next.

use futures::FutureExt;
use model::{
    Author, Error, ExecutionId, Step, Timestamp,
    activity::ActivityKind,
    execution::{Execution, Output, Status, StepRun, StepStatus},
};

use super::{
    Store, StoreResult,
    activity::Entry,
    consequences,
    execution_row::{self, StoredExecution},
    queue::{self, Claims},
    recovery,
    writer::Tx,
};

/// The error of an execution that a stop of the server in good order interrupted.
const STOPPED: &str = "The server was stopped while this was running.";

/// What a running execution has done so far.
#[derive(Clone, Debug)]
pub struct StepsDone {
    pub execution: ExecutionId,
    pub steps: Vec<StepRun>,
    /// Rows imported.
    pub records: Option<u64>,
}

/// How a run ended, as the executor saw it.
#[derive(Clone, Debug)]
pub enum Ending {
    Success {
        outputs: Vec<Output>,
    },
    /// `step` is the one that failed, if it was one of them.
    Failed {
        step: Option<Step>,
        error: String,
    },
    /// It was stopped by a limit, such as its timeout. Failed, unless a person asked to cancel it before it stopped.
    Halted {
        step: Step,
        error: String,
    },
    /// It stopped because it was told to. Whether a person asked for that is in the row; otherwise this process is
    /// ending in good order, and a recovery is queued that the next one starts.
    Stopped,
}

/// The end of a run.
#[derive(Clone, Debug)]
pub struct Settlement {
    pub done: StepsDone,
    pub ending: Ending,
    /// See [`Execution::destination_unchanged`].
    pub destination_unchanged: Option<bool>,
    /// Slots for the executions that start in its place; `None` when none may start any more.
    pub slots: Option<u32>,
}

/// What a settlement led to.
#[derive(Clone, Debug)]
pub struct Settled {
    /// The execution in its final state; `None` if it was left as it is.
    pub execution: Option<Execution>,
    pub claims: Claims,
}

impl Store {
    /// Records which steps have started and ended. Late news of an execution that is over changes nothing.
    pub async fn record_steps(&self, done: StepsDone) -> StoreResult<()> {
        let epoch = self.epoch;
        self.write_late(move |tx| {
            async move {
                let Some(mut stored) = find_claimed(tx, done.execution, epoch).await? else { return Ok(()) };
                let status = stored.execution.status;
                stored.execution.steps = done.steps;
                stored.execution.records = done.records;
                execution_row::update(tx, &stored, status).await
            }
            .boxed()
        })
        .await
    }

    /// Ends an execution with all that follows from it, and starts the next ones.
    pub async fn settle(&self, settlement: Settlement) -> StoreResult<Settled> {
        let epoch = self.epoch;
        self.write_late(move |tx| settle(tx, settlement, epoch).boxed()).await
    }

    /// Cancels a queued execution, or asks a running one to stop; the latter ends when it has stopped.
    ///
    /// # Errors
    /// `NotFound`; `Conflict` when it is over already.
    pub async fn cancel(&self, id: ExecutionId, by: Author) -> StoreResult<Execution> {
        self.write_late(move |tx| cancel(tx, id, by).boxed()).await
    }
}

/// The execution, if it still is in the hands of this epoch.
async fn find_claimed(tx: &mut Tx, id: ExecutionId, epoch: i64) -> StoreResult<Option<StoredExecution>> {
    let stored = execution_row::find_first(tx, id).await?;
    Ok(stored.filter(|stored| stored.epoch == Some(epoch) && stored.execution.status.is_active()))
}

async fn settle(tx: &mut Tx, settlement: Settlement, epoch: i64) -> StoreResult<Settled> {
    let id = settlement.done.execution;
    let mut settled = Settled { execution: None, claims: Claims::default() };
    if let Some(mut stored) = find_claimed(tx, id, epoch).await? {
        let before = stored.execution.status;
        stored.execution.steps = settlement.done.steps;
        stored.execution.records = settlement.done.records;
        stored.execution.destination_unchanged = settlement.destination_unchanged;
        let (status, step, error, outputs) = match settlement.ending {
            Ending::Success { outputs } => (Status::Success, None, None, Some(outputs)),
            Ending::Failed { step, error } => (Status::Failed, step, Some(error), None),
            Ending::Halted { .. } | Ending::Stopped if before == Status::Cancelling => {
                (Status::Cancelled, None, None, None)
            }
            Ending::Halted { step, error } => (Status::Failed, Some(step), Some(error), None),
            Ending::Stopped => (Status::Interrupted, None, Some(STOPPED.to_owned()), None),
        };
        stored.execution.error = error;
        stored.outputs = outputs;
        finish(&mut stored.execution, status, step, tx.now());
        execution_row::update(tx, &stored, before).await?;
        consequences::follow(tx, &stored, 0).await?;
        if status == Status::Interrupted {
            // A stop in good order says nothing against the execution: it does not count as one more interruption.
            recovery::recover(tx, &stored, stored.interruptions).await?;
        }
        settled.execution = Some(stored.execution);
    }
    if let Some(slots) = settlement.slots {
        settled.claims = queue::claim(tx, slots).await?;
    }
    Ok(settled)
}

async fn cancel(tx: &mut Tx, id: ExecutionId, by: Author) -> StoreResult<Execution> {
    let stored = execution_row::find_first(tx, id).await?;
    let mut stored = stored.ok_or_else(|| Error::not_found("execution"))?;
    let before = stored.execution.status;
    match before {
        Status::Queued => {
            stored.execution.cancelled_by = Some(by.name.clone());
            tx.record(Entry::execution(&stored.execution, ActivityKind::CancelRequested).by(by));
            stored.execution.cancelled_at = Some(tx.now());
            finish(&mut stored.execution, Status::Cancelled, None, tx.now());
            execution_row::update(tx, &stored, before).await?;
        }
        Status::Running => {
            stored.execution.cancelled_by = Some(by.name.clone());
            tx.record(Entry::execution(&stored.execution, ActivityKind::CancelRequested).by(by));
            stored.execution.cancelled_at = Some(tx.now());
            stored.execution.status = Status::Cancelling;
            execution_row::update(tx, &stored, before).await?;
            tx.effects.stop.push(id);
        }
        Status::Cancelling => {}
        Status::Success | Status::Failed | Status::Cancelled | Status::Interrupted => {
            let message = format!("This execution is over already: {}.", before.label());
            return Err(Error::conflict(message).into());
        }
    }
    Ok(stored.execution)
}

/// Puts an execution and its steps into a final state. `failed` is the step that failed, when the engine named one.
pub(super) fn finish(execution: &mut Execution, status: Status, failed: Option<Step>, now: Timestamp) {
    execution.status = status;
    // A clock that was set back does not make a run shorter than nothing.
    let end = execution.started_at.map_or(now, |started| started.max(now));
    execution.finished_at = Some(end);
    for run in &mut execution.steps {
        let stopped = run.status == StepStatus::Running || failed == Some(run.step);
        if stopped && status != Status::Success {
            run.status = if status == Status::Failed { StepStatus::Failed } else { StepStatus::Cancelled };
            run.finished_at = Some(run.started_at.map_or(end, |started| started.max(end)));
            run.error.clone_from(&execution.error);
        } else if run.status == StepStatus::Pending {
            run.status = StepStatus::Skipped;
        }
    }
}
