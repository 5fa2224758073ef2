//! What comes of a life and of a seed.

use std::fmt;

/// Why a life ends before its time.
pub(super) enum Stop {
    Crash,
    /// It was asked to, and did.
    InGoodOrder,
    /// A rule is broken: the simulation has found something.
    Broken(String),
}

impl From<String> for Stop {
    fn from(broken: String) -> Self {
        Self::Broken(broken)
    }
}

/// What came of a seed.
pub(super) struct Outcome {
    pub(super) trace: Vec<String>,
    pub(super) broken: Option<String>,
    pub(super) summary: Summary,
}

/// What happened, so that one can see that something did.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Summary {
    pub(super) steps: usize,
    pub(super) commits: usize,
    pub(super) crashes: usize,
    pub(super) stops: usize,
    pub(super) refusals: usize,
    pub(super) executions: usize,
    /// Executions that a limit or the end of the process stopped.
    pub(super) timed_out: usize,
    pub(super) disk_short: usize,
    pub(super) interrupted: usize,
    /// Late writers who found an execution that was not theirs running.
    pub(super) late: usize,
    pub(super) events: usize,
}

impl Summary {
    pub(super) fn add(&mut self, other: &Self) {
        self.steps += other.steps;
        self.commits += other.commits;
        self.crashes += other.crashes;
        self.stops += other.stops;
        self.refusals += other.refusals;
        self.executions += other.executions;
        self.timed_out += other.timed_out;
        self.disk_short += other.disk_short;
        self.interrupted += other.interrupted;
        self.late += other.late;
        self.events += other.events;
    }
}

impl fmt::Display for Summary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { steps, commits, crashes, stops, refusals, executions, .. } = self;
        let Self { timed_out, disk_short, interrupted, late, events, .. } = self;
        write!(
            f,
            "{steps} steps, {commits} commits, {events} events, {crashes} crashes, {stops} stops in good order, "
        )?;
        write!(
            f,
            "{refusals} refusals of the database, {late} late writers, {executions} executions, of which stopped: "
        )?;
        write!(f, "{timed_out} by their timeout, {disk_short} by a short disk, {interrupted} by the end of the process")
    }
}
