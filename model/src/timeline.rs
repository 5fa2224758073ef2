//! What ran and what will run, workflow by workflow, between two moments.

use serde::{Deserialize, Serialize};

use crate::{ExecutionId, Timestamp, WorkflowId, execution::Status};

/// Workflows on one page.
pub const ROWS_MAX: usize = 40;
/// Places that a row is divided into. What begins in one place is one bar, so no row has more than these.
pub const PLACES: u64 = 96;
/// Runs of one workflow that are read; of more, the first.
pub const READ_MAX: i64 = 5_000;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TimelineFilter {
    pub from: Timestamp,
    /// Not included.
    pub to: Timestamp,
    /// Part of the workflow's or project's name.
    pub q: Option<String>,
    /// Of the page before.
    pub cursor: Option<String>,
}

/// The runs and plans of one workflow.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TimelineRow {
    pub workflow: WorkflowId,
    pub workflow_name: String,
    /// In the order in which they began.
    pub ran: Vec<Ran>,
    /// The first time in each place in which it will run by its schedule.
    pub planned: Vec<Timestamp>,
    pub succeeded: u32,
    pub failed: u32,
    /// Cancelled, interrupted or still running.
    pub others: u32,
}

/// One run, or several that began in the same place.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ran {
    /// The one that matters most, as its status does.
    pub execution: ExecutionId,
    pub status: Status,
    pub from: Timestamp,
    /// `None` while it runs.
    pub to: Option<Timestamp>,
    pub count: u32,
}

impl Ran {
    /// Takes in one that began later in the same place.
    pub fn merge(&mut self, later: Ran) {
        if weight(later.status) >= weight(self.status) {
            (self.execution, self.status) = (later.execution, later.status);
        }
        self.to = self.to.zip(later.to).map(|(one, other)| one.max(other));
        self.count += later.count;
    }
}

/// What one wants to see of several.
const fn weight(status: Status) -> u8 {
    match status {
        Status::Success => 0,
        Status::Queued => 1,
        Status::Interrupted | Status::Cancelled => 2,
        Status::Running | Status::Cancelling => 3,
        Status::Failed => 4,
    }
}
