//! Mean, deviation, median and outliers of numbers, dates and lengths, gathered in one pass in bounded memory.

/// Outliers are further from the mean than this many standard deviations.
pub(super) const OUTLIER_Z: f64 = 3.0;
/// Outliers that a profile shows.
const SHOWN: usize = 5;

/// Mean and deviation of weighted values (West: Updating mean and variance estimates, CACM 1979; merging: Chan, Golub, LeVeque
/// 1982).
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Moments {
    weight: f64,
    mean: f64,
    squares: f64,
}

impl Moments {
    pub(super) fn add(&mut self, value: f64, times: u64) {
        self.merge(Self { weight: times as f64, mean: value, squares: 0.0 });
    }

    fn merge(&mut self, other: Self) {
        let weight = self.weight + other.weight;
        if other.weight == 0.0 || weight == 0.0 {
            return;
        }
        let apart = other.mean - self.mean;
        self.mean += apart * other.weight / weight;
        self.squares += other.squares + apart * apart * self.weight * other.weight / weight;
        self.weight = weight;
    }

    pub(super) fn mean(&self) -> Option<f64> {
        (self.weight > 0.0).then_some(self.mean)
    }

    /// Standard deviation of the population.
    pub(super) fn deviation(&self) -> Option<f64> {
        (self.weight > 0.0).then(|| (self.squares / self.weight).max(0.0).sqrt())
    }

    /// Whether a value is further from the mean than [`OUTLIER_Z`] deviations.
    pub(super) fn is_outlier(&self, value: f64) -> bool {
        let deviation = self.deviation().unwrap_or(0.0);
        deviation > 0.0 && (value - self.mean).abs() > OUTLIER_Z * deviation
    }
}

/// How values are spread: each value with its weight while they are few; beyond, neighbours are joined into centroids of equal
/// weight (t-digest with the uniform scale function k0; Dunning, Ertl: Computing Extremely Accurate Quantiles Using t-Digests,
/// 2019). A rank is then off by at most 1 ÷ `CENTROIDS`.
#[derive(Debug)]
pub(super) struct Quantiles {
    bins: Vec<(f64, u64)>,
    exact: bool,
}

const CENTROIDS: usize = 1024;
/// Values that wait for being joined.
const WAITING: usize = 3 * CENTROIDS;

impl Default for Quantiles {
    fn default() -> Self {
        Self { bins: Vec::new(), exact: true }
    }
}

impl Quantiles {
    pub(super) const NAME: &'static str = "t-digest";

    pub(super) fn add(&mut self, value: f64, times: u64) {
        self.bins.push((value, times));
        if self.bins.len() >= CENTROIDS + WAITING {
            self.settle();
        }
    }

    /// Sorts, joins equals, and neighbours where there are too many.
    fn settle(&mut self) {
        self.bins.sort_unstable_by(|one, other| one.0.total_cmp(&other.0));
        self.bins.dedup_by(|next, kept| {
            let same = next.0 == kept.0;
            kept.1 += if same { next.1 } else { 0 };
            same
        });
        if self.bins.len() <= CENTROIDS + WAITING / 2 {
            return;
        }
        self.exact = false;
        let total: u64 = self.bins.iter().map(|bin| bin.1).sum();
        let most = total.div_ceil(CENTROIDS as u64 / 2);
        self.bins.dedup_by(|next, kept| {
            let weight = next.1 + kept.1;
            let joined = weight <= most;
            if joined {
                kept.0 += (next.0 - kept.0) * (next.1 as f64 / weight as f64);
                kept.1 = weight;
            }
            joined
        });
    }

    /// Completes it; what follows needs it.
    pub(super) fn finish(&mut self) {
        self.settle();
    }

    pub(super) fn is_exact(&self) -> bool {
        self.exact
    }

    /// The value in the middle; of an even number the mean of the two.
    pub(super) fn median(&self) -> Option<f64> {
        let total: u64 = self.bins.iter().map(|bin| bin.1).sum();
        let at = |rank: u64| {
            let mut passed = 0;
            self.bins.iter().find(|bin| {
                passed += bin.1;
                passed > rank
            })
        };
        let (lower, upper) = (at(total.checked_sub(1)? / 2)?, at(total / 2)?);
        Some(f64::midpoint(lower.0, upper.0))
    }

    /// How many values are outliers.
    pub(super) fn outliers(&self, moments: &Moments) -> u64 {
        self.bins.iter().filter(|bin| moments.is_outlier(bin.0)).map(|bin| bin.1).sum()
    }
}

/// The least and the greatest values, with their text.
#[derive(Debug, Default)]
pub(super) struct Extremes {
    least: Vec<(f64, String)>,
    greatest: Vec<(f64, String)>,
}

impl Extremes {
    pub(super) fn add(&mut self, value: f64, text: &str) {
        insert(&mut self.least, value, text, |one, other| one < other);
        insert(&mut self.greatest, value, text, |one, other| one > other);
    }

    pub(super) fn range(&self) -> Option<(&str, &str)> {
        Some((&self.least.first()?.1, &self.greatest.first()?.1))
    }

    /// The outliers among them, the furthest from the mean first.
    pub(super) fn outliers(&self, moments: &Moments) -> Vec<String> {
        let mean = moments.mean().unwrap_or(0.0);
        let all = self.least.iter().chain(&self.greatest);
        let mut found: Vec<(f64, &str)> = all
            .filter(|(value, _)| moments.is_outlier(*value))
            .map(|(value, text)| ((value - mean).abs(), text.as_str()))
            .collect();
        found.sort_unstable_by(|one, other| other.0.total_cmp(&one.0).then(one.1.cmp(other.1)));
        found.dedup();
        found.into_iter().take(SHOWN).map(|(_, text)| text.to_owned()).collect()
    }
}

/// Keeps the first few in an order; text is copied only for those.
fn insert(kept: &mut Vec<(f64, String)>, value: f64, text: &str, before: fn(f64, f64) -> bool) {
    let sorts_before = |known: &(f64, String)| before(known.0, value) || (known.0 == value && known.1.as_str() < text);
    if kept.len() == SHOWN && kept.last().is_some_and(&sorts_before) {
        return;
    }
    let place = kept.partition_point(sorts_before);
    if kept.get(place).is_some_and(|known| known.0 == value && known.1 == text) {
        return;
    }
    kept.insert(place, (value, text.to_owned()));
    kept.truncate(SHOWN);
}

/// What is gathered of the values of a column that are numbers, or dates as days.
#[derive(Debug, Default)]
pub(super) struct Measured {
    pub(super) moments: Moments,
    pub(super) quantiles: Quantiles,
    pub(super) extremes: Extremes,
}

impl Measured {
    pub(super) fn add(&mut self, value: f64, text: &str, times: u64) {
        self.moments.add(value, times);
        self.quantiles.add(value, times);
        self.extremes.add(value, text);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn measured(values: &[(i32, u64)]) -> Measured {
        let mut measured = Measured::default();
        for (value, times) in values {
            measured.add(f64::from(*value), &value.to_string(), *times);
        }
        measured.quantiles.finish();
        measured
    }

    #[test]
    fn figures_by_example() {
        let few = measured(&[(3, 1), (1, 2), (8, 1)]);
        assert_eq!((few.moments.mean(), few.quantiles.median()), (Some(3.25), Some(2.0)));
        assert!((few.moments.deviation().expect("values") - 8.187_5_f64.sqrt()).abs() < 1e-12);
        assert_eq!(few.extremes.range(), Some(("1", "8")));
        assert_eq!(measured(&[]).quantiles.median(), None);
        let mut many: Vec<(i32, u64)> = (0..100).map(|value| (value % 10, 1)).collect();
        many.push((1_000, 1));
        let many = measured(&many);
        assert_eq!(many.quantiles.outliers(&many.moments), 1);
        assert_eq!(many.extremes.outliers(&many.moments), ["1000"]);
        let same = measured(&[(5, 7)]);
        assert_eq!((same.moments.deviation(), same.quantiles.outliers(&same.moments)), (Some(0.0), 0));
    }

    #[test]
    fn many_values_are_within_a_thousandth_of_their_rank() {
        let mut spread = Quantiles::default();
        (0..300_000_u64).for_each(|number| spread.add((number.wrapping_mul(7_919) % 300_007) as f64, 1));
        spread.finish();
        assert!(!spread.is_exact() && spread.bins.len() < CENTROIDS + WAITING);
        assert!((spread.median().expect("values") / 300_007.0 - 0.5).abs() < 0.002);
    }

    proptest::proptest! {
        /// Gathered in two parts and merged, or in one: the same, up to rounding.
        #[test]
        fn moments_merge(values in proptest::collection::vec((-1_000_i32..1_000, 1_u64..5), 1..60), cut in 0_usize..60) {
            let (left, right) = values.split_at(cut.min(values.len()));
            let mut merged = measured(left).moments;
            merged.merge(measured(right).moments);
            let whole = measured(&values).moments;
            let near = |one: Option<f64>, other: Option<f64>| (one.unwrap_or(0.0) - other.unwrap_or(0.0)).abs() < 1e-6;
            proptest::prop_assert!(near(merged.mean(), whole.mean()));
            proptest::prop_assert!(near(merged.deviation(), whole.deviation()));
        }

        /// The median is what sorting all values gives.
        #[test]
        fn the_median_is_in_the_middle(values in proptest::collection::vec(-50_i32..50, 1..80)) {
            let spread = measured(&values.iter().map(|value| (*value, 1)).collect::<Vec<_>>());
            let mut sorted = values.clone();
            sorted.sort_unstable();
            let middle = f64::from(sorted[(sorted.len() - 1) / 2] + sorted[sorted.len() / 2]) / 2.0;
            proptest::prop_assert_eq!(spread.quantiles.median(), Some(middle));
        }
    }
}
