//! How a pipeline ends when it does not succeed.

use std::io;

use datafusion::{arrow::error::ArrowError, error::DataFusionError, parquet::errors::ParquetError};
use model::Step;

/// The step that stopped the pipeline, and why.
#[derive(Debug, thiserror::Error)]
#[error("{step}: {failure}")]
pub struct PipelineError {
    pub step: Step,
    pub failure: Failure,
}

#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// The cancel token fired; the published results are those from before the step.
    #[error("cancelled")]
    Cancelled,
    /// Something in the input, the configuration or the machine that a person can act on. The text names the place.
    #[error("{0}")]
    Input(String),
    /// A fault of ours or of a library. The text is for the log, not for the page.
    #[error("{0}")]
    Internal(String),
}

impl Failure {
    /// The machine refused: disk full, no permission. `doing` says what was tried, such as "cannot write the result".
    pub fn io(doing: &str, error: &io::Error) -> Self {
        Self::Input(format!("{doing}: {error}"))
    }
}

/// What was tried when a library of ours met the machine's refusal.
const READ_OR_WRITE: &str = "cannot read or write data";

impl Failure {
    fn out_of_memory(reason: &str) -> Self {
        // The pool tells its size at the end of its reason.
        let limit = reason.rsplit_once("pool_size: ").and_then(|(_, rest)| rest.split([')', ',']).next());
        let limit = limit.map(|limit| format!(" ({limit} for all executions)")).unwrap_or_default();
        let reason = reason.split_whitespace().collect::<Vec<_>>().join(" ");
        Self::Input(format!(
            "the step needs more memory than the engine may use{limit}; raise the memory limit or run fewer executions at \
             once ({reason})"
        ))
    }
}

impl From<DataFusionError> for Failure {
    fn from(error: DataFusionError) -> Self {
        match error.find_root() {
            DataFusionError::ResourcesExhausted(reason) => Self::out_of_memory(reason),
            DataFusionError::IoError(cause) => Self::io(READ_OR_WRITE, cause),
            DataFusionError::ArrowError(cause, _) if matches!(**cause, ArrowError::IoError(..)) => match &**cause {
                ArrowError::IoError(_, cause) => Self::io(READ_OR_WRITE, cause),
                _ => Self::Internal(error.to_string()),
            },
            // Operators share one error among their streams.
            DataFusionError::ParquetError(cause) => match &**cause {
                ParquetError::External(cause) if cause.is::<io::Error>() => {
                    Self::Input(format!("{READ_OR_WRITE}: {cause}"))
                }
                _ => Self::Internal(error.to_string()),
            },
            // One of ours, on its way through a plan.
            DataFusionError::External(cause) => match cause.downcast_ref::<Self>() {
                Some(Self::Input(message)) => Self::Input(message.clone()),
                _ => Self::Internal(error.to_string()),
            },
            _ => Self::Internal(error.to_string()),
        }
    }
}

impl From<ArrowError> for Failure {
    fn from(error: ArrowError) -> Self {
        DataFusionError::from(error).into()
    }
}

impl From<ParquetError> for Failure {
    fn from(error: ParquetError) -> Self {
        match error {
            ParquetError::External(cause) => match cause.downcast::<io::Error>() {
                Ok(cause) => Self::io(READ_OR_WRITE, &cause),
                Err(cause) => Self::Internal(cause.to_string()),
            },
            other => Self::Internal(other.to_string()),
        }
    }
}
