//! What every format gives: rows of values, and lines that could not be read as one.

use std::borrow::Cow;

use super::records::Record;
use crate::Failure;

/// One row, or the place that could not be read as one. Reading goes on behind it.
#[derive(Debug)]
pub(super) enum Item<'a> {
    Row(Row<'a>),
    Malformed { place: u64, reason: String, text: &'a [u8] },
}

#[derive(Debug)]
pub(super) enum Row<'a> {
    /// Of delimited text: slices of it.
    Record(Record<'a>),
    /// Of any other format.
    Cells(&'a Cells),
}

impl Row<'_> {
    /// Its line, or in formats without lines its number, from 1.
    pub(super) const fn place(&self) -> u64 {
        match self {
            Self::Record(record) => record.line,
            Self::Cells(cells) => cells.place,
        }
    }

    /// Values that it has.
    pub(super) fn count(&self) -> usize {
        match self {
            Self::Record(record) => record.count,
            Self::Cells(cells) => cells.ends.len(),
        }
    }

    /// A value without outer blanks. `scratch` is used where it cannot be a slice of the row.
    pub(super) fn value<'s>(&'s self, index: usize, scratch: &'s mut String) -> &'s str {
        match self {
            Self::Record(record) => record.value(index, scratch),
            Self::Cells(cells) => cells.value(index),
        }
    }

    /// Bytes of the longest value, and its index.
    pub(super) fn longest(&self) -> (usize, usize) {
        match self {
            Self::Record(record) => record.longest_field(),
            Self::Cells(cells) => cells.longest(),
        }
    }

    pub(super) fn bytes(&self) -> usize {
        match self {
            Self::Record(record) => record.text.len(),
            Self::Cells(cells) => cells.text.len(),
        }
    }

    /// What people are shown of a row that is not taken.
    pub(super) fn shown(&self) -> Cow<'_, [u8]> {
        match self {
            Self::Record(record) => Cow::Borrowed(record.text.as_bytes()),
            Self::Cells(cells) => Cow::Owned(cells.joined().into_bytes()),
        }
    }
}

/// The values of a row in one buffer, used again for the next row.
#[derive(Debug, Default)]
pub(super) struct Cells {
    place: u64,
    text: String,
    ends: Vec<usize>,
}

impl Cells {
    pub(super) fn begin(&mut self, place: u64) {
        self.place = place;
        self.text.clear();
        self.ends.clear();
    }

    /// The next value.
    pub(super) fn push(&mut self, value: &str) {
        self.text.push_str(value);
        self.ends.push(self.text.len());
    }

    /// The next value, written by a function.
    pub(super) fn push_with<E>(&mut self, write: impl FnOnce(&mut String) -> Result<(), E>) -> Result<(), E> {
        let written = write(&mut self.text);
        self.ends.push(self.text.len());
        written
    }

    /// Empty values until there are `count`.
    pub(super) fn fill(&mut self, count: usize) {
        let end = self.text.len();
        self.ends.resize(count.max(self.ends.len()), end);
    }

    pub(super) const fn place(&self) -> u64 {
        self.place
    }

    pub(super) fn len(&self) -> usize {
        self.ends.len()
    }

    pub(super) fn is_blank(&self) -> bool {
        self.text.trim().is_empty()
    }

    pub(super) fn value(&self, index: usize) -> &str {
        self.text[self.start(index)..self.ends[index]].trim()
    }

    fn start(&self, index: usize) -> usize {
        index.checked_sub(1).map_or(0, |before| self.ends[before])
    }

    fn longest(&self) -> (usize, usize) {
        let lengths = (0..self.ends.len()).map(|index| (self.ends[index] - self.start(index), index));
        lengths.max_by_key(|(length, _)| *length).unwrap_or((0, 0))
    }

    fn joined(&self) -> String {
        (0..self.ends.len()).map(|index| self.value(index)).collect::<Vec<_>>().join(", ")
    }
}

/// How far reading is.
#[derive(Clone, Copy, Debug)]
pub(super) struct Reached {
    /// Of the source's `bytes`.
    pub(super) bytes: u64,
    /// Rows that may still come, at most.
    pub(super) rows_left: u64,
}

/// Takes one item after the other.
pub(super) type Taker<'t> = dyn FnMut(Item<'_>, Reached) -> Result<(), Failure> + 't;

/// The rows of an open source, its header left out.
pub(super) trait Rows {
    /// Gives them all in their order, until `take` fails. Blank rows are left out. Errors of its own do not name the file.
    fn each(&mut self, take: &mut Taker<'_>) -> Result<(), Failure>;

    /// Things to tell the user once all rows were given.
    fn remarks(&self) -> Vec<String> {
        Vec::new()
    }
}

/// Rows that were given already.
pub(super) struct Nothing;

impl Rows for Nothing {
    fn each(&mut self, _take: &mut Taker<'_>) -> Result<(), Failure> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_lie_in_one_buffer() {
        let mut cells = Cells::default();
        cells.begin(1);
        cells.push("left from before");
        cells.begin(7);
        assert!(cells.is_blank());
        for value in [" a ", "", "bcd"] {
            cells.push(value);
        }
        cells.fill(5);
        assert_eq!((0..5).map(|index| cells.value(index)).collect::<Vec<_>>(), ["a", "", "bcd", "", ""]);
        let row = Row::Cells(&cells);
        assert_eq!((row.place(), row.count(), row.bytes()), (7, 5, 6));
        assert_eq!(row.shown().as_ref(), b"a, , bcd, , ");
        assert!(matches!(row.longest(), (3, 0 | 2)));
    }
}
