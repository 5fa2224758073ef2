//! One action on several workflows: each is a transaction of its own, and what one refuses does not stop the others.

use app::backend::Backend as _;
use model::{
    Error, WorkflowId,
    bulk::{BulkAction, BulkOutcome, BulkRequest},
};

use super::{Asked, executions::check_key};

impl Asked {
    /// The outcomes are in the order of the request. All are asked for at once, so that they share commits.
    pub(super) async fn act_on_all(
        &self,
        request: BulkRequest,
        key: Option<String>,
    ) -> Result<Vec<BulkOutcome>, Error> {
        request.check()?;
        check_key(key.as_deref())?;
        let action = request.action;
        let outcomes = request.workflows.into_iter().map(|workflow| self.act_on(action, workflow, key.clone()));
        Ok(futures::future::join_all(outcomes).await)
    }

    async fn act_on(&self, action: BulkAction, workflow: WorkflowId, key: Option<String>) -> BulkOutcome {
        let done = match action {
            BulkAction::Pause => self.pause_workflow(workflow).await.map(|_| None),
            BulkAction::Resume => self.resume_workflow(workflow).await.map(|_| None),
            BulkAction::Run => self.run_now(workflow, None, key).await.map(|queued| Some(queued.id)),
        };
        match done {
            Ok(execution) => BulkOutcome { workflow, execution, error: None },
            Err(error) => BulkOutcome { workflow, execution: None, error: Some(error) },
        }
    }
}
