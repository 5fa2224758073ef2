//! The values of the workflow form as they stand in its inputs: text, so that nothing typed is ever lost.
//!
//! Reading them into a draft, and complaining about them, is the server's part: `api::workflow_form`.

use model::{
    FieldError, ProjectId, Step, WorkflowId,
    schedule::{Missed, Unit},
};
use serde::{Deserialize, Serialize};

use crate::api::schedules::PreviewAnswer;

/// Which of the three kinds of schedule is chosen; the values of the other two are kept beside it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum ScheduleKind {
    Simple,
    #[default]
    Cron,
    OnDemand,
}

impl ScheduleKind {
    pub const ALL: [ScheduleKind; 3] = [ScheduleKind::Simple, ScheduleKind::Cron, ScheduleKind::OnDemand];

    /// The value of its radio button, the word of the API.
    pub const fn as_str(self) -> &'static str {
        match self {
            ScheduleKind::Simple => "simple",
            ScheduleKind::Cron => "cron",
            ScheduleKind::OnDemand => "on_demand",
        }
    }

    pub const fn label(self) -> &'static str {
        match self {
            ScheduleKind::Simple => "Simple",
            ScheduleKind::Cron => "Cron",
            ScheduleKind::OnDemand => "On-Demand",
        }
    }
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct WorkflowFields {
    pub name: String,
    /// The id of the chosen project; empty for none.
    pub project: String,
    pub steps: Vec<Step>,
    /// The first step may be a later one than Import.
    pub later_start: bool,
    pub schedule: ScheduleKind,
    pub every: String,
    pub unit: Unit,
    pub expression: String,
    pub time_zone: String,
    pub retries: String,
    /// Minutes after the 1st, 2nd and 3rd failure.
    pub delays: [String; 3],
    /// Failed runs in a row; 0 = never.
    pub suspend_after: String,
    pub missed: Missed,
    /// Hours; 0 = none.
    pub timeout: String,
    /// The version that an edit started from; 0 for a new workflow.
    pub version: i64,
}

/// A project that may be chosen.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProjectChoice {
    pub id: ProjectId,
    pub name: String,
}

/// Everything that the form shows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct WorkflowForm {
    /// `None` for a new workflow.
    pub id: Option<WorkflowId>,
    /// Its name as it is stored, for the title.
    pub stored_name: Option<String>,
    pub fields: WorkflowFields,
    pub projects: Vec<ProjectChoice>,
    /// IANA names to choose from.
    pub time_zones: Vec<String>,
    pub preview: PreviewAnswer,
    /// Why it was not saved, when it was posted.
    pub refusal: Refusal,
}

/// Why a workflow was not saved; empty when nothing is wrong.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refusal {
    pub problems: Vec<FieldError>,
    pub conflict: Option<Conflict>,
}

/// Someone else saved meanwhile.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Conflict {
    /// The version that is stored now.
    pub version: i64,
    /// Where the two differ.
    pub differences: Vec<Difference>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Difference {
    pub label: String,
    pub stored: String,
    pub typed: String,
}
