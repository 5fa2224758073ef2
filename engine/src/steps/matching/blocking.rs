//! Blocking: which pairs are compared.
//!
//! ```text
//! records ─▶ plan: a hash per record ─▶ sorted by hash: blocks ─▶ sizes ─▶ pairs within blocks, each once
//! ```
//!
//! The keys of a record come from a plan of functions known by name. Of each key the blocks are held as the numbers of their
//! records, so that the size of every block is known before any pair is made, and a pair costs no more than looking at it:
//! hash joins of the keys took a quarter of the whole step.

mod blocks;
mod candidates;
mod keyed;
mod membership;
mod sizes;

use std::{iter, sync::Arc};

use datafusion::{
    execution::memory_pool::MemoryReservation,
    prelude::{DataFrame, ident},
};
use model::{
    config::matching::{BlockingKey, MatchConfig, Transform},
    limits,
    results::BlockingCount,
};

pub(super) use self::candidates::{Candidates, Portion};
use self::{
    blocks::Blocks,
    keyed::{Share, Sorted},
    membership::Membership,
    sizes::Sizes,
};
use super::{columns::Sources, functions, source_pairs::SourcePairs, transforms::words};
use crate::{Failure, context::StepContext, read::RECORD, steps::grouped};

/// Blocks that are made between two looks at the cancel token.
const BLOCKS_BETWEEN_CHECKS: usize = 4_096;

/// The enabled keys of a run and their blocks.
pub(super) struct Blocking<'a> {
    config: &'a MatchConfig,
    sources: Arc<Sources>,
    source_pairs: SourcePairs,
    keys: Vec<&'a BlockingKey>,
    /// By key.
    blocks: Vec<Blocks>,
    sizes: Vec<Sizes>,
    memory: MemoryReservation,
}

impl<'a> Blocking<'a> {
    /// Makes the blocks of all keys.
    pub(super) async fn prepare(
        config: &'a MatchConfig,
        sources: &Arc<Sources>,
        records: &DataFrame,
        context: &StepContext<'_>,
    ) -> Result<Self, Failure> {
        let mut blocking = Self {
            config,
            sources: Arc::clone(sources),
            source_pairs: SourcePairs::new(config, sources),
            keys: config.blocking.iter().filter(|key| key.enabled).collect(),
            blocks: Vec::new(),
            sizes: Vec::new(),
            memory: context.engine().reserve("match: blocks"),
        };
        blocking.make_blocks(records, context).await?;
        blocking.spell_blocks(records, context).await?;
        Ok(blocking)
    }

    /// # Errors
    /// When there are more pairs than may be scored.
    pub(super) fn refuse_too_many(&self) -> Result<(), Failure> {
        self.refusal().map_or(Ok(()), |reason| Err(Failure::Input(format!("match: {reason}"))))
    }

    /// Takes the blocks for the pairs that they hold.
    pub(super) fn candidates(&mut self) -> Result<Arc<Candidates>, Failure> {
        let records = self.sources.of_record.len();
        self.memory.try_grow(Membership::bytes_of(&self.blocks, &self.are_many(), records))?;
        let blocks = std::mem::take(&mut self.blocks);
        let are_many = self.are_many();
        let membership = tokio::task::block_in_place(|| Membership::new(&blocks, &are_many, records));
        let (sources, source_pairs) = (Arc::clone(&self.sources), self.source_pairs.clone());
        Ok(Arc::new(Candidates::new(blocks, membership, sources, source_pairs, self.pairs_estimated())))
    }

    /// Which sources may meet.
    pub(super) fn source_pairs(&self) -> &SourcePairs {
        &self.source_pairs
    }

    /// Pairs that all keys give, those given twice counted twice: an upper bound.
    pub(super) fn pairs_estimated(&self) -> u64 {
        self.sizes.iter().fold(0, |pairs, sizes| pairs.saturating_add(sizes.pairs))
    }

    pub(super) fn keys(&self) -> usize {
        self.keys.len()
    }

    /// What a key did, given the pairs that it added.
    pub(super) fn count(&self, number: usize, pairs: u64) -> BlockingCount {
        let sizes = &self.sizes[number];
        BlockingCount {
            key: words(self.keys[number]),
            pairs,
            largest_block: sizes.largest_block,
            pairs_alone: sizes.pairs,
            blocks_left_out: sizes.blocks_left_out,
            largest_blocks: sizes.largest.values().map(sizes::Large::block).collect(),
        }
    }

    /// What a key does on its own.
    pub(super) fn alone(&self, number: usize) -> BlockingCount {
        self.count(number, self.sizes[number].pairs)
    }

    /// By key: whether a record can have several.
    fn are_many(&self) -> Vec<bool> {
        let is_many = |key: &&BlockingKey| key.parts.iter().any(|part| super::transforms::is_many(part.transform));
        self.keys.iter().map(is_many).collect()
    }

    /// The records and their keys.
    fn plan(&self, records: &DataFrame) -> Result<DataFrame, Failure> {
        let key = |(number, key): (usize, &&BlockingKey)| {
            let transforms: Vec<Transform> = key.parts.iter().map(|part| part.transform).collect();
            let columns = key.parts.iter().map(|part| ident(part.column.as_str())).collect();
            functions::blocking_key(&transforms, columns).alias(format!("k{number}"))
        };
        let keys = self.keys.iter().enumerate().map(key);
        Ok(records.clone().select(iter::once(ident(RECORD)).chain(keys).collect::<Vec<_>>())?)
    }

    /// Makes the blocks of all keys, a share of the hashes after the other where all at once take too much memory.
    async fn make_blocks(&mut self, records: &DataFrame, context: &StepContext<'_>) -> Result<(), Failure> {
        self.blocks.resize_with(self.keys.len(), Blocks::default);
        self.sizes = self.keys.iter().map(|key| Sizes::new(key.largest_block)).collect();
        if self.keys.is_empty() {
            return Ok(());
        }
        let plan = self.plan(records)?;
        let mut full = vec![0; self.keys.len()];
        let mut share = Some(Share::ALL);
        while let Some(asked) = share {
            let mut keyed = keyed::read(&plan, asked, context).await?;
            share = keyed.share.next();
            let mut sorting = keyed.sort_next(context);
            for (number, full) in full.iter_mut().enumerate() {
                let sorted = sorting.done(context).await?;
                // The next is sorted while blocks are made of this one.
                sorting = keyed.sort_next(context);
                // Whatever the share, all records were looked at.
                *full = sorted.full;
                tokio::task::block_in_place(|| self.add(number, &sorted, context))?;
            }
        }
        for (number, full) in full.into_iter().enumerate() {
            self.blocks[number].shrink();
            self.tell(number, full, context);
        }
        Ok(self.memory.try_resize(self.blocks.iter().map(Blocks::bytes).sum())?)
    }

    /// Adds the blocks of some hashes of a key.
    fn add(&mut self, number: usize, sorted: &Sorted, context: &StepContext<'_>) -> Result<(), Failure> {
        let held: usize = self.blocks.iter().map(Blocks::bytes).sum::<usize>() - self.blocks[number].bytes();
        let (blocks, sizes) = (&mut self.blocks[number], &mut self.sizes[number]);
        for part in &sorted.parts {
            let blocks_of_part = part.chunk_by(|(one, _), (other, _)| one == other);
            for (place, records) in blocks_of_part.filter(|block| block.len() > 1).enumerate() {
                let pairs = self.source_pairs.pairs_among(records, &self.sources);
                if sizes.add(records, pairs) && pairs > 0 {
                    blocks.push(records);
                }
                if place.is_multiple_of(BLOCKS_BETWEEN_CHECKS) {
                    context.checkpoint()?;
                    self.memory.try_resize(held + blocks.bytes())?;
                }
            }
        }
        Ok(self.memory.try_resize(held + blocks.bytes())?)
    }

    /// What a key left out.
    fn tell(&self, number: usize, full: u64, context: &StepContext<'_>) {
        let (key, sizes) = (self.keys[number], &self.sizes[number]);
        if full > 0 {
            context.warn(format!(
                "{}: {} records have {} keys or more; further ones are left out",
                words(key),
                grouped(full),
                limits::BLOCKING_KEYS_PER_RECORD_MAX
            ));
        }
        if sizes.blocks_left_out > 0 {
            context.info(format!(
                "{}: {} blocks of more than {} records are left out",
                words(key),
                grouped(sizes.blocks_left_out),
                grouped(key.largest_block.map_or(u64::MAX, u64::from))
            ));
        }
    }
}
