//! Spans of executions and their steps: they put an execution's id into each line that is logged on its behalf, and make
//! its trace.

use model::{Step, execution::Execution};
use opentelemetry::trace::Status;
use tracing::Span;
use tracing_opentelemetry::OpenTelemetrySpanExt as _;

use crate::store::Ending;

/// A trace of its own: whoever queued it did not wait for it, and the end of the execution before it is none of its.
pub(super) fn of_execution(execution: &Execution) -> Span {
    let span = tracing::error_span!(parent: None, "execution", execution_id = %execution.id);
    span.set_attribute("workflow_id", execution.workflow_id.to_string());
    span.set_attribute("workflow", execution.workflow_name.clone());
    span.set_attribute("project_id", execution.project_id.to_string());
    span.set_attribute("trigger", execution.trigger.as_str());
    span.set_attribute("attempt", i64::from(execution.attempt));
    span
}

/// Inside that of its execution. Nothing is logged in it, so its fields are a collector's alone.
pub(super) fn of_step(execution: &Span, step: Step) -> Span {
    tracing::error_span!(parent: execution, "step", otel.name = step.as_str())
}

/// Says how an execution ended, in its span and in the log.
pub(super) fn ended(span: &Span, ending: &Ending) {
    match ending {
        Ending::Success { .. } => {
            tracing::info!("succeeded");
            span.set_status(Status::Ok);
        }
        Ending::Failed { error, .. } | Ending::Halted { error, .. } => {
            tracing::warn!(error, "failed");
            span.set_status(Status::error(error.clone()));
        }
        Ending::Stopped => tracing::info!("stopped before its end"),
    }
}
