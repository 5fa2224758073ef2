//! Large groups that hang together by one pair only.
//!
//! Over the pairs inside each group of [`LARGE`] or more records, the bridges are found: pairs without which the group
//! would fall in two (Tarjan, Information Processing Letters 2, 1974). A bridge with two or more records on either side is
//! a weak link: one wrong pair may have joined two right groups. Of each group the one with the lowest score is told.

use std::{collections::BTreeMap, sync::Arc};

use datafusion::arrow::{
    array::{ArrayRef, AsArray, Float32Array, RecordBatch, UInt32Array},
    datatypes::{DataType, Field, Float32Type, Schema, UInt32Type},
};

use super::{
    files::BatchWriter,
    grouping::{self, Member},
    kept::PAIRS_FILE,
};
use crate::{Failure, context::StepContext, read::GROUP, table};

pub(crate) const WEAK_LINKS_FILE: &str = "weak-links.parquet";
/// Records from which a group is looked at.
const LARGE: u32 = 4;
/// Records on each side of a weak link.
const SIDE_MIN: u32 = 2;
const NONE: u32 = u32::MAX;

/// A pair that alone holds two parts of a group together.
#[derive(Clone, Copy, Debug, PartialEq)]
struct WeakLink {
    left: u32,
    right: u32,
    score: f32,
    /// Records of the smaller part.
    side: u32,
}

/// The pairs of large groups, each at both of its records.
#[derive(Debug, Default)]
struct Graph {
    /// Where each member's pairs end in `pairs`.
    ends: Vec<u32>,
    /// Index of the other member, number of the pair.
    pairs: Vec<(u32, u32)>,
}

/// Writes `weak-links.parquet`; gives the number of groups that have one.
pub(super) fn write(members: &[Member], context: &StepContext<'_>) -> Result<u64, Failure> {
    let sizes = grouping::sizes(members);
    let large: Vec<Member> = members.iter().copied().filter(|member| sizes[&member.group] >= LARGE).collect();
    let account = context.engine().reserve("match: pairs of large groups");
    // By record, which are in order.
    let records = large.last().map_or(0, |last| last.record as usize + 1);
    account.try_resize(records * size_of::<u32>())?;
    let mut places = vec![NONE; records];
    large.iter().enumerate().for_each(|(place, member)| places[member.record as usize] = place as u32);
    let place = |record: u32| places.get(record as usize).copied().filter(|place| *place != NONE);
    let mut pairs: Vec<(u32, u32, f32)> = Vec::new();
    if !large.is_empty() {
        for batch in table::scan_ahead(&context.file(PAIRS_FILE), Some(&["left", "right", "score"]))? {
            context.checkpoint()?;
            let batch = batch?;
            let numbers = |column: usize| batch.column(column).as_primitive::<UInt32Type>().values().iter().copied();
            let scores = batch.column(2).as_primitive::<Float32Type>().values().iter().copied();
            for ((left, right), score) in numbers(0).zip(numbers(1)).zip(scores) {
                if let (Some(left), Some(right)) = (place(left), place(right))
                    && large[left as usize].group == large[right as usize].group
                {
                    pairs.push((left, right, score));
                }
            }
            // In the graph each pair is there twice more.
            account.try_resize(pairs.capacity() * 28 + large.len() * 40 + places.len() * size_of::<u32>())?;
        }
    }
    let weakest = weakest(&large, &pairs, || context.checkpoint())?;
    write_links(&weakest, &large, context)?;
    Ok(weakest.len() as u64)
}

/// The weak link with the lowest score of each group that has one, by group. Pairs hold places in `members`.
fn weakest(
    members: &[Member],
    pairs: &[(u32, u32, f32)],
    mut checkpoint: impl FnMut() -> Result<(), Failure>,
) -> Result<BTreeMap<u32, WeakLink>, Failure> {
    let graph = Graph::new(members.len(), pairs);
    let sizes = grouping::sizes(members);
    let mut weakest = BTreeMap::<u32, WeakLink>::new();
    let mut search = Search::new(members.len());
    for root in 0..members.len() as u32 {
        if root % 1024 == 0 {
            checkpoint()?;
        }
        let (group, size) = (members[root as usize].group, sizes[&members[root as usize].group]);
        search.bridges(root, &graph, |pair, below| {
            let (left, right, score) = pairs[pair as usize];
            let link = WeakLink { left, right, score, side: below.min(size - below) };
            let known = weakest.get(&group);
            if link.side >= SIDE_MIN && known.is_none_or(|known| weaker(&link, known)) {
                weakest.insert(group, link);
            }
        });
    }
    Ok(weakest)
}

/// Of equal scores the link of the larger parts counts, then the earlier one.
fn weaker(link: &WeakLink, known: &WeakLink) -> bool {
    let order = link.score.total_cmp(&known.score).then(known.side.cmp(&link.side));
    order.then((link.left, link.right).cmp(&(known.left, known.right))).is_lt()
}

impl Graph {
    fn new(members: usize, pairs: &[(u32, u32, f32)]) -> Self {
        let mut ends = vec![0_u32; members + 1];
        for &(left, right, _) in pairs {
            ends[left as usize] += 1;
            ends[right as usize] += 1;
        }
        let mut start = 0;
        for end in &mut ends {
            let count = std::mem::replace(end, start);
            start += count;
        }
        let mut graph = Self { ends, pairs: vec![(0, 0); pairs.len() * 2] };
        for (number, &(left, right, _)) in pairs.iter().enumerate() {
            for (from, to) in [(left, right), (right, left)] {
                let place = &mut graph.ends[from as usize];
                graph.pairs[*place as usize] = (to, number as u32);
                *place += 1;
            }
        }
        graph
    }

    /// The place in `pairs` of a member's first one, and the place after its last.
    fn of(&self, member: u32) -> (u32, u32) {
        let start = if member == 0 { 0 } else { self.ends[member as usize - 1] };
        (start, self.ends[member as usize])
    }
}

/// A depth-first search with its own stack: groups may be longer chains than a thread's stack is deep.
struct Search {
    /// When each member was met; `NONE` before.
    met: Vec<u32>,
    /// The earliest member that is reached from here or from below without the pair that led here.
    lowest: Vec<u32>,
    /// Members from here on down.
    below: Vec<u32>,
    time: u32,
}

impl Search {
    fn new(members: usize) -> Self {
        Self { met: vec![NONE; members], lowest: vec![NONE; members], below: vec![1; members], time: 0 }
    }

    /// Tells each bridge of the part that `root` is in: its number, and the members on its farther side.
    fn bridges(&mut self, root: u32, graph: &Graph, mut bridge: impl FnMut(u32, u32)) {
        if self.met[root as usize] != NONE {
            return;
        }
        self.meet(root);
        // Member, the pair that led to it, the next of its pairs to look at.
        let mut path = vec![(root, NONE, graph.of(root).0)];
        while let Some((member, through, next)) = path.last_mut() {
            let (member, through) = (*member, *through);
            if *next < graph.of(member).1 {
                let (other, pair) = graph.pairs[*next as usize];
                *next += 1;
                if pair == through {
                    continue;
                }
                if self.met[other as usize] == NONE {
                    self.meet(other);
                    path.push((other, pair, graph.of(other).0));
                } else {
                    let met = self.met[other as usize];
                    let lowest = &mut self.lowest[member as usize];
                    *lowest = (*lowest).min(met);
                }
                continue;
            }
            path.pop();
            let Some((above, ..)) = path.last() else { continue };
            let (above, member) = (*above as usize, member as usize);
            self.below[above] += self.below[member];
            self.lowest[above] = self.lowest[above].min(self.lowest[member]);
            if self.lowest[member] > self.met[above] {
                bridge(through, self.below[member]);
            }
        }
    }

    fn meet(&mut self, member: u32) {
        self.met[member as usize] = self.time;
        self.lowest[member as usize] = self.time;
        self.time += 1;
    }
}

fn write_links(links: &BTreeMap<u32, WeakLink>, members: &[Member], context: &StepContext<'_>) -> Result<(), Failure> {
    let number = |name| Field::new(name, DataType::UInt32, false);
    let schema = Arc::new(Schema::new(vec![
        number(GROUP),
        number("left"),
        number("right"),
        Field::new("score", DataType::Float32, false),
        number("side"),
    ]));
    let mut writer = BatchWriter::create(WEAK_LINKS_FILE, Arc::clone(&schema), context)?;
    let record = |place: u32| members[place as usize].record;
    let numbers = |numbers: Vec<u32>| Arc::new(UInt32Array::from(numbers)) as ArrayRef;
    let columns = vec![
        numbers(links.keys().copied().collect()),
        numbers(links.values().map(|link| record(link.left)).collect()),
        numbers(links.values().map(|link| record(link.right)).collect()),
        Arc::new(links.values().map(|link| link.score).collect::<Float32Array>()) as ArrayRef,
        numbers(links.values().map(|link| link.side).collect()),
    ];
    writer.write(&RecordBatch::try_new(schema, columns)?)?;
    writer.finish()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Of one group of `count` records.
    fn check(count: u32, pairs: &[(u32, u32, f32)]) -> Option<WeakLink> {
        let members: Vec<Member> = (0..count).map(|record| Member { record, group: 1, score: 90.0 }).collect();
        weakest(&members, pairs, || Ok(())).expect("is not stopped").get(&1).copied()
    }

    #[test]
    fn a_pair_that_alone_joins_two_groups_is_a_weak_link() {
        let triangles =
            [(0, 1, 99.0), (1, 2, 98.0), (0, 2, 97.0), (2, 3, 81.0), (3, 4, 99.0), (4, 5, 99.0), (3, 5, 99.0)];
        assert_eq!(check(6, &triangles), Some(WeakLink { left: 2, right: 3, score: 81.0, side: 3 }));
        // A second pair between them, and none is a bridge.
        let joined: Vec<_> = triangles.into_iter().chain([(0, 5, 80.5)]).collect();
        assert_eq!(check(6, &joined), None);
        // A record at the end of a chain is no part of its own.
        assert_eq!(check(4, &[(0, 1, 90.0), (0, 2, 90.0), (0, 3, 70.0)]), None);
    }

    proptest! {
        /// Against taking out each pair in turn and looking whether the group falls apart.
        #[test]
        fn weak_links_are_those_without_which_a_group_falls_apart(
            chords in proptest::collection::vec((0_u32..12, 0_u32..12), 0..8),
            parents in proptest::collection::vec(0_u32..12, 11),
        ) {
            let tree = parents.iter().enumerate().map(|(n, parent)| (parent % (n as u32 + 1), n as u32 + 1));
            let chords = chords.into_iter().filter(|(a, b)| a != b).map(|(a, b)| (a.min(b), a.max(b)));
            let mut pairs: Vec<(u32, u32)> = tree.chain(chords).collect();
            pairs.sort_unstable();
            pairs.dedup();
            let scored: Vec<_> = pairs.iter().enumerate().map(|(n, &(a, b))| (a, b, 80.0 + n as f32 * 7.0 % 19.0)).collect();
            let side = |without: usize| {
                let mut sets = super::super::grouping::UnionFind::new(12);
                pairs.iter().enumerate().filter(|(n, _)| *n != without).for_each(|(_, &(a, b))| sets.union(a, b));
                let first = (0..12).filter(|&record| sets.root(record) == 0).count();
                first.min(12 - first)
            };
            let lowest = (0..pairs.len()).filter(|&n| side(n) >= 2).map(|n| scored[n].2).min_by(f32::total_cmp);
            prop_assert_eq!(check(12, &scored).map(|link| link.score), lowest);
        }
    }
}
