//! What a person does with executions, as forms post it.

use leptos::prelude::*;
use model::{ExecutionId, Step, WorkflowId, execution::Execution};

use crate::{
    api::{
        ApiError,
        request::{answer, backend},
    },
    components::{notice::say, started},
    format,
};

/// Queues an execution, of the part that begins at `from` when that is given. `key` is one click: sent twice, it queues
/// nothing twice.
#[server(prefix = "/_fn", endpoint = "run_now")]
pub async fn run_now(workflow: WorkflowId, from: Option<Step>, key: Option<String>) -> Result<Execution, ApiError> {
    let execution = answer(backend().run_now(workflow, from, key).await)?;
    started::remember(execution.id);
    say(format::execution::accepted(&execution), Some((format!("/executions/{}", execution.id), "See the execution")));
    Ok(execution)
}

#[server(prefix = "/_fn", endpoint = "cancel_execution")]
pub async fn cancel_execution(id: ExecutionId) -> Result<Execution, ApiError> {
    let execution = answer(backend().cancel_execution(id).await)?;
    say(format::execution::cancelled(&execution), None);
    Ok(execution)
}
