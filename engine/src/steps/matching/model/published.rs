//! A trained model as it is published with the pairs that it scored, so that any pair can be explained later.

use model::results::{MatchModel, ModelComparison, ModelLevel};
use serde::{Deserialize, Serialize};

use super::{Levels, Model, Repeats, Trained, most_if_different};
use crate::steps::matching::{
    definitions::Probabilistic,
    features::Feature,
    rarity::{Frequency, Rarity},
};

/// A model without what can be counted again from the records.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(in crate::steps::matching) struct Published {
    /// Bits that a pair needs.
    threshold: f64,
    prior: f64,
    #[serde(default)]
    relatives_priors: Vec<f64>,
    comparisons: Vec<PublishedComparison>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
struct PublishedComparison {
    /// Its number among the features of the configuration.
    feature: usize,
    levels: Vec<f64>,
    m: Vec<f64>,
    u: Vec<f64>,
    bits: Vec<f64>,
    #[serde(default)]
    bits_against_relatives: Vec<Vec<f64>>,
    /// None where frequency does not count.
    #[serde(default)]
    frequency: Option<Frequency>,
    #[serde(default)]
    repeats: Option<PublishedRepeats>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
struct PublishedRepeats {
    feature: usize,
    levels: Vec<f64>,
    lost: Vec<Vec<f64>>,
}

impl Published {
    pub(in crate::steps::matching) fn new(model: &Model) -> Self {
        let comparison = |trained: &Trained| PublishedComparison {
            feature: trained.feature,
            levels: trained.levels.0.clone(),
            m: trained.m.clone(),
            u: trained.u.clone(),
            bits: trained.bits.clone(),
            bits_against_relatives: trained.against_relatives.clone(),
            frequency: trained.rarity.as_ref().map(|rarity| rarity.frequency),
            repeats: trained.repeats.as_ref().map(|repeats| PublishedRepeats {
                feature: repeats.feature,
                levels: repeats.levels.0.clone(),
                lost: repeats.lost.clone(),
            }),
        };
        let comparisons = model.comparisons.iter().map(comparison).collect();
        let relatives_priors = model.relatives_priors.clone();
        Self { threshold: model.threshold, prior: model.prior, relatives_priors, comparisons }
    }

    /// The features whose values' frequencies matter.
    pub(in crate::steps::matching) fn counted_features(&self) -> impl Iterator<Item = usize> {
        self.comparisons.iter().filter(|comparison| comparison.frequency.is_some()).map(|counted| counted.feature)
    }

    /// The model as people read it. `definition` is the one that it was trained for.
    pub(in crate::steps::matching) fn shown(&self, definition: &Probabilistic) -> MatchModel {
        let columns = definition.columns();
        let named = |feature: usize| columns.get(&feature).map(|&name| name.to_owned());
        let comparison = |trained: &PublishedComparison| {
            // Falling, of the levels between different and equal.
            let least = [0.0].into_iter().chain(trained.levels.iter().rev().copied()).chain([1.0]);
            let shares = trained.m.iter().zip(&trained.u).zip(&trained.bits);
            let level =
                |(similarity, ((&m, &u), &bits)): (f64, ((&f64, &f64), &f64))| ModelLevel { similarity, m, u, bits };
            let planned = definition
                .comparisons
                .iter()
                .find(|planned| planned.feature == trained.feature && planned.levels.0 == trained.levels);
            ModelComparison {
                columns: planned
                    .map(|planned| planned.column.clone())
                    .or_else(|| named(trained.feature))
                    .unwrap_or_default(),
                levels: least.zip(shares).map(level).collect(),
                by_frequency: trained.frequency.is_some(),
                repeats: trained.repeats.as_ref().and_then(|repeats| named(repeats.feature)),
            }
        };
        MatchModel {
            name: definition.name.clone(),
            threshold: definition.threshold,
            threshold_bits: self.threshold,
            prior_bits: self.prior,
            comparisons: self.comparisons.iter().map(comparison).collect(),
        }
    }

    /// The model for `features`, whose counts are those of all records.
    pub(in crate::steps::matching) fn model(&self, features: &[Feature]) -> Model {
        let trained = |published: &PublishedComparison| Trained {
            feature: published.feature,
            levels: Levels(published.levels.clone()),
            m: published.m.clone(),
            u: published.u.clone(),
            most_if_different: most_if_different(&published.bits),
            bits: published.bits.clone(),
            against_relatives: published.bits_against_relatives.clone(),
            rarity: published
                .frequency
                .map(|frequency| Rarity::new(frequency, features[published.feature].values.counts())),
            repeats: published.repeats.as_ref().map(|repeats| Repeats {
                feature: repeats.feature,
                levels: Levels(repeats.levels.clone()),
                lost: repeats.lost.clone(),
            }),
        };
        let comparisons: Vec<Trained> = self.comparisons.iter().map(trained).collect();
        let relatives_priors = self.relatives_priors.clone();
        Model { threshold: self.threshold, prior: self.prior, comparisons, relatives_priors }
    }
}

impl Model {
    pub(in crate::steps::matching) fn prior(&self) -> f64 {
        self.prior
    }

    pub(in crate::steps::matching) fn comparisons(&self) -> &[Trained] {
        &self.comparisons
    }

    /// Whether this evidence is enough.
    pub(in crate::steps::matching) fn is_enough(&self, bits: f64) -> bool {
        bits >= self.threshold
    }
}
