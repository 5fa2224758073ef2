//! Tables of databases, as the steps ask for them. Which library speaks to a database is the business of whoever makes the
//! engine ([`crate::Engine::with_databases`]).
//!
//! Values travel as text in the forms that the steps expect: dates as ISO 8601, numbers without loss, and an empty value
//! for NULL.

use std::{fmt, path::PathBuf, time::Duration};

use async_trait::async_trait;
use model::config::database::{Database, WriteMode};
use tokio::{sync::mpsc, task::JoinHandle};
use tokio_util::task::AbortOnDropHandle;

use crate::{Failure, secrets::Password};

/// Speaks to databases. Errors are of the kind that a person can act on; they name the database and never a password.
#[async_trait]
pub trait Databases: fmt::Debug + Send + Sync {
    /// The names of the columns that reading would give.
    async fn columns(&self, access: &Access, wanted: &Wanted) -> Result<Vec<String>, Failure>;

    /// Reads in one transaction that cannot write and sees one state of the database.
    async fn read(&self, access: &Access, wanted: &Wanted) -> Result<TableRows, Failure>;

    /// Begins to write a table. Whatever is done before [`TableLoad::place`] is seen by nobody, and goes when the load is
    /// dropped, when the process ends and when the database does.
    async fn write(&self, access: &Access, table: &TableWrite) -> Result<Box<dyn TableLoad>, Failure>;
}

/// How to get at a database.
#[derive(Clone, Debug)]
pub struct Access {
    pub database: Database,
    pub password: Option<Password>,
    /// Directories that the file of SQLite may lie under.
    pub roots: Vec<PathBuf>,
    /// For one statement, and for its next rows.
    pub timeout: Duration,
}

/// What to read.
#[derive(Clone, Debug)]
pub enum Wanted {
    Table { schema: Option<String>, table: String },
    Query(String),
}

/// A table to write.
#[derive(Clone, Debug)]
pub struct TableWrite {
    pub schema: Option<String>,
    pub table: String,
    pub columns: Vec<TableColumn>,
    pub mode: WriteMode,
    /// By which rows are found again, for [`WriteMode::Upsert`].
    pub key: Vec<String>,
    /// Makes the table when it is missing.
    pub create: bool,
    /// Rows of one statement.
    pub batch: usize,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TableColumn {
    pub name: String,
    pub kind: ColumnKind,
}

/// What a column that has to be made can hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ColumnKind {
    Text,
    Whole,
    Fraction,
    Truth,
}

/// A table that is being written. Dropped before it is placed, nothing is left of it.
#[async_trait]
pub trait TableLoad: Send {
    /// Sends rows, each with a value for each column.
    async fn write(&mut self, rows: &TextRows) -> Result<(), Failure>;

    /// Does everything but the last step, so that only that can still be refused.
    async fn make_ready(&mut self) -> Result<(), Failure>;

    /// Makes the new rows be there, all at once.
    async fn place(&mut self) -> Result<(), Unplaced>;
}

/// Why new rows are not there, or may not be.
#[derive(Debug)]
pub enum Unplaced {
    /// The database said no: the table is as it was.
    Refused(Failure),
    /// Its answer was not heard: the table has all of the new rows or none of them.
    Unknown(Failure),
}

/// Rows of values in one buffer.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TextRows {
    text: String,
    ends: Vec<usize>,
    width: usize,
}

impl TextRows {
    /// Rows of `width` values, at least one.
    pub fn new(width: usize) -> Self {
        Self { text: String::new(), ends: Vec::new(), width: width.max(1) }
    }

    /// The next value; after the last of a row comes the first of the next one.
    pub fn push(&mut self, value: &str) {
        self.text.push_str(value);
        self.ends.push(self.text.len());
    }

    /// The next value, written to the end of the text.
    pub fn push_with(&mut self, write: impl FnOnce(&mut String)) {
        write(&mut self.text);
        self.ends.push(self.text.len());
    }

    /// Rows that are complete.
    pub fn len(&self) -> usize {
        self.ends.len() / self.width
    }

    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    pub fn width(&self) -> usize {
        self.width
    }

    /// Bytes of the values.
    pub fn text_bytes(&self) -> usize {
        self.text.len()
    }

    /// Memory that it takes.
    pub fn bytes(&self) -> usize {
        self.text.len() + self.ends.len() * size_of::<usize>()
    }

    /// The values of a row; an empty one stands for NULL.
    pub fn row(&self, row: usize) -> impl Iterator<Item = &str> {
        let first = row * self.width;
        (first..first + self.width).map(|at| {
            let start = at.checked_sub(1).map_or(0, |before| self.ends[before]);
            &self.text[start..self.ends[at]]
        })
    }

    pub fn clear(&mut self) {
        self.text.clear();
        self.ends.clear();
    }
}

/// The rows of a table while it is read.
#[derive(Debug)]
pub struct TableRows {
    columns: Vec<String>,
    batches: mpsc::Receiver<TextRows>,
    task: Option<AbortOnDropHandle<Result<(), Failure>>>,
}

impl TableRows {
    /// `task` sends to the other end of `batches` and ends when it has sent all, when it fails, or when nobody takes them
    /// any more.
    pub fn new(columns: Vec<String>, batches: mpsc::Receiver<TextRows>, task: JoinHandle<Result<(), Failure>>) -> Self {
        Self { columns, batches, task: Some(AbortOnDropHandle::new(task)) }
    }

    pub fn columns(&self) -> &[String] {
        &self.columns
    }

    /// `None` after the last of them.
    ///
    /// # Errors
    /// When the database could not bring them all.
    pub async fn next(&mut self) -> Result<Option<TextRows>, Failure> {
        if let Some(rows) = self.batches.recv().await {
            return Ok(Some(rows));
        }
        match self.task.take() {
            None => Ok(None),
            Some(task) => match task.await {
                Ok(ended) => ended.map(|()| None),
                Err(stopped) => Err(Failure::Internal(format!("reading a database ended without a result: {stopped}"))),
            },
        }
    }
}

/// Databases of a process that speaks to none.
#[derive(Debug)]
pub(crate) struct NoDatabases;

impl NoDatabases {
    fn refusal() -> Failure {
        Failure::Input("this program cannot speak to databases".to_owned())
    }
}

#[async_trait]
impl Databases for NoDatabases {
    async fn columns(&self, _: &Access, _: &Wanted) -> Result<Vec<String>, Failure> {
        Err(Self::refusal())
    }

    async fn read(&self, _: &Access, _: &Wanted) -> Result<TableRows, Failure> {
        Err(Self::refusal())
    }

    async fn write(&self, _: &Access, _: &TableWrite) -> Result<Box<dyn TableLoad>, Failure> {
        Err(Self::refusal())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_lie_in_one_buffer() {
        let mut rows = TextRows::new(2);
        for value in ["a", "", "bc", "d"] {
            rows.push(value);
        }
        rows.push_with(|text| text.push_str("half"));
        assert_eq!(rows.len(), 2);
        assert_eq!(rows.row(0).collect::<Vec<_>>(), ["a", ""]);
        assert_eq!(rows.row(1).collect::<Vec<_>>(), ["bc", "d"]);
        rows.clear();
        assert!(rows.is_empty());
    }
}
