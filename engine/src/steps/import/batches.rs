//! Records of one source collected into Arrow batches of the layout that all steps share.

use std::sync::Arc;

use datafusion::arrow::{
    array::{ArrayRef, RecordBatch, StringArray, StringBuilder, UInt32Array, UInt64Builder, new_null_array},
    datatypes::{DataType, Field, Schema, SchemaRef},
};

use super::{records::Record, source::Column};
use crate::{Failure, read, table::BATCH_ROWS};

/// A batch ends earlier when its values have this many bytes.
const BATCH_BYTES: usize = 8 * 1024 * 1024;

/// `_record`, `_source`, `_row`, then the columns of all sources.
pub(super) fn schema(columns: &[String]) -> SchemaRef {
    let ours = [
        Field::new(read::RECORD, DataType::UInt32, false),
        Field::new(read::SOURCE, DataType::Utf8, false),
        Field::new(read::ROW, DataType::UInt64, false),
    ];
    let users = columns.iter().map(|name| Field::new(name, DataType::Utf8, true));
    Arc::new(Schema::new(ours.into_iter().chain(users).collect::<Vec<_>>()))
}

/// The batch of one source that is being filled.
pub(super) struct BatchBuilder<'a> {
    schema: SchemaRef,
    source: &'a str,
    columns: &'a [Column],
    values: Vec<StringBuilder>,
    rows: UInt64Builder,
    bytes: usize,
    /// `_record` of the first row.
    first: u32,
    scratch: String,
    any_value: bool,
}

impl<'a> BatchBuilder<'a> {
    pub(super) fn new(schema: SchemaRef, source: &'a str, columns: &'a [Column], first: u32) -> Self {
        let values = columns.iter().map(|_| StringBuilder::new()).collect();
        let (rows, scratch) = (UInt64Builder::new(), String::new());
        Self { schema, source, columns, values, rows, bytes: 0, first, scratch, any_value: false }
    }

    /// Appends the values of a record that has all fields of the header.
    pub(super) fn push(&mut self, record: &Record<'_>) {
        for (column, values) in self.columns.iter().zip(&mut self.values) {
            match record.value(column.field, &mut self.scratch) {
                "" => values.append_null(),
                value => {
                    self.any_value = true;
                    values.append_value(value);
                }
            }
        }
        self.rows.append_value(record.line);
        self.bytes += record.text.len();
    }

    pub(super) fn is_full(&self) -> bool {
        self.len() >= BATCH_ROWS || self.bytes >= BATCH_BYTES
    }

    pub(super) fn len(&self) -> usize {
        use datafusion::arrow::array::ArrayBuilder;
        self.rows.len()
    }

    /// Whether any value was not empty, over all batches.
    pub(super) fn any_value(&self) -> bool {
        self.any_value
    }

    /// The batch so far; the next one begins.
    pub(super) fn finish(&mut self) -> Result<RecordBatch, Failure> {
        let rows = self.rows.finish();
        let count = rows.len();
        let next = self.first + u32::try_from(count).expect("a batch is small");
        let records = UInt32Array::from_iter_values(self.first..next);
        let sources = StringArray::from_iter_values(std::iter::repeat_n(self.source, count));
        let mut columns: Vec<ArrayRef> = vec![Arc::new(records), Arc::new(sources), Arc::new(rows)];
        for field in self.schema.fields().iter().skip(columns.len()) {
            let place = self.columns.iter().position(|column| column.name == *field.name());
            columns.push(match place {
                Some(place) => Arc::new(self.values[place].finish()),
                None => new_null_array(&DataType::Utf8, count),
            });
        }
        self.first = next;
        self.bytes = 0;
        Ok(RecordBatch::try_new(Arc::clone(&self.schema), columns)?)
    }
}
