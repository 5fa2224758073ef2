//! What can be cleansed without harm: only white space, since every value goes out as it is cleansed.
//!
//! Case, punctuation and the spelling of dates and numbers do not disturb matching, which folds them itself; changing
//! them is a choice for people.

use model::{
    config::{
        CleanseConfig,
        cleanse::{CleanseOperation, Operation},
    },
    results::ProfileSummary,
};

/// First what makes columns one, then: collapses white space in columns of several words, in all sources alike.
pub(super) fn suggest(profile: &ProfileSummary, mut operations: Vec<CleanseOperation>) -> CleanseConfig {
    let mut names: Vec<&str> = Vec::new();
    for column in profile.sources.iter().flat_map(|source| &source.columns) {
        if column.words_mean > 1.0 && !names.contains(&column.name.as_str()) {
            names.push(&column.name);
        }
    }
    let collapse = |name: &str| CleanseOperation {
        source: None,
        column: name.to_owned(),
        operation: Operation::Collapse,
        enabled: true,
    };
    operations.extend(names.into_iter().map(collapse));
    CleanseConfig { operations }
}
