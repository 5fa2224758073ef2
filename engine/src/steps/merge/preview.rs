//! What merge rules would make of some groups, from the published result of Match. Nothing is written.

use std::{borrow::Cow, collections::HashSet, path::Path};

use datafusion::arrow::array::{Float32Array, UInt32Array};
use model::{
    config::MergeConfig,
    limits::{MERGE_PREVIEW_GROUPS_MAX as GROUPS_MAX, MERGE_PREVIEW_RECORDS_MAX as RECORDS_MAX},
    results::{GoldenValue, GroupLineage, LineageRecord, MatchedRecord, MergePreview, PreviewedGroup, PreviewedRecord},
};

use super::{
    group::{self, Decided},
    lineage::{master_words, overwrite_words},
    rules::{Flags, Master, Member, Rules},
};
use crate::{
    Failure, ReviewFlags, matches,
    read::{GROUP, RECORD, SCORE, column},
    results::Version,
    steps::matching::{
        explain,
        grouping::{GROUP_LIST_FILE, GROUPS_FILE},
    },
    table,
};

/// Which groups to show.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PreviewGroups {
    /// As many as this, spread evenly over all of up to 200 records.
    Sample(usize),
    /// These, by number; those that are not there or too large are left out.
    Named(Vec<u32>),
}

/// What `config` would make of groups of the latest result of Match; `None` before the first.
///
/// # Errors
/// When the records are not those that were matched any more, or when a rule names a column that they do not have.
pub fn preview_merge(
    workspace: &Path,
    config: &MergeConfig,
    review: &ReviewFlags,
    groups: &PreviewGroups,
) -> Result<Option<MergePreview>, Failure> {
    let Some((result, records)) = explain::matched(workspace)? else { return Ok(None) };
    let wanted = chosen(&result, groups)?;
    let members = matches::records::members(&result, &wanted.iter().copied().collect(), RECORDS_MAX as usize)?;
    let numbers: Vec<u32> = members.values().flatten().copied().collect();
    let scores = scores(&result, &numbers.iter().copied().collect())?;
    let (columns, known) = matches::records::read(&result, &records, numbers)?;
    let rules = Rules::new(config);
    let places = rules.columns().iter().map(|name| {
        let place = columns.iter().position(|column| column == name);
        place.ok_or_else(|| Failure::Input(format!("a rule names the column “{name}”, which the records do not have")))
    });
    let shown = Shown { config, rules: &rules, places: places.collect::<Result<_, _>>()?, columns: &columns };
    let groups = wanted.iter().filter_map(|group| Some((*group, members.get(group)?)));
    let groups = groups.map(|(group, records)| {
        let member = |record: &u32| {
            let matched = &known[record];
            Member {
                record: *record,
                id: &matched.id,
                source: &matched.source,
                score: scores.get(record).copied().unwrap_or(0.0),
                flags: Flags::of(&matched.id, review),
                values: shown.places.iter().map(|place| matched.values[*place].as_deref().map(Cow::Borrowed)).collect(),
            }
        };
        let decided = group::decide(records.iter().map(member).collect(), &rules);
        shown.group(group, &records.iter().map(|record| known[record].clone()).collect::<Vec<_>>(), &decided)
    });
    let groups = groups.collect();
    Ok(Some(MergePreview { columns, groups }))
}

/// The groups to show, in the order of their first records.
fn chosen(result: &Version, groups: &PreviewGroups) -> Result<Vec<u32>, Failure> {
    let named: Option<HashSet<u32>> = match groups {
        PreviewGroups::Named(groups) => Some(groups.iter().copied().collect()),
        PreviewGroups::Sample(_) => None,
    };
    let mut open = Vec::new();
    for batch in table::scan(&result.file(GROUP_LIST_FILE), None)? {
        let batch = batch?;
        let (numbers, sizes): (&UInt32Array, &UInt32Array) = (column(&batch, GROUP)?, column(&batch, "records")?);
        let small = numbers.values().iter().zip(sizes.values()).filter(|(_, size)| **size <= RECORDS_MAX);
        let wanted = small.filter(|(group, _)| named.as_ref().is_none_or(|named| named.contains(group)));
        open.extend(wanted.map(|(group, _)| *group));
    }
    let count = match groups {
        PreviewGroups::Sample(count) => (*count).min(GROUPS_MAX),
        PreviewGroups::Named(_) => GROUPS_MAX,
    };
    let count = count.min(open.len());
    Ok((0..count).map(|number| open[number * open.len() / count]).collect())
}

fn scores(result: &Version, wanted: &HashSet<u32>) -> Result<std::collections::HashMap<u32, f32>, Failure> {
    let mut found = std::collections::HashMap::new();
    for batch in table::scan(&result.file(GROUPS_FILE), Some(&[RECORD, SCORE]))? {
        let batch = batch?;
        let (records, scores): (&UInt32Array, &Float32Array) = (column(&batch, RECORD)?, column(&batch, SCORE)?);
        let of_wanted = records.values().iter().zip(scores.values()).filter(|(record, _)| wanted.contains(record));
        found.extend(of_wanted.map(|(record, score)| (*record, *score)));
    }
    Ok(found)
}

/// What the decisions are shown with.
struct Shown<'a> {
    config: &'a MergeConfig,
    rules: &'a Rules<'a>,
    /// Where each column of the rules is among all columns.
    places: Vec<usize>,
    columns: &'a [String],
}

impl Shown<'_> {
    fn group(&self, group: u32, matched: &[MatchedRecord], decided: &Decided<'_>) -> PreviewedGroup {
        let records = matched.iter().map(|before| {
            let stays = decided.together.iter().position(|member| member.record == before.record);
            let after =
                stays.map_or_else(|| before.values.clone(), |place| self.after(before, &decided.together[place]));
            PreviewedRecord {
                before: before.clone(),
                after,
                master: stays.is_some() && decided.master.map(|master| master.place) == stays,
                leaves: stays.is_none(),
            }
        });
        let records: Vec<PreviewedRecord> = records.collect();
        let lineage = decided.master.map(|master| self.lineage(group, &records, decided, master));
        PreviewedGroup { group, records, lineage }
    }

    /// The values of a record with what the rules made of them.
    fn after(&self, before: &MatchedRecord, member: &Member<'_>) -> Vec<Option<String>> {
        let mut after = before.values.clone();
        for (place, value) in self.places.iter().zip(&member.values) {
            after[*place] = value.as_deref().map(str::to_owned);
        }
        after
    }

    fn lineage(&self, group: u32, records: &[PreviewedRecord], decided: &Decided<'_>, master: Master) -> GroupLineage {
        let known = |member: &Member<'_>| LineageRecord {
            record: member.record,
            id: member.id.to_owned(),
            source: member.source.to_owned(),
            row: 0,
        };
        let golden = &decided.together[master.place];
        let after =
            records.iter().find(|record| record.master).map(|record| record.after.as_slice()).unwrap_or_default();
        let values = self.columns.iter().zip(after).map(|(column, value)| {
            let origin = decided.origins.iter().find(|origin| self.rules.columns()[origin.column] == *column);
            let (from, rule) = match origin {
                None => (vec![known(golden)], super::lineage::OWN_VALUE.to_owned()),
                Some(origin) => (
                    origin.members.iter().map(|place| known(&decided.together[*place])).collect(),
                    overwrite_words(self.config, origin.rule),
                ),
            };
            GoldenValue { column: column.clone(), value: value.clone(), from, rule }
        });
        GroupLineage {
            group,
            size: decided.together.len() as u64,
            master: known(golden),
            master_rule: master_words(master.why),
            values: values.collect(),
        }
    }
}
