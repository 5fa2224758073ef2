//! Where the record at the start of a text ends, and where its fields are.

use memchr::{memchr, memchr_iter, memchr2};
use model::limits;

use super::Dialect;

/// Fields that are kept of one record; more than a source may have, so that too many are noticed.
const FIELDS_KEPT: usize = limits::COLUMNS_MAX + 1;

#[derive(Clone, Copy, Debug)]
pub(super) struct Field {
    pub(super) start: usize,
    pub(super) end: usize,
    pub(super) kind: Kind,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// The slice is the value.
    Plain,
    /// The slice holds quotes: doubled ones, or text after the closing one.
    Quoted,
}

/// What the buffer holds at its start.
pub(super) enum Scan {
    /// The buffer ends inside the record.
    Incomplete { quoted: bool },
    /// A record of `count` fields: `text` bytes, and `all` with its terminator, over `lines` lines.
    Complete { count: usize, text: usize, all: usize, lines: u64 },
    /// Nothing but blanks up to the terminator.
    Blank { all: usize },
    /// Text stands behind a closing quote, and the quoted part goes over several lines: the opening quote was a stray.
    StrayQuote,
}

/// Finds the record at the start of `bytes`; `ended` says that no more text follows.
pub(super) fn scan(dialect: &Dialect, bytes: &[u8], ended: bool, fields: &mut Vec<Field>) -> Scan {
    let Dialect { delimiter, quote, terminator } = *dialect;
    fields.clear();
    let (mut at, mut count, mut lines) = (0, 0, 1);
    loop {
        let quoted = bytes.get(at) == Some(&quote);
        let mut field = Field { start: at, end: at, kind: Kind::Plain };
        let mut closed = None;
        if quoted {
            match closing_quote(&bytes[at + 1..], quote, ended) {
                None => return Scan::Incomplete { quoted: true },
                Some((length, doubled)) => {
                    field = Field { start: at + 1, end: at + 1 + length, kind: Kind::Plain };
                    if doubled {
                        field.kind = Kind::Quoted;
                    }
                    let inner_lines = memchr_iter(terminator, &bytes[field.start..field.end]).count() as u64;
                    lines += inner_lines;
                    at = field.end + 1;
                    closed = Some(inner_lines);
                }
            }
        }
        let length = memchr2(delimiter, terminator, &bytes[at..]);
        let stop = match length {
            Some(length) => at + length,
            None if ended => bytes.len(),
            None => return Scan::Incomplete { quoted: false },
        };
        match closed {
            None => field.end = stop,
            Some(inner_lines) if !bytes[at..stop].iter().all(u8::is_ascii_whitespace) => {
                if inner_lines > 0 {
                    return Scan::StrayQuote;
                }
                field = Field { start: field.start, end: stop, kind: Kind::Quoted };
            }
            Some(_) => {}
        }
        count += 1;
        if fields.len() < FIELDS_KEPT {
            fields.push(field);
        }
        if bytes.get(stop) == Some(&delimiter) {
            at = stop + 1;
            continue;
        }
        let all = (stop + 1).min(bytes.len());
        let blank = count == 1 && !quoted && bytes[..stop].iter().all(u8::is_ascii_whitespace);
        return if blank { Scan::Blank { all } } else { Scan::Complete { count, text: stop, all, lines } };
    }
}

/// Length of the quoted text up to its closing quote, and whether it holds doubled quotes. `None`: more text is needed.
fn closing_quote(bytes: &[u8], quote: u8, ended: bool) -> Option<(usize, bool)> {
    let (mut at, mut doubled) = (0, false);
    loop {
        at += memchr(quote, &bytes[at..])?;
        match bytes.get(at + 1) {
            Some(next) if *next == quote => {
                doubled = true;
                at += 2;
            }
            None if !ended => return None,
            _ => return Some((at, doubled)),
        }
    }
}
