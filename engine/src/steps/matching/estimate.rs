//! What matching would compare, told without comparing anything.

use std::{path::Path, sync::Arc};

use model::{Step, config::MatchConfig, results::BlockingEstimate};

use super::{
    blocking::Blocking,
    columns::{self, RECORDS_FILE},
    definitions,
};
use crate::{Context, Failure, context::StepContext, results::Workspace};

/// The pairs that the blocking keys of `config` propose for the published records of `context.workspace`, and the largest
/// blocks. `scratch` is a directory for what is needed meanwhile; other runs may go on.
///
/// # Errors
/// When there are no records yet, or a key names a column that they do not have.
pub async fn estimate_blocking(
    config: &MatchConfig,
    context: &Context,
    scratch: &Path,
) -> Result<BlockingEstimate, Failure> {
    let draft = Workspace::new(scratch).draft(Step::Match, "estimate")?;
    let context = StepContext::new(context, Step::Match, &draft);
    let version = context.published(Step::Cleanse)?;
    let records = context.table(&context.session(), &version, RECORDS_FILE).await?;
    let names: Vec<&str> = records.schema().fields().iter().map(|field| field.name().as_str()).collect();
    definitions::check_blocking(config, &names)?;
    let sources = Arc::new(columns::sources(&version, &context).await?);
    let blocking = Blocking::prepare(config, &sources, &records, &context).await?;
    Ok(BlockingEstimate {
        records: sources.of_record.len() as u64,
        pairs: blocking.pairs_estimated(),
        pairs_max: blocking.pairs_max(),
        refusal: blocking.refusal(),
        keys: (0..blocking.keys()).map(|number| blocking.alone(number)).collect(),
    })
}
