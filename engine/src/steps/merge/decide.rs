//! The first half of Merge: groups are decided one by one.
//!
//! Of as many groups as fit into the memory what rules read is held, in load order, so that no text has to be sorted:
//! only the places of records are. Portions of these groups are decided side by side. What became of a record is held
//! for all that are grouped; values that rules changed go into a file for each such share of the groups.

use std::{
    path::{Path, PathBuf},
    thread,
};

use datafusion::{arrow::array::RecordBatch, execution::memory_pool::MemoryReservation};
use model::config::MergeConfig;

use super::{
    changes::Changes,
    group,
    held::{Grouped, Held},
    lineage::{self, LINEAGE_FILE, Lines},
    rules::{Flags, Member, Rules},
};
use crate::{
    Failure, ReviewFlags, StepContext,
    read::SOURCE,
    table::{self, BATCH_ROWS, TableWriter},
};

/// Bytes that are held of a record besides its texts, for each column.
const VALUE_BYTES: usize = 9;

/// What the groups came to.
pub(super) struct Decisions {
    pub(super) grouped: Grouped,
    /// Of each grouped record.
    pub(super) outcomes: Vec<Outcome>,
    /// The [`Changes`] of each share of the groups.
    pub(super) changes: Vec<PathBuf>,
    pub(super) groups: u64,
    /// Records that a person said are no duplicates.
    pub(super) not_duplicates: u64,
    _memory: MemoryReservation,
}

/// What became of a record.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Outcome {
    /// Whether it is in its group still.
    pub(super) stays: bool,
    pub(super) is_master: bool,
    pub(super) flags: Flags,
}

/// Decides each group of `groups` over the records of `records`.
pub(super) fn decide(
    (records, groups): (&Path, &Path),
    (config, rules): (&MergeConfig, &Rules<'_>),
    review: &ReviewFlags,
    context: &StepContext<'_>,
) -> Result<Decisions, Failure> {
    let memory = context.engine().reserve("merge: what became of grouped records");
    let grouped = Grouped::read(groups, context)?;
    memory.try_resize(grouped.records.len() * size_of::<Outcome>())?;
    let outcomes = vec![Outcome::default(); grouped.records.len()];
    let mut decisions =
        Decisions { grouped, outcomes, changes: Vec::new(), groups: 0, not_duplicates: 0, _memory: memory };
    let mut lines = TableWriter::create(&context.file(LINEAGE_FILE), lineage::schema(), context.engine())?;
    let mut done = 0;
    for share in decisions.grouped.shares(records_at_once(records, rules, context)?) {
        let held = Held::read(records, (&decisions.grouped, &share), rules.columns(), context)?;
        let deciding = Deciding { held: &held, rules, config, review, context };
        let places = held.by_group();
        let memory = context.engine().reserve("merge: values that rules changed");
        let mut changes = Changes::new(rules.overwritten().len());
        for portions in portions(&places, &held).chunks(context.engine().config().threads.max(1)) {
            let fraction = 0.5 * done as f64 / decisions.outcomes.len() as f64;
            context.advanced(Some(fraction), done as u64, "deciding groups");
            context.checkpoint()?;
            for portion in deciding.side_by_side(portions)? {
                done += portion.outcomes.len();
                decisions.groups += portion.groups;
                for (number, outcome) in portion.outcomes {
                    decisions.not_duplicates += u64::from(outcome.flags.not_duplicate);
                    decisions.outcomes[number as usize] = outcome;
                }
                changes.append(&portion.changes);
                memory.try_resize(changes.bytes())?;
                lines.write(&portion.lines)?;
            }
        }
        let file = context.file(&format!("changes-{}.parquet", decisions.changes.len()));
        changes.write(&file, rules.overwritten(), context)?;
        decisions.changes.push(file);
    }
    lines.finish()?;
    Ok(decisions)
}

/// How many records' values fit into a third of the memory that is left, as far as their mean length tells.
fn records_at_once(records: &Path, rules: &Rules<'_>, context: &StepContext<'_>) -> Result<usize, Failure> {
    let engine = context.engine();
    let free = engine.config().memory_bytes.saturating_sub(engine.memory_used_bytes());
    let wanted = |name: &str| name == SOURCE || rules.columns().iter().any(|column| column == name);
    let texts = table::mean_bytes(&*table::metadata(records)?, wanted);
    let record = texts + (rules.columns().len() + 1) * VALUE_BYTES + 3 * size_of::<u32>();
    Ok((free / 3 / record).max(1))
}

/// Places of whole groups, so many that a thread is worth it.
fn portions<'a>(places: &'a [u32], held: &Held<'_>) -> Vec<&'a [u32]> {
    let mut portions = Vec::new();
    let mut rest = places;
    while !rest.is_empty() {
        let last = held.group(rest[rest.len().min(BATCH_ROWS) - 1]);
        let (portion, others) = rest.split_at(rest.partition_point(|place| held.group(*place) <= last));
        portions.push(portion);
        rest = others;
    }
    portions
}

/// What some groups came to.
struct Portion {
    /// By number among the grouped records.
    outcomes: Vec<(u32, Outcome)>,
    changes: Changes,
    lines: RecordBatch,
    groups: u64,
}

/// What groups are decided with.
struct Deciding<'a> {
    held: &'a Held<'a>,
    rules: &'a Rules<'a>,
    config: &'a MergeConfig,
    review: &'a ReviewFlags,
    context: &'a StepContext<'a>,
}

impl Deciding<'_> {
    fn side_by_side(&self, portions: &[&[u32]]) -> Result<Vec<Portion>, Failure> {
        thread::scope(|scope| {
            let deciding: Vec<_> = portions.iter().map(|places| scope.spawn(|| self.portion(places))).collect();
            let panicked = |_| Failure::Internal("deciding groups panicked".to_owned());
            deciding.into_iter().map(|portion| portion.join().map_err(panicked)?).collect()
        })
    }

    fn portion(&self, places: &[u32]) -> Result<Portion, Failure> {
        let overwritten = self.rules.overwritten().len();
        let memory = self.context.engine().reserve("merge: a group");
        let member_bytes = 2 * (size_of::<Member<'_>>() + self.rules.columns().len() * size_of::<Option<String>>());
        let (mut outcomes, mut changes, mut lines) = (Vec::new(), Changes::new(overwritten), Lines::default());
        let mut groups = 0;
        for places in places.chunk_by(|one, other| self.held.group(*one) == self.held.group(*other)) {
            memory.try_resize(places.len() * member_bytes)?;
            let members = places.iter().map(|place| self.held.member(*place, self.review)).collect();
            let decided = group::decide(members, self.rules);
            lines.push(self.held.group(places[0]), &decided, self.rules, self.config);
            groups += u64::from(decided.master.is_some());
            for (number, member) in decided.together.iter().enumerate() {
                let place = self.held.place_of(member.record, places);
                let is_master = decided.master.is_some_and(|master| master.place == number);
                outcomes.push((self.held.number(place), Outcome { stays: true, is_master, flags: member.flags }));
                if (0..overwritten).any(|column| self.held.value(place, column) != member.values[column].as_deref()) {
                    changes.push(member);
                }
            }
            for member in &decided.apart {
                let place = self.held.place_of(member.record, places);
                outcomes.push((self.held.number(place), Outcome { flags: member.flags, ..Outcome::default() }));
            }
        }
        Ok(Portion { outcomes, changes, lines: lines.finish()?, groups })
    }
}
