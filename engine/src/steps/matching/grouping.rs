//! From matching pairs to groups.
//!
//! Transitive closure takes pairs in any order and gives the same groups. The other two depend on the order; the caller
//! gives direct pairs sorted by (left, right) and one-per-source pairs by falling evidence.

use std::sync::Arc;

use datafusion::{
    arrow::{
        array::{ArrayRef, Float32Array, RecordBatch, StringArray, UInt32Array},
        datatypes::{DataType, Field, Schema},
    },
    common::HashMap,
};

use model::config::matching::Grouping;

use super::{
    files::BatchWriter,
    linkage::{self, AverageLinkage},
};
use crate::{
    Failure,
    context::StepContext,
    read::{GROUP, RECORD, RECORD_ID, SCORE},
    similarity::Strings,
};

pub(crate) const GROUPS_FILE: &str = "groups.parquet";
pub(crate) const GROUP_LIST_FILE: &str = "group-list.parquet";

/// Disjoint sets of records; the smallest record of a set is its root.
#[derive(Debug)]
pub(super) struct UnionFind {
    parents: Vec<u32>,
}

impl UnionFind {
    pub(super) fn new(records: usize) -> Self {
        Self { parents: (0..records as u32).collect() }
    }

    pub(super) fn root(&mut self, record: u32) -> u32 {
        let mut record = record;
        // Path halving: each record on the way points to its grandparent.
        while self.parents[record as usize] != record {
            let grandparent = self.parents[self.parents[record as usize] as usize];
            self.parents[record as usize] = grandparent;
            record = grandparent;
        }
        record
    }

    pub(super) fn union(&mut self, left: u32, right: u32) {
        let (left, right) = (self.root(left), self.root(right));
        let (smaller, larger) = (left.min(right), left.max(right));
        self.parents[larger as usize] = smaller;
    }
}

/// Takes accepted pairs and holds the groups that they make.
#[derive(Debug)]
pub(super) struct Groups {
    sets: UnionFind,
    /// The highest score of a pair that counts, by record; 0 for none.
    scores: Vec<f32>,
    rule: Rule,
}

#[derive(Debug)]
enum Rule {
    Transitive,
    Direct,
    /// Sources of each set as bits, by root.
    OnePerSource(Vec<u32>),
    AverageLinkage(Box<AverageLinkage>),
}

/// A record in a group.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Member {
    pub(super) record: u32,
    /// The smallest record of the group, or its lasting id once it has one.
    pub(super) group: u32,
    pub(super) score: f32,
}

impl Groups {
    pub(super) fn transitive(records: usize) -> Self {
        Self::new(records, Rule::Transitive)
    }

    /// Pairs must come sorted by (left, right).
    pub(super) fn direct(records: usize) -> Self {
        Self::new(records, Rule::Direct)
    }

    /// Pairs must come with the surest first. `sources` gives each record's source, below 32.
    pub(super) fn one_per_source(sources: &[u8]) -> Self {
        Self::new(sources.len(), Rule::OnePerSource(sources.iter().map(|&source| 1 << source).collect()))
    }

    /// Pairs must come with the surest first.
    pub(super) fn average_linkage(records: usize, linkage: AverageLinkage) -> Self {
        Self::new(records, Rule::AverageLinkage(Box::new(linkage)))
    }

    /// Bytes that grouping holds of each record: its parent, its score, and what the rule needs.
    pub(super) const fn record_bytes(grouping: Grouping) -> usize {
        let rule = match grouping {
            Grouping::Transitive | Grouping::Direct => 0,
            Grouping::OnePerSource => size_of::<u32>(),
            Grouping::AverageLinkage => linkage::RECORD_BYTES,
        };
        size_of::<u32>() + size_of::<f32>() + rule
    }

    fn new(records: usize, rule: Rule) -> Self {
        Self { sets: UnionFind::new(records), scores: vec![0.0; records], rule }
    }

    pub(super) fn add(&mut self, left: u32, right: u32, score: f32) {
        let (left_root, right_root) = (self.sets.root(left), self.sets.root(right));
        match &mut self.rule {
            Rule::Transitive => {}
            // The left record must head its group and the right one be still alone: `scores` tells who is.
            Rule::Direct if left_root != left || self.scores[right as usize] > 0.0 => return,
            Rule::Direct => {}
            Rule::OnePerSource(sources) if left_root != right_root => {
                if sources[left_root as usize] & sources[right_root as usize] != 0 {
                    return;
                }
                let both = sources[left_root as usize] | sources[right_root as usize];
                sources[left_root.min(right_root) as usize] = both;
            }
            Rule::OnePerSource(_) => {}
            Rule::AverageLinkage(linkage) => {
                if left_root != right_root && !linkage.join(left, right) {
                    return;
                }
            }
        }
        self.sets.union(left, right);
        for record in [left, right] {
            let best = &mut self.scores[record as usize];
            *best = best.max(score);
        }
    }

    /// The members of all groups, by record.
    pub(super) fn members(mut self) -> Vec<Member> {
        (0..self.scores.len() as u32)
            .filter_map(|record| {
                let score = self.scores[record as usize];
                (score > 0.0).then(|| Member { record, group: self.sets.root(record), score })
            })
            .collect()
    }
}

/// Writes `groups.parquet`. `ids` are the members' record ids.
pub(super) fn write(members: &[Member], ids: &Strings, context: &StepContext<'_>) -> Result<(), Failure> {
    let schema = Arc::new(Schema::new(vec![
        Field::new(RECORD, DataType::UInt32, false),
        Field::new(GROUP, DataType::UInt32, false),
        Field::new(SCORE, DataType::Float32, false),
        Field::new(RECORD_ID, DataType::Utf8, false),
    ]));
    let mut ids = ids.iter();
    let mut writer = BatchWriter::create(GROUPS_FILE, Arc::clone(&schema), context)?;
    for members in members.chunks(65_536) {
        context.checkpoint()?;
        let numbers = |of: fn(&Member) -> u32| Arc::new(members.iter().map(of).collect::<UInt32Array>()) as ArrayRef;
        let scores = Arc::new(members.iter().map(|member| member.score).collect::<Float32Array>());
        let ids_of_chunk = Arc::new(StringArray::from_iter_values(ids.by_ref().take(members.len())));
        let columns = vec![numbers(|member| member.record), numbers(|member| member.group), scores, ids_of_chunk];
        writer.write(&RecordBatch::try_new(Arc::clone(&schema), columns)?)?;
    }
    writer.finish()
}

/// Writes `group-list.parquet`: each group once, by its first record, with the number of its records.
pub(super) fn write_list(members: &[Member], context: &StepContext<'_>) -> Result<(), Failure> {
    let mut places = HashMap::new();
    let mut list: Vec<(u32, u32)> = Vec::new();
    for member in members {
        let place = *places.entry(member.group).or_insert(list.len());
        match list.get_mut(place) {
            Some((_, records)) => *records += 1,
            None => list.push((member.group, 1)),
        }
    }
    let number = |name| Field::new(name, DataType::UInt32, false);
    let schema = Arc::new(Schema::new(vec![number(GROUP), number("records")]));
    let mut writer = BatchWriter::create(GROUP_LIST_FILE, Arc::clone(&schema), context)?;
    for groups in list.chunks(65_536) {
        let column = |of: fn(&(u32, u32)) -> u32| Arc::new(groups.iter().map(of).collect::<UInt32Array>()) as ArrayRef;
        let columns = vec![column(|(group, _)| *group), column(|(_, records)| *records)];
        writer.write(&RecordBatch::try_new(Arc::clone(&schema), columns)?)?;
    }
    writer.finish()
}

/// Records of each group.
pub(super) fn sizes(members: &[Member]) -> HashMap<u32, u32> {
    let mut sizes = HashMap::new();
    members.iter().for_each(|member| *sizes.entry(member.group).or_default() += 1);
    sizes
}

#[cfg(test)]
mod tests {
    use super::*;

    fn groups(mut groups: Groups, pairs: &[(u32, u32, f32)]) -> Vec<(u32, u32, f32)> {
        pairs.iter().for_each(|&(left, right, score)| groups.add(left, right, score));
        groups.members().into_iter().map(|member| (member.record, member.group, member.score)).collect()
    }

    #[test]
    fn chains_become_one_group_in_any_order() {
        let expected = [(1, 1, 90.0), (2, 1, 95.0), (3, 1, 95.0)];
        assert_eq!(groups(Groups::transitive(5), &[(1, 2, 90.0), (2, 3, 95.0)]), expected);
        assert_eq!(groups(Groups::transitive(5), &[(2, 3, 95.0), (1, 2, 90.0)]), expected);
    }

    #[test]
    fn direct_groups_hold_only_matches_of_their_first_record() {
        let pairs = [(0, 1, 90.0), (0, 2, 85.0), (1, 3, 99.0), (3, 4, 80.0)];
        let expected = [(0, 0, 90.0), (1, 0, 90.0), (2, 0, 85.0), (3, 3, 80.0), (4, 3, 80.0)];
        assert_eq!(groups(Groups::direct(5), &pairs), expected);
    }

    #[test]
    fn one_record_of_each_source_joins_a_group() {
        let sources = [0, 0, 1, 1, 2];
        let pairs = [(0, 2, 99.0), (1, 2, 98.0), (0, 3, 97.0), (2, 4, 96.0)];
        let expected = [(0, 0, 99.0), (2, 0, 99.0), (4, 0, 96.0)];
        assert_eq!(groups(Groups::one_per_source(&sources), &pairs), expected);
    }

    #[test]
    fn sizes_count_the_records_of_each_group() {
        let member = |record, group| Member { record, group, score: 90.0 };
        let sizes = sizes(&[member(0, 0), member(1, 0), member(2, 0), member(5, 5), member(6, 5)]);
        assert_eq!(sizes, HashMap::from_iter([(0, 3), (5, 2)]));
    }
}
