//! The columns that a file has, and those of them that are taken.

use model::{
    config::{SourceConfig, source::ValueType},
    limits,
};

use crate::{Failure, read, steps::grouped};

/// A column that is taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Column {
    /// Its name in the project.
    pub(super) name: String,
    /// Its place in the file, from 0.
    pub(super) field: usize,
    /// What every value has to be.
    pub(super) value_type: Option<ValueType>,
}

/// The names of a file's columns, in its order.
pub(super) struct Header {
    /// Where they stand, for messages: "line 1: ", or nothing in formats that have a schema.
    pub(super) place: String,
    pub(super) names: Vec<String>,
}

impl Header {
    /// So many columns are no table.
    pub(super) fn refuse_too_wide(count: usize) -> Result<(), Failure> {
        if count <= limits::COLUMNS_MAX {
            return Ok(());
        }
        Err(Failure::Input(format!("the header has {count} columns; at most {} are allowed", limits::COLUMNS_MAX)))
    }

    /// The columns to take. Errors do not name the file.
    pub(super) fn choose(mut self, config: &SourceConfig, remarks: &mut Vec<String>) -> Result<Vec<Column>, Failure> {
        let place = self.place.clone();
        if self.names.iter().all(String::is_empty) {
            return Err(Failure::Input(format!(
                "{place}it has no usable column: the header must name the columns, and every name is empty"
            )));
        }
        let is_long = |name: &String| name.len() > limits::COLUMN_NAME_MAX_BYTES;
        if let Some(column) = self.names.iter().position(is_long) {
            return Err(Failure::Input(format!(
                "{place}the name of column {} has {} bytes; at most {} are allowed",
                column + 1,
                grouped(self.names[column].len() as u64),
                grouped(limits::COLUMN_NAME_MAX_BYTES as u64)
            )));
        }
        if let Some((first, second)) = first_duplicate(&self.names) {
            return Err(Failure::Input(format!(
                "{place}the column name “{}” occurs twice, in columns {} and {}; give each column its own name",
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
                "{place}the column name “{}” is used by Millrace itself; rename the column or leave it out in the \
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
        names.map(|(field, name)| Column { name: name.clone(), field, value_type: None }).collect()
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
                Some(field) => columns.push(Column { name, field, value_type: mapping.value_type }),
                None => missing.push(column),
            }
        }
        if !missing.is_empty() {
            let new =
                if new.is_empty() { "no new columns".to_owned() } else { format!("the new columns {}", quoted(&new)) };
            return Err(Failure::Input(format!(
                "{}its columns have changed: {} missing, and it has {new}",
                self.place,
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

/// How columns differ from those before, as the end of a sentence; none when they do not.
pub(super) fn change(before: &[String], now: &[&str]) -> Option<String> {
    let missing: Vec<&str> = before.iter().map(String::as_str).filter(|name| !now.contains(name)).collect();
    let new: Vec<&str> = now.iter().copied().filter(|name| before.iter().all(|known| known != name)).collect();
    match (missing.as_slice(), new.as_slice()) {
        ([], []) => None,
        (missing, []) => Some(format!("the columns {} are missing", quoted(missing))),
        ([], new) => Some(format!("the columns {} are new", quoted(new))),
        (missing, new) => Some(format!("the columns {} are missing, and {} are new", quoted(missing), quoted(new))),
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
