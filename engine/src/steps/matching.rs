//! matching

use model::config::MatchConfig;

use crate::{Failure, context::StepContext, steps::StepOutcome};

pub struct Options<'a> {
    pub config: &'a MatchConfig,
}

pub async fn run(options: Options<'_>, context: &StepContext<'_>) -> Result<StepOutcome, Failure> {
    let _ = (options.config, context);
    Err(Failure::Internal("not there yet".to_owned()))
}
