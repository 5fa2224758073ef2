//! One process of the simulated server: from its start to its end or its death.

use std::{
    future::poll_fn,
    path::{Path, PathBuf},
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    task::{Poll, Waker},
    time::Duration,
};

use tokio::runtime::{Builder, Runtime};

use super::script::Script;
use crate::{
    cleaner::{Cleaner, Keep},
    clock::{ManualClock, SharedClock},
    directory::DataDirectory,
    executor::Setup,
    live_samples::LiveSamples,
    roles::{Roles, Rules},
    schedule,
    store::{
        Store, StoreResult,
        faults::{Fault, Faults, Hold},
    },
};

pub(super) const SLOTS: u32 = 2;
/// Visits to the thread for files that a role makes one after another, at most: the log, then what is half written.
const FILE_VISITS_MAX: usize = 3;
/// Short, so that retention has something to do.
const KEEP: Keep = Keep { age: Duration::from_secs(6 * 3600), newest: 5, activity: Duration::from_secs(12 * 3600) };

pub(super) struct Life {
    pub(super) store: Store,
    pub(super) script: Arc<Script>,
    hold: Arc<Hold>,
    idle: Arc<Idle>,
    clock: SharedClock,
    directory: DataDirectory,
}

/// Told by the runtime when no task can go on.
#[derive(Default)]
pub(super) struct Idle {
    parked: AtomicBool,
    waker: Mutex<Option<Waker>>,
}

impl Idle {
    fn park(&self) {
        self.parked.store(true, Ordering::Relaxed);
        if let Some(waker) = self.waker.lock().unwrap_or_else(PoisonError::into_inner).take() {
            waker.wake();
        }
    }

    async fn wait(&self) {
        self.parked.store(false, Ordering::Relaxed);
        poll_fn(|context| {
            if self.parked.load(Ordering::Relaxed) {
                return Poll::Ready(());
            }
            *self.waker.lock().unwrap_or_else(PoisonError::into_inner) = Some(context.waker().clone());
            Poll::Pending
        })
        .await;
    }
}

/// One thread for all tasks, one for files: the order in which things are done is the order in which they were asked for.
pub(super) fn runtime(idle: &Arc<Idle>) -> Runtime {
    let idle = Arc::clone(idle);
    let runtime =
        Builder::new_current_thread().enable_time().max_blocking_threads(1).on_thread_park(move || idle.park()).build();
    runtime.expect("a runtime of one thread")
}

impl Life {
    pub(super) async fn begin(data: &Path, clock: &Arc<ManualClock>, idle: Arc<Idle>) -> Self {
        let directory = DataDirectory::open(data).expect("a data directory");
        let clock: SharedClock = clock.clone();
        let hold = Arc::default();
        let store =
            Store::open_with(&directory.database(), clock.clone(), schedule::occurrences, Faults::held(&hold)).await;
        let store = store.expect("the database opens");
        Self { store, script: Arc::default(), hold, idle, clock, directory }
    }

    /// Starts the loops of the server, after what has to be done before.
    pub(super) fn start(&self, rules: Rules) -> impl Future<Output = StoreResult<Roles>> + Send + 'static {
        let setup = Setup {
            store: self.store.clone(),
            runner: self.script.clone(),
            clock: self.clock.clone(),
            directory: self.directory.clone(),
            samples: LiveSamples::default(),
            slots: SLOTS,
            export: engine::ExportSettings::default(),
        };
        Roles::start(setup, rules)
    }

    pub(super) fn database(&self) -> PathBuf {
        self.directory.database()
    }

    /// A round of the cleaner.
    pub(super) fn cleaning(&self) -> impl Future<Output = StoreResult<()>> + Send + 'static {
        let cleaner = Cleaner::new(self.store.clone(), self.clock.clone(), self.directory.clone(), KEEP);
        async move { cleaner.clean().await }
    }

    /// Returns when every task waits for the writer, for the clock or for the simulation.
    ///
    /// With `files`, a task may also wait for the one thread for files. That one works in order, so when it has done
    /// what is asked here, it has done everything that was asked before.
    pub(super) async fn rest(&self, files: bool) {
        self.idle.wait().await;
        for _ in 0..if files { FILE_VISITS_MAX } else { 0 } {
            tokio::task::spawn_blocking(|| ()).await.expect("nothing cannot panic");
            self.idle.wait().await;
        }
    }

    /// Lets the writer commit; see [`Hold::commit`].
    pub(super) async fn commit(&self, commands: usize, fault: Option<Fault>) -> bool {
        self.hold.commit(commands, fault).await
    }
}
