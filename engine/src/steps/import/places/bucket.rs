//! An object in a bucket.

use super::{
    super::file::SourceFile,
    fetched::{answer, keep},
};
use crate::{
    Failure, StepContext,
    buckets::{self, Reach},
};

/// Errors do not name the object.
pub(super) async fn fetch(url: &str, reach: Reach<'_>, context: &StepContext<'_>) -> Result<SourceFile, Failure> {
    let (store, path) =
        buckets::open(url, reach).map_err(|problem| Failure::Input(format!("it cannot be fetched: {problem}")))?;
    let found = answer(context, store.get_opts(&path, Default::default())).await?;
    let announced = found.meta.size;
    keep(found.into_stream(), Some(announced), context).await
}
