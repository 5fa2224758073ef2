//! Our scalar functions. Plans name them, so that a plan can travel to an executor that registers the same functions.

use datafusion::prelude::SessionContext;

use crate::steps::{cleanse, matching};

/// Registers every function of ours.
pub(crate) fn register(session: &SessionContext) {
    cleanse::functions::register(session);
    matching::functions::register(session);
}
