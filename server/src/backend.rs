//! Implements the port: one method, one transaction.

use std::{path::Path, sync::Arc};

use app::backend::Backend;
use async_trait::async_trait;
use model::{
    Actor, Error, ExecutionId, Page, ProjectId, Snapshot, Step, StepRange, WorkflowId,
    config::ProjectConfig,
    event::Event,
    execution::{Execution, ExecutionFilter, LogLine, Output, QueuePlace},
    project::{LatestOutputs, Project, ProjectDraft, ProjectSummary},
    results::{Sample, StepResult},
    schedule::{Preview, PreviewRequest},
    workflow::{Workflow, WorkflowCard, WorkflowDraft, WorkflowFilter},
};
use tokio::sync::{broadcast, watch};

use crate::{clock::SharedClock, directory::DataDirectory, live_samples::LiveSamples, store::Store};

/// What the backend works on.
pub struct Parts {
    pub store: Store,
    pub clock: SharedClock,
    pub directory: DataDirectory,
    pub engine: Arc<engine::Engine>,
    pub samples: LiveSamples,
    /// Executions that may run at once.
    pub slots: u32,
    /// IANA name.
    pub default_time_zone: String,
}

pub struct LocalBackend {
    parts: Parts,
    recovered: watch::Sender<bool>,
}

impl LocalBackend {
    pub fn new(parts: Parts) -> Self {
        Self { parts, recovered: watch::Sender::new(false) }
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

    /// Takes over a finished upload: moves it to the project's files, and puts it into the configuration as a source or
    /// in place of the source's file of that name. What runs keeps the file it started with.
    pub async fn add_file(
        &self,
        _actor: &Actor,
        _project: ProjectId,
        _name: &str,
        _temporary: &Path,
        _bytes: u64,
    ) -> Result<Project, Error> {
        Err(unavailable())
    }

    /// Events with a number above `number`, oldest first; `None` when the log no longer reaches back that far.
    pub async fn events_after(&self, _number: i64, _limit: i64) -> Result<Option<Vec<Event>>, Error> {
        Err(unavailable())
    }

    /// Number of the newest committed event; changes wake the live feed.
    pub fn committed(&self) -> watch::Receiver<i64> {
        self.parts.store.committed()
    }

    /// Where every queued execution stands.
    pub async fn queue_places(&self) -> Result<Vec<QueuePlace>, Error> {
        Err(unavailable())
    }

    /// Progress and log lines as they come.
    pub fn samples(&self) -> broadcast::Receiver<model::event::Sample> {
        self.parts.samples.subscribe()
    }

    /// The file of an output for download; `NotFound` when the execution has none of that name.
    pub async fn output_path(&self, _id: ExecutionId, _name: &str) -> Result<std::path::PathBuf, Error> {
        Err(unavailable())
    }
}

fn unavailable() -> Error {
    Error::Unavailable { message: "not connected yet".to_owned() }
}

#[async_trait]
impl Backend for LocalBackend {
    async fn workflows(&self, _filter: WorkflowFilter) -> Result<Snapshot<Page<WorkflowCard>>, Error> {
        Err(unavailable())
    }
    async fn workflow(&self, _id: WorkflowId) -> Result<Snapshot<WorkflowCard>, Error> {
        Err(unavailable())
    }
    async fn create_workflow(&self, _actor: &Actor, _draft: WorkflowDraft) -> Result<Workflow, Error> {
        Err(unavailable())
    }
    async fn replace_workflow(
        &self,
        _actor: &Actor,
        _id: WorkflowId,
        _draft: WorkflowDraft,
        _version: i64,
    ) -> Result<Workflow, Error> {
        Err(unavailable())
    }
    async fn delete_workflow(&self, _actor: &Actor, _id: WorkflowId) -> Result<(), Error> {
        Err(unavailable())
    }
    async fn pause_workflow(&self, _actor: &Actor, _id: WorkflowId) -> Result<Workflow, Error> {
        Err(unavailable())
    }
    async fn resume_workflow(&self, _actor: &Actor, _id: WorkflowId) -> Result<Workflow, Error> {
        Err(unavailable())
    }
    async fn duplicate_workflow(&self, _actor: &Actor, _id: WorkflowId) -> Result<Workflow, Error> {
        Err(unavailable())
    }
    async fn run_now(&self, _actor: &Actor, _workflow: WorkflowId, _key: Option<String>) -> Result<Execution, Error> {
        Err(unavailable())
    }
    async fn executions(&self, _filter: ExecutionFilter) -> Result<Snapshot<Page<Execution>>, Error> {
        Err(unavailable())
    }
    async fn execution(&self, _id: ExecutionId) -> Result<Snapshot<Execution>, Error> {
        Err(unavailable())
    }
    async fn cancel_execution(&self, _actor: &Actor, _id: ExecutionId) -> Result<Execution, Error> {
        Err(unavailable())
    }
    async fn execution_logs(&self, _id: ExecutionId, _first: u64, _limit: usize) -> Result<Vec<LogLine>, Error> {
        Err(unavailable())
    }
    async fn execution_outputs(&self, _id: ExecutionId) -> Result<Vec<Output>, Error> {
        Err(unavailable())
    }
    async fn preview_schedule(&self, _request: PreviewRequest) -> Result<Preview, Error> {
        Err(unavailable())
    }
    async fn projects(&self) -> Result<Vec<ProjectSummary>, Error> {
        Err(unavailable())
    }
    async fn project(&self, _id: ProjectId) -> Result<Project, Error> {
        Err(unavailable())
    }
    async fn create_project(&self, _actor: &Actor, _name: String) -> Result<Project, Error> {
        Err(unavailable())
    }
    async fn replace_project(&self, _actor: &Actor, _id: ProjectId, _draft: ProjectDraft) -> Result<Project, Error> {
        Err(unavailable())
    }
    async fn delete_project(&self, _actor: &Actor, _id: ProjectId) -> Result<(), Error> {
        Err(unavailable())
    }
    async fn suggest_project(&self, _actor: &Actor, _id: ProjectId) -> Result<Project, Error> {
        Err(unavailable())
    }
    async fn check_project(&self, _id: ProjectId, _config: ProjectConfig, _steps: StepRange) -> Result<(), Error> {
        Err(unavailable())
    }
    async fn project_result(&self, _id: ProjectId, _step: Step) -> Result<Option<StepResult>, Error> {
        Err(unavailable())
    }
    async fn golden_sample(&self, _id: ProjectId, _rows: usize) -> Result<Option<Sample>, Error> {
        Err(unavailable())
    }
    async fn latest_outputs(&self, _id: ProjectId) -> Result<Option<LatestOutputs>, Error> {
        Err(unavailable())
    }
    fn default_time_zone(&self) -> String {
        self.parts.default_time_zone.clone()
    }
}
