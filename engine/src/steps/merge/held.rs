//! What Merge holds of grouped records while their groups are decided.

use std::{collections::BTreeMap, ops::RangeInclusive, path::Path};

use datafusion::{
    arrow::{
        array::{Array, AsArray, Float32Array, StringArray, UInt32Array},
        compute::cast,
        datatypes::DataType,
    },
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
    ids: Strings,
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

    pub(super) fn id(&self, member: u32) -> &str {
        self.ids.get(member)
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

/// What rules read of the records of some groups.
pub(super) struct Held {
    /// Which of the grouped records, rising. A place in it is a place of all others here.
    pub(super) members: Vec<u32>,
    sources: Strings,
    /// By column.
    values: Vec<Values>,
    _memory: MemoryReservation,
}

#[derive(Default)]
struct Values {
    texts: Strings,
    filled: Vec<bool>,
}

impl Held {
    pub(super) fn read(
        records: &Path,
        (grouped, groups): (&Grouped, &RangeInclusive<u32>),
        columns: &[String],
        context: &StepContext<'_>,
    ) -> Result<Self, Failure> {
        let memory = context.engine().reserve("merge: values of grouped records");
        let members = 0..grouped.records.len() as u32;
        let members: Vec<u32> = members.filter(|member| groups.contains(&grouped.groups[*member as usize])).collect();
        let mut held = Self {
            members,
            sources: Strings::default(),
            values: columns.iter().map(|_| Values::default()).collect(),
            _memory: memory,
        };
        let wanted: Vec<&str> = [RECORD, SOURCE].into_iter().chain(columns.iter().map(String::as_str)).collect();
        let mut next = 0;
        for batch in table::scan_ahead(records, Some(&wanted))? {
            context.checkpoint()?;
            let batch = batch?;
            let numbers = read::column::<UInt32Array>(&batch, RECORD)?;
            let sources = read::column::<StringArray>(&batch, SOURCE)?;
            let text = |name: &String| -> Result<StringArray, Failure> {
                let place = batch.schema_ref().index_of(name)?;
                Ok(cast(batch.column(place), &DataType::Utf8)?.as_string::<i32>().clone())
            };
            let texts: Vec<StringArray> = columns.iter().map(text).collect::<Result<_, _>>()?;
            for (row, &record) in numbers.values().iter().enumerate() {
                if held.members.get(next).is_none_or(|&member| grouped.records[member as usize] != record) {
                    continue;
                }
                held.sources.push(sources.value(row));
                for (values, texts) in held.values.iter_mut().zip(&texts) {
                    values.filled.push(texts.is_valid(row));
                    values.texts.push(if texts.is_valid(row) { texts.value(row) } else { "" });
                }
                next += 1;
            }
            held._memory.try_resize(held.bytes())?;
        }
        if next < held.members.len() {
            return Err(Failure::Internal("Match grouped records that are not there".to_owned()));
        }
        Ok(held)
    }

    fn bytes(&self) -> usize {
        let values = self.values.iter().map(|values| values.texts.bytes() + values.filled.capacity());
        self.members.capacity() * 4 + self.sources.bytes() + values.sum::<usize>()
    }

    /// Places of the records, those of one group after those of the other, in load order.
    pub(super) fn by_group(&self, grouped: &Grouped) -> Vec<u32> {
        let mut places: Vec<u32> = (0..self.members.len() as u32).collect();
        places.sort_by_key(|place| grouped.groups[self.members[*place as usize] as usize]);
        places
    }

    pub(super) fn value(&self, place: u32, column: usize) -> Option<&str> {
        let values = &self.values[column];
        values.filled[place as usize].then(|| values.texts.get(place))
    }

    pub(super) fn member(&self, place: u32, grouped: &Grouped, review: &ReviewFlags) -> Member {
        let member = self.members[place as usize];
        let id = grouped.id(member);
        Member {
            record: grouped.records[member as usize],
            id: id.to_owned(),
            source: self.sources.get(place).to_owned(),
            score: grouped.scores[member as usize],
            flags: Flags::of(id, review),
            values: (0..self.values.len()).map(|column| self.value(place, column).map(str::to_owned)).collect(),
        }
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
