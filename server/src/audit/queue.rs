//! Rules of the queue: who may get in, who may start, and in which order.

use model::Step;

use super::{Audit, Audited, Execution, HashMap, Known, Owed, Status, Timestamp, Trigger, Workflow, check, limits};

impl Audit {
    pub(super) fn queued(&mut self, execution: &Execution) -> Audited {
        check(execution.status == Status::Queued, || "an execution begins as queued".to_owned())?;
        let in_order = self.last_queued_at.is_none_or(|last| last < execution.queued_at);
        check(in_order, || "queued_at does not grow".to_owned())?;
        self.last_queued_at = Some(execution.queued_at);
        let workflow = self.workflows.get(&execution.workflow_id).filter(|known| !known.deleted);
        let workflow = &workflow.ok_or("queued for a workflow that is not there")?.workflow;
        let number = self.executions.len();
        let mut known = Known {
            execution: execution.clone(),
            place: (execution.ready_at.unwrap_or(execution.queued_at), number),
            interruptions: 0,
            timeout_s: 0,
        };
        match execution.trigger {
            Trigger::Scheduled => self.fired(execution)?,
            Trigger::Retry => known.interruptions = self.retried(execution)?,
            Trigger::Recovery => {
                let Some(Owed::Recovery(lost)) = self.owed.take() else {
                    return Err("a recovery of nothing".to_owned());
                };
                known.place.0 = lost.place.0;
                known.interruptions = lost.interruptions;
                let lost = lost.execution;
                let same = execution.recovery_of == Some(lost.id)
                    && lost.workflow_id == execution.workflow_id
                    && lost.attempt == execution.attempt
                    && execution.from == begins_at(&lost, workflow)
                    && lost.original_trigger == execution.original_trigger
                    && lost.due_at == execution.due_at;
                check(same, || format!("a recovery of something else than {lost:?}"))?;
            }
            Trigger::Manual | Trigger::Api => {
                let waiting = self
                    .open()
                    .filter(|open| open.workflow_id == execution.workflow_id && open.status == Status::Queued);
                let waiting = i64::try_from(waiting.count()).unwrap_or(i64::MAX);
                check(waiting < limits::QUEUED_PER_WORKFLOW_MAX, || format!("{waiting} waited already"))?;
                check(execution.requested_by.is_some(), || "nobody asked for it".to_owned())?;
            }
        }
        if let Some(owed) = &self.owed {
            return Err(format!("this does not follow from the end before it: {owed:?}"));
        }
        self.unfinished.insert(execution.id);
        self.executions.insert(execution.id, known);
        Ok(())
    }

    /// An occurrence is fired once, and none before one that was fired.
    fn fired(&mut self, execution: &Execution) -> Audited {
        let waiting = self.open().any(|open| {
            open.workflow_id == execution.workflow_id
                && open.status == Status::Queued
                && open.trigger == Trigger::Scheduled
        });
        check(!waiting, || "a second scheduled execution waits".to_owned())?;
        let due = execution.due_at.ok_or("scheduled, and due at no time")?;
        let workflow = self.workflows.get_mut(&execution.workflow_id).ok_or("no workflow")?;
        let new = workflow.fired.is_none_or(|fired| fired < due);
        check(new, || format!("due at {due}, when {:?} was fired already", workflow.fired))?;
        workflow.fired = Some(due);
        Ok(())
    }

    /// Gives the interruptions in a row before it.
    fn retried(&mut self, execution: &Execution) -> Audited<u32> {
        let Some(Owed::Retry(failed)) = self.owed.take() else {
            return Err("a retry of nothing".to_owned());
        };
        let (failed, interruptions) = (failed.execution, failed.interruptions);
        let first = failed.retry_of.unwrap_or(failed.id);
        let workflow = &self.workflows[&execution.workflow_id].workflow;
        let right = failed.workflow_id == execution.workflow_id
            && execution.attempt == failed.attempt + 1
            && execution.attempt <= execution.attempts
            && execution.attempts == failed.attempts
            && execution.from == begins_at(&failed, workflow)
            && execution.retry_of == Some(first)
            && execution.ready_at.is_some();
        check(right, || format!("not the retry of {failed:?}"))?;
        Ok(interruptions)
    }

    /// Nothing overlaps, and nobody is overtaken by one who became ready later.
    pub(super) fn may_start(&self, starting: &Known, execution: &Execution, at: Timestamp) -> Audited {
        let mut active = 0;
        let (mut workflows, mut projects) = (HashMap::new(), HashMap::new());
        for other in self.open().filter(|other| other.status.is_active()) {
            active += 1;
            workflows.insert(other.workflow_id, other.id);
            projects.insert(other.project_id, other.id);
        }
        check(!self.maintenance, || "started in maintenance mode".to_owned())?;
        check(!self.held, || "started on a short disk, or while the process ends".to_owned())?;
        check(active < self.slots, || format!("started in a slot that is not there, beside {active}"))?;
        check(!workflows.contains_key(&execution.workflow_id), || "overlaps another of its workflow".to_owned())?;
        check(!projects.contains_key(&execution.project_id), || "overlaps another of its project".to_owned())?;
        check(execution.ready_at.is_none_or(|ready| ready <= at), || "started before it was ready".to_owned())?;
        let overtaken = self.unfinished.iter().map(|id| &self.executions[id]).find(|other| {
            let waiting = &other.execution;
            let project = self.workflows[&waiting.workflow_id].workflow.project_id;
            waiting.status == Status::Queued
                && other.place < starting.place
                && waiting.ready_at.is_none_or(|ready| ready <= at)
                && !workflows.contains_key(&waiting.workflow_id)
                && !projects.contains_key(&project)
        });
        check(overtaken.is_none(), || format!("overtakes {overtaken:?}"))
    }

    /// An execution that could start now, if there is one: then somebody sleeps who should not.
    pub fn could_start(&self, now: Timestamp) -> Option<&Execution> {
        let active: Vec<_> = self.open().filter(|execution| execution.status.is_active()).collect();
        if self.maintenance || self.held || active.len() >= self.slots {
            return None;
        }
        self.open().find(|waiting| {
            let project = self.workflows[&waiting.workflow_id].workflow.project_id;
            waiting.status == Status::Queued
                && waiting.ready_at.is_none_or(|ready| ready <= now)
                && active.iter().all(|other| other.workflow_id != waiting.workflow_id && other.project_id != project)
        })
    }
}

/// Where what takes the place of an execution begins: where that one did, if the workflow still has that step.
fn begins_at(before: &Execution, workflow: &Workflow) -> Option<Step> {
    before.from.filter(|from| workflow.steps.contains(*from) && *from > workflow.steps.from())
}
