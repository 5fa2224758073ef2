//! One row of `workflows`, as it is read.

use model::{
    Timestamp,
    schedule::{Missed, Occurrences},
    workflow::{Workflow, WorkflowState},
};
use sqlx::sqlite::SqliteRow;

use super::{StoreResult, row::Columns, writer::Tx};

/// `SELECT` of everything that [`StoredWorkflow::read`] reads; the rest of the statement follows.
macro_rules! select_workflows {
    ($($rest:tt)*) => {
        concat!(
            "SELECT w.id, w.name, w.project_id, p.name AS project_name, w.steps, w.schedule, w.retry_delays_s, ",
            "w.notifications, w.time_zone, w.schedule_words, w.state, w.state_reason, w.anchor, w.next_run_at, ",
            "w.last_due_at, w.retries, w.suspend_after, w.missed, w.timeout_s, w.version, w.created_at ",
            "FROM workflows w JOIN projects p ON p.id = w.project_id ",
            $($rest)*
        )
    };
}
pub(super) use select_workflows;

/// A workflow with what the scheduler needs and pages do not.
#[derive(Clone, Debug)]
pub(super) struct StoredWorkflow {
    pub(super) workflow: Workflow,
    pub(super) anchor: Timestamp,
    pub(super) last_due_at: Option<Timestamp>,
}

impl StoredWorkflow {
    pub(super) fn read(row: &SqliteRow) -> StoreResult<Self> {
        let workflow = Workflow {
            id: row.workflow_id("id")?,
            name: row.text("name")?,
            project_id: row.project_id("project_id")?,
            project_name: row.text("project_name")?,
            steps: row.json("steps")?,
            schedule: row.json("schedule")?,
            time_zone: row.text("time_zone")?,
            schedule_words: row.text("schedule_words")?,
            state: row.word("state", WorkflowState::parse)?,
            state_reason: row.text_or_null("state_reason")?,
            next_run_at: row.time_or_null("next_run_at")?,
            retries: row.count("retries")?,
            retry_delays_s: row.json("retry_delays_s")?,
            suspend_after: row.count("suspend_after")?,
            missed: row.word("missed", parse_missed)?,
            timeout_s: row.count("timeout_s")?,
            notifications: row.json("notifications")?,
            version: row.integer("version")?,
            created_at: row.time("created_at")?,
        };
        Ok(Self { workflow, anchor: row.time("anchor")?, last_due_at: row.time_or_null("last_due_at")? })
    }

    /// The first occurrence after `now` that was not fired yet; none unless the workflow is active.
    pub(super) fn next_run_after(&self, tx: &Tx, now: Timestamp) -> Option<Timestamp> {
        let workflow = &self.workflow;
        if workflow.state != WorkflowState::Active {
            return None;
        }
        let after = self.last_due_at.map_or(now, |last| last.max(now));
        self.occurrences(tx)(after)
    }

    pub(super) fn occurrences(&self, tx: &Tx) -> Occurrences {
        tx.occurrences(&self.workflow.schedule, &self.workflow.time_zone, self.anchor)
    }
}

pub(super) const fn missed_word(missed: Missed) -> &'static str {
    match missed {
        Missed::CatchUp => "catch_up",
        Missed::Skip => "skip",
    }
}

fn parse_missed(text: &str) -> Option<Missed> {
    [Missed::CatchUp, Missed::Skip].into_iter().find(|missed| missed_word(*missed) == text)
}
