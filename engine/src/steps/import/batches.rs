//! Records of one source collected into Arrow batches of the layout that all steps share.

use std::sync::Arc;

use datafusion::arrow::{
    array::{
        Array as _, ArrayRef, RecordBatch, StringArray, StringBuilder, UInt32Array, UInt64Builder, new_null_array,
    },
    datatypes::{DataType, Field, Schema, SchemaRef},
};

use super::{
    header::Column,
    keys::Keys,
    rows::{Cells, Row},
    source::OpenSource,
    text::push_typed,
};
use crate::{Engine, Failure, read, table::BATCH_ROWS};

/// A batch ends earlier when its values have this many bytes.
const BATCH_BYTES: usize = 8 * 1024 * 1024;

/// `_record`, `_source`, `_row`, with keys `_record_id`, then the columns of all sources.
pub(super) fn schema(columns: &[String], with_keys: bool) -> SchemaRef {
    let ours = [
        Field::new(read::RECORD, DataType::UInt32, false),
        Field::new(read::SOURCE, DataType::Utf8, false),
        Field::new(read::ROW, DataType::UInt64, false),
    ];
    let ids = with_keys.then(|| Field::new(read::RECORD_ID, DataType::Utf8, true));
    let users = columns.iter().map(|name| Field::new(name, DataType::Utf8, true));
    Arc::new(Schema::new(ours.into_iter().chain(ids).chain(users).collect::<Vec<_>>()))
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
    /// The values of a row in the forms of their types, where some have one.
    typed: Option<Cells>,
    key: Option<Key<'a>>,
}

/// The column that records are known by.
struct Key<'a> {
    column: &'a Column,
    /// Its place among the columns.
    place: usize,
    known: Keys,
    /// "line" or "row".
    word: &'static str,
    ids: StringBuilder,
}

impl<'a> BatchBuilder<'a> {
    pub(super) fn new(schema: SchemaRef, source: &'a OpenSource<'_>, first: u32, engine: &Engine) -> Self {
        let columns = &source.columns;
        let values = columns.iter().map(|_| StringBuilder::new()).collect();
        let (rows, scratch) = (UInt64Builder::new(), String::new());
        let typed = columns.iter().any(|column| column.value_type.is_some()).then(Cells::default);
        let key = source.key.map(|place| Key {
            column: &columns[place],
            place,
            known: Keys::new(engine),
            word: source.facts.place_word(),
            ids: StringBuilder::new(),
        });
        let source = &source.config.name;
        Self { schema, source, columns, values, rows, bytes: 0, first, scratch, any_value: false, typed, key }
    }

    /// Appends the values of a row that has all fields of the header; a row that is not to be taken is given back as the
    /// reason.
    ///
    /// # Errors
    /// When an earlier record has its key.
    pub(super) fn push(&mut self, row: &Row<'_>) -> Result<Result<(), String>, Failure> {
        if let Some(typed) = &mut self.typed
            && let Err(reason) = convert(row, self.columns, typed, &mut self.scratch)
        {
            return Ok(Err(reason));
        }
        let typed = self.typed.as_ref();
        if let Some(key) = &mut self.key {
            let value = match typed {
                Some(typed) => typed.value(key.place),
                None => row.value(key.column.field, &mut self.scratch),
            };
            if value.is_empty() {
                return Ok(Err(format!("its key, the value of “{}”, is empty", key.column.name)));
            }
            if let Some(before) = key.known.add(value, row.place())? {
                return Err(Failure::Input(format!(
                    "the key column “{}” has “{value}” twice, in {}s {before} and {}; a key belongs to one record",
                    key.column.name,
                    key.word,
                    row.place()
                )));
            }
            key.ids.append_value(format!("{}/{value}", self.source));
        }
        for (place, (column, values)) in self.columns.iter().zip(&mut self.values).enumerate() {
            let value = match typed {
                Some(typed) => typed.value(place),
                None => row.value(column.field, &mut self.scratch),
            };
            match value {
                "" => values.append_null(),
                value => {
                    self.any_value = true;
                    values.append_value(value);
                }
            }
        }
        self.rows.append_value(row.place());
        self.bytes += row.bytes();
        Ok(Ok(()))
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
        match &mut self.key {
            Some(key) => columns.push(Arc::new(key.ids.finish())),
            // Another source has a key.
            None if self.schema.column_with_name(read::RECORD_ID).is_some() => {
                columns.push(new_null_array(&DataType::Utf8, count));
            }
            None => {}
        }
        for field in self.schema.fields().iter().skip(columns.len()) {
            let place = self.columns.iter().position(|column| column.name == *field.name());
            columns.push(match place {
                Some(place) => Arc::new(finish(&mut self.values[place])),
                None => new_null_array(&DataType::Utf8, count),
            });
        }
        self.first = next;
        self.bytes = 0;
        Ok(RecordBatch::try_new(Arc::clone(&self.schema), columns)?)
    }
}

/// The values so far; the next ones find room for as many.
fn finish(values: &mut StringBuilder) -> StringArray {
    let finished = values.finish();
    *values = StringBuilder::with_capacity(finished.len(), finished.value_data().len());
    finished
}

/// The row's values in the forms of their columns' types, or why one of them has none.
fn convert(row: &Row<'_>, columns: &[Column], typed: &mut Cells, scratch: &mut String) -> Result<(), String> {
    typed.begin(row.place());
    for column in columns {
        let value = row.value(column.field, scratch);
        match column.value_type {
            None => typed.push(value),
            Some(value_type) => {
                typed.push_with(|into| if push_typed(value, value_type, into) { Ok(()) } else { Err(()) }).map_err(
                    |()| {
                        format!(
                            "the value of “{}” is “{}” and no {}",
                            column.name,
                            shortened(value),
                            value_type.words()
                        )
                    },
                )?;
            }
        }
    }
    Ok(())
}

fn shortened(value: &str) -> String {
    const CHARS_MAX: usize = 40;
    match value.char_indices().nth(CHARS_MAX) {
        Some((end, _)) => format!("{}…", &value[..end]),
        None => value.to_owned(),
    }
}
