//! What the join of each key needs in memory, told from the keys before any join.
//!
//! A record is joined once for each of its keys, and every time takes along its lists of keys: this one's and those of
//! earlier keys, whose pairs are left out. So a text of many words counts with the square of their number.

use datafusion::arrow::array::{Array, AsArray, RecordBatch};
use model::limits;

/// Bytes that a joined record takes in the hash table of a join, its share of the batches included, without lists.
const JOINED_RECORD_BYTES: u64 = 200;
/// Bytes of a key in a list.
const LISTED_KEY_BYTES: u64 = 8;
/// Bytes of the rows that a plan makes of one batch of records.
const BATCH_BYTES: u64 = 32 * 1024 * 1024;
/// Rows of a batch.
const BATCH_ROWS_MIN: u64 = 16;
const BATCH_ROWS_MAX: u64 = 8_192;
/// Columns of the table of keys before the first key.
const COLUMNS_BEFORE: usize = 2;

/// By key.
#[derive(Clone, Debug, Default)]
pub(super) struct Joined(Vec<Key>);

#[derive(Clone, Debug, Default)]
struct Key {
    is_list: bool,
    /// Of one record.
    keys_max: u64,
    /// Of all records of one side of the join.
    bytes: u64,
    /// Records with as many keys as one may have.
    full: u64,
}

impl Joined {
    /// Takes a batch of the table of keys into account.
    pub(super) fn add(&mut self, batch: &RecordBatch) {
        let columns = &batch.columns()[COLUMNS_BEFORE..];
        self.0.resize(columns.len(), Key::default());
        for (number, column) in columns.iter().enumerate() {
            let lists = column.as_list_opt::<i32>();
            self.0[number].is_list = lists.is_some();
            let Some(lists) = lists else {
                let records = (column.len() - column.null_count()) as u64;
                self.0[number].keys_max = 1;
                self.0[number].bytes += records * JOINED_RECORD_BYTES;
                self.add_lists(number, columns, |row| u64::from(column.is_valid(row)));
                continue;
            };
            for row in (0..lists.len()).filter(|row| lists.is_valid(*row)) {
                let keys = lists.value_length(row) as u64;
                let known = &mut self.0[number];
                known.keys_max = known.keys_max.max(keys);
                known.full += u64::from(keys == limits::BLOCKING_KEYS_PER_RECORD_MAX as u64);
                known.bytes += keys * (JOINED_RECORD_BYTES + keys * LISTED_KEY_BYTES);
            }
            self.add_lists(number, columns, |row| if lists.is_valid(row) { lists.value_length(row) as u64 } else { 0 });
        }
    }

    /// The lists of earlier keys, each as often as the record has `keys`.
    fn add_lists(
        &mut self,
        number: usize,
        columns: &[datafusion::arrow::array::ArrayRef],
        keys: impl Fn(usize) -> u64,
    ) {
        for lists in columns[..number].iter().filter_map(|column| column.as_list_opt::<i32>()) {
            let listed = (0..lists.len()).filter(|row| lists.is_valid(*row));
            let bytes: u64 = listed.map(|row| keys(row) * lists.value_length(row) as u64 * LISTED_KEY_BYTES).sum();
            self.0[number].bytes += bytes;
        }
    }

    /// Of one side of the join.
    pub(super) fn bytes(&self, number: usize) -> u64 {
        self.0.get(number).map_or(0, |key| key.bytes)
    }

    /// Rows of a batch by which the rows that become of it stay small.
    pub(super) fn batch_rows(&self, number: usize) -> usize {
        let Some(key) = self.0.get(number) else { return BATCH_ROWS_MAX as usize };
        let listed: u64 = self.0[..=number].iter().filter(|key| key.is_list).map(|key| key.keys_max).sum();
        let bytes = key.keys_max.max(1) * (JOINED_RECORD_BYTES + listed * LISTED_KEY_BYTES);
        (BATCH_BYTES / bytes).clamp(BATCH_ROWS_MIN, BATCH_ROWS_MAX) as usize
    }

    /// Records with as many keys as one may have; some may have had more.
    pub(super) fn full(&self, number: usize) -> u64 {
        self.0.get(number).map_or(0, |key| key.full)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use datafusion::arrow::{
        array::{ArrayRef, ListArray, UInt8Array, UInt32Array, UInt64Array},
        datatypes::UInt64Type,
    };

    use super::*;

    fn joined(lists: &[Vec<Option<Vec<u64>>>], single: Vec<Option<u64>>) -> Joined {
        let records = single.len();
        let list = |lists: &Vec<Option<Vec<u64>>>| {
            let keys =
                lists.iter().map(|keys| keys.as_ref().map(|keys| keys.iter().copied().map(Some).collect::<Vec<_>>()));
            Arc::new(ListArray::from_iter_primitive::<UInt64Type, _, _>(keys)) as ArrayRef
        };
        let mut columns: Vec<(String, ArrayRef)> = vec![
            ("_record".to_owned(), Arc::new(UInt32Array::from_iter_values(0..records as u32))),
            ("source".to_owned(), Arc::new(UInt8Array::from(vec![0; records]))),
        ];
        columns.extend(lists.iter().enumerate().map(|(number, lists)| (format!("k{number}"), list(lists))));
        columns.push(("single".to_owned(), Arc::new(UInt64Array::from(single))));
        let mut joined = Joined::default();
        joined.add(&RecordBatch::try_from_iter(columns).expect("a batch"));
        joined
    }

    #[test]
    fn a_record_is_joined_with_its_lists_once_for_each_key() {
        let lists = [vec![Some(vec![1, 2, 3]), None], vec![Some(vec![5, 6]), Some(vec![5])]];
        let joined = joined(&lists, vec![Some(1), None]);
        assert_eq!(joined.bytes(0), 3 * (200 + 3 * 8));
        assert_eq!(joined.bytes(1), 2 * (200 + 2 * 8 + 3 * 8) + (200 + 8));
        assert_eq!(joined.bytes(2), 200 + (3 + 2) * 8);
        assert_eq!(joined.batch_rows(2), 8_192);
    }

    #[test]
    fn rows_that_become_many_come_in_small_batches() {
        let most = limits::BLOCKING_KEYS_PER_RECORD_MAX as u64;
        let long = Some((0..most).collect::<Vec<u64>>());
        let joined = joined(&[vec![long.clone()], vec![long]], vec![Some(1)]);
        assert_eq!((joined.full(0), joined.full(2)), (1, 0));
        let bytes = joined.batch_rows(1) as u64 * most * (200 + 2 * most * 8);
        assert!(bytes <= BATCH_BYTES || joined.batch_rows(1) == BATCH_ROWS_MIN as usize, "{bytes}");
    }
}
