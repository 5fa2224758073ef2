//! The order of the steps: the only control flow of the engine.

use std::{collections::BTreeMap, path::PathBuf};

use model::{
    Step, StepRange,
    config::ProjectConfig,
    results::{ImportSummary, ProfileSummary, StepResult, Summary},
};
use tokio_util::task::AbortOnDropHandle;

use crate::{
    Context, Failure, ImportSettings, PipelineError, ReviewFlags, Secrets,
    context::StepContext,
    read,
    results::Workspace,
    steps::{StepOutcome, cleanse, export, export::settings::ExportSettings, import, matching, merge, profile},
};

/// What to run.
#[derive(Clone, Debug)]
pub struct PipelineSpec {
    pub config: ProjectConfig,
    /// Where each uploaded file of the project lies, by the name that `SourceConfig::file` uses.
    pub files: BTreeMap<String, PathBuf>,
    /// What the configuration names as a secret.
    pub secrets: Secrets,
    /// What people decided about records by hand.
    pub review: ReviewFlags,
    /// Where exports may go, and what their names may hold.
    pub export: ExportSettings,
    /// Where sources may be read from, beside uploads.
    pub import: ImportSettings,
}

/// Runs `steps` in order on the engine's threads. Each publishes its result when complete; the first that fails ends
/// the run. Dropping the future stops the run at its next checkpoint, like cancelling it.
pub async fn run(spec: &PipelineSpec, context: &Context, steps: StepRange) -> Result<(), PipelineError> {
    let context = Context { cancel: context.cancel.child_token(), ..context.clone() };
    let _stop_when_dropped = context.cancel.clone().drop_guard();
    for step in steps.iter() {
        context.progress.step_started(step);
        let task = context.engine.spawn({
            let (spec, context) = (spec.clone(), context.clone());
            async move { run_step(&spec, &context, step).await }
        });
        let outcome = match AbortOnDropHandle::new(task).await {
            Ok(outcome) => outcome,
            Err(stopped) => Err(Failure::Internal(format!("the step's task ended without a result: {stopped}"))),
        };
        let outcome = outcome.map_err(|failure| PipelineError { step, failure })?;
        context.progress.step_finished(step, outcome.counts, outcome.sentence);
    }
    Ok(())
}

/// Imports and profiles the sources into `context.workspace`, for a proposal of settings.
pub async fn profile_sources(
    spec: &PipelineSpec,
    context: &Context,
) -> Result<(ImportSummary, ProfileSummary), PipelineError> {
    let steps = StepRange::new(Step::Import, Step::Profile).expect("Profile comes after Import");
    run(spec, context, steps).await?;
    let summary = |step| {
        let result = read::step_result(&context.workspace, step);
        result.map_err(|failure| PipelineError { step, failure }).map(|result| result.map(|result| result.summary))
    };
    match (summary(Step::Import)?, summary(Step::Profile)?) {
        (Some(Summary::Import(import)), Some(Summary::Profile(profile))) => Ok((import, profile)),
        _ => Err(PipelineError {
            step: Step::Profile,
            failure: Failure::Internal("the steps succeeded and left no result".to_owned()),
        }),
    }
}

async fn run_step(spec: &PipelineSpec, run: &Context, step: Step) -> Result<StepOutcome, Failure> {
    let name = match run.execution {
        Some(execution) => execution.to_string(),
        None => (run.now)().as_micros().to_string(),
    };
    let draft = Workspace::new(&run.workspace).draft(step, &name)?;
    let context = StepContext::new(run, step, &draft);
    context.checkpoint()?;
    let config = &spec.config;
    let outcome = match step {
        Step::Import => {
            let (sources, settings) = (config.sources.as_slice(), &spec.import);
            let (files, secrets) = (&spec.files, &spec.secrets);
            import::run(import::Options { sources, files, settings, secrets }, &context).await
        }
        Step::Profile => profile::run(profile::Options { config: &config.profile }, &context).await,
        Step::Cleanse => cleanse::run(cleanse::Options { config: &config.cleanse, files: &spec.files }, &context).await,
        Step::Match => matching::run(matching::Options { config: &config.matching }, &context).await,
        Step::Merge => merge::run(merge::Options { config: &config.merge, review: &spec.review }, &context).await,
        Step::Export => {
            let (config, settings, secrets) = (&config.export, &spec.export, &spec.secrets);
            export::run(export::Options { config, settings, secrets }, &context).await
        }
    }?;
    let inputs = context.inputs();
    let result = StepResult { execution: run.execution, finished_at: (run.now)(), summary: outcome.summary.clone() };
    draft.publish(&result, &inputs)?;
    Ok(outcome)
}
