//! Whether a configuration can run: every problem at once, each at its place in the document.
//!
//! It knows the document and, where they are known, the sources' columns. It reads no files.

mod cleanse;
mod matching;
mod profile;

use std::collections::{BTreeMap, HashSet};

use model::{
    FieldError, Step, StepRange,
    config::{
        ProjectConfig, SourceConfig,
        export::{FileFormat, Target},
        source::Format,
    },
    limits,
};

use crate::{patterns::LargePatterns, read, steps::export::names};

/// The columns of each source, by the source's name, where they are known.
pub type KnownColumns = BTreeMap<String, Vec<String>>;

/// Every problem that would stop `steps` from running with `config`; empty when it is ready. Sections of steps that do
/// not run are not looked at.
pub fn validate(config: &ProjectConfig, steps: StepRange, columns: Option<&KnownColumns>) -> Vec<FieldError> {
    let columns = project_columns(config, columns);
    let mut problems = Problems { found: Vec::new(), columns, large_patterns: LargePatterns::default() };
    if steps.contains(Step::Import) {
        check_sources(&config.sources, &mut problems);
    }
    if steps.contains(Step::Profile) {
        profile::check(config, &mut problems);
    }
    cleanse::check(config, steps.contains(Step::Cleanse), &mut problems);
    if steps.contains(Step::Match) {
        matching::check(config, &mut problems);
    }
    if steps.contains(Step::Merge) {
        check_merge(config, &mut problems);
    }
    if steps.contains(Step::Export) {
        check_export(config, &mut problems);
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
        self.found.push(FieldError::new(field, message));
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

fn check_sources(sources: &[SourceConfig], problems: &mut Problems) {
    if sources.is_empty() {
        problems.add("sources", "add a source: upload a CSV file");
    }
    if sources.len() > limits::SOURCES_MAX {
        problems.add("sources", format!("has {} sources; at most {} are allowed", sources.len(), limits::SOURCES_MAX));
    }
    for (place, source) in sources.iter().enumerate() {
        let at = format!("sources[{place}]");
        if source.name.trim().is_empty() {
            problems.add(format!("{at}.name"), "give the source a name");
        } else if sources[..place].iter().any(|earlier| earlier.name == source.name) {
            problems.add(format!("{at}.name"), format!("“{}” is the name of an earlier source already", source.name));
        }
        if source.file.is_empty() {
            problems.add(format!("{at}.file"), "choose an uploaded file");
        }
        let Format::Csv { delimiter, quote, encoding: _ } = source.format;
        check_ascii(delimiter, &format!("{at}.format.delimiter"), problems);
        check_ascii(quote, &format!("{at}.format.quote"), problems);
        if delimiter.is_some() && delimiter == quote {
            problems.add(format!("{at}.format.quote"), "must differ from the delimiter");
        }
        check_mapping(source, &at, problems);
    }
}

fn check_ascii(chosen: Option<char>, at: &str, problems: &mut Problems) {
    if let Some(c) = chosen
        && (!c.is_ascii() || matches!(c, '\n' | '\r' | '\0'))
    {
        problems.add(at, "must be one ASCII character that is no line end");
    }
}

fn check_mapping(source: &SourceConfig, at: &str, problems: &mut Problems) {
    let mut names = HashSet::new();
    for (place, mapping) in source.columns.iter().enumerate().filter(|(_, mapping)| mapping.enabled) {
        let (field, name) = match &mapping.rename {
            Some(rename) => (format!("{at}.columns[{place}].rename"), rename.trim()),
            None => (format!("{at}.columns[{place}].column"), mapping.column.trim()),
        };
        if name.is_empty() {
            problems.add(field, "give the column a name");
        } else if read::is_reserved(name) {
            problems.add(field, format!("“{name}” is used by Millrace itself; choose another name"));
        } else if !names.insert(name) {
            problems.add(field, format!("“{name}” is the name of an earlier column already"));
        }
    }
    if !source.columns.is_empty() && source.columns.iter().all(|mapping| !mapping.enabled) {
        problems.add(format!("{at}.columns"), "take at least one column");
    }
}

fn check_merge(config: &ProjectConfig, problems: &mut Problems) {
    let masters = config.merge.master_rules.iter().enumerate().filter(|(_, rule)| rule.enabled);
    let masters = masters.map(|(place, rule)| (format!("merge.master_rules[{place}]"), &rule.column, &rule.sources));
    let overwrites = config.merge.overwrite_rules.iter().enumerate().filter(|(_, rule)| rule.enabled);
    let overwrites =
        overwrites.map(|(place, rule)| (format!("merge.overwrite_rules[{place}]"), &rule.column, &rule.sources));
    for (at, column, sources) in masters.chain(overwrites) {
        problems.column(format!("{at}.column"), column);
        for (place, source) in sources.iter().enumerate() {
            problems.source(format!("{at}.sources[{place}]"), source, config);
        }
    }
}

fn check_export(config: &ProjectConfig, problems: &mut Problems) {
    if config.export.targets.is_empty() {
        problems.add("export.targets", "add a file to write");
    }
    for (place, problem) in names::problems(&config.export) {
        problems.add(format!("export.targets[{place}].name"), problem);
    }
    for (place, Target::File { format, .. }) in config.export.targets.iter().enumerate() {
        if let FileFormat::Csv { delimiter } = format {
            let at = format!("export.targets[{place}].format.delimiter");
            check_ascii(Some(*delimiter), &at, problems);
            if *delimiter == '"' {
                problems.add(at, "must differ from the quote");
            }
        }
    }
}
