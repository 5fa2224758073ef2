//! Lengths of values in characters: each length is counted, long ones to within a sixteenth.

use super::numbers::Moments;

/// Lengths up to here are counted one by one.
const EXACT: u32 = 1024;
const STEPS: u32 = 16;

#[derive(Debug, Default)]
pub(super) struct Lengths {
    counts: Vec<u64>,
    moments: Moments,
    range: Option<(u32, u32)>,
}

impl Lengths {
    pub(super) fn add(&mut self, length: u32, times: u64) {
        let place = place(length);
        if self.counts.len() <= place {
            self.counts.resize(place + 1, 0);
        }
        self.counts[place] += times;
        self.moments.add(f64::from(length), times);
        let (least, greatest) = self.range.unwrap_or((length, length));
        self.range = Some((least.min(length), greatest.max(length)));
    }

    /// Shortest and longest.
    pub(super) fn range(&self) -> (u32, u32) {
        self.range.unwrap_or_default()
    }

    pub(super) fn mean(&self) -> f64 {
        self.moments.mean().unwrap_or(0.0)
    }

    pub(super) fn deviation(&self) -> f64 {
        self.moments.deviation().unwrap_or(0.0)
    }

    pub(super) fn median(&self) -> f64 {
        let total: u64 = self.counts.iter().sum();
        let at = |rank: u64| {
            let mut passed = 0;
            let place = self.counts.iter().position(|count| {
                passed += count;
                passed > rank
            });
            f64::from(place.map_or(0, length))
        };
        if total == 0 { 0.0 } else { f64::midpoint(at((total - 1) / 2), at(total / 2)) }
    }

    /// Whether a value of so many characters is of an unusual length.
    pub(super) fn is_outlier(&self, chars: usize) -> bool {
        self.moments.is_outlier(chars as f64)
    }

    /// How many values are of an unusual length.
    pub(super) fn outliers(&self) -> u64 {
        let counts = self.counts.iter().enumerate().filter(|(_, count)| **count > 0);
        counts.filter(|(place, _)| self.moments.is_outlier(f64::from(length(*place)))).map(|(_, count)| count).sum()
    }
}

/// Where a length is counted: above [`EXACT`] sixteen places for each doubling.
fn place(length: u32) -> usize {
    if length < EXACT {
        return length as usize;
    }
    let doublings = length.ilog2() - EXACT.ilog2();
    let step = (length >> (doublings + EXACT.ilog2() - STEPS.ilog2())) - STEPS;
    (EXACT + doublings * STEPS + step) as usize
}

/// The least length that is counted in a place.
fn length(place: usize) -> u32 {
    let place = u32::try_from(place).unwrap_or(u32::MAX);
    if place < EXACT {
        return place;
    }
    let (doublings, step) = ((place - EXACT) / STEPS, (place - EXACT) % STEPS);
    (STEPS + step) << (doublings + EXACT.ilog2() - STEPS.ilog2())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_by_example() {
        let mut lengths = Lengths::default();
        [(4, 50), (5, 50), (200, 1)].iter().for_each(|(length, times)| lengths.add(*length, *times));
        assert_eq!((lengths.range(), lengths.median(), lengths.outliers()), ((4, 200), 5.0, 1));
        assert_eq!((Lengths::default().median(), Lengths::default().range()), (0.0, (0, 0)));
    }

    proptest::proptest! {
        #[test]
        fn a_length_is_counted_within_a_sixteenth(chars in 0_u32..2_000_000) {
            let counted = length(place(chars));
            proptest::prop_assert!(counted <= chars && chars - counted <= chars / 16);
        }
    }
}
