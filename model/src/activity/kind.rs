//! What an entry of the log says was done.

use serde::{Deserialize, Serialize};

use crate::{Step, Timestamp};

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
        /// Of what has versions.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[cfg_attr(feature = "openapi", schema(nullable = false))]
        version: Option<i64>,
    },
    Deleted,

    // Workflows
    Paused,
    Resumed,
    Suspended {
        reason: String,
    },
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

    // Projects
    FileUploaded {
        file: String,
        bytes: u64,
    },
    /// The settings were made from what is in the sources.
    Suggested {
        version: i64,
    },
    /// Decided about so many records by hand.
    Reviewed {
        records: u64,
    },
    /// A workflow works on another project from now on. Told in the one that it left.
    MovedAway,

    // Executions
    RunRequested {
        /// The step that it begins at, when not at the workflow's first.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[cfg_attr(feature = "openapi", schema(nullable = false))]
        from: Option<Step>,
    },
    CancelRequested,
    /// One that had not arrived, to whom it was for; of a webhook only where it leads.
    NotificationResent {
        recipient: String,
    },

    // People
    /// A link was made with which they choose a password.
    Invited,
    /// With the one before.
    PasswordChanged,
    /// With a one-time link.
    PasswordChosen,
    SignedIn,
    SignInRefused,
    SignedOut,
    /// In another of their browsers.
    SessionEnded,
    SignedOutEverywhere,

    // The server
    SwitchedOn,
    SwitchedOff,
    Started {
        version: String,
        auth: String,
    },
}

impl ActivityKind {
    /// The word of each kind, as it stands in JSON.
    pub const WORDS: [&str; 30] = [
        "created",
        "duplicated",
        "edited",
        "deleted",
        "paused",
        "resumed",
        "suspended",
        "missed",
        "rearmed",
        "no_next_run",
        "clock_set_back",
        "did_not_start",
        "file_uploaded",
        "suggested",
        "reviewed",
        "moved_away",
        "run_requested",
        "cancel_requested",
        "notification_resent",
        "invited",
        "password_changed",
        "password_chosen",
        "signed_in",
        "sign_in_refused",
        "signed_out",
        "session_ended",
        "signed_out_everywhere",
        "switched_on",
        "switched_off",
        "started",
    ];
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

#[cfg(test)]
mod tests {
    use super::*;

    /// What serde expects in place of an unknown word is the list of all words.
    #[test]
    fn every_kind_has_its_word() {
        let unknown = serde_json::json!({ "kind": "unknown" });
        let refusal = serde_json::from_value::<ActivityKind>(unknown).expect_err("no such kind").to_string();
        let words: Vec<&str> = refusal.split('`').skip(3).step_by(2).collect();
        assert_eq!(words, ActivityKind::WORDS);
    }
}
