//! The keys of the records, sorted. What a plan gives in batches is held whole, for sorting; where that takes more memory
//! than there is, it comes in several shares of the hashes.

use std::{iter, sync::Arc, vec};

use datafusion::{
    arrow::{
        array::{Array, AsArray, RecordBatch},
        datatypes::{UInt32Type, UInt64Type},
    },
    execution::{SendableRecordBatchStream, memory_pool::MemoryReservation},
    prelude::DataFrame,
};
use futures::{StreamExt, future::try_join_all};
use model::limits;
use tokio::task::JoinHandle;

use crate::{
    Failure,
    context::{Checkpoint, StepContext},
};

/// Bytes that are taken at least before a share is made smaller.
const SHARE_BYTES_MIN: usize = 1024 * 1024;

/// Some of the hashes: those whose highest `bits` are `number`. So the keys rise from one share to the next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Share {
    bits: u32,
    number: u64,
}

impl Share {
    pub(super) const ALL: Self = Self { bits: 0, number: 0 };
    /// The smallest is one of a million.
    const BITS_MAX: u32 = 20;

    fn has(self, key: u64) -> bool {
        key.checked_shr(u64::BITS - self.bits).unwrap_or(0) == self.number
    }

    /// The part of its hashes that a key is in, of `parts` that rise.
    fn part(self, key: u64, parts: usize) -> usize {
        ((u128::from(key << self.bits) * parts as u128) >> u64::BITS) as usize
    }

    /// The one after it, of as many.
    pub(super) fn next(self) -> Option<Self> {
        (self.number + 1 < 1 << self.bits).then_some(Self { number: self.number + 1, ..self })
    }

    /// Only the first may become smaller: after it the others are settled.
    fn halved(self) -> Option<Self> {
        (self.number == 0 && self.bits < Self::BITS_MAX).then_some(Self { bits: self.bits + 1, ..self })
    }
}

/// Hashes and their records.
type Part = Vec<(u64, u32)>;

/// The hashes of each key and their records, unsorted.
pub(super) struct Keyed {
    /// What was taken; less than was asked for where that was too much.
    pub(super) share: Share,
    /// By key.
    keys: vec::IntoIter<Unsorted>,
    accounts: Arc<Vec<MemoryReservation>>,
}

/// Of one key.
#[derive(Default)]
struct Unsorted {
    full: u64,
    /// In parts that rise, and of each part what came from each stream of the plan.
    parts: Vec<Vec<Part>>,
}

/// A key that is being sorted.
pub(super) struct Sorting {
    full: u64,
    parts: Vec<JoinHandle<Part>>,
    accounts: Arc<Vec<MemoryReservation>>,
}

/// Hashes of a key and their records, rising from one part to the next.
pub(super) struct Sorted {
    /// Records with as many hashes as one may have; some may have had more.
    pub(super) full: u64,
    pub(super) parts: Vec<Part>,
    _accounts: Arc<Vec<MemoryReservation>>,
}

/// What came from one stream of the plan.
struct Stream {
    share: Share,
    /// By key.
    keys: Vec<OfStream>,
    memory: MemoryReservation,
    bytes_max: usize,
}

#[derive(Clone)]
struct OfStream {
    full: u64,
    /// In parts that rise.
    parts: Vec<Part>,
}

/// Reads a plan of records and their keys; a column of one may hold lists.
pub(super) async fn read(plan: &DataFrame, share: Share, context: &StepContext<'_>) -> Result<Keyed, Failure> {
    let streams = context.unless_cancelled(plan.clone().execute_stream_partitioned()).await??;
    let engine = context.engine();
    let free = engine.config().memory_bytes.saturating_sub(engine.memory_used_bytes());
    // Sorting takes as much again, and blocks may.
    let bytes_max = (free / 3 / streams.len().max(1)).max(SHARE_BYTES_MIN);
    let none = OfStream { full: 0, parts: vec![Vec::new(); engine.config().threads.max(1)] };
    let keys = vec![none; plan.schema().fields().len() - 1];
    let tasks = streams.into_iter().map(|stream| {
        let memory = engine.reserve("match: keys of the records");
        let taken = Stream { share, keys: keys.clone(), memory, bytes_max };
        engine.spawn(taken.read(stream, context.checkpoints()))
    });
    let mut streams = Vec::new();
    for read in context.unless_cancelled(try_join_all(tasks)).await?.map_err(stopped)? {
        streams.push(read?);
    }
    let share = streams.iter().map(|stream| stream.share).max_by_key(|share| share.bits).unwrap_or(share);
    streams.iter_mut().for_each(|stream| stream.take_only(share));
    let memory = engine.reserve("match: keys of the records");
    memory.try_resize(streams.iter().map(Stream::bytes).sum())?;
    let (mut accounts, mut unsorted) = (vec![memory], Vec::new());
    unsorted.resize_with(keys.len(), Unsorted::default);
    for stream in streams {
        for (key, of_stream) in unsorted.iter_mut().zip(stream.keys) {
            key.full += of_stream.full;
            key.parts.resize(of_stream.parts.len(), Vec::new());
            key.parts.iter_mut().zip(of_stream.parts).for_each(|(part, of_stream)| part.push(of_stream));
        }
        accounts.push(stream.memory);
    }
    Ok(Keyed { share, keys: unsorted.into_iter(), accounts: Arc::new(accounts) })
}

impl Keyed {
    /// Begins to sort the next key; after the last there is nothing to sort.
    pub(super) fn sort_next(&mut self, context: &StepContext<'_>) -> Sorting {
        let Unsorted { full, parts } = self.keys.next().unwrap_or_default();
        let sort = |part: Vec<Part>| {
            // A step that is cancelled does not wait for the sorting; what that holds is given back when it ends.
            let accounts = Arc::clone(&self.accounts);
            context.engine().spawn_blocking(move || {
                let mut sorted = part.concat();
                drop(part);
                sorted.sort_unstable();
                drop(accounts);
                sorted
            })
        };
        Sorting { full, parts: parts.into_iter().map(sort).collect(), accounts: Arc::clone(&self.accounts) }
    }
}

impl Sorting {
    /// The key once it is sorted; records of one hash rise.
    pub(super) async fn done(self, context: &StepContext<'_>) -> Result<Sorted, Failure> {
        let parts = context.unless_cancelled(try_join_all(self.parts)).await?.map_err(stopped)?;
        Ok(Sorted { full: self.full, parts, _accounts: self.accounts })
    }
}

fn stopped(error: tokio::task::JoinError) -> Failure {
    Failure::Internal(format!("making blocks stopped: {error}"))
}

impl Stream {
    async fn read(mut self, mut stream: SendableRecordBatchStream, checkpoint: Checkpoint) -> Result<Self, Failure> {
        while let Some(batch) = checkpoint.unless_cancelled(stream.next()).await? {
            self.add(&batch?);
            while self.bytes() > self.bytes_max {
                let Some(less) = self.share.halved() else { break };
                self.take_only(less);
            }
            self.memory.try_resize(self.bytes())?;
        }
        Ok(self)
    }

    fn add(&mut self, batch: &RecordBatch) {
        let records = batch.column(0).as_primitive::<UInt32Type>().values();
        for (key, hashes) in self.keys.iter_mut().zip(&batch.columns()[1..]) {
            if let Some(lists) = hashes.as_list_opt::<i32>() {
                let values = lists.values().as_primitive::<UInt64Type>().values();
                for (row, &record) in records.iter().enumerate().filter(|(row, _)| lists.is_valid(*row)) {
                    let [start, end] = [row, row + 1].map(|row| lists.value_offsets()[row] as usize);
                    key.full += u64::from(end - start == limits::BLOCKING_KEYS_PER_RECORD_MAX);
                    values[start..end].iter().for_each(|&hash| key.push(hash, record, self.share));
                }
            } else {
                let hashed = iter::zip(hashes.as_primitive::<UInt64Type>(), records);
                let hashed = hashed.filter_map(|(hash, record)| Some((hash?, *record)));
                hashed.for_each(|(hash, record)| key.push(hash, record, self.share));
            }
        }
    }

    fn take_only(&mut self, share: Share) {
        if share != self.share {
            self.share = share;
            for key in &mut self.keys {
                let none = vec![Vec::new(); key.parts.len()];
                let taken = std::mem::replace(&mut key.parts, none);
                taken.into_iter().flatten().for_each(|(hash, record)| key.push(hash, record, share));
            }
        }
    }

    fn bytes(&self) -> usize {
        let parts = self.keys.iter().flat_map(|key| &key.parts);
        parts.map(|part| part.capacity() * size_of::<(u64, u32)>()).sum()
    }
}

impl OfStream {
    fn push(&mut self, hash: u64, record: u32, share: Share) {
        if share.has(hash) {
            let part = share.part(hash, self.parts.len());
            self.parts[part].push((hash, record));
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        /// So blocks are the same, in the same order, whatever memory there is.
        #[test]
        fn keys_rise_from_part_to_part_and_from_share_to_share(
            mut keys in proptest::collection::vec(any::<u64>(), 1..60),
            halvings in 0_u32..6,
            parts in 1_usize..5,
        ) {
            let halved = (0..halvings).fold(Share::ALL, |share, _| share.halved().expect("one of a million at least"));
            let mut met = Vec::new();
            for share in iter::successors(Some(halved), |share| share.next()) {
                for part in 0..parts {
                    let of_part = keys.iter().copied().filter(|&key| share.has(key) && share.part(key, parts) == part);
                    let mut of_part: Vec<u64> = of_part.collect();
                    of_part.sort_unstable();
                    met.extend(of_part);
                }
            }
            keys.sort_unstable();
            prop_assert_eq!(met, keys);
        }
    }
}
