//! What agreement on a value says by the value's being rare or frequent (term-frequency adjustment).

use serde::{Deserialize, Serialize};

/// How frequent values are, relative to chance agreement on the column.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Frequency {
    /// Records that any one value would have if all were equally frequent.
    mean: f64,
    /// Of the records with a value so many may be one and the same thing.
    own: u32,
    /// Least records that a value is taken to have.
    least: f64,
}

impl Frequency {
    /// From `records` values among which matches are, too. A value that two records share is known from these two alone;
    /// it is not taken to be rarer than that.
    pub(super) fn of_all(equal_by_chance: f64, records: usize) -> Self {
        Self { mean: equal_by_chance * records as f64, own: 0, least: 2.0 }
    }

    /// From the values of `sources` that hold nothing twice: a value that each of them has once may be one thing's alone.
    /// How frequent such a value is among others is told by how many values a source has `twice` for those that it has
    /// `once` (Good, Biometrika 40, 1953).
    pub(super) fn of_strangers(equal_by_chance: f64, records: usize, sources: usize, once: u64, twice: u64) -> Self {
        let least = (2.0 * twice as f64 + 1.0) / (once as f64 + 1.0);
        let mean = equal_by_chance * records as f64 / sources.max(1) as f64;
        Self { mean, own: sources as u32, least: least.min(1.0) }
    }

    /// Bits to add for agreement on a value that so many records have: less than 0 for a frequent one.
    pub(super) fn bits(self, count: u32) -> f32 {
        (self.mean / f64::from(count.saturating_sub(self.own)).max(self.least)).log2() as f32
    }
}

/// Of one comparison.
#[derive(Debug)]
pub(super) struct Rarity {
    pub(super) frequency: Frequency,
    /// By number of the value.
    pub(super) bits: Vec<f32>,
}

impl Rarity {
    pub(super) fn new(frequency: Frequency, counts: &[u32]) -> Self {
        Self { frequency, bits: counts.iter().map(|&count| frequency.bits(count)).collect() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rare_values_add_bits_and_frequent_ones_take_some() {
        // Chance agreement as if each value had 8 of 1,000 records.
        let frequency = Frequency::of_all(0.008, 1_000);
        assert_eq!([1, 2, 8, 64].map(|count| frequency.bits(count)), [2.0, 2.0, 0.0, -3.0]);
    }

    #[test]
    fn what_each_of_two_sources_has_once_may_be_one_thing() {
        let frequency = Frequency::of_strangers(0.002, 2_000, 2, 799, 0);
        assert_eq!(frequency.bits(1), frequency.bits(2));
        assert!(frequency.bits(2) > 10.0 && frequency.bits(3) == 1.0, "{frequency:?}");
    }
}
