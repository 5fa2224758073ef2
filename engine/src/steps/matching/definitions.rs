//! The configuration's definitions over the features that they share, and the checks that they make sense.

use std::collections::BTreeMap;

use model::config::{
    MatchConfig,
    matching::{Comparison, LevelComparison, ProbabilisticDefinition},
};

use super::{
    features::FeatureKey,
    model::Levels,
    scoring::Weighted,
    training::{COMPARISONS_MAX, LEVELS_MAX},
};
use crate::{Failure, read::say_columns};

/// All definitions of a run.
#[derive(Debug, Default)]
pub(super) struct Definitions {
    /// What is to be compared, each once.
    pub(super) features: Vec<FeatureKey>,
    /// Similarities below are not needed, by feature.
    pub(super) at_least: Vec<f64>,
    pub(super) weighted: Vec<Weighted>,
    pub(super) probabilistic: Vec<Probabilistic>,
}

/// A probabilistic definition that is not trained yet.
#[derive(Debug)]
pub(super) struct Probabilistic {
    pub(super) name: String,
    pub(super) threshold: f64,
    pub(super) comparisons: Vec<Planned>,
}

impl Probabilistic {
    /// What is compared, by feature.
    pub(super) fn columns(&self) -> BTreeMap<usize, &str> {
        self.comparisons.iter().map(|planned| (planned.feature, planned.column.as_str())).collect()
    }
}

#[derive(Clone, Debug)]
pub(super) struct Planned {
    pub(super) column: String,
    pub(super) feature: usize,
    pub(super) levels: Levels,
    pub(super) term_frequencies: bool,
}

impl Definitions {
    /// `columns` are those of the records.
    pub(super) fn new(config: &MatchConfig, columns: &[&str]) -> Result<Self, Failure> {
        check(config, columns)?;
        let mut definitions = Self::default();
        for definition in &config.definitions {
            let features: Vec<usize> = definition
                .criteria
                .iter()
                .map(|criterion| {
                    let key =
                        FeatureKey::of_comparison(&criterion.column, &criterion.combined_with, &criterion.comparison);
                    definitions.feature(key, needed(&criterion.comparison))
                })
                .collect();
            definitions.weighted.push(Weighted::new(definition, &features));
        }
        for definition in &config.probabilistic {
            let comparisons = definition.comparisons.iter().map(|comparison| definitions.plan(comparison)).collect();
            let (name, threshold) = (definition.name.clone(), definition.threshold);
            definitions.probabilistic.push(Probabilistic { name, threshold, comparisons });
        }
        Ok(definitions)
    }

    fn plan(&mut self, comparison: &LevelComparison) -> Planned {
        let needed = comparison.levels.last().copied().unwrap_or(1.0);
        Planned {
            column: named(&comparison.column, &comparison.combined_with),
            feature: self.feature(FeatureKey::of_levels(comparison), needed),
            levels: Levels(comparison.levels.clone()),
            term_frequencies: comparison.term_frequencies,
        }
    }

    /// The number of a feature, which is new unless another definition has it.
    fn feature(&mut self, key: FeatureKey, at_least: f64) -> usize {
        match self.features.iter().position(|known| *known == key) {
            Some(feature) => {
                self.at_least[feature] = self.at_least[feature].min(at_least);
                feature
            }
            None => {
                self.features.push(key);
                self.at_least.push(at_least);
                self.features.len() - 1
            }
        }
    }
}

/// Columns in words: "street + town".
pub(super) fn named(column: &str, combined_with: &[String]) -> String {
    std::iter::once(column).chain(combined_with.iter().map(String::as_str)).collect::<Vec<_>>().join(" + ")
}

/// The least similarity that makes a difference to a criterion.
fn needed(comparison: &Comparison) -> f64 {
    match *comparison {
        Comparison::SimilarText { level, .. } => level,
        Comparison::Exact { .. } | Comparison::SoundsAlike { .. } => 1.0,
        Comparison::ArrayOverlap { level, .. } => level,
        Comparison::NumericRange { .. } | Comparison::Date { .. } | Comparison::Geo { .. } => 0.0,
    }
}

fn check(config: &MatchConfig, columns: &[&str]) -> Result<(), Failure> {
    let refuse = |problem: String| Err(Failure::Input(format!("match: {problem}")));
    let criteria = config.definitions.iter().map(|definition| (&definition.name, definition.criteria.len()));
    let comparisons = config.probabilistic.iter().map(|definition| (&definition.name, definition.comparisons.len()));
    let mut definitions = criteria.chain(comparisons).peekable();
    if definitions.peek().is_none() {
        return refuse("there is no definition of what a match is; add one, or let suggest propose it".to_owned());
    }
    if let Some((name, _)) = definitions.find(|(_, parts)| *parts == 0) {
        return refuse(format!("the definition {name:?} compares nothing; give it a column to compare"));
    }
    check_blocking(config, columns)?;
    let criteria = config.definitions.iter().flat_map(|definition| &definition.criteria);
    let criteria = criteria
        .flat_map(|part| FeatureKey::of_comparison(&part.column, &part.combined_with, &part.comparison).columns);
    let compared = config.probabilistic.iter().flat_map(|definition| &definition.comparisons);
    let compared = compared.flat_map(|part| FeatureKey::of_levels(part).columns);
    criteria.chain(compared).try_for_each(|column| check_column(&column, columns))?;
    config.probabilistic.iter().try_for_each(check_levels)
}

/// Whether the blocking keys make sense for records with these columns.
pub(super) fn check_blocking(config: &MatchConfig, columns: &[&str]) -> Result<(), Failure> {
    if !config.blocking.iter().any(|key| key.enabled && !key.parts.is_empty()) {
        return Err(Failure::Input(
            "match: no blocking key is switched on, so no records would be compared; add one".to_owned(),
        ));
    }
    let blocked = config.blocking.iter().filter(|key| key.enabled).flat_map(|key| &key.parts).map(|part| &part.column);
    blocked.map(String::as_str).try_for_each(|column| check_column(column, columns))
}

fn check_column(column: &str, columns: &[&str]) -> Result<(), Failure> {
    if columns.contains(&column) {
        return Ok(());
    }
    let known = say_columns(columns);
    Err(Failure::Input(format!("match: there is no column “{column}”; the records have {known}")))
}

fn check_levels(definition: &ProbabilisticDefinition) -> Result<(), Failure> {
    let name = &definition.name;
    let refuse = |problem: String| Err(Failure::Input(format!("match: the definition {name:?} {problem}")));
    if definition.comparisons.len() > COMPARISONS_MAX {
        let count = definition.comparisons.len();
        return refuse(format!("has {count} comparisons; at most {COMPARISONS_MAX} can be learned together"));
    }
    for comparison in &definition.comparisons {
        let levels = &comparison.levels;
        let falling = levels.windows(2).all(|pair| pair[0] > pair[1]);
        if !falling || levels.iter().any(|level| !(0.0..=1.0).contains(level)) {
            return refuse(format!("needs falling levels between 1 and 0 for {:?}", comparison.column));
        }
        if levels.len() + 2 > LEVELS_MAX {
            return refuse(format!("has more than {} levels for {:?}", LEVELS_MAX - 2, comparison.column));
        }
    }
    Ok(())
}
