//! Where a queued execution stands, and why it has not started.

use serde::{Deserialize, Serialize};

use crate::{ExecutionId, Timestamp, WorkflowId};

/// Why a queued execution has not started.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum QueueReason {
    /// The same workflow is running.
    BehindWorkflow { execution: ExecutionId, started_at: Option<Timestamp> },
    /// Another workflow of the same project is running.
    BehindProject { execution: ExecutionId, workflow_name: String },
    /// All slots are taken.
    NoFreeSlot { busy: u32, slots: u32 },
    /// A retry waits for its time.
    WaitingUntil { at: Timestamp },
    /// Maintenance mode: nothing starts until it is switched off.
    Maintenance { by: String, since: Timestamp },
    /// Too little disk is free; it starts when there is enough again.
    DiskFull { free_bytes: u64, needed_bytes: u64 },
    /// It is about to start.
    Next,
}

/// Where every queued execution stands now. Sent to pages when the queue changes; not part of the event log, because
/// one execution that ends moves all the others.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct QueuePlace {
    pub execution: ExecutionId,
    pub workflow: WorkflowId,
    pub position: u32,
    pub reason: QueueReason,
}
