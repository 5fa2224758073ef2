//! Fires what is due: sleeps until the next due time, or until told that the plan changed.

use std::time::Duration;

use model::Timestamp;
use tokio_util::sync::CancellationToken;

use crate::{
    clock::SharedClock,
    store::{Noticed, Store, StoreResult},
};

/// After the database refused, it is asked again this much later.
const AFTER_REFUSAL: Duration = Duration::from_secs(1);

pub struct Scheduler {
    store: Store,
    clock: SharedClock,
}

impl Scheduler {
    pub fn new(store: Store, clock: SharedClock) -> Self {
        Self { store, clock }
    }

    /// Deals with what became due while no process ran: one late execution for each workflow that wants to catch up.
    /// To be called once, before [`Scheduler::run`].
    ///
    /// # Errors
    /// When the database cannot be read or written.
    pub async fn catch_up(&self) -> StoreResult<()> {
        self.store.rearm().await?;
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

    /// Works until `stop` is cancelled.
    pub async fn run(&self, stop: CancellationToken) {
        let mut changed = self.store.schedules_changed();
        while !stop.is_cancelled() {
            // Registered before looking: an edit between the look and the wait ends the wait at once.
            changed.borrow_and_update();
            let wake = match self.fire_due().await {
                Ok(next_due_at) => next_due_at,
                Err(error) => {
                    tracing::error!(%error, "due executions could not be queued yet");
                    Some(self.clock.now().plus(AFTER_REFUSAL))
                }
            };
            let woken = async {
                match wake {
                    Some(at) => self.clock.sleep_until(at).await,
                    None => std::future::pending().await,
                }
            };
            tokio::select! {
                () = stop.cancelled() => {}
                // An error says that the store is gone, and then this loop has nothing to do.
                changed = changed.changed() => if changed.is_err() { return },
                () = woken => {}
            }
        }
    }
}

#[cfg(test)]
mod tests;
