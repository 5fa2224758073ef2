//! An execution: one attempt to run a workflow, as API, events and pages show it.

mod queue;
mod state;

use serde::{Deserialize, Serialize};

use crate::{ExecutionId, ProjectId, Step, StepRange, Timestamp, WorkflowId};

pub use queue::{QueuePlace, QueueReason};
pub use state::{Status, StepStatus, Trigger};

/// One step of an execution as it stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
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

    /// The steps of a workflow before any of them runs. Those before `from` are Skipped: their results are kept.
    pub fn plan(steps: StepRange, from: Option<Step>) -> Vec<Self> {
        let plan = |step| match from {
            Some(from) if step < from => Self { status: StepStatus::Skipped, ..Self::pending(step) },
            _ => Self::pending(step),
        };
        steps.iter().map(plan).collect()
    }
}

/// One attempt to run a workflow, as API, events and pages show it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
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
    /// The interrupted execution that a recovery takes the place of.
    #[serde(default)]
    pub recovery_of: Option<ExecutionId>,
    /// The step that it begins at, when it was asked to begin later than its workflow does. The steps before it are
    /// Skipped, and their results in the project are used.
    #[serde(default)]
    pub from: Option<Step>,
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
    /// When that was asked; a running execution stops a little later.
    #[serde(default)]
    pub cancelled_at: Option<Timestamp>,
    /// Whether its Export put its files in place; null when it has no Export or did not get there.
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
    /// The step from which it may be run again on the results of the steps before: the one that did not finish.
    pub fn resumes_from(&self) -> Option<Step> {
        if !matches!(self.status, Status::Failed | Status::Cancelled) {
            return None;
        }
        let stopped = |run: &StepRun| matches!(run.status, StepStatus::Failed | StepStatus::Cancelled);
        let place = self.steps.iter().position(stopped).filter(|place| *place > 0)?;
        Some(self.steps[place].step)
    }

    /// The step that is running, or that ended the execution.
    pub fn current_step(&self) -> Option<&StepRun> {
        self.steps
            .iter()
            .find(|run| matches!(run.status, StepStatus::Running | StepStatus::Failed | StepStatus::Cancelled))
    }
}

/// Which executions a list shows. All given conditions must hold.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::IntoParams), into_params(parameter_in = Query))]
pub struct ExecutionFilter {
    /// Of this workflow.
    #[serde(default)]
    pub workflow: Option<WorkflowId>,
    /// Of this project.
    #[serde(default)]
    pub project: Option<ProjectId>,
    /// How they stand.
    #[serde(default)]
    pub status: Option<Status>,
    /// Why they exist.
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
    /// `next_cursor` of the page before.
    #[serde(default)]
    pub cursor: Option<String>,
    #[serde(default)]
    #[cfg_attr(feature = "openapi", param(schema_with = crate::openapi::page_limit))]
    pub limit: Option<usize>,
}

/// One line of an execution's log.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct LogLine {
    pub at: Timestamp,
    pub level: LogLevel,
    pub step: Option<Step>,
    pub message: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum LogLevel {
    Info,
    Warning,
    Error,
}

impl LogLevel {
    pub const fn as_str(self) -> &'static str {
        match self {
            LogLevel::Info => "info",
            LogLevel::Warning => "warning",
            LogLevel::Error => "error",
        }
    }
}

impl LogLine {
    /// Whether these words stand in it, in capitals or not: in the message, or as its step or level.
    pub fn mentions(&self, words: &str) -> bool {
        let words = words.to_lowercase();
        let step = self.step.map_or("", Step::as_str);
        self.message.to_lowercase().contains(&words) || [step, self.level.as_str()].contains(&words.as_str())
    }
}

/// A file that an execution left for download.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Output {
    pub name: String,
    pub bytes: u64,
    /// Records in it; null for a report.
    pub rows: Option<u64>,
}
