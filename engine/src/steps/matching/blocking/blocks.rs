//! The blocks of one key: records that share it.

/// Blocks of two records or more.
#[derive(Debug, Default)]
pub(super) struct Blocks {
    keys: Vec<u64>,
    /// Where the records of each block end.
    ends: Vec<usize>,
    /// Those of one block after those of the other, rising within a block.
    records: Vec<u32>,
}

impl Blocks {
    /// Adds a block: its key, which all have, and its records, rising.
    pub(super) fn push(&mut self, keyed: &[(u64, u32)]) {
        self.keys.extend(keyed.first().map(|(key, _)| key));
        self.records.extend(keyed.iter().map(|(_, record)| record));
        self.ends.push(self.records.len());
    }

    /// Gives back what was taken for blocks to come.
    pub(super) fn shrink(&mut self) {
        self.keys.shrink_to_fit();
        self.ends.shrink_to_fit();
        self.records.shrink_to_fit();
    }

    pub(super) fn count(&self) -> usize {
        self.keys.len()
    }

    pub(super) fn key(&self, block: usize) -> u64 {
        self.keys[block]
    }

    pub(super) fn records(&self, block: usize) -> &[u32] {
        let start = block.checked_sub(1).map_or(0, |before| self.ends[before]);
        &self.records[start..self.ends[block]]
    }

    /// Records of all blocks; one counts once for each.
    pub(super) fn entries(&self) -> usize {
        self.records.len()
    }

    /// Bytes held, for the memory budget.
    pub(super) fn bytes(&self) -> usize {
        self.keys.capacity() * 8 + self.ends.capacity() * size_of::<usize>() + self.records.capacity() * 4
    }
}
