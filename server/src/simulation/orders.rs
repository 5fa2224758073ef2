//! Who is told to stop, and what comes of it: a person's cancel, the timeout, a short disk, the end of the process.
//! Nobody else is, and an end says which of these it was.

use std::time::Duration;

use model::execution::Status;

use super::{life::Life, outcome::Stop, script::Run, world::World};

/// A run as far as its limits are concerned.
#[derive(Clone, Copy, Debug)]
pub(super) struct Limits {
    /// Time that had passed in the world when it started.
    started: Duration,
    /// 0 = none.
    timeout_s: u64,
    /// The disk was short at some time.
    disk_short: bool,
    /// The grace period ended.
    abandoned: bool,
}

impl Limits {
    fn timed_out(self, elapsed: Duration) -> bool {
        self.timeout_s > 0 && elapsed.saturating_sub(self.started) >= Duration::from_secs(self.timeout_s)
    }
}

impl World {
    /// Whoever has a reason to stop was told to, and nobody else was.
    pub(super) fn check_orders(&mut self, life: &Life) -> Result<(), Stop> {
        let disk_short = life.store.disk_short().is_some();
        for (execution, cancelled) in life.script.orders() {
            let timeout_s = self.audit.timeout_s(execution);
            let started = self.elapsed;
            let limits = self.limits.entry(execution).or_insert(Limits {
                started,
                timeout_s,
                disk_short: false,
                abandoned: false,
            });
            limits.disk_short |= disk_short;
            limits.abandoned |= self.abandoning;
            let asked = self.audit.execution(execution).is_some_and(|known| known.status == Status::Cancelling);
            let must = asked || limits.disk_short || limits.abandoned || limits.timed_out(self.elapsed);
            if must != cancelled {
                return Err(Stop::Broken(format!(
                    "{execution} was told to stop: {cancelled}, asked {asked}, {limits:?} at {:?}",
                    self.elapsed
                )));
            }
        }
        self.check_stopped()
    }

    /// Those who stopped because they were told to say why.
    pub(super) fn check_stopped(&mut self) -> Result<(), Stop> {
        for (execution, at) in std::mem::take(&mut self.stopped) {
            let Some(known) = self.audit.execution(execution) else { continue };
            let Some(limits) = self.limits.get(&execution).copied() else { continue };
            if known.status.is_active() {
                // The database refused; it is tried again.
                self.stopped.push((execution, at));
                continue;
            }
            let error = known.error.as_deref().unwrap_or_default();
            let timed_out = limits.timed_out(at) && error.starts_with("timed out after ");
            let disk_short = limits.disk_short && error.starts_with("the disk is nearly full: ");
            let halted = limits.timed_out(at) || limits.disk_short;
            let right = match known.status {
                Status::Cancelled => known.cancelled_by.is_some(),
                Status::Failed => known.cancelled_by.is_none() && (timed_out || disk_short),
                Status::Interrupted => known.cancelled_by.is_none() && limits.abandoned && !halted,
                Status::Success | Status::Queued | Status::Running | Status::Cancelling => false,
            };
            if !right {
                return Err(Stop::Broken(format!("it stopped as it was told, {limits:?}, and became {known:?}")));
            }
            self.summary.timed_out += usize::from(known.status == Status::Failed && timed_out);
            self.summary.disk_short += usize::from(known.status == Status::Failed && disk_short);
            self.summary.interrupted += usize::from(known.status == Status::Interrupted);
        }
        Ok(())
    }

    /// A run stops because it was told to, unless it is done.
    pub(super) fn stops(&mut self, run: Run) {
        let execution = run.execution;
        self.note(format!("{execution} stops"));
        if run.stop() {
            self.stopped.push((execution, self.elapsed));
        }
    }
}
