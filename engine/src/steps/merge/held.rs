//! What Merge holds of grouped records while their groups are decided.

use std::{borrow::Cow, collections::BTreeMap, ops::RangeInclusive, path::Path};

use datafusion::{
    arrow::array::{Array, Float32Array, StringArray, UInt32Array},
    execution::memory_pool::MemoryReservation,
};

use super::rules::{Flags, Member};
use crate::{
    Failure, ReviewFlags, StepContext,
    read::{self, GROUP, RECORD, RECORD_ID, SCORE, SOURCE},
    similarity::Strings,
    table,
};

/// The grouped records, in load order.
pub(super) struct Grouped {
    pub(super) records: Vec<u32>,
    pub(super) groups: Vec<u32>,
    pub(super) scores: Vec<f32>,
    pub(super) ids: Strings,
    _memory: MemoryReservation,
}

impl Grouped {
    pub(super) fn read(groups: &Path, context: &StepContext<'_>) -> Result<Self, Failure> {
        let memory = context.engine().reserve("merge: grouped records");
        let (mut records, mut of_record, mut scores, mut ids) =
            (Vec::new(), Vec::new(), Vec::new(), Strings::default());
        for batch in table::scan_ahead(groups, Some(&[RECORD, GROUP, SCORE, RECORD_ID]))? {
            context.checkpoint()?;
            let batch = batch?;
            records.extend_from_slice(read::column::<UInt32Array>(&batch, RECORD)?.values());
            of_record.extend_from_slice(read::column::<UInt32Array>(&batch, GROUP)?.values());
            scores.extend_from_slice(read::column::<Float32Array>(&batch, SCORE)?.values());
            read::column::<StringArray>(&batch, RECORD_ID)?.iter().for_each(|id| ids.push(id.unwrap_or_default()));
            memory.try_resize(records.capacity() * 12 + ids.bytes())?;
        }
        Ok(Self { records, groups: of_record, scores, ids, _memory: memory })
    }

    /// The groups in shares of at most so many records, rising; a larger group is one of its own.
    pub(super) fn shares(&self, records_max: usize) -> Vec<RangeInclusive<u32>> {
        let mut sizes: BTreeMap<u32, usize> = BTreeMap::new();
        if self.groups.len() <= records_max {
            let range = self.groups.iter().min().zip(self.groups.iter().max());
            return range.map(|(first, last)| *first..=*last).into_iter().collect();
        }
        self.groups.iter().for_each(|group| *sizes.entry(*group).or_default() += 1);
        let mut shares: Vec<RangeInclusive<u32>> = Vec::new();
        let mut records = 0;
        for (group, size) in sizes {
            records += size;
            match shares.last_mut() {
                Some(share) if records <= records_max => *share = *share.start()..=group,
                _ => {
                    shares.push(group..=group);
                    records = size;
                }
            }
        }
        shares
    }
}

/// What rules read of the records of some groups, in load order. Places are places in that order.
pub(super) struct Held<'a> {
    grouped: &'a Grouped,
    /// Which of the grouped records each is.
    numbers: Vec<u32>,
    sources: Strings,
    values: Values,
    _memory: MemoryReservation,
}

impl<'a> Held<'a> {
    pub(super) fn read(
        records: &Path,
        (grouped, groups): (&'a Grouped, &RangeInclusive<u32>),
        columns: &[String],
        context: &StepContext<'_>,
    ) -> Result<Self, Failure> {
        let memory = context.engine().reserve("merge: values of grouped records");
        let numbers = 0..grouped.records.len() as u32;
        let numbers: Vec<u32> = numbers.filter(|number| groups.contains(&grouped.groups[*number as usize])).collect();
        let (sources, values) = (Strings::default(), Values::of_columns(columns.len()));
        let mut held = Self { grouped, numbers, sources, values, _memory: memory };
        let wanted: Vec<&str> = [RECORD, SOURCE].into_iter().chain(columns.iter().map(String::as_str)).collect();
        let mut next = 0;
        for batch in table::scan_ahead(records, Some(&wanted))? {
            context.checkpoint()?;
            let batch = batch?;
            let records = read::column::<UInt32Array>(&batch, RECORD)?;
            let sources = read::column::<StringArray>(&batch, SOURCE)?;
            let text = |name: &String| -> Result<StringArray, Failure> {
                let place = batch.schema_ref().index_of(name)?;
                read::texts(batch.column(place))
            };
            let texts: Vec<StringArray> = columns.iter().map(text).collect::<Result<_, _>>()?;
            for (row, &record) in records.values().iter().enumerate() {
                if next < held.numbers.len() && held.record(next) == record {
                    held.sources.push(sources.value(row));
                    held.values.push(texts.iter().map(|texts| texts.is_valid(row).then(|| texts.value(row))));
                    next += 1;
                }
            }
            held._memory.try_resize(held.bytes())?;
        }
        if next < held.numbers.len() {
            return Err(Failure::Internal("Match grouped records that are not there".to_owned()));
        }
        Ok(held)
    }

    fn bytes(&self) -> usize {
        // The places by group, too.
        2 * self.numbers.capacity() * size_of::<u32>() + self.sources.bytes() + self.values.bytes()
    }

    /// All places, those of one group after those of the other.
    pub(super) fn by_group(&self) -> Vec<u32> {
        let mut places: Vec<u32> = (0..self.numbers.len() as u32).collect();
        places.sort_by_key(|place| self.group(*place));
        places
    }

    pub(super) fn number(&self, place: u32) -> u32 {
        self.numbers[place as usize]
    }

    pub(super) fn group(&self, place: u32) -> u32 {
        self.grouped.groups[self.number(place) as usize]
    }

    fn record(&self, place: usize) -> u32 {
        self.grouped.records[self.numbers[place] as usize]
    }

    pub(super) fn value(&self, place: u32, column: usize) -> Option<&str> {
        self.values.get(place as usize, column)
    }

    pub(super) fn member(&self, place: u32, review: &ReviewFlags) -> Member<'_> {
        let number = self.number(place) as usize;
        let id = self.grouped.ids.get(number);
        Member {
            record: self.grouped.records[number],
            id,
            source: self.sources.get(place as usize),
            score: self.grouped.scores[number],
            flags: Flags::of(id, review),
            values: (0..self.values.columns).map(|column| self.value(place, column).map(Cow::Borrowed)).collect(),
        }
    }

    /// Which of the places of a group a record has.
    pub(super) fn place_of(&self, record: u32, places: &[u32]) -> u32 {
        places[places.partition_point(|place| self.record(*place as usize) < record)]
    }
}

/// Values of some records: all of one, then all of the next, as they are read together.
#[derive(Default)]
pub(super) struct Values {
    columns: usize,
    texts: Strings,
    filled: Vec<bool>,
}

impl Values {
    pub(super) fn of_columns(columns: usize) -> Self {
        Self { columns, ..Self::default() }
    }

    /// Adds a record, given its value in each column.
    pub(super) fn push<'v>(&mut self, values: impl Iterator<Item = Option<&'v str>>) {
        for value in values {
            self.filled.push(value.is_some());
            self.texts.push(value.unwrap_or_default());
        }
    }

    pub(super) fn append(&mut self, other: &Self) {
        self.filled.extend_from_slice(&other.filled);
        other.texts.iter().for_each(|text| self.texts.push(text));
    }

    pub(super) fn get(&self, row: usize, column: usize) -> Option<&str> {
        let place = row * self.columns + column;
        self.filled[place].then(|| self.texts.get(place))
    }

    pub(super) fn bytes(&self) -> usize {
        self.texts.bytes() + self.filled.capacity()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Engine, EngineConfig};

    #[test]
    fn shares_hold_whole_groups() {
        let home = tempfile::tempdir().expect("a directory");
        let config = EngineConfig { threads: 1, memory_bytes: 1 << 20, spill_directory: home.path().to_owned() };
        let memory = Engine::new(config).expect("an engine").reserve("test");
        let groups = vec![1, 1, 5, 3, 3, 3, 9, 5];
        let records = (0..groups.len() as u32).collect();
        let (scores, ids) = (vec![1.0; groups.len()], Strings::default());
        let grouped = Grouped { records, groups, scores, ids, _memory: memory };
        assert_eq!(grouped.shares(100), [1..=9]);
        assert_eq!(grouped.shares(5), [1..=3, 5..=9]);
        assert_eq!(grouped.shares(2), [1..=1, 3..=3, 5..=5, 9..=9]);
    }
}
