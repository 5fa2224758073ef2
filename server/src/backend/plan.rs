//! From what a person wrote to a workflow that may be saved: every problem at once, each at its field.

use engine::KnownColumns;
use model::{
    Error, FieldError, ProjectId, Step, StepRange, WorkflowId,
    config::{ProjectConfig, cleanse::Operation},
    limits,
    project::Project,
    results::{ImportSummary, StepResult, Summary},
    workflow::{self, WorkflowDraft},
};

use super::LocalBackend;
use crate::{schedule, store::Plan};

impl LocalBackend {
    /// Checks a draft and fills in the defaults. `except` is the workflow that it replaces.
    pub(super) async fn plan(&self, draft: WorkflowDraft, except: Option<WorkflowId>) -> Result<Plan, Error> {
        let mut problems = draft.problems();
        let plan = self.with_defaults(draft);
        for problem in schedule::problems(&plan.schedule, &plan.time_zone) {
            if !problems.contains(&problem) {
                problems.push(problem);
            }
        }
        problems.extend(self.told(self.parts.store.plan_problems(&plan, except).await)?);
        if let Ok(project) = self.parts.store.project(plan.project_id).await {
            problems.extend(self.run_problems(&project, plan.steps).await?);
        }
        Error::from_fields(problems)?;
        Ok(plan)
    }

    fn with_defaults(&self, draft: WorkflowDraft) -> Plan {
        Plan {
            name: draft.name.trim().to_owned(),
            project_id: draft.project_id,
            steps: draft.steps,
            schedule_words: schedule::words(&draft.schedule),
            schedule: draft.schedule,
            time_zone: draft.time_zone.unwrap_or_else(|| self.parts.default_time_zone.clone()),
            retries: draft.retries,
            retry_delays_s: draft.retry_delays_s.unwrap_or_else(|| limits::RETRY_DELAYS_DEFAULT_S.to_vec()),
            suspend_after: draft.suspend_after.unwrap_or(limits::SUSPEND_AFTER_DEFAULT),
            missed: draft.missed,
            timeout_s: draft.timeout_s.unwrap_or(limits::TIMEOUT_DEFAULT_S),
            notifications: draft.notifications,
        }
    }

    /// Everything that would stop `steps` from running on the project as it is given.
    pub(super) async fn run_problems(&self, project: &Project, steps: StepRange) -> Result<Vec<FieldError>, Error> {
        let mut problems = Vec::new();
        if steps.contains(Step::Import) {
            problems.extend(missing_files(project));
        }
        if steps.contains(Step::Cleanse) {
            problems.extend(missing_dictionaries(project));
        }
        let columns = match self.step_result(project.id, Step::Import).await? {
            Some(result) => known_columns(project, &result),
            None => KnownColumns::default(),
        };
        problems.extend(engine::validate(&project.config, steps, Some(&columns)));
        problems.extend(self.missing_results(project.id, steps.from(), "steps").await?);
        Ok(problems)
    }

    /// Refuses to begin a workflow's run at a step that reads what is not there. The run looks again when it starts.
    pub(super) async fn check_start(&self, workflow: WorkflowId, from: Step) -> Result<(), Error> {
        let project = self.told(self.parts.store.find_workflow(workflow).await)?.project_id;
        Error::from_fields(self.missing_results(project, from, "from").await?)
    }

    /// What `step` reads and the project does not have, told at `field`.
    async fn missing_results(
        &self,
        project: ProjectId,
        step: Step,
        field: &'static str,
    ) -> Result<Vec<FieldError>, Error> {
        let mut problems = Vec::new();
        for upstream in upstream(step) {
            if self.step_result(project, *upstream).await?.is_none() {
                let message = format!("{step} needs the result of {upstream}, and the project has none yet");
                problems.push(FieldError::new(field, message));
            }
        }
        Ok(problems)
    }
}

/// Outer blanks do not belong to a name.
pub(super) fn checked_name(name: &str) -> Result<String, Error> {
    let mut problems = Vec::new();
    workflow::check_name(name, &mut problems);
    Error::from_fields(problems)?;
    Ok(name.trim().to_owned())
}

/// Steps whose results a step reads.
const fn upstream(step: Step) -> &'static [Step] {
    match step {
        Step::Import => &[],
        Step::Profile | Step::Cleanse => &[Step::Import],
        Step::Match => &[Step::Cleanse],
        Step::Merge => &[Step::Cleanse, Step::Match],
        Step::Export => &[Step::Merge],
    }
}

fn missing_files(project: &Project) -> Vec<FieldError> {
    let uploaded = |name: &str| project.files.iter().any(|file| file.name == name);
    let sources = project.config.sources.iter().enumerate().filter(|(_, source)| source.location.is_none());
    let missing = sources.filter(|(_, source)| !uploaded(&source.file));
    missing
        .map(|(place, source)| {
            FieldError::new(format!("sources[{place}].file"), format!("no file named “{}” was uploaded", source.file))
        })
        .collect()
}

fn missing_dictionaries(project: &Project) -> Vec<FieldError> {
    let operations = project.config.cleanse.operations.iter().enumerate().filter(|(_, operation)| operation.enabled);
    let named = operations.filter_map(|(place, operation)| match &operation.operation {
        Operation::Dictionary { file } if !file.is_empty() => Some((place, file)),
        _ => None,
    });
    let missing = named.filter(|(_, name)| !project.files.iter().any(|file| file.name == **name));
    let field = |place| format!("cleanse.operations[{place}].file");
    missing.map(|(place, name)| FieldError::new(field(place), format!("no file named “{name}” was uploaded"))).collect()
}

/// Columns of those sources whose file has not changed since the last import.
fn known_columns(project: &Project, import: &StepResult) -> KnownColumns {
    let Summary::Import(ImportSummary { sources, .. }) = &import.summary else { return KnownColumns::default() };
    let unchanged = |name: &str| {
        let source = project.config.sources.iter().find(|source| source.name == name);
        let file = source.and_then(|source| project.files.iter().find(|file| file.name == source.file));
        file.is_some_and(|file| file.uploaded_at < import.finished_at)
    };
    let sources = sources.iter().filter(|source| unchanged(&source.name));
    sources.map(|source| (source.name.clone(), source.columns.clone())).collect()
}

/// What is wrong with the settings that are there. What is still missing is no problem until a workflow needs it.
pub(super) fn settings_problems(config: &ProjectConfig) -> Vec<FieldError> {
    let has_settings = |step| match step {
        Step::Import => !config.sources.is_empty(),
        Step::Profile => !config.profile.is_empty(),
        Step::Cleanse => !config.cleanse.operations.is_empty(),
        Step::Match => {
            let matching = &config.matching;
            let is_defined = !matching.definitions.is_empty() || !matching.probabilistic.is_empty();
            is_defined && !matching.blocking.is_empty()
        }
        Step::Merge => !config.merge.master_rules.is_empty() || !config.merge.overwrite_rules.is_empty(),
        Step::Export => !config.export.targets.is_empty(),
    };
    let chosen = Step::ALL.into_iter().filter(|step| has_settings(*step));
    let alone = chosen.filter_map(|step| StepRange::new(step, step));
    alone.flat_map(|step| engine::validate(config, step, None)).collect()
}
