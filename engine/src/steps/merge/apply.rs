//! The second half of Merge: all records once more, in load order, with the decisions put into them.

use std::{path::Path, sync::Arc};

use datafusion::arrow::{
    array::{
        Array, ArrayRef, BooleanBuilder, Float32Builder, RecordBatch, StringArray, StringBuilder, UInt32Array,
        UInt32Builder,
    },
    compute::cast,
    datatypes::{DataType, Field, Schema, SchemaRef},
};

use super::{changes::WrittenChanges, decide::Decisions, rules::Flags};
use crate::{
    Failure, ReviewFlags, StepContext,
    read::{self, GROUP, MASTER, NOT_DUPLICATE, RECORD, RECORD_ID, SCORE, SELECTED},
    table::{self, TableWriter},
};

/// What became of the records.
pub(super) struct Applied {
    pub(super) records: u64,
    pub(super) grouped: u64,
    pub(super) values_overwritten: u64,
}

/// Writes all records of `records`, with `decisions` applied, to the step's `records.parquet`.
pub(super) fn apply(
    records: &Path,
    decisions: &Decisions,
    columns: &[String],
    review: &ReviewFlags,
    context: &StepContext<'_>,
) -> Result<Applied, Failure> {
    let (input, rows) = table::describe(records)?;
    let schema = output_schema(&input);
    let mut writer = TableWriter::create(&context.file("records.parquet"), Arc::clone(&schema), context.engine())?;
    let changes = decisions.changes.iter().map(|file| WrittenChanges::open(file));
    let mut upcoming = Upcoming { decisions, next: 0, changes: changes.collect::<Result<_, _>>()? };
    let mut applied = Applied { records: 0, grouped: 0, values_overwritten: 0 };
    for batch in table::scan_ahead(records, None)? {
        let batch = batch?;
        let merged = merge(&batch, &mut upcoming, (columns, review), &schema, &mut applied)?;
        writer.write(&merged)?;
        applied.records += batch.num_rows() as u64;
        let fraction = 0.5 + 0.5 * applied.records as f64 / rows.max(1) as f64;
        context.advanced(Some(fraction), applied.records, "writing golden records");
        context.checkpoint()?;
    }
    writer.finish()?;
    Ok(applied)
}

/// Decisions, taken in load order.
struct Upcoming<'a> {
    decisions: &'a Decisions,
    /// The next of the grouped records.
    next: usize,
    /// Of each share of the groups.
    changes: Vec<WrittenChanges>,
}

impl Upcoming<'_> {
    /// Which of the grouped records this is, if it is one. Records are asked for in load order.
    fn number(&mut self, record: u32) -> Option<usize> {
        let number = self.next;
        let is_grouped = self.decisions.grouped.records.get(number) == Some(&record);
        self.next += usize::from(is_grouped);
        is_grouped.then_some(number)
    }

    /// The values of a grouped record, by column, if rules changed one.
    fn changed(&mut self, record: u32) -> Result<Option<Vec<Option<&str>>>, Failure> {
        for changes in &mut self.changes {
            if changes.is_next(record)? {
                return Ok(changes.take());
            }
        }
        Ok(None)
    }
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
    fn grouped(&mut self, number: usize, decisions: &Decisions) {
        let (outcome, grouped) = (decisions.outcomes[number], &decisions.grouped);
        self.groups.append_option(outcome.stays.then_some(grouped.groups[number]));
        self.masters.append_value(outcome.is_master);
        self.scores.append_option(outcome.stays.then_some(grouped.scores[number]));
        self.ids.append_value(grouped.ids.get(number));
        self.selected.append_value(outcome.flags.selected);
        self.not_duplicates.append_value(outcome.flags.not_duplicate);
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
    upcoming: &mut Upcoming<'_>,
    (columns, review): (&[String], &ReviewFlags),
    schema: &SchemaRef,
    applied: &mut Applied,
) -> Result<RecordBatch, Failure> {
    let records = read::column::<UInt32Array>(batch, RECORD)?;
    let places: Vec<usize> = columns.iter().map(|name| batch.schema_ref().index_of(name)).collect::<Result<_, _>>()?;
    let before: Vec<StringArray> =
        places.iter().map(|place| read::texts(batch.column(*place))).collect::<Result<_, Failure>>()?;
    let known: Option<&StringArray> =
        batch.column_by_name(RECORD_ID).map(|_| read::column(batch, RECORD_ID)).transpose()?;
    let mut after: Vec<StringBuilder> = before.iter().map(|_| StringBuilder::new()).collect();
    let mut ours = Ours::default();
    for (row, &record) in records.values().iter().enumerate() {
        let old = before.iter().map(|old| old.is_valid(row).then(|| old.value(row)));
        let changed = match upcoming.number(record) {
            None => {
                let known = known.filter(|known| known.is_valid(row)).map(|known| known.value(row));
                ours.alone(known.map(|id| Flags::of(id, review)).unwrap_or_default());
                None
            }
            Some(number) => {
                ours.grouped(number, upcoming.decisions);
                applied.grouped += u64::from(upcoming.decisions.outcomes[number].stays);
                upcoming.changed(record)?
            }
        };
        match changed {
            None => after.iter_mut().zip(old).for_each(|(after, old)| after.append_option(old)),
            Some(values) => {
                for ((after, value), old) in after.iter_mut().zip(values).zip(old) {
                    applied.values_overwritten += u64::from(old != value);
                    after.append_option(value);
                }
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
