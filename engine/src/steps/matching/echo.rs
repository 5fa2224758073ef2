//! Comparisons that repeat what another one has said: two strangers who share a city often share its postcode and area
//! code too, so the three together say hardly more than one of them.
//!
//! Fellegi–Sunter adds up comparisons as if they were independent among non-matches. Here each comparison may depend on
//! one that comes before it, as in a tree-augmented naive Bayes classifier (Friedman, Geiger and Goldszmidt, Machine
//! Learning 29, 1997): agreement that random pairs show together more often than by chance loses as many bits as it is
//! more frequent. It never turns into evidence against a match, and never adds any.

use super::training::{Patterns, level};

/// The comparison that another one echoes.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Echo {
    /// Its place among the comparisons.
    pub(super) parent: usize,
    /// Bits that agreement loses, by the parent's level and its own.
    pub(super) lost: Vec<Vec<f64>>,
}

/// What matches are taken to look like, so that their part of the random pairs is not put down to chance.
pub(super) struct Matches<'a> {
    pub(super) lambda: f64,
    /// By comparison and level.
    pub(super) m: &'a [Vec<f64>],
}

/// Pairs added to each cell's observed and expected count, so that a few pairs prove nothing.
const DOUBT_PAIRS: f64 = 4.0;
/// Mean bits over random pairs from which a dependence counts.
const DEPENDENCE_MIN: f64 = 1e-3;

/// For each comparison the one that it repeats most among those before it in `order`, if it repeats one.
pub(super) fn echoes(random: &Patterns, order: &[usize], matches: &Matches<'_>) -> Vec<Option<Echo>> {
    let mut echoes = vec![None; order.len()];
    for (rank, &place) in order.iter().enumerate() {
        let candidates = order[..rank].iter().map(|&parent| dependence(random, parent, place, matches));
        let strongest = candidates.max_by(|(a, _), (b, _)| a.total_cmp(b));
        echoes[place] = strongest.filter(|(bits, _)| *bits >= DEPENDENCE_MIN).map(|(_, echo)| echo);
    }
    echoes
}

/// How many bits a random pair loses on average, and the table of them.
fn dependence(random: &Patterns, parent: usize, place: usize, matches: &Matches<'_>) -> (f64, Echo) {
    let (parent_levels, own_levels) = (matches.m[parent].len(), matches.m[place].len());
    let mut cells = vec![vec![0.0; own_levels]; parent_levels];
    let mut pairs = 0.0;
    for (&pattern, &count) in &random.0 {
        if let (Some(above), Some(own)) = (level(pattern, parent), level(pattern, place)) {
            cells[above][own] += count as f64;
            pairs += count as f64;
        }
    }
    for (above, row) in cells.iter_mut().enumerate() {
        for (own, cell) in row.iter_mut().enumerate() {
            let of_matches = pairs * matches.lambda * matches.m[parent][above] * matches.m[place][own];
            *cell = (*cell - of_matches).max(0.0);
        }
    }
    let rows: Vec<f64> = cells.iter().map(|row| row.iter().sum()).collect();
    let columns: Vec<f64> = (0..own_levels).map(|own| cells.iter().map(|row| row[own]).sum()).collect();
    let all = rows.iter().sum::<f64>().max(1.0);
    let mut mean = 0.0;
    let lost = cells.iter().enumerate().map(|(above, row)| {
        let lost = row.iter().enumerate().map(|(own, &cell)| {
            let by_chance = rows[above] * columns[own] / all;
            let lost = ((cell + DOUBT_PAIRS) / (by_chance + DOUBT_PAIRS)).log2().max(0.0);
            mean += lost * cell / all;
            lost
        });
        lost.collect()
    });
    let lost = lost.collect();
    (mean, Echo { parent, lost })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::steps::matching::training::pattern;

    /// Pairs by the levels of two comparisons, different or equal.
    fn check(counts: [[u64; 2]; 2], lambda: f64) -> Option<f64> {
        let mut random = Patterns::default();
        for (first, counts) in counts.iter().enumerate() {
            for (second, &count) in counts.iter().enumerate() {
                random.add(pattern([Some(first), Some(second)].into_iter()), count);
            }
        }
        let m = vec![vec![0.1, 0.9]; 2];
        let echoes = echoes(&random, &[0, 1], &Matches { lambda, m: &m });
        assert_eq!(echoes[0], None);
        echoes[1].as_ref().map(|echo| echo.lost[1][1])
    }

    #[test]
    fn a_postcode_says_little_more_than_its_city() {
        // One pair in 24 shares the city, and three quarters of those the postcode.
        let lost = check([[380_000, 1_000], [4_000, 12_000]], 0.0).expect("an echo");
        assert!((4.0..5.0).contains(&lost), "{lost}");
    }

    #[test]
    fn independent_comparisons_lose_nothing() {
        assert_eq!(check([[361_000, 19_000], [19_000, 1_000]], 0.0), None);
    }

    #[test]
    fn matches_among_the_random_pairs_are_no_echo() {
        assert!(check([[399_500, 30], [30, 440]], 0.0).is_some());
        assert_eq!(check([[399_500, 30], [30, 440]], 544.0 / 400_000.0), None);
    }
}
