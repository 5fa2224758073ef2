//! What the latest runs left, and proposals made from it.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

use engine::{
    Context, ExportSettings, Failure, PipelineError, PipelineSpec, PreviewGroups, ReviewFlags, Secrets, Unheard,
};
use model::{
    Actor, Error, ExecutionId, FieldError, Page, ProjectId, Scope, Snapshot, Step, StepRange,
    config::{CleanseConfig, MergeConfig},
    project::{Project, ProjectDraft, ProjectFilter, ProjectSummary},
    results::{CleansePreview, MergePreview, Sample, StepResult, Summary},
};
use tokio_util::{sync::CancellationToken, task::AbortOnDropHandle};

use super::LocalBackend;
use crate::{review, store::ProjectEdit};

/// A suggestion is saved again when someone else saved meanwhile; so often, then it is told.
const SAVES_MAX: usize = 3;

impl LocalBackend {
    pub(super) async fn step_result(&self, id: ProjectId, step: Step) -> Result<Option<StepResult>, Error> {
        self.reading(id, move |workspace| engine::read::step_result(workspace, step)).await
    }

    pub(super) async fn golden_records(&self, id: ProjectId, rows: usize) -> Result<Option<Sample>, Error> {
        self.reading(id, move |workspace| engine::read::golden_sample(workspace, rows)).await
    }

    /// What cleansing with these settings makes of the first records of the latest import; `None` when there is none.
    pub(super) async fn cleansed(
        &self,
        id: ProjectId,
        config: CleanseConfig,
        source: Option<String>,
        rows: usize,
    ) -> Result<Option<CleansePreview>, Error> {
        let project = self.told(self.parts.store.project(id).await)?;
        if self.step_result(id, Step::Import).await?.is_none() {
            return Ok(None);
        }
        let config = model::config::ProjectConfig { cleanse: config, ..project.config.clone() };
        let steps = StepRange::new(Step::Cleanse, Step::Cleanse).expect("a step is a range");
        let mut problems = self.run_problems(&Project { config: config.clone(), ..project }, steps).await?;
        if let Some(name) = &source
            && !config.sources.iter().any(|source| source.name == *name)
        {
            problems.push(FieldError::new("source", format!("there is no source “{name}”")));
        }
        Error::from_fields(problems)?;
        let files = self.told(self.parts.store.project_files(id).await)?;
        let files = files.into_iter().map(|(name, file)| (name, self.parts.directory.file(id, file))).collect();
        let workspace = self.parts.directory.workspace(id);
        let engine = Arc::clone(&self.parts.engine);
        let task = self.parts.engine.spawn(async move {
            engine::preview_cleanse(&engine, &workspace, &config.cleanse, &files, source.as_deref(), rows).await
        });
        match AbortOnDropHandle::new(task).await {
            Ok(Ok(preview)) => Ok(preview),
            Ok(Err(Failure::Input(message))) => Err(Error::conflict(message)),
            Ok(Err(failure)) => Err(self.internal(&failure)),
            Err(stopped) => Err(self.internal(&stopped)),
        }
    }

    /// What merging with these settings makes of some groups of the latest match; `None` when there is none.
    pub(super) async fn merged(
        &self,
        id: ProjectId,
        config: MergeConfig,
        groups: usize,
    ) -> Result<Option<MergePreview>, Error> {
        let project = self.told(self.parts.store.project(id).await)?;
        if self.step_result(id, Step::Match).await?.is_none() {
            return Ok(None);
        }
        let config = model::config::ProjectConfig { merge: config, ..project.config.clone() };
        let steps = StepRange::new(Step::Merge, Step::Merge).expect("a step is a range");
        Error::from_fields(self.run_problems(&Project { config: config.clone(), ..project }, steps).await?)?;
        let workspace = self.parts.directory.workspace(id);
        let review = review::flags(&self.told(self.parts.store.review_flags(id).await)?);
        let preview = move || {
            let shown = engine::preview_merge(&workspace, &config.merge, &review, &PreviewGroups::Sample(groups));
            // What a person can act on is an answer, not a fault.
            match shown {
                Err(Failure::Input(message)) => Ok(Err(Error::conflict(message))),
                shown => shown.map(Ok),
            }
        };
        self.away(preview).await?
    }

    pub(super) async fn project_summaries(
        &self,
        filter: ProjectFilter,
        scope: Scope,
    ) -> Result<Snapshot<Page<ProjectSummary>>, Error> {
        let Snapshot { number, data: Page { items, next_cursor } } =
            self.told(self.parts.store.projects(&filter, &scope).await)?;
        let mut summaries = Vec::with_capacity(items.len());
        for listed in items {
            let project = listed.project;
            let records = self.step_result(project.id, Step::Import).await?.and_then(|result| match result.summary {
                Summary::Import(import) => Some(import.rows),
                _ => None,
            });
            let groups = self.step_result(project.id, Step::Match).await?.and_then(|result| match result.summary {
                Summary::Match(matching) => Some(matching.groups),
                _ => None,
            });
            summaries.push(ProjectSummary {
                id: project.id,
                name: project.name,
                version: project.version,
                created_at: project.created_at,
                sources: project.config.sources.into_iter().map(|source| source.name).collect(),
                workflows: listed.workflows,
                records,
                groups,
                last_run_at: listed.last_run_at,
            });
        }
        Ok(Snapshot { number, data: Page { items: summaries, next_cursor } })
    }

    /// Profiles the sources and saves what follows from them. The sources stay as they are.
    pub(super) async fn suggest(&self, actor: &Actor, id: ProjectId) -> Result<Project, Error> {
        let mut project = self.told(self.parts.store.project(id).await)?;
        Error::from_fields(super::plan::settings_problems(&model::config::ProjectConfig {
            sources: project.config.sources.clone(),
            ..Default::default()
        }))?;
        let proposal = self.propose(&project).await?;
        for attempt in 1.. {
            let (sources, profile) = (project.config.sources.clone(), project.config.profile.clone());
            let config = model::config::ProjectConfig { sources, profile, ..proposal.clone() };
            let draft = ProjectDraft { name: project.name.clone(), config, version: project.version };
            let by = actor.author();
            match self.told(self.parts.store.replace_project(id, draft, ProjectEdit::Suggestion, by).await) {
                Err(Error::OutdatedVersion { .. }) if attempt < SAVES_MAX => {
                    project = self.told(self.parts.store.project(id).await)?;
                }
                saved => return saved,
            }
        }
        unreachable!("the last attempt returns")
    }

    async fn propose(&self, project: &Project) -> Result<model::config::ProjectConfig, Error> {
        let files = self.told(self.parts.store.project_files(project.id).await)?;
        let files = files.into_iter().map(|(name, file)| (name, self.parts.directory.file(project.id, file)));
        let spec = PipelineSpec {
            config: project.config.clone(),
            files: files.collect(),
            secrets: Secrets::default(),
            review: ReviewFlags::default(),
            export: ExportSettings::default(),
            import: self.parts.import.clone(),
        };
        // Beside the project's own results: what a run left there must not change under it.
        let workspace = self.parts.directory.temporary().join(self.parts.clock.new_uuid().to_string());
        let clock = Arc::clone(&self.parts.clock);
        let cancel = CancellationToken::new();
        let _stop_when_the_caller_goes = cancel.clone().drop_guard();
        let context = Context {
            engine: Arc::clone(&self.parts.engine),
            workspace: workspace.clone(),
            outputs: workspace.join("outputs"),
            execution: None,
            cancel,
            progress: Arc::new(Unheard),
            now: Arc::new(move || clock.now()),
        };
        let profiled = engine::profile_sources(&spec, &context).await;
        if let Err(error) = tokio::fs::remove_dir_all(&workspace).await {
            tracing::warn!(%error, path = %workspace.display(), "is removed at the next start");
        }
        match profiled {
            Ok((import, profile)) => Ok(engine::suggest(&import, &profile)),
            Err(PipelineError { step, failure: Failure::Input(message) }) => {
                Err(Error::conflict(format!("{step}: {message}")))
            }
            Err(error) => Err(self.internal(&error)),
        }
    }

    pub(super) async fn first_rows(&self, id: ExecutionId, output: &str, rows: usize) -> Result<Sample, Error> {
        let path = self.output_path(id, output).await?;
        self.away(move || engine::read::output_sample(&path, rows)).await
    }

    /// Reads published results.
    async fn reading<T: Send + 'static>(
        &self,
        id: ProjectId,
        read: impl FnOnce(&Path) -> Result<T, Failure> + Send + 'static,
    ) -> Result<T, Error> {
        let workspace: PathBuf = self.parts.directory.workspace(id);
        self.away(move || read(&workspace)).await
    }

    /// Reads files away from the threads that serve requests.
    async fn away<T: Send + 'static>(
        &self,
        read: impl FnOnce() -> Result<T, Failure> + Send + 'static,
    ) -> Result<T, Error> {
        match tokio::task::spawn_blocking(read).await {
            Ok(Ok(result)) => Ok(result),
            Ok(Err(failure)) => Err(self.internal(&failure)),
            Err(stopped) => Err(self.internal(&stopped)),
        }
    }
}
