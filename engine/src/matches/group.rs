//! One group in full, and who belongs together with whom.

use std::{
    collections::{BTreeMap, BTreeSet, HashSet},
    path::Path,
};

use datafusion::arrow::array::{Float32Array, StringArray, UInt16Array, UInt32Array};
use model::results::{Band, GroupInFull, GroupPair};

use super::{records, weak_links};
use crate::{
    Failure,
    read::{GROUP, RECORD, RECORD_ID, column},
    results::Version,
    steps::matching::{
        explain,
        grouping::{GROUP_LIST_FILE, GROUPS_FILE},
        kept::PAIRS_FILE,
    },
    table,
};

/// A group with at most `limit` of its records, in load order from place `first` on, and the pairs among those. `None`
/// before the first result, and where there is no such group.
///
/// # Errors
/// When the records are not those that were matched any more.
pub fn group(workspace: &Path, group: u32, first: u64, limit: usize) -> Result<Option<GroupInFull>, Failure> {
    let Some((result, records)) = explain::matched(workspace)? else { return Ok(None) };
    let Some(size) = size(&result, group)? else { return Ok(None) };
    let members = members(&result, group, first, limit)?;
    let (columns, mut known) = records::read(&result, &records, members.iter().copied())?;
    let next = first.saturating_add(members.len() as u64);
    Ok(Some(GroupInFull {
        group,
        size,
        columns,
        pairs: pairs(&result, &members)?,
        records: members.iter().filter_map(|record| known.remove(record)).collect(),
        weak_link: weak_links(&result)?.remove(&group),
        next_cursor: (next < size).then_some(next),
    }))
}

/// Of those of `ids` that are in a group, by id: the ids of all records of that group. Empty before the first result.
///
/// # Errors
/// When a result cannot be read.
pub fn mates(workspace: &Path, ids: &BTreeSet<String>) -> Result<BTreeMap<String, Vec<String>>, Failure> {
    let Some((result, _)) = explain::matched(workspace)? else { return Ok(BTreeMap::new()) };
    let mut group_of = BTreeMap::new();
    each_member(&result, |group, id| {
        if ids.contains(id) {
            group_of.insert(id.to_owned(), group);
        }
    })?;
    let mut members: BTreeMap<u32, Vec<String>> = group_of.values().map(|&group| (group, Vec::new())).collect();
    each_member(&result, |group, id| {
        if let Some(members) = members.get_mut(&group) {
            members.push(id.to_owned());
        }
    })?;
    Ok(group_of.into_iter().map(|(id, group)| (id, members[&group].clone())).collect())
}

fn each_member(result: &Version, mut each: impl FnMut(u32, &str)) -> Result<(), Failure> {
    for batch in table::scan(&result.file(GROUPS_FILE), Some(&[GROUP, RECORD_ID]))? {
        let batch = batch?;
        let (groups, ids): (&UInt32Array, &StringArray) = (column(&batch, GROUP)?, column(&batch, RECORD_ID)?);
        (0..batch.num_rows()).for_each(|row| each(groups.value(row), ids.value(row)));
    }
    Ok(())
}

/// How many records a group has; `None` when there is none of that number.
fn size(result: &Version, group: u32) -> Result<Option<u64>, Failure> {
    for batch in table::scan(&result.file(GROUP_LIST_FILE), None)? {
        let batch = batch?;
        let (groups, sizes): (&UInt32Array, &UInt32Array) = (column(&batch, GROUP)?, column(&batch, "records")?);
        if let Some(row) = groups.values().iter().position(|known| *known == group) {
            return Ok(Some(u64::from(sizes.value(row))));
        }
    }
    Ok(None)
}

fn members(result: &Version, group: u32, first: u64, limit: usize) -> Result<Vec<u32>, Failure> {
    let (mut members, mut place) = (Vec::new(), 0);
    for batch in table::scan(&result.file(GROUPS_FILE), Some(&[RECORD, GROUP]))? {
        let batch = batch?;
        let (records, groups): (&UInt32Array, &UInt32Array) = (column(&batch, RECORD)?, column(&batch, GROUP)?);
        for (record, _) in records.values().iter().zip(groups.values()).filter(|(_, of)| **of == group) {
            if place >= first && members.len() < limit {
                members.push(*record);
            }
            place += 1;
        }
        if members.len() == limit {
            break;
        }
    }
    Ok(members)
}

/// The pairs among these records, which rise. The table of pairs is sorted by its left records.
fn pairs(result: &Version, members: &[u32]) -> Result<Vec<GroupPair>, Failure> {
    let mut pairs = Vec::new();
    let Some(&last) = members.last() else { return Ok(pairs) };
    let names = explain::definitions(result)?;
    let wanted: HashSet<u32> = members.iter().copied().collect();
    for batch in table::scan(&result.file(PAIRS_FILE), Some(&["left", "right", "score", "definition"]))? {
        let batch = batch?;
        let (lefts, rights): (&UInt32Array, &UInt32Array) = (column(&batch, "left")?, column(&batch, "right")?);
        let (scores, of): (&Float32Array, &UInt16Array) = (column(&batch, "score")?, column(&batch, "definition")?);
        for (row, (&left, &right)) in lefts.values().iter().zip(rights.values()).enumerate() {
            if wanted.contains(&left) && wanted.contains(&right) {
                let definition = names.get(usize::from(of.value(row))).map(|(name, _)| name.clone());
                let (score, definition) = (scores.value(row), definition.unwrap_or_default());
                pairs.push(GroupPair { left, right, score, band: Band::of(f64::from(score)), definition });
            }
        }
        if lefts.values().last().is_some_and(|left| *left > last) {
            break;
        }
    }
    Ok(pairs)
}
