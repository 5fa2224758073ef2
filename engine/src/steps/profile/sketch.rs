//! Counting values in bounded memory: exactly while they are few, by sketches beyond.

use model::results::Counted;

use crate::{interner::Interner, steps::matching::transforms::hash};

/// Bytes that an entry costs beside its text.
const ENTRY_BYTES: usize = 64;

/// How often each value occurs. Beyond its memory it forgets the rarest values: lossy counting (Manku, Motwani: Approximate
/// Frequency Counts over Data Streams, VLDB 2002), so that counts are lower bounds.
#[derive(Debug)]
pub(super) struct Frequencies {
    values: Interner,
    /// By number of the value.
    counts: Vec<Count>,
    bytes: usize,
    bytes_max: usize,
    exact: bool,
}

#[derive(Clone, Copy, Debug, Default)]
struct Count {
    total: u64,
    /// Not yet handed out by `drain`.
    pending: u64,
}

impl Frequencies {
    pub(super) const NAME: &'static str = "lossy counting";

    pub(super) fn new(bytes_max: usize) -> Self {
        Self { values: Interner::default(), counts: Vec::new(), bytes: 0, bytes_max, exact: true }
    }

    pub(super) fn add(&mut self, value: &str, times: u64) {
        let (number, is_new) = self.values.intern(value);
        if is_new {
            self.bytes += value.len() + ENTRY_BYTES;
            self.counts.push(Count::default());
        }
        let count = &mut self.counts[number as usize];
        count.total += times;
        count.pending += times;
    }

    pub(super) fn is_full(&self) -> bool {
        self.bytes > self.bytes_max
    }

    /// Hands out each value with the number of times it was added since the last time, in the order in which values
    /// first came, so that sums over them come out the same in every run.
    pub(super) fn drain(&mut self, mut each: impl FnMut(&str, u64)) {
        for (value, count) in self.values.texts().iter().zip(&mut self.counts) {
            if count.pending > 0 {
                each(value, std::mem::take(&mut count.pending));
            }
        }
    }

    /// Forgets the rarest values, at least half of all. What is pending of them has to be drained before.
    pub(super) fn prune(&mut self) {
        let mut totals: Vec<u64> = self.counts.iter().map(|count| count.total).collect();
        let middle = totals.len() / 2;
        let (_, &mut median, _) = totals.select_nth_unstable(middle);
        let mut kept = Self { exact: false, ..Self::new(self.bytes_max) };
        for (value, count) in self.values.texts().iter().zip(&self.counts).filter(|(_, count)| count.total > median) {
            kept.values.intern(value);
            kept.counts.push(*count);
            kept.bytes += value.len() + ENTRY_BYTES;
        }
        *self = kept;
    }

    /// Whether nothing was forgotten.
    pub(super) fn is_exact(&self) -> bool {
        self.exact
    }

    pub(super) fn len(&self) -> usize {
        self.counts.len()
    }

    /// The most frequent values, most frequent first, equals in their order.
    pub(super) fn top(&self, number: usize) -> Vec<Counted> {
        let totals = self.counts.iter().map(|count| count.total);
        let mut all: Vec<(u64, &str)> = totals.zip(self.values.texts().iter()).collect();
        let order = |a: &(u64, &str), b: &(u64, &str)| b.0.cmp(&a.0).then(a.1.cmp(b.1));
        if number < all.len() {
            all.select_nth_unstable_by(number, order);
            all.truncate(number);
        }
        all.sort_unstable_by(order);
        all.into_iter().map(|(count, value)| Counted { value: value.to_owned(), count }).collect()
    }

    /// Shannon entropy in bits of `total` values; those that were forgotten count as all different.
    pub(super) fn entropy(&self, total: u64) -> f64 {
        if total == 0 {
            return 0.0;
        }
        let all = total as f64;
        let known: u64 = self.counts.iter().map(|count| count.total).sum();
        let bits = |count: &Count| count.total as f64 / all * (all / count.total as f64).log2();
        let forgotten = total.saturating_sub(known) as f64 / all * all.log2();
        self.counts.iter().map(bits).sum::<f64>() + forgotten
    }
}

/// Hashes that a sketch keeps: the error of its estimates is about 1 ÷ √k, 0.8 %.
const HASHES_KEPT: usize = 16 * 1024;

/// The k smallest hashes of the values seen (k minimum values; Bar-Yossef et al., RANDOM 2002; Beyer et al., SIGMOD 2007):
/// how many distinct values there are, and how many of them another sketch has seen too.
#[derive(Debug, Default)]
pub(super) struct Distinct {
    /// Sorted and distinct up to `sorted`; behind it the newest.
    hashes: Vec<u64>,
    sorted: usize,
    /// Hashes above it are not kept any more.
    limit: Option<u64>,
}

impl Distinct {
    pub(super) const NAME: &'static str = "k minimum values";

    pub(super) fn add(&mut self, value: &str) {
        let hash = hash(value);
        if self.limit.is_none_or(|limit| hash < limit) {
            self.hashes.push(hash);
            if self.hashes.len() >= 2 * HASHES_KEPT {
                self.settle();
            }
        }
    }

    fn settle(&mut self) {
        self.hashes.sort_unstable();
        self.hashes.dedup();
        if self.hashes.len() > HASHES_KEPT {
            self.hashes.truncate(HASHES_KEPT);
            self.limit = self.hashes.last().copied();
        }
        self.sorted = self.hashes.len();
    }

    /// Completes the sketch; the estimates below need it.
    pub(super) fn finish(&mut self) {
        self.settle();
    }

    /// The number of distinct values.
    pub(super) fn count(&self) -> u64 {
        match self.limit {
            None => self.sorted as u64,
            Some(limit) => ((self.sorted - 1) as f64 / (limit as f64 / u64::MAX as f64)).round() as u64,
        }
    }

    /// Share of the distinct values that any of `others` has too. `None` when there is nothing to compare.
    pub(super) fn shared(&self, others: &[&Distinct]) -> Option<f64> {
        // Below this bound every sketch knows all its hashes.
        let bound = others.iter().filter_map(|other| other.limit).chain(self.limit).min();
        let known = match bound {
            None => self.hashes.as_slice(),
            Some(bound) => &self.hashes[..self.hashes.partition_point(|hash| *hash <= bound)],
        };
        if others.is_empty() || known.is_empty() {
            return None;
        }
        let held = |hash: &u64| others.iter().any(|other| other.hashes.binary_search(hash).is_ok());
        Some(known.iter().filter(|hash| held(hash)).count() as f64 / known.len() as f64)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn few_values_are_counted_exactly() {
        let mut counts = Frequencies::new(1 << 20);
        for value in ["b", "a", "b", "c", "b", "a"] {
            counts.add(value, 1);
        }
        let top: Vec<_> = counts.top(2).into_iter().map(|counted| (counted.value, counted.count)).collect();
        assert_eq!(top, [("b".to_owned(), 3), ("a".to_owned(), 2)]);
        let mut seen = Vec::new();
        counts.drain(|value, times| seen.push((value.to_owned(), times)));
        assert_eq!(seen.len(), 3);
        assert!((counts.entropy(6) - 1.459).abs() < 0.001);
    }

    #[test]
    fn frequent_values_survive_pruning_and_every_value_is_handed_out() {
        let mut counts = Frequencies::new(64 * 1024);
        let mut handed = 0;
        for number in 0..100_000_u64 {
            counts.add(&number.to_string(), 1);
            counts.add("often", 1);
            if counts.is_full() {
                counts.drain(|_, times| handed += times);
                counts.prune();
            }
        }
        counts.drain(|_, times| handed += times);
        assert_eq!(handed, 200_000);
        assert!(!counts.is_exact());
        assert_eq!(counts.top(1)[0].count, 100_000);
    }

    #[test]
    fn distinct_values_and_overlap_are_estimated_within_two_percent() {
        let sketch = |numbers: std::ops::Range<u32>| {
            let mut sketch = Distinct::default();
            numbers.for_each(|number| sketch.add(&number.to_string()));
            sketch.finish();
            sketch
        };
        assert_eq!(sketch(0..1_000).count(), 1_000);
        let (left, right) = (sketch(0..200_000), sketch(150_000..400_000));
        assert!((left.count() as f64 / 200_000.0 - 1.0).abs() < 0.02);
        assert!((left.shared(&[&right]).expect("comparable") - 0.25).abs() < 0.02);
    }
}
