//! Executions, as the browser asks for them.

use leptos::prelude::*;
use model::{
    ExecutionId, Page, Snapshot, WorkflowId,
    execution::{Execution, ExecutionFilter, LogLine, Output},
};

#[cfg(feature = "ssr")]
use crate::api::request::{actor, answer, backend};
use crate::api::{ApiError, codec::Json};

/// Queues an execution. `key` is one click: sent twice, it queues nothing twice.
#[server(prefix = "/_fn", endpoint = "run_now", output = Json)]
pub async fn run_now(workflow: WorkflowId, key: Option<String>) -> Result<Execution, ApiError> {
    answer(backend().run_now(&actor(), workflow, key).await)
}

#[server(prefix = "/_fn", endpoint = "cancel_execution", output = Json)]
pub async fn cancel_execution(id: ExecutionId) -> Result<Execution, ApiError> {
    answer(backend().cancel_execution(&actor(), id).await)
}

#[server(name = ListExecutions, prefix = "/_fn", endpoint = "executions", input = Json, output = Json)]
pub async fn executions(filter: ExecutionFilter) -> Result<Snapshot<Page<Execution>>, ApiError> {
    answer(backend().executions(filter).await)
}

/// `None` stands for an address that holds no id.
#[server(name = ReadExecution, prefix = "/_fn", endpoint = "execution", input = Json, output = Json)]
pub async fn execution(id: Option<ExecutionId>) -> Result<Snapshot<Execution>, ApiError> {
    let Some(id) = id else { return answer(Err(model::Error::not_found("execution"))) };
    answer(backend().execution(id).await)
}

/// Lines from index `first` on, at most a screenful of pages.
#[server(prefix = "/_fn", endpoint = "execution_logs", input = Json, output = Json)]
pub async fn execution_logs(id: ExecutionId, first: u64) -> Result<Vec<LogLine>, ApiError> {
    answer(backend().execution_logs(id, first, model::limits::LOG_LINES_MAX).await)
}

#[server(prefix = "/_fn", endpoint = "execution_outputs", input = Json)]
pub async fn execution_outputs(id: ExecutionId) -> Result<Vec<Output>, ApiError> {
    answer(backend().execution_outputs(id).await)
}
