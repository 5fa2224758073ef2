//! How a running pipeline tells the world where it stands.

use model::{Step, execution::LogLevel};

/// Called from the engine's threads; implementations must be quick and must not block.
pub trait Progress: Send + Sync {
    fn step_started(&self, step: Step);

    /// The step has published its result. `summary` is one sentence for people: "71,204 cells changed".
    fn step_finished(&self, step: Step, counts: StepCounts, summary: String);

    /// How far the running step is. May be called thousands of times a second: the receiver samples.
    fn advanced(&self, step: Step, state: StepProgress<'_>);

    fn log(&self, step: Step, level: LogLevel, message: String);
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct StepCounts {
    pub rows_in: u64,
    pub rows_out: u64,
}

#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct StepProgress<'a> {
    /// 0.0–1.0 where it is known.
    pub fraction: Option<f64>,
    pub rows: Option<u64>,
    pub rows_per_s: Option<f64>,
    /// "scoring 1.8 of 2.9 M pairs"
    pub stage: &'a str,
}

/// For work whose progress nobody asks for.
#[derive(Clone, Copy, Debug)]
pub struct Unheard;

impl Progress for Unheard {
    fn step_started(&self, _step: Step) {}
    fn step_finished(&self, _step: Step, _counts: StepCounts, _summary: String) {}
    fn advanced(&self, _step: Step, _progress: StepProgress<'_>) {}
    fn log(&self, _step: Step, _level: LogLevel, _message: String) {}
}
