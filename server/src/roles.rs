//! The loops behind the server: scheduler, executor, outbox, disk guard, cleaner. Started in order after recovery, stopped together.

use std::{sync::Arc, time::Duration};

use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use crate::{
    cleaner::{Cleaner, Keep},
    disk::{DiskGuard, FreeSpace},
    executor::{Executor, Setup},
    outbox::{Outbox, Transport},
    rescuer,
    scheduler::Scheduler,
    store::StoreResult,
};

/// What the loops go by, beside what the executor works on.
pub struct Rules {
    pub keep: Keep,
    /// The longest wait of a scheduled execution for its start that is not told.
    pub start_within: Option<Duration>,
    /// Bytes that must stay free on the disk; 0 = none.
    pub disk_free_min_bytes: u64,
    pub disk_free: FreeSpace,
    pub transport: Arc<dyn Transport>,
}

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
    pub async fn start(setup: Setup, rules: Rules) -> StoreResult<Self> {
        rescuer::recover(&setup.store, &setup.directory).await?;
        let (store, clock) = (&setup.store, &setup.clock);
        let scheduler = Scheduler::new(store.clone(), clock.clone()).start_within(rules.start_within);
        scheduler.catch_up().await?;
        let outbox = Outbox::new(store.clone(), clock.clone(), rules.transport);
        outbox.recover().await?;
        let disk = DiskGuard::new(store.clone(), clock.clone(), rules.disk_free_min_bytes, rules.disk_free);
        // Before anything starts.
        disk.check();
        let cleaner = Cleaner::new(store.clone(), clock.clone(), setup.directory.clone(), rules.keep);
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
                async move { outbox.run(stop).await }
            }),
            tokio::spawn({
                let stop = stop.clone();
                async move { disk.run(stop).await }
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
        // The others go on meanwhile: what ends within the grace period is still told, and occurrences are queued.
        self.executor.stop(grace).await;
        self.stop.cancel();
        for role in self.loops {
            if let Err(error) = role.await {
                tracing::error!(%error, "a role did not end in good order");
            }
        }
    }
}
