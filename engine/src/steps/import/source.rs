//! One source made ready to be read: its file examined, its dialect and header known, its columns chosen.

use std::path::Path;

use model::{
    config::{SourceConfig, source::Format},
    limits,
};

use super::{
    dialect, encoding,
    encoding::{SAMPLE_BYTES, TextFacts, TextReader},
    records::{Dialect, Item, RecordReader},
};
use crate::{Checkpoint, Failure, read, steps::grouped};

/// A source whose header has been read. The next item of `records` is its first row.
pub(super) struct OpenSource<'a> {
    pub(super) config: &'a SourceConfig,
    pub(super) facts: TextFacts,
    pub(super) dialect: Dialect,
    pub(super) records: RecordReader<TextReader>,
    /// Fields of the header.
    pub(super) width: usize,
    pub(super) columns: Vec<Column>,
    /// Things to tell the user that are no errors.
    pub(super) remarks: Vec<String>,
}

/// A column that is taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Column {
    /// Its name in the project.
    pub(super) name: String,
    /// Its place in the file, from 0.
    pub(super) field: usize,
}

impl<'a> OpenSource<'a> {
    pub(super) fn open(config: &'a SourceConfig, path: &Path, checkpoint: &Checkpoint) -> Result<Self, Failure> {
        Self::read_header(config, path, checkpoint).map_err(|failure| match failure {
            Failure::Input(problem) => Failure::Input(format!("file “{}”: {problem}", config.file)),
            other => other,
        })
    }

    /// Errors do not name the file.
    fn read_header(config: &'a SourceConfig, path: &Path, checkpoint: &Checkpoint) -> Result<Self, Failure> {
        let Format::Csv { encoding: configured, .. } = &config.format;
        let facts = encoding::examine(path, *configured, checkpoint)?;
        let read_error = |error| Failure::io("it cannot be read", &error);
        let (sample, whole) = sample(path, &facts).map_err(read_error)?;
        let dialect = dialect::detect(&config.format, &sample, whole).map_err(read_error)?;
        let text = TextReader::open(path, &facts).map_err(read_error)?;
        let mut records = RecordReader::new(text, dialect);
        let mut remarks = Vec::new();
        let header = match records.next().map_err(read_error)? {
            None => return Err(Failure::Input("it is empty: it has only blank lines".to_owned())),
            Some(Item::Malformed { line, reason, .. }) => {
                return Err(Failure::Input(format!("line {line}: the header cannot be read: {reason}")));
            }
            Some(Item::Record(record)) => {
                if record.count > limits::COLUMNS_MAX {
                    return Err(Failure::Input(format!(
                        "line {}: the header has {} columns; at most {} are allowed",
                        record.line,
                        record.count,
                        limits::COLUMNS_MAX
                    )));
                }
                let mut scratch = String::new();
                let names = (0..record.count).map(|index| record.value(index, &mut scratch).to_owned());
                Header { line: record.line, names: names.collect() }
            }
        };
        let width = header.names.len();
        let columns = header.choose(config, &mut remarks)?;
        Ok(Self { config, facts, dialect, records, width, columns, remarks })
    }
}

/// The first text of a file, and whether it is all.
fn sample(path: &Path, facts: &TextFacts) -> std::io::Result<(Vec<u8>, bool)> {
    let mut text = TextReader::open(path, facts)?;
    let mut sample = Vec::new();
    while sample.len() < SAMPLE_BYTES {
        if text.fill(&mut sample, SAMPLE_BYTES)? == 0 {
            return Ok((sample, true));
        }
    }
    Ok((sample, false))
}

struct Header {
    line: u64,
    names: Vec<String>,
}

impl Header {
    fn choose(mut self, config: &SourceConfig, remarks: &mut Vec<String>) -> Result<Vec<Column>, Failure> {
        let line = self.line;
        if self.names.iter().all(String::is_empty) {
            return Err(Failure::Input(format!(
                "line {line}: it has no usable column: the header must name the columns, and every name is empty"
            )));
        }
        let is_long = |name: &String| name.len() > limits::COLUMN_NAME_MAX_BYTES;
        if let Some(place) = self.names.iter().position(is_long) {
            return Err(Failure::Input(format!(
                "line {line}: the name of column {} has {} bytes; at most {} are allowed",
                place + 1,
                grouped(self.names[place].len() as u64),
                grouped(limits::COLUMN_NAME_MAX_BYTES as u64)
            )));
        }
        if let Some((first, second)) = first_duplicate(&self.names) {
            return Err(Failure::Input(format!(
                "line {line}: the column name “{}” occurs twice, in columns {} and {}; give each column its own name",
                self.names[first],
                first + 1,
                second + 1
            )));
        }
        let columns = if config.columns.is_empty() { self.all(remarks) } else { self.mapped(config, remarks)? };
        if columns.is_empty() {
            return Err(Failure::Input("no column is taken from it; enable at least one".to_owned()));
        }
        let names: Vec<String> = columns.iter().map(|column| column.name.clone()).collect();
        if let Some((first, _)) = first_duplicate(&names) {
            return Err(Failure::Input(format!("two of its columns are renamed to “{}”", names[first])));
        }
        if let Some(column) = columns.iter().find(|column| read::is_reserved(&column.name)) {
            return Err(Failure::Input(format!(
                "line {line}: the column name “{}” is used by Millrace itself; rename the column or leave it out in the \
                 source’s column list",
                column.name
            )));
        }
        Ok(columns)
    }

    fn all(&mut self, remarks: &mut Vec<String>) -> Vec<Column> {
        for place in 0..self.names.len() {
            if self.names[place].is_empty() {
                let name = self.free_name(place);
                remarks.push(format!("column {} has no name in the header and is taken as “{name}”", place + 1));
                self.names[place] = name;
            }
        }
        let names = self.names.iter().enumerate();
        names.map(|(field, name)| Column { name: name.clone(), field }).collect()
    }

    fn free_name(&self, place: usize) -> String {
        let mut name = format!("column_{}", place + 1);
        while self.names.contains(&name) {
            name.push('_');
        }
        name
    }

    fn mapped(&self, config: &SourceConfig, remarks: &mut Vec<String>) -> Result<Vec<Column>, Failure> {
        let wanted: Vec<&str> = config.columns.iter().map(|mapping| mapping.column.trim()).collect();
        let new: Vec<&str> =
            self.names.iter().map(String::as_str).filter(|name| !name.is_empty() && !wanted.contains(name)).collect();
        let (mut columns, mut missing) = (Vec::new(), Vec::new());
        for mapping in config.columns.iter().filter(|mapping| mapping.enabled) {
            let column = mapping.column.trim();
            let name = mapping.rename.as_deref().map_or(column, str::trim).to_owned();
            match self.names.iter().position(|known| known == column) {
                Some(field) => columns.push(Column { name, field }),
                None => missing.push(column),
            }
        }
        if !missing.is_empty() {
            let new =
                if new.is_empty() { "no new columns".to_owned() } else { format!("the new columns {}", quoted(&new)) };
            return Err(Failure::Input(format!(
                "line {}: its columns have changed: {} missing, and it has {new}",
                self.line,
                match missing.as_slice() {
                    [one] => format!("the column “{one}” is"),
                    many => format!("the columns {} are", quoted(many)),
                }
            )));
        }
        if !new.is_empty() {
            remarks.push(format!("columns that the source’s column list does not name are left out: {}", quoted(&new)));
        }
        Ok(columns)
    }
}

fn quoted(names: &[&str]) -> String {
    names.iter().map(|name| format!("“{name}”")).collect::<Vec<_>>().join(", ")
}

/// Empty names do not count.
fn first_duplicate(names: &[String]) -> Option<(usize, usize)> {
    names.iter().enumerate().find_map(|(second, name)| {
        let first = names[..second].iter().position(|earlier| earlier == name && !name.is_empty())?;
        Some((first, second))
    })
}
