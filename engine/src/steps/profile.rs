//! profile
use crate::{Failure, context::StepContext, steps::StepOutcome};

pub struct Options {}

pub async fn run(_options: Options, _context: &StepContext<'_>) -> Result<StepOutcome, Failure> {
    Err(Failure::Internal("not there yet".to_owned()))
}
