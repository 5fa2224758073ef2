//! What the live feed and those who watch the server by numbers ask.

use model::{
    Error, ExecutionId, ProjectId, WorkflowId,
    event::{self, Event},
};
use tokio::sync::{broadcast, watch};

use super::LocalBackend;
use crate::store::{QueueState, Standing};

impl LocalBackend {
    /// Events with a number above `number`, oldest first; `None` when the log no longer reaches back that far.
    ///
    /// # Errors
    /// `Internal` when the database cannot be read.
    pub async fn events_after(&self, number: i64, limit: i64) -> Result<Option<Vec<Event>>, Error> {
        self.told(self.parts.store.events_after(number, limit).await)
    }

    /// Number of the newest committed event; changes wake the live feed.
    pub fn committed(&self) -> watch::Receiver<i64> {
        self.parts.store.committed()
    }

    /// Changes after every commit that moved the queue.
    pub fn queue_changed(&self) -> watch::Receiver<u64> {
        self.parts.store.queue_changed()
    }

    /// How much waits and runs, and where the first of those that wait stand.
    ///
    /// # Errors
    /// `Internal` when the database cannot be read.
    pub async fn queue_state(&self) -> Result<QueueState, Error> {
        self.told(self.parts.store.queue_state(self.parts.slots, self.parts.clock.now()).await)
    }

    /// How schedules, outbox and database stand.
    ///
    /// # Errors
    /// `Internal` when the database cannot be read.
    pub async fn standing(&self) -> Result<Standing, Error> {
        self.told(self.parts.store.standing().await)
    }

    /// Whose role decides about a workflow.
    ///
    /// # Errors
    /// `NotFound`; `Internal` when the database cannot be read.
    pub async fn project_of_workflow(&self, id: WorkflowId) -> Result<ProjectId, Error> {
        self.told(self.parts.store.project_of_workflow(id).await)
    }

    /// Whose role decides about an execution.
    ///
    /// # Errors
    /// `NotFound`; `Internal` when the database cannot be read.
    pub async fn project_of_execution(&self, id: ExecutionId) -> Result<ProjectId, Error> {
        self.told(self.parts.store.project_of_execution(id).await)
    }

    /// Memory that all executions share: what they hold now, and how much there is.
    pub fn engine_memory_bytes(&self) -> (usize, usize) {
        (self.parts.engine.memory_used_bytes(), self.parts.engine.config().memory_bytes)
    }

    /// Executions that may run at once.
    pub fn slots(&self) -> u32 {
        self.parts.slots
    }

    /// Progress and log lines as they come.
    pub fn samples(&self) -> broadcast::Receiver<event::Sample> {
        self.parts.samples.subscribe()
    }
}
