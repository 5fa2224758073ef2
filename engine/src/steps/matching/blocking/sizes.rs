//! The size of every block before any pair is made: pairs of each key, its largest blocks, and whether that is too much.
//!
//! Counts are exact for one key; those of several keys added up are an upper bound, for a pair may have several.

use std::{
    cmp::Reverse,
    collections::{BTreeMap, BTreeSet, HashMap, HashSet},
};

use datafusion::{
    arrow::{
        array::{Array, AsArray, RecordBatch, UInt64Array},
        compute::cast,
        datatypes::{DataType, UInt64Type},
    },
    functions_aggregate::expr_fn::{count, min, sum},
    prelude::{DataFrame, Expr, ident, lit, when},
};
use futures::StreamExt;
use model::{
    config::matching::{BlockingPart, Strategy},
    limits,
    results::Block,
};

use super::{Blocking, name, unnested};
use crate::{
    Failure,
    context::StepContext,
    read::RECORD,
    steps::{
        grouped,
        matching::transforms::{spelled, words},
    },
};

/// Largest blocks that are told of each key.
const BLOCKS_TOLD: usize = 5;

#[derive(Clone, Debug, Default)]
pub(super) struct Sizes {
    /// Pairs of the blocks that are not left out.
    pub(super) pairs: u64,
    pub(super) largest_block: u64,
    /// The largest blocks, those left out among them, the largest first.
    pub(super) largest: Vec<Large>,
    /// Keys of blocks beyond the largest allowed.
    pub(super) purged: HashSet<u64>,
}

/// A large block.
#[derive(Clone, Debug)]
pub(super) struct Large {
    key: u64,
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

/// Records of one block: all, the sum of the squares of those of each source, and those of the sources that some pair of
/// sources excludes.
struct BlockRecords {
    all: u64,
    squares: u64,
    of_excluded: Vec<u64>,
}

impl Blocking<'_> {
    /// Records of each block → pairs.
    pub(super) async fn measure(&self, number: usize, context: &StepContext<'_>) -> Result<Sizes, Failure> {
        let keys = unnested(self.table(context).await?.select(vec![ident("source"), ident(name(number)).alias("k")])?)?;
        let excluded = self.excluded_sources();
        let blocks = if self.config.strategy == Strategy::All && excluded.is_empty() {
            // Whatever its source, each record may meet each other.
            let squares = lit(0_i64).alias("squares");
            keys.aggregate(vec![ident("k")], vec![count(lit(1)).alias("n")])?.select(vec![
                ident("k"),
                ident("n"),
                squares,
            ])?
        } else {
            by_source(keys, &excluded)?
        };
        let blocks = blocks.filter(ident("n").gt(lit(1_i64)))?;
        let mut stream = context.unless_cancelled(blocks.execute_stream()).await??;
        let largest_allowed = self.keys[number].largest_block.map_or(u64::MAX, u64::from);
        let (mut sizes, mut largest) = (Sizes::default(), BTreeMap::new());
        while let Some(batch) = context.unless_cancelled(stream.next()).await? {
            let batch = batch?;
            let columns =
                (0..batch.num_columns()).map(|column| numbers(&batch, column)).collect::<Result<Vec<_>, _>>()?;
            for row in 0..batch.num_rows() {
                let of_excluded = columns[3..].iter().map(|column| column.value(row)).collect();
                let records = BlockRecords { all: columns[1].value(row), squares: columns[2].value(row), of_excluded };
                let (key, pairs) = (columns[0].value(row), self.pairs_of_block(&records, &excluded));
                let left_out = records.all > largest_allowed;
                if left_out {
                    sizes.purged.insert(key);
                } else {
                    sizes.pairs = sizes.pairs.saturating_add(pairs);
                    sizes.largest_block = sizes.largest_block.max(records.all);
                }
                let large = Large { key, records: records.all, pairs, left_out, value: String::new() };
                // Of equals the one with the smaller hash, whatever the order in which they come.
                largest.insert((Reverse(records.all), key), large);
                if largest.len() > BLOCKS_TOLD {
                    largest.pop_last();
                }
            }
        }
        sizes.largest = largest.into_values().collect();
        if !sizes.purged.is_empty() {
            context.info(format!(
                "{}: {} blocks of more than {} records are left out",
                words(self.keys[number]),
                grouped(sizes.purged.len() as u64),
                grouped(largest_allowed)
            ));
        }
        Ok(sizes)
    }

    /// Pairs of sources, by number, that are never compared although the strategy would.
    fn excluded_pairs(&self) -> Vec<(u8, u8)> {
        let number = |name: &String| self.sources.iter().position(|source| source == name).map(|number| number as u8);
        let pairs = self.config.excluded_source_pairs.iter();
        let pairs = pairs.filter_map(|(a, b)| Some((number(a)?, number(b)?))).map(|(a, b)| (a.min(b), a.max(b)));
        let wanted = |(a, b): &(u8, u8)| match self.config.strategy {
            Strategy::All => true,
            Strategy::AcrossSources => a != b,
            Strategy::WithinSources => a == b,
        };
        // The same pair may be named twice.
        pairs.filter(wanted).collect::<BTreeSet<_>>().into_iter().collect()
    }

    fn excluded_sources(&self) -> Vec<u8> {
        let sources: BTreeSet<u8> = self.excluded_pairs().into_iter().flat_map(|(a, b)| [a, b]).collect();
        sources.into_iter().collect()
    }

    /// Exactly the pairs of a block; `excluded` names the sources that `of_excluded` counts.
    fn pairs_of_block(&self, block: &BlockRecords, excluded: &[u8]) -> u64 {
        let (all, squares) = (u128::from(block.all), u128::from(block.squares));
        let pairs = match self.config.strategy {
            Strategy::All => all * all.saturating_sub(1) / 2,
            Strategy::AcrossSources => (all * all).saturating_sub(squares) / 2,
            Strategy::WithinSources => squares.saturating_sub(all) / 2,
        };
        let records_of = |source: u8| {
            let place = excluded.iter().position(|known| *known == source);
            place.map_or(0, |place| u128::from(block.of_excluded[place]))
        };
        let left_out: u128 = self
            .excluded_pairs()
            .into_iter()
            .map(|(a, b)| match (records_of(a), records_of(b)) {
                (one, _) if a == b => one * one.saturating_sub(1) / 2,
                (one, other) => one * other,
            })
            .sum();
        u64::try_from(pairs.saturating_sub(left_out)).unwrap_or(u64::MAX)
    }

    /// Finds out what the records of the largest blocks share.
    pub(super) async fn spell_blocks(&mut self, records: &DataFrame, context: &StepContext<'_>) -> Result<(), Failure> {
        let mut first_of: Vec<HashMap<u64, u64>> = Vec::with_capacity(self.keys.len());
        for number in 0..self.keys.len() {
            first_of.push(self.first_records(number, context).await?);
        }
        let wanted: BTreeSet<u64> = first_of.iter().flat_map(HashMap::values).copied().collect();
        let parts = self.keys.iter().flat_map(|key| &key.parts);
        let columns: BTreeSet<&str> = parts.map(|part| part.column.as_str()).collect();
        let values = values_of(records, &wanted, &columns, context).await?;
        for ((key, sizes), first_of) in self.keys.iter().zip(&mut self.sizes).zip(&first_of) {
            for large in &mut sizes.largest {
                let of_record = first_of.get(&large.key).and_then(|record| values.get(record));
                let of_part =
                    |part: &BlockingPart| of_record.and_then(|of_record| of_record.get(&part.column)?.clone());
                let of_parts: Vec<Option<String>> = key.parts.iter().map(of_part).collect();
                large.value = spelled(&key.parts, &of_parts, large.key).unwrap_or_default();
            }
        }
        Ok(())
    }

    /// The first record of each of a key's largest blocks.
    async fn first_records(&self, number: usize, context: &StepContext<'_>) -> Result<HashMap<u64, u64>, Failure> {
        let wanted: Vec<Expr> = self.sizes[number].largest.iter().map(|large| lit(large.key)).collect();
        let mut first_of = HashMap::new();
        if wanted.is_empty() {
            return Ok(first_of);
        }
        let table = self.table(context).await?.select(vec![ident(RECORD), ident(name(number)).alias("k")])?;
        let firsts = unnested(table)?
            .filter(ident("k").in_list(wanted, false))?
            .aggregate(vec![ident("k")], vec![min(ident(RECORD)).alias(RECORD)])?;
        for batch in context.unless_cancelled(firsts.collect()).await?? {
            let (keys, records) = (numbers(&batch, 0)?, numbers(&batch, 1)?);
            first_of.extend(keys.values().iter().copied().zip(records.values().iter().copied()));
        }
        Ok(first_of)
    }

    /// Most pairs that may be scored.
    pub(in crate::steps::matching) fn pairs_max(&self) -> u64 {
        self.config.pairs_max.unwrap_or_else(|| limits::candidate_pairs_default(self.records))
    }

    /// Why the pairs are not scored, if there are too many.
    pub(in crate::steps::matching) fn refusal(&self) -> Option<String> {
        let pairs = self.pairs_estimated();
        if pairs <= self.pairs_max() {
            return None;
        }
        let (worst, sizes) = self.sizes.iter().enumerate().max_by_key(|(_, sizes)| sizes.pairs)?;
        let largest = sizes.largest.iter().find(|large| !large.left_out);
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

/// `k`, `n`, `squares`, and of each excluded source its records.
fn by_source(keys: DataFrame, excluded: &[u8]) -> Result<DataFrame, Failure> {
    let mut of_source = vec![ident("k"), ident("n"), (ident("n") * ident("n")).alias("squares")];
    let mut sums = vec![sum(ident("n")).alias("n"), sum(ident("squares")).alias("squares")];
    for (place, source) in excluded.iter().enumerate() {
        let records = when(ident("source").eq(lit(*source)), ident("n")).otherwise(lit(0_i64))?;
        of_source.push(records.alias(format!("of{place}")));
        sums.push(sum(ident(format!("of{place}"))).alias(format!("of{place}")));
    }
    let of_source =
        keys.aggregate(vec![ident("k"), ident("source")], vec![count(lit(1)).alias("n")])?.select(of_source)?;
    Ok(of_source.aggregate(vec![ident("k")], sums)?)
}

/// The values of some columns, by record and column.
async fn values_of(
    records: &DataFrame,
    wanted: &BTreeSet<u64>,
    columns: &BTreeSet<&str>,
    context: &StepContext<'_>,
) -> Result<HashMap<u64, HashMap<String, Option<String>>>, Failure> {
    let mut values = HashMap::new();
    if wanted.is_empty() {
        return Ok(values);
    }
    let numbers_wanted = wanted.iter().map(|record| lit(*record as u32)).collect();
    let mut selected = vec![ident(RECORD)];
    selected.extend(columns.iter().map(|column| ident(*column)));
    let found = records.clone().filter(ident(RECORD).in_list(numbers_wanted, false))?.select(selected)?;
    for batch in context.unless_cancelled(found.collect()).await?? {
        let records = numbers(&batch, 0)?;
        for (place, column) in columns.iter().enumerate() {
            let texts = cast(batch.column(place + 1), &DataType::Utf8)?;
            let texts = texts.as_string::<i32>();
            for row in 0..batch.num_rows() {
                let text = texts.is_valid(row).then(|| texts.value(row).to_owned());
                let of_record: &mut HashMap<_, _> = values.entry(records.value(row)).or_default();
                of_record.insert((*column).to_owned(), text);
            }
        }
    }
    Ok(values)
}

/// A column as UInt64.
fn numbers(batch: &RecordBatch, column: usize) -> Result<UInt64Array, Failure> {
    let cast = cast(batch.column(column), &DataType::UInt64)?;
    Ok(cast.as_primitive::<UInt64Type>().clone())
}
