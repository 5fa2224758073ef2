//! One fused function that scores a pair under every definition, computing each similarity once.
//!
//! Weighted definitions: Σ(score·weight) ÷ Σ(weight), compared with the threshold. Probabilistic ones: see
//! [`super::model`]. A pair's score is the highest of the definitions that accept it.

use std::sync::Arc;

use chrono::NaiveDate;
use model::config::matching::{Criterion, Definition, WhenEmpty};

use super::{
    criteria,
    features::{EMPTY, Features, Likeness, Place},
    model::Model,
};

/// Points of a weighted score that count as one bit where evidence is summed.
const POINTS_PER_BIT: f64 = 4.0;

/// What decides about pairs.
#[derive(Debug)]
pub(super) struct Scorer {
    pub(super) weighted: Vec<Weighted>,
    pub(super) models: Vec<Model>,
}

/// A pair that a definition accepts.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Match {
    /// 0–100.
    pub(super) score: f32,
    pub(super) definition: u16,
    /// Orders pairs more finely than the score, which many certain pairs share.
    pub(super) evidence: f32,
}

/// The likenesses of one pair after another, by feature; each is computed when first needed.
#[derive(Debug)]
pub(super) struct Likenesses {
    features: Arc<Features>,
    /// By feature: the numbers of the two values.
    pair: Vec<(u32, u32)>,
    known: Vec<Option<Likeness>>,
}

impl Likenesses {
    pub(super) fn new(features: Arc<Features>) -> Self {
        Self { pair: vec![(0, 0); features.count()], known: vec![None; features.count()], features }
    }

    pub(super) fn start(&mut self, left: u32, right: u32) {
        let (left, right) = (self.features.of_record(left), self.features.of_record(right));
        self.pair.iter_mut().zip(left.iter().zip(right)).for_each(|(pair, (&left, &right))| *pair = (left, right));
        self.known.fill(None);
    }

    pub(super) fn of(&mut self, feature: usize) -> Likeness {
        let (values, at_least) = self.features.values(feature);
        *self.known[feature].get_or_insert_with(|| values.compare(self.pair[feature], at_least))
    }

    /// The likeness as far as it is known without comparing values that differ.
    pub(super) fn at_sight(&self, feature: usize) -> Option<Likeness> {
        let (left, right) = self.pair[feature];
        if left == EMPTY || right == EMPTY { Some(Likeness::Empty) } else { (left == right).then_some(Likeness::Equal) }
    }

    /// The number of the left record's value, which is not empty.
    pub(super) fn left_value(&self, feature: usize) -> u32 {
        self.pair[feature].0
    }

    pub(super) fn numbers(&self, feature: usize) -> Option<(f64, f64)> {
        self.features.values(feature).0.numbers(self.pair[feature])
    }

    pub(super) fn dates(&self, feature: usize) -> Option<(NaiveDate, NaiveDate)> {
        self.features.values(feature).0.dates(self.pair[feature])
    }

    pub(super) fn places(&self, feature: usize) -> Option<(Place, Place)> {
        self.features.values(feature).0.places(self.pair[feature])
    }
}

impl Scorer {
    /// `None` when no definition accepts the pair.
    pub(super) fn score(&self, left: u32, right: u32, likenesses: &mut Likenesses) -> Option<Match> {
        likenesses.start(left, right);
        let mut best: Option<Match> = None;
        let mut offer = |found: Match| {
            if best.is_none_or(|best| found.score > best.score) {
                best = Some(found);
            }
        };
        for (index, definition) in self.weighted.iter().enumerate() {
            if let Some(score) = definition.score(likenesses) {
                offer(Match { score: score as f32, definition: index as u16, evidence: score as f32 });
            }
        }
        for (index, model) in self.models.iter().enumerate() {
            if let Some(evidence) = model.accepts(likenesses) {
                let definition = (self.weighted.len() + index) as u16;
                offer(Match { score: evidence.score() as f32, definition, evidence: evidence.bits as f32 });
            }
        }
        best
    }

    /// The score under every definition of the pair that was looked at last, in the order of their indexes.
    pub(super) fn scores(&self, likenesses: &mut Likenesses, scores: &mut Vec<f32>) {
        scores.clear();
        scores.extend(self.weighted.iter().map(|definition| definition.sum(likenesses).score as f32));
        scores.extend(self.models.iter().map(|model| model.evidence(likenesses).score() as f32));
    }

    /// What speaks for a pair, in bits, less than 0 when more speaks against it; of several definitions the one most in
    /// favour counts.
    pub(super) fn leaning(&self, left: u32, right: u32, likenesses: &mut Likenesses) -> f64 {
        likenesses.start(left, right);
        let weighted = self.weighted.iter().map(|definition| definition.leaning(likenesses));
        let mut leaning = weighted.fold(f64::NEG_INFINITY, f64::max);
        for model in &self.models {
            leaning = leaning.max(model.leaning(likenesses));
        }
        leaning
    }

    pub(super) fn definitions(&self) -> usize {
        self.weighted.len() + self.models.len()
    }
}

/// What the criteria of a weighted definition come to.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct WeightedSum {
    /// 0–100.
    pub(super) score: f64,
    pub(super) divisor: f64,
    pub(super) too_little_evidence: bool,
}

/// A weighted definition made ready: heaviest criteria first, so that hopeless pairs are given up early.
#[derive(Debug)]
pub(super) struct Weighted {
    threshold: f64,
    evidence_min: f64,
    weight: f64,
    criteria: Vec<(usize, Criterion)>,
}

impl Weighted {
    /// `features` gives the feature of each criterion.
    pub(super) fn new(definition: &Definition, features: &[usize]) -> Self {
        let mut criteria: Vec<(usize, Criterion)> =
            features.iter().copied().zip(definition.criteria.iter().cloned()).collect();
        criteria.sort_by(|(_, a), (_, b)| b.weight.total_cmp(&a.weight));
        Self {
            threshold: definition.threshold,
            evidence_min: definition.evidence_min,
            weight: criteria.iter().map(|(_, criterion)| criterion.weight).sum(),
            criteria,
        }
    }

    /// What the criteria come to, whether that is enough or not.
    pub(super) fn sum(&self, likenesses: &mut Likenesses) -> WeightedSum {
        let (mut sum, mut divisor) = (0.0, 0.0);
        for (feature, criterion) in &self.criteria {
            let score = criteria::score(&criterion.comparison, *feature, likenesses);
            if score.is_some() || criterion.when_empty == WhenEmpty::ScoreZero {
                sum += score.unwrap_or(0.0) * criterion.weight;
                divisor += criterion.weight;
            }
        }
        let too_little_evidence = divisor <= 0.0 || divisor < self.evidence_min * self.weight;
        WeightedSum { score: if too_little_evidence { 0.0 } else { sum / divisor }, divisor, too_little_evidence }
    }

    /// How far the score is from the threshold, in bits; 0 where there is too little to say.
    fn leaning(&self, likenesses: &mut Likenesses) -> f64 {
        let sum = self.sum(likenesses);
        if sum.too_little_evidence { 0.0 } else { (sum.score - self.threshold) / POINTS_PER_BIT }
    }

    /// Whether a score reaches the threshold.
    pub(super) fn accepts(&self, score: f64) -> bool {
        // A sum of decimal weights may miss a whole threshold by a rounding error.
        score >= self.threshold - 1e-9
    }

    /// The score if it reaches the threshold.
    fn score(&self, likenesses: &mut Likenesses) -> Option<f64> {
        let (mut sum, mut divisor, mut remaining) = (0.0, 0.0, self.weight);
        for (feature, criterion) in &self.criteria {
            remaining -= criterion.weight;
            match criteria::score(&criterion.comparison, *feature, likenesses) {
                Some(score) => {
                    sum += score * criterion.weight;
                    divisor += criterion.weight;
                }
                None if criterion.when_empty == WhenEmpty::ScoreZero => divisor += criterion.weight,
                None => {}
            }
            // Even if all that remains scored 100.
            if sum + 100.0 * remaining < self.threshold * (divisor + remaining) - 1e-9 {
                return None;
            }
        }
        if divisor <= 0.0 || divisor < self.evidence_min * self.weight {
            return None;
        }
        let score = sum / divisor;
        self.accepts(score).then_some(score)
    }
}

#[cfg(test)]
mod tests {
    use model::config::matching::{Comparison, Similarity};

    use super::{
        super::features::{Feature, FeatureKey, feature},
        *,
    };

    const SIMILAR: Comparison = Comparison::SimilarText { algorithm: Similarity::Levenshtein, level: 0.8 };
    const EXACT: Comparison = Comparison::Exact { ignore_case: false, ignore_spaces: false, ignore_punctuation: false };

    fn criterion(column: &str, comparison: Comparison, weight: f64, when_empty: WhenEmpty) -> Criterion {
        Criterion { column: column.to_owned(), combined_with: Vec::new(), comparison, weight, when_empty }
    }

    /// The score of two records under one definition, as `name=value` criteria in order.
    fn check(criteria: Vec<Criterion>, threshold: f64, evidence_min: f64, values: &[[Option<&str>; 2]]) -> Option<f32> {
        let feature_of = |(criterion, pair): (&Criterion, &[Option<&str>; 2])| {
            feature(&FeatureKey::of_comparison(&criterion.column, &[], &criterion.comparison), pair)
        };
        let list: Vec<Feature> = criteria.iter().zip(values).map(feature_of).collect();
        let features: Vec<usize> = (0..list.len()).collect();
        let definition = Definition { name: String::new(), threshold, criteria, evidence_min };
        let scorer = Scorer { weighted: vec![Weighted::new(&definition, &features)], models: Vec::new() };
        let features = Arc::new(Features::of(list, vec![0.0; features.len()]));
        scorer.score(0, 1, &mut Likenesses::new(features)).map(|found| found.score)
    }

    #[test]
    fn a_score_is_the_weighted_mean() {
        let criteria = || {
            vec![criterion("0", SIMILAR, 3.0, WhenEmpty::ScoreZero), criterion("1", EXACT, 1.0, WhenEmpty::ScoreZero)]
        };
        let pair = [[Some("jonathan"), Some("jonathon")], [Some("leeds"), Some("York")]];
        assert_eq!(check(criteria(), 60.0, 0.0, &pair), Some(65.625));
        assert_eq!(check(criteria(), 66.0, 0.0, &pair), None);
        assert_eq!(check(criteria(), 75.0, 0.0, &[[Some("ann"), Some("ann")], [None, Some("York")]]), Some(75.0));
    }

    #[test]
    fn similar_text_below_its_level_scores_nothing() {
        let criteria = vec![criterion("0", SIMILAR, 1.0, WhenEmpty::ScoreZero)];
        assert_eq!(check(criteria, 10.0, 0.0, &[[Some("kitten"), Some("sitting")]]), None);
    }

    #[test]
    fn empty_values_are_left_out_when_enough_evidence_remains() {
        let criteria =
            || vec![criterion("0", EXACT, 3.0, WhenEmpty::LeaveOut), criterion("1", EXACT, 1.0, WhenEmpty::LeaveOut)];
        let pair = [[None, Some("York")], [Some("ann"), Some("ann")]];
        assert_eq!(check(criteria(), 80.0, 0.0, &pair), Some(100.0));
        assert_eq!(check(criteria(), 80.0, 0.5, &pair), None);
        assert_eq!(check(criteria(), 80.0, 0.0, &[[None, None], [None, None]]), None);
    }
}
