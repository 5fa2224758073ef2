//! An execution: one attempt to run a workflow, its states and what the page shows of it.

use serde::{Deserialize, Serialize};

use crate::{ExecutionId, ProjectId, Step, Timestamp, WorkflowId};

/// Queued → Running → Success / Failed / Cancelled; Cancelling between the request and the stop; Interrupted when the
/// process died under it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    Queued,
    Running,
    Cancelling,
    Success,
    Failed,
    Cancelled,
    Interrupted,
}

impl Status {
    pub const ALL: [Status; 7] = [
        Status::Queued,
        Status::Running,
        Status::Cancelling,
        Status::Success,
        Status::Failed,
        Status::Cancelled,
        Status::Interrupted,
    ];

    pub const fn as_str(self) -> &'static str {
        match self {
            Status::Queued => "queued",
            Status::Running => "running",
            Status::Cancelling => "cancelling",
            Status::Success => "success",
            Status::Failed => "failed",
            Status::Cancelled => "cancelled",
            Status::Interrupted => "interrupted",
        }
    }

    pub const fn label(self) -> &'static str {
        match self {
            Status::Queued => "Queued",
            Status::Running => "Running",
            Status::Cancelling => "Cancelling",
            Status::Success => "Success",
            Status::Failed => "Failed",
            Status::Cancelled => "Cancelled",
            Status::Interrupted => "Interrupted",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.as_str() == text)
    }

    /// Final states never change again.
    pub const fn is_final(self) -> bool {
        match self {
            Status::Queued | Status::Running | Status::Cancelling => false,
            Status::Success | Status::Failed | Status::Cancelled | Status::Interrupted => true,
        }
    }

    /// Holds a slot, its workflow and its project.
    pub const fn is_active(self) -> bool {
        matches!(self, Status::Running | Status::Cancelling)
    }

    /// The transitions there are; every update of the store is conditional on one of them.
    pub const fn may_become(self, next: Status) -> bool {
        match self {
            Status::Queued => matches!(next, Status::Running | Status::Cancelled),
            // A run that ends before it sees the request to cancel ends as what it was.
            Status::Running => matches!(
                next,
                Status::Cancelling | Status::Success | Status::Failed | Status::Interrupted | Status::Cancelled
            ),
            Status::Cancelling => {
                matches!(next, Status::Cancelled | Status::Success | Status::Failed | Status::Interrupted)
            }
            Status::Success | Status::Failed | Status::Cancelled | Status::Interrupted => false,
        }
    }
}

/// Why an execution exists.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Trigger {
    Scheduled,
    Manual,
    Api,
    Retry,
    Recovery,
}

impl Trigger {
    pub const ALL: [Trigger; 5] =
        [Trigger::Scheduled, Trigger::Manual, Trigger::Api, Trigger::Retry, Trigger::Recovery];

    pub const fn as_str(self) -> &'static str {
        match self {
            Trigger::Scheduled => "scheduled",
            Trigger::Manual => "manual",
            Trigger::Api => "api",
            Trigger::Retry => "retry",
            Trigger::Recovery => "recovery",
        }
    }

    pub const fn label(self) -> &'static str {
        match self {
            Trigger::Scheduled => "Scheduled",
            Trigger::Manual => "Manual",
            Trigger::Api => "API",
            Trigger::Retry => "Retry",
            Trigger::Recovery => "Recovery",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|trigger| trigger.as_str() == text)
    }
}

/// State of one step of an execution.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StepStatus {
    Pending,
    Running,
    Success,
    Failed,
    Cancelled,
    /// Not reached.
    Skipped,
}

impl StepStatus {
    pub const ALL: [StepStatus; 6] = [
        StepStatus::Pending,
        StepStatus::Running,
        StepStatus::Success,
        StepStatus::Failed,
        StepStatus::Cancelled,
        StepStatus::Skipped,
    ];

    pub const fn as_str(self) -> &'static str {
        match self {
            StepStatus::Pending => "pending",
            StepStatus::Running => "running",
            StepStatus::Success => "success",
            StepStatus::Failed => "failed",
            StepStatus::Cancelled => "cancelled",
            StepStatus::Skipped => "skipped",
        }
    }

    pub const fn label(self) -> &'static str {
        match self {
            StepStatus::Pending => "Pending",
            StepStatus::Running => "Running",
            StepStatus::Success => "Success",
            StepStatus::Failed => "Failed",
            StepStatus::Cancelled => "Cancelled",
            StepStatus::Skipped => "Skipped",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.as_str() == text)
    }
}

/// One step of an execution as it stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StepRun {
    pub step: Step,
    pub status: StepStatus,
    pub started_at: Option<Timestamp>,
    pub finished_at: Option<Timestamp>,
    pub rows_in: Option<u64>,
    pub rows_out: Option<u64>,
    pub error: Option<String>,
    /// What the step did, in a sentence: "71,204 cells changed".
    #[serde(default)]
    pub summary: Option<String>,
}

impl StepRun {
    pub const fn pending(step: Step) -> Self {
        Self {
            step,
            status: StepStatus::Pending,
            started_at: None,
            finished_at: None,
            rows_in: None,
            rows_out: None,
            error: None,
            summary: None,
        }
    }
}

/// One attempt to run a workflow, as API, events and pages show it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Execution {
    pub id: ExecutionId,
    pub workflow_id: WorkflowId,
    pub workflow_name: String,
    pub project_id: ProjectId,
    pub status: Status,
    pub trigger: Trigger,
    /// Why the first attempt of this run existed; differs from `trigger` for a retry or a recovery.
    pub original_trigger: Trigger,
    /// Who asked, for manual and API executions.
    pub requested_by: Option<String>,
    /// 1 for the first attempt.
    pub attempt: u32,
    /// How many attempts this run may have: 1 + retries.
    pub attempts: u32,
    /// The first attempt of this run.
    pub retry_of: Option<ExecutionId>,
    /// Its place in the queue is the order of this time.
    pub queued_at: Timestamp,
    /// Not before this time (a retry that waits).
    #[serde(default)]
    pub ready_at: Option<Timestamp>,
    pub started_at: Option<Timestamp>,
    pub finished_at: Option<Timestamp>,
    /// The scheduled occurrence that this execution serves.
    pub due_at: Option<Timestamp>,
    /// Caught up after the server was down.
    pub late: bool,
    /// Further occurrences that passed while this one waited.
    pub folded: u32,
    /// Version of the project's configuration that ran.
    pub configuration_version: Option<i64>,
    /// Rows imported.
    pub records: Option<u64>,
    pub error: Option<String>,
    /// Who cancelled it.
    #[serde(default)]
    pub cancelled_by: Option<String>,
    /// Whether its Export put its files in place; `None` when it has no Export or did not get there.
    #[serde(default)]
    pub destination_unchanged: Option<bool>,
    /// 1 for the next one to start; only while queued.
    pub queue_position: Option<u32>,
    /// Why it waits, in words: "behind the execution started 14:02".
    #[serde(default)]
    pub queue_reason: Option<QueueReason>,
    pub steps: Vec<StepRun>,
}

impl Execution {
    /// The step that is running, or that ended the execution.
    pub fn current_step(&self) -> Option<&StepRun> {
        self.steps
            .iter()
            .find(|run| matches!(run.status, StepStatus::Running | StepStatus::Failed | StepStatus::Cancelled))
    }
}

/// Why a queued execution has not started.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum QueueReason {
    /// The same workflow is running.
    BehindWorkflow { execution: ExecutionId, started_at: Option<Timestamp> },
    /// Another workflow of the same project is running.
    BehindProject { execution: ExecutionId, workflow_name: String },
    /// All slots are taken.
    NoFreeSlot { busy: u32, slots: u32 },
    /// A retry waits for its time.
    WaitingUntil { at: Timestamp },
    /// It is about to start.
    Next,
}

/// Where every queued execution stands now. Sent to pages when the queue changes; not part of the event log, because
/// one execution that ends moves all the others.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct QueuePlace {
    pub execution: ExecutionId,
    pub workflow: WorkflowId,
    pub position: u32,
    pub reason: QueueReason,
}

/// Which executions a list shows. All given conditions must hold.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExecutionFilter {
    #[serde(default)]
    pub workflow: Option<WorkflowId>,
    #[serde(default)]
    pub project: Option<ProjectId>,
    #[serde(default)]
    pub status: Option<Status>,
    #[serde(default)]
    pub trigger: Option<Trigger>,
    /// Queued at or after.
    #[serde(default)]
    pub from: Option<Timestamp>,
    /// Queued before.
    #[serde(default)]
    pub to: Option<Timestamp>,
    /// Words in the error.
    #[serde(default)]
    pub q: Option<String>,
    #[serde(default)]
    pub cursor: Option<String>,
    #[serde(default)]
    pub limit: Option<usize>,
}

/// One line of an execution's log.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LogLine {
    pub at: Timestamp,
    pub level: LogLevel,
    pub step: Option<Step>,
    pub message: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LogLevel {
    Info,
    Warning,
    Error,
}

/// A file that an execution left for download.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Output {
    pub name: String,
    pub bytes: u64,
    /// Records in it; `None` for a report.
    pub rows: Option<u64>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn final_states_are_final() {
        for state in Status::ALL.into_iter().filter(|state| state.is_final()) {
            assert!(Status::ALL.into_iter().all(|next| !state.may_become(next)), "{state:?}");
        }
    }

    #[test]
    fn every_state_but_queued_is_reached_by_a_transition() {
        for state in Status::ALL {
            let reached = Status::ALL.into_iter().any(|from| from.may_become(state));
            assert_eq!(reached, state != Status::Queued, "{state:?}");
        }
    }
}
