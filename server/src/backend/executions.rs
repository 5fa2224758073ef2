//! Executions: asked for, read, cancelled.

use model::{
    Actor, Door, Error, ExecutionId, Page, Scope, Snapshot, Step, WorkflowId,
    delivery::Delivery,
    execution::{Execution, ExecutionFilter, LogLine, Output, Trigger},
    limits,
    results::Sample,
};

use super::LocalBackend;
use crate::store::Request;

/// What both doors ask for, without a look at who asks: [`super::Asked`] has looked.
impl LocalBackend {
    pub(crate) async fn run_now(
        &self,
        actor: &Actor,
        workflow: WorkflowId,
        from: Option<Step>,
        key: Option<String>,
    ) -> Result<Execution, Error> {
        check_key(key.as_deref())?;
        if let Some(from) = from {
            self.check_start(workflow, from).await?;
        }
        let request = Request { workflow, trigger: trigger(actor.door), by: actor.author(), from, key };
        let queued = self.told(self.parts.store.enqueue(request).await)?;
        self.told(self.parts.store.with_place(queued, self.parts.slots, self.parts.clock.now()).await)
    }

    pub(crate) async fn executions(
        &self,
        filter: ExecutionFilter,
        scope: Scope,
    ) -> Result<Snapshot<Page<Execution>>, Error> {
        self.told(self.parts.store.executions(&filter, &scope, self.parts.slots, self.parts.clock.now()).await)
    }

    pub(crate) async fn execution(&self, id: ExecutionId) -> Result<Snapshot<Execution>, Error> {
        self.told(self.parts.store.execution(id, self.parts.slots, self.parts.clock.now()).await)
    }

    pub(crate) async fn execution_attempts(&self, id: ExecutionId) -> Result<Vec<Execution>, Error> {
        self.told(self.parts.store.attempts(id).await)
    }

    pub(crate) async fn cancel_execution(&self, actor: &Actor, id: ExecutionId) -> Result<Execution, Error> {
        self.told(self.parts.store.cancel(id, actor.author()).await)
    }

    pub(crate) async fn execution_logs(
        &self,
        id: ExecutionId,
        first: u64,
        limit: usize,
    ) -> Result<Vec<LogLine>, Error> {
        self.log_lines(id, first, limit).await
    }

    pub(crate) async fn execution_outputs(&self, id: ExecutionId) -> Result<Vec<Output>, Error> {
        self.told(self.parts.store.outputs(id).await)
    }

    pub(crate) async fn output_sample(&self, id: ExecutionId, name: &str, rows: usize) -> Result<Sample, Error> {
        self.first_rows(id, name, rows).await
    }

    pub(crate) async fn execution_deliveries(&self, id: ExecutionId) -> Result<Vec<Delivery>, Error> {
        self.told(self.parts.store.deliveries(id).await)
    }
}

const fn trigger(door: Door) -> Trigger {
    match door {
        Door::Browser => Trigger::Manual,
        Door::Api => Trigger::Api,
    }
}

pub(super) fn check_key(key: Option<&str>) -> Result<(), Error> {
    let Some(key) = key else { return Ok(()) };
    if key.is_empty() || key.chars().count() > limits::IDEMPOTENCY_KEY_CHARS_MAX {
        let message = format!("must have 1 to {} characters", limits::IDEMPOTENCY_KEY_CHARS_MAX);
        return Err(Error::invalid("Idempotency-Key", message));
    }
    Ok(())
}
