//! The first half of Merge: groups are brought together and decided one by one.
//!
//! The plan sorts the grouped records by group, on disk if need be; only one group at a time is in memory. Decisions go to
//! a file, in the order of groups.

use std::{path::Path, sync::Arc};

use datafusion::{
    arrow::{
        array::{
            Array, ArrayRef, BooleanBuilder, Float32Array, Float32Builder, RecordBatch, StringArray, StringBuilder,
            UInt32Array, UInt32Builder,
        },
        datatypes::{DataType, Field, Schema, SchemaRef},
    },
    dataframe::DataFrame,
    logical_expr::{JoinType, ident},
    physical_plan::SendableRecordBatchStream,
};
use futures::StreamExt;

use super::rules::{Member, Rules};
use crate::{
    Failure, StepContext,
    read::{self, GROUP, MASTER, RECORD, SCORE, SOURCE},
    table::{BATCH_ROWS, TableWriter},
};

/// `_record`, `_group`, `_score`, `_master`, then the columns that rules may overwrite.
pub(super) fn schema(columns: &[String]) -> SchemaRef {
    let ours = [
        Field::new(RECORD, DataType::UInt32, false),
        Field::new(GROUP, DataType::UInt32, false),
        Field::new(SCORE, DataType::Float32, false),
        Field::new(MASTER, DataType::Boolean, false),
    ];
    let users = columns.iter().map(|name| Field::new(name, DataType::Utf8, true));
    Arc::new(Schema::new(ours.into_iter().chain(users).collect::<Vec<_>>()))
}

/// The grouped records with the columns that rules speak of, by group, then in load order.
pub(super) fn plan(records: DataFrame, groups: DataFrame, columns: &[String]) -> Result<DataFrame, Failure> {
    let mut wanted = vec![ident(RECORD), ident(SOURCE)];
    wanted.extend(columns.iter().map(|name| ident(name.as_str())));
    let records = records.select(wanted)?;
    let groups = groups.select(vec![ident(RECORD).alias("__record"), ident("_group"), ident("_score")])?;
    let joined = groups.join(records, JoinType::Inner, &["__record"], &[RECORD], None)?;
    Ok(joined.sort(vec![ident(GROUP).sort(true, false), ident(RECORD).sort(true, false)])?)
}

/// Decides each group and writes the decisions to `path`. Gives the number of groups.
pub(super) async fn decide(
    plan: DataFrame,
    rules: &Rules<'_>,
    columns: &[String],
    path: &Path,
    context: &StepContext<'_>,
    grouped: u64,
) -> Result<u64, Failure> {
    let mut stream: SendableRecordBatchStream = plan.execute_stream().await?;
    let writer = TableWriter::create(path, schema(columns), context.engine())?;
    let mut decisions =
        Decisions { writer, rules, columns, members: Vec::new(), group: None, groups: 0, buffer: Buffer::new(columns) };
    let mut done = 0;
    while let Some(batch) = context.unless_cancelled(stream.next()).await? {
        let batch = batch?;
        tokio::task::block_in_place(|| decisions.take(&batch))?;
        done += batch.num_rows() as u64;
        context.advanced(Some(0.5 * done as f64 / grouped.max(1) as f64), done, "deciding groups");
        context.checkpoint()?;
    }
    tokio::task::block_in_place(|| decisions.finish())
}

struct Decisions<'a> {
    writer: TableWriter,
    rules: &'a Rules<'a>,
    columns: &'a [String],
    /// Of the group that is being collected.
    members: Vec<Member>,
    group: Option<u32>,
    groups: u64,
    buffer: Buffer,
}

impl Decisions<'_> {
    fn take(&mut self, batch: &RecordBatch) -> Result<(), Failure> {
        let records = read::column::<UInt32Array>(batch, RECORD)?;
        let groups = read::column::<UInt32Array>(batch, GROUP)?;
        let scores = read::column::<Float32Array>(batch, SCORE)?;
        let sources = read::column::<StringArray>(batch, SOURCE)?;
        let values: Vec<&StringArray> =
            self.columns.iter().map(|name| read::column(batch, name)).collect::<Result<_, _>>()?;
        for row in 0..batch.num_rows() {
            if self.group != Some(groups.value(row)) {
                self.settle()?;
                self.group = Some(groups.value(row));
            }
            self.members.push(Member {
                record: records.value(row),
                source: sources.value(row).to_owned(),
                score: scores.value(row),
                values: values
                    .iter()
                    .map(|column| column.is_valid(row).then(|| column.value(row).to_owned()))
                    .collect(),
            });
        }
        Ok(())
    }

    /// The group is complete: decide it.
    fn settle(&mut self) -> Result<(), Failure> {
        let Some(group) = self.group.take() else { return Ok(()) };
        let master = self.rules.master(&self.members);
        self.rules.overwrite(&mut self.members, master);
        for (index, member) in self.members.drain(..).enumerate() {
            self.buffer.push(group, &member, index == master);
        }
        self.groups += 1;
        if self.buffer.records.len() >= BATCH_ROWS {
            self.flush()?
        }
        Ok(())
    }

    fn flush(&mut self) -> Result<(), Failure> {
        let batch = RecordBatch::try_new(schema(self.columns), self.buffer.finish())?;
        self.writer.write(&batch)
    }

    fn finish(mut self) -> Result<u64, Failure> {
        self.settle()?;
        self.flush()?;
        self.writer.finish()?;
        Ok(self.groups)
    }
}

/// Decisions on their way into a batch.
struct Buffer {
    records: Vec<u32>,
    groups: UInt32Builder,
    scores: Float32Builder,
    masters: BooleanBuilder,
    values: Vec<StringBuilder>,
}

impl Buffer {
    fn new(columns: &[String]) -> Self {
        Self {
            records: Vec::new(),
            groups: UInt32Builder::new(),
            scores: Float32Builder::new(),
            masters: BooleanBuilder::new(),
            values: columns.iter().map(|_| StringBuilder::new()).collect(),
        }
    }

    fn push(&mut self, group: u32, member: &Member, master: bool) {
        self.records.push(member.record);
        self.groups.append_value(group);
        self.scores.append_value(member.score);
        self.masters.append_value(master);
        for (builder, value) in self.values.iter_mut().zip(&member.values) {
            builder.append_option(value.as_deref());
        }
    }

    fn finish(&mut self) -> Vec<ArrayRef> {
        let mut columns: Vec<ArrayRef> = vec![
            Arc::new(UInt32Array::from(std::mem::take(&mut self.records))),
            Arc::new(self.groups.finish()),
            Arc::new(self.scores.finish()),
            Arc::new(self.masters.finish()),
        ];
        columns.extend(self.values.iter_mut().map(|values| Arc::new(values.finish()) as ArrayRef));
        columns
    }
}
