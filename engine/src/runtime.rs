//! The engine of a process: threads, memory and spill space that all executions share.
//!
//! **Architecture invariant:** CPU work runs here and never on the web server's threads; whoever calls
//! [`crate::run`] only waits.

use std::{fmt, fs, future::Future, num::NonZeroUsize, path::PathBuf, sync::Arc};

use datafusion::{
    execution::{
        disk_manager::{DiskManagerBuilder, DiskManagerMode},
        memory_pool::{FairSpillPool, MemoryConsumer, MemoryPool, MemoryReservation, TrackConsumersPool},
        runtime_env::{RuntimeEnv, RuntimeEnvBuilder},
    },
    prelude::{SessionConfig, SessionContext},
};
use tokio::{
    runtime::{Builder, Runtime},
    task::JoinHandle,
};
use tracing::Instrument as _;

use crate::{
    Failure,
    databases::{Databases, NoDatabases},
    functions,
};

/// Consumers named in the message when the memory is used up.
const CONSUMERS_NAMED: NonZeroUsize = NonZeroUsize::new(3).expect("three is not zero");
/// DataFusion names its spill directories so; whatever is left of them belongs to a process that died.
const SPILL_PREFIX: &str = "datafusion-";

/// Settings of the one engine of a process.
#[derive(Clone, Debug)]
pub struct EngineConfig {
    /// Threads for CPU work, apart from the web server's.
    pub threads: usize,
    /// The one memory pool that all executions share.
    pub memory_bytes: usize,
    /// Where operators spill when the pool is used up. It belongs to this engine alone: what an earlier process left
    /// there is removed at start.
    pub spill_directory: PathBuf,
}

/// The engine of a process: its own threads, one memory pool, one spill directory. Shared by all executions.
pub struct Engine {
    config: EngineConfig,
    /// `None` only while dropping.
    runtime: Option<Runtime>,
    environment: Arc<RuntimeEnv>,
    databases: Arc<dyn Databases>,
}

impl Engine {
    /// Starts the threads and prepares the spill directory.
    ///
    /// The pool is fair: every operator that can spill may hold an equal share of what the others leave, so one large
    /// sort spills early and cannot starve the executions beside it. A greedy pool would let the first comer take
    /// everything. It keeps count of its consumers, so that "out of memory" names the largest.
    pub fn new(config: EngineConfig) -> Result<Self, Failure> {
        let prepared = fs::create_dir_all(&config.spill_directory).and_then(|()| remove_old_spill(&config));
        prepared.map_err(|error| Failure::io("cannot prepare the spill directory", &error))?;
        let pool = TrackConsumersPool::new(FairSpillPool::new(config.memory_bytes), CONSUMERS_NAMED);
        let spill = DiskManagerMode::Directories(vec![config.spill_directory.clone()]);
        let environment = RuntimeEnvBuilder::new()
            .with_memory_pool(Arc::new(pool))
            .with_disk_manager_builder(DiskManagerBuilder::default().with_mode(spill))
            .build_arc()?;
        let runtime = Builder::new_multi_thread()
            .worker_threads(config.threads.max(1))
            .thread_name("engine")
            .enable_all()
            .build()
            .map_err(|error| Failure::io("cannot start the engine's threads", &error))?;
        Ok(Self { config, runtime: Some(runtime), environment, databases: Arc::new(NoDatabases) })
    }

    /// With what it speaks to databases; without this it refuses them.
    #[must_use]
    pub fn with_databases(mut self, databases: Arc<dyn Databases>) -> Self {
        self.databases = databases;
        self
    }

    pub(crate) fn databases(&self) -> &Arc<dyn Databases> {
        &self.databases
    }

    pub fn config(&self) -> &EngineConfig {
        &self.config
    }

    /// A DataFusion session on the shared memory and spill space, with our scalar functions registered by name.
    pub fn session(&self) -> SessionContext {
        self.session_with(SessionConfig::new().with_target_partitions(self.config.threads.max(1)))
    }

    /// A session for plans that only scan one file and compute: their partitions, at most so many, are parts of the file one
    /// after the other.
    pub fn session_in_order(&self, partitions: usize) -> SessionContext {
        let mut config = SessionConfig::new().with_target_partitions(partitions.max(1));
        // Partitions take parts of the file from each other, unless they are told not to; and a file too small to be cut
        // would have its rows dealt out in turn.
        config.options_mut().execution.enable_file_stream_work_stealing = false;
        self.session_with(config.with_round_robin_repartition(false))
    }

    fn session_with(&self, mut config: SessionConfig) -> SessionContext {
        // A plan sees the schema that was published (Utf8), not the reader's choice of views.
        config.options_mut().execution.parquet.schema_force_view_types = false;
        let session = SessionContext::new_with_config_rt(config, Arc::clone(&self.environment));
        functions::register(&session);
        session
    }

    /// An account in the shared pool for memory that no DataFusion operator holds. Growing it fails when the pool is
    /// used up; it is given back on drop.
    pub fn reserve(&self, consumer: impl Into<String>) -> MemoryReservation {
        let pool: &Arc<dyn MemoryPool> = &self.environment.memory_pool;
        MemoryConsumer::new(consumer).register(pool)
    }

    /// Bytes that are taken from the pool now.
    pub fn memory_used_bytes(&self) -> usize {
        self.environment.memory_pool.reserved()
    }

    /// Runs a future on the engine's threads.
    pub fn spawn<F>(&self, future: F) -> JoinHandle<F::Output>
    where
        F: Future<Output: Send + 'static> + Send + 'static,
    {
        // What is logged there belongs to whatever the work is done for.
        self.runtime().spawn(future.in_current_span())
    }

    /// Runs a function that reads or writes files, or computes for long, beside the engine's threads.
    pub fn spawn_blocking<T, F>(&self, function: F) -> JoinHandle<T>
    where
        F: FnOnce() -> T + Send + 'static,
        T: Send + 'static,
    {
        self.runtime().spawn_blocking(function)
    }

    fn runtime(&self) -> &Runtime {
        self.runtime.as_ref().expect("the runtime is there until the engine is dropped")
    }
}

impl Drop for Engine {
    fn drop(&mut self) {
        // The last owner may be async code, where waiting for threads would panic.
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

impl fmt::Debug for Engine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Engine").field("config", &self.config).finish_non_exhaustive()
    }
}

fn remove_old_spill(config: &EngineConfig) -> std::io::Result<()> {
    for entry in fs::read_dir(&config.spill_directory)? {
        let entry = entry?;
        if entry.file_name().to_string_lossy().starts_with(SPILL_PREFIX) {
            fs::remove_dir_all(entry.path())?;
        }
    }
    Ok(())
}
