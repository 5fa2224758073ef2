//! A workbook with one sheet, row by row in constant memory: what is written waits in a file, not in memory.

use std::{
    fs::File,
    io::{BufWriter, Write as _},
    panic::{AssertUnwindSafe, catch_unwind},
    path::Path,
};

use datafusion::arrow::{array::RecordBatch, datatypes::SchemaRef};
use rust_xlsxwriter::{DocProperties, ExcelDateTime, Workbook, Worksheet, XlsxError};

use super::{
    cannot_write,
    cells::{Cell, Cells},
    stoppable::Stoppable,
};
use crate::{Failure, context::Checkpoint};

/// What a sheet can hold, by the format's own limits (Microsoft: "Excel specifications and limits").
const ROWS_MAX: u32 = 1_048_576;
const COLUMNS_MAX: usize = 16_384;
const CELL_UNITS_MAX: usize = 32_767;

pub(super) struct XlsxFile {
    name: String,
    workbook: Workbook,
    file: File,
    columns: Vec<String>,
    /// The next row of the sheet, from 0.
    row: u32,
    rows_max: u32,
    checkpoint: Checkpoint,
}

impl XlsxFile {
    pub(super) fn create(
        name: &str,
        sheet: &str,
        file: File,
        schema: &SchemaRef,
        scratch: &Path,
        checkpoint: Checkpoint,
    ) -> Result<Self, Failure> {
        let columns: Vec<String> = schema.fields().iter().map(|field| field.name().clone()).collect();
        if columns.len() > COLUMNS_MAX {
            let count = columns.len();
            return Err(refused(name, &format!("a sheet holds at most {COLUMNS_MAX} columns, and there are {count}")));
        }
        let workbook = guarded(name, || begin(sheet, &columns, scratch))?;
        Ok(Self { name: name.to_owned(), workbook, file, columns, row: 1, rows_max: ROWS_MAX, checkpoint })
    }

    pub(super) fn write(&mut self, batch: &RecordBatch) -> Result<(), Failure> {
        let cells = Cells::of(batch)?;
        let rows = u32::try_from(batch.num_rows()).unwrap_or(u32::MAX);
        if self.row.saturating_add(rows) > self.rows_max {
            let limit = "a sheet holds at most 1,048,576 rows, its header among them, and there are more records; choose \
                         another format or export fewer records";
            return Err(refused(&self.name, limit));
        }
        let sheet = self.workbook.worksheet_from_index(0).map_err(|error| failure(&self.name, &error))?;
        for row in 0..batch.num_rows() {
            for (column, cells) in (0..).zip(&cells) {
                let cell = cells.cell(row);
                if let Cell::Text(text) = cell
                    && text.len() > CELL_UNITS_MAX
                    && text.encode_utf16().count() > CELL_UNITS_MAX
                {
                    let (row, column) = (self.row, &self.columns[usize::from(column)]);
                    let problem = format!("row {row}, column “{column}”: a cell holds at most 32,767 characters");
                    return Err(refused(&self.name, &problem));
                }
                guarded(&self.name, || write_cell(sheet, self.row, column, cell))?;
            }
            self.row += 1;
        }
        Ok(())
    }

    pub(super) fn finish(mut self) -> Result<(), Failure> {
        let mut sink = BufWriter::new(Stoppable::new(self.file, self.checkpoint.clone()));
        let saved = guarded(&self.name, || self.workbook.save_to_writer(&mut sink));
        let saved = saved.and_then(|()| sink.flush().map_err(|error| Failure::io(&cannot_write(&self.name), &error)));
        // Packing a large sheet is long; whatever ended it, a cancelled run is cancelled.
        self.checkpoint.check()?;
        saved
    }
}

/// The library panics where it cannot write to its working file: a full disk is no fault of ours.
fn guarded<T>(name: &str, work: impl FnOnce() -> Result<T, XlsxError>) -> Result<T, Failure> {
    match catch_unwind(AssertUnwindSafe(work)) {
        Ok(done) => done.map_err(|error| failure(name, &error)),
        Err(panic) => {
            let words = panic.downcast_ref::<String>().map_or("its working file cannot be written", String::as_str);
            Err(refused(name, words))
        }
    }
}

fn begin(sheet: &str, columns: &[String], scratch: &Path) -> Result<Workbook, XlsxError> {
    let mut workbook = Workbook::new();
    // The library would write the time of day: the same records would give other bytes.
    let created = ExcelDateTime::from_ymd(2000, 1, 1)?;
    workbook.set_properties(&DocProperties::new().set_creation_datetime(&created));
    workbook.set_tempdir(scratch)?;
    let worksheet = workbook.add_worksheet_with_constant_memory()?;
    worksheet.set_name(sheet)?;
    for (place, column) in (0..).zip(columns) {
        worksheet.write_string(0, place, column)?;
    }
    Ok(workbook)
}

/// Texts are texts, also where they look like numbers or formulas: a postal code keeps its zeros.
fn write_cell(sheet: &mut Worksheet, row: u32, column: u16, cell: Cell<'_>) -> Result<(), XlsxError> {
    match cell {
        Cell::Empty => return Ok(()),
        Cell::Text(text) => sheet.write_string(row, column, text)?,
        Cell::Whole(number) => sheet.write_number(row, column, number as f64)?,
        Cell::Score(score) => sheet.write_number(row, column, (f64::from(score) * 100.0).round() / 100.0)?,
        Cell::Truth(truth) => sheet.write_boolean(row, column, truth)?,
    };
    Ok(())
}

fn refused(name: &str, problem: &str) -> Failure {
    Failure::Input(format!("{}: {problem}", cannot_write(name)))
}

fn failure(name: &str, error: &XlsxError) -> Failure {
    refused(name, &error.to_string())
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use datafusion::arrow::{
        array::StringArray,
        datatypes::{DataType, Field, Schema},
    };
    use tokio_util::sync::CancellationToken;

    use super::*;

    #[test]
    fn more_rows_than_a_sheet_holds_and_longer_texts_are_refused() {
        let home = tempfile::TempDir::new().expect("a directory");
        let schema = Arc::new(Schema::new(vec![Field::new("name", DataType::Utf8, true)]));
        let batch = |values: Vec<&str>| {
            RecordBatch::try_new(Arc::clone(&schema), vec![Arc::new(StringArray::from(values))]).expect("a batch")
        };
        let create = || {
            let file = File::create(home.path().join("a.xlsx")).expect("created");
            let checkpoint = Checkpoint::new(CancellationToken::new());
            XlsxFile::create("a.xlsx", "Records", file, &schema, home.path(), checkpoint).expect("begun")
        };
        let mut file = create();
        file.rows_max = 3;
        file.write(&batch(vec!["a", "b"])).expect("two rows and the header");
        let refused = file.write(&batch(vec!["c"])).expect_err("a row too many").to_string();
        assert!(refused.contains("at most 1,048,576 rows"), "{refused}");
        let long = "x".repeat(32_768);
        let refused = create().write(&batch(vec!["a", &long])).expect_err("too long").to_string();
        assert_eq!(
            refused,
            "cannot write the output “a.xlsx”: row 2, column “name”: a cell holds at most 32,767 characters"
        );
    }
}
