//! The second half of Merge: all records once more, in load order, with the decisions put into them.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

use datafusion::arrow::{
    array::{
        Array, ArrayRef, AsArray, BooleanArray, BooleanBuilder, Float32Array, Float32Builder, RecordBatch, StringArray,
        StringBuilder, UInt32Array, UInt32Builder,
    },
    compute::cast,
    datatypes::{DataType, Field, Schema, SchemaRef},
};

use super::rules::Flags;
use crate::{
    Failure, ReviewFlags, StepContext,
    read::{self, GROUP, MASTER, NOT_DUPLICATE, RECORD, RECORD_ID, SCORE, SELECTED},
    table::{self, ScanAhead, TableWriter},
};

/// Decisions in the order of `_record`, taken one by one.
struct Decisions<'a> {
    /// One for each share of the groups, each in that order.
    files: Vec<DecisionFile>,
    /// The columns that rules may overwrite.
    columns: &'a [String],
}

struct DecisionFile {
    batches: ScanAhead,
    batch: Option<Batch>,
    row: usize,
}

/// Some decisions, their columns found once.
struct Batch {
    records: UInt32Array,
    groups: UInt32Array,
    scores: Float32Array,
    masters: BooleanArray,
    ids: StringArray,
    selected: BooleanArray,
    not_duplicates: BooleanArray,
    values: Vec<StringArray>,
}

impl Batch {
    fn new(batch: &RecordBatch, columns: &[String]) -> Result<Self, Failure> {
        let values = columns.iter().map(|name| read::column::<StringArray>(batch, name).cloned());
        Ok(Self {
            records: read::column::<UInt32Array>(batch, RECORD)?.clone(),
            groups: read::column::<UInt32Array>(batch, GROUP)?.clone(),
            scores: read::column::<Float32Array>(batch, SCORE)?.clone(),
            masters: read::column::<BooleanArray>(batch, MASTER)?.clone(),
            ids: read::column::<StringArray>(batch, RECORD_ID)?.clone(),
            selected: read::column::<BooleanArray>(batch, SELECTED)?.clone(),
            not_duplicates: read::column::<BooleanArray>(batch, NOT_DUPLICATE)?.clone(),
            values: values.collect::<Result<_, _>>()?,
        })
    }
}

impl DecisionFile {
    /// The record of the next decision.
    fn next(&mut self, columns: &[String]) -> Result<Option<u32>, Failure> {
        while self.batch.as_ref().is_none_or(|batch| self.row >= batch.records.len()) {
            match self.batches.next() {
                None => return Ok(None),
                Some(batch) => (self.batch, self.row) = (Some(Batch::new(&batch?, columns)?), 0),
            }
        }
        Ok(self.batch.as_ref().map(|batch| batch.records.value(self.row)))
    }
}

impl Decisions<'_> {
    /// Takes the decision about a record, if there is one. Records are asked for in their order.
    fn take(&mut self, record: u32) -> Result<Option<(&Batch, usize)>, Failure> {
        for place in 0..self.files.len() {
            if self.files[place].next(self.columns)? == Some(record) {
                let file = &mut self.files[place];
                file.row += 1;
                return Ok(file.batch.as_ref().map(|batch| (batch, file.row - 1)));
            }
        }
        Ok(None)
    }

    fn are_left(&mut self) -> Result<bool, Failure> {
        for file in &mut self.files {
            if file.next(self.columns)?.is_some() {
                return Ok(true);
            }
        }
        Ok(false)
    }
}

/// What became of the records.
pub(super) struct Applied {
    pub(super) records: u64,
    pub(super) grouped: u64,
    pub(super) values_overwritten: u64,
}

/// Writes all records of `records`, with `decisions` (files that are each in load order) applied, to the step's
/// `records.parquet`.
pub(super) fn apply(
    records: &Path,
    decisions: &[PathBuf],
    columns: &[String],
    review: &ReviewFlags,
    context: &StepContext<'_>,
) -> Result<Applied, Failure> {
    let (input, rows) = table::describe(records)?;
    let schema = output_schema(&input);
    let mut writer = TableWriter::create(&context.file("records.parquet"), Arc::clone(&schema), context.engine())?;
    let open = |file: &PathBuf| Ok(DecisionFile { batches: table::scan_ahead(file, None)?, batch: None, row: 0 });
    let mut decisions = Decisions { files: decisions.iter().map(open).collect::<Result<_, Failure>>()?, columns };
    let mut applied = Applied { records: 0, grouped: 0, values_overwritten: 0 };
    for batch in table::scan_ahead(records, None)? {
        let batch = batch?;
        let merged = merge(&batch, &mut decisions, review, &schema, &mut applied)?;
        writer.write(&merged)?;
        applied.records += batch.num_rows() as u64;
        let fraction = 0.5 + 0.5 * applied.records as f64 / rows.max(1) as f64;
        context.advanced(Some(fraction), applied.records, "writing golden records");
        context.checkpoint()?;
    }
    if decisions.are_left()? {
        return Err(Failure::Internal("Match grouped records that are not there".to_owned()));
    }
    writer.finish()?;
    Ok(applied)
}

/// The records' own columns, then group, master and score, what they are known by unless they bring it, and their flags.
fn output_schema(input: &SchemaRef) -> SchemaRef {
    let mut fields: Vec<Field> = input.fields().iter().map(|field| field.as_ref().clone()).collect();
    fields.extend([
        Field::new(GROUP, DataType::UInt32, true),
        Field::new(MASTER, DataType::Boolean, false),
        Field::new(SCORE, DataType::Float32, true),
    ]);
    if input.column_with_name(RECORD_ID).is_none() {
        fields.push(Field::new(RECORD_ID, DataType::Utf8, true));
    }
    fields
        .extend([Field::new(SELECTED, DataType::Boolean, false), Field::new(NOT_DUPLICATE, DataType::Boolean, false)]);
    Arc::new(Schema::new(fields))
}

/// What records have beside their own columns.
#[derive(Default)]
struct Ours {
    groups: UInt32Builder,
    masters: BooleanBuilder,
    scores: Float32Builder,
    ids: StringBuilder,
    selected: BooleanBuilder,
    not_duplicates: BooleanBuilder,
}

impl Ours {
    fn decided(&mut self, batch: &Batch, row: usize) {
        self.groups.append_option(batch.groups.is_valid(row).then(|| batch.groups.value(row)));
        self.masters.append_value(batch.masters.value(row));
        self.scores.append_option(batch.scores.is_valid(row).then(|| batch.scores.value(row)));
        self.ids.append_value(batch.ids.value(row));
        self.selected.append_value(batch.selected.value(row));
        self.not_duplicates.append_value(batch.not_duplicates.value(row));
    }

    /// A record that matched no other.
    fn alone(&mut self, flags: Flags) {
        self.groups.append_null();
        self.masters.append_value(false);
        self.scores.append_null();
        self.ids.append_null();
        self.selected.append_value(flags.selected);
        self.not_duplicates.append_value(flags.not_duplicate);
    }
}

/// One batch with its decisions.
fn merge(
    batch: &RecordBatch,
    decisions: &mut Decisions<'_>,
    review: &ReviewFlags,
    schema: &SchemaRef,
    applied: &mut Applied,
) -> Result<RecordBatch, Failure> {
    let records = read::column::<UInt32Array>(batch, RECORD)?;
    let columns = decisions.columns;
    let places: Vec<usize> = columns.iter().map(|name| batch.schema_ref().index_of(name)).collect::<Result<_, _>>()?;
    let before: Vec<StringArray> = places
        .iter()
        .map(|place| Ok(cast(batch.column(*place), &DataType::Utf8)?.as_string::<i32>().clone()))
        .collect::<Result<_, Failure>>()?;
    let known: Option<&StringArray> =
        batch.column_by_name(RECORD_ID).map(|_| read::column(batch, RECORD_ID)).transpose()?;
    let mut after: Vec<StringBuilder> = before.iter().map(|_| StringBuilder::new()).collect();
    let mut ours = Ours::default();
    for row in 0..batch.num_rows() {
        match decisions.take(records.value(row))? {
            None => {
                let known = known.filter(|known| known.is_valid(row)).map(|known| known.value(row));
                ours.alone(known.map(|id| Flags::of(id, review)).unwrap_or_default());
                for (old, new) in before.iter().zip(&mut after) {
                    new.append_option(old.is_valid(row).then(|| old.value(row)));
                }
            }
            Some((decision, place)) => {
                ours.decided(decision, place);
                for ((decided, old), new) in decision.values.iter().zip(&before).zip(&mut after) {
                    let value = decided.is_valid(place).then(|| decided.value(place));
                    let old = old.is_valid(row).then(|| old.value(row));
                    applied.values_overwritten += u64::from(old != value);
                    new.append_option(value);
                }
                applied.grouped += u64::from(decision.groups.is_valid(place));
            }
        }
    }
    let mut merged: Vec<ArrayRef> = batch.columns().to_vec();
    for (place, values) in places.into_iter().zip(&mut after) {
        let values: ArrayRef = Arc::new(values.finish());
        merged[place] = cast(&values, batch.schema_ref().field(place).data_type())?;
    }
    merged.push(Arc::new(ours.groups.finish()));
    merged.push(Arc::new(ours.masters.finish()));
    merged.push(Arc::new(ours.scores.finish()));
    if known.is_none() {
        merged.push(Arc::new(ours.ids.finish()));
    }
    merged.push(Arc::new(ours.selected.finish()));
    merged.push(Arc::new(ours.not_duplicates.finish()));
    Ok(RecordBatch::try_new(Arc::clone(schema), merged)?)
}
