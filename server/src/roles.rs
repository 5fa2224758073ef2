//! The loops behind the server: scheduler, executor, cleaner. Started in order after recovery, stopped together.

use std::time::Duration;

use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use crate::{
    cleaner::{Cleaner, Keep},
    executor::{Executor, Setup},
    rescuer,
    scheduler::Scheduler,
    store::StoreResult,
};

/// The loops of a server that runs.
pub struct Roles {
    executor: Executor,
    loops: Vec<JoinHandle<()>>,
    stop: CancellationToken,
}

impl Roles {
    /// Takes care of what an earlier process left, catches up with schedules, then starts the loops.
    ///
    /// # Errors
    /// When the database cannot be read or written; nothing is started then.
    pub async fn start(setup: Setup, keep: Keep) -> StoreResult<Self> {
        rescuer::recover(&setup.store, &setup.directory).await?;
        let scheduler = Scheduler::new(setup.store.clone(), setup.clock.clone());
        scheduler.catch_up().await?;
        let cleaner = Cleaner::new(setup.store.clone(), setup.clock.clone(), setup.directory.clone(), keep);
        let executor = Executor::new(setup);
        let stop = CancellationToken::new();
        let loops = vec![
            tokio::spawn({
                let executor = executor.clone();
                async move { executor.run().await }
            }),
            tokio::spawn({
                let stop = stop.clone();
                async move { scheduler.run(stop).await }
            }),
            tokio::spawn({
                let stop = stop.clone();
                async move { cleaner.run(stop).await }
            }),
        ];
        Ok(Self { executor, loops, stop })
    }

    /// Starts nothing new and lets running executions end within `grace`; those that do not are recovered at the next
    /// start.
    pub async fn stop(self, grace: Duration) {
        self.stop.cancel();
        self.executor.stop(grace).await;
        for role in self.loops {
            if let Err(error) = role.await {
                tracing::error!(%error, "a role did not end in good order");
            }
        }
    }
}
