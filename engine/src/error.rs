//! How a pipeline ends when it does not succeed.

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
