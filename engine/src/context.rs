//! What every step is given: where to read and write, how much memory it may use, how to report and when to stop.

use std::{
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
};

use datafusion::prelude::{DataFrame, ParquetReadOptions, SessionContext};
use model::{ExecutionId, Step, Timestamp, execution::LogLevel};
use tokio_util::sync::{CancellationToken, DropGuard};

use crate::{
    Engine, Failure, Progress,
    progress::StepProgress,
    results::{Draft, Inputs, Version, Workspace},
    table,
};

/// One run of a pipeline.
#[derive(Clone)]
pub struct Context {
    pub engine: Arc<Engine>,
    /// The project's results: one directory a step.
    pub workspace: PathBuf,
    /// Where this execution's files for download go; does not exist until Export has completed. Outside a scheduler Export
    /// replaces what an earlier run left there.
    pub outputs: PathBuf,
    /// Names the versions that this run publishes; `None` outside a scheduler.
    pub execution: Option<ExecutionId>,
    pub cancel: CancellationToken,
    pub progress: Arc<dyn Progress>,
    /// The time, injected.
    pub now: Arc<dyn Fn() -> Timestamp + Send + Sync>,
}

/// What one step of a run is given.
pub struct StepContext<'a> {
    run: &'a Context,
    step: Step,
    draft: &'a Draft,
    started: Timestamp,
    inputs: Mutex<Inputs>,
}

/// Asks again and again whether to go on; cheap enough for inner loops, and may travel to other threads.
#[derive(Clone, Debug)]
pub struct Checkpoint(CancellationToken);

impl Checkpoint {
    pub fn new(cancel: CancellationToken) -> Self {
        Self(cancel)
    }

    /// The same for work that shall also stop when the guard is dropped, as it is when other work beside it fails.
    pub(crate) fn guarded(&self) -> (Self, DropGuard) {
        let child = self.0.child_token();
        (Self(child.clone()), child.drop_guard())
    }

    /// Waits for `work`, but gives up (and drops it) as soon as the run is told to stop.
    pub async fn unless_cancelled<T>(&self, work: impl Future<Output = T>) -> Result<T, Failure> {
        self.0.run_until_cancelled(work).await.ok_or(Failure::Cancelled)
    }

    /// `Failure::Cancelled` once the run has been told to stop.
    pub fn check(&self) -> Result<(), Failure> {
        if self.0.is_cancelled() { Err(Failure::Cancelled) } else { Ok(()) }
    }
}

impl<'a> StepContext<'a> {
    pub(crate) fn new(run: &'a Context, step: Step, draft: &'a Draft) -> Self {
        Self { run, step, draft, started: (run.now)(), inputs: Mutex::default() }
    }

    pub fn engine(&self) -> &Arc<Engine> {
        &self.run.engine
    }

    /// See [`Engine::session`].
    pub fn session(&self) -> SessionContext {
        self.run.engine.session()
    }

    pub fn outputs(&self) -> &PathBuf {
        &self.run.outputs
    }

    /// `None` outside a scheduler.
    pub fn execution(&self) -> Option<ExecutionId> {
        self.run.execution
    }

    /// When the step began.
    pub fn started(&self) -> Timestamp {
        self.started
    }

    /// Since the step began.
    pub fn elapsed(&self) -> std::time::Duration {
        (self.run.now)().since(self.started)
    }

    /// What the run is called in names: its execution, or outside a scheduler the microseconds of its start.
    pub fn run_name(&self) -> String {
        self.run.execution.map_or_else(|| self.started.as_micros().to_string(), |execution| execution.to_string())
    }

    // Stopping

    /// To be called at least every 100 ms of work.
    pub fn checkpoint(&self) -> Result<(), Failure> {
        if self.run.cancel.is_cancelled() { Err(Failure::Cancelled) } else { Ok(()) }
    }

    /// A checkpoint for another thread.
    pub fn checkpoints(&self) -> Checkpoint {
        Checkpoint(self.run.cancel.clone())
    }

    /// Waits for `work`, but gives up (and drops it) as soon as the run is cancelled.
    pub async fn unless_cancelled<T>(&self, work: impl Future<Output = T>) -> Result<T, Failure> {
        tokio::select! {
            biased;
            () = self.run.cancel.cancelled() => Err(Failure::Cancelled),
            done = work => Ok(done),
        }
    }

    // Reporting

    /// How far the step is: `fraction` 0–1 where it is known, rows done, and what is being done in words.
    pub fn advanced(&self, fraction: Option<f64>, rows: u64, stage: &str) {
        self.advanced_since(self.started, fraction, rows, stage);
    }

    /// The same of work that began at `start`, after other work of the step.
    pub fn advanced_since(&self, start: Timestamp, fraction: Option<f64>, rows: u64, stage: &str) {
        let elapsed = self.now().since(start).as_secs_f64();
        let rows_per_s = (elapsed > 0.0).then(|| rows as f64 / elapsed);
        self.run.progress.advanced(self.step, StepProgress { fraction, rows: Some(rows), rows_per_s, stage });
    }

    /// The time, as the run was given it.
    pub fn now(&self) -> Timestamp {
        (self.run.now)()
    }

    pub fn info(&self, message: impl Into<String>) {
        self.run.progress.log(self.step, LogLevel::Info, message.into());
    }

    pub fn warn(&self, message: impl Into<String>) {
        self.run.progress.log(self.step, LogLevel::Warning, message.into());
    }

    // Reading and writing

    /// Where to write a file of this step's result; it is published with the others when the step succeeds.
    pub fn file(&self, name: &str) -> PathBuf {
        self.draft.file(name)
    }

    /// A directory for what is needed while the step runs; whatever is left there is published with its result.
    pub fn scratch(&self) -> PathBuf {
        self.draft.file("")
    }

    /// The published result of an earlier step. What is read is recorded with this step's result.
    pub fn published(&self, step: Step) -> Result<Version, Failure> {
        let version = Workspace::new(&self.run.workspace).published(step)?.ok_or_else(|| {
            Failure::Input(format!("there is no result of {step} yet; run {step} before {}", self.step))
        })?;
        self.lock_inputs().insert(step.as_str().to_owned(), version.name.clone());
        Ok(version)
    }

    /// The published result of a step, if it ever completed, for a look that what is made does not depend on.
    pub fn earlier(&self, step: Step) -> Result<Option<Version>, Failure> {
        Workspace::new(&self.run.workspace).published(step)
    }

    /// This step's own result from before the run, if it ever completed.
    pub fn previous(&self) -> Result<Option<Version>, Failure> {
        Workspace::new(&self.run.workspace).published(self.step)
    }

    /// The published Parquet of an earlier step as a table of `session`.
    pub async fn table(&self, session: &SessionContext, version: &Version, file: &str) -> Result<DataFrame, Failure> {
        self.parquet(session, &version.file(file)).await
    }

    /// A Parquet file that this step has written, as a table of `session`.
    pub async fn file_table(&self, session: &SessionContext, file: &str) -> Result<DataFrame, Failure> {
        self.parquet(session, &self.file(file)).await
    }

    async fn parquet(&self, session: &SessionContext, path: &Path) -> Result<DataFrame, Failure> {
        let metadata = table::metadata(path)?;
        let rows = table::batch_rows(&metadata);
        let state = session.state_ref();
        if rows < state.read().config().batch_size() {
            // Its rows are long: fewer at a time.
            let config = session.copied_config().with_batch_size(rows);
            *state.write().config_mut() = config;
        }
        let path = path.to_str().ok_or_else(|| Failure::Input("the data directory's name is not UTF-8".to_owned()))?;
        Ok(self.unless_cancelled(session.read_parquet(path, ParquetReadOptions::default())).await??)
    }

    pub(crate) fn inputs(&self) -> Inputs {
        self.lock_inputs().clone()
    }

    fn lock_inputs(&self) -> std::sync::MutexGuard<'_, Inputs> {
        self.inputs.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
