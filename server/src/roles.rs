//! The loops behind the server: scheduler, executor, outbox, disk guard, cleaner. Started in order after recovery, stopped together.

use std::{panic::AssertUnwindSafe, sync::Arc, time::Duration};

use async_trait::async_trait;
use futures::FutureExt;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use crate::{
    cleaner::Cleaner,
    clock::SharedClock,
    disk::{DiskGuard, FreeSpace},
    executor::{Executor, Setup},
    outbox::{Outbox, Transport},
    rescuer,
    scheduler::Scheduler,
    store::StoreResult,
};

/// Before a role that panicked is started again.
const AFTER_PANIC: Duration = Duration::from_secs(1);

/// What the loops go by, beside what the executor works on.
pub struct Rules {
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
    clock: SharedClock,
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
        let (store, clock) = (&setup.store, setup.clock.clone());
        let scheduler = Scheduler::new(store.clone(), clock.clone()).start_within(rules.start_within);
        scheduler.catch_up().await?;
        let outbox = Outbox::new(store.clone(), clock.clone(), rules.transport);
        outbox.recover().await?;
        let disk = DiskGuard::new(store.clone(), clock.clone(), rules.disk_free_min_bytes, rules.disk_free);
        // Before anything starts.
        disk.check();
        let executor = Executor::new(setup);
        let roles = Self { executor: executor.clone(), clock, loops: Vec::new(), stop: CancellationToken::new() };
        Ok(roles.with(executor).with(scheduler).with(outbox).with(disk))
    }

    /// Starts retention beside them.
    pub fn with_retention(self, cleaner: Cleaner) -> Self {
        self.with(cleaner)
    }

    fn with(mut self, role: impl Role + 'static) -> Self {
        self.loops.push(tokio::spawn(supervise(Box::new(role), self.clock.clone(), self.stop.clone())));
        self
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

/// A loop of the server.
#[async_trait]
trait Role: Send + Sync {
    fn name(&self) -> &'static str;

    /// Works until `stop` is cancelled.
    async fn work(&self, stop: CancellationToken);
}

macro_rules! roles {
    ($($role:ident $name:literal,)*) => {$(
        #[async_trait]
        impl Role for $role {
            fn name(&self) -> &'static str {
                $name
            }

            async fn work(&self, stop: CancellationToken) {
                self.run(stop).await;
            }
        }
    )*};
}

roles! { Scheduler "scheduler", Outbox "outbox", DiskGuard "disk guard", Cleaner "cleaner", }

#[async_trait]
impl Role for Executor {
    fn name(&self) -> &'static str {
        "executor"
    }

    /// It has an end of its own, [`Executor::stop`], which comes before that of the others.
    async fn work(&self, _: CancellationToken) {
        self.run().await;
    }
}

/// Lets a role work until it ends by itself. One that panics is started again: a scheduler that is gone would be noticed
/// only by what does not happen.
async fn supervise(role: Box<dyn Role>, clock: SharedClock, stop: CancellationToken) {
    while AssertUnwindSafe(role.work(stop.clone())).catch_unwind().await.is_err() {
        tracing::error!(role = role.name(), "panicked and is started again");
        clock.sleep(AFTER_PANIC).await;
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU32, Ordering};

    use model::Timestamp;
    use tokio::sync::mpsc;

    use super::*;
    use crate::{clock::ManualClock, testing::patiently};

    /// Panics twice.
    struct Unsteady {
        starts: mpsc::UnboundedSender<u32>,
        started: AtomicU32,
    }

    #[async_trait]
    impl Role for Unsteady {
        fn name(&self) -> &'static str {
            "unsteady"
        }

        async fn work(&self, _: CancellationToken) {
            let start = self.started.fetch_add(1, Ordering::SeqCst);
            self.starts.send(start).unwrap();
            assert!(start == 2, "a fault of ours");
        }
    }

    #[tokio::test]
    async fn a_role_that_panics_is_started_again() {
        let clock = ManualClock::new(Timestamp::from_micros(0));
        let (starts, mut started) = mpsc::unbounded_channel();
        let role = Box::new(Unsteady { starts, started: AtomicU32::new(0) });
        let role = tokio::spawn(supervise(role, clock.clone(), CancellationToken::new()));
        for start in 0..3 {
            assert_eq!(patiently(started.recv()).await, Some(start));
            while start < 2 && clock.next_wake().is_none() {
                tokio::task::yield_now().await;
            }
            clock.advance(AFTER_PANIC);
        }
        patiently(role).await.unwrap();
    }
}
