//! Runs that do what the simulation says, in place of the engine.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use engine::{Failure, PipelineError, Progress, StepCounts};
use model::{ExecutionId, ProjectId, Step, execution::Output};
use tokio::sync::oneshot;
use tokio_util::sync::CancellationToken;

use crate::runner::{Job, Runner};

/// Everything that runs in this process.
#[derive(Default)]
pub(super) struct Script {
    runs: Mutex<Vec<Run>>,
}

/// A run, waiting to be told how it goes on.
pub(super) struct Run {
    pub(super) execution: ExecutionId,
    project: ProjectId,
    steps: Vec<Step>,
    /// Steps begun and steps ended.
    begun: usize,
    ended: usize,
    pub(super) cancel: CancellationToken,
    progress: Arc<dyn Progress>,
    end: oneshot::Sender<Result<Vec<Output>, PipelineError>>,
}

#[async_trait]
impl Runner for Script {
    async fn run(
        &self,
        job: Job,
        cancel: CancellationToken,
        progress: Arc<dyn Progress>,
    ) -> Result<Vec<Output>, PipelineError> {
        let (end, ended) = oneshot::channel();
        let steps = job.steps.iter().collect();
        let run =
            Run { execution: job.execution, project: job.project, steps, begun: 0, ended: 0, cancel, progress, end };
        self.runs().push(run);
        // Dropped: the simulation makes a step panic, without the report that a panic prints.
        ended.await.unwrap_or_else(|dropped| std::panic::resume_unwind(Box::new(dropped)))
    }
}

impl Script {
    fn runs(&self) -> MutexGuard<'_, Vec<Run>> {
        self.runs.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What runs, in the order of its start.
    pub(super) fn running(&self) -> Vec<(ExecutionId, ProjectId)> {
        self.runs().iter().map(|run| (run.execution, run.project)).collect()
    }

    /// The same, and whether each was told to stop.
    pub(super) fn orders(&self) -> Vec<(ExecutionId, bool)> {
        self.runs().iter().map(|run| (run.execution, run.cancel.is_cancelled())).collect()
    }

    /// Takes one out; it has to be put back with [`Script::goes_on`], unless it ends.
    pub(super) fn take(&self, place: usize) -> Run {
        self.runs().remove(place)
    }

    pub(super) fn goes_on(&self, run: Run) {
        self.runs().push(run);
    }
}

impl Run {
    /// Begins or ends a step. `false` when there is nothing left to do.
    pub(super) fn step(&mut self) -> bool {
        if self.begun > self.ended {
            let counts = StepCounts { rows_in: 3, rows_out: 2 };
            self.progress.step_finished(self.steps[self.ended], counts, "done".to_owned());
            self.ended += 1;
        } else if let Some(step) = self.steps.get(self.begun) {
            self.progress.step_started(*step);
            self.begun += 1;
        } else {
            return false;
        }
        true
    }

    pub(super) fn succeed(mut self) {
        while self.step() {}
        self.end(Ok(Vec::new()));
    }

    /// `false` when it was done already, and so succeeds.
    pub(super) fn stop(self) -> bool {
        self.fail(Failure::Cancelled)
    }

    /// Fails in the step that it is in. `false` when it was done already, and so succeeds.
    pub(super) fn fail(mut self, failure: Failure) -> bool {
        if self.begun == self.ended && !self.step() {
            self.end(Ok(Vec::new()));
            return false;
        }
        let step = self.steps[self.ended];
        self.end(Err(PipelineError { step, failure }));
        true
    }

    fn end(self, result: Result<Vec<Output>, PipelineError>) {
        // The executor may have died meanwhile.
        let _ = self.end.send(result);
    }
}
