//! Whether the sources can be read, as far as their settings tell.

use std::collections::HashSet;

use model::{
    config::{
        SourceConfig,
        source::{Format, Location},
    },
    limits,
};

use super::{Problems, databases};
use crate::{buckets, read, steps::import::places};

/// Rows of a sheet.
const HEADER_ROW_MAX: u32 = 1_048_576;

pub(super) fn check(sources: &[SourceConfig], problems: &mut Problems) {
    if sources.is_empty() {
        problems.add("sources", "add a source: upload a file");
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
        check_place(source, &at, problems);
        check_format(&source.format, &at, problems);
        check_mapping(source, &at, problems);
        check_key(source, &at, problems);
    }
}

fn check_place(source: &SourceConfig, at: &str, problems: &mut Problems) {
    let location = format!("{at}.location");
    match (&source.location, source.file.as_str()) {
        (None, "") => problems.add(format!("{at}.file"), "choose an uploaded file"),
        (Some(_), file) if !file.is_empty() => {
            problems.add(location, "says where the file is, and so does `file`; leave one of them out");
        }
        (Some(Location::Path { path }), _) if !path.starts_with('/') => {
            problems.add(format!("{location}.path"), "has to be absolute");
        }
        (Some(Location::Url { url, host_key, credentials }), _) => {
            if let Some((field, problem)) = places::url_problem(url, host_key.as_deref(), credentials.as_deref()) {
                problems.add(format!("{location}.{field}"), problem);
            }
        }
        (Some(Location::ObjectStorage { url, endpoint, .. }), _) => {
            if let Some(problem) = buckets::problem(url) {
                problems.add(format!("{location}.url"), problem);
            }
            let problem = endpoint.as_deref().and_then(places::web_problem);
            if let Some(problem) = problem {
                problems.add(format!("{location}.endpoint"), problem);
            }
        }
        (Some(Location::Database(source)), _) => databases::check_source(source, &location, problems),
        _ => {}
    }
}

fn check_format(format: &Format, at: &str, problems: &mut Problems) {
    match format {
        Format::Csv { delimiter, quote, encoding: _ } => {
            check_ascii(*delimiter, &format!("{at}.format.delimiter"), problems);
            check_ascii(*quote, &format!("{at}.format.quote"), problems);
            if delimiter.is_some() && delimiter == quote {
                problems.add(format!("{at}.format.quote"), "must differ from the delimiter");
            }
        }
        Format::Xlsx { sheet, header_row } | Format::Xls { sheet, header_row } => {
            if sheet.as_ref().is_some_and(|sheet| sheet.trim().is_empty()) {
                problems.add(format!("{at}.format.sheet"), "name the sheet, or leave it out");
            }
            if header_row.is_some_and(|row| !(1..=HEADER_ROW_MAX).contains(&row)) {
                problems.add(format!("{at}.format.header_row"), format!("must be a row from 1 to {HEADER_ROW_MAX}"));
            }
        }
        Format::Detected {} | Format::JsonLines { .. } | Format::Parquet {} => {}
    }
}

pub(super) fn check_ascii(chosen: Option<char>, at: &str, problems: &mut Problems) {
    if let Some(c) = chosen
        && (!c.is_ascii() || matches!(c, '\n' | '\r' | '\0'))
    {
        problems.add(at, "must be one ASCII character that is no line end");
    }
}

/// Only a column list tells what columns there will be.
fn check_key(source: &SourceConfig, at: &str, problems: &mut Problems) {
    let Some(key) = source.key.as_deref().map(str::trim) else { return };
    let mut taken = source.columns.iter().filter(|mapping| mapping.enabled);
    let is_key = |name: &str| name.trim() == key;
    if key.is_empty() {
        problems.add(format!("{at}.key"), "name a column, or leave it out");
    } else if !source.columns.is_empty()
        && !taken.any(|mapping| is_key(mapping.rename.as_deref().unwrap_or(&mapping.column)))
    {
        problems.add(format!("{at}.key"), format!("the source's column list has no column “{key}”"));
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
