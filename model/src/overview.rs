//! The whole place at a glance: what runs, waits and failed, and how the last days went.

use serde::{Deserialize, Serialize};

use crate::{Timestamp, execution::Execution};

/// Rows of a list that is a glance, not the whole.
pub const SHOWN: usize = 8;
/// Days that the charts look back, today included.
pub const DAYS: usize = 14;
/// The newest executions that the charts count; a busier place sees fewer days.
pub const COUNTED_MAX: i64 = 50_000;

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Overview {
    /// Everything that runs, longest first.
    pub running: Vec<Execution>,
    /// The first [`SHOWN`] of those that wait, in the order in which they start.
    pub queue: Vec<Execution>,
    /// How many wait.
    pub queued: u64,
    /// The newest [`SHOWN`] failures since `failed_since`.
    pub failed: Vec<Execution>,
    /// How many failed since then.
    pub failures: u64,
    /// The start of yesterday, UTC.
    pub failed_since: Timestamp,
    /// The last [`DAYS`] days in UTC, oldest first, also those on which nothing ended.
    pub days: Vec<Day>,
}

/// What ended on one day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Day {
    pub start: Timestamp,
    pub succeeded: u64,
    pub failed: u64,
    /// Cancelled or interrupted.
    pub stopped: u64,
    /// Of those that succeeded.
    pub mean_ms: Option<u64>,
    pub longest_ms: Option<u64>,
}

impl Day {
    /// Of those that ran to an end of their own, 0–1.
    pub fn success_rate(&self) -> Option<f64> {
        let ended = self.succeeded + self.failed;
        (ended > 0).then(|| self.succeeded as f64 / ended as f64)
    }
}
