//! XLSX (ECMA-376): the sheet is streamed; the texts that its cells share are held, and accounted for.

use std::io::BufReader;

use calamine::{Reader as _, SheetType, SheetVisible, Xlsx};
use model::config::source::FormatKind;

use super::{Opened, RowTaker, Wanted, Workbook, cells::RowBuilder, damaged, parts, sound};
use crate::{
    Checkpoint, Failure, StepContext,
    steps::import::file::{FileReader, SourceFile, Stoppable},
};

/// Rows of a sheet.
const ROWS_MAX: u32 = 1_048_576;

/// Errors do not name the file.
pub(in crate::steps::import) fn open(
    file: &SourceFile,
    wanted: Wanted<'_>,
    context: &StepContext<'_>,
) -> Result<Opened, Failure> {
    let checkpoint = context.checkpoints();
    let account = context.engine().reserve("import: texts of a workbook");
    let memory = parts::check(file, &checkpoint)?;
    account.try_grow(memory)?;
    let reader = BufReader::new(Stoppable { inner: file.reader(), checkpoint: checkpoint.clone() });
    let opened = sound(|| Xlsx::new(reader).map_err(|error| damaged(&error)));
    // What looks like a damaged file may be the end of the run.
    checkpoint.check()?;
    let opened = opened?;
    let workbook = Book { workbook: opened, checkpoint: checkpoint.clone() };
    super::open(workbook, wanted, (FormatKind::Xlsx, file.bytes(), ROWS_MAX), account, checkpoint)
}

struct Book {
    workbook: Xlsx<BufReader<Stoppable<FileReader>>>,
    checkpoint: Checkpoint,
}

impl Workbook for Book {
    fn sheets(&self) -> Vec<String> {
        let all = self.workbook.sheets_metadata().iter();
        let seen = all.filter(|sheet| sheet.visible == SheetVisible::Visible && sheet.typ == SheetType::WorkSheet);
        seen.map(|sheet| sheet.name.clone()).collect()
    }

    fn rows(&mut self, sheet: &str, each: &mut RowTaker<'_>) -> Result<u64, Failure> {
        let in_sheet = |error| damaged(&format_args!("sheet “{sheet}”: {error}"));
        let mut reader = self.workbook.worksheet_cells_reader(sheet).map_err(in_sheet)?;
        let mut builder = RowBuilder::new(each, &self.checkpoint);
        while let Some(cell) = reader.next_cell().map_err(in_sheet)? {
            if builder.put(cell.get_position(), cell.get_value())?.is_break() {
                return Ok(builder.errors);
            }
        }
        let _last = builder.give()?;
        Ok(builder.errors)
    }

    fn last_row(&mut self, sheet: &str) -> Option<u32> {
        let reader = self.workbook.worksheet_cells_reader(sheet).ok()?;
        Some(reader.dimensions().end.0 + 1)
    }
}
