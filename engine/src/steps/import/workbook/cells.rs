//! Cells of a sheet as text, put together to rows.

use std::{fmt::Write as _, ops::ControlFlow};

use calamine::{DataRef, ExcelDateTime};

use super::{CHECK_CELLS, RowTaker, SHEET_COLUMNS_MAX, damaged};
use crate::{
    Checkpoint, Failure,
    steps::import::{rows::Cells, text::push_number},
};

/// Puts cells that come in the order of their rows together.
pub(super) struct RowBuilder<'t> {
    cells: Cells,
    /// The row that is being put together, from 0.
    row: Option<u32>,
    each: &'t mut RowTaker<'t>,
    checkpoint: &'t Checkpoint,
    seen: u64,
    pub(super) errors: u64,
}

impl<'t> RowBuilder<'t> {
    pub(super) fn new(each: &'t mut RowTaker<'t>, checkpoint: &'t Checkpoint) -> Self {
        Self { cells: Cells::default(), row: None, each, checkpoint, seen: 0, errors: 0 }
    }

    /// The next cell; places count from 0.
    pub(super) fn put(&mut self, (row, column): (u32, u32), value: &DataRef<'_>) -> Result<ControlFlow<()>, Failure> {
        self.seen += 1;
        if self.seen.is_multiple_of(CHECK_CELLS) {
            self.checkpoint.check()?;
        }
        if self.row != Some(row) {
            if self.row.is_some_and(|before| row < before) {
                return Err(damaged(&"its rows are not in order"));
            }
            if self.give()?.is_break() {
                return Ok(ControlFlow::Break(()));
            }
            self.row = Some(row);
            self.cells.begin(u64::from(row) + 1);
        }
        if column >= SHEET_COLUMNS_MAX || (column as usize) < self.cells.len() {
            // A cell that has no value may be anywhere.
            return match value {
                DataRef::Empty => Ok(ControlFlow::Continue(())),
                _ => Err(damaged(&format_args!("a cell of row {} is not in its place", row + 1))),
            };
        }
        if let DataRef::Error(_) = value {
            self.errors += 1;
        }
        let mut text = String::new();
        write(value, &mut text);
        if text.contains('\0') {
            return Err(damaged(&format_args!("a cell of row {} contains a NUL character", row + 1)));
        }
        if !text.trim().is_empty() {
            self.cells.fill(column as usize);
            self.cells.push(&text);
        }
        Ok(ControlFlow::Continue(()))
    }

    /// The row that is complete.
    pub(super) fn give(&mut self) -> Result<ControlFlow<()>, Failure> {
        if self.row.take().is_none() || self.cells.is_blank() {
            return Ok(ControlFlow::Continue(()));
        }
        (self.each)(&mut self.cells)
    }
}

/// Errors are empty.
fn write(value: &DataRef<'_>, into: &mut String) {
    let _ = match value {
        DataRef::Empty | DataRef::Error(_) => Ok(()),
        DataRef::Int(number) => write!(into, "{number}"),
        DataRef::Float(number) => {
            push_number(*number, into);
            Ok(())
        }
        DataRef::String(text) | DataRef::DateTimeIso(text) | DataRef::DurationIso(text) => {
            into.push_str(text);
            Ok(())
        }
        DataRef::SharedString(text) => {
            into.push_str(text);
            Ok(())
        }
        DataRef::Bool(truth) => write!(into, "{truth}"),
        DataRef::DateTime(at) => moment(*at, into),
    };
}

/// ISO 8601: a date, a time, or both; a duration in hours, minutes and seconds.
fn moment(at: ExcelDateTime, into: &mut String) -> std::fmt::Result {
    let days = at.as_f64();
    if at.is_duration() || (0.0..1.0).contains(&days) {
        let seconds = (days.abs() * 86_400.0).round() as u64;
        let sign = if days < 0.0 { "-" } else { "" };
        return write!(into, "{sign}{:02}:{:02}:{:02}", seconds / 3_600, seconds / 60 % 60, seconds % 60);
    }
    if days < 0.0 {
        push_number(days, into);
        return Ok(());
    }
    let (year, month, day, hour, minute, second, milli) = at.to_ymd_hms_milli();
    write!(into, "{year:04}-{month:02}-{day:02}")?;
    match (hour, minute, second, milli) {
        (0, 0, 0, 0) => Ok(()),
        (_, _, _, 0) => write!(into, "T{hour:02}:{minute:02}:{second:02}"),
        _ => write!(into, "T{hour:02}:{minute:02}:{second:02}.{milli:03}"),
    }
}

#[cfg(test)]
mod tests {
    use calamine::ExcelDateTimeType;

    use super::*;

    fn text(value: DataRef<'_>) -> String {
        let mut text = String::new();
        write(&value, &mut text);
        text
    }

    #[test]
    fn cells_are_text_as_people_see_it() {
        let moment = |days| DataRef::DateTime(ExcelDateTime::new(days, ExcelDateTimeType::DateTime, false));
        let duration = |days| DataRef::DateTime(ExcelDateTime::new(days, ExcelDateTimeType::TimeDelta, false));
        assert_eq!(text(DataRef::Float(90210.0)), "90210");
        assert_eq!(text(DataRef::Bool(true)), "true");
        assert_eq!(text(moment(44_196.0)), "2020-12-31");
        assert_eq!(text(moment(44_196.25)), "2020-12-31T06:00:00");
        assert_eq!(text(moment(0.5)), "12:00:00");
        assert_eq!(text(duration(1.5)), "36:00:00");
        assert_eq!(text(DataRef::Error(calamine::CellErrorType::NA)), "");
    }
}
