//! Relatives: pairs of different things that share much, such as people of one household, branches of one company,
//! editions of one book. Chance does not explain what they share, so that they pass for matches with a few errors.
//!
//! They are a third kind of pair beside matches and strangers, found as a latent class (Larsen and Rubin, Iterative
//! automated record linkage using mixture models, JASA 96, 2001, fit mixtures of more than two classes). The classes
//! themselves do not say which of them are matches: people who moved and people who share a home look alike but for what it
//! is that differs. What decides is how much does, see [`Relatives::are_no_matches`].

use std::thread::{self, ScopedJoinHandle};

use super::{
    expectation::{Estimate, Expected, by_slot},
    training::{Patterns, SLOTS, slot},
};
use crate::{Failure, context::Checkpoint};

/// What relatives look like.
#[derive(Clone, Debug)]
pub(super) struct Relatives {
    /// Among all pairs.
    pub(super) share: f64,
    /// By comparison and level; each sums to 1.
    pub(super) r: Vec<Vec<f64>>,
}

/// What speaks for a match against relatives.
#[derive(Clone, Debug, Default)]
pub(super) struct AgainstRelatives {
    /// `log2` of matches ÷ relatives.
    pub(super) prior: f64,
    /// By comparison and level: `log2(m ÷ r)`.
    pub(super) bits: Vec<Vec<f64>>,
}

/// Pairs that are searched for relatives: likelier matches than not.
const PASSES_FOR_MATCH: f64 = 0.5;
/// Their share among those at the start of the search.
const SHARE_FIRST: f64 = 0.05;
/// For each match so many relatives at least, and at most: more are matches of a kind.
const FOR_EACH_MATCH: std::ops::Range<f64> = 0.002..0.5;
/// Nats that a pair of relatives is better explained by being one than by being a match with errors that are independent
/// of each other.
const GAIN_MIN: f64 = 1.5;
/// Pairs that a kind is known from: with fewer, whatever a handful of matches have in common would be one.
const PAIRS_MIN: f64 = 50.0;
/// Rounds of each search.
const ROUNDS: usize = 40;
/// Kinds that are searched for beside the plain matches.
pub(super) const KINDS_MAX: usize = 3;
/// Bits of agreement on something that identifies.
const IDENTIFYING_BITS: f64 = 3.0;
/// How far from chance (0) to matches (1) agreement may be that is taken to be by chance, and must be that is shared.
const BY_CHANCE_MAX: f64 = 0.12;
const SHARED_MIN: f64 = 0.5;
/// Of the bits between different and equal of all comparisons, the share of those that agree by chance only: with less it
/// may well be wrong in some of the matches, as all of an address is when people move. Among generated people those who
/// moved came to 0.31, households to 0.41; no other data has shown either, so the limit is a guess between the two.
const BY_CHANCE_BITS_MIN: f64 = 0.36;
/// Comparisons with fewer bits between different and equal are left out of that.
const TELLING_BITS: f64 = 3.0;

/// A kind of pair among those that pass for matches.
#[derive(Clone, Debug)]
struct Kind {
    /// Of those pairs.
    share: f64,
    /// By comparison and level; each sums to 1.
    levels: Vec<Vec<f64>>,
    /// What relatives look like stays, or they would drift to what the next kind is made of.
    are_relatives: bool,
}

/// The kinds of relatives among the pairs that pass for matches: none, or several, as namesakes and households are.
///
/// Kinds of pairs are searched for one after the other. Each search starts from each comparison that identifies, as the one
/// that agrees by chance only. Of what the starts lead to, kinds that are no matches come first, and then the one that
/// explains the pairs best. A kind that is found, relatives or matches (people who moved), stays beside the others, or it
/// would be found again wherever there is more of it.
pub(super) fn found(
    estimate: &Estimate,
    candidates: &Patterns,
    checkpoint: &Checkpoint,
) -> Result<Vec<Relatives>, Failure> {
    let passing: Vec<(u64, f64)> = candidates
        .0
        .iter()
        .filter(|(pattern, _)| estimate.belief(**pattern).matching > PASSES_FOR_MATCH)
        .map(|(&pattern, &count)| (pattern, count as f64))
        .collect();
    let count: f64 = passing.iter().map(|(_, count)| count).sum();
    let starts: Vec<usize> = (0..estimate.m.len()).filter(|&place| identifies(estimate, place)).collect();
    let mut kinds = vec![Kind { share: 1.0, levels: estimate.m.clone(), are_relatives: false }];
    // The likelihood is that of the kind as it comes out of the first round.
    let (_, mut likelihood) = fitted(kinds.clone(), 2, &passing, checkpoint)?;
    while kinds.len() <= KINDS_MAX {
        let mut best: Option<(bool, f64, Vec<Kind>)> = None;
        let search = |place: usize| {
            let mut more = kinds.clone();
            more.iter_mut().for_each(|kind| kind.share *= 1.0 - SHARE_FIRST);
            let mut levels = estimate.m.clone();
            levels[place].clone_from(&estimate.u[place]);
            more.push(Kind { share: SHARE_FIRST, levels, are_relatives: false });
            fitted(more, ROUNDS, &passing, checkpoint)
        };
        let searches: Vec<_> = thread::scope(|scope| {
            let searches: Vec<_> = starts.iter().map(|&place| scope.spawn(move || search(place))).collect();
            searches.into_iter().map(ScopedJoinHandle::join).collect()
        });
        for search in searches {
            let search = search.map_err(|_| Failure::Internal("a search for relatives panicked".to_owned()))?;
            let (mut more, explained) = search?;
            let Some(new) = more.last_mut() else { continue };
            let gain = (explained - likelihood) / (count * new.share).max(1.0);
            let are_relatives = relatives(new, estimate).are_no_matches(estimate);
            new.are_relatives = are_relatives;
            let is_known = gain >= GAIN_MIN && count * new.share >= PAIRS_MIN;
            let better =
                best.as_ref().is_none_or(|(relatives, best, _)| (are_relatives, explained) >= (*relatives, *best));
            if is_known && better {
                best = Some((are_relatives, explained, more));
            }
        }
        let Some((_, explained, more)) = best else { break };
        (kinds, likelihood) = (more, explained);
    }
    let found = kinds.iter().filter(|kind| kind.are_relatives).map(|kind| relatives(kind, estimate));
    Ok(found.filter(|relatives| relatives.are_no_matches(estimate)).collect())
}

fn relatives(kind: &Kind, estimate: &Estimate) -> Relatives {
    Relatives { share: estimate.lambda * kind.share, r: kind.levels.clone() }
}

fn agreement(shares: &[f64]) -> f64 {
    shares.last().copied().unwrap_or(0.0)
}

fn identifies(estimate: &Estimate, place: usize) -> bool {
    (agreement(&estimate.m[place]) / agreement(&estimate.u[place])).log2() >= IDENTIFYING_BITS
}

/// Improves the kinds by expectation–maximisation; gives them and the log-likelihood of the pairs before the last round.
fn fitted(
    mut kinds: Vec<Kind>,
    rounds: usize,
    pairs: &[(u64, f64)],
    checkpoint: &Checkpoint,
) -> Result<(Vec<Kind>, f64), Failure> {
    let mut likelihood = f64::NEG_INFINITY;
    for _ in 0..rounds {
        checkpoint.check()?;
        let mut expected: Vec<Expected> = kinds.iter().map(|kind| Expected::new(&kind.levels)).collect();
        let slots = |kind: &Kind| kind.levels.iter().map(|levels| by_slot(levels, 1.0)).collect();
        let slots: Vec<Vec<[f64; SLOTS]>> = kinds.iter().map(slots).collect();
        likelihood = 0.0;
        for &(pattern, count) in pairs {
            let mut likely = [0.0; KINDS_MAX + 1];
            for ((likely, slots), kind) in likely.iter_mut().zip(&slots).zip(&kinds) {
                let shares = slots.iter().enumerate().map(|(place, shares)| shares[slot(pattern, place)]);
                *likely = shares.product::<f64>() * kind.share;
            }
            let all = likely.iter().sum::<f64>().max(f64::MIN_POSITIVE);
            likelihood += count * all.ln();
            expected.iter_mut().zip(likely).for_each(|(expected, likely)| expected.add(pattern, count * likely / all));
        }
        let all = expected.iter().map(|expected| expected.pairs).sum::<f64>().max(1.0);
        for (kind, expected) in kinds.iter_mut().zip(expected) {
            kind.share = (expected.pairs / all).clamp(1e-6, 1.0);
            if !kind.are_relatives {
                kind.levels = expected.shares();
            }
        }
    }
    Ok((kinds, likelihood))
}

impl Relatives {
    /// Whether these are other things and not matches with many errors: a good part of what tells things apart agrees by
    /// chance only, something is shared, and they are few beside the matches.
    pub(super) fn are_no_matches(&self, estimate: &Estimate) -> bool {
        let (mut all, mut by_chance, mut shared) = (0.0, 0.0, 0.0);
        for (place, (r, (m, u))) in self.r.iter().zip(estimate.m.iter().zip(&estimate.u)).enumerate() {
            let echo = estimate.echoes.get(place).and_then(Option::as_ref);
            let said_before = echo.and_then(|echo| echo.lost.last()?.last().copied()).unwrap_or(0.0);
            let bits = (agreement(m) / agreement(u) * u[0] / m[0]).log2() - said_before;
            if bits < TELLING_BITS {
                continue;
            }
            let [r, m, u] = [r, m, u].map(|shares| agreement(shares));
            let towards_matches = (r - u) / (m - u).max(f64::MIN_POSITIVE);
            all += bits;
            by_chance += if towards_matches <= BY_CHANCE_MAX { bits } else { 0.0 };
            shared += if towards_matches >= SHARED_MIN { bits } else { 0.0 };
        }
        FOR_EACH_MATCH.contains(&(self.share / estimate.lambda))
            && by_chance >= BY_CHANCE_BITS_MIN * all
            && shared > 0.0
    }

    pub(super) fn against(&self, estimate: &Estimate) -> AgainstRelatives {
        let of_comparison = |(m, r): (&Vec<f64>, &Vec<f64>)| m.iter().zip(r).map(|(m, r)| (m / r).log2()).collect();
        AgainstRelatives {
            prior: (estimate.lambda / self.share).log2(),
            bits: estimate.m.iter().zip(&self.r).map(of_comparison).collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use tokio_util::sync::CancellationToken;

    use super::{super::training::pattern, *};

    /// Seven comparisons, each different or equal; matches agree on each 19 times of 20.
    fn estimate() -> Estimate {
        let (m, u) = (vec![vec![0.05, 0.95]; 7], vec![vec![0.99, 0.01]; 7]);
        Estimate { lambda: 1e-4, m, u, echoes: Vec::new(), relatives: Vec::new() }
    }

    /// 100,000 matches, and so many pairs that agree on those comparisons alone.
    fn candidates(others: &[(u64, [bool; 7])]) -> Patterns {
        let mut candidates = Patterns::default();
        for bits in 0..128_u32 {
            let agreeing = bits.count_ones() as i32;
            let count = 100_000.0 * 0.95_f64.powi(agreeing) * 0.05_f64.powi(7 - agreeing);
            let levels = (0..7).map(|place| Some((bits >> place & 1) as usize));
            candidates.add(pattern(levels), count.round() as u64);
        }
        for &(count, agree) in others {
            candidates.add(pattern(agree.into_iter().map(|agrees| Some(usize::from(agrees)))), count);
        }
        candidates
    }

    fn found(others: &[(u64, [bool; 7])]) -> Vec<Relatives> {
        let candidates = &candidates(others);
        super::found(&estimate(), candidates, &Checkpoint::new(CancellationToken::new())).expect("nobody cancels")
    }

    const HOUSEHOLD: [bool; 7] = [true, true, true, true, false, false, false];
    const NAMESAKES: [bool; 7] = [false, false, false, true, true, true, true];

    fn share(relatives: &Relatives) -> f64 {
        relatives.share / estimate().lambda
    }

    #[test]
    fn a_household_shares_its_address_and_not_its_people() {
        let found = found(&[(5_000, HOUSEHOLD)]);
        let [household] = found.as_slice() else { panic!("{found:?}") };
        assert!(household.r[0][1] > 0.8 && household.r[4..].iter().all(|r| r[1] < 0.1), "{household:?}");
        assert!((0.03..0.08).contains(&share(household)), "{}", share(household));
    }

    #[test]
    fn households_and_namesakes_are_two_kinds_of_relatives() {
        let found = found(&[(20_000, NAMESAKES), (4_000, HOUSEHOLD)]);
        let [namesakes, household] = found.as_slice() else { panic!("{found:?}") };
        assert!(namesakes.r[6][1] > 0.8 && namesakes.r[0][1] < 0.1, "{namesakes:?}");
        assert!(household.r[0][1] > 0.8 && household.r[6][1] < 0.1, "{household:?}");
        assert!(share(namesakes) > 0.1 && share(household) < 0.1, "{found:?}");
    }

    #[test]
    fn errors_that_are_independent_are_no_relatives() {
        assert!(found(&[]).is_empty());
    }

    #[test]
    fn one_thing_that_is_often_wrong_makes_no_relatives() {
        assert!(found(&[(5_000, [true, true, true, true, true, true, false])]).is_empty());
    }
}
