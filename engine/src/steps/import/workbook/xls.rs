//! XLS (Excel 97 to 2003): held in memory as a whole, so its size is limited and accounted for.
//!
//! The library that reads it makes room for whatever cell a file names, so the records are looked at first ([`records`]),
//! and it is given a container that holds what was looked at and nothing else.

mod records;

use std::io::{BufReader, Cursor, Read as _, Write as _};

use calamine::{Data, DataRef, Reader as _, SheetType, SheetVisible, Xls};
use cfb::{CompoundFile, Version};
use model::{config::source::FormatKind, limits};

use super::{Opened, RowTaker, Wanted, Workbook, cells::RowBuilder, damaged, sound};
use crate::{Checkpoint, Failure, StepContext, steps::import::file::SourceFile};

/// Rows of a sheet.
const ROWS_MAX: u32 = 65_536;
/// Names of the stream that holds the workbook, the newer first.
const STREAMS: [&str; 2] = ["/Workbook", "/Book"];
/// A cell that the library holds, in the sheet's table and in a copy of it.
const CELL_BYTES: usize = 3 * size_of::<Data>();
/// The workbook's bytes, in and out of their container.
const COPIES: usize = 4;

/// Errors do not name the file.
pub(in crate::steps::import) fn open(
    file: &SourceFile,
    wanted: Wanted<'_>,
    context: &StepContext<'_>,
) -> Result<Opened, Failure> {
    if file.bytes() > limits::XLS_MAX_BYTES {
        let limit = limits::XLS_MAX_BYTES / (1024 * 1024);
        return Err(Failure::Input(format!("an XLS file may have at most {limit} MB; save it as XLSX")));
    }
    let checkpoint = context.checkpoints();
    let account = context.engine().reserve("import: a workbook");
    account.try_grow(usize::try_from(file.bytes()).unwrap_or(usize::MAX).saturating_mul(COPIES))?;
    let stream = sound(|| stream(file))?;
    checkpoint.check()?;
    let cells = records::cells(&stream)?;
    account.try_grow(cells.saturating_mul(CELL_BYTES))?;
    let workbook = sound(|| Xls::new(Cursor::new(contained(&stream)?)).map_err(|error| damaged(&error)))?;
    let book = Book { workbook, checkpoint: checkpoint.clone() };
    super::open(book, wanted, (FormatKind::Xls, file.bytes(), ROWS_MAX), account, checkpoint)
}

/// The workbook itself, without its container.
fn stream(file: &SourceFile) -> Result<Vec<u8>, Failure> {
    let mut container = CompoundFile::open(BufReader::new(file.reader())).map_err(|error| damaged(&error))?;
    if container.is_stream("/EncryptedPackage") {
        return Err(Failure::Input("it is protected by a password; save it without one".to_owned()));
    }
    let name = STREAMS.into_iter().find(|name| container.is_stream(name));
    let name = name.ok_or_else(|| damaged(&"it is another kind of Office document"))?;
    let stream = container.open_stream(name).map_err(|error| damaged(&error))?;
    let mut bytes = Vec::new();
    stream.take(limits::XLS_MAX_BYTES).read_to_end(&mut bytes).map_err(|error| damaged(&error))?;
    Ok(bytes)
}

/// A new container that holds the workbook alone. In version 4 the library refuses one whose streams are all of 4 kB and more.
fn contained(stream: &[u8]) -> Result<Vec<u8>, Failure> {
    let write = || {
        let mut container = CompoundFile::create_with_version(Version::V3, Cursor::new(Vec::new()))?;
        container.create_stream(STREAMS[0])?.write_all(stream)?;
        container.flush()?;
        Ok(container.into_inner().into_inner())
    };
    write().map_err(|error: std::io::Error| Failure::Internal(format!("a workbook in memory: {error}")))
}

struct Book {
    workbook: Xls<Cursor<Vec<u8>>>,
    checkpoint: Checkpoint,
}

impl Workbook for Book {
    fn sheets(&self) -> Vec<String> {
        let all = self.workbook.sheets_metadata().iter();
        let seen = all.filter(|sheet| sheet.visible == SheetVisible::Visible && sheet.typ == SheetType::WorkSheet);
        seen.map(|sheet| sheet.name.clone()).collect()
    }

    fn rows(&mut self, sheet: &str, each: &mut RowTaker<'_>) -> Result<u64, Failure> {
        let range = self.workbook.worksheet_range(sheet).map_err(|error| damaged(&error))?;
        let (first_row, first_column) = range.start().unwrap_or((0, 0));
        let mut builder = RowBuilder::new(each, &self.checkpoint);
        for (row, column, value) in range.used_cells() {
            let place = (first_row + row as u32, first_column + column as u32);
            if builder.put(place, &borrowed(value))?.is_break() {
                return Ok(builder.errors);
            }
        }
        let _last = builder.give()?;
        Ok(builder.errors)
    }

    fn last_row(&mut self, sheet: &str) -> Option<u32> {
        self.workbook.worksheet_range(sheet).ok()?.end().map(|(row, _)| row + 1)
    }
}

fn borrowed(value: &Data) -> DataRef<'_> {
    match value {
        Data::Int(number) => DataRef::Int(*number),
        Data::Float(number) => DataRef::Float(*number),
        Data::String(text) => DataRef::SharedString(text),
        Data::Bool(truth) => DataRef::Bool(*truth),
        Data::DateTime(at) => DataRef::DateTime(*at),
        Data::DateTimeIso(text) | Data::DurationIso(text) => DataRef::SharedString(text),
        Data::Error(error) => DataRef::Error(error.clone()),
        _ => DataRef::Empty,
    }
}
