//! Any bytes as a file: nothing panics, no line is lost, and it makes no difference in which pieces the bytes come.

use std::{fs, io};

use model::config::source::{Encoding, Format};
use proptest::{collection::vec, prelude::*, sample::select};
use tokio_util::sync::CancellationToken;

use super::{
    dialect,
    encoding::{self, TextFacts, TextReader},
    file::SourceFile,
    records::{Dialect, Item, RecordReader, Text},
};
use crate::{Checkpoint, Failure};

/// Gives text in pieces of these lengths, over and over.
struct Pieces<'a> {
    rest: &'a [u8],
    lengths: &'a [usize],
    turn: usize,
}

impl Text for Pieces<'_> {
    fn fill(&mut self, text: &mut Vec<u8>, _: usize) -> io::Result<usize> {
        let length = self.lengths[self.turn % self.lengths.len()].min(self.rest.len());
        self.turn += 1;
        let (now, later) = self.rest.split_at(length);
        text.extend_from_slice(now);
        self.rest = later;
        Ok(length)
    }
}

/// What a reader gave.
#[derive(Debug, PartialEq, Eq)]
enum Read {
    Record { line: u64, text: String, values: Vec<String> },
    Malformed { line: u64, reason: String, text: Vec<u8> },
}

/// Of what is malformed so much is known however the bytes come.
fn read(text: impl Text, dialect: Dialect, bytes_max: usize) -> Vec<Read> {
    let mut reader = RecordReader::with_limit(text, dialect, bytes_max);
    let (mut items, mut scratch) = (Vec::new(), String::new());
    while let Some(item) = reader.next().expect("reads from memory") {
        items.push(match item {
            Item::Record(record) => {
                let values = (0..record.kept()).map(|field| record.value(field, &mut scratch).to_owned());
                Read::Record { line: record.line, text: record.text.to_owned(), values: values.collect() }
            }
            Item::Malformed { line, reason, text } => {
                Read::Malformed { line, reason, text: text[..text.len().min(bytes_max)].to_owned() }
            }
        });
    }
    items
}

/// Bytes of which CSV files are made, and some that have no place in them.
fn bytes() -> impl Strategy<Value = Vec<u8>> {
    let telling = select(b"\"\"'',,;\t|\n\n\n\r \0\xFF\xC3\xA9".to_vec());
    vec(prop_oneof![4 => telling, 3 => b'a'..=b'd', 1 => any::<u8>()], 0..120)
}

fn any_dialect() -> impl Strategy<Value = Dialect> {
    let parts = (select(b",;\t|".to_vec()), select(b"\"'".to_vec()), select(b"\n\r".to_vec()));
    parts.prop_map(|(delimiter, quote, terminator)| Dialect { delimiter, quote, terminator })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 512, failure_persistence: None, ..ProptestConfig::default() })]

    /// Every line is in one item, in its order and at its place, and what is in none is blank.
    #[test]
    fn every_byte_is_in_a_record_or_a_reject(bytes in bytes(), dialect in any_dialect()) {
        let starts = bytes.iter().enumerate().filter(|(_, byte)| **byte == dialect.terminator).map(|(at, _)| at + 1);
        let starts: Vec<usize> = std::iter::once(0).chain(starts).collect();
        let mut end = 0;
        for item in read(bytes.as_slice(), dialect, 1 << 20) {
            let (line, text) = match &item {
                Read::Record { line, text, .. } => (*line, text.as_bytes()),
                Read::Malformed { line, text, .. } => (*line, text.as_slice()),
            };
            let start = starts[line as usize - 1];
            prop_assert!(start >= end, "{:?} begins before the item before it ends", item);
            prop_assert!(bytes[end..start].iter().all(u8::is_ascii_whitespace), "lost before {:?}", item);
            prop_assert!(bytes[start..].starts_with(text), "{:?}", item);
            end = start + text.len();
            prop_assert!(bytes.get(end).is_none_or(|byte| *byte == dialect.terminator), "{:?} is cut", item);
        }
        prop_assert!(bytes[end..].iter().all(u8::is_ascii_whitespace), "lost at the end");
    }

    /// Also where records are longer than allowed.
    #[test]
    fn pieces_make_no_difference(
        bytes in bytes(),
        dialect in any_dialect(),
        lengths in vec(1_usize..20, 1..5),
        bytes_max in select(vec![8_usize, 30, 1 << 20]),
    ) {
        let pieces = Pieces { rest: &bytes, lengths: &lengths, turn: 0 };
        prop_assert_eq!(read(pieces, dialect, bytes_max), read(bytes.as_slice(), dialect, bytes_max));
    }

    /// What another library writes comes back, but for outer blanks and blank lines.
    #[test]
    fn what_is_written_is_read(
        rows in vec(vec("[a-c\"';,|\t\r\n é-]{0,6}", 3), 1..8),
        dialect in any_dialect().prop_filter("lines end so", |dialect| dialect.terminator == b'\n'),
    ) {
        let mut writer = csv::WriterBuilder::new();
        writer.delimiter(dialect.delimiter).quote(dialect.quote);
        let mut writer = writer.from_writer(Vec::new());
        rows.iter().for_each(|row| writer.write_record(row).expect("writes to memory"));
        let bytes = writer.into_inner().expect("flushes");
        let found: Vec<Vec<String>> = read(bytes.as_slice(), dialect, 1 << 20).into_iter().map(|item| match item {
            Read::Record { values, .. } => values,
            Read::Malformed { line, reason, .. } => panic!("line {line}: {reason}"),
        }).collect();
        let written: Vec<Vec<String>> =
            rows.iter().map(|row| row.iter().map(|value| value.trim().to_owned()).collect()).collect();
        prop_assert_eq!(found, written);
    }

    /// A dialect is found for anything, and it is one that can be read with.
    #[test]
    fn any_bytes_have_a_dialect(bytes in bytes(), whole in any::<bool>(), quote in select(vec![None, Some('\''), Some('é')])) {
        let format = Format::Csv { delimiter: None, quote, encoding: None };
        let found = dialect::detect(&format, &bytes, whole).expect("reads from memory");
        prop_assert!(found.delimiter != found.quote && found.delimiter != found.terminator && found.quote.is_ascii());
        dialect::first_records(&bytes, whole, 5).expect("reads from memory");
    }

    /// Bytes are refused with a reason, or read to their end in the encoding that was set or found; what UTF-8 has is
    /// passed on as it is.
    #[test]
    fn any_bytes_are_decoded_or_refused(bytes in bytes(), configured in any_encoding(), length in 1_usize..9) {
        match decoded(&bytes, configured, &[length]) {
            Err(Failure::Input(message)) => prop_assert!(!message.is_empty()),
            Err(other) => prop_assert!(false, "{:?}", other),
            Ok((facts, text)) => {
                prop_assert_eq!(&decoded(&bytes, configured, &[64 * 1024]).expect("as before").1, &text);
                if facts.encoding == Encoding::Utf8 {
                    prop_assert_eq!(&text[..], &bytes[facts.mark_bytes as usize..]);
                }
            }
        }
    }

    /// Text is found again in whatever encoding it comes, if that is told, or by its mark, and in UTF-8 without either.
    #[test]
    fn text_comes_back_from_its_encoding(
        text in "[a-zA-Z0-9,;\"éßø€ \n]{1,60}",
        encoding in select(vec![Encoding::Utf8, Encoding::Utf16Le, Encoding::Utf16Be, Encoding::Latin1]),
        marked in any::<bool>(),
    ) {
        let marked = marked && encoding != Encoding::Latin1;
        let with_mark = if marked { format!("\u{feff}{text}") } else { text.clone() };
        let units = || with_mark.encode_utf16();
        let bytes: Vec<u8> = match encoding {
            Encoding::Utf8 => with_mark.clone().into_bytes(),
            Encoding::Utf16Le => units().flat_map(u16::to_le_bytes).collect(),
            Encoding::Utf16Be => units().flat_map(u16::to_be_bytes).collect(),
            Encoding::Latin1 => encoding_rs::WINDOWS_1252.encode(&with_mark).0.into_owned(),
        };
        let found = |configured| {
            let (facts, text) = decoded(&bytes, configured, &[7]).expect("text");
            (facts.encoding, String::from_utf8(text).expect("UTF-8"))
        };
        prop_assert_eq!(found(Some(encoding)), (encoding, text.clone()));
        if marked || encoding == Encoding::Utf8 {
            prop_assert_eq!(found(None), (encoding, text));
        }
    }
}

fn any_encoding() -> impl Strategy<Value = Option<Encoding>> {
    let encodings = [Encoding::Utf8, Encoding::Utf16Le, Encoding::Utf16Be, Encoding::Latin1];
    select(std::iter::once(None).chain(encodings.map(Some)).collect::<Vec<_>>())
}

/// What is found out about a file of these bytes, and its text, asked for in pieces of these lengths.
fn decoded(bytes: &[u8], configured: Option<Encoding>, lengths: &[usize]) -> Result<(TextFacts, Vec<u8>), Failure> {
    let home = tempfile::tempdir().expect("a temporary directory");
    let path = home.path().join("file");
    fs::write(&path, bytes).expect("the file is written");
    let file = SourceFile::open(&path).expect("opens");
    let facts = encoding::examine(&file, configured, &Checkpoint::new(CancellationToken::new()))?;
    let mut reader = TextReader::open(&file, &facts).expect("opens");
    let mut text = Vec::new();
    for length in lengths.iter().cycle() {
        if reader.fill(&mut text, *length).expect("reads") == 0 {
            break;
        }
    }
    Ok((facts, text))
}
