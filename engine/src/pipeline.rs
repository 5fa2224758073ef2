//! The order of the steps: the only control flow of the engine.

use std::{collections::BTreeMap, path::PathBuf};

use model::{StepRange, config::ProjectConfig};

use crate::{Context, PipelineError};

/// What to run.
#[derive(Clone, Debug)]
pub struct PipelineSpec {
    pub config: ProjectConfig,
    /// Where each uploaded file of the project lies, by the name that `SourceConfig::file` uses.
    pub files: BTreeMap<String, PathBuf>,
}

/// Runs `steps` in order. Each publishes its result when complete; the first that fails ends the run.
pub async fn run(_spec: &PipelineSpec, _context: &Context, _steps: StepRange) -> Result<(), PipelineError> {
    Ok(())
}
