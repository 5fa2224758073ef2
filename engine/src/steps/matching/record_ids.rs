//! What a record is known by from run to run, although rows are added or come in another order.
//!
//! Where Import gives records an id (column [`RECORD_ID`]), that is it. Else a record is known by its source and a hash of
//! what it held when it was imported, so that cleansing it in another way does not make it another record; of equal ones
//! the second is `-2`. A record whose values change is another one: what was decided about the old one is not held
//! against it.

use std::{
    iter,
    path::{Path, PathBuf},
    sync::mpsc::{self, SyncSender},
    thread,
};

use datafusion::{
    arrow::array::{Array, RecordBatch, StringArray, UInt32Array},
    common::HashMap,
    execution::memory_pool::MemoryReservation,
};
use model::Step;

use super::{columns::RECORDS_FILE, grouping::Member, transforms::mix};
use crate::{
    Failure,
    context::{Checkpoint, StepContext},
    read::{RECORD, RECORD_ID, SOURCE, column, is_ours, texts},
    results::Version,
    similarity::Strings,
    table,
};

/// Batches that wait for who takes their hashes.
const BATCHES_AHEAD: usize = 2;
/// Bytes that a known hash takes in a map.
const ENTRY_BYTES: usize = 24;

/// The ids of the members, in their order. `cleansed` are the records that were matched.
pub(super) async fn of_members(
    members: &[Member],
    cleansed: &Version,
    context: &StepContext<'_>,
) -> Result<Strings, Failure> {
    let path = imported(cleansed, context)?;
    let wanted: Vec<u32> = members.iter().map(|member| member.record).collect();
    let account = context.engine().reserve("match: record ids");
    let checkpoint = context.checkpoints();
    let read = context.engine().spawn_blocking(move || read(&path, &wanted, &account, &checkpoint));
    let ids = context.unless_cancelled(read).await?;
    ids.map_err(|stopped| Failure::Internal(format!("reading record ids: {stopped}")))?
}

/// The records as they were imported, or as they were cleansed where another import has replaced those.
fn imported(cleansed: &Version, context: &StepContext<'_>) -> Result<PathBuf, Failure> {
    let from = cleansed.inputs()?.remove(Step::Import.as_str());
    let import = context.earlier(Step::Import)?.filter(|import| Some(&import.name) == from.as_ref());
    Ok(import.as_ref().unwrap_or(cleansed).file(RECORDS_FILE))
}

/// `wanted` rises.
fn read(path: &Path, wanted: &[u32], account: &MemoryReservation, checkpoint: &Checkpoint) -> Result<Strings, Failure> {
    let (mut ids, mut seen, mut read) = (Strings::default(), HashMap::new(), 0);
    thread::scope(|scope| {
        // Hashing takes as long as reading does, and as what is done with the hashes.
        let (sender, batches) = mpsc::sync_channel(BATCHES_AHEAD);
        scope.spawn(move || hash_batches(path, wanted, &sender));
        for batch in batches {
            checkpoint.check()?;
            let batch: Hashed = batch?;
            iter::zip(&batch.rows, &batch.hashes)
                .for_each(|(row, hash)| batch.ids.push(*row, *hash, &mut seen, &mut ids));
            read += batch.rows.len();
            account.try_resize(ids.bytes() + seen.capacity() * ENTRY_BYTES)?;
        }
        Ok::<_, Failure>(())
    })?;
    if read < wanted.len() {
        let left = wanted.len() - read;
        return Err(Failure::Internal(format!("{left} grouped records are not among the imported ones")));
    }
    Ok(ids)
}

/// The wanted rows of a batch.
struct Hashed {
    ids: BatchIds,
    rows: Vec<usize>,
    hashes: Vec<u64>,
}

/// Gives what is wanted of each batch of a file, until all is found or nobody takes any more.
fn hash_batches(path: &Path, wanted: &[u32], sender: &SyncSender<Result<Hashed, Failure>>) {
    let mut next = 0;
    let mut hashed = |batch: RecordBatch| {
        let ids = BatchIds::new(&batch)?;
        let mut rows = Vec::with_capacity(batch.num_rows());
        for (row, record) in column::<UInt32Array>(&batch, RECORD)?.values().iter().enumerate() {
            if wanted.get(next) == Some(record) {
                rows.push(row);
                next += 1;
            }
        }
        let hashes = rows.iter().map(|row| ids.hash(*row)).collect();
        Ok((Hashed { ids, rows, hashes }, next == wanted.len()))
    };
    let batches = match table::scan_ahead(path, None) {
        Ok(batches) => batches,
        Err(failure) => return drop(sender.send(Err(failure))),
    };
    for batch in batches {
        let (hashed, is_last) = match batch.map_err(Failure::from).and_then(&mut hashed) {
            Ok((hashed, is_last)) => (Ok(hashed), is_last),
            Err(failure) => (Err(failure), true),
        };
        if sender.send(hashed).is_err() || is_last {
            return;
        }
    }
}

/// What ids are made from, for the rows of a batch.
struct BatchIds {
    given: Option<StringArray>,
    sources: StringArray,
    /// Names and values of the user's columns, by name.
    values: Vec<(String, StringArray)>,
}

impl BatchIds {
    fn new(batch: &RecordBatch) -> Result<Self, Failure> {
        let given = batch.column_by_name(RECORD_ID).map(|ids| texts(ids)).transpose()?;
        let mut values = Vec::new();
        for (field, array) in batch.schema_ref().fields().iter().zip(batch.columns()) {
            if given.is_none() && !is_ours(field.name()) {
                values.push((field.name().clone(), texts(array)?));
            }
        }
        // The order of columns is that of the sources, which may change.
        values.sort_by(|(one, _), (other, _)| one.cmp(other));
        Ok(Self { given, sources: column::<StringArray>(batch, SOURCE)?.clone(), values })
    }

    /// Of what a row held.
    fn hash(&self, row: usize) -> u64 {
        let filled = self.values.iter().filter(|(_, values)| values.is_valid(row));
        filled.fold(extended(EMPTY, self.sources.value(row)), |hash, (name, values)| {
            extended(extended(hash, name), values.value(row))
        })
    }

    fn push(&self, row: usize, hash: u64, seen: &mut HashMap<u64, u32>, ids: &mut Strings) {
        if let Some(given) = self.given.as_ref().filter(|given| given.is_valid(row)) {
            ids.push(given.value(row));
            return;
        }
        let source = self.sources.value(row);
        let count = seen.entry(hash).or_insert(0);
        *count += 1;
        match *count {
            1 => ids.push(&format!("{source}/{hash:016x}")),
            count => ids.push(&format!("{source}/{hash:016x}-{count}")),
        }
    }
}

/// The hash of nothing. What people decided is kept by these hashes: they must not become others.
const EMPTY: u64 = 0xcbf2_9ce4_8422_2325;

/// A hash of one text more: FNV-1a (Fowler, Noll and Vo), with the end of each text mixed in.
fn extended(hash: u64, text: &str) -> u64 {
    let with_byte = |hash: u64, byte: u8| (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3);
    mix(with_byte(text.bytes().fold(hash, with_byte), 0xff))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hashes_stay_what_they_are() {
        assert_eq!(extended(extended(EMPTY, "crm"), "Ann"), 0x4f97_3730_1e2e_7979);
    }
}
