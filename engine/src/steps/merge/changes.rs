//! Values that rules changed, from where groups are decided to where all records are written.

use std::{path::Path, sync::Arc};

use datafusion::arrow::{
    array::{Array, ArrayRef, RecordBatch, StringArray, UInt32Array},
    datatypes::{DataType, Field, Schema, SchemaRef},
};

use super::{held::Values, rules::Member};
use crate::{
    Failure, StepContext,
    read::{self, RECORD},
    table::{self, BATCH_ROWS, ScanAhead, TableWriter},
};

/// Records of which rules changed a value, with their values of all columns that rules may overwrite.
pub(super) struct Changes {
    records: Vec<u32>,
    overwritten: usize,
    values: Values,
}

impl Changes {
    /// Rules may overwrite the first so many columns of members.
    pub(super) fn new(overwritten: usize) -> Self {
        Self { records: Vec::new(), overwritten, values: Values::of_columns(overwritten) }
    }

    pub(super) fn push(&mut self, member: &Member<'_>) {
        self.records.push(member.record);
        self.values.push(member.values[..self.overwritten].iter().map(Option::as_deref));
    }

    pub(super) fn append(&mut self, other: &Self) {
        self.records.extend_from_slice(&other.records);
        self.values.append(&other.values);
    }

    pub(super) fn bytes(&self) -> usize {
        self.records.capacity() * size_of::<u32>() + self.values.bytes()
    }

    /// Writes them in load order.
    pub(super) fn write(&self, path: &Path, columns: &[String], context: &StepContext<'_>) -> Result<(), Failure> {
        let schema = schema(columns);
        let mut writer = TableWriter::scratch(path, Arc::clone(&schema), context.engine())?;
        let mut order: Vec<usize> = (0..self.records.len()).collect();
        order.sort_unstable_by_key(|place| self.records[*place]);
        for places in order.chunks(BATCH_ROWS) {
            context.checkpoint()?;
            let records = UInt32Array::from_iter_values(places.iter().map(|place| self.records[*place]));
            let mut batch: Vec<ArrayRef> = vec![Arc::new(records)];
            for column in 0..columns.len() {
                let values = places.iter().map(|place| self.values.get(*place, column));
                batch.push(Arc::new(values.collect::<StringArray>()));
            }
            writer.write(&RecordBatch::try_new(Arc::clone(&schema), batch)?)?;
        }
        writer.finish()?;
        Ok(())
    }
}

fn schema(columns: &[String]) -> SchemaRef {
    let record = Field::new(RECORD, DataType::UInt32, false);
    let users = columns.iter().map(|name| Field::new(name, DataType::Utf8, true));
    Arc::new(Schema::new([record].into_iter().chain(users).collect::<Vec<_>>()))
}

/// Written changes, taken one by one in load order.
pub(super) struct WrittenChanges {
    batches: ScanAhead,
    batch: Option<ChangedBatch>,
    row: usize,
}

/// Some changes, their columns found once.
struct ChangedBatch {
    records: UInt32Array,
    values: Vec<StringArray>,
}

impl WrittenChanges {
    pub(super) fn open(path: &Path) -> Result<Self, Failure> {
        Ok(Self { batches: table::scan_ahead(path, None)?, batch: None, row: 0 })
    }

    pub(super) fn is_next(&mut self, record: u32) -> Result<bool, Failure> {
        while self.batch.as_ref().is_none_or(|batch| self.row >= batch.records.len()) {
            let Some(batch) = self.batches.next().transpose()? else { return Ok(false) };
            let values = batch.schema_ref().fields()[1..].iter();
            let values = values.map(|field| read::column::<StringArray>(&batch, field.name()).cloned());
            let values = values.collect::<Result<_, _>>()?;
            self.batch = Some(ChangedBatch { records: read::column::<UInt32Array>(&batch, RECORD)?.clone(), values });
            self.row = 0;
        }
        Ok(self.batch.as_ref().is_some_and(|batch| batch.records.value(self.row) == record))
    }

    /// The values of the next record, by column.
    pub(super) fn take(&mut self) -> Option<Vec<Option<&str>>> {
        let row = self.row;
        self.row += 1;
        let values = &self.batch.as_ref()?.values;
        Some(values.iter().map(|values| values.is_valid(row).then(|| values.value(row))).collect())
    }
}
