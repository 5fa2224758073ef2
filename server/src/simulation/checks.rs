//! What must hold whenever everything is at rest: nobody sleeps who should not, and nothing is held that nobody uses.

use std::time::Duration;

use model::limits;

use super::{disk, life::Life, outcome::Stop, world::World};
use crate::{
    clock::Clock,
    store::audit::{ExecutionRecord, Records},
};

/// The events are replayed after every commit; the rows are compared with them after one in so many steps.
const ROWS_LOOKED_AT: usize = 5;
/// A scheduled execution that waits longer for its start is told of.
pub(super) const START_WITHIN: Duration = Duration::from_secs(limits::START_WITHIN_DEFAULT_S);

impl World {
    pub(super) async fn check_at_rest(&mut self, life: &Life, records: &mut Records) -> Result<(), Stop> {
        let told = *life.store.committed().borrow();
        if told != self.audit.last_event() {
            return Err(Stop::Broken(format!("event {} was committed, told is {told}", self.audit.last_event())));
        }
        if let Some(news) = self.post.too_often(|news| self.audit.repeats(news)) {
            return Err(Stop::Broken(format!("it was told too often: {news:?}")));
        }
        self.check_disk(life)?;
        self.check_orders(life)?;
        if self.refused {
            return Ok(());
        }
        let rows = match self.random.one_in(ROWS_LOOKED_AT) {
            true => self.audit.unfinished(records).await?,
            false => Vec::new(),
        };
        check_running(self, life, &rows)?;
        self.audit.hold(self.closing || life.store.disk_short().is_some());
        let now = self.clock.now();
        if let Some(waiting) = self.audit.could_start(now) {
            return Err(Stop::Broken(format!("it could run and does not: {waiting:?}")));
        }
        if let Some(due) = self.audit.workflows().find(|known| known.next_run_at.is_some_and(|next| next <= now)) {
            return Err(Stop::Broken(format!("it is due and is not fired: {due:?}")));
        }
        match self.audit.untold_wait(now, START_WITHIN) {
            Some(waiting) => Err(Stop::Broken(format!("it did not start and nobody was told: {waiting:?}"))),
            None => Ok(()),
        }
    }

    /// The guard has seen what is free, once it had the time to look.
    fn check_disk(&self, life: &Life) -> Result<(), Stop> {
        let (short, seen) = (self.disk.is_short(), life.store.disk_short().is_some());
        let looked = self.elapsed.saturating_sub(self.disk.changed_at) >= disk::LOOKED_AT_WITHIN;
        match looked && short != seen {
            true => Err(Stop::Broken(format!("the disk is short: {short}, the guard has seen: {seen}"))),
            false => Ok(()),
        }
    }
}

/// What runs and what the rows say runs is the same, and no two work on one project.
fn check_running(world: &World, life: &Life, rows: &[ExecutionRecord]) -> Result<(), Stop> {
    let running = life.script.running();
    for row in rows.iter().filter(|row| row.execution.status.is_active()) {
        let runs = running.iter().any(|(execution, _)| *execution == row.execution.id);
        if !runs || row.epoch != Some(life.store.epoch()) {
            return Err(Stop::Broken(format!("it holds a slot and does nothing: {row:?}")));
        }
    }
    for (place, (execution, project)) in running.iter().enumerate() {
        if running[..place].iter().any(|(_, other)| other == project) {
            return Err(Stop::Broken(format!("{execution} works on a project beside another")));
        }
        if !world.audit.execution(*execution).is_some_and(|known| known.status.is_active()) {
            return Err(Stop::Broken(format!("{execution} works on after its end")));
        }
    }
    Ok(())
}
