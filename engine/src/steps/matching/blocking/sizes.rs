//! The size of every block before any pair is made: pairs of each key, its largest blocks, and whether that is too much.
//!
//! Counts are exact for one key; those of several keys added up are an upper bound, for a pair may have several.

use std::{
    cmp::Reverse,
    collections::{BTreeMap, BTreeSet, HashMap},
};

use datafusion::{
    arrow::{
        array::{Array, AsArray},
        datatypes::UInt32Type,
    },
    prelude::{DataFrame, ident, lit},
};
use model::{config::matching::BlockingPart, limits, results::Block};

use super::Blocking;
use crate::{
    Failure,
    context::StepContext,
    read::{self, RECORD},
    steps::{
        grouped,
        matching::transforms::{spelled, words},
    },
};

/// Largest blocks that are told of each key.
const BLOCKS_TOLD: usize = 5;

#[derive(Clone, Debug)]
pub(super) struct Sizes {
    /// Records of the largest block that is not left out.
    largest_allowed: u64,
    /// Pairs of the blocks that are not left out.
    pub(super) pairs: u64,
    pub(super) largest_block: u64,
    pub(super) blocks_left_out: u64,
    /// The largest blocks, those left out among them, the largest first; of equals the one with the smaller hash.
    pub(super) largest: BTreeMap<(Reverse<u64>, u64), Large>,
}

/// A large block.
#[derive(Clone, Debug)]
pub(super) struct Large {
    first_record: u32,
    records: u64,
    pairs: u64,
    left_out: bool,
    /// What its records share, once it is known.
    value: String,
}

impl Large {
    pub(super) fn block(&self) -> Block {
        Block { value: self.value.clone(), records: self.records, pairs: self.pairs, left_out: self.left_out }
    }
}

impl Sizes {
    pub(super) fn new(largest_allowed: Option<u32>) -> Self {
        let largest_allowed = largest_allowed.map_or(u64::MAX, u64::from);
        Self { largest_allowed, pairs: 0, largest_block: 0, blocks_left_out: 0, largest: BTreeMap::new() }
    }

    /// Counts a block, its key and its records, rising; whether it is small enough.
    pub(super) fn add(&mut self, keyed: &[(u64, u32)], pairs: u64) -> bool {
        let Some(&(key, first_record)) = keyed.first() else { return false };
        let records = keyed.len() as u64;
        let left_out = records > self.largest_allowed;
        if left_out {
            self.blocks_left_out += 1;
        } else {
            self.pairs = self.pairs.saturating_add(pairs);
            self.largest_block = self.largest_block.max(records);
        }
        let place = (Reverse(records), key);
        if self.largest.len() < BLOCKS_TOLD || self.largest.last_key_value().is_some_and(|(last, _)| place < *last) {
            self.largest.insert(place, Large { first_record, records, pairs, left_out, value: String::new() });
            if self.largest.len() > BLOCKS_TOLD {
                self.largest.pop_last();
            }
        }
        !left_out
    }
}

impl Blocking<'_> {
    /// Finds out what the records of the largest blocks share.
    pub(super) async fn spell_blocks(&mut self, records: &DataFrame, context: &StepContext<'_>) -> Result<(), Failure> {
        let wanted: BTreeSet<u32> =
            self.sizes.iter().flat_map(|sizes| sizes.largest.values()).map(|large| large.first_record).collect();
        let parts = self.keys.iter().flat_map(|key| &key.parts);
        let columns: BTreeSet<&str> = parts.map(|part| part.column.as_str()).collect();
        let values = values_of(records, &wanted, &columns, context).await?;
        for (key, sizes) in self.keys.iter().zip(&mut self.sizes) {
            for (&(_, hash), large) in &mut sizes.largest {
                let of_record = values.get(&large.first_record);
                let of_part =
                    |part: &BlockingPart| of_record.and_then(|of_record| of_record.get(&part.column)?.clone());
                let of_parts: Vec<Option<String>> = key.parts.iter().map(of_part).collect();
                large.value = spelled(&key.parts, &of_parts, hash).unwrap_or_default();
            }
        }
        Ok(())
    }

    /// Most pairs that may be scored.
    pub(in crate::steps::matching) fn pairs_max(&self) -> u64 {
        self.config.pairs_max.unwrap_or_else(|| limits::candidate_pairs_default(self.sources.of_record.len() as u64))
    }

    /// Why the pairs are not scored, if there are too many.
    pub(in crate::steps::matching) fn refusal(&self) -> Option<String> {
        let pairs = self.pairs_estimated();
        if pairs <= self.pairs_max() {
            return None;
        }
        let (worst, sizes) = self.sizes.iter().enumerate().max_by_key(|(_, sizes)| sizes.pairs)?;
        let largest = sizes.largest.values().find(|large| !large.left_out);
        let largest = largest.map(|large| format!(" (“{}”)", large.value)).unwrap_or_default();
        Some(format!(
            "blocking proposes {} pairs, and at most {} are to be scored. The blocking key {} alone gives {}; its largest \
             block holds {} records{largest}. Add a part to that key, switch it off, set its largest_block, or raise \
             pairs_max",
            grouped(pairs),
            grouped(self.pairs_max()),
            words(self.keys[worst]),
            grouped(sizes.pairs),
            grouped(sizes.largest_block),
        ))
    }
}

/// The values of some columns, by record and column.
async fn values_of(
    records: &DataFrame,
    wanted: &BTreeSet<u32>,
    columns: &BTreeSet<&str>,
    context: &StepContext<'_>,
) -> Result<HashMap<u32, HashMap<String, Option<String>>>, Failure> {
    let mut values = HashMap::new();
    if wanted.is_empty() {
        return Ok(values);
    }
    let numbers_wanted = wanted.iter().map(|record| lit(*record)).collect();
    let mut selected = vec![ident(RECORD)];
    selected.extend(columns.iter().map(|column| ident(*column)));
    let found = records.clone().filter(ident(RECORD).in_list(numbers_wanted, false))?.select(selected)?;
    for batch in context.unless_cancelled(found.collect()).await?? {
        let records = batch.column(0).as_primitive::<UInt32Type>();
        for (place, column) in columns.iter().enumerate() {
            let texts = read::texts(batch.column(place + 1))?;
            for row in 0..batch.num_rows() {
                let text = texts.is_valid(row).then(|| texts.value(row).to_owned());
                let of_record: &mut HashMap<_, _> = values.entry(records.value(row)).or_default();
                of_record.insert((*column).to_owned(), text);
            }
        }
    }
    Ok(values)
}
