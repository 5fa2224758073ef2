//! The pairs of all blocks, each once: with the first key, and of that the first block, that has both records.

use std::{ops::Range, sync::Arc};

use super::{blocks::Blocks, membership::Membership};
use crate::{
    Failure,
    context::Checkpoint,
    steps::matching::{columns::Sources, source_pairs::SourcePairs},
};

/// Pairs that are looked at in one go.
const PORTION_PAIRS: usize = 32 * 1024;
/// Pairs between two looks at the cancel token: a few milliseconds even when values are long.
const PAIRS_BETWEEN_CHECKS: usize = 512;

/// Pairs to compare; left < right, of sources that may meet.
#[derive(Debug)]
pub(in crate::steps::matching) struct Candidates {
    /// By key.
    blocks: Vec<Blocks>,
    membership: Membership,
    sources: Arc<Sources>,
    /// `None` where all sources may meet.
    source_pairs: Option<SourcePairs>,
    pairs_at_most: u64,
}

/// Some pairs of a key: those of whole blocks, or of one block those of some of its records with all after them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::steps::matching) struct Portion {
    blocks: Range<usize>,
    lefts: Range<usize>,
}

impl Candidates {
    pub(super) fn new(
        blocks: Vec<Blocks>,
        membership: Membership,
        sources: Arc<Sources>,
        source_pairs: SourcePairs,
        pairs_at_most: u64,
    ) -> Self {
        let source_pairs = (!source_pairs.allows_all()).then_some(source_pairs);
        Self { blocks, membership, sources, source_pairs, pairs_at_most }
    }

    pub(in crate::steps::matching) fn keys(&self) -> usize {
        self.blocks.len()
    }

    /// Those that come with several keys counted with each.
    pub(in crate::steps::matching) fn pairs_at_most(&self) -> u64 {
        self.pairs_at_most
    }

    /// Divides the pairs of key `number`; of `every` blocks one is taken, always the same.
    pub(in crate::steps::matching) fn portions(&self, number: usize, every: u64) -> Vec<Portion> {
        let blocks = &self.blocks[number];
        let mut portions = Vec::new();
        let (mut first, mut pairs) = (0, 0);
        let whole = |blocks: Range<usize>| Portion { blocks, lefts: 0..usize::MAX };
        for block in 0..blocks.count() {
            let is_taken = blocks.key(block).is_multiple_of(every);
            let records = if is_taken { blocks.records(block).len() } else { 0 };
            let of_block = records * records.saturating_sub(1) / 2;
            if (!is_taken || of_block > PORTION_PAIRS || pairs + of_block > PORTION_PAIRS) && first < block {
                portions.push(whole(first..block));
                (first, pairs) = (block, 0);
            }
            if !is_taken {
                first = block + 1;
            } else if of_block > PORTION_PAIRS {
                let lefts = (PORTION_PAIRS / records).max(1);
                let starts = (0..records).step_by(lefts);
                portions.extend(
                    starts
                        .map(|start| Portion { blocks: block..block + 1, lefts: start..(start + lefts).min(records) }),
                );
                first = block + 1;
            } else {
                pairs += of_block;
            }
        }
        if first < blocks.count() {
            portions.push(whole(first..blocks.count()));
        }
        portions
    }

    /// Gives the pairs of a portion to `pair`.
    pub(in crate::steps::matching) fn each(
        &self,
        number: usize,
        portion: &Portion,
        checkpoint: &Checkpoint,
        mut pair: impl FnMut(u32, u32),
    ) -> Result<(), Failure> {
        let (mut unchecked, mut runs) = (0, Vec::new());
        for block in portion.blocks.clone() {
            let records = self.blocks[number].records(block);
            self.runs(records, &mut runs);
            let lefts = portion.lefts.start..portion.lefts.end.min(records.len());
            for place in lefts {
                let left = records[place];
                let runs = runs.iter().filter(|run| run.end > place + 1 && self.may_meet(left, records[run.start]));
                let rights = runs.map(|run| &records[run.start.max(place + 1)..run.end]);
                // One that has no partner is looked at, too.
                unchecked += 1;
                for rights in rights.flat_map(|rights| rights.chunks(PAIRS_BETWEEN_CHECKS)) {
                    unchecked += rights.len();
                    if unchecked >= PAIRS_BETWEEN_CHECKS {
                        checkpoint.check()?;
                        unchecked = 0;
                    }
                    for &right in rights {
                        if self.membership.is_first(number, block as u32, left, right) {
                            pair(left, right);
                        }
                    }
                }
            }
        }
        Ok(())
    }

    /// Divides the records of a block into those that meet the same sources: few runs, for Import loads one source after
    /// the other. Pairs that may not meet are never made, so that the budget of pairs bounds the time that this takes.
    fn runs(&self, records: &[u32], runs: &mut Vec<Range<usize>>) {
        runs.clear();
        if self.source_pairs.is_none() {
            runs.push(0..records.len());
            return;
        }
        let source = |record: u32| self.sources.of_record[record as usize];
        for run in records.chunk_by(|one, other| source(*one) == source(*other)) {
            let start = runs.last().map_or(0, |before| before.end);
            runs.push(start..start + run.len());
        }
    }

    fn may_meet(&self, left: u32, right: u32) -> bool {
        let source = |record: u32| self.sources.of_record[record as usize];
        self.source_pairs.as_ref().is_none_or(|pairs| pairs.allow(source(left), source(right)))
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use model::config::{MatchConfig, matching::Strategy};
    use proptest::prelude::*;
    use tokio_util::sync::CancellationToken;

    use super::*;

    /// Blocks of each key, given the keys of each record.
    fn candidates(keys: &[Vec<Vec<u64>>], are_many: &[bool], of_record: Vec<u8>, config: &MatchConfig) -> Candidates {
        let records = of_record.len();
        let blocks: Vec<Blocks> = keys
            .iter()
            .map(|of_record| {
                let mut keyed: Vec<(u64, u32)> = of_record
                    .iter()
                    .enumerate()
                    .flat_map(|(record, keys)| keys.iter().map(move |&key| (key, record as u32)))
                    .collect();
                keyed.sort_unstable();
                keyed.dedup();
                let mut blocks = Blocks::default();
                keyed.chunk_by(|a, b| a.0 == b.0).filter(|block| block.len() > 1).for_each(|block| blocks.push(block));
                blocks
            })
            .collect();
        let membership = Membership::new(&blocks, are_many, records);
        let names = ["a", "b", "c"].map(str::to_owned).to_vec();
        let sources = Arc::new(Sources { names, of_record });
        let source_pairs = SourcePairs::new(config, &sources);
        Candidates::new(blocks, membership, sources, source_pairs, 0)
    }

    fn pairs(candidates: &Candidates, number: usize, every: u64) -> Vec<(u32, u32)> {
        let (mut pairs, checkpoint) = (Vec::new(), Checkpoint::new(CancellationToken::new()));
        for portion in candidates.portions(number, every) {
            let pair = |left, right| pairs.push((left, right));
            candidates.each(number, &portion, &checkpoint, pair).expect("nobody cancels");
        }
        pairs
    }

    fn share(of_record: &[Vec<u64>], left: usize, right: usize) -> bool {
        of_record[left].iter().any(|key| of_record[right].contains(key))
    }

    proptest! {
        /// Two keys that a record can have several of around one that it has one of at most.
        #[test]
        fn each_pair_that_shares_a_key_comes_once_with_the_first_key(
            many in proptest::collection::vec(proptest::collection::vec(0_u64..12, 0..4), 24),
            one in proptest::collection::vec(proptest::option::of(0_u64..6), 24),
            more in proptest::collection::vec(proptest::collection::vec(0_u64..12, 0..4), 24),
            // Of three sources, as they come or one after the other.
            mut of_record in proptest::collection::vec(0_u8..3, 24),
            in_order in any::<bool>(),
            strategy in proptest::sample::select(vec![Strategy::All, Strategy::AcrossSources, Strategy::WithinSources]),
        ) {
            if in_order {
                of_record.sort_unstable();
            }
            let may_meet = |left: usize, right: usize| match strategy {
                Strategy::All => true,
                Strategy::AcrossSources => of_record[left] != of_record[right],
                Strategy::WithinSources => of_record[left] == of_record[right],
            };
            let config = MatchConfig { strategy, ..MatchConfig::default() };

            let one: Vec<Vec<u64>> = one.into_iter().map(|key| key.into_iter().collect()).collect();
            let keys = [many, one, more];
            let candidates = candidates(&keys, &[true, false, true], of_record.clone(), &config);
            for number in 0..3 {
                let mut expected = BTreeSet::new();
                for right in 0..24 {
                    for left in 0..right {
                        let shares = |of_record: &Vec<Vec<u64>>| share(of_record, left, right);
                        if may_meet(left, right) && shares(&keys[number]) && !keys[..number].iter().any(shares) {
                            expected.insert((left as u32, right as u32));
                        }
                    }
                }
                let mut found = pairs(&candidates, number, 1);
                found.sort_unstable();
                prop_assert_eq!(found, expected.into_iter().collect::<Vec<_>>());
            }
        }
    }

    #[test]
    fn a_large_block_is_divided_and_of_several_blocks_one_is_taken() {
        let records = 600;
        let of_record: Vec<Vec<u64>> = (0..records).map(|record| vec![if record < 500 { 4 } else { 7 }]).collect();
        let candidates = candidates(&[of_record], &[false], vec![0; records], &MatchConfig::default());
        assert!(candidates.portions(0, 1).len() > 2);
        let all: BTreeSet<(u32, u32)> = pairs(&candidates, 0, 1).into_iter().collect();
        assert_eq!(all.len(), 500 * 499 / 2 + 100 * 99 / 2);
        assert_eq!(pairs(&candidates, 0, 2).len(), 500 * 499 / 2);
    }
}
