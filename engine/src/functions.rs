//! Our scalar functions. Plans name them, so that a plan can travel to an executor that registers the same functions.

use datafusion::prelude::SessionContext;

use crate::steps::matching;

/// Registers every function of ours.
pub(crate) fn register(session: &SessionContext) {
    matching::functions::register(session);
}
