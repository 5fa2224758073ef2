//! Average linkage: records stay together when all that is known of them, taken together, says that they should.
//!
//! A chain of pairs joins whatever it touches, so a few false pairs bring thousands of records together. Here two groups
//! become one only if the evidence between their records speaks for it on average, as in agglomerative clustering with
//! average linkage (Sokal and Michener, University of Kansas Science Bulletin 38, 1958). Pairs that blocking never
//! proposed are compared, too; of large groups only some records, always the same ones.

use std::sync::Arc;

use super::{
    features::Features,
    scoring::{Likenesses, Scorer},
};

/// Records of a group that speak for it.
const SPEAKERS_MAX: usize = 8;
/// Bits that one pair may count for or against, so that a single one does not decide alone.
const PAIR_BITS_MAX: f64 = 12.0;

/// Bytes that are held of each record: the next of its group.
pub(super) const RECORD_BYTES: usize = size_of::<u32>();

/// Says which groups may become one, and keeps their members.
#[derive(Debug)]
pub(super) struct AverageLinkage {
    scorer: Arc<Scorer>,
    likenesses: Likenesses,
    /// The members of each group as a ring.
    next: Vec<u32>,
    left: Vec<u32>,
    right: Vec<u32>,
}

impl AverageLinkage {
    pub(super) fn new(records: usize, scorer: Arc<Scorer>, features: Arc<Features>) -> Self {
        Self {
            scorer,
            likenesses: Likenesses::new(features),
            next: (0..records as u32).collect(),
            left: Vec::new(),
            right: Vec::new(),
        }
    }

    /// Whether two different groups may become one, of which these two records are members that match; if so, they do.
    pub(super) fn join(&mut self, left: u32, right: u32) -> bool {
        let alone = |record: u32| self.next[record as usize] == record;
        if !(alone(left) && alone(right)) {
            let mut speakers = std::mem::take(&mut self.left);
            self.speakers(left, &mut speakers);
            self.left = speakers;
            let mut speakers = std::mem::take(&mut self.right);
            self.speakers(right, &mut speakers);
            self.right = speakers;
            if self.mean_bits() < 0.0 {
                return false;
            }
        }
        self.next.swap(left as usize, right as usize);
        true
    }

    fn speakers(&self, member: u32, speakers: &mut Vec<u32>) {
        speakers.clear();
        let mut record = member;
        loop {
            speakers.push(record);
            record = self.next[record as usize];
            if record == member || speakers.len() == SPEAKERS_MAX {
                return;
            }
        }
    }

    fn mean_bits(&mut self) -> f64 {
        let mut sum = 0.0;
        for &left in &self.left {
            for &right in &self.right {
                sum += self.scorer.leaning(left, right, &mut self.likenesses).clamp(-PAIR_BITS_MAX, PAIR_BITS_MAX);
            }
        }
        sum / (self.left.len() * self.right.len()) as f64
    }
}

#[cfg(test)]
mod tests {
    use model::config::matching::{Comparison, Criterion, Definition, Similarity, WhenEmpty};

    use super::{
        super::{
            features::{FeatureKey, feature},
            scoring::Weighted,
        },
        *,
    };

    /// Linkage over names of which similar ones match from 70 on.
    fn linkage(names: &[&str]) -> AverageLinkage {
        let comparison = Comparison::SimilarText { algorithm: Similarity::Levenshtein, level: 0.0 };
        let values: Vec<Option<&str>> = names.iter().copied().map(Some).collect();
        let list = vec![feature(&FeatureKey::of_comparison("name", &[], &comparison), &values)];
        let criterion = Criterion {
            column: "name".to_owned(),
            combined_with: Vec::new(),
            comparison,
            weight: 1.0,
            when_empty: WhenEmpty::ScoreZero,
        };
        let definition =
            Definition { name: String::new(), threshold: 70.0, criteria: vec![criterion], evidence_min: 0.0 };
        let scorer = Scorer { weighted: vec![Weighted::new(&definition, &[0])], models: Vec::new() };
        AverageLinkage::new(names.len(), Arc::new(scorer), Arc::new(Features::of(list, vec![0.0])))
    }

    #[test]
    fn a_pair_is_not_enough_against_all_others() {
        // Each name is like the next one, the first and the last are nothing alike.
        let mut linkage = linkage(&["aaaaaaaa", "aaaaaabb", "aaaabbbb", "aabbbbbb"]);
        assert!(linkage.join(0, 1) && linkage.join(2, 3));
        assert!(!linkage.join(1, 2), "on average they differ");
    }

    #[test]
    fn groups_that_are_alike_become_one() {
        let mut linkage = linkage(&["aaaaaaaa", "aaaaaaab", "aaaaaabb", "aaaaaaac"]);
        assert!(linkage.join(0, 1) && linkage.join(2, 3) && linkage.join(1, 2));
    }
}
