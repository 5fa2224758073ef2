//! The cells of a column, as the formats write them.

use std::fmt::Write as _;

use datafusion::arrow::{
    array::{Array, ArrayRef, AsArray, BooleanArray, Float32Array, RecordBatch, StringArray, UInt32Array, UInt64Array},
    compute::cast,
    datatypes::{DataType, Float32Type, UInt32Type, UInt64Type},
};

use crate::Failure;

/// What a cell holds.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Cell<'a> {
    Empty,
    Text(&'a str),
    Whole(u64),
    /// A score: two decimals.
    Score(f32),
    Truth(bool),
}

/// A column of a batch.
pub(super) enum Cells {
    Text(StringArray),
    U32(UInt32Array),
    U64(UInt64Array),
    F32(Float32Array),
    Bool(BooleanArray),
}

impl Cells {
    /// All columns of a batch. Values of other types than ours are written as text.
    pub(super) fn of(batch: &RecordBatch) -> Result<Vec<Self>, Failure> {
        batch.columns().iter().map(Self::new).collect()
    }

    fn new(column: &ArrayRef) -> Result<Self, Failure> {
        Ok(match column.data_type() {
            DataType::Utf8 => Self::Text(column.as_string().clone()),
            DataType::UInt32 => Self::U32(column.as_primitive::<UInt32Type>().clone()),
            DataType::UInt64 => Self::U64(column.as_primitive::<UInt64Type>().clone()),
            DataType::Float32 => Self::F32(column.as_primitive::<Float32Type>().clone()),
            DataType::Boolean => Self::Bool(column.as_boolean().clone()),
            _ => Self::Text(cast(column, &DataType::Utf8)?.as_string().clone()),
        })
    }

    pub(super) fn cell(&self, row: usize) -> Cell<'_> {
        match self {
            Self::Text(values) if values.is_valid(row) => Cell::Text(values.value(row)),
            Self::U32(values) if values.is_valid(row) => Cell::Whole(u64::from(values.value(row))),
            Self::U64(values) if values.is_valid(row) => Cell::Whole(values.value(row)),
            Self::F32(values) if values.is_valid(row) => Cell::Score(values.value(row)),
            Self::Bool(values) if values.is_valid(row) => Cell::Truth(values.value(row)),
            Self::Text(_) | Self::U32(_) | Self::U64(_) | Self::F32(_) | Self::Bool(_) => Cell::Empty,
        }
    }
}

impl<'a> Cell<'a> {
    /// The cell as text; `buffer` is for those that are none.
    pub(super) fn text(self, buffer: &'a mut String) -> &'a str {
        buffer.clear();
        // Writing to a String cannot fail.
        let _ = match self {
            Self::Text(text) => return text,
            Self::Empty => Ok(()),
            Self::Whole(number) => write!(buffer, "{number}"),
            Self::Score(score) => write!(buffer, "{score:.2}"),
            Self::Truth(truth) => write!(buffer, "{truth}"),
        };
        buffer
    }
}
