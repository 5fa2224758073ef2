//! Claims executions that may start, runs them, and records how they ended.
//!
//! One loop looks at the queue when a commit changed it, or when a waiting retry becomes ready; each execution has a
//! task of its own. The end of one execution and the start of the next are one commit, so a workflow whose queue is full
//! runs without gaps.

pub mod log;
mod report;
mod run;
mod spans;

use std::{panic::AssertUnwindSafe, sync::Arc, time::Duration};

use engine::ExportSettings;
use futures::FutureExt;
use tokio_util::{sync::CancellationToken, task::TaskTracker};
use tracing::Instrument as _;

use crate::{
    clock::SharedClock,
    directory::DataDirectory,
    live_samples::LiveSamples,
    runner::Runner,
    store::{Claimed, Claims, Store},
};

/// After the database refused, it is asked again this much later.
const AFTER_REFUSAL: Duration = Duration::from_secs(1);

/// What the executor works on.
pub struct Setup {
    pub store: Store,
    pub runner: Arc<dyn Runner>,
    pub clock: SharedClock,
    pub directory: DataDirectory,
    pub samples: LiveSamples,
    /// Executions that may run at once, over all workflows.
    pub slots: u32,
    /// Where exports may go, and the zone of dates in their names.
    pub export: ExportSettings,
}

/// Cheap to clone.
#[derive(Clone)]
pub struct Executor {
    shared: Arc<Shared>,
}

struct Shared {
    setup: Setup,
    /// No new starts.
    closing: CancellationToken,
    /// The grace period is over: running steps stop at their next checkpoint.
    abandoning: CancellationToken,
    /// The loop that claims: what it claimed before the queue was closed is started, and so waited for.
    claiming: TaskTracker,
    executions: TaskTracker,
}

impl Executor {
    pub fn new(setup: Setup) -> Self {
        let shared = Shared {
            setup,
            closing: CancellationToken::new(),
            abandoning: CancellationToken::new(),
            claiming: TaskTracker::new(),
            executions: TaskTracker::new(),
        };
        Self { shared: Arc::new(shared) }
    }

    /// Works until [`Executor::stop`].
    pub async fn run(&self) {
        let setup = &self.shared.setup;
        let _claiming = self.shared.claiming.token();
        let mut changed = setup.store.queue_changed();
        while !self.shared.closing.is_cancelled() {
            // Registered before looking: a commit between the look and the wait ends the wait at once.
            changed.borrow_and_update();
            let woken = match self.start_ready().await {
                Ok(Some(next_ready_at)) => setup.clock.sleep_until(next_ready_at),
                Ok(None) => std::future::pending().boxed(),
                Err(error) => {
                    tracing::error!(%error, "the queue could not be read");
                    setup.clock.sleep(AFTER_REFUSAL)
                }
            };
            tokio::select! {
                () = self.shared.closing.cancelled() => {}
                // An error says that the store is gone, and then this loop has nothing to do.
                changed = changed.changed() => if changed.is_err() { return },
                () = woken => {}
            }
        }
    }

    /// Starts every execution that may start now, and says when a waiting retry becomes ready. One step of the loop.
    ///
    /// # Errors
    /// When the database cannot be read or written.
    pub async fn start_ready(&self) -> Result<Option<model::Timestamp>, crate::store::StoreError> {
        let claims = self.shared.setup.store.claim(self.shared.setup.slots).await?;
        let next_ready_at = claims.next_ready_at;
        self.start(claims);
        Ok(next_ready_at)
    }

    /// Starts nothing new, lets running executions end within `grace`, then stops them at their next checkpoint. For
    /// those a recovery waits that the next process starts.
    pub async fn stop(&self, grace: Duration) {
        let shared = &self.shared;
        shared.closing.cancel();
        shared.setup.store.close_queue();
        shared.claiming.close();
        shared.executions.close();
        let all_ended = async {
            shared.claiming.wait().await;
            shared.executions.wait().await;
        };
        tokio::pin!(all_ended);
        tokio::select! {
            () = &mut all_ended => return,
            () = shared.setup.clock.sleep(grace) => {}
        }
        tracing::info!(executions = shared.executions.len(), "the grace period is over; running steps stop now");
        shared.abandoning.cancel();
        all_ended.await;
    }

    /// Ends when nothing runs. Meant for tests.
    pub async fn idle(&self) {
        self.shared.executions.close();
        self.shared.executions.wait().await;
        self.shared.executions.reopen();
    }

    fn start(&self, claims: Claims) {
        for claimed in claims.started {
            self.start_one(claimed);
        }
    }

    fn start_one(&self, claimed: Claimed) {
        let executor = self.clone();
        let span = spans::of_execution(&claimed.execution);
        let execution = async move {
            let execution = claimed.execution.clone();
            let executed = AssertUnwindSafe(executor.execute(claimed)).catch_unwind().await;
            if executed.is_err() {
                // Nobody else would ever end it, and it holds a slot, its workflow and its project.
                executor.settle_after_panic(&execution).await;
            }
        };
        self.shared.executions.spawn(execution.instrument(span));
    }

    /// Slots for what starts in the place of an execution that ends.
    fn open_slots(&self) -> Option<u32> {
        (!self.shared.closing.is_cancelled()).then_some(self.shared.setup.slots)
    }
}

#[cfg(test)]
mod tests;
