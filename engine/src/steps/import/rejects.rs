//! Rows that cannot be read: each is written to `rejects.csv` with its place and reason, and too many fail the step.

use std::{borrow::Cow, fs::File, path::PathBuf};

use model::limits;

use super::rows::{Item, Row};
use crate::{Failure, steps::grouped};

/// Characters of a rejected row that are kept.
const TEXT_CHARS_MAX: usize = 2_000;

/// The rejects of one run, over all sources.
pub(super) struct Rejects {
    path: PathBuf,
    writer: Option<csv::Writer<File>>,
    count: u64,
    first: Option<String>,
    source: String,
    /// How messages about the source begin.
    called: String,
    /// "line" or "row".
    place_word: &'static str,
    source_count: u64,
    source_first: Option<String>,
}

impl Rejects {
    /// The file is made with the first reject.
    pub(super) fn new(path: PathBuf) -> Self {
        Self {
            path,
            writer: None,
            count: 0,
            first: None,
            source: String::new(),
            called: String::new(),
            place_word: "line",
            source_count: 0,
            source_first: None,
        }
    }

    /// What follows is of this source.
    pub(super) fn begin(&mut self, source: &str, called: String, place_word: &'static str) {
        self.place_word = place_word;
        source.clone_into(&mut self.source);
        self.called = called;
        self.source_count = 0;
        self.source_first = None;
    }

    /// Of all sources.
    pub(super) fn count(&self) -> u64 {
        self.count
    }

    /// The first reject of all sources in words, to be named by errors.
    pub(super) fn first(&self) -> Option<&str> {
        self.first.as_deref()
    }

    /// Of the source that is being read: how many, and the first in words.
    pub(super) fn of_source(&self) -> (u64, Option<&str>) {
        (self.source_count, self.source_first.as_deref())
    }

    pub(super) fn add(&mut self, line: u64, reason: &str, text: &[u8]) -> Result<(), Failure> {
        self.count += 1;
        self.source_count += 1;
        if self.source_first.is_none() {
            let words = format!("{}, {} {line}: {reason}", self.called, self.place_word);
            self.first.get_or_insert_with(|| words.clone());
            self.source_first = Some(words);
        }
        let writer = match &mut self.writer {
            Some(writer) => writer,
            None => {
                let mut writer = csv::Writer::from_path(&self.path).map_err(write_error)?;
                writer.write_record(["source", "line", "reason", "text"]).map_err(write_error)?;
                self.writer.insert(writer)
            }
        };
        let shown = String::from_utf8_lossy(&text[..text.len().min(4 * TEXT_CHARS_MAX)]);
        let text = match shown.char_indices().nth(TEXT_CHARS_MAX) {
            Some((end, _)) => format!("{}…", &shown[..end]),
            None => shown.into_owned(),
        };
        writer.write_record([self.source.as_str(), &line.to_string(), reason, text.trim_end()]).map_err(write_error)
    }

    /// Fails when there are more than `rows` read rows excuse.
    pub(super) fn check(&self, rows: u64) -> Result<(), Failure> {
        let tolerated = tolerated(rows + self.count);
        if self.count <= tolerated {
            return Ok(());
        }
        Err(Failure::Input(format!(
            "{}. In all {} of {} rows cannot be read, and only {} are tolerated; correct the file, or its delimiter, \
             quote and encoding in the source’s settings",
            self.first().unwrap_or_default(),
            grouped(self.count),
            grouped(rows + self.count),
            grouped(tolerated)
        )))
    }

    pub(super) fn finish(self) -> Result<(), Failure> {
        match self.writer {
            Some(mut writer) => writer.flush().map_err(|error| Failure::io("cannot write the rejected rows", &error)),
            None => Ok(()),
        }
    }
}

fn tolerated(rows: u64) -> u64 {
    limits::REJECTED_ROWS_FREE.max((rows as f64 * limits::REJECTED_SHARE_MAX) as u64)
}

fn write_error(error: csv::Error) -> Failure {
    Failure::Input(format!("cannot write the rejected rows: {error}"))
}

/// A row that is not taken.
pub(super) struct Reject<'a> {
    pub(super) place: u64,
    pub(super) reason: String,
    pub(super) text: Cow<'a, [u8]>,
}

/// A row with as many fields as the header, none of them too long.
pub(super) fn checked(item: Item<'_>, width: usize) -> Result<Row<'_>, Reject<'_>> {
    let row = match item {
        Item::Row(row) => row,
        Item::Malformed { place, reason, text } => return Err(Reject { place, reason, text: Cow::Borrowed(text) }),
    };
    // A row is at least as long as each of its values.
    let (bytes, index) = if row.bytes() > limits::CELL_MAX_BYTES { row.longest() } else { (0, 0) };
    let reason = if row.count() != width {
        let fields = if row.count() == 1 { "field" } else { "fields" };
        format!("{} {fields} where the header has {width}", row.count())
    } else if bytes > limits::CELL_MAX_BYTES {
        format!(
            "the value in column {} has {} bytes; at most {} are allowed",
            index + 1,
            grouped(bytes as u64),
            grouped(limits::CELL_MAX_BYTES as u64)
        )
    } else {
        return Ok(row);
    };
    Err(Reject { place: row.place(), reason, text: Cow::Owned(row.shown().into_owned()) })
}
