//! Lines of text, one after another, in bounded memory.

use std::io;

use memchr::memchr;
use model::limits;

use super::super::records::Text;

/// Text read at a time.
const FILL_BYTES: usize = 256 * 1024;
/// Text read at a time inside a very long line.
const FILL_MAX_BYTES: usize = 4 * 1024 * 1024;
/// What is kept of a line that is too long.
const START_BYTES: usize = 8 * 1024;

#[derive(Debug, PartialEq, Eq)]
pub(super) enum Line<'a> {
    /// Without its end; not blank.
    Text {
        number: u64,
        text: &'a [u8],
    },
    TooLong {
        number: u64,
        start: &'a [u8],
    },
}

pub(super) struct LineReader<T> {
    text: T,
    buffer: Vec<u8>,
    /// Where in the buffer the next line begins.
    start: usize,
    /// Lines given or passed over.
    lines: u64,
    ended: bool,
    line_max: usize,
}

impl<T: Text> LineReader<T> {
    pub(super) const fn new(text: T) -> Self {
        Self { text, buffer: Vec::new(), start: 0, lines: 0, ended: false, line_max: limits::RECORD_MAX_BYTES }
    }

    pub(super) const fn text(&self) -> &T {
        &self.text
    }

    /// Bytes of text that were read and are not given yet.
    pub(super) fn buffered(&self) -> usize {
        self.buffer.len() - self.start
    }

    /// The next line that is not blank.
    pub(super) fn next(&mut self) -> io::Result<Option<Line<'_>>> {
        loop {
            let rest = &self.buffer[self.start..];
            let length = match memchr(b'\n', rest) {
                Some(length) => length,
                None if self.ended && rest.is_empty() => return Ok(None),
                None if self.ended => rest.len(),
                None if rest.len() > self.line_max => return self.skip().map(Some),
                None => {
                    self.fill()?;
                    continue;
                }
            };
            let from = self.start;
            self.start = (from + length + 1).min(self.buffer.len());
            self.lines += 1;
            if length > self.line_max {
                let start = &self.buffer[from..from + length.min(START_BYTES)];
                return Ok(Some(Line::TooLong { number: self.lines, start }));
            }
            let number = self.lines;
            if !self.buffer[from..from + length].trim_ascii().is_empty() {
                return Ok(Some(Line::Text { number, text: self.buffer[from..from + length].trim_ascii() }));
            }
        }
    }

    /// Reads on, keeping what is not given. The longer that is the more is read at once.
    fn fill(&mut self) -> io::Result<()> {
        self.buffer.drain(..self.start);
        self.start = 0;
        let wanted = self.buffer.len().clamp(FILL_BYTES, FILL_MAX_BYTES);
        self.ended = self.text.fill(&mut self.buffer, wanted)? == 0;
        Ok(())
    }

    /// Passes over a line that is longer than what may be kept; its beginning stays at the front of the buffer.
    fn skip(&mut self) -> io::Result<Line<'_>> {
        self.lines += 1;
        let kept = START_BYTES.min(self.buffered());
        self.buffer.copy_within(self.start..self.start + kept, 0);
        loop {
            self.buffer.truncate(kept);
            self.start = kept;
            if self.text.fill(&mut self.buffer, FILL_BYTES)? == 0 {
                self.ended = true;
                break;
            }
            if let Some(length) = memchr(b'\n', &self.buffer[kept..]) {
                self.start = kept + length + 1;
                break;
            }
        }
        Ok(Line::TooLong { number: self.lines, start: &self.buffer[..kept] })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn lines(text: &[u8], line_max: usize) -> Vec<(u64, Option<Vec<u8>>)> {
        let mut reader = LineReader { line_max, ..LineReader::new(text) };
        let mut found = Vec::new();
        while let Some(line) = reader.next().expect("reads from memory") {
            found.push(match line {
                Line::Text { number, text } => (number, Some(text.to_vec())),
                Line::TooLong { number, .. } => (number, None),
            });
        }
        found
    }

    #[test]
    fn blank_lines_are_counted_and_not_given() {
        let expected = [(2, Some(b"a".to_vec())), (4, Some(b"b c".to_vec()))];
        assert_eq!(lines(b"\r\n a\r\n\n\tb c", 100), expected);
        assert_eq!(lines(b"", 100), []);
        assert_eq!(lines(b"\n", 100), []);
    }

    #[test]
    fn a_line_without_end_is_passed_over_in_bounded_memory() {
        let long = vec![b'x'; 3 * FILL_BYTES + 17];
        let text = [b"a\n", &long[..], b"\nb\n", &long[..]].concat();
        let expected = [(1, Some(b"a".to_vec())), (2, None), (3, Some(b"b".to_vec())), (4, None)];
        assert_eq!(lines(&text, 1000), expected);
    }

    proptest! {
        #[test]
        fn lines_are_those_of_split(text in "[ab\n\r ]{0,60}", line_max in 1_usize..20) {
            let expected: Vec<_> = text
                .split('\n')
                .enumerate()
                .map(|(place, line)| (place as u64 + 1, line))
                .filter_map(|(number, line)| match line.trim() {
                    _ if line.len() > line_max => Some((number, None)),
                    "" => None,
                    line => Some((number, Some(line.as_bytes().to_vec()))),
                })
                .collect();
            prop_assert_eq!(lines(text.as_bytes(), line_max), expected);
        }
    }
}
