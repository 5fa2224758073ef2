//! What an execution does once it runs. The executor knows only this trait, so that a test can script the work.

use std::{path::PathBuf, sync::Arc};

use async_trait::async_trait;
use engine::{Context, Engine, Failure, ImportSettings, PipelineError, PipelineSpec, Progress};
use model::{ExecutionId, ProjectId, Step, StepRange, execution::Output, results::Summary};
use tokio_util::sync::CancellationToken;

use crate::clock::SharedClock;

/// One run of a pipeline: everything that was read when the execution started.
#[derive(Clone, Debug)]
pub struct Job {
    pub execution: ExecutionId,
    pub project: ProjectId,
    pub pipeline: PipelineSpec,
    pub steps: StepRange,
    /// The project's results.
    pub workspace: PathBuf,
    /// Where the files for download go; absent until they are complete.
    pub outputs: PathBuf,
}

/// Does the work of executions.
#[async_trait]
pub trait Runner: Send + Sync + 'static {
    /// Runs to the end, or until the next checkpoint after `cancel` fires. The answer is the files that it left for
    /// download, the main one first.
    async fn run(
        &self,
        job: Job,
        cancel: CancellationToken,
        progress: Arc<dyn Progress>,
    ) -> Result<Vec<Output>, PipelineError>;
}

/// The runner of the product: the engine.
pub struct EngineRunner {
    pub engine: Arc<Engine>,
    pub clock: SharedClock,
    /// From where sources may be read.
    pub import: ImportSettings,
}

#[async_trait]
impl Runner for EngineRunner {
    async fn run(
        &self,
        job: Job,
        cancel: CancellationToken,
        progress: Arc<dyn Progress>,
    ) -> Result<Vec<Output>, PipelineError> {
        let clock = Arc::clone(&self.clock);
        let context = Context {
            engine: Arc::clone(&self.engine),
            workspace: job.workspace.clone(),
            outputs: job.outputs,
            execution: Some(job.execution),
            cancel,
            progress,
            now: Arc::new(move || clock.now()),
        };
        let pipeline = PipelineSpec { import: self.import.clone(), ..job.pipeline };
        engine::run(&pipeline, &context, job.steps).await?;
        if !job.steps.contains(Step::Export) {
            return Ok(Vec::new());
        }
        let workspace = job.workspace;
        let read = tokio::task::spawn_blocking(move || engine::read::step_result(&workspace, Step::Export)).await;
        let result = read.unwrap_or_else(|stopped| Err(Failure::Internal(stopped.to_string())));
        match result.map_err(|failure| PipelineError { step: Step::Export, failure })?.map(|result| result.summary) {
            Some(Summary::Export(export)) => Ok(export.outputs),
            _ => Ok(Vec::new()),
        }
    }
}
