//! Records of delimited text (RFC 4180, read leniently): where each begins and ends, and where its fields are.
//!
//! Fields are slices of one buffer; nothing is allocated for a cell. Two things that hand-made files hold are dealt
//! with here, so that no row is lost: a quote that is never closed, and a record without end.
//!
//! **Architecture invariant:** every line of the text is in exactly one item, or blank.

mod scan;

use std::{io, str};

use memchr::memchr;
use model::limits;

use self::scan::{Field, Kind, Scan, scan};
use super::encoding::TextReader;

/// Text read at a time.
const FILL_BYTES: usize = 256 * 1024;
/// Text read at a time inside a very long record.
const FILL_MAX_BYTES: usize = 4 * 1024 * 1024;
/// How a file separates its records and fields.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Dialect {
    /// ASCII.
    pub(super) delimiter: u8,
    /// ASCII.
    pub(super) quote: u8,
    /// `\n`, or `\r` in files that have no `\n`. The `\r` of `\r\n` is blank, and blanks around values go anyway.
    pub(super) terminator: u8,
}

/// Where the text comes from.
pub(super) trait Text {
    /// Appends about `bytes` more; 0 is the end.
    fn fill(&mut self, text: &mut Vec<u8>, bytes: usize) -> io::Result<usize>;
}

impl Text for &[u8] {
    fn fill(&mut self, text: &mut Vec<u8>, bytes: usize) -> io::Result<usize> {
        let (now, later) = self.split_at(bytes.min(self.len()));
        text.extend_from_slice(now);
        *self = later;
        Ok(now.len())
    }
}

impl Text for TextReader {
    fn fill(&mut self, text: &mut Vec<u8>, bytes: usize) -> io::Result<usize> {
        TextReader::fill(self, text, bytes)
    }
}

/// One record, or the line that could not be read as one.
#[derive(Debug)]
pub(super) enum Item<'a> {
    Record(Record<'a>),
    /// Reading goes on in the next line.
    Malformed {
        line: u64,
        reason: String,
        text: &'a [u8],
    },
}

#[derive(Debug)]
pub(super) struct Record<'a> {
    /// Where it begins, 1-based.
    pub(super) line: u64,
    /// The whole record without its terminator.
    pub(super) text: &'a str,
    /// How many fields it has; `fields` holds the first of them.
    pub(super) count: usize,
    fields: &'a [Field],
    dialect: Dialect,
}

impl Record<'_> {
    /// A value without outer blanks. `scratch` is used where it cannot be a slice of the text.
    pub(super) fn value<'s>(&'s self, index: usize, scratch: &'s mut String) -> &'s str {
        let field = self.fields[index];
        let slice = &self.text[field.start..field.end];
        match field.kind {
            Kind::Plain => trimmed(slice),
            Kind::Quoted => {
                unquote(slice, self.dialect.quote, scratch);
                scratch.trim()
            }
        }
    }

    /// How many fields can be asked for.
    pub(super) fn kept(&self) -> usize {
        self.fields.len()
    }

    /// Bytes of the longest field and its index.
    pub(super) fn longest_field(&self) -> (usize, usize) {
        let lengths = self.fields.iter().enumerate().map(|(index, field)| (field.end - field.start, index));
        lengths.max_by_key(|(length, _)| *length).unwrap_or((0, 0))
    }
}

/// Without outer blanks. Most values have none, and two bytes tell that.
fn trimmed(value: &str) -> &str {
    match value.as_bytes() {
        [] => value,
        [first, .., last] if first.is_ascii_graphic() && last.is_ascii_graphic() => value,
        _ => value.trim(),
    }
}

/// `slice` begins after the opening quote. A doubled quote is one quote; after the closing one all is literal.
fn unquote(slice: &str, quote: u8, into: &mut String) {
    into.clear();
    let quote = char::from(quote);
    let mut rest = slice;
    while let Some(at) = rest.find(quote) {
        into.push_str(&rest[..at]);
        rest = &rest[at + 1..];
        let Some(after) = rest.strip_prefix(quote) else { break };
        into.push(quote);
        rest = after;
    }
    into.push_str(rest);
}

/// Reads items one after another.
pub(super) struct RecordReader<T> {
    text: T,
    dialect: Dialect,
    /// Bytes of one record; a longer one is malformed.
    bytes_max: usize,
    buffer: Vec<u8>,
    /// Where in the buffer the next record begins.
    start: usize,
    /// Its line, 1-based.
    line: u64,
    ended: bool,
    fields: Vec<Field>,
}

impl<T: Text> RecordReader<T> {
    pub(super) fn new(text: T, dialect: Dialect) -> Self {
        Self::with_limit(text, dialect, limits::RECORD_MAX_BYTES)
    }

    pub(super) fn with_limit(text: T, dialect: Dialect, bytes_max: usize) -> Self {
        Self { text, dialect, bytes_max, buffer: Vec::new(), start: 0, line: 1, ended: false, fields: Vec::new() }
    }

    pub(super) fn text(&self) -> &T {
        &self.text
    }

    /// Bytes of text that were read and are not given yet.
    pub(super) fn buffered(&self) -> usize {
        self.buffer.len() - self.start
    }

    pub(super) fn next(&mut self) -> io::Result<Option<Item<'_>>> {
        loop {
            if self.start == self.buffer.len() && (self.ended || self.fill()? == 0) {
                return Ok(None);
            }
            // Never more than what says that it is too long, so that nothing depends on how much was read at once.
            let rest = &self.buffer[self.start..];
            let too_long = rest.len() > self.bytes_max;
            let rest = if too_long { &rest[..=self.bytes_max] } else { rest };
            match scan(&self.dialect, rest, self.ended && !too_long, &mut self.fields) {
                Scan::Incomplete { quoted } if too_long => {
                    let limit = self.bytes_max / (1024 * 1024);
                    let reason = if quoted {
                        format!("a quoted value begins in this line and is not closed within {limit} MB")
                    } else {
                        format!("the record is longer than {limit} MB")
                    };
                    return self.first_line(&reason).map(Some);
                }
                Scan::Incomplete { quoted } if self.ended => {
                    debug_assert!(quoted, "an unquoted record ends with the text");
                    return self.first_line("a quoted value begins in this line and is never closed").map(Some);
                }
                Scan::Incomplete { .. } => {
                    self.fill()?;
                }
                Scan::Blank { all } => {
                    self.start += all;
                    self.line += 1;
                }
                Scan::Complete { count, text, all, lines } => {
                    let (start, line) = (self.start, self.line);
                    self.start += all;
                    self.line += lines;
                    return Ok(Some(self.item(start, text, count, line)));
                }
                Scan::StrayQuote => {
                    return self.first_line("a quoted value begins in this line and is not closed properly").map(Some);
                }
            }
        }
    }

    fn item(&self, start: usize, length: usize, count: usize, line: u64) -> Item<'_> {
        let bytes = &self.buffer[start..start + length];
        match str::from_utf8(bytes) {
            _ if memchr(0, bytes).is_some() => Item::Malformed {
                line,
                reason: "it contains a NUL character, which is no text".to_owned(),
                text: bytes,
            },
            Ok(text) => Item::Record(Record { line, text, count, fields: &self.fields, dialect: self.dialect }),
            Err(error) => {
                let column = 1 + self
                    .fields
                    .iter()
                    .position(|field| error.valid_up_to() <= field.end)
                    .unwrap_or(self.fields.len().saturating_sub(1));
                let reason = format!("the value in column {column} has bytes that are no text in the file's encoding");
                Item::Malformed { line, reason, text: bytes }
            }
        }
    }

    /// Gives up the line in which the record begins, and goes on behind it. A line that is not in the buffer as a whole
    /// is skipped to its end; its beginning is given back.
    fn first_line(&mut self, reason: &str) -> io::Result<Item<'_>> {
        let line = self.line;
        let terminator = self.dialect.terminator;
        self.line += 1;
        let rest = &self.buffer[self.start..];
        if let Some(length) = memchr(terminator, rest) {
            let start = self.start;
            self.start += length + 1;
            let text = &self.buffer[start..start + length];
            return Ok(Item::Malformed { line, reason: reason.to_owned(), text });
        }
        // Its beginning stays at the front of the buffer, what follows is read over it.
        let kept = rest.len().min(FILL_BYTES);
        self.buffer.copy_within(self.start..self.start + kept, 0);
        loop {
            self.buffer.truncate(kept);
            if self.ended || self.text.fill(&mut self.buffer, FILL_BYTES)? == 0 {
                self.ended = true;
                self.start = kept;
                break;
            }
            if let Some(length) = memchr(terminator, &self.buffer[kept..]) {
                self.start = kept + length + 1;
                break;
            }
        }
        Ok(Item::Malformed { line, reason: reason.to_owned(), text: &self.buffer[..kept] })
    }

    /// Reads on, keeping what is not consumed. What is kept is scanned again, so the longer it is the more
    /// is read at once.
    fn fill(&mut self) -> io::Result<usize> {
        self.buffer.drain(..self.start);
        self.start = 0;
        let wanted = self.buffer.len().clamp(FILL_BYTES, FILL_MAX_BYTES);
        let read = self.text.fill(&mut self.buffer, wanted)?;
        self.ended = read == 0;
        Ok(read)
    }
}
