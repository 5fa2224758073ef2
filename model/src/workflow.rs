//! A workflow: project, contiguous steps, schedule, retries, notifications. It holds no pipeline settings of its own.

mod notifications;

use serde::{Deserialize, Serialize};

use crate::{
    FieldError, ProjectId, StepRange, Timestamp, WorkflowId,
    delivery::without_secret,
    execution::{Execution, Status, Trigger},
    limits,
    schedule::{Missed, Schedule},
};

pub use notifications::Notifications;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum WorkflowState {
    Active,
    /// By a user.
    Paused,
    /// By the system, with the reason.
    Suspended,
}

impl WorkflowState {
    pub const ALL: [WorkflowState; 3] = [WorkflowState::Active, WorkflowState::Paused, WorkflowState::Suspended];

    pub const fn as_str(self) -> &'static str {
        match self {
            WorkflowState::Active => "active",
            WorkflowState::Paused => "paused",
            WorkflowState::Suspended => "suspended",
        }
    }

    pub const fn label(self) -> &'static str {
        match self {
            WorkflowState::Active => "Active",
            WorkflowState::Paused => "Paused",
            WorkflowState::Suspended => "Suspended",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.as_str() == text)
    }
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Workflow {
    pub id: WorkflowId,
    pub name: String,
    pub project_id: ProjectId,
    pub project_name: String,
    pub steps: StepRange,
    pub schedule: Schedule,
    /// IANA name.
    pub time_zone: String,
    /// The schedule as a sentence: "At 02:00, Monday to Friday".
    pub schedule_words: String,
    pub state: WorkflowState,
    /// Why it is suspended.
    pub state_reason: Option<String>,
    pub next_run_at: Option<Timestamp>,
    pub retries: u8,
    pub retry_delays_s: Vec<u32>,
    /// 0 = never.
    pub suspend_after: u32,
    pub missed: Missed,
    /// 0 = none.
    pub timeout_s: u64,
    pub notifications: Notifications,
    pub version: i64,
    pub created_at: Timestamp,
}

impl Workflow {
    /// As someone sees it who may not change it.
    pub fn without_secrets(mut self) -> Self {
        for webhook in &mut self.notifications.webhooks {
            *webhook = without_secret(webhook);
        }
        self
    }
}

/// What a person or a program writes to create or replace a workflow.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct WorkflowDraft {
    #[cfg_attr(feature = "openapi", schema(schema_with = crate::openapi::name))]
    pub name: String,
    pub project_id: ProjectId,
    pub steps: StepRange,
    pub schedule: Schedule,
    /// Default: the server's zone.
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(schema_with = crate::openapi::time_zone))]
    pub time_zone: Option<String>,
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(schema_with = crate::openapi::retries))]
    pub retries: u8,
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(schema_with = crate::openapi::retry_delays_s))]
    pub retry_delays_s: Option<Vec<u32>>,
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(schema_with = crate::openapi::suspend_after))]
    pub suspend_after: Option<u32>,
    #[serde(default)]
    pub missed: Missed,
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(schema_with = crate::openapi::timeout_s))]
    pub timeout_s: Option<u64>,
    #[serde(default)]
    pub notifications: Notifications,
}

impl WorkflowDraft {
    /// The rules that need neither the store nor a calendar; the server adds the rest (unique name, project, cron, zone).
    pub fn problems(&self) -> Vec<FieldError> {
        let mut problems = Vec::new();
        check_name(&self.name, &mut problems);
        if self.retries > limits::RETRIES_MAX {
            problems.push(FieldError::new("retries", format!("must be 0 to {}", limits::RETRIES_MAX)));
        }
        if let Some(delays) = &self.retry_delays_s {
            if delays.len() < usize::from(self.retries) {
                problems.push(FieldError::new(
                    "retry_delays_s",
                    format!("give one delay for each of the {} retries", self.retries),
                ));
            }
            if delays.len() > usize::from(limits::RETRIES_MAX) {
                let message = format!("at most {} delays are needed", limits::RETRIES_MAX);
                problems.push(FieldError::new("retry_delays_s", message));
            }
            if delays.iter().any(|delay| *delay > limits::RETRY_DELAY_MAX_S) {
                problems.push(FieldError::new("retry_delays_s", "a delay is at most 7 days"));
            }
        }
        if let Schedule::Simple { every, unit } = self.schedule
            && let Err(problem) = Schedule::interval(every, unit)
        {
            problems.push(problem);
        }
        problems.extend(self.notifications.problems());
        problems
    }
}

/// Names of workflows and projects: 1–100 characters after trimming, no control characters.
pub fn check_name(name: &str, problems: &mut Vec<FieldError>) {
    let chars = name.trim().chars().count();
    if chars == 0 {
        problems.push(FieldError::new("name", "give it a name"));
    } else if chars > limits::NAME_CHARS_MAX {
        problems.push(FieldError::new(
            "name",
            format!("has {chars} characters; at most {} are allowed", limits::NAME_CHARS_MAX),
        ));
    } else if name.chars().any(char::is_control) {
        problems.push(FieldError::new("name", "contains a control character"));
    }
}

/// One bar of the strip of recent outcomes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Outcome {
    pub execution: crate::ExecutionId,
    pub status: Status,
    pub trigger: Trigger,
    pub queued_at: Timestamp,
    pub duration_ms: Option<u64>,
}

/// A workflow as its card shows it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct WorkflowCard {
    pub workflow: Workflow,
    /// Running, cancelling and queued executions, the running one first, then in queue order; at most a few.
    pub active: Vec<Execution>,
    /// The newest execution that ended.
    pub last: Option<Execution>,
    /// Ended executions, oldest first, at most `limits::STRIP_OUTCOMES`.
    pub strip: Vec<Outcome>,
}

impl WorkflowCard {
    /// Takes in an execution of this workflow as it now stands; what results equals what a reload would show.
    pub fn apply(&mut self, execution: &Execution) {
        if execution.workflow_id != self.workflow.id {
            return;
        }
        self.active.retain(|known| known.id != execution.id);
        if !execution.status.is_final() {
            self.active.push(execution.clone());
            self.active.sort_by_key(|known| (!known.status.is_active(), known.queued_at, known.id));
            return;
        }
        // Of two that ended in the same microsecond the one that was queued later counts, as in the store.
        let end = |ended: &Execution| (ended.finished_at, ended.queued_at);
        if self.last.as_ref().is_none_or(|last| end(last) <= end(execution)) {
            self.last = Some(execution.clone());
        }
        if !self.strip.iter().any(|bar| bar.execution == execution.id) {
            self.strip.push(Outcome::of(execution));
            self.strip.sort_by_key(|bar| (bar.queued_at, bar.execution));
            let surplus = self.strip.len().saturating_sub(limits::STRIP_OUTCOMES);
            self.strip.drain(..surplus);
        }
    }
}

impl Outcome {
    pub fn of(execution: &Execution) -> Self {
        Self {
            execution: execution.id,
            status: execution.status,
            trigger: execution.trigger,
            queued_at: execution.queued_at,
            duration_ms: Self::duration_ms(execution.started_at, execution.finished_at),
        }
    }

    pub fn duration_ms(started_at: Option<Timestamp>, finished_at: Option<Timestamp>) -> Option<u64> {
        let (start, end) = started_at.zip(finished_at)?;
        Some(u64::try_from(end.since(start).as_millis()).unwrap_or(u64::MAX))
    }
}

/// Which workflows a list shows. All given conditions must hold.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::IntoParams), into_params(parameter_in = Query))]
pub struct WorkflowFilter {
    /// Part of the workflow's or project's name.
    #[serde(default)]
    pub q: Option<String>,
    /// How they stand.
    #[serde(default)]
    pub state: Option<WorkflowState>,
    /// How the last execution ended.
    #[serde(default)]
    pub outcome: Option<Status>,
    /// Of this project.
    #[serde(default)]
    pub project: Option<ProjectId>,
    /// Their order.
    #[serde(default)]
    #[cfg_attr(feature = "openapi", param(inline))]
    pub sort: WorkflowSort,
    /// `next_cursor` of the page before; belongs to one sort.
    #[serde(default)]
    pub cursor: Option<String>,
    #[serde(default)]
    #[cfg_attr(feature = "openapi", param(schema_with = crate::openapi::page_limit))]
    pub limit: Option<usize>,
}

/// The order of a list of workflows; within it by name.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum WorkflowSort {
    #[default]
    Name,
    /// The soonest first.
    NextRun,
    /// What ended last first.
    LastRun,
    /// Suspended ones, then those whose last execution failed.
    Failures,
}

impl WorkflowSort {
    pub const ALL: [WorkflowSort; 4] =
        [WorkflowSort::Name, WorkflowSort::NextRun, WorkflowSort::LastRun, WorkflowSort::Failures];

    pub const fn as_str(self) -> &'static str {
        match self {
            WorkflowSort::Name => "name",
            WorkflowSort::NextRun => "next_run",
            WorkflowSort::LastRun => "last_run",
            WorkflowSort::Failures => "failures",
        }
    }

    pub const fn label(self) -> &'static str {
        match self {
            WorkflowSort::Name => "Name",
            WorkflowSort::NextRun => "Next run",
            WorkflowSort::LastRun => "Last run",
            WorkflowSort::Failures => "Failures first",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|sort| sort.as_str() == text)
    }
}

/// How many workflows are in a state and ended in a certain way last.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct WorkflowCount {
    pub state: WorkflowState,
    /// `None`: nothing has ended yet.
    pub last: Option<Status>,
    pub count: u64,
}
