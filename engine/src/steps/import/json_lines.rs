//! JSON lines: one object a line, its fields the columns.
//!
//! The file is read twice: what columns there are is known only when the last line has been looked at, and a field that
//! only the last line has is not to be lost.

#[cfg(test)]
mod fuzz;
mod lines;
mod object;

use std::collections::HashMap;

use datafusion::execution::memory_pool::MemoryReservation;
use model::{
    config::source::{Format, FormatKind},
    limits,
};

use self::{
    lines::{Line, LineReader},
    object::{decode, fields, names},
};
use super::{
    encoding::{self, TextFacts, TextReader},
    file::SourceFile,
    header::Header,
    rows::{Cells, Item, Reached, Row, Rows, Taker},
    source::{Facts, Opened},
};
use crate::{Checkpoint, Engine, Failure, steps::grouped};

/// `{}` and a line end.
const ROW_BYTES_MIN: u64 = 3;
/// Lines between two checkpoints, unless one is as long as this.
const CHECK_LINES: u64 = 1_024;
const CHECK_BYTES: usize = 64 * 1024;

/// Errors do not name the file.
pub(super) fn open(
    file: &SourceFile,
    format: &Format,
    checkpoint: &Checkpoint,
    engine: &Engine,
) -> Result<Opened, Failure> {
    let configured = match format {
        Format::JsonLines { encoding } => *encoding,
        _ => None,
    };
    let facts = encoding::examine(file, configured, checkpoint)?;
    let columns = Columns::find(file, &facts, checkpoint, engine)?;
    let lines = reader(file, &facts)?;
    Ok(Opened {
        header: Header { place: String::new(), names: columns.names.clone() },
        facts: Facts { encoding: Some(facts.encoding), ..Facts::new(FormatKind::JsonLines) },
        bytes: facts.file_bytes,
        rows_max: facts.file_bytes / ROW_BYTES_MIN + 1,
        rows: Box::new(JsonLines { lines, columns, bytes: facts.file_bytes, cells: Cells::default() }),
    })
}

fn reader(file: &SourceFile, facts: &TextFacts) -> Result<LineReader<TextReader>, Failure> {
    TextReader::open(file, facts).map(LineReader::new).map_err(|error| Failure::io("it cannot be read", &error))
}

/// The fields of all objects, in the order in which they first occur.
struct Columns {
    names: Vec<String>,
    places: HashMap<String, usize>,
    _account: MemoryReservation,
}

impl Columns {
    fn find(file: &SourceFile, facts: &TextFacts, checkpoint: &Checkpoint, engine: &Engine) -> Result<Self, Failure> {
        let account = engine.reserve("import: names of JSON fields");
        let (mut names, mut places, mut bytes) = (Vec::new(), HashMap::new(), 0);
        let mut lines = reader(file, facts)?;
        let (mut looked_at, mut first_error) = (0_u64, None);
        while let Some(line) = lines.next().map_err(|error| Failure::io("it cannot be read", &error))? {
            looked_at += 1;
            let Line::Text { number, text } = line else { continue };
            if looked_at % CHECK_LINES == 0 || text.len() > CHECK_BYTES {
                checkpoint.check()?;
            }
            let before = (bytes, names.len());
            let known = self::names(text, |name| {
                if !places.contains_key(name) {
                    bytes += name.len();
                    places.insert(name.to_owned(), names.len());
                    names.push(name.to_owned());
                }
            });
            if let Err(reason) = known {
                first_error.get_or_insert_with(|| format!("line {number}: {reason}"));
                // What the line had before it broke off makes no column.
                for name in names.drain(before.1..) {
                    places.remove(&name);
                }
                bytes = before.0;
            }
            // Two copies of each.
            if names.len() > limits::COLUMNS_MAX || bytes > limits::RECORD_MAX_BYTES {
                return Err(Failure::Input(format!(
                    "line {number}: with it the objects have {} different fields of {} characters; at most {} fields of {} MB \
                     are allowed",
                    grouped(names.len() as u64),
                    grouped(bytes as u64),
                    grouped(limits::COLUMNS_MAX as u64),
                    limits::RECORD_MAX_BYTES / (1024 * 1024)
                )));
            }
            if bytes > before.0 {
                account.try_resize(2 * bytes)?;
            }
        }
        match (names.is_empty(), first_error) {
            (false, _) => Ok(Self { names, places, _account: account }),
            (true, Some(error)) => Err(Failure::Input(error)),
            (true, None) => Err(Failure::Input("it is empty: it has no object with a field".to_owned())),
        }
    }
}

struct JsonLines {
    lines: LineReader<TextReader>,
    columns: Columns,
    bytes: u64,
    cells: Cells,
}

impl Rows for JsonLines {
    fn each(&mut self, take: &mut Taker<'_>) -> Result<(), Failure> {
        loop {
            let bytes = self.lines.text().position();
            let left = self.bytes.saturating_sub(bytes) + self.lines.buffered() as u64;
            let reached = Reached { bytes, rows_left: left / ROW_BYTES_MIN + 1 };
            let line = self.lines.next().map_err(|error| Failure::io("it cannot be read", &error))?;
            let item = match line {
                None => return Ok(()),
                Some(Line::TooLong { number, start }) => {
                    let limit = limits::RECORD_MAX_BYTES / (1024 * 1024);
                    Item::Malformed {
                        place: number,
                        reason: format!("the line is longer than {limit} MB"),
                        text: start,
                    }
                }
                Some(Line::Text { number, text }) => match read(text, number, &self.columns, &mut self.cells) {
                    Ok(()) => Item::Row(Row::Cells(&self.cells)),
                    Err(reason) => Item::Malformed { place: number, reason, text },
                },
            };
            take(item, reached)?;
        }
    }
}

/// The values of an object in the columns' order, or why they cannot be had.
fn read(text: &[u8], number: u64, columns: &Columns, cells: &mut Cells) -> Result<(), String> {
    let fields = fields(text, columns.names.len(), |name| columns.places.get(name).copied())?;
    cells.begin(number);
    for (place, field) in fields.iter().enumerate() {
        let Some(raw) = field else {
            cells.push("");
            continue;
        };
        cells
            .push_with(|into| decode(raw, into))
            .map_err(|problem| format!("the value of “{}” {problem}", columns.names[place]))?;
    }
    Ok(())
}
