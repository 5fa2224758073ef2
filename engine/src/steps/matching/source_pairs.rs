//! Which sources are compared with which, and what that means for the number of pairs.

use model::config::matching::{Grouping, MatchConfig, Strategy};

use super::{columns::Sources, features::Features, rarity::Frequency};

#[derive(Clone, Debug)]
pub(super) struct SourcePairs {
    /// By the numbers of two sources.
    allowed: Vec<Vec<bool>>,
    allows_all: bool,
    /// Records of each source.
    records: Vec<u64>,
    /// Whether no source has anything twice.
    duplicate_free: bool,
}

/// How often two records that are no match have equal values.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Chance {
    /// Probability that two records that may be compared have equal values, if both have one.
    pub(super) equal: f64,
    /// Whether no match is among the pairs that this was told from.
    pub(super) of_strangers: bool,
    pub(super) frequency: Frequency,
}

impl SourcePairs {
    pub(super) fn new(config: &MatchConfig, sources: &Sources) -> Self {
        let names = &sources.names;
        let allow = |left: usize, right: usize| {
            let wanted = match config.strategy {
                Strategy::All => true,
                Strategy::AcrossSources => left != right,
                Strategy::WithinSources => left == right,
            };
            let excluded = config
                .excluded_source_pairs
                .iter()
                .any(|(a, b)| (*a == names[left] && *b == names[right]) || (*b == names[left] && *a == names[right]));
            wanted && !excluded
        };
        let numbers = 0..names.len();
        let allowed: Vec<Vec<bool>> =
            numbers.clone().map(|left| numbers.clone().map(|right| allow(left, right)).collect()).collect();
        let allows_all = allowed.iter().flatten().all(|allowed| *allowed);
        let mut records = vec![0; names.len()];
        sources.of_record.iter().for_each(|&source| records[usize::from(source)] += 1);
        Self { allowed, allows_all, records, duplicate_free: config.grouping == Grouping::OnePerSource }
    }

    pub(super) fn allow(&self, left: u8, right: u8) -> bool {
        self.allowed[usize::from(left)][usize::from(right)]
    }

    pub(super) fn allows_all(&self) -> bool {
        self.allows_all
    }

    /// Pairs that may be compared among the records of a block.
    pub(super) fn pairs_among(&self, block: &[(u64, u32)], sources: &Sources) -> u64 {
        if self.allows_all() {
            let records = block.len() as u64;
            return records * (records - 1) / 2;
        }
        let mut records = vec![0; self.records.len()];
        block.iter().for_each(|&(_, record)| records[usize::from(sources.of_record[record as usize])] += 1);
        self.pairs_of(&records) as u64
    }

    /// All pairs that may be compared.
    pub(super) fn pairs(&self) -> f64 {
        self.pairs_of(&self.records)
    }

    /// Pairs among so many records of each source.
    fn pairs_of(&self, records: &[u64]) -> f64 {
        let mut pairs = 0.0;
        for (left, allowed) in self.allowed.iter().enumerate() {
            for right in (left..allowed.len()).filter(|&right| allowed[right]) {
                let (one, other) = (records[left] as f64, records[right] as f64);
                pairs += if left == right { one * (one - 1.0) / 2.0 } else { one * other };
            }
        }
        pairs
    }

    /// Where no source has anything twice, pairs within the sources show what chance does, and no match is among them.
    pub(super) fn chance(&self, features: &Features, feature: usize, sources: &Sources) -> Chance {
        if self.allows_all() && !self.duplicate_free {
            // Whatever their sources, all that have a value count.
            let counts = features.values(feature).0.counts();
            let among = |records: u64| records as f64 * (records as f64 - 1.0) / 2.0;
            let filled: u64 = counts.iter().copied().map(u64::from).sum();
            let equal: f64 = counts.iter().copied().map(|count| among(u64::from(count))).sum();
            let equal = if filled > 1 { equal / among(filled) } else { 0.0 };
            return Chance { equal, of_strangers: false, frequency: Frequency::of_all(equal, filled as usize) };
        }
        let values = features.column(feature).zip(&sources.of_record);
        let mut values: Vec<(u32, u8)> = values.filter_map(|(value, &source)| Some((value?, source))).collect();
        values.sort_unstable();
        let count = |records: &[(u32, u8)]| {
            let mut counts = vec![0; self.records.len()];
            records.iter().for_each(|&(_, source)| counts[usize::from(source)] += 1);
            self.pairs_of(&counts)
        };
        let pairs = count(&values);
        let equal: f64 = values.chunk_by(|a, b| a.0 == b.0).map(count).sum();
        let equal = if pairs > 0.0 { equal / pairs } else { 0.0 };
        if !self.duplicate_free {
            return Chance { equal, of_strangers: false, frequency: Frequency::of_all(equal, values.len()) };
        }
        let mut records = vec![0_u64; self.records.len()];
        values.iter().for_each(|&(_, source)| records[usize::from(source)] += 1);
        let within = |records: u64| records as f64 * (records as f64 - 1.0) / 2.0;
        let pairs: f64 = records.iter().copied().map(within).sum();
        // Values that one source has once, and twice.
        let (mut agreeing, mut once, mut twice) = (0.0, 0_u64, 0_u64);
        for same in values.chunk_by(|a, b| a == b) {
            agreeing += within(same.len() as u64);
            once += u64::from(same.len() == 1);
            twice += u64::from(same.len() == 2);
        }
        // Half a pair: what was never seen is rare, not impossible.
        let of_strangers = (agreeing + 0.5) / pairs.max(1.0);
        let sources = records.iter().filter(|&&records| records > 0).count();
        let frequency = Frequency::of_strangers(of_strangers, values.len(), sources, once, twice);
        Chance { equal: of_strangers.min(equal), of_strangers: true, frequency }
    }
}

#[cfg(test)]
mod tests {
    use super::{
        super::features::{FeatureKey, Form, Measured, feature},
        *,
    };

    fn sources(of_record: &[u8]) -> Sources {
        Sources { names: vec!["a".to_owned(), "b".to_owned()], of_record: of_record.to_vec() }
    }

    #[test]
    fn pairs_follow_the_strategy() {
        let sources = sources(&[0, 0, 0, 1, 1]);
        let pairs = |strategy, excluded: &[(&str, &str)]| {
            let excluded_source_pairs = excluded.iter().map(|(a, b)| ((*a).to_owned(), (*b).to_owned())).collect();
            let config = MatchConfig { strategy, excluded_source_pairs, ..MatchConfig::default() };
            SourcePairs::new(&config, &sources).pairs()
        };
        assert_eq!(pairs(Strategy::All, &[]), 10.0);
        assert_eq!(pairs(Strategy::AcrossSources, &[]), 6.0);
        assert_eq!(pairs(Strategy::WithinSources, &[]), 4.0);
        assert_eq!(pairs(Strategy::All, &[("b", "a")]), 4.0);
    }

    #[test]
    fn chance_agreement_counts_only_pairs_that_may_meet() {
        let sources = sources(&[0, 0, 1, 1]);
        let key = FeatureKey { columns: vec!["town".to_owned()], form: Form::Folded, measured: Measured::Equality };
        let feature = feature(&key, &[Some("York"), Some("york"), Some("York"), None]);
        let features = Features::of(vec![feature], vec![0.0]);
        let chance = |strategy| {
            let config = MatchConfig { strategy, ..MatchConfig::default() };
            SourcePairs::new(&config, &sources).chance(&features, 0, &sources).equal
        };
        assert_eq!(chance(Strategy::All), 1.0);
        assert_eq!(chance(Strategy::WithinSources), 1.0);
    }
}
