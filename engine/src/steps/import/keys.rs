//! The values that records of a source are known by: one for each, and none twice.

use std::{
    collections::{HashMap, hash_map::Entry},
    hash::{DefaultHasher, Hash as _, Hasher as _},
};

use datafusion::execution::memory_pool::MemoryReservation;

use crate::{Engine, Failure};

/// Bytes of an entry: hash, place, and what the map keeps beside it.
const ENTRY_BYTES: usize = size_of::<(u128, u64)>() + 1;

/// The keys of the records of one source so far.
pub(super) struct Keys {
    /// Of hashes of 128 bits: that two of a billion keys share one has a chance of 10⁻²¹.
    places: HashMap<u128, u64>,
    account: MemoryReservation,
}

impl Keys {
    pub(super) fn new(engine: &Engine) -> Self {
        Self { places: HashMap::new(), account: engine.reserve("import: keys of a source") }
    }

    /// Takes the key of the record at `place`. Gives the place of the record that had it before.
    pub(super) fn add(&mut self, key: &str, place: u64) -> Result<Option<u64>, Failure> {
        match self.places.entry(hash(key)) {
            Entry::Occupied(before) => return Ok(Some(*before.get())),
            Entry::Vacant(free) => free.insert(place),
        };
        let bytes = self.places.capacity() * ENTRY_BYTES;
        if bytes > self.account.size() {
            self.account.try_resize(bytes)?;
        }
        Ok(None)
    }
}

fn hash(key: &str) -> u128 {
    let half = |seed: u8| {
        let mut hasher = DefaultHasher::new();
        (seed, key).hash(&mut hasher);
        hasher.finish()
    };
    u128::from(half(0)) << 64 | u128::from(half(1))
}
