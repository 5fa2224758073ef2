//! What happened lately that a person may want to know of: shown behind the bell.

use serde::{Deserialize, Serialize};

use crate::{ExecutionId, Timestamp, WorkflowId, execution::Status};

/// Items behind the bell; what is older has its place in the history.
pub const NEWS_MAX: usize = 30;
/// How far back the bell looks.
pub const NEWS_DAYS: u64 = 7;

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct News {
    pub at: Timestamp,
    pub workflow: WorkflowId,
    pub workflow_name: String,
    #[serde(flatten)]
    pub what: Happening,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Happening {
    /// A run failed for good, or one that the person asked for ended.
    Ended { execution: ExecutionId, status: Status, error: Option<String> },
    /// It waits for someone to resume it.
    Suspended { reason: String },
}
