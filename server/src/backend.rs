//! Implements the port: one method, one transaction. Both doors, pages and REST API, end here.

mod asked;
mod bulk;
mod executions;
mod files;
mod known;
mod matches;
mod notifications;
mod people;
mod plan;
mod results;
mod secrets;
mod timeline;
mod watched;
mod workflow_list;

use std::{sync::Arc, time::Duration};

use model::{
    Actor, Error, Page, ProjectId, Scope, Snapshot, Step, StepRange, Timestamp, WorkflowId,
    activity::{Activity, ActivityFilter},
    config::{CleanseConfig, MergeConfig, ProjectConfig},
    maintenance::Maintenance,
    news::{self, News},
    overview::Overview,
    project::{LatestOutputs, Project, ProjectDraft, ProjectFilter, ProjectName, ProjectSummary},
    results::{CleansePreview, MergePreview, Sample, StepResult},
    schedule::{Preview, PreviewRequest},
    timeline::{TimelineFilter, TimelineRow},
    workflow::{Workflow, WorkflowCard, WorkflowCount, WorkflowDraft, WorkflowFilter},
};
use tokio::sync::watch;

pub use asked::Asked;
use notifications::Trials;
use plan::checked_name;
use workflow_list::KnownLists;

use crate::{
    clock::SharedClock,
    directory::DataDirectory,
    live_samples::LiveSamples,
    outbox::Transport,
    requests, schedule,
    store::{ProjectEdit, Store, StoreError},
    vault::Vault,
};

/// What the backend works on.
pub struct Parts {
    pub store: Store,
    pub clock: SharedClock,
    pub directory: DataDirectory,
    pub engine: Arc<engine::Engine>,
    /// From where sources may be read.
    pub import: engine::ImportSettings,
    pub samples: LiveSamples,
    /// Carries tests of recipients.
    pub transport: Arc<dyn Transport>,
    /// Keeps and opens the secrets of projects.
    pub vault: Arc<Vault>,
    /// Executions that may run at once.
    pub slots: u32,
    /// IANA name.
    pub default_time_zone: String,
}

pub struct LocalBackend {
    parts: Parts,
    recovered: watch::Sender<bool>,
    lists: KnownLists,
    trials: Trials,
}

impl LocalBackend {
    pub fn new(parts: Parts) -> Self {
        let trials = Trials::new(Arc::clone(&parts.transport));
        Self { parts, recovered: watch::Sender::new(false), lists: KnownLists::default(), trials }
    }

    pub fn directory(&self) -> &DataDirectory {
        &self.parts.directory
    }

    /// Said once by startup, when the executions of a process that died are taken care of.
    pub fn set_recovered(&self) {
        self.recovered.send_replace(true);
    }

    pub fn is_recovered(&self) -> bool {
        *self.recovered.borrow()
    }

    /// What the person who asked is told: refusals as they are, causes of ours only by the id under which they are
    /// logged.
    fn told<T>(&self, result: Result<T, StoreError>) -> Result<T, Error> {
        result.map_err(|error| match error {
            StoreError::Refused(refusal) => refusal,
            StoreError::Closed => {
                Error::Unavailable { message: "The server is stopping. Try again shortly.".to_owned() }
            }
            full if full.is_disk_full() => {
                tracing::error!("the disk is full");
                let message = "The disk is full, so nothing was changed. Make room, then try again.".to_owned();
                Error::Unavailable { message }
            }
            StoreError::Database(_)
            | StoreError::Migrate(_)
            | StoreError::Unreadable { .. }
            | StoreError::Newer { .. }
            | StoreError::DiskFull
            | StoreError::Panicked => self.internal(&error),
        })
    }

    fn internal(&self, error: &dyn std::fmt::Display) -> Error {
        let id = requests::failure_id(self.parts.clock.as_ref());
        tracing::error!(%id, %error, "a request failed by a fault of ours");
        Error::Internal { id }
    }
}

/// What both doors ask for, without a look at who asks: [`Asked`] has looked.
impl LocalBackend {
    pub(crate) async fn workflows(
        &self,
        filter: WorkflowFilter,
        scope: Scope,
    ) -> Result<Snapshot<Page<WorkflowCard>>, Error> {
        self.cards(filter, scope).await
    }

    pub(crate) async fn workflow_counts(
        &self,
        filter: WorkflowFilter,
        scope: Scope,
    ) -> Result<Vec<WorkflowCount>, Error> {
        self.counts(filter, scope).await
    }

    pub(crate) async fn overview(&self, scope: Scope) -> Result<Snapshot<Overview>, Error> {
        self.told(self.parts.store.overview(&scope, self.parts.slots, self.parts.clock.now()).await)
    }

    pub(crate) async fn workflow(&self, id: WorkflowId) -> Result<Snapshot<WorkflowCard>, Error> {
        self.told(self.parts.store.card(id, self.parts.slots, self.parts.clock.now()).await)
    }

    /// The workflow alone, as programs read it.
    pub(crate) async fn stored_workflow(&self, id: WorkflowId) -> Result<Workflow, Error> {
        self.told(self.parts.store.find_workflow(id).await)
    }

    pub(crate) async fn create_workflow(&self, actor: &Actor, draft: WorkflowDraft) -> Result<Workflow, Error> {
        let plan = self.plan(draft, None).await?;
        self.told(self.parts.store.create_workflow(plan, actor.author()).await)
    }

    pub(crate) async fn replace_workflow(
        &self,
        actor: &Actor,
        id: WorkflowId,
        draft: WorkflowDraft,
        version: i64,
    ) -> Result<Workflow, Error> {
        let current = self.told(self.parts.store.find_workflow(id).await)?.version;
        if current != version {
            return Err(Error::OutdatedVersion { current });
        }
        let plan = self.plan(draft, Some(id)).await?;
        self.told(self.parts.store.replace_workflow(id, plan, version, actor.author()).await)
    }

    pub(crate) async fn delete_workflow(&self, actor: &Actor, id: WorkflowId) -> Result<(), Error> {
        self.told(self.parts.store.delete_workflow(id, actor.author()).await)
    }

    pub(crate) async fn pause_workflow(&self, actor: &Actor, id: WorkflowId) -> Result<Workflow, Error> {
        self.told(self.parts.store.pause_workflow(id, actor.author()).await)
    }

    pub(crate) async fn resume_workflow(&self, actor: &Actor, id: WorkflowId) -> Result<Workflow, Error> {
        self.told(self.parts.store.resume_workflow(id, actor.author()).await)
    }

    pub(crate) async fn duplicate_workflow(&self, actor: &Actor, id: WorkflowId) -> Result<Workflow, Error> {
        self.told(self.parts.store.duplicate_workflow(id, actor.author()).await)
    }

    pub(crate) async fn activity(
        &self,
        filter: ActivityFilter,
        scope: Scope,
    ) -> Result<Snapshot<Page<Activity>>, Error> {
        self.told(self.parts.store.activity(&filter, &scope).await)
    }

    pub(crate) async fn actors(&self) -> Result<Vec<String>, Error> {
        self.told(self.parts.store.actors().await)
    }

    pub(crate) async fn news(&self, actor: &Actor, scope: Scope) -> Result<Vec<News>, Error> {
        let since = self.parts.clock.now().minus(Duration::from_secs(news::NEWS_DAYS * 86_400));
        self.told(self.parts.store.news(&actor.name, &scope, since).await)
    }

    pub(crate) async fn timeline(
        &self,
        filter: TimelineFilter,
        scope: Scope,
    ) -> Result<Snapshot<Page<TimelineRow>>, Error> {
        self.timeline_rows(filter, scope).await
    }

    pub(crate) async fn maintenance(&self) -> Result<Maintenance, Error> {
        self.told(self.parts.store.maintenance().await)
    }

    pub(crate) async fn set_maintenance(&self, actor: &Actor, on: bool) -> Result<Maintenance, Error> {
        self.told(self.parts.store.set_maintenance(on, actor.author()).await)
    }

    pub(crate) fn preview_schedule(&self, request: PreviewRequest) -> Result<Preview, Error> {
        schedule::preview(&request, &self.parts.default_time_zone, self.parts.clock.now())
    }

    pub(crate) async fn projects(
        &self,
        filter: ProjectFilter,
        scope: Scope,
    ) -> Result<Snapshot<Page<ProjectSummary>>, Error> {
        self.project_summaries(filter, scope).await
    }

    pub(crate) async fn project_names(&self) -> Result<Vec<ProjectName>, Error> {
        self.told(self.parts.store.project_names().await)
    }

    pub(crate) async fn project(&self, id: ProjectId) -> Result<Project, Error> {
        self.told(self.parts.store.project(id).await)
    }

    pub(crate) async fn create_project(&self, actor: &Actor, name: String) -> Result<Project, Error> {
        let name = checked_name(&name)?;
        self.told(self.parts.store.create_project(name, actor.author()).await)
    }

    pub(crate) async fn replace_project(
        &self,
        actor: &Actor,
        id: ProjectId,
        draft: ProjectDraft,
    ) -> Result<Project, Error> {
        let draft = ProjectDraft { name: checked_name(&draft.name)?, ..draft };
        Error::from_fields(plan::settings_problems(&draft.config))?;
        self.told(self.parts.store.replace_project(id, draft, ProjectEdit::ByHand, actor.author()).await)
    }

    pub(crate) async fn delete_project(&self, actor: &Actor, id: ProjectId) -> Result<(), Error> {
        self.told(self.parts.store.delete_project(id, actor.author()).await)
    }

    pub(crate) async fn suggest_project(&self, actor: &Actor, id: ProjectId) -> Result<Project, Error> {
        self.suggest(actor, id).await
    }

    pub(crate) async fn check_project(
        &self,
        id: ProjectId,
        config: ProjectConfig,
        steps: StepRange,
    ) -> Result<(), Error> {
        let project = self.told(self.parts.store.project(id).await)?;
        Error::from_fields(self.run_problems(&Project { config, ..project }, steps).await?)
    }

    pub(crate) async fn project_result(&self, id: ProjectId, step: Step) -> Result<Option<StepResult>, Error> {
        self.step_result(id, step).await
    }

    pub(crate) async fn golden_sample(&self, id: ProjectId, rows: usize) -> Result<Option<Sample>, Error> {
        self.golden_records(id, rows).await
    }

    pub(crate) async fn preview_cleanse(
        &self,
        id: ProjectId,
        config: CleanseConfig,
        source: Option<String>,
        rows: usize,
    ) -> Result<Option<CleansePreview>, Error> {
        self.cleansed(id, config, source, rows).await
    }

    pub(crate) async fn preview_merge(
        &self,
        id: ProjectId,
        config: MergeConfig,
        groups: usize,
    ) -> Result<Option<MergePreview>, Error> {
        self.merged(id, config, groups).await
    }

    pub(crate) async fn latest_outputs(&self, id: ProjectId) -> Result<Option<LatestOutputs>, Error> {
        let latest = self.told(self.parts.store.latest_outputs(id).await)?;
        Ok(latest.map(|(execution, items)| LatestOutputs { execution, items }))
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.parts.clock.now()
    }

    pub(crate) fn default_time_zone(&self) -> String {
        self.parts.default_time_zone.clone()
    }
}

#[cfg(test)]
mod tests;
