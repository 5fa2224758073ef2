//! Rules of an execution's life: its states, its steps, its end, and what follows from the end.

use model::{delivery::Occasion, execution::StepStatus};

use super::{Audit, Audited, Execution, Known, Owed, Status, Timestamp, WorkflowState, check, limits};

/// How the error of an execution begins whose process died.
const DIED: &str = "The server stopped while this was running";

impl Audit {
    pub(super) fn changed(&mut self, mut known: Known, execution: &Execution, at: Timestamp) -> Audited {
        let before = &known.execution;
        check(!before.status.is_final(), || format!("changed after its end: {before:?}"))?;
        let moves = before.status == execution.status || before.status.may_become(execution.status);
        check(moves, || format!("{:?} became {:?}", before.status, execution.status))?;
        let recovered = before.status == Status::Cancelling && execution.status == Status::Interrupted;
        check(!recovered, || "cancelled, and recovered all the same".to_owned())?;
        let same = before.workflow_id == execution.workflow_id
            && before.trigger == execution.trigger
            && before.attempt == execution.attempt
            && before.queued_at == execution.queued_at
            && before.due_at == execution.due_at
            && before.folded <= execution.folded;
        check(same, || format!("something else became of {before:?}"))?;
        if execution.status == Status::Running && before.status == Status::Queued {
            self.may_start(&known, execution, at)?;
            let starts = execution.started_at.is_some_and(|started| started <= at);
            check(starts, || "started at no time, or later".to_owned())?;
            known.timeout_s = self.workflows[&execution.workflow_id].workflow.timeout_s;
        } else {
            check(before.started_at == execution.started_at, || "started twice".to_owned())?;
        }
        if execution.status.is_final() {
            check_end(execution)?;
            self.unfinished.remove(&execution.id);
            self.owed = self.follows(&known, execution)?;
        }
        let known = Known { execution: execution.clone(), ..known };
        self.executions.insert(execution.id, known);
        Ok(())
    }

    /// What the end of an execution must bring with it.
    fn follows(&mut self, before: &Known, ended: &Execution) -> Audited<Option<Owed>> {
        let workflow = self.workflows.get_mut(&ended.workflow_id).ok_or("no workflow")?;
        let died = ended.error.as_deref().is_some_and(|error| error.starts_with(DIED));
        let interruptions = match ended.status {
            _ if died => before.interruptions + 1,
            // A stop in good order.
            Status::Interrupted => before.interruptions,
            _ => 0,
        };
        // A stop in good order is recovered always, also that of a retry that follows an attempt that was given up.
        let too_often = interruptions > limits::RECOVERIES_IN_A_ROW_MAX;
        check(!died || (ended.status == Status::Failed) == too_often, || {
            format!("{:?} after {interruptions} interruptions in a row", ended.status)
        })?;
        let lost = Known { execution: ended.clone(), interruptions, ..before.clone() };
        match ended.status {
            Status::Success => {
                workflow.failed_runs = 0;
                self.news.owe(Occasion::Success, ended.id, &workflow.workflow);
            }
            Status::Interrupted => return Ok(Some(Owed::Recovery(Box::new(lost)))),
            Status::Failed if ended.cancelled_by.is_some() => {}
            Status::Failed if ended.attempt < ended.attempts => {
                return Ok(Some(Owed::Retry(Box::new(lost))));
            }
            Status::Failed => {
                workflow.failed_runs += 1;
                self.news.owe(Occasion::Failure, ended.id, &workflow.workflow);
                let limit = workflow.workflow.suspend_after;
                if limit > 0 && workflow.failed_runs >= limit && workflow.workflow.state == WorkflowState::Active {
                    self.news.owe(Occasion::Suspended, ended.id, &workflow.workflow);
                    return Ok(Some(Owed::Suspension(ended.workflow_id)));
                }
            }
            Status::Cancelled => {
                check(ended.cancelled_by.is_some(), || "nobody cancelled it".to_owned())?;
            }
            Status::Queued | Status::Running | Status::Cancelling => {}
        }
        Ok(None)
    }
}

/// The record of an execution that is over says the same in all its parts.
fn check_end(execution: &Execution) -> Audited {
    let ended = execution.finished_at.ok_or("over, and ended at no time")?;
    check(execution.started_at.is_none_or(|started| started <= ended), || "ended before it started".to_owned())?;
    check(execution.error.is_some() == matches!(execution.status, Status::Failed | Status::Interrupted), || {
        "an error belongs to what failed or was interrupted, and to nothing else".to_owned()
    })?;
    let kept = execution.steps.iter().take_while(|run| execution.from.is_some_and(|from| run.step < from)).count();
    let (kept, ran) = execution.steps.split_at(kept);
    let is_kept = kept.iter().all(|run| run.status == StepStatus::Skipped);
    check(is_kept, || "a step before the one that it began at is not skipped".to_owned())?;
    let count = |status| ran.iter().filter(|run| run.status == status).count();
    let of = |statuses: &[StepStatus]| statuses.iter().map(|status| count(*status)).sum::<usize>();
    check(!ran.is_empty(), || "no steps".to_owned())?;
    check(of(&[StepStatus::Pending, StepStatus::Running]) == 0, || "over, but a step is not".to_owned())?;
    let stopped = of(&[StepStatus::Failed, StepStatus::Cancelled]);
    let whole = match execution.status {
        Status::Success => count(StepStatus::Success) == ran.len(),
        Status::Failed => stopped == count(StepStatus::Failed) && stopped <= 1,
        _ => stopped == count(StepStatus::Cancelled) && stopped <= 1,
    };
    check(whole, || "its steps do not fit its end".to_owned())?;
    // Done, then at most one that stopped, then nothing.
    let rank = |status| match status {
        StepStatus::Success => 0,
        StepStatus::Failed | StepStatus::Cancelled => 1,
        StepStatus::Pending | StepStatus::Running | StepStatus::Skipped => 2,
    };
    check(ran.is_sorted_by_key(|run| rank(run.status)), || "its steps are out of order".to_owned())?;
    let times = execution.steps.iter().all(|run| match (run.started_at, run.finished_at) {
        (Some(started), Some(ended)) => started <= ended,
        (started, ended) => started.is_none() || ended.is_some(),
    });
    check(times, || "a step's times do not fit".to_owned())
}
