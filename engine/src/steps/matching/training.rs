//! Estimating a Fellegi–Sunter model: `u` from random pairs, `m` and the share of matches by expectation–maximisation
//! over counted comparison patterns.
//!
//! Candidate pairs are taken to hold all matches; every other pair is a non-match. So the share of matches λ is the
//! expected matches among the candidates ÷ all pairs, and no prior has to be guessed. Random pairs hold a few matches
//! themselves; their part (λ·m) is taken out of `u` in each round. Patterns are counted once, so a round costs nothing.

use std::collections::BTreeMap;

use super::{
    echo::{self, Matches},
    expectation::{Estimate, Seen, by_chance, first_guess, share_of_pairs},
    model::{Levels, Model, Repeats, Trained, most_if_different},
    rarity::Rarity,
    relatives::{self, Relatives},
    source_pairs::Chance,
};
use crate::{Failure, context::Checkpoint};

/// The levels of a pair's comparisons, four bits each: 0 for an empty value, else the level + 1.
pub(super) type Pattern = u64;

/// Comparisons of one definition, and levels of one comparison, that a [`Pattern`] holds.
pub(super) const COMPARISONS_MAX: usize = 16;
pub(super) const LEVELS_MAX: usize = SLOTS - 1;

pub(super) fn pattern(levels: impl Iterator<Item = Option<usize>>) -> Pattern {
    levels
        .enumerate()
        .fold(0, |pattern, (place, level)| pattern | (level.map_or(0, |level| level as u64 + 1) << (4 * place)))
}

pub(super) fn level(pattern: Pattern, place: usize) -> Option<usize> {
    slot(pattern, place).checked_sub(1)
}

/// What a comparison can come to: nothing, or one of its levels.
pub(super) const SLOTS: usize = 16;

/// 0 when a side is empty, else one more than the level: what is kept by slot is found without a question.
pub(super) const fn slot(pattern: Pattern, place: usize) -> usize {
    (pattern >> (4 * place)) as usize & (SLOTS - 1)
}

/// How often each pattern was met.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Patterns(pub(super) BTreeMap<Pattern, u64>);

impl Patterns {
    pub(super) fn add(&mut self, pattern: Pattern, count: u64) {
        *self.0.entry(pattern).or_default() += count;
    }

    pub(super) fn merge(&mut self, other: &Patterns) {
        other.0.iter().for_each(|(&pattern, &count)| self.add(pattern, count));
    }

    pub(super) fn pairs(&self) -> u64 {
        self.0.values().sum()
    }
}

/// One comparison to train.
#[derive(Debug)]
pub(super) struct Untrained<'a> {
    pub(super) feature: usize,
    pub(super) levels: Levels,
    /// Better known from the counts of values than from a sample.
    pub(super) chance: Chance,
    /// Records that have each value, when rare values shall say more.
    pub(super) value_counts: Option<&'a [u32]>,
}

/// What the estimate is made from.
#[derive(Debug)]
pub(super) struct Observed {
    /// Patterns of candidate pairs, all or a sample.
    pub(super) candidates: Patterns,
    /// Candidate pairs for each counted one; 1 when all were counted.
    pub(super) candidate_scale: f64,
    /// Patterns of random pairs.
    pub(super) random: Patterns,
    /// All pairs that the strategy allows.
    pub(super) pairs: f64,
}

/// Rounds after which the estimate is taken as it is; it moves by less than `SETTLED` long before.
const ROUNDS_MAX: usize = 200;
const SETTLED: f64 = 1e-7;
/// Times that the echoes are judged anew.
const ECHO_ROUNDS: usize = 2;

/// Estimates the model. The same observations give the same model, bit for bit.
pub(super) fn train(
    threshold: f64,
    comparisons: &[Untrained<'_>],
    observed: &Observed,
    checkpoint: &Checkpoint,
) -> Result<Model, Failure> {
    let seen: Vec<Vec<f64>> = comparisons
        .iter()
        .enumerate()
        .map(|(place, comparison)| by_chance(place, comparison, &observed.random))
        .collect();
    let of_strangers: Vec<bool> = comparisons.iter().map(|comparison| comparison.chance.of_strangers).collect();
    let seen = Seen { shares: seen, equal_is_of_strangers: of_strangers };
    let guess: Vec<Vec<f64>> = comparisons.iter().map(|comparison| first_guess(comparison.levels.count())).collect();
    let estimate = match guess.as_slice() {
        [_] => Estimate::of_one_comparison(guess, &seen, observed),
        _ => learned(comparisons, &guess, &seen, observed, checkpoint)?,
    };
    let trained = comparisons.iter().enumerate().map(|(place, comparison)| {
        let bits = rising_bits(&estimate.m[place], &estimate.u[place]);
        Trained {
            feature: comparison.feature,
            levels: comparison.levels.clone(),
            m: estimate.m[place].clone(),
            u: estimate.u[place].clone(),
            most_if_different: most_if_different(&bits),
            bits,
            against_relatives: Vec::new(),
            rarity: comparison.value_counts.map(|counts| Rarity::new(comparison.chance.frequency, counts)),
            repeats: estimate.echoes[place].clone().map(|echo| Repeats {
                feature: comparisons[echo.parent].feature,
                levels: comparisons[echo.parent].levels.clone(),
                lost: echo.lost,
            }),
        }
    });
    let against_relatives = estimate.relatives.iter().map(|relatives| relatives.against(&estimate)).collect();
    Ok(Model::new(threshold, estimate.lambda, trained.collect(), against_relatives))
}

/// What expectation–maximisation makes of several comparisons.
fn learned(
    comparisons: &[Untrained<'_>],
    guess: &[Vec<f64>],
    seen: &Seen,
    observed: &Observed,
    checkpoint: &Checkpoint,
) -> Result<Estimate, Failure> {
    // The comparison that says most comes first; the others echo it.
    let mut order: Vec<usize> = (0..comparisons.len()).collect();
    order.sort_by(|&a, &b| comparisons[a].chance.equal.total_cmp(&comparisons[b].chance.equal));
    let expected = (observed.candidates.pairs() as f64 * observed.candidate_scale * 0.1).min(observed.pairs.sqrt());
    let mut estimate = Estimate {
        lambda: share_of_pairs(expected, observed),
        m: guess.to_vec(),
        u: seen.shares.clone(),
        echoes: Vec::new(),
        relatives: Vec::new(),
    };
    // What echoes what is first judged with the guess of how matches look, then with what was learned.
    for _ in 0..ECHO_ROUNDS {
        let matches = Matches { lambda: estimate.lambda, m: &estimate.m };
        estimate.echoes = echo::echoes(&observed.random, &order, &matches);
        estimate = settled(estimate, guess, seen, observed, checkpoint)?;
    }
    let mut relatives = relatives::found(&estimate, &observed.candidates, checkpoint)?;
    while !relatives.is_empty() {
        let kinds = relatives.len();
        let with_relatives = Estimate { relatives, ..estimate.clone() };
        let with_relatives = settled(with_relatives, guess, seen, observed, checkpoint)?;
        let are_no_matches = |relatives: &&Relatives| relatives.are_no_matches(&with_relatives);
        relatives = with_relatives.relatives.iter().filter(are_no_matches).cloned().collect();
        if relatives.len() == kinds {
            estimate = with_relatives;
            break;
        }
    }
    Ok(estimate)
}

/// Improves the estimate until it moves no more.
fn settled(
    mut estimate: Estimate,
    guess: &[Vec<f64>],
    seen: &Seen,
    observed: &Observed,
    checkpoint: &Checkpoint,
) -> Result<Estimate, Failure> {
    for _ in 0..ROUNDS_MAX {
        checkpoint.check()?;
        let next = estimate.improved(guess, seen, observed);
        let moved = (next.lambda / estimate.lambda).ln().abs();
        estimate = next;
        if moved < SETTLED {
            break;
        }
    }
    Ok(estimate)
}

/// `log2(m ÷ u)` by level, made to rise with the level by pooling neighbours that do not (pool adjacent violators).
fn rising_bits(m: &[f64], u: &[f64]) -> Vec<f64> {
    let mut pools: Vec<(f64, f64, usize)> = Vec::new();
    for (&m, &u) in m.iter().zip(u) {
        let mut pool = (m, u, 1);
        while let Some(&(lower_m, lower_u, width)) = pools.last() {
            if lower_m * pool.1 < pool.0 * lower_u {
                break;
            }
            pools.pop();
            pool = (pool.0 + lower_m, pool.1 + lower_u, pool.2 + width);
        }
        pools.push(pool);
    }
    pools.into_iter().flat_map(|(m, u, width)| std::iter::repeat_n((m / u).log2(), width)).collect()
}

#[cfg(test)]
mod tests {
    use super::{super::rarity::Frequency, *};

    #[test]
    fn one_comparison_takes_equal_values_for_matches_and_rare_likeness_too() {
        // Of 1,000 records: 300 pairs are equal, 90 all but equal, and half of all somewhat alike.
        let pairs = 499_500.0;
        let (mut candidates, mut random) = (Patterns::default(), Patterns::default());
        for (level, count) in [(3, 300), (2, 90), (1, 5_000), (0, 5_000)] {
            candidates.add(pattern([Some(level)].into_iter()), count);
        }
        for (level, count) in [(3, 240), (2, 70), (1, 200_000), (0, 199_690)] {
            random.add(pattern([Some(level)].into_iter()), count);
        }
        let equal = 300.0 / pairs;
        let comparison = Untrained {
            feature: 0,
            levels: Levels(vec![0.9, 0.6]),
            chance: Chance { equal, of_strangers: false, frequency: Frequency::of_all(equal, 1_000) },
            value_counts: None,
        };
        let seen = Seen { shares: vec![by_chance(0, &comparison, &random)], equal_is_of_strangers: vec![false] };
        let observed = Observed { candidates, candidate_scale: 1.0, random, pairs };
        let estimate = Estimate::of_one_comparison(vec![first_guess(4)], &seen, &observed);
        let matching = |level| estimate.belief(pattern([Some(level)].into_iter())).matching;
        assert!(matching(3) > 0.95 && matching(2) > 0.5 && matching(1) < 0.01, "{estimate:?}");
    }

    #[test]
    fn patterns_hold_levels_and_gaps() {
        let packed = pattern([Some(0), None, Some(14)].into_iter());
        assert_eq!([level(packed, 0), level(packed, 1), level(packed, 2)], [Some(0), None, Some(14)]);
    }

    #[test]
    fn bits_never_fall_with_rising_similarity() {
        let bits = rising_bits(&[0.1, 0.3, 0.2, 0.4], &[0.9, 0.04, 0.05, 0.01]);
        assert!(bits.is_sorted(), "{bits:?}");
        assert_eq!(bits[1], bits[2]);
    }

    /// 1,000 matches among a million pairs, two comparisons that agree for 90 % and 80 % of the matches.
    #[test]
    fn the_parts_of_a_mixture_are_found_again() {
        let (m, u, lambda, pairs) = ([0.9, 0.8], [0.01, 0.05], 0.001, 1e6);
        let mut candidates = Patterns::default();
        let mut random = Patterns::default();
        for (first, second) in [(0, 0), (0, 1), (1, 0), (1, 1)] {
            let share = |agree: [f64; 2]| {
                (if first == 1 { agree[0] } else { 1.0 - agree[0] })
                    * (if second == 1 { agree[1] } else { 1.0 - agree[1] })
            };
            let count = pairs * (lambda * share(m) + (1.0 - lambda) * share(u));
            let packed = pattern([Some(first), Some(second)].into_iter());
            candidates.add(packed, count.round() as u64);
            random.add(packed, count.round() as u64);
        }
        let chance = |equal| Chance { equal, of_strangers: false, frequency: Frequency::of_all(equal, 1_000) };
        let comparison = |feature: usize| Untrained {
            feature,
            levels: Levels(Vec::new()),
            chance: chance(lambda * m[feature] + (1.0 - lambda) * u[feature]),
            value_counts: None,
        };
        let observed = Observed { candidates, candidate_scale: 1.0, random, pairs };
        let guess = [first_guess(2), first_guess(2)];
        let shares: Vec<Vec<f64>> =
            (0..2).map(|place| by_chance(place, &comparison(place), &observed.random)).collect();
        let mut estimate =
            Estimate { lambda: 0.01, m: guess.to_vec(), u: shares.clone(), echoes: Vec::new(), relatives: Vec::new() };
        let seen = Seen { shares, equal_is_of_strangers: vec![false; 2] };
        for _ in 0..5_000 {
            estimate = estimate.improved(&guess, &seen, &observed);
        }
        assert!((0.5..2.0).contains(&(estimate.lambda / lambda)), "{estimate:?}");
        assert!(estimate.m[0][1] > 0.7 && estimate.m[1][1] > 0.6, "{estimate:?}");
    }
}
