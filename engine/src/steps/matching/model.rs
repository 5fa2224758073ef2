//! The Fellegi–Sunter model of a probabilistic definition (Fellegi and Sunter, JASA 64, 1969).
//!
//! A comparison sorts a pair into a level: 0 for different, rising with similarity, the highest for equal. A level
//! weighs `log2(m ÷ u)` bits: `m` is its share among matches, `u` among other pairs. With the prior odds of a match the
//! bits of a pair add up to its match probability. Estimating `m` and `u` is the work of [`super::training`].

pub(super) mod published;

use std::collections::BTreeMap;

use super::{
    features::Likeness, rarity::Rarity, relatives::AgainstRelatives, scoring::Likenesses, training::COMPARISONS_MAX,
};

/// A trained definition.
#[derive(Debug)]
pub(super) struct Model {
    /// Bits that a pair needs, prior included.
    threshold: f64,
    /// `log2(λ ÷ (1 − λ))`, λ being the share of matches among all pairs.
    prior: f64,
    /// Those that can say most come first.
    comparisons: Vec<Trained>,
    /// By kind of relatives: `log2` of matches ÷ relatives; see [`super::relatives`].
    relatives_priors: Vec<f64>,
}

/// Sums in another order differ by so little.
const ROUNDING_BITS: f64 = 1e-6;

#[derive(Debug)]
pub(super) struct Trained {
    pub(super) feature: usize,
    pub(super) levels: Levels,
    /// By level: its share among matches and among other pairs.
    pub(super) m: Vec<f64>,
    pub(super) u: Vec<f64>,
    /// By level.
    pub(super) bits: Vec<f64>,
    /// The most of them below the highest level.
    pub(super) most_if_different: f64,
    /// By kind of relatives and level: what it says against the pair's being such, `log2(m ÷ r)`.
    pub(super) against_relatives: Vec<Vec<f64>>,
    /// Added for equality, by number of the value: rare values say more, frequent ones less.
    pub(super) rarity: Option<Rarity>,
    /// Bits in favour that it loses when another comparison has said the same; see [`super::echo`].
    pub(super) repeats: Option<Repeats>,
}

/// What a comparison says of a pair.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Said {
    pub(super) level: usize,
    /// Of these, what comes from the value's being rare or frequent.
    pub(super) rarity: f64,
    /// All in all.
    pub(super) bits: f64,
}

impl Trained {
    /// `None` when a side is empty.
    pub(super) fn says(&self, likenesses: &mut Likenesses) -> Option<Said> {
        let likeness = likenesses.of(self.feature);
        let level = self.levels.of(likeness)?;
        let rarity = match (likeness, &self.rarity) {
            (Likeness::Equal, Some(rarity)) => f64::from(rarity.bits[likenesses.left_value(self.feature) as usize]),
            _ => 0.0,
        };
        let mut bits = self.bits[level] + rarity;
        if bits > 0.0
            && let Some(repeats) = &self.repeats
            && let Some(above) = repeats.levels.of(likenesses.of(repeats.feature))
        {
            bits = (bits - repeats.lost[above][level]).max(0.0);
        }
        Some(Said { level, rarity, bits })
    }

    /// The most bits that it can say of a pair of which nothing but equality is known yet.
    fn at_most(&self, likenesses: &Likenesses) -> f64 {
        match likenesses.at_sight(self.feature) {
            Some(Likeness::Empty) => 0.0,
            Some(_) => {
                let value = likenesses.left_value(self.feature) as usize;
                self.bits[self.levels.count() - 1]
                    + self.rarity.as_ref().map_or(0.0, |rarity| f64::from(rarity.bits[value]))
            }
            None => self.most_if_different,
        }
    }
}

/// The comparison that another one repeats.
#[derive(Debug)]
pub(super) struct Repeats {
    pub(super) feature: usize,
    pub(super) levels: Levels,
    /// Bits lost, by its level and the level of the one that repeats it.
    pub(super) lost: Vec<Vec<f64>>,
}

/// The least similarities of a comparison's middle levels, falling.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Levels(pub(super) Vec<f64>);

impl Levels {
    /// Levels from different to equal.
    pub(super) fn count(&self) -> usize {
        self.0.len() + 2
    }

    /// `None` when a side is empty.
    pub(super) fn of(&self, likeness: Likeness) -> Option<usize> {
        match likeness {
            Likeness::Empty => None,
            Likeness::Equal => Some(self.0.len() + 1),
            Likeness::Similar(similarity) => {
                let missed = self.0.iter().take_while(|least| similarity < **least).count();
                Some(self.0.len() - missed)
            }
        }
    }
}

/// What speaks for a match.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Evidence {
    pub(super) bits: f64,
}

impl Evidence {
    /// The match probability × 100.
    pub(super) fn score(self) -> f64 {
        100.0 / (1.0 + (-self.bits).exp2())
    }
}

impl Model {
    /// `threshold` is a probability × 100, `lambda` the share of matches among all pairs.
    pub(super) fn new(
        threshold: f64,
        lambda: f64,
        mut comparisons: Vec<Trained>,
        against_relatives: Vec<AgainstRelatives>,
    ) -> Self {
        let relatives_priors = against_relatives.iter().map(|against| against.prior).collect();
        for against in against_relatives {
            let bits = comparisons.iter_mut().zip(against.bits);
            bits.for_each(|(trained, bits)| trained.against_relatives.push(bits));
        }
        let best = |trained: &Trained| {
            let rarest = trained.rarity.iter().flat_map(|rarity| &rarity.bits).copied().fold(0.0_f32, f32::max);
            trained.bits.iter().copied().fold(0.0_f64, f64::max) + f64::from(rarest)
        };
        comparisons.sort_by(|a, b| best(b).total_cmp(&best(a)));
        let probability = (threshold / 100.0).clamp(1e-9, 1.0 - 1e-9);
        Self { threshold: log_odds(probability), prior: log_odds(lambda), comparisons, relatives_priors }
    }

    /// The evidence if it reaches the threshold.
    ///
    /// What the comparisons can say at most is known before any is made: most pairs are given up after a few of them.
    pub(super) fn accepts(&self, likenesses: &mut Likenesses) -> Option<Evidence> {
        let hopeless = self.threshold - ROUNDING_BITS;
        let mut at_most = [0.0; COMPARISONS_MAX];
        let mut bits = self.prior;
        for (trained, at_most) in self.comparisons.iter().zip(&mut at_most) {
            *at_most = trained.at_most(likenesses);
            bits += *at_most;
        }
        for (trained, at_most) in self.comparisons.iter().zip(at_most) {
            if bits < hopeless {
                return None;
            }
            bits += trained.says(likenesses).map_or(0.0, |said| said.bits) - at_most;
        }
        let evidence = self.evidence(likenesses);
        (evidence.bits >= self.threshold).then_some(evidence)
    }

    /// The evidence, whatever it comes to.
    pub(super) fn evidence(&self, likenesses: &mut Likenesses) -> Evidence {
        let says = |trained: &Trained| trained.says(likenesses).map_or(0.0, |said| said.bits);
        let bits = self.prior + self.comparisons.iter().map(says).sum::<f64>();
        Evidence { bits: self.with_relatives(bits, likenesses) }
    }

    /// What is left of the evidence against strangers when the pair may be relatives, too.
    pub(super) fn with_relatives(&self, bits: f64, likenesses: &mut Likenesses) -> f64 {
        // The odds against add up: 2^−bits + 2^−against.
        self.relatives_priors.iter().enumerate().fold(bits, |bits, (kind, prior)| {
            let against = prior + self.against_relatives(kind, likenesses);
            let (least, most) = (bits.min(against), bits.max(against));
            least - (1.0 + (least - most).exp2()).log2()
        })
    }

    fn against_relatives(&self, kind: usize, likenesses: &mut Likenesses) -> f64 {
        let says = |trained: &Trained| {
            let level = trained.levels.of(likenesses.of(trained.feature))?;
            Some(trained.against_relatives.get(kind)?[level])
        };
        self.comparisons.iter().filter_map(says).sum()
    }

    /// The evidence, in which the odds of a match before any count only so far as there is something to compare: of
    /// records that are all but empty nothing is said.
    pub(super) fn leaning(&self, likenesses: &mut Likenesses) -> f64 {
        let (mut bits, mut compared, mut all) = (0.0, 0.0, 0.0);
        for trained in &self.comparisons {
            let most = trained.bits.last().copied().unwrap_or(0.0).max(0.0);
            all += most;
            if let Some(said) = trained.says(likenesses) {
                bits += said.bits;
                compared += most;
            }
        }
        if all == 0.0 {
            return 0.0;
        }
        let known = compared / all;
        let against_strangers = bits + self.prior * known;
        let priors = self.relatives_priors.iter().enumerate();
        let against = priors.map(|(kind, prior)| prior * known + self.against_relatives(kind, likenesses));
        against.fold(against_strangers, f64::min)
    }

    /// The learned weights, the strongest comparison first: "surname −2.4 … +7.8". `columns` names the features.
    pub(super) fn in_words(&self, columns: &BTreeMap<usize, &str>) -> String {
        let comparison = |trained: &Trained| {
            let bits: Vec<String> = trained.bits.iter().map(|bits| format!("{bits:+.1}")).collect();
            format!("{} {}", columns.get(&trained.feature).copied().unwrap_or_default(), bits.join(" "))
        };
        let comparisons: Vec<String> = self.comparisons.iter().map(comparison).collect();
        let shares: Vec<String> =
            self.relatives_priors.iter().map(|prior| format!("{:.1} %", 100.0 * (-prior).exp2())).collect();
        let relatives = match shares.as_slice() {
            [] => String::new(),
            shares => format!("; {} as many pairs as match are of relatives", shares.join(" and ")),
        };
        let comparisons = comparisons.join(", ");
        format!("bits of evidence from different to equal: {comparisons}; before any: {:+.1}{relatives}", self.prior)
    }
}

/// Of bits that `levels` say, the most below the highest level.
pub(super) fn most_if_different(bits: &[f64]) -> f64 {
    bits.split_last().map_or(0.0, |(_, below)| below.iter().copied().fold(f64::NEG_INFINITY, f64::max))
}

fn log_odds(probability: f64) -> f64 {
    (probability / (1.0 - probability)).log2()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn likeness_falls_into_levels() {
        let levels = Levels(vec![0.9, 0.7]);
        assert_eq!(levels.of(Likeness::Empty), None);
        assert_eq!(levels.of(Likeness::Equal), Some(3));
        assert_eq!(levels.of(Likeness::Similar(0.9)), Some(2));
        assert_eq!(levels.of(Likeness::Similar(0.75)), Some(1));
        assert_eq!(levels.of(Likeness::Similar(0.1)), Some(0));
    }

    #[test]
    fn even_odds_are_a_score_of_50() {
        assert_eq!(Evidence { bits: 0.0 }.score(), 50.0);
        assert!(Evidence { bits: 10.0 }.score() > 99.9);
    }
}
