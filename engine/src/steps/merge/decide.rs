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
    execution::memory_pool::MemoryReservation,
    logical_expr::{JoinType, cast, ident},
};
use futures::StreamExt;
use model::config::MergeConfig;

use super::{
    group,
    lineage::LineageWriter,
    rules::{Flags, Member, Rules},
};
use crate::{
    Failure, ReviewFlags, StepContext,
    read::{self, GROUP, MASTER, NOT_DUPLICATE, RECORD, RECORD_ID, SCORE, SELECTED, SOURCE},
    table::{self, BATCH_ROWS, TableWriter},
};

/// `_record`, `_group`, `_score`, `_master`, `_record_id`, the flags, then the columns that rules may overwrite. Records
/// that left their group have none, and no score.
pub(super) fn schema(overwritten: &[String]) -> SchemaRef {
    let ours = [
        Field::new(RECORD, DataType::UInt32, false),
        Field::new(GROUP, DataType::UInt32, true),
        Field::new(SCORE, DataType::Float32, true),
        Field::new(MASTER, DataType::Boolean, false),
        Field::new(RECORD_ID, DataType::Utf8, false),
        Field::new(SELECTED, DataType::Boolean, false),
        Field::new(NOT_DUPLICATE, DataType::Boolean, false),
    ];
    let users = overwritten.iter().map(|name| Field::new(name, DataType::Utf8, true));
    Arc::new(Schema::new(ours.into_iter().chain(users).collect::<Vec<_>>()))
}

/// The grouped records with the columns that rules read, by group, then in load order.
pub(super) fn plan(records: DataFrame, groups: DataFrame, columns: &[String]) -> Result<DataFrame, Failure> {
    let mut wanted = vec![ident(RECORD), ident(SOURCE)];
    wanted.extend(columns.iter().map(|name| cast(ident(name.as_str()), DataType::Utf8).alias(name.as_str())));
    let records = records.select(wanted)?;
    let groups = groups.select(vec![ident(RECORD).alias("__record"), ident(GROUP), ident(SCORE), ident(RECORD_ID)])?;
    let joined = groups.join(records, JoinType::Inner, &["__record"], &[RECORD], None)?;
    Ok(joined.sort(vec![ident(GROUP).sort(true, false), ident(RECORD).sort(true, false)])?)
}

/// What the groups came to.
#[derive(Debug, Default)]
pub(super) struct Counts {
    pub(super) groups: u64,
    /// Records that a person said are no duplicates.
    pub(super) not_duplicates: u64,
}

/// Decides each of the groups that hold `grouped` records, and writes the decisions to `path`.
pub(super) async fn decide(
    plan: DataFrame,
    (config, rules): (&MergeConfig, &Rules<'_>),
    review: &ReviewFlags,
    path: &Path,
    context: &StepContext<'_>,
    grouped: u64,
) -> Result<Counts, Failure> {
    let mut stream = table::ahead(plan.execute_stream().await?);
    let mut decisions = Decisions {
        writer: TableWriter::create(path, schema(rules.overwritten()), context.engine())?,
        lineage: LineageWriter::create(context)?,
        account: context.engine().reserve("merge: the group that is decided"),
        config,
        rules,
        review,
        members: Vec::new(),
        group: None,
        counts: Counts::default(),
        buffer: Buffer::new(rules.overwritten().len()),
    };
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
    lineage: LineageWriter,
    account: MemoryReservation,
    config: &'a MergeConfig,
    rules: &'a Rules<'a>,
    review: &'a ReviewFlags,
    /// Of the group that is being collected.
    members: Vec<Member>,
    group: Option<u32>,
    counts: Counts,
    buffer: Buffer,
}

impl Decisions<'_> {
    fn take(&mut self, batch: &RecordBatch) -> Result<(), Failure> {
        let records = read::column::<UInt32Array>(batch, RECORD)?;
        let groups = read::column::<UInt32Array>(batch, GROUP)?;
        let scores = read::column::<Float32Array>(batch, SCORE)?;
        let (sources, ids): (&StringArray, &StringArray) =
            (read::column(batch, SOURCE)?, read::column(batch, RECORD_ID)?);
        let columns = self.rules.columns().iter();
        let values: Vec<&StringArray> = columns.map(|name| read::column(batch, name)).collect::<Result<_, _>>()?;
        for row in 0..batch.num_rows() {
            if self.group != Some(groups.value(row)) {
                self.settle()?;
                self.group = Some(groups.value(row));
            }
            self.members.push(Member {
                record: records.value(row),
                id: ids.value(row).to_owned(),
                source: sources.value(row).to_owned(),
                score: scores.value(row),
                flags: Flags::of(ids.value(row), self.review),
                values: values
                    .iter()
                    .map(|column| column.is_valid(row).then(|| column.value(row).to_owned()))
                    .collect(),
            });
        }
        // Overwriting keeps a copy of the group.
        let held: usize = self.members.iter().map(Member::bytes).sum();
        Ok(self.account.try_resize(2 * held)?)
    }

    /// The group is complete: decide it.
    fn settle(&mut self) -> Result<(), Failure> {
        let Some(group) = self.group.take() else { return Ok(()) };
        let decided = group::decide(std::mem::take(&mut self.members), self.rules);
        self.lineage.push(group, &decided, self.rules, self.config)?;
        for (place, member) in decided.together.iter().enumerate() {
            let is_master = decided.master.is_some_and(|master| master.place == place);
            self.buffer.push(Some(group), member, is_master);
        }
        for member in &decided.apart {
            self.buffer.push(None, member, false);
            self.counts.not_duplicates += u64::from(member.flags.not_duplicate);
        }
        self.counts.groups += u64::from(decided.master.is_some());
        if self.buffer.records.len() >= BATCH_ROWS { self.flush() } else { Ok(()) }
    }

    fn flush(&mut self) -> Result<(), Failure> {
        let batch = RecordBatch::try_new(schema(self.rules.overwritten()), self.buffer.finish())?;
        self.writer.write(&batch)
    }

    fn finish(mut self) -> Result<Counts, Failure> {
        self.settle()?;
        self.flush()?;
        self.writer.finish()?;
        self.lineage.finish()?;
        Ok(self.counts)
    }
}

/// Decisions on their way into a batch.
#[derive(Default)]
struct Buffer {
    records: Vec<u32>,
    groups: UInt32Builder,
    scores: Float32Builder,
    masters: BooleanBuilder,
    ids: StringBuilder,
    selected: BooleanBuilder,
    not_duplicates: BooleanBuilder,
    values: Vec<StringBuilder>,
}

impl Buffer {
    fn new(overwritten: usize) -> Self {
        Self { values: (0..overwritten).map(|_| StringBuilder::new()).collect(), ..Self::default() }
    }

    fn push(&mut self, group: Option<u32>, member: &Member, master: bool) {
        self.records.push(member.record);
        self.groups.append_option(group);
        self.scores.append_option(group.map(|_| member.score));
        self.masters.append_value(master);
        self.ids.append_value(&member.id);
        self.selected.append_value(member.flags.selected);
        self.not_duplicates.append_value(member.flags.not_duplicate);
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
            Arc::new(self.ids.finish()),
            Arc::new(self.selected.finish()),
            Arc::new(self.not_duplicates.finish()),
        ];
        columns.extend(self.values.iter_mut().map(|values| Arc::new(values.finish()) as ArrayRef));
        columns
    }
}
