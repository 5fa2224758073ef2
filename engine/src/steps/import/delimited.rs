//! Delimited text: CSV in any dialect.

use model::config::source::{Format, FormatKind};

use super::{
    dialect,
    encoding::{self, SAMPLE_BYTES, TextFacts, TextReader},
    file::SourceFile,
    header::Header,
    records::{self, RecordReader},
    rows::{Item, Reached, Row, Rows, Taker},
    source::{Facts, Opened},
};
use crate::{Checkpoint, Failure};

/// A record has at least two bytes: a character and a line end.
pub(super) const ROW_BYTES_MIN: u64 = 2;

/// Errors do not name the file.
pub(super) fn open(file: &SourceFile, format: &Format, checkpoint: &Checkpoint) -> Result<Opened, Failure> {
    let configured = match format {
        Format::Csv { encoding, .. } => *encoding,
        _ => None,
    };
    let text = encoding::examine(file, configured, checkpoint)?;
    let read_error = |error| Failure::io("it cannot be read", &error);
    let (sample, whole) = sample(file, &text).map_err(read_error)?;
    let dialect = dialect::detect(format, &sample, whole).map_err(read_error)?;
    let reader = TextReader::open(file, &text).map_err(read_error)?;
    let mut records = RecordReader::new(reader, dialect);
    let header = match records.next().map_err(read_error)? {
        None => return Err(Failure::Input("it is empty: it has only blank lines".to_owned())),
        Some(records::Item::Malformed { line, reason, .. }) => {
            return Err(Failure::Input(format!("line {line}: the header cannot be read: {reason}")));
        }
        Some(records::Item::Record(record)) => {
            Header::refuse_too_wide(record.count).map_err(|problem| at(record.line, problem))?;
            let mut scratch = String::new();
            let names = (0..record.count).map(|index| record.value(index, &mut scratch).to_owned());
            Header { place: format!("line {}: ", record.line), names: names.collect() }
        }
    };
    let delimiter = char::from(dialect.delimiter);
    Ok(Opened {
        header,
        facts: Facts { encoding: Some(text.encoding), delimiter: Some(delimiter), ..Facts::new(FormatKind::Csv) },
        bytes: text.file_bytes,
        rows_max: text.file_bytes / ROW_BYTES_MIN,
        rows: Box::new(Delimited { records, bytes: text.file_bytes }),
    })
}

fn at(line: u64, problem: Failure) -> Failure {
    match problem {
        Failure::Input(problem) => Failure::Input(format!("line {line}: {problem}")),
        other => other,
    }
}

/// The first text of a file, and whether it is all.
fn sample(file: &SourceFile, facts: &TextFacts) -> std::io::Result<(Vec<u8>, bool)> {
    let mut text = TextReader::open(file, facts)?;
    let mut sample = Vec::new();
    while sample.len() < SAMPLE_BYTES {
        if text.fill(&mut sample, SAMPLE_BYTES)? == 0 {
            return Ok((sample, true));
        }
    }
    Ok((sample, false))
}

struct Delimited {
    records: RecordReader<TextReader>,
    bytes: u64,
}

impl Rows for Delimited {
    fn each(&mut self, take: &mut Taker<'_>) -> Result<(), Failure> {
        loop {
            let bytes = self.records.text().position();
            // What was read ahead holds rows, too.
            let ahead = self.records.buffered() as u64;
            let rows_left = (self.bytes.saturating_sub(bytes) + ahead) / ROW_BYTES_MIN + 1;
            let item = self.records.next().map_err(|error| Failure::io("it cannot be read", &error))?;
            let item = match item {
                None => return Ok(()),
                Some(records::Item::Record(record)) => Item::Row(Row::Record(record)),
                Some(records::Item::Malformed { line, reason, text }) => Item::Malformed { place: line, reason, text },
            };
            take(item, Reached { bytes, rows_left })?;
        }
    }
}
