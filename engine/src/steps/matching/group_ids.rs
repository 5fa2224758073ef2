//! Group ids that stay from run to run.
//!
//! A group takes over the id of the earlier run's group that it shares most records with, the largest share first; of a
//! group that fell apart the larger part keeps the id, and where groups became one, it has that of the largest. All
//! others get numbers that were never given before.

use std::{
    collections::{BTreeMap, HashSet},
    io::ErrorKind,
};

use datafusion::{
    arrow::array::{StringArray, UInt32Array},
    common::HashMap,
};
use serde::{Deserialize, Serialize};

use super::{
    grouping::{GROUPS_FILE, Member},
    transforms,
};
use crate::{
    Failure,
    context::StepContext,
    read::{GROUP, RECORD_ID, column},
    results::Version,
    similarity::Strings,
    table,
};

const NUMBERS_FILE: &str = "group-ids.json";
/// The first id that is given.
const FIRST: u32 = 1;
const ENTRY_BYTES: usize = 24;

/// What is kept of the numbers that were given.
#[derive(Debug, Serialize, Deserialize)]
struct Numbers {
    /// The lowest number that no group ever had.
    next: u32,
}

/// The groups of the run before.
#[derive(Debug, Default)]
struct Earlier {
    /// By the hash of a record's id.
    group_of: HashMap<u64, u32>,
    next: u32,
}

/// Gives the members' groups their lasting ids. `ids` are the members' record ids, in their order.
pub(super) fn keep(members: &mut [Member], ids: &Strings, context: &StepContext<'_>) -> Result<(), Failure> {
    let account = context.engine().reserve("match: the groups of the run before");
    let earlier = match context.previous()? {
        Some(version) => read(&version, |entries| Ok(account.try_resize(entries * ENTRY_BYTES)?), context)?,
        None => Earlier { next: FIRST, ..Earlier::default() },
    };
    let next = number(members, ids, &earlier);
    let numbers = serde_json::to_vec(&Numbers { next }).map_err(|error| Failure::Internal(error.to_string()))?;
    std::fs::write(context.file(NUMBERS_FILE), numbers)
        .map_err(|error| Failure::io("cannot write the numbers of groups", &error))
}

fn read(
    version: &Version,
    mut account: impl FnMut(usize) -> Result<(), Failure>,
    context: &StepContext<'_>,
) -> Result<Earlier, Failure> {
    let numbers = match std::fs::read(version.file(NUMBERS_FILE)) {
        Ok(numbers) => numbers,
        // Left by a version of Millrace that numbered groups anew in each run.
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Earlier { next: FIRST, ..Earlier::default() }),
        Err(error) => return Err(Failure::io("cannot read the numbers of groups", &error)),
    };
    let numbers: Numbers = serde_json::from_slice(&numbers)
        .map_err(|error| Failure::Internal(format!("{NUMBERS_FILE} of match is damaged: {error}")))?;
    let mut earlier = Earlier { next: numbers.next.max(FIRST), ..Earlier::default() };
    for batch in table::scan(&version.file(GROUPS_FILE), Some(&[GROUP, RECORD_ID]))? {
        context.checkpoint()?;
        let batch = batch?;
        let groups: &UInt32Array = column(&batch, GROUP)?;
        let ids: &StringArray = column(&batch, RECORD_ID)?;
        let rows = (0..batch.num_rows()).map(|row| (hash(ids.value(row)), groups.value(row)));
        earlier.group_of.extend(rows);
        account(earlier.group_of.capacity())?;
    }
    Ok(earlier)
}

fn hash(id: &str) -> u64 {
    transforms::hash(id)
}

/// Numbers the groups; gives the next number that is free.
fn number(members: &mut [Member], ids: &Strings, earlier: &Earlier) -> u32 {
    let mut shared: BTreeMap<(u32, u32), u32> = BTreeMap::new();
    for (member, id) in members.iter().zip(ids.iter()) {
        if let Some(&before) = earlier.group_of.get(&hash(id)) {
            *shared.entry((before, member.group)).or_default() += 1;
        }
    }
    let mut shares: Vec<((u32, u32), u32)> = shared.into_iter().collect();
    // The sort is stable: of equal shares the earliest group counts first.
    shares.sort_by_key(|(_, records)| std::cmp::Reverse(*records));
    let (mut lasting, mut taken) = (HashMap::new(), HashSet::new());
    for ((before, group), _) in shares {
        if !lasting.contains_key(&group) && taken.insert(before) {
            lasting.insert(group, before);
        }
    }
    let mut next = earlier.next;
    for member in members {
        member.group = *lasting.entry(member.group).or_insert_with(|| {
            next += 1;
            next - 1
        });
    }
    next
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    type Records = Vec<(String, u32)>;

    /// The lasting group of each record, and the next free number.
    fn check(records: &Records, earlier: &Earlier) -> (BTreeMap<String, u32>, u32) {
        let ids: Strings = records.iter().map(|(id, _)| id.clone()).collect();
        let member = |(record, (_, group)): (usize, &(String, u32))| Member {
            record: record as u32,
            group: *group,
            score: 90.0,
        };
        let mut members: Vec<Member> = records.iter().enumerate().map(member).collect();
        let next = number(&mut members, &ids, earlier);
        let groups = records.iter().zip(&members).map(|((id, _), member)| (id.clone(), member.group));
        (groups.collect(), next)
    }

    fn after(groups: &BTreeMap<String, u32>, next: u32) -> Earlier {
        Earlier { group_of: groups.iter().map(|(id, group)| (hash(id), *group)).collect(), next }
    }

    fn records(groups: &[(&str, u32)]) -> Records {
        groups.iter().map(|(id, group)| ((*id).to_owned(), *group)).collect()
    }

    #[test]
    fn the_larger_part_keeps_the_id_and_a_joined_group_has_that_of_the_larger() {
        let start = Earlier { next: FIRST, ..Earlier::default() };
        let (first, next) = check(&records(&[("a", 7), ("b", 7), ("c", 7), ("d", 9), ("e", 9)]), &start);
        assert_eq!((first["a"], first["d"], next), (1, 2, 3));
        let (split, next) =
            check(&records(&[("e", 0), ("d", 0), ("a", 1), ("x", 1), ("b", 5), ("c", 5)]), &after(&first, next));
        assert_eq!((split["e"], split["b"], split["a"], split["x"], next), (2, 1, 3, 3, 4));
        let (joined, next) = check(&records(&[("d", 0), ("e", 0), ("a", 0), ("b", 0), ("c", 0)]), &after(&first, next));
        assert_eq!((joined["d"], next), (1, 4));
    }

    proptest! {
        /// Whatever the order of the rows and whatever was added, a group that is the same has the same id.
        #[test]
        fn unchanged_groups_keep_their_ids(
            groups in proptest::collection::vec(0_u32..12, 1..60),
            added in proptest::collection::vec(20_u32..26, 0..20),
            order in any::<u64>(),
        ) {
            let before: Records = groups.iter().enumerate().map(|(n, group)| (format!("r{n}"), *group)).collect();
            let start = Earlier { next: FIRST, ..Earlier::default() };
            let (first, next) = check(&before, &start);
            let new = added.iter().enumerate().map(|(n, group)| (format!("new{n}"), *group));
            let mut now: Records = before.iter().cloned().chain(new).collect();
            now.sort_by_key(|(id, _)| hash(id) ^ order);
            // Which number a group has inside the run does not matter either.
            now.iter_mut().for_each(|(_, group)| *group = 100 - *group);
            let (second, next_free) = check(&now, &after(&first, next));
            for (id, group) in &first {
                prop_assert_eq!(second[id], *group);
            }
            for (id, group) in second.iter().filter(|(id, _)| id.starts_with("new")) {
                prop_assert!(*group >= next && *group < next_free, "{} is in {}", id, group);
            }
        }
    }
}
