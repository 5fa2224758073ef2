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

/// The day after the last that a workbook can show, 9999-12-31. The library would take any later one for that.
const DAYS_END: f64 = 2_958_466.0;

/// ISO 8601: a date, a time, or both; a duration in hours, minutes and seconds. Whatever is none of these is a number.
fn moment(at: ExcelDateTime, into: &mut String) -> std::fmt::Result {
    let days = at.as_f64();
    if !(-DAYS_END..DAYS_END).contains(&days) {
        push_number(days, into);
        return Ok(());
    }
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
    use proptest::{collection::vec, prelude::*};
    use tokio_util::sync::CancellationToken;

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
        // The last day, and what is no day any more.
        assert_eq!(text(moment(2_958_465.0)), "9999-12-31");
        assert_eq!(text(moment(2_958_466.0)), "2958466");
        assert_eq!(text(duration(1e18)), "1e18");
        assert_eq!(text(moment(-1.5)), "-1.5");
    }

    /// What was given of cells at these places, each with its place as its text.
    fn given(places: &[(u32, u32)]) -> Result<Vec<(u64, Vec<String>)>, Failure> {
        let mut rows = Vec::new();
        let mut take = |cells: &mut Cells| {
            rows.push((cells.place(), (0..cells.len()).map(|column| cells.value(column).to_owned()).collect()));
            Ok(ControlFlow::Continue(()))
        };
        let checkpoint = Checkpoint::new(CancellationToken::new());
        let mut builder = RowBuilder::new(&mut take, &checkpoint);
        for (row, column) in places {
            let _next = builder.put((*row, *column), &DataRef::String(format!("{row}/{column}")))?;
        }
        let _next = builder.give()?;
        Ok(rows)
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        /// Every cell is in its row and column, or the sheet is refused; none is lost and none moved.
        #[test]
        fn cells_are_in_their_place_or_the_sheet_is_refused(
            mut places in vec((0_u32..6, prop_oneof![9 => 0_u32..6, 1 => 16_000_u32..17_000]), 0..20),
            sorted in any::<bool>(),
        ) {
            if sorted {
                places.sort_unstable();
                places.dedup();
            }
            let in_order = places.windows(2).all(|two| two[0] < two[1]);
            let fits = places.iter().all(|(_, column)| *column < SHEET_COLUMNS_MAX);
            match given(&places) {
                Err(failure) => {
                    prop_assert!(!in_order || !fits, "{}", failure);
                    prop_assert!(failure.to_string().starts_with("it is damaged or no workbook"), "{}", failure);
                }
                Ok(rows) => {
                    prop_assert!(fits && in_order, "{:?} became {:?}", places, rows);
                    let found = rows.iter().flat_map(|(place, values)| {
                        let filled = values.iter().zip(0_u32..).filter(|(value, _)| !value.is_empty());
                        filled.map(|(value, column)| (*place as u32 - 1, column, value.clone()))
                    });
                    let expected = places.iter().map(|(row, column)| (*row, *column, format!("{row}/{column}")));
                    prop_assert_eq!(found.collect::<Vec<_>>(), expected.collect::<Vec<_>>());
                }
            }
        }

        /// Any number as a date: a date of four figures' years, a time, or the number.
        #[test]
        fn any_number_is_a_moment_or_a_number(days: f64, duration: bool, from_1904: bool) {
            let kind = if duration { ExcelDateTimeType::TimeDelta } else { ExcelDateTimeType::DateTime };
            let text = text(DataRef::DateTime(ExcelDateTime::new(days, kind, from_1904)));
            prop_assert!(text.len() < 40, "{}", text);
            if !days.is_nan() && days.abs() > DAYS_END {
                prop_assert_eq!(text.parse::<f64>(), Ok(days));
            }
        }
    }
}
