//! One action on several workflows.

use serde::{Deserialize, Serialize};

use crate::{Error, ExecutionId, WorkflowId, limits};

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum BulkAction {
    Pause,
    Resume,
    Run,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct BulkRequest {
    pub action: BulkAction,
    #[cfg_attr(feature = "openapi", schema(schema_with = crate::openapi::workflows_of_bulk))]
    pub workflows: Vec<WorkflowId>,
}

/// What became of one of them. The others do not depend on it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct BulkOutcome {
    pub workflow: WorkflowId,
    /// What was queued, for `run`.
    pub execution: Option<ExecutionId>,
    /// Why it was not done.
    pub error: Option<Error>,
}

impl BulkRequest {
    /// # Errors
    /// `Invalid` at `workflows`: none, too many, or one twice.
    pub fn check(&self) -> Result<(), Error> {
        if self.workflows.is_empty() {
            return Err(Error::invalid("workflows", "name at least one workflow"));
        }
        if self.workflows.len() > limits::BULK_WORKFLOWS_MAX {
            let message = format!("names {}; at most {} at once", self.workflows.len(), limits::BULK_WORKFLOWS_MAX);
            return Err(Error::invalid("workflows", message));
        }
        let mut sorted = self.workflows.clone();
        sorted.sort_unstable();
        match sorted.windows(2).find(|pair| pair[0] == pair[1]) {
            Some(pair) => Err(Error::invalid("workflows", format!("names {} twice", pair[0]))),
            None => Ok(()),
        }
    }
}
