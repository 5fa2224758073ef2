//! Which blocks each record is in: what tells that a pair has come with an earlier key already.

use std::cmp::Ordering;

use super::blocks::Blocks;

/// The number of no block.
const NONE: u32 = u32::MAX;

#[derive(Debug)]
pub(super) struct Membership {
    keys: Vec<OfKey>,
    /// Keys that a record has one of at most.
    width: usize,
    /// Of each record the numbers of its blocks, for those keys, side by side.
    single: Vec<u32>,
}

#[derive(Debug)]
enum OfKey {
    /// A place among the numbers of a record.
    Single(usize),
    /// The blocks of each record, rising, and where they begin; one more than there are records.
    Many { starts: Vec<usize>, blocks: Vec<u32> },
}

impl Membership {
    /// Bytes that [`Self::new`] takes; `are_many` says of each key whether a record can be in several of its blocks.
    pub(super) fn bytes_of(blocks: &[Blocks], are_many: &[bool], records: usize) -> usize {
        let many = blocks.iter().zip(are_many).filter(|(_, many)| **many);
        // Where the blocks of each record begin is there twice while they are filled in.
        let many: usize = many.map(|(blocks, _)| blocks.entries() * 4 + 2 * (records + 1) * size_of::<usize>()).sum();
        many + are_many.iter().filter(|many| !**many).count() * records * 4
    }

    pub(super) fn new(blocks: &[Blocks], are_many: &[bool], records: usize) -> Self {
        let width = are_many.iter().filter(|many| !**many).count();
        let mut single = vec![NONE; width * records];
        let mut keys = Vec::with_capacity(blocks.len());
        let mut place = 0;
        for (blocks, &many) in blocks.iter().zip(are_many) {
            if many {
                keys.push(OfKey::many(blocks, records));
                continue;
            }
            for block in 0..blocks.count() {
                for &record in blocks.records(block) {
                    single[record as usize * width + place] = block as u32;
                }
            }
            keys.push(OfKey::Single(place));
            place += 1;
        }
        Self { keys, width, single }
    }

    /// Whether this is the first block, of this key and the earlier ones, that has both records.
    pub(super) fn is_first(&self, number: usize, block: u32, left: u32, right: u32) -> bool {
        let own = match &self.keys[number] {
            OfKey::Single(_) => true,
            many => many.first_shared(left, right) == Some(block),
        };
        own && !self.keys[..number].iter().any(|earlier| match earlier {
            OfKey::Single(place) => {
                let [left, right] = [left, right].map(|record| self.single[record as usize * self.width + place]);
                left == right && left != NONE
            }
            many => many.first_shared(left, right).is_some(),
        })
    }
}

impl OfKey {
    /// Blocks come in the order of their numbers, so that those of each record rise.
    fn many(of: &Blocks, records: usize) -> Self {
        let mut starts = vec![0; records + 1];
        for block in 0..of.count() {
            of.records(block).iter().for_each(|&record| starts[record as usize + 1] += 1);
        }
        for record in 0..records {
            starts[record + 1] += starts[record];
        }
        let (mut next, mut blocks) = (starts.clone(), vec![NONE; of.entries()]);
        for block in 0..of.count() {
            for &record in of.records(block) {
                blocks[next[record as usize]] = block as u32;
                next[record as usize] += 1;
            }
        }
        Self::Many { starts, blocks }
    }

    fn first_shared(&self, left: u32, right: u32) -> Option<u32> {
        let Self::Many { starts, blocks } = self else { return None };
        let of = |record: u32| &blocks[starts[record as usize]..starts[record as usize + 1]];
        smallest_in_both(of(left), of(right))
    }
}

/// Of two rising lists.
fn smallest_in_both(left: &[u32], right: &[u32]) -> Option<u32> {
    let (mut i, mut j) = (0, 0);
    while i < left.len() && j < right.len() {
        match left[i].cmp(&right[j]) {
            Ordering::Less => i += 1,
            Ordering::Greater => j += 1,
            Ordering::Equal => return Some(left[i]),
        }
    }
    None
}
