//! The timeline of a workflow: who changed what, and what its schedule did without leaving an execution behind.

use serde::{Deserialize, Serialize};

use crate::Timestamp;

/// One entry, newest first wherever a list of them is shown.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Activity {
    pub at: Timestamp,
    /// Who did it; null when the system did.
    pub by: Option<String>,
    #[serde(flatten)]
    pub what: ActivityKind,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum ActivityKind {
    Created,
    /// It is a copy of the workflow that had this name.
    Duplicated {
        from: String,
    },
    Edited {
        version: i64,
    },
    Paused,
    Resumed,
    Suspended {
        reason: String,
    },
    Deleted,
    Missed(Missed),
    /// It had a schedule and no next occurrence, which must not be; now it has one again.
    Rearmed {
        next_run_at: Timestamp,
    },
    /// Its schedule has no further occurrence that this server can find.
    NoNextRun,
    /// The clock was set back: nothing that was fired is fired again, so the next occurrence is this one.
    ClockSetBack {
        next_run_at: Timestamp,
    },
    /// An occurrence waited longer than the limit for its start.
    DidNotStart {
        execution: crate::ExecutionId,
        due_at: Timestamp,
    },
}

/// Occurrences that passed while the server was down and were not made up for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(as = MissedOccurrences))]
pub struct Missed {
    /// How many; a lower bound when `more` is set.
    pub count: u32,
    pub more: bool,
    pub first: Timestamp,
    pub last: Timestamp,
    /// The newest of them, oldest first; of many not all.
    pub times: Vec<Timestamp>,
    /// The occurrence that was caught up in their place.
    pub caught_up: Option<Timestamp>,
}
