//! The phases of a task with their times: shown as they go, and together at the end.

use std::time::{Duration, Instant};

use crate::Result;

/// What ran so far, in order.
#[derive(Default)]
pub(crate) struct Phases {
    ended: Vec<(&'static str, Duration)>,
}

impl Phases {
    /// Runs `work` as the phase called `name`.
    pub(crate) fn run<T>(&mut self, name: &'static str, work: impl FnOnce() -> Result<T>) -> Result<T> {
        eprintln!("▸ {name}");
        let start = Instant::now();
        let result = work();
        let took = start.elapsed();
        let mark = if result.is_ok() { "✓" } else { "✗" };
        eprintln!("{mark} {name} — {:.1} s", took.as_secs_f64());
        self.ended.push((name, took));
        result
    }

    /// Prints every phase with its time, and their sum.
    pub(crate) fn report(&self) {
        let total: Duration = self.ended.iter().map(|(_, took)| *took).sum();
        eprintln!();
        for (name, took) in self.ended.iter().copied().chain([("in all", total)]) {
            eprintln!("{:>8.1} s  {name}", took.as_secs_f64());
        }
    }
}
