//! import
use std::{collections::BTreeMap, path::PathBuf};

use model::config::SourceConfig;

use crate::{Failure, context::StepContext, steps::StepOutcome};

pub struct Options<'a> {
    pub sources: &'a [SourceConfig],
    pub files: &'a BTreeMap<String, PathBuf>,
}

pub async fn run(_options: Options<'_>, _context: &StepContext<'_>) -> Result<StepOutcome, Failure> {
    Err(Failure::Internal("not there yet".to_owned()))
}
