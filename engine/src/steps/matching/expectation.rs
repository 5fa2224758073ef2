//! The estimate that expectation–maximisation improves: shares of levels among matches, among relatives and among
//! strangers, and how many of each there are.

use super::{
    echo::Echo,
    relatives::{KINDS_MAX, Relatives},
    training::{Observed, Pattern, Patterns, SLOTS, Untrained, level, slot},
};

/// Pairs that the first guess of `m` counts for, so that levels without pairs keep sensible weights.
pub(super) const GUESS_PAIRS: f64 = 10.0;
/// Least share of the observed chance agreement that is not put down to matches among the random pairs.
const CHANCE_MIN: f64 = 0.02;

/// What random pairs show.
#[derive(Debug)]
pub(super) struct Seen {
    /// By comparison and level; each sums to 1.
    pub(super) shares: Vec<Vec<f64>>,
    /// By comparison: whether no match is in the share of the highest level.
    pub(super) equal_is_of_strangers: Vec<bool>,
}

impl Seen {
    /// The shares with those of the matches, `lambda` of all pairs, taken out.
    fn without_matches(&self, lambda: f64, m: &[Vec<f64>]) -> Vec<Vec<f64>> {
        let of_comparison = |place: usize| {
            let (seen, m) = (&self.shares[place], &m[place]);
            let of_level = |level: usize| match seen[level] {
                equal if level + 1 == seen.len() && self.equal_is_of_strangers[place] => equal,
                seen => (seen - lambda * m[level]).max(seen * CHANCE_MIN),
            };
            shares((0..seen.len()).map(of_level).collect())
        };
        (0..m.len()).map(of_comparison).collect()
    }
}

/// How a pair's records are related, as probabilities.
#[derive(Clone, Copy, Debug)]
pub(super) struct Belief {
    pub(super) matching: f64,
    /// By kind of relatives.
    pub(super) related: [f64; KINDS_MAX],
}

#[derive(Clone, Debug)]
pub(super) struct Estimate {
    /// Share of matches among all pairs.
    pub(super) lambda: f64,
    /// By comparison and level; each sums to 1.
    pub(super) m: Vec<Vec<f64>>,
    pub(super) u: Vec<Vec<f64>>,
    pub(super) echoes: Vec<Option<Echo>>,
    /// By kind, [`KINDS_MAX`] at most.
    pub(super) relatives: Vec<Relatives>,
}

impl Estimate {
    /// The estimate where there is a single comparison. It cannot tell matches from chance, for what is seen of a level may
    /// be all the one or all the other: how many match has to be assumed. Matches are taken to look like `guess`, and equal
    /// values to be matches; there are at least as many as if each record had one partner in its own or the other source.
    pub(super) fn of_one_comparison(guess: Vec<Vec<f64>>, seen: &Seen, observed: &Observed) -> Self {
        let highest = guess[0].len() - 1;
        let equal = observed.candidates.0.iter().filter(|(pattern, _)| level(**pattern, 0) == Some(highest));
        let equal = equal.map(|(_, &count)| count as f64).sum::<f64>() * observed.candidate_scale;
        let matches = (equal / guess[0][highest]).max(observed.pairs.sqrt());
        let lambda = share_of_pairs(matches, observed);
        let u = seen.without_matches(lambda, &guess);
        Self { lambda, m: guess, u, echoes: vec![None], relatives: Vec::new() }
    }

    /// One round: the expected matches and relatives under this estimate, and the estimate that they give.
    pub(super) fn improved(&self, guess: &[Vec<f64>], seen: &Seen, observed: &Observed) -> Self {
        let mut matches = Expected::new(guess);
        let mut related = [0.0; KINDS_MAX];
        for (&pattern, &count) in &observed.candidates.0 {
            let count = count as f64 * observed.candidate_scale;
            let belief = self.belief(pattern);
            matches.add(pattern, belief.matching * count);
            related.iter_mut().zip(belief.related).for_each(|(sum, related)| *sum += related * count);
        }
        let lambda = share_of_pairs(matches.pairs, observed);
        let m: Vec<Vec<f64>> = matches.shares();
        let u = seen.without_matches(lambda, &m);
        // What relatives look like stays: let loose among all candidates, they would drift to whatever strangers there are
        // more of than the model expects.
        let mut relatives = self.relatives.clone();
        for (relatives, related) in relatives.iter_mut().zip(related) {
            relatives.share = share_of_pairs(related, observed);
        }
        Self { lambda, m, u, echoes: self.echoes.clone(), relatives }
    }

    /// What a pair of this pattern is.
    pub(super) fn belief(&self, pattern: Pattern) -> Belief {
        let strangers = 1.0 - self.lambda;
        let mut matching = self.lambda / strangers;
        let mut related = [0.0; KINDS_MAX];
        related.iter_mut().zip(&self.relatives).for_each(|(odds, relatives)| *odds = relatives.share / strangers);
        for (place, (m, u)) in self.m.iter().zip(&self.u).enumerate() {
            if let Some(own) = level(pattern, place) {
                matching *= self.heard(pattern, place, own, m[own] / u[own]);
                for (odds, relatives) in related.iter_mut().zip(&self.relatives) {
                    *odds *= self.heard(pattern, place, own, relatives.r[place][own] / u[own]);
                }
            }
        }
        let all = 1.0 + matching + related.iter().sum::<f64>();
        Belief { matching: matching / all, related: related.map(|odds| odds / all) }
    }

    /// What is left of `ratio`, the evidence of one comparison, when its echo is taken out.
    fn heard(&self, pattern: Pattern, place: usize, own: usize, ratio: f64) -> f64 {
        let echo = self.echoes.get(place).and_then(Option::as_ref).filter(|_| ratio > 1.0);
        let lost = echo.and_then(|echo| Some(echo.lost[level(pattern, echo.parent)?][own]));
        lost.map_or(ratio, |lost| (ratio / lost.exp2()).max(1.0))
    }
}

pub(super) fn share_of_pairs(pairs: f64, observed: &Observed) -> f64 {
    (pairs.max(1.0) / observed.pairs).clamp(1e-12, 0.5)
}

/// The expected pairs of one kind.
pub(super) struct Expected {
    pub(super) pairs: f64,
    /// By comparison and slot.
    reached: Vec<[f64; SLOTS]>,
    /// By comparison.
    levels: Vec<usize>,
}

impl Expected {
    /// Starts with a few pairs that look like `guess`.
    pub(super) fn new(guess: &[Vec<f64>]) -> Self {
        let reached = guess.iter().map(|guess| by_slot(guess, 0.0).map(|share| share * GUESS_PAIRS)).collect();
        Self { pairs: 0.0, reached, levels: guess.iter().map(Vec::len).collect() }
    }

    pub(super) fn add(&mut self, pattern: Pattern, pairs: f64) {
        self.pairs += pairs;
        for (place, reached) in self.reached.iter_mut().enumerate() {
            reached[slot(pattern, place)] += pairs;
        }
    }

    pub(super) fn shares(&self) -> Vec<Vec<f64>> {
        let levels = self.reached.iter().zip(&self.levels);
        levels.map(|(reached, levels)| shares(reached[1..=*levels].to_vec())).collect()
    }
}

/// Figures of the levels of a comparison, by slot, with what stands for an empty side.
pub(super) fn by_slot(levels: &[f64], empty: f64) -> [f64; SLOTS] {
    let mut slots = [0.0; SLOTS];
    slots[0] = empty;
    slots[1..=levels.len()].copy_from_slice(levels);
    slots
}

/// Level shares among random pairs; the highest level comes from the counts of values.
pub(super) fn by_chance(place: usize, comparison: &Untrained<'_>, random: &Patterns) -> Vec<f64> {
    let count = comparison.levels.count();
    // Half a pair in each level: one that no random pair reached is rare, not impossible.
    let mut reached = vec![0.5; count];
    for (&pattern, &pairs) in &random.0 {
        if let Some(level) = level(pattern, place) {
            reached[level] += pairs as f64;
        }
    }
    let equal = comparison.chance.equal.clamp(1e-9, 1.0 - 1e-6);
    reached[count - 1] = 0.0;
    let mut shares: Vec<f64> = shares(reached).into_iter().map(|share| share * (1.0 - equal)).collect();
    shares[count - 1] = equal;
    shares
}

/// Most matches agree, fewer the lower the level, and some differ outright.
pub(super) fn first_guess(levels: usize) -> Vec<f64> {
    let mut guess: Vec<f64> = (0..levels).map(|level| if level == 0 { 0.5 } else { (level as f64).exp2() }).collect();
    guess[levels - 1] *= 2.0;
    shares(guess)
}

pub(super) fn shares(amounts: Vec<f64>) -> Vec<f64> {
    let sum: f64 = amounts.iter().sum();
    amounts.into_iter().map(|amount| amount / sum).collect()
}
