//! Whether a configuration can run: every problem at once, each at its place in the document.
//!
//! It knows the document and, where they are known, the sources' columns. It reads no files.

mod cleanse;
mod databases;
mod export;
mod matching;
mod merge;
mod profile;
mod sources;

use std::collections::{BTreeMap, HashSet};

use model::{FieldError, Step, StepRange, config::ProjectConfig};

use crate::patterns::LargePatterns;

/// The columns of each source, by the source's name, where they are known.
pub type KnownColumns = BTreeMap<String, Vec<String>>;

/// Every problem that would stop `steps` from running with `config`; empty when it is ready. Sections of steps that do
/// not run are not looked at.
pub fn validate(config: &ProjectConfig, steps: StepRange, columns: Option<&KnownColumns>) -> Vec<FieldError> {
    let columns = project_columns(config, columns);
    let mut problems = Problems { found: Vec::new(), columns, large_patterns: LargePatterns::default() };
    if steps.contains(Step::Import) {
        sources::check(&config.sources, &mut problems);
    }
    if steps.contains(Step::Profile) {
        profile::check(config, &mut problems);
    }
    cleanse::check(config, steps.contains(Step::Cleanse), &mut problems);
    if steps.contains(Step::Match) {
        matching::check(config, &mut problems);
    }
    if steps.contains(Step::Merge) {
        merge::check(config, &mut problems);
    }
    if steps.contains(Step::Export) {
        export::check(config, &mut problems);
    }
    problems.found
}

/// What was found so far, and what columns there are.
struct Problems {
    found: Vec<FieldError>,
    /// The project's columns; `None` where those of a source are not known.
    columns: Option<HashSet<String>>,
    large_patterns: LargePatterns,
}

impl Problems {
    /// A regular expression adds to those that the configuration has.
    fn pattern(&mut self, field: impl Into<String>, pattern: &str) {
        if let Err(problem) = self.large_patterns.take(pattern) {
            self.add(field, problem);
        }
    }

    fn add(&mut self, field: impl Into<String>, message: impl Into<String>) {
        self.found.push(FieldError::new(field, readable(message.into())));
    }

    /// A column that a setting names has to be there.
    fn column(&mut self, field: impl Into<String>, name: &str) {
        let known = self.columns.as_ref().is_none_or(|columns| columns.contains(name));
        if name.is_empty() {
            self.add(field, "choose a column");
        } else if !known {
            self.add(field, format!("there is no column “{name}” in any source"));
        }
    }

    /// A source that a setting names has to be there.
    fn source(&mut self, field: impl Into<String>, name: &str, config: &ProjectConfig) {
        if !config.sources.iter().any(|source| source.name == name) {
            self.add(field, format!("there is no source “{name}”"));
        }
    }
}

/// A message as it can be shown: of the values that it quotes no more than tells them apart from others.
fn readable(message: String) -> String {
    /// Longer ones quote something that nobody reads to its end.
    const MESSAGE_CHARS_MAX: usize = 1_000;
    const QUOTED_CHARS_MAX: usize = 100;
    let beginning = |text: &str, chars: usize| match text.char_indices().nth(chars) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    };
    if message.chars().count() <= MESSAGE_CHARS_MAX {
        return message;
    }
    let quoted = message.split('“').enumerate().map(|(place, part)| match part.split_once('”') {
        Some((quoted, after)) if place > 0 => format!("“{}”{after}", beginning(quoted, QUOTED_CHARS_MAX)),
        _ if place > 0 => format!("“{part}"),
        _ => part.to_owned(),
    });
    beginning(&quoted.collect::<String>(), MESSAGE_CHARS_MAX)
}

/// The names that the sources' columns have in the project.
fn project_columns(config: &ProjectConfig, known: Option<&KnownColumns>) -> Option<HashSet<String>> {
    let mut names = HashSet::new();
    for source in &config.sources {
        if source.columns.is_empty() {
            names.extend(known?.get(&source.name)?.iter().cloned());
        } else {
            let taken = source.columns.iter().filter(|mapping| mapping.enabled);
            names.extend(taken.map(|mapping| mapping.rename.as_ref().unwrap_or(&mapping.column).trim().to_owned()));
        }
    }
    Some(names)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_quotes_the_beginning_of_what_is_long() {
        let long = "x".repeat(5_000);
        let shown = readable(format!("there is no source “{long}”; there are “crm” and “shop”"));
        assert_eq!(shown, format!("there is no source “{}…”; there are “crm” and “shop”", "x".repeat(100)));
        assert_eq!(readable("there is no source “crm”".to_owned()), "there is no source “crm”");
        assert_eq!(readable(long).chars().count(), 1_001);
    }
}
