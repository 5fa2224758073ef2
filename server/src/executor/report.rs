//! What a running pipeline says: steps are facts and go to the database, progress is sampled and goes to the pages.

use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use engine::{Progress, StepCounts, StepProgress};
use model::{
    ExecutionId, Step, Timestamp, WorkflowId, event,
    execution::{Execution, LogLevel, LogLine, StepRun, StepStatus},
    limits,
};
use opentelemetry::trace::Status;
use tokio::sync::Notify;
use tracing::Span;
use tracing_opentelemetry::OpenTelemetrySpanExt as _;

use super::spans;
use crate::{clock::SharedClock, live_samples::LiveSamples, store::Ending};

/// Between two samples of one execution.
const SAMPLE_INTERVAL: Duration = Duration::from_millis(1000 / limits::PROGRESS_PER_SECOND_MAX as u64);
/// Stages of a step that are told at once, however soon after the sample before them. Steps have fewer.
const STAGES_MAX: u32 = 10;

/// Receives the reports of one execution from the engine's threads; never blocks them.
pub(super) struct Report {
    execution: ExecutionId,
    workflow: WorkflowId,
    clock: SharedClock,
    samples: LiveSamples,
    span: Span,
    state: Mutex<State>,
    news: Notify,
}

/// What was reported in a while.
pub(super) struct News {
    pub(super) lines: Vec<LogLine>,
    /// The steps as they stand and the rows imported, if they have changed.
    pub(super) steps: Option<(Vec<StepRun>, Option<u64>)>,
}

struct State {
    steps: Vec<StepRun>,
    steps_changed: bool,
    lines: Vec<LogLine>,
    lines_taken: usize,
    sampled_at: Option<Timestamp>,
    /// What the step does, without the figures, and how often that has changed.
    stage: (String, u32),
    /// Of the step that runs.
    step_span: Option<Span>,
}

impl Report {
    /// To be called in the span of the execution.
    pub(super) fn new(execution: &Execution, clock: SharedClock, samples: LiveSamples) -> Arc<Self> {
        let state = State {
            steps: execution.steps.clone(),
            steps_changed: false,
            lines: Vec::new(),
            lines_taken: 0,
            sampled_at: None,
            stage: (String::new(), 0),
            step_span: None,
        };
        Arc::new(Self {
            execution: execution.id,
            workflow: execution.workflow_id,
            clock,
            samples,
            span: Span::current(),
            state: Mutex::new(state),
            news: Notify::new(),
        })
    }

    /// Ends when a step or a log line has come since the last time.
    pub(super) async fn changed(&self) {
        self.news.notified().await;
    }

    /// The steps as they stand, and the rows imported.
    pub(super) fn steps(&self) -> (Vec<StepRun>, Option<u64>) {
        let state = self.state();
        (state.steps.clone(), imported(&state.steps))
    }

    /// What has come since the last time. Taken at once: a step that has ended comes with the last of its lines.
    pub(super) fn take_news(&self) -> News {
        let mut state = self.state();
        state.lines_taken += state.lines.len();
        let changed = std::mem::take(&mut state.steps_changed);
        News {
            lines: std::mem::take(&mut state.lines),
            steps: changed.then(|| (state.steps.clone(), imported(&state.steps))),
        }
    }

    /// Adds a line; past the limit it is dropped, and the last line says so.
    pub(super) fn log_line(&self, step: Option<Step>, level: LogLevel, message: String) {
        let at = self.clock.now();
        let mut state = self.state();
        let lines = state.lines_taken + state.lines.len();
        let line = match lines.cmp(&(limits::LOG_LINES_MAX - 1)) {
            std::cmp::Ordering::Less => LogLine { at, level, step, message },
            std::cmp::Ordering::Equal => {
                let message = "The log is full; further lines are left out.".to_owned();
                LogLine { at, level: LogLevel::Warning, step, message }
            }
            std::cmp::Ordering::Greater => return,
        };
        state.lines.push(line);
        drop(state);
        self.news.notify_one();
    }

    /// The run is over: a step that has not finished will not.
    pub(super) fn step_stopped(&self, ending: &Ending) {
        let Some(span) = self.state().step_span.take() else { return };
        match ending {
            Ending::Failed { error, .. } | Ending::Halted { error, .. } => {
                span.set_status(Status::error(error.clone()));
            }
            Ending::Success { .. } | Ending::Stopped => {}
        }
    }

    fn change_step(&self, step: Step, change: impl FnOnce(&mut StepRun)) {
        let mut state = self.state();
        if let Some(run) = state.steps.iter_mut().find(|run| run.step == step) {
            change(run);
            state.steps_changed = true;
        }
        drop(state);
        self.news.notify_one();
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    /// Whether the step has come to another stage. `Scoring 10 of 20 pairs` is the stage `Scoring`.
    fn enters(&mut self, stage: &str) -> bool {
        let words = stage.split(|letter: char| letter.is_ascii_digit()).next().unwrap_or(stage);
        if self.stage.0 == words || self.stage.1 >= STAGES_MAX {
            return false;
        }
        self.stage = (words.to_owned(), self.stage.1 + 1);
        true
    }
}

fn imported(steps: &[StepRun]) -> Option<u64> {
    steps.iter().find(|run| run.step == Step::Import)?.rows_out
}

impl Progress for Report {
    fn step_started(&self, step: Step) {
        let now = self.clock.now();
        self.change_step(step, |run| {
            run.status = StepStatus::Running;
            run.started_at = Some(now);
        });
        let mut state = self.state();
        state.sampled_at = None;
        state.stage = (String::new(), 0);
        state.step_span = Some(spans::of_step(&self.span, step));
    }

    fn step_finished(&self, step: Step, counts: StepCounts, summary: String) {
        let now = self.clock.now();
        self.log_line(Some(step), LogLevel::Info, summary.clone());
        self.change_step(step, |run| {
            run.status = StepStatus::Success;
            run.finished_at = Some(run.started_at.map_or(now, |started| started.max(now)));
            run.rows_in = Some(counts.rows_in);
            run.rows_out = Some(counts.rows_out);
            run.summary = Some(summary);
        });
        let span = self.state().step_span.take();
        if let Some(span) = span {
            span.set_attribute("rows_in", i64::try_from(counts.rows_in).unwrap_or(i64::MAX));
            span.set_attribute("rows_out", i64::try_from(counts.rows_out).unwrap_or(i64::MAX));
        }
    }

    fn advanced(&self, step: Step, progress: StepProgress<'_>) {
        let now = self.clock.now();
        let mut state = self.state();
        // A clock that was set back must not silence progress until it has caught up.
        let too_soon = state.sampled_at.is_some_and(|last| last <= now && now.since(last) < SAMPLE_INTERVAL);
        // Else a page would go on telling of the stage before it for as long as the next one says nothing more.
        let is_new_stage = state.enters(progress.stage);
        if too_soon && !is_new_stage {
            return;
        }
        state.sampled_at = Some(now);
        drop(state);
        self.samples.send(event::Sample::Progress(event::Progress {
            execution: self.execution,
            workflow: self.workflow,
            step,
            fraction: progress.fraction,
            rows: progress.rows,
            rows_per_s: progress.rows_per_s,
            stage: (!progress.stage.is_empty()).then(|| progress.stage.to_owned()),
        }));
    }

    fn log(&self, step: Step, level: LogLevel, message: String) {
        self.log_line(Some(step), level, message);
    }
}
