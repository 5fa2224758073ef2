//! What happens: work goes on, time passes, users do things, and things go wrong.

use std::time::Duration;

use engine::Failure;
use model::Timestamp;

use super::{disk, life::Life, outcome::Stop, world::World};
use crate::{
    clock::Clock,
    store::{Ending, Settlement, StepsDone, audit::Records},
};

impl World {
    /// One random thing, and all that follows from it.
    pub(super) async fn act(&mut self, life: &Life, records: &mut Records) -> Result<(), Stop> {
        if self.refused && !self.database_full && self.random.one_in(2) {
            return self.breathe(life, records).await;
        }
        match self.random.below(100) {
            0..36 => self.work_on(life),
            36..54 => self.time_passes(),
            54..82 => return self.users(life, records).await,
            82..86 => self.clock_is_set(),
            86..88 => return self.clean(life, records).await,
            88..91 => self.disk_changes(),
            91..93 => {
                self.database_full = !self.database_full;
                self.note(format!("no room in the database: {}", self.database_full));
                self.refused |= self.database_full;
            }
            93..97 => return self.late_writer(life, records).await,
            _ => {
                self.note("killed");
                return Err(Stop::Crash);
            }
        }
        self.settle(life, records, || true).await
    }

    /// Something that runs goes on, or ends.
    pub(super) fn work_on(&mut self, life: &Life) {
        let running = life.script.running().len();
        if running == 0 {
            return self.time_passes();
        }
        self.files = true;
        let mut run = life.script.take(self.random.below(running));
        let execution = run.execution;
        if run.cancel.is_cancelled() && !self.random.one_in(4) {
            return self.stops(run);
        }
        match self.random.below(10) {
            0 | 1 => {
                self.note(format!("{execution} fails"));
                run.fail(Failure::Input("line 3: not UTF-8".to_owned()));
            }
            2 => {
                self.note(format!("{execution} succeeds"));
                run.succeed();
            }
            3 if self.random.one_in(10) => {
                self.note(format!("{execution} panics"));
                drop(run);
            }
            _ if run.step() => {
                self.note(format!("{execution} goes on"));
                life.script.goes_on(run);
            }
            _ => {
                self.note(format!("{execution} is done"));
                run.succeed();
            }
        }
    }

    fn time_passes(&mut self) {
        let now = self.clock.now();
        let next = self.audit.workflows().filter_map(|workflow| workflow.next_run_at);
        let ready = self.audit.open().filter_map(|execution| execution.ready_at);
        let soonest = next.chain(ready).filter(|at| *at > now).min();
        let by = match (self.random.below(4), soonest) {
            (0 | 1, Some(soonest)) => soonest.since(now),
            (2, _) => Duration::from_secs(self.random.below(7200) as u64),
            _ => Duration::from_millis(self.random.below(90_000) as u64),
        };
        self.pass(by);
    }

    /// The disk fills up, or somebody makes room; the guard looks soon.
    fn disk_changes(&mut self) {
        let free_bytes = if self.disk.is_short() { u64::MAX } else { disk::NEEDED_BYTES / 2 };
        self.note(format!("{free_bytes} bytes are free"));
        self.disk.set(free_bytes, self.elapsed);
        if self.random.one_in(2) {
            self.pass(disk::LOOKED_AT_WITHIN);
        }
    }

    /// Somebody sets the machine's clock.
    fn clock_is_set(&mut self) {
        let by = Duration::from_secs(1 + self.random.below(*self.random.clone().pick(&[10, 4000, 200_000])) as u64);
        let now = self.clock.now();
        let to: Timestamp = if self.random.one_in(2) { now.plus(by) } else { now.minus(by) };
        self.note(format!("the clock is set to {to}"));
        self.clock.set(to);
    }

    /// Time in which nothing goes wrong: what was refused is tried again.
    pub(super) async fn breathe(&mut self, life: &Life, records: &mut Records) -> Result<(), Stop> {
        self.note("a quiet moment");
        let calm = std::mem::replace(&mut self.calm, true);
        self.pass(Duration::from_secs(2));
        let settled = self.settle(life, records, || true).await;
        self.calm = calm;
        self.refused = false;
        settled
    }

    async fn clean(&mut self, life: &Life, records: &mut Records) -> Result<(), Stop> {
        self.note("retention");
        let cleaning = tokio::spawn(life.cleaning());
        self.settle(life, records, || cleaning.is_finished()).await?;
        match cleaning.await.expect("it does not panic") {
            Err(error) if !self.refused => Err(Stop::Broken(format!("retention: {error}"))),
            _ => Ok(()),
        }
    }

    /// A process that was believed dead wakes up and writes what it has to say about an execution: one that it had
    /// when it died, or one that it takes for its own.
    async fn late_writer(&mut self, life: &Life, records: &mut Records) -> Result<(), Stop> {
        let running = life.script.running();
        let (execution, epoch) = match self.orphans.pop() {
            Some(orphan) => orphan,
            None if running.is_empty() => return Ok(()),
            None => (self.random.pick(&running).0, life.store.epoch() - 1),
        };
        self.note(format!("a late writer of epoch {epoch} on {execution}"));
        self.summary.late += usize::from(running.iter().any(|(known, _)| *known == execution));
        let before = self.audit.execution(execution).cloned();
        let store = life.store.as_of(epoch);
        let steps = before.as_ref().map(|known| known.steps.clone()).unwrap_or_default();
        let done = StepsDone { execution, steps, records: Some(7) };
        let ending = match self.random.below(3) {
            0 => Ending::Success { outputs: Vec::new() },
            1 => Ending::Failed { step: None, error: "late".to_owned() },
            _ => Ending::Stopped,
        };
        let settle = !self.random.one_in(4);
        let late = tokio::spawn(async move {
            let recorded = store.record_steps(done.clone()).await;
            if settle {
                let settlement = Settlement { done, ending, destination_unchanged: None, slots: None };
                return recorded.and(store.settle(settlement).await.map(|_| ()));
            }
            recorded
        });
        self.settle(life, records, || late.is_finished()).await?;
        match late.await.expect("it does not panic") {
            Err(error) if !self.refused => return Err(Stop::Broken(format!("a late writer: {error}"))),
            _ => {}
        }
        match self.audit.execution(execution) == before.as_ref() {
            true => Ok(()),
            false => Err(Stop::Broken(format!("a late writer changed {before:?}"))),
        }
    }
}
