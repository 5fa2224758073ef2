//! The values of the workflow form as they stand in its inputs: text, so that nothing typed is ever lost.
//!
//! Reading them into a draft, and complaining about them, is the server's part: `api::workflow_form`.

use model::{
    FieldError, Step, Timestamp, WorkflowId,
    delivery::TestOutcome,
    project::ProjectName,
    schedule::{Missed, Unit},
};

/// Which of the three kinds of schedule is chosen; the values of the other two are kept beside it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
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

#[derive(Clone, Debug, PartialEq, Eq)]
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
    pub notifications: NotificationFields,
    /// The version that an edit started from; 0 for a new workflow.
    pub version: i64,
}

/// Who is told what.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NotificationFields {
    /// Addresses, separated by commas.
    pub emails: String,
    /// Addresses, separated by commas.
    pub webhooks: String,
    pub on_failure: bool,
    pub on_success: bool,
    pub on_recovery: bool,
    /// Minutes; empty = however long.
    pub longer_than: String,
    /// The hour of the day; empty = none.
    pub digest_hour: String,
}

/// Everything that the form shows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WorkflowForm {
    /// `None` for a new workflow.
    pub id: Option<WorkflowId>,
    /// Its name as it is stored, for the title.
    pub stored_name: Option<String>,
    pub fields: WorkflowFields,
    pub projects: Vec<ProjectName>,
    /// IANA names to choose from.
    pub time_zones: Vec<String>,
    pub preview: Preview,
    /// What keeps the chosen project from running the chosen steps; empty while either is not chosen.
    pub unready: Vec<FieldError>,
    /// Why it was not saved, when it was posted.
    pub refusal: Refusal,
    /// What came of a test, when it was posted for that.
    pub tested: Tested,
}

/// A test of the recipients as they are typed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tested {
    pub outcomes: Vec<TestOutcome>,
    /// Why there was none.
    pub problems: Vec<FieldError>,
    pub refusal: Option<String>,
}

/// What the schedule in the form means; all empty for On-Demand.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Preview {
    pub next: Vec<PreviewTime>,
    pub words: String,
    pub time_zone: String,
    /// One sentence when a clock change moves or doubles one of the times.
    pub note: Option<String>,
    /// Why there is nothing to show, at the fields of the schedule.
    pub problems: Vec<FieldError>,
}

/// One occurrence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PreviewTime {
    pub at: Timestamp,
    /// The same time as a clock in the workflow's zone shows it: "Mon 23 Nov 2026, 02:00 CET".
    pub in_zone: String,
}

/// Why a workflow was not saved; empty when nothing is wrong.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Refusal {
    pub problems: Vec<FieldError>,
    pub conflict: Option<Conflict>,
}

impl Refusal {
    /// What the form says of itself when it is posted again.
    pub fn word(&self) -> Option<Refused> {
        match (&self.conflict, self.problems.is_empty()) {
            (Some(_), _) => Some(Refused::Conflict),
            (None, false) => Some(Refused::Problems),
            (None, true) => None,
        }
    }
}

/// Why the form came back when it was last posted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refused {
    Problems,
    Conflict,
}

impl Refused {
    pub const ALL: [Refused; 2] = [Refused::Problems, Refused::Conflict];

    /// The value of its hidden input.
    pub const fn as_str(self) -> &'static str {
        match self {
            Refused::Problems => "problems",
            Refused::Conflict => "conflict",
        }
    }
}

/// Someone else saved meanwhile.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Conflict {
    /// The version that is stored now.
    pub version: i64,
    /// Where the two differ.
    pub differences: Vec<Difference>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    pub label: String,
    pub stored: String,
    pub typed: String,
}
