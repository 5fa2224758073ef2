//! The second half of Merge: all records once more, in load order, with the decisions put into them.

use std::{path::Path, sync::Arc};

use datafusion::{
    arrow::{
        array::{
            Array, ArrayRef, BooleanArray, BooleanBuilder, Float32Array, Float32Builder, RecordBatch, StringArray,
            StringBuilder, UInt32Array, UInt32Builder,
        },
        datatypes::{DataType, Field, Schema, SchemaRef},
    },
    physical_plan::SendableRecordBatchStream,
};
use futures::StreamExt;

use crate::{
    Failure, StepContext,
    read::{self, GROUP, MASTER, RECORD, SCORE},
    table::{self, TableWriter},
};

/// Decisions in the order of `_record`, taken one by one.
struct Decisions<'a> {
    stream: SendableRecordBatchStream,
    context: &'a StepContext<'a>,
    batch: Option<RecordBatch>,
    row: usize,
}

impl Decisions<'_> {
    /// The batch and row of the next decision, if it is about a record before `end`.
    async fn before(&mut self, end: u64) -> Result<Option<(&RecordBatch, usize)>, Failure> {
        while self.batch.as_ref().is_none_or(|batch| self.row >= batch.num_rows()) {
            match self.context.unless_cancelled(self.stream.next()).await? {
                None => return Ok(None),
                Some(batch) => (self.batch, self.row) = (Some(batch?), 0),
            }
        }
        let Some(batch) = &self.batch else { return Ok(None) };
        let record = read::column::<UInt32Array>(batch, RECORD)?.value(self.row);
        Ok((u64::from(record) < end).then_some((batch, self.row)))
    }
}

/// What became of the records.
pub(super) struct Applied {
    pub(super) records: u64,
    pub(super) grouped: u64,
    pub(super) values_overwritten: u64,
}

/// Writes all records of `records`, with `decisions` (sorted by record) applied, to the step's `records.parquet`.
pub(super) async fn apply(
    records: &Path,
    decisions: SendableRecordBatchStream,
    columns: &[String],
    context: &StepContext<'_>,
) -> Result<Applied, Failure> {
    let (input, rows) = table::describe(records)?;
    let schema = output_schema(&input);
    let mut writer = TableWriter::create(&context.file("records.parquet"), Arc::clone(&schema), context.engine())?;
    let mut decisions = Decisions { stream: decisions, context, batch: None, row: 0 };
    let mut applied = Applied { records: 0, grouped: 0, values_overwritten: 0 };
    for batch in table::scan(records, None)? {
        let batch = batch?;
        let merged = merge(&batch, &mut decisions, columns, &schema, &mut applied).await?;
        tokio::task::block_in_place(|| writer.write(&merged))?;
        applied.records += batch.num_rows() as u64;
        let fraction = 0.5 + 0.5 * applied.records as f64 / rows.max(1) as f64;
        context.advanced(Some(fraction), applied.records, "writing golden records");
        context.checkpoint()?;
    }
    if decisions.before(u64::MAX).await?.is_some() {
        return Err(Failure::Internal("Match grouped records that are not there".to_owned()));
    }
    tokio::task::block_in_place(|| writer.finish())?;
    Ok(applied)
}

fn output_schema(input: &SchemaRef) -> SchemaRef {
    let ours = [
        Field::new(GROUP, DataType::UInt32, true),
        Field::new(MASTER, DataType::Boolean, false),
        Field::new(SCORE, DataType::Float32, true),
    ];
    let fields = input.fields().iter().map(|field| field.as_ref().clone()).chain(ours);
    Arc::new(Schema::new(fields.collect::<Vec<_>>()))
}

/// One batch with its decisions.
async fn merge(
    batch: &RecordBatch,
    decisions: &mut Decisions<'_>,
    columns: &[String],
    schema: &SchemaRef,
    applied: &mut Applied,
) -> Result<RecordBatch, Failure> {
    let records = read::column::<UInt32Array>(batch, RECORD)?;
    let before: Vec<&StringArray> = columns.iter().map(|name| read::column(batch, name)).collect::<Result<_, _>>()?;
    let mut after: Vec<StringBuilder> = columns.iter().map(|_| StringBuilder::new()).collect();
    let (mut groups, mut masters, mut scores) = (UInt32Builder::new(), BooleanBuilder::new(), Float32Builder::new());
    for row in 0..batch.num_rows() {
        // Decisions and records are in the same order, so the next decision is about this record or a later one.
        match decisions.before(u64::from(records.value(row)) + 1).await? {
            None => {
                groups.append_null();
                masters.append_value(false);
                scores.append_null();
                for (old, new) in before.iter().zip(&mut after) {
                    new.append_option(old.is_valid(row).then(|| old.value(row)));
                }
            }
            Some((decision, place)) => {
                groups.append_value(read::column::<UInt32Array>(decision, GROUP)?.value(place));
                masters.append_value(read::column::<BooleanArray>(decision, MASTER)?.value(place));
                scores.append_value(read::column::<Float32Array>(decision, SCORE)?.value(place));
                for ((name, old), new) in columns.iter().zip(&before).zip(&mut after) {
                    let decided = read::column::<StringArray>(decision, name)?;
                    let value = decided.is_valid(place).then(|| decided.value(place));
                    let old = old.is_valid(row).then(|| old.value(row));
                    applied.values_overwritten += u64::from(old != value);
                    new.append_option(value);
                }
                applied.grouped += 1;
                decisions.row += 1;
            }
        }
    }
    let mut merged: Vec<ArrayRef> = batch.columns().to_vec();
    for (name, values) in columns.iter().zip(&mut after) {
        let place = batch.schema_ref().index_of(name)?;
        merged[place] = Arc::new(values.finish());
    }
    merged.push(Arc::new(groups.finish()));
    merged.push(Arc::new(masters.finish()));
    merged.push(Arc::new(scores.finish()));
    Ok(RecordBatch::try_new(Arc::clone(schema), merged)?)
}
