//! The first half of Merge: groups are decided one by one.
//!
//! Of as many groups as fit into the memory what rules read is held, in load order, so that no text has to be sorted:
//! only the places of records are. Each such share of the groups gives a file of decisions, in load order.

use std::{
    collections::HashMap,
    path::{Path, PathBuf},
    sync::Arc,
};

use datafusion::arrow::{
    array::{ArrayRef, BooleanBuilder, Float32Builder, RecordBatch, StringBuilder, UInt32Array, UInt32Builder},
    datatypes::{DataType, Field, Schema, SchemaRef},
};
use model::config::MergeConfig;

use super::{
    group,
    held::{Grouped, Held},
    lineage::LineageWriter,
    rules::{Flags, Member, Rules},
};
use crate::{
    Failure, ReviewFlags, StepContext,
    read::{GROUP, MASTER, NOT_DUPLICATE, RECORD, RECORD_ID, SCORE, SELECTED, SOURCE},
    table::{self, BATCH_ROWS, TableWriter},
};

/// Groups that are decided between two looks at the cancel token.
const GROUPS_BETWEEN_CHECKS: usize = 256;
/// Bytes that are held of a record besides its texts, for each column.
const VALUE_BYTES: usize = 9;

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

/// What the groups came to.
#[derive(Debug, Default)]
pub(super) struct Decided {
    /// The decisions of each share of the groups, in load order.
    pub(super) files: Vec<PathBuf>,
    pub(super) groups: u64,
    /// Records that a person said are no duplicates.
    pub(super) not_duplicates: u64,
}

/// Decides each group of `groups` over the records of `records`.
pub(super) fn decide(
    (records, groups): (&Path, &Path),
    (config, rules): (&MergeConfig, &Rules<'_>),
    review: &ReviewFlags,
    context: &StepContext<'_>,
) -> Result<Decided, Failure> {
    let grouped = Grouped::read(groups, context)?;
    let mut lineage = LineageWriter::create(context)?;
    let mut decided = Decided::default();
    for (number, share) in grouped.shares(records_at_once(records, rules, context)?).iter().enumerate() {
        let held = Held::read(records, (&grouped, share), rules.columns(), context)?;
        let mut deciding = Deciding {
            outcomes: vec![Outcome::default(); held.members.len()],
            changed: HashMap::new(),
            grouped: &grouped,
            held,
            rules,
        };
        deciding.groups(&mut decided, &mut lineage, config, review, context)?;
        let file = context.file(&format!("decisions-{number}.parquet"));
        deciding.write(&file, context)?;
        decided.files.push(file);
    }
    lineage.finish()?;
    Ok(decided)
}

/// How many records' values fit into a third of the memory that is left, as far as their mean length tells.
fn records_at_once(records: &Path, rules: &Rules<'_>, context: &StepContext<'_>) -> Result<usize, Failure> {
    let engine = context.engine();
    let free = engine.config().memory_bytes.saturating_sub(engine.memory_used_bytes());
    let wanted = |name: &str| name == SOURCE || rules.columns().iter().any(|column| column == name);
    let texts = table::mean_bytes(&*table::metadata(records)?, wanted);
    let record = texts + (rules.columns().len() + 1) * VALUE_BYTES + size_of::<Outcome>() + size_of::<u32>();
    Ok((free / 3 / record).max(1))
}

/// What became of a record.
#[derive(Clone, Copy, Debug, Default)]
struct Outcome {
    group: Option<u32>,
    is_master: bool,
    flags: Flags,
}

/// The groups of one share.
struct Deciding<'a> {
    grouped: &'a Grouped,
    held: Held,
    rules: &'a Rules<'a>,
    /// By place.
    outcomes: Vec<Outcome>,
    /// Values that rules changed, by place and column.
    changed: HashMap<(u32, usize), Option<String>>,
}

impl Deciding<'_> {
    fn groups(
        &mut self,
        counts: &mut Decided,
        lineage: &mut LineageWriter,
        config: &MergeConfig,
        review: &ReviewFlags,
        context: &StepContext<'_>,
    ) -> Result<(), Failure> {
        let account = context.engine().reserve("merge: values that rules changed");
        let places = self.held.by_group(self.grouped);
        let group_of = |place: &u32| self.grouped.groups[self.held.members[*place as usize] as usize];
        let (mut changed_bytes, mut done) = (0, 0);
        for (number, places) in places.chunk_by(|one, other| group_of(one) == group_of(other)).enumerate() {
            if number.is_multiple_of(GROUPS_BETWEEN_CHECKS) {
                let fraction = 0.5 * done as f64 / self.grouped.records.len().max(1) as f64;
                context.advanced(Some(fraction), done, "deciding groups");
                context.checkpoint()?;
            }
            done += places.len() as u64;
            let group = group_of(&places[0]);
            let members: Vec<Member> =
                places.iter().map(|place| self.held.member(*place, self.grouped, review)).collect();
            // Overwriting keeps a copy of the group.
            account.try_resize(changed_bytes + 2 * members.iter().map(Member::bytes).sum::<usize>())?;
            let decided = group::decide(members, self.rules);
            lineage.push(group, &decided, self.rules, config)?;
            counts.groups += u64::from(decided.master.is_some());
            for (place_in_group, member) in decided.together.into_iter().enumerate() {
                let place = self.place_of(member.record, places);
                let is_master = decided.master.is_some_and(|master| master.place == place_in_group);
                self.outcomes[place as usize] = Outcome { group: Some(group), is_master, flags: member.flags };
                for (column, value) in member.values.into_iter().enumerate().take(self.rules.overwritten().len()) {
                    if self.held.value(place, column) != value.as_deref() {
                        changed_bytes += size_of::<((u32, usize), Option<String>)>() * 2;
                        changed_bytes += value.as_ref().map_or(0, String::len);
                        self.changed.insert((place, column), value);
                    }
                }
            }
            for member in &decided.apart {
                let place = self.place_of(member.record, places);
                self.outcomes[place as usize] = Outcome { group: None, is_master: false, flags: member.flags };
                counts.not_duplicates += u64::from(member.flags.not_duplicate);
            }
        }
        Ok(())
    }

    /// `places` are those of a group, in load order.
    fn place_of(&self, record: u32, places: &[u32]) -> u32 {
        let record_of = |place: &u32| self.grouped.records[self.held.members[*place as usize] as usize];
        let found = places.partition_point(|place| record_of(place) < record);
        places[found]
    }

    fn write(&self, path: &Path, context: &StepContext<'_>) -> Result<(), Failure> {
        let schema = schema(self.rules.overwritten());
        let mut writer = TableWriter::scratch(path, Arc::clone(&schema), context.engine())?;
        let mut buffer = Buffer::new(self.rules.overwritten().len());
        for (place, outcome) in self.outcomes.iter().enumerate() {
            self.push(place as u32, outcome, &mut buffer);
            if buffer.records.len() == BATCH_ROWS {
                context.checkpoint()?;
                writer.write(&RecordBatch::try_new(Arc::clone(&schema), buffer.finish())?)?;
            }
        }
        writer.write(&RecordBatch::try_new(schema, buffer.finish())?)?;
        writer.finish()?;
        Ok(())
    }

    fn push(&self, place: u32, outcome: &Outcome, buffer: &mut Buffer) {
        let member = self.held.members[place as usize];
        buffer.records.push(self.grouped.records[member as usize]);
        buffer.groups.append_option(outcome.group);
        buffer.scores.append_option(outcome.group.map(|_| self.grouped.scores[member as usize]));
        buffer.masters.append_value(outcome.is_master);
        buffer.ids.append_value(self.grouped.id(member));
        buffer.selected.append_value(outcome.flags.selected);
        buffer.not_duplicates.append_value(outcome.flags.not_duplicate);
        for (column, values) in buffer.values.iter_mut().enumerate() {
            match self.changed.get(&(place, column)) {
                Some(value) => values.append_option(value.as_deref()),
                None => values.append_option(self.held.value(place, column)),
            }
        }
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
