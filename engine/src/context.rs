//! What every step is given: where to read and write, how much memory it may use, how to report and when to stop.

use std::{path::PathBuf, sync::Arc};

use model::{ExecutionId, Timestamp};
use tokio_util::sync::CancellationToken;

use crate::progress::Progress;

/// Settings of the one engine of a process.
#[derive(Clone, Debug)]
pub struct EngineConfig {
    /// Threads for CPU work, apart from the web server's.
    pub threads: usize,
    /// The one memory pool that all executions share.
    pub memory_bytes: usize,
    /// Where operators spill when the pool is used up.
    pub spill_directory: PathBuf,
}

/// The engine of a process: its own threads, one memory pool, one spill directory. Shared by all executions.
#[derive(Debug)]
pub struct Engine {
    pub config: EngineConfig,
}

/// One run of a pipeline.
#[derive(Clone)]
pub struct Context {
    pub engine: Arc<Engine>,
    /// The project's results: one directory a step.
    pub workspace: PathBuf,
    /// Where this execution's files for download go; does not exist until Export has completed.
    pub outputs: PathBuf,
    /// Names the versions that this run publishes; `None` outside a scheduler.
    pub execution: Option<ExecutionId>,
    pub cancel: CancellationToken,
    pub progress: Arc<dyn Progress>,
    /// The time, injected.
    pub now: Arc<dyn Fn() -> Timestamp + Send + Sync>,
}
