//! The records of an XLS workbook ([MS-XLS] 2.1.4): how many cells its sheets' tables would have.

use std::ops::RangeInclusive;

use super::super::damaged;
use crate::Failure;

/// Cells of all sheets together: one sheet that is full.
const CELLS_MAX: usize = 65_536 * 256;

const END: u16 = 0x000A;
const BEGIN: u16 = 0x0809;
const SHEET: u16 = 0x0085;
const DIMENSIONS: u16 = 0x0200;
const SEVERAL_NUMBERS: u16 = 0x00BD;
/// Records that begin with the row and the column of a cell: Formula, RString, LabelSst, Number, Label, BoolErr, Rk.
const CELLS: [u16; 7] = [0x0006, 0x00D6, 0x00FD, 0x0203, 0x0204, 0x0205, 0x027E];

/// Cells of the tables from the first to the last cell of each sheet.
pub(super) fn cells(stream: &[u8]) -> Result<usize, Failure> {
    let mut all = 0_usize;
    for offset in sheets(stream) {
        all = all.saturating_add(cells_of_sheet(stream.get(offset..).unwrap_or_default())?);
        if all > CELLS_MAX {
            return Err(Failure::Input(format!("its sheets have more than {CELLS_MAX} cells, which is the limit")));
        }
    }
    Ok(all)
}

/// Where the sheets begin, as the workbook says.
fn sheets(stream: &[u8]) -> Vec<usize> {
    let globals = Records(stream).take_while(|(kind, _)| *kind != END);
    let mut offsets: Vec<usize> = globals
        .filter(|(kind, data)| *kind == SHEET && data.len() >= 4)
        .map(|(_, data)| u32::from_le_bytes([data[0], data[1], data[2], data[3]]) as usize)
        .collect();
    // What several sheets share is read for each of them.
    offsets.sort_unstable();
    offsets
}

fn cells_of_sheet(stream: &[u8]) -> Result<usize, Failure> {
    let mut table: Option<[RangeInclusive<u16>; 2]> = None;
    let mut depth = 0_usize;
    for (kind, data) in Records(stream) {
        match kind {
            BEGIN => depth += 1,
            END if depth <= 1 => return Ok(table.map_or(0, |[rows, columns]| rows.len() * columns.len())),
            END => depth -= 1,
            DIMENSIONS => refuse_wide(data)?,
            SEVERAL_NUMBERS if data.len() >= 6 => {
                let last = number(data, data.len() - 2);
                extend(&mut table, number(data, 0), number(data, 2));
                extend(&mut table, number(data, 0), last);
            }
            _ if CELLS.contains(&kind) && data.len() >= 4 => extend(&mut table, number(data, 0), number(data, 2)),
            _ => {}
        }
    }
    // The library would take what there is for all.
    Err(damaged(&"a sheet is cut off"))
}

fn extend(table: &mut Option<[RangeInclusive<u16>; 2]>, row: u16, column: u16) {
    let [rows, columns] = table.take().unwrap_or([row..=row, column..=column]);
    let with = |range: RangeInclusive<u16>, at: u16| (*range.start()).min(at)..=(*range.end()).max(at);
    *table = Some([with(rows, row), with(columns, column)]);
}

/// Room is made for what a sheet says that it has. In the newer versions the rows are four bytes wide.
fn refuse_wide(data: &[u8]) -> Result<(), Failure> {
    let wide =
        |at: usize| data.get(at..at + 4).map_or(0, |four| u32::from_le_bytes([four[0], four[1], four[2], four[3]]));
    let span = |first: u64, last: u64| last.saturating_sub(first) + 1;
    let (rows, columns) = if data.len() >= 14 {
        (span(wide(0).into(), wide(4).into()), span(number(data, 8).into(), number(data, 10).into()))
    } else if data.len() >= 8 {
        (span(number(data, 0).into(), number(data, 2).into()), span(number(data, 4).into(), number(data, 6).into()))
    } else {
        return Err(damaged(&"a sheet does not say how large it is"));
    };
    if rows.saturating_mul(columns) > 2 * CELLS_MAX as u64 {
        return Err(damaged(&"a sheet says that it is larger than a sheet can be"));
    }
    Ok(())
}

fn number(data: &[u8], at: usize) -> u16 {
    u16::from_le_bytes([data[at], data[at + 1]])
}

/// Kind and data, one record after another, up to the first that is cut off.
struct Records<'a>(&'a [u8]);

impl<'a> Iterator for Records<'a> {
    type Item = (u16, &'a [u8]);

    fn next(&mut self) -> Option<Self::Item> {
        let [kind_low, kind_high, length_low, length_high, rest @ ..] = self.0 else { return None };
        let length = usize::from(u16::from_le_bytes([*length_low, *length_high]));
        let data = rest.get(..length)?;
        self.0 = &rest[length..];
        Some((u16::from_le_bytes([*kind_low, *kind_high]), data))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn record(kind: u16, data: &[u8]) -> Vec<u8> {
        [&kind.to_le_bytes()[..], &(data.len() as u16).to_le_bytes(), data].concat()
    }

    fn cell(row: u16, column: u16) -> Vec<u8> {
        record(0x0203, &[&row.to_le_bytes()[..], &column.to_le_bytes(), &[0; 10]].concat())
    }

    fn workbook(sheet: &[Vec<u8>]) -> Vec<u8> {
        let globals = 4 + 16 + 4 + 4 + 4;
        let sheet = [record(BEGIN, &[0; 16]), sheet.concat(), record(END, &[])].concat();
        [record(BEGIN, &[0; 16]), record(SHEET, &(globals as u32).to_le_bytes()), record(END, &[]), sheet].concat()
    }

    #[test]
    fn tables_reach_from_the_first_to_the_last_cell() {
        assert_eq!(cells(&workbook(&[cell(2, 1), cell(4, 3)])).expect("small"), 9);
        assert_eq!(cells(&workbook(&[])).expect("empty"), 0);
        let numbers = [&1_u16.to_le_bytes()[..], &2_u16.to_le_bytes(), &[0; 12], &3_u16.to_le_bytes()].concat();
        assert_eq!(cells(&workbook(&[record(SEVERAL_NUMBERS, &numbers)])).expect("small"), 2);
    }

    #[test]
    fn two_cells_far_apart_are_refused() {
        let message = cells(&workbook(&[cell(0, 0), cell(65_535, 65_535)])).expect_err("too many").to_string();
        assert!(message.contains("which is the limit"), "{message}");
        let dimensions = [&[0; 4][..], &u32::MAX.to_le_bytes(), &[0, 0, 0xFF, 0xFF, 0, 0]].concat();
        assert!(cells(&workbook(&[record(DIMENSIONS, &dimensions)])).is_err());
        let whole = workbook(&[cell(0, 0)]);
        assert!(cells(&whole[..whole.len() - 4]).expect_err("no end").to_string().contains("cut off"));
    }

    proptest! {
        #[test]
        fn no_bytes_make_it_panic(bytes: Vec<u8>) {
            let _ = cells(&bytes);
            let _ = cells(&workbook(&[bytes]));
        }
    }
}
