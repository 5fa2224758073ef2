//! The section `cleanse`: the operations in their order, since one may read what an earlier one made.

use model::{
    config::{
        ProjectConfig,
        cleanse::{CleanseOperation, Operation},
    },
    limits,
};

use super::Problems;
use crate::{read, steps::cleanse::functions};

/// Looks at the operations if the step `runs`. The columns that they make are known to later sections either way: those of a
/// result that is there already.
pub(super) fn check(config: &ProjectConfig, runs: bool, problems: &mut Problems) {
    let count = config.cleanse.operations.len();
    if runs && count > limits::OPERATIONS_MAX {
        let most = limits::OPERATIONS_MAX;
        problems.add("cleanse.operations", format!("has {count} operations; at most {most} are allowed"));
    }
    let operations = config.cleanse.operations.iter().enumerate();
    for (place, operation) in operations.filter(|(_, operation)| operation.enabled) {
        if runs {
            check_operation(operation, &format!("cleanse.operations[{place}]"), config, problems);
        }
        if let Some(columns) = &mut problems.columns {
            columns.extend(operation.writes());
        }
    }
}

fn check_operation(operation: &CleanseOperation, at: &str, config: &ProjectConfig, problems: &mut Problems) {
    problems.column(format!("{at}.column"), &operation.column);
    if let Some(source) = &operation.source {
        problems.source(format!("{at}.source"), source, config);
    }
    if let Operation::Concatenate { columns, .. } = &operation.operation
        && columns.is_empty()
    {
        problems.add(format!("{at}.columns"), "name at least one column to add");
    }
    for (place, column) in operation.reads().iter().enumerate() {
        problems.column(format!("{at}.columns[{place}]"), column);
    }
    check_written(operation, at, problems);
    if let Operation::RegexReplace { pattern, .. } = &operation.operation {
        problems.pattern(format!("{at}.pattern"), pattern);
    }
    if let Err((parameter, message)) = functions::check(&operation.operation) {
        problems.add(format!("{at}.{parameter}"), message);
    }
}

/// Columns that an operation makes need names that a column may have.
fn check_written(operation: &CleanseOperation, at: &str, problems: &mut Problems) {
    let written = operation.writes();
    let field = |place: usize| match &operation.operation {
        Operation::Copy { .. } | Operation::Concatenate { into: Some(_), .. } => Some(format!("{at}.into")),
        Operation::Split { .. } => Some(format!("{at}.into[{place}]")),
        Operation::PersonName { .. } | Operation::Address { .. } => (place == 0).then(|| format!("{at}.prefix")),
        _ => None,
    };
    if matches!(operation.operation, Operation::Split { .. }) && written.len() < 2 {
        problems.add(format!("{at}.into"), "name the columns that the parts go into, at least two");
    }
    for (place, name) in written.iter().enumerate() {
        let Some(field) = field(place) else { continue };
        if name.trim().is_empty() {
            problems.add(field, "give the column a name");
        } else if name.trim() != name {
            problems.add(field, format!("“{name}” begins or ends with a blank; a name must not"));
        } else if read::RESERVED.contains(&name.as_str()) || name.starts_with("__") {
            problems.add(field, format!("“{name}” is used by Millrace itself; choose another name"));
        } else if written[..place].contains(name) {
            problems.add(field, format!("“{name}” is named twice"));
        }
    }
    let total = problems.columns.as_ref().map_or(0, std::collections::HashSet::len) + written.len();
    if total > limits::COLUMNS_MAX * 2 {
        problems.add(at, format!("makes more columns than {}", limits::COLUMNS_MAX * 2));
    }
}
