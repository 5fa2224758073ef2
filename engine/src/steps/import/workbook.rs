//! Workbooks: which sheet and row the table begins with, and rows of cells as rows of values.

mod cells;
mod parts;
pub(super) mod xls;
pub(super) mod xlsx;

use std::{
    ops::ControlFlow,
    panic::{AssertUnwindSafe, catch_unwind},
};

use datafusion::execution::memory_pool::MemoryReservation;
use model::config::source::FormatKind;

use super::{
    header::Header,
    rows::{Cells, Item, Reached, Row, Rows, Taker},
    source::{Facts, Opened},
};
use crate::{Checkpoint, Failure, steps::grouped};

/// Columns of a sheet (ECMA-376 has names for so many).
const SHEET_COLUMNS_MAX: u32 = 16_384;
/// Cells between two checkpoints.
const CHECK_CELLS: u64 = 16_384;

/// Which table of a workbook is wanted.
#[derive(Clone, Copy)]
pub(super) struct Wanted<'a> {
    pub(super) sheet: Option<&'a str>,
    /// From 1.
    pub(super) header_row: Option<u32>,
}

/// What a sheet's rows are given to: the row's cells, from column A to the last with a value; its place is its number
/// from 1. Blank rows are left out.
type RowTaker<'t> = dyn FnMut(&mut Cells) -> Result<ControlFlow<()>, Failure> + 't;

/// A workbook that is open.
trait Workbook {
    /// Names of the sheets that people see, in their order.
    fn sheets(&self) -> Vec<String>;
    /// The rows of a sheet in their order. Gives how many cells held an error.
    fn rows(&mut self, sheet: &str, each: &mut RowTaker<'_>) -> Result<u64, Failure>;
    /// The last row that the sheet says it has, from 1, if it says so.
    fn last_row(&mut self, sheet: &str) -> Option<u32>;
}

/// Where the table is, found in an open workbook. Errors do not name the file.
fn open<W: Workbook + 'static>(
    mut workbook: W,
    wanted: Wanted<'_>,
    (kind, bytes, sheet_rows_max): (FormatKind, u64, u32),
    account: MemoryReservation,
    checkpoint: Checkpoint,
) -> Result<Opened, Failure> {
    let found = sound(|| find(&mut workbook, wanted))?;
    let last_row = sound(|| Ok(workbook.last_row(&found.sheet)))?;
    let width = found.names.len();
    Header::refuse_too_wide(width)?;
    Ok(Opened {
        header: Header { place: format!("sheet “{}”, row {}: ", found.sheet, found.row), names: found.names },
        facts: Facts { sheet: Some(found.sheet.clone()), ..Facts::new(kind) },
        bytes,
        rows_max: u64::from(sheet_rows_max) - found.row,
        rows: Box::new(Table {
            workbook,
            sheet: found.sheet,
            header_row: found.row,
            first_column: found.column,
            width,
            bytes,
            last_row: u64::from(last_row.unwrap_or(0)),
            rows_max: u64::from(sheet_rows_max),
            error_cells: 0,
            _account: account,
            checkpoint,
        }),
    })
}

struct Found {
    sheet: String,
    /// Of the header, from 1.
    row: u64,
    /// The first of the header with a value, from 0.
    column: usize,
    names: Vec<String>,
}

fn find<W: Workbook>(workbook: &mut W, wanted: Wanted<'_>) -> Result<Found, Failure> {
    let sheets = workbook.sheets();
    let candidates: Vec<&String> = match wanted.sheet {
        None => sheets.iter().collect(),
        Some(name) => {
            let named = sheets.iter().find(|sheet| sheet.as_str() == name);
            let all = sheets.iter().map(|sheet| format!("“{sheet}”")).collect::<Vec<_>>().join(", ");
            vec![named.ok_or_else(|| Failure::Input(format!("it has no sheet “{name}”; its sheets are {all}")))?]
        }
    };
    for sheet in candidates {
        let mut found = None;
        workbook.rows(sheet, &mut |cells| {
            let row = cells.place();
            if wanted.header_row.is_some_and(|wanted| row < u64::from(wanted)) {
                return Ok(ControlFlow::Continue(()));
            }
            if wanted.header_row.is_none_or(|wanted| row == u64::from(wanted)) {
                let column = (0..cells.len()).find(|column| !cells.value(*column).is_empty()).unwrap_or(0);
                let names = (column..cells.len()).map(|column| cells.value(column).to_owned()).collect();
                found = Some(Found { sheet: sheet.clone(), row, column, names });
            }
            Ok(ControlFlow::Break(()))
        })?;
        match (found, wanted.sheet) {
            (Some(found), _) => return Ok(found),
            (None, Some(_)) => {
                return Err(Failure::Input(match wanted.header_row {
                    Some(row) => format!("its sheet “{sheet}” has no value in row {row}, the header's"),
                    None => format!("its sheet “{sheet}” is empty"),
                }));
            }
            (None, None) => {}
        }
    }
    Err(Failure::Input(match wanted.header_row {
        Some(row) => format!("none of its visible sheets has a value in row {row}, the header's"),
        None => "it is empty: no visible sheet has a value".to_owned(),
    }))
}

struct Table<W> {
    workbook: W,
    sheet: String,
    header_row: u64,
    first_column: usize,
    width: usize,
    bytes: u64,
    last_row: u64,
    rows_max: u64,
    error_cells: u64,
    _account: MemoryReservation,
    checkpoint: Checkpoint,
}

impl<W: Workbook> Rows for Table<W> {
    fn each(&mut self, take: &mut Taker<'_>) -> Result<(), Failure> {
        let Self { workbook, sheet, header_row, first_column, width, bytes, last_row, rows_max, .. } = self;
        let checkpoint = &self.checkpoint;
        let mut row_cells = Cells::default();
        let error_cells = sound(|| {
            workbook.rows(sheet, &mut |cells| {
                let row = cells.place();
                checkpoint.check()?;
                if row <= *header_row {
                    return Ok(ControlFlow::Continue(()));
                }
                let done = u128::from(row) * u128::from(*bytes) / u128::from((*last_row).max(row));
                let reached = Reached { bytes: done as u64, rows_left: rows_max.saturating_sub(row) };
                let before =
                    (0..*first_column).find(|column| *column < cells.len() && !cells.value(*column).is_empty());
                if let Some(column) = before {
                    let reason = format!("it has a value in column {}, before the header's first column", column + 1);
                    let text = cells.value(column).as_bytes().to_vec();
                    take(Item::Malformed { place: row, reason, text: &text }, reached)?;
                    return Ok(ControlFlow::Continue(()));
                }
                row_cells.begin(row);
                for column in *first_column..cells.len() {
                    row_cells.push(cells.value(column));
                }
                row_cells.fill(*width);
                take(Item::Row(Row::Cells(&row_cells)), reached)?;
                Ok(ControlFlow::Continue(()))
            })
        })?;
        self.error_cells = error_cells;
        Ok(())
    }

    fn remarks(&self) -> Vec<String> {
        let cells = grouped(self.error_cells);
        let remark = format!("{cells} cells hold an error such as #N/A and are taken as empty");
        (self.error_cells > 0).then_some(remark).into_iter().collect()
    }
}

/// What a library panics over is a file that it should have refused.
fn sound<T>(read: impl FnOnce() -> Result<T, Failure>) -> Result<T, Failure> {
    catch_unwind(AssertUnwindSafe(read)).unwrap_or_else(|_| Err(Failure::Input("its data is damaged".to_owned())))
}

fn damaged(error: &dyn std::fmt::Display) -> Failure {
    Failure::Input(format!("it is damaged or no workbook: {error}"))
}
