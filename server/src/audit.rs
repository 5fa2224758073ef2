//! What must hold of every database that a scheduler of ours ever wrote, checked from outside: the log of events is
//! replayed step by step, and the rows are compared with what it led to.
//!
//! The simulation and the crash test ask this after everything that they do. It repeats the rules of
//! `spec/scheduler.md` in its own words and shares no code with those who must keep them.

mod history;
mod news;
mod queue;

use std::collections::{BTreeMap, BTreeSet, HashMap};

use model::{
    ExecutionId, Timestamp, WorkflowId,
    event::{Change, Event},
    execution::{Execution, Status, Trigger},
    limits,
    workflow::{Workflow, WorkflowState},
};

use crate::store::audit::{ExecutionRecord, Records};
use news::News;

/// A rule that was broken, in words.
pub type Audited<T = ()> = Result<T, String>;

/// What the events so far have led to.
pub struct Audit {
    slots: usize,
    last_event: i64,
    executions: BTreeMap<ExecutionId, Known>,
    /// Executions that are not over.
    unfinished: BTreeSet<ExecutionId>,
    workflows: BTreeMap<WorkflowId, KnownWorkflow>,
    last_queued_at: Option<Timestamp>,
    /// Nothing may start, by a person's switch.
    maintenance: bool,
    /// Nothing may start, for a reason that is in no row.
    held: bool,
    news: News,
    /// What the event before promises that this transaction still brings.
    owed: Option<Owed>,
}

/// An execution as the events show it.
#[derive(Clone, Debug)]
struct Known {
    execution: Execution,
    /// Executions start in this order: of becoming ready, then of being queued.
    place: (Timestamp, usize),
    /// Interruptions in a row before it.
    interruptions: u32,
    /// The workflow's at its start; 0 = none.
    timeout_s: u64,
}

#[derive(Clone, Debug)]
struct KnownWorkflow {
    workflow: Workflow,
    deleted: bool,
    failed_runs: u32,
    /// The newest occurrence that was fired.
    fired: Option<Timestamp>,
}

/// What must follow at once, in the same transaction.
#[derive(Clone, Debug)]
enum Owed {
    Retry(Box<Known>),
    Recovery(Box<Known>),
    Suspension(WorkflowId),
}

impl Audit {
    /// `slots`: executions that may run at once.
    pub fn new(slots: usize) -> Self {
        Self {
            slots,
            last_event: 0,
            executions: BTreeMap::new(),
            unfinished: BTreeSet::new(),
            workflows: BTreeMap::new(),
            last_queued_at: None,
            maintenance: false,
            held: false,
            news: News::default(),
            owed: None,
        }
    }

    /// Replays what was committed since the last time.
    ///
    /// # Errors
    /// The first rule that was broken, and by which event.
    pub async fn follow(&mut self, records: &mut Records) -> Audited {
        let events = records.events_after(self.last_event).await.map_err(|error| error.to_string())?;
        for event in &events {
            self.apply(event).map_err(|broken| format!("{broken}\n  at event {event:?}"))?;
        }
        if let Some(owed) = &self.owed {
            return Err(format!("a commit ended without what must follow: {owed:?}"));
        }
        self.news.nothing_is_owed()
    }

    /// Says whether anything may start as far as the process is concerned: its disk has room, and it is not about to end.
    pub fn hold(&mut self, held: bool) {
        self.held = held;
    }

    /// Compares every row with the events.
    ///
    /// # Errors
    /// The first difference.
    pub async fn compare(&self, records: &mut Records) -> Audited {
        let rows = records.executions().await.map_err(|error| error.to_string())?;
        for row in &rows {
            self.compare_row(row)?;
        }
        let last = records.last_event().await.map_err(|error| error.to_string())?;
        check(last == self.last_event, || format!("the newest event has number {last}, not {}", self.last_event))?;
        // Retention removes rows without an event, but none that is not over.
        let there: BTreeSet<_> = rows.iter().map(|row| row.execution.id).collect();
        let lost = self.unfinished.iter().find(|id| !there.contains(id));
        check(lost.is_none(), || format!("execution {lost:?} is lost"))?;
        for workflow in records.workflows().await.map_err(|error| error.to_string())? {
            let known = self.workflows.get(&workflow.id).map(|known| &known.workflow);
            // A project's new name is announced for the project.
            let same = known.is_some_and(|known| {
                *known == Workflow { project_name: known.project_name.clone(), ..workflow.clone() }
            });
            check(same, || format!("a workflow is stored as {workflow:?}\n  but the events say {known:?}"))?;
        }
        Ok(())
    }

    /// Compares the rows that are not over with the events, and gives them.
    ///
    /// # Errors
    /// The first difference.
    pub async fn unfinished(&self, records: &mut Records) -> Audited<Vec<ExecutionRecord>> {
        let rows = records.unfinished().await.map_err(|error| error.to_string())?;
        for row in &rows {
            self.compare_row(row)?;
        }
        check(rows.len() == self.unfinished.len(), || {
            format!("{} executions are not over, but by the events {}", rows.len(), self.unfinished.len())
        })?;
        Ok(rows)
    }

    fn compare_row(&self, row: &ExecutionRecord) -> Audited {
        let known = self.executions.get(&row.execution.id).map(|known| &known.execution);
        let row = &row.execution;
        // The name is the workflow's of today.
        let same = known
            .is_some_and(|known| *known == Execution { workflow_name: known.workflow_name.clone(), ..row.clone() });
        check(same, || format!("an execution is stored as {row:?}\n  but the events say {known:?}"))
    }

    /// An execution as the events show it.
    pub fn execution(&self, id: ExecutionId) -> Option<&Execution> {
        self.executions.get(&id).map(|known| &known.execution)
    }

    pub fn is_maintenance(&self) -> bool {
        self.maintenance
    }

    /// How long an execution may run, in seconds; 0 = for ever.
    pub fn timeout_s(&self, id: ExecutionId) -> u64 {
        self.executions.get(&id).map_or(0, |known| known.timeout_s)
    }

    /// Every execution there ever was, in the order of their ids.
    pub fn executions(&self) -> impl Iterator<Item = &Execution> {
        self.executions.values().map(|known| &known.execution)
    }

    /// Executions that are not over.
    pub fn open(&self) -> impl Iterator<Item = &Execution> {
        self.unfinished.iter().map(|id| &self.executions[id].execution)
    }

    /// Workflows that were not deleted.
    pub fn workflows(&self) -> impl Iterator<Item = &Workflow> {
        self.workflows.values().filter(|known| !known.deleted).map(|known| &known.workflow)
    }

    /// Number of the newest event replayed.
    pub fn last_event(&self) -> i64 {
        self.last_event
    }

    /// One event.
    ///
    /// # Errors
    /// The rule that it breaks.
    pub fn apply(&mut self, event: &Event) -> Audited {
        check(event.number == self.last_event + 1, || {
            format!("event {} does not follow {}", event.number, self.last_event)
        })?;
        self.last_event = event.number;
        match &event.change {
            Change::Execution { execution } => self.execution_changed(execution, event.at),
            Change::Workflow { workflow } => self.workflow_changed(workflow),
            Change::WorkflowDeleted { workflow_id, .. } => {
                let unfinished = self.open().filter(|execution| execution.workflow_id == *workflow_id).count();
                check(unfinished == 0, || format!("deleted with {unfinished} executions that are not over"))?;
                let known = self.workflows.get_mut(workflow_id).ok_or("an unknown workflow was deleted")?;
                check(!std::mem::replace(&mut known.deleted, true), || "deleted twice".to_owned())
            }
            Change::Project { .. } | Change::ProjectDeleted { .. } => Ok(()),
            Change::Delivery { delivery } => self.delivery_changed(delivery),
            Change::Maintenance { maintenance } => {
                let before = std::mem::replace(&mut self.maintenance, maintenance.on);
                check(before != maintenance.on, || "maintenance mode was switched to what it was".to_owned())
            }
        }
    }

    fn execution_changed(&mut self, execution: &Execution, at: Timestamp) -> Audited {
        match self.executions.get(&execution.id).cloned() {
            None => self.queued(execution),
            Some(known) => {
                if let Some(owed) = &self.owed {
                    return Err(format!("this does not follow from the end before it: {owed:?}"));
                }
                self.changed(known, execution, at)
            }
        }
    }

    fn workflow_changed(&mut self, workflow: &Workflow) -> Audited {
        let known = self.workflows.entry(workflow.id).or_insert_with(|| KnownWorkflow {
            workflow: workflow.clone(),
            deleted: false,
            failed_runs: 0,
            fired: None,
        });
        check(!known.deleted, || "a deleted workflow changed".to_owned())?;
        let owed = matches!(self.owed, Some(Owed::Suspension(id)) if id == workflow.id);
        let suspended = workflow.state == WorkflowState::Suspended && known.workflow.state != WorkflowState::Suspended;
        check(owed == suspended, || format!("suspension: owed {owed}, happened {suspended}"))?;
        if owed {
            self.owed = None;
        }
        if workflow.state == WorkflowState::Active && known.workflow.state != WorkflowState::Active {
            known.failed_runs = 0;
        }
        if let (Some(next), Some(fired)) = (workflow.next_run_at, known.fired) {
            check(next > fired, || format!("the next run {next} is not after {fired}, which was fired"))?;
        }
        let by_itself =
            workflow.state == WorkflowState::Active && workflow.schedule != model::schedule::Schedule::OnDemand;
        check(workflow.next_run_at.is_some() == by_itself, || {
            "an active workflow with a schedule, and no other, has a next run".to_owned()
        })?;
        known.workflow = workflow.clone();
        Ok(())
    }
}

fn check(holds: bool, broken: impl FnOnce() -> String) -> Audited {
    if holds { Ok(()) } else { Err(broken()) }
}
