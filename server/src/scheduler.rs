//! Fires what is due, occurrences and digests: sleeps until the next due time, or until told that the plan changed.

use std::time::Duration;

use model::{Timestamp, limits};
use tokio_util::sync::CancellationToken;

use crate::{
    clock::SharedClock,
    store::{Noticed, Store, StoreResult},
};

/// After the database refused, it is asked again this much later.
const AFTER_REFUSAL: Duration = Duration::from_secs(1);

/// So often it is looked whether a schedule has lost its next run.
const REARM_INTERVAL: Duration = Duration::from_secs(3600);
/// A clock that is corrected by less than this was not set back.
const CORRECTION_MAX: Duration = Duration::from_secs(60);

pub struct Scheduler {
    store: Store,
    clock: SharedClock,
    start_within: Option<Duration>,
}

impl Scheduler {
    pub fn new(store: Store, clock: SharedClock) -> Self {
        let start_within = Some(Duration::from_secs(limits::START_WITHIN_DEFAULT_S));
        Self { store, clock, start_within }
    }

    /// With another limit for the wait of a scheduled execution, or none.
    pub fn start_within(self, start_within: Option<Duration>) -> Self {
        Self { start_within, ..self }
    }

    /// Deals with what became due while no process ran: one late execution for each workflow that wants to catch up.
    /// To be called once, before [`Scheduler::run`].
    ///
    /// # Errors
    /// When the database cannot be read or written.
    pub async fn catch_up(&self) -> StoreResult<()> {
        self.store.rearm().await?;
        self.store.note_clock_set_back().await?;
        while self.store.fire_due(Noticed::AtStart).await?.workflows > 0 {}
        Ok(())
    }

    /// Fires everything that is due now, and says when the next is. One step of the loop.
    ///
    /// # Errors
    /// When the database cannot be read or written.
    pub async fn fire_due(&self) -> StoreResult<Option<Timestamp>> {
        loop {
            let fired = self.store.fire_due(Noticed::InTime).await?;
            if fired.workflows == 0 {
                return Ok(fired.next_due_at);
            }
        }
    }

    /// Tells of scheduled executions that wait too long for their start, and says when to look again.
    ///
    /// # Errors
    /// When the database cannot be read or written.
    pub async fn tell_late_starts(&self) -> StoreResult<Option<Timestamp>> {
        let Some(limit) = self.start_within else { return Ok(None) };
        loop {
            match self.store.tell_late_starts(limit).await? {
                Some(next) if next <= self.clock.now() => {}
                next => return Ok(next),
            }
        }
    }

    /// Makes the digests that are due now, and says when the next is.
    ///
    /// # Errors
    /// When the database cannot be read or written.
    pub async fn make_digests(&self) -> StoreResult<Option<Timestamp>> {
        loop {
            match self.store.make_digests().await? {
                Some(next) if next <= self.clock.now() => {}
                next => return Ok(next),
            }
        }
    }

    /// Works until `stop` is cancelled.
    pub async fn run(&self, stop: CancellationToken) {
        let mut changed = self.store.schedules_changed();
        let mut looked_at = self.clock.now();
        let mut rearm_at = looked_at.plus(REARM_INTERVAL);
        while !stop.is_cancelled() {
            // Registered before looking: an edit between the look and the wait ends the wait at once.
            changed.borrow_and_update();
            let now = self.clock.now();
            let woken = match self.look(now, looked_at, &mut rearm_at).await {
                Ok(wake) => self.clock.sleep_until(wake),
                Err(error) => {
                    tracing::error!(%error, "due executions could not be queued yet");
                    self.clock.sleep(AFTER_REFUSAL)
                }
            };
            looked_at = now;
            tokio::select! {
                () = stop.cancelled() => {}
                // An error says that the store is gone, and then this loop has nothing to do.
                changed = changed.changed() => if changed.is_err() { return },
                () = woken => {}
            }
        }
    }

    /// All that there is to do now; says when to look again.
    async fn look(&self, now: Timestamp, before: Timestamp, rearm_at: &mut Timestamp) -> StoreResult<Timestamp> {
        if before.since(now) > CORRECTION_MAX {
            self.store.note_clock_set_back().await?;
        }
        if now >= *rearm_at || before > now {
            self.store.rearm().await?;
            *rearm_at = now.plus(REARM_INTERVAL);
        }
        let due_at = self.fire_due().await?;
        let late_at = self.tell_late_starts().await?;
        let digest_at = self.make_digests().await?;
        Ok([due_at, late_at, digest_at].into_iter().flatten().fold(*rearm_at, Timestamp::min))
    }
}

#[cfg(test)]
mod tests;
