//! Whether what was read back is a backup: a sound database, and every file that it names with its size.

use std::{io, path::Path};

use tokio::runtime::Handle;

use super::{
    Result,
    archive::{Head, Line},
    collect::{self, Named},
    names::{self, Meaning},
    unpack::lines,
};
use crate::store::backup::Copied;

/// What was checked.
#[derive(Clone, Debug)]
pub(super) struct Checked {
    /// Version of the database's schema.
    pub(super) schema: i64,
    /// Files that the database names and that were gone when the backup was made.
    pub(super) gone: Vec<String>,
    pub(super) files: u64,
    pub(super) bytes: u64,
}

/// Checks the database and the list in `directory`. The outer error is of reading them, the inner what is wrong.
pub(super) fn check(directory: &Path, head: &Head, runtime: &Handle) -> Result<Result<Checked, String>> {
    let mut database = runtime.block_on(Copied::open(&directory.join(names::DATABASE)))?;
    if let Some(fault) = runtime.block_on(database.fault())? {
        return Ok(Err(format!("its database is damaged: {fault}")));
    }
    let contents = directory.join(names::CONTENTS);
    let list = lines(&contents).map_err(super::at(&contents))?;
    let mut list = List { lines: Box::new(list), next: None, gone: Vec::new(), files: 0, bytes: 0 };
    let mut problem = None;
    if !head.database_only {
        collect::each(&mut database, runtime, |named| {
            if problem.is_none() {
                problem = list.take(&named).map_err(super::at(&contents))?;
            }
            Ok(())
        })?;
    }
    if problem.is_none() {
        problem = list.end().map_err(super::at(&contents))?;
    }
    if let Some(problem) = problem {
        return Ok(Err(problem));
    }
    Ok(Ok(Checked { schema: database.schema, gone: list.gone, files: list.files, bytes: list.bytes }))
}

/// The list of an archive, beside what the database names: both are in the same order.
struct List {
    lines: Box<dyn Iterator<Item = io::Result<Line>>>,
    /// Looked at, and not taken yet.
    next: Option<Line>,
    gone: Vec<String>,
    files: u64,
    bytes: u64,
}

impl List {
    /// Takes what stands in the list for this; gives what is wrong.
    fn take(&mut self, named: &Named) -> io::Result<Option<String>> {
        let (name, bytes) = match named {
            // Which files those are is nowhere but in the list.
            Named::Results(_) => return Ok(None),
            Named::Log(execution) => (names::log(*execution), None),
            Named::Uploaded { project, file, bytes } => (names::uploaded(*project, *file), Some(*bytes)),
            Named::Output { execution, output } => (names::output(*execution, &output.name), Some(output.bytes)),
        };
        let found = match self.peek()? {
            Some(line) if line.path == name => self.next.take(),
            Some(_) | None => None,
        };
        Ok(match (found, bytes) {
            // An execution that never said anything has no log.
            (None, None) => None,
            (None, Some(_)) => Some(format!("its database names {name}, which is not in it")),
            (Some(line), Some(bytes)) if line.bytes.is_some_and(|found| found != bytes) => Some(format!(
                "{name} in it has {:?} bytes, but its database says {bytes}",
                line.bytes.unwrap_or_default()
            )),
            (Some(line), _) => {
                self.count(line);
                None
            }
        })
    }

    /// Nothing may be left that the database does not name.
    fn end(&mut self) -> io::Result<Option<String>> {
        let left = self.peek()?;
        Ok(left.map(|line| format!("{} in it is not named by its database", line.path)))
    }

    /// The next line that is not of a result.
    fn peek(&mut self) -> io::Result<Option<&Line>> {
        while self.next.is_none() {
            let Some(line) = self.lines.next().transpose()? else { return Ok(None) };
            match names::meaning(&line.path) {
                Some(Meaning::Result | Meaning::Key) => self.count(line),
                Some(_) | None => self.next = Some(line),
            }
        }
        Ok(self.next.as_ref())
    }

    fn count(&mut self, line: Line) {
        match line.bytes {
            Some(bytes) => {
                self.files += 1;
                self.bytes += bytes;
            }
            None => self.gone.push(line.path),
        }
    }
}
