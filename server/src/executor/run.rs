//! One execution, from the claim to the settlement.

use std::{collections::BTreeMap, path::Path, sync::Arc, time::Duration};

use engine::{ExportSettings, Failure, ImportSettings, PipelineError, PipelineSpec, Secrets, export_mark};
use model::{
    Step,
    execution::{Execution, LogLevel, Output, StepRun, StepStatus},
};
use tokio::{
    sync::watch,
    task::{JoinError, JoinHandle},
};
use tokio_util::sync::CancellationToken;
use tracing::{Instrument as _, Span};

use super::{AFTER_REFUSAL, Executor, log::Log, report::Report, spans};
use crate::{
    clock::{Clock, SharedClock},
    review,
    runner::Job,
    store::{Claimed, DiskShort, Ending, Settlement, StepsDone},
};

type RunResult = Result<Result<Vec<Output>, PipelineError>, JoinError>;

/// Why a run was told to stop, besides a person's request.
#[derive(Clone, Debug, Default)]
struct Stops {
    /// A limit was reached: what its error says.
    halted: Option<String>,
    abandoned: bool,
}

impl Executor {
    /// Runs what was claimed, settles it, and starts what takes its place.
    pub(super) async fn execute(&self, claimed: Claimed) {
        let setup = &self.shared.setup;
        let id = claimed.execution.id;
        let cancel = setup.store.stop_tokens().of(id);
        let report = Report::new(&claimed.execution, Arc::clone(&setup.clock), setup.samples.clone());
        let mut log = Log::new(id, setup.directory.log(id), setup.samples.clone());
        let job = self.job(&claimed);
        let outputs = job.outputs.clone();
        let (runner, progress, token) = (Arc::clone(&setup.runner), Arc::clone(&report), cancel.clone());
        // A task of its own: a panic in a step ends that execution and nothing else.
        let mut run = tokio::spawn(async move { runner.run(job, token, progress).await }.in_current_span());
        let (result, stops) = self.watch(&claimed, &mut run, &cancel, &report, &mut log).await;
        let ending = ending(result, stops, &cancel, &setup.clock);
        report.step_stopped(&ending);
        spans::ended(&Span::current(), &ending);
        match &ending {
            Ending::Failed { step, error } => report.log_line(*step, LogLevel::Error, error.clone()),
            Ending::Halted { step, error } => report.log_line(Some(*step), LogLevel::Error, error.clone()),
            Ending::Success { .. } | Ending::Stopped => {}
        }
        log.append(report.take_news().lines).await;
        let (steps, records) = report.steps();
        let destination_unchanged = destination_unchanged(&steps, &ending, &outputs);
        remove_partial(&setup.directory.outputs_partial(id)).await;
        let done = StepsDone { execution: id, steps, records };
        self.settle(Settlement { done, ending, destination_unchanged, slots: None }).await;
        setup.store.stop_tokens().remove(id);
    }

    fn job(&self, claimed: &Claimed) -> Job {
        let directory = &self.shared.setup.directory;
        let project = claimed.execution.project_id;
        let files: BTreeMap<_, _> =
            claimed.files.iter().map(|(name, file)| (name.clone(), directory.file(project, *file))).collect();
        Job {
            execution: claimed.execution.id,
            project,
            pipeline: PipelineSpec {
                config: claimed.config.clone(),
                files,
                secrets: Secrets::default(),
                review: review::flags(&claimed.review),
                export: ExportSettings {
                    workflow: claimed.execution.workflow_name.clone(),
                    project: claimed.project_name.clone(),
                    ..self.shared.setup.export.clone()
                },
                // The runner knows.
                import: ImportSettings::default(),
            },
            steps: claimed.steps,
            workspace: directory.workspace(project),
            outputs: directory.outputs(claimed.execution.id),
        }
    }

    /// Waits for the run to end; meanwhile writes down what it reports, and stops it when its time is up.
    async fn watch(
        &self,
        claimed: &Claimed,
        run: &mut JoinHandle<Result<Vec<Output>, PipelineError>>,
        cancel: &CancellationToken,
        report: &Report,
        log: &mut Log,
    ) -> (RunResult, Stops) {
        let setup = &self.shared.setup;
        let mut stops = Stops::default();
        let halted = halted(setup.clock.as_ref(), claimed.timeout_s, setup.store.disk_changed());
        tokio::pin!(halted);
        loop {
            tokio::select! {
                biased;
                result = &mut *run => return (result, stops),
                why = &mut halted, if stops.halted.is_none() => {
                    stops.halted = Some(why);
                    cancel.cancel();
                }
                () = self.shared.abandoning.cancelled(), if !stops.abandoned => {
                    stops.abandoned = true;
                    cancel.cancel();
                }
                () = report.changed() => {
                    let news = report.take_news();
                    // First: who hears that a step has ended finds the whole of its log.
                    log.append(news.lines).await;
                    if let Some((steps, records)) = news.steps {
                        let done = StepsDone { execution: claimed.execution.id, steps, records };
                        if let Err(error) = setup.store.record_steps(done).await {
                            // The settlement carries the steps again.
                            tracing::warn!(%error, execution = %claimed.execution.id, "a step was not recorded");
                        }
                    }
                }
            }
        }
    }

    pub(super) async fn settle_after_panic(&self, execution: &Execution) {
        let ending = internal(&self.shared.setup.clock, None, &"the executor panicked over it");
        let done = StepsDone { execution: execution.id, steps: execution.steps.clone(), records: execution.records };
        self.settle(Settlement { done, ending, destination_unchanged: None, slots: None }).await;
        self.shared.setup.store.stop_tokens().remove(execution.id);
    }

    /// Does not give up while the process lives: an execution that nobody settles would hold its slot for ever.
    async fn settle(&self, mut settlement: Settlement) {
        let setup = &self.shared.setup;
        loop {
            settlement.slots = self.open_slots();
            match setup.store.settle(settlement.clone()).await {
                Ok(settled) => return self.start(settled.claims),
                Err(error) => {
                    tracing::error!(%error, execution = %settlement.done.execution, "an end could not be recorded yet");
                    if self.shared.abandoning.is_cancelled() {
                        return;
                    }
                    setup.clock.sleep(AFTER_REFUSAL).await;
                }
            }
        }
    }
}

/// Ends when the run must not go on, with the reason.
async fn halted(clock: &dyn Clock, timeout_s: u64, mut disk: watch::Receiver<Option<DiskShort>>) -> String {
    let time_is_up = async {
        match timeout_s {
            0 => std::future::pending().await,
            timeout_s => clock.sleep(Duration::from_secs(timeout_s)).await,
        }
    };
    let disk_is_short = async {
        match disk.wait_for(Option::is_some).await.map(|short| *short) {
            Ok(Some(short)) => short,
            // The store is gone, and with it whoever looks after the disk.
            Ok(None) | Err(_) => std::future::pending().await,
        }
    };
    tokio::select! {
        () = time_is_up => format!("timed out after {}", duration_in_words(timeout_s)),
        short = disk_is_short => format!(
            "the disk is nearly full: {} MiB are free where {} MiB must stay free (setting disk_free_min). Make room, then \
             run it again.",
            short.free_bytes >> 20,
            short.needed_bytes >> 20,
        ),
    }
}

fn ending(result: RunResult, stops: Stops, cancel: &CancellationToken, clock: &SharedClock) -> Ending {
    match result {
        Ok(Ok(outputs)) => Ending::Success { outputs },
        Ok(Err(PipelineError { step, failure: Failure::Cancelled })) => match stops.halted {
            Some(error) => Ending::Halted { step, error },
            None if cancel.is_cancelled() => Ending::Stopped,
            None => internal(clock, Some(step), &"the step stopped without being told to"),
        },
        Ok(Err(PipelineError { step, failure: Failure::Input(error) })) => Ending::Failed { step: Some(step), error },
        Ok(Err(PipelineError { step, failure: Failure::Internal(text) })) => internal(clock, Some(step), &text),
        Err(panic) => internal(clock, None, &panic),
    }
}

/// A fault of ours: the cause is logged under an id, and the id is what is shown.
fn internal(clock: &SharedClock, step: Option<Step>, cause: &dyn std::fmt::Display) -> Ending {
    let id = clock.new_uuid();
    tracing::error!(%id, error = %cause, "an execution failed by a fault of ours");
    let error = format!("Something went wrong on the server. Its log has the cause under {id}.");
    Ending::Failed { step, error }
}

fn duration_in_words(seconds: u64) -> String {
    match seconds {
        seconds if seconds.is_multiple_of(3600) => format!("{} h", seconds / 3600),
        seconds if seconds.is_multiple_of(60) => format!("{} min", seconds / 60),
        seconds => format!("{seconds} s"),
    }
}

/// Whether Export left its destinations as they were; `None` when it did not get there.
fn destination_unchanged(steps: &[StepRun], ending: &Ending, outputs: &Path) -> Option<bool> {
    let export = steps.iter().find(|run| run.step == Step::Export)?;
    match ending {
        Ending::Success { .. } => Some(false),
        Ending::Failed { .. } | Ending::Halted { .. } | Ending::Stopped => {
            (export.status != StepStatus::Pending).then(|| !outputs.exists() && !export_mark(outputs).exists())
        }
    }
}

/// What a run that did not get to the end left half written.
async fn remove_partial(path: &Path) {
    match tokio::fs::remove_dir_all(path).await {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            tracing::warn!(%error, path = %path.display(), "half-written outputs could not be removed");
        }
        _ => {}
    }
}
