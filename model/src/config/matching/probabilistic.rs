//! Definitions whose weights are learned.

use serde::{Deserialize, Serialize};

use super::Similarity;

/// The Fellegi–Sunter model: what a pair's agreements and disagreements say about its being a match, learned from the
/// records themselves. The score is the match probability × 100.
///
/// Each comparison sorts pairs into levels, from equal to different. Its evidence is `m ÷ u`: how often matches reach a
/// level against how often other pairs do; `u` comes from random pairs, `m` from expectation–maximisation. Empty values
/// count neither for nor against. Case, punctuation and the number of blanks never matter.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct ProbabilisticDefinition {
    pub name: String,
    /// 0–100: the match probability, in percent, from which a pair matches.
    #[serde(default = "default_probability")]
    pub threshold: f64,
    pub comparisons: Vec<LevelComparison>,
}

const fn default_probability() -> f64 {
    90.0
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct LevelComparison {
    pub column: String,
    /// Further columns: what they hold is put behind it, separated by blanks, and all is compared as one text. For
    /// columns that say much the same, such as street, postcode and city, whose agreement would else count several times.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub combined_with: Vec<String>,
    #[serde(flatten)]
    pub measure: Measure,
    /// Least similarity (0–1) of each level under "equal", falling: `[0.92, 0.8]` makes four levels.
    #[serde(default)]
    pub levels: Vec<f64>,
    /// Agreement on a rare value is stronger evidence than on a frequent one.
    #[serde(default)]
    pub term_frequencies: bool,
}

/// What a comparison's levels are measured on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(tag = "measure", rename_all = "snake_case")]
pub enum Measure {
    /// Equal or different, whatever the case, blanks and punctuation; needs no levels.
    Equality,
    Text {
        #[serde(default)]
        algorithm: Similarity,
    },
    /// 1 − difference ÷ the greater of the two magnitudes.
    Number,
    /// Of dates in all common forms, whichever is most: 1 − days apart ÷ 40; the share of the eight digits that restricted
    /// Damerau finds equal; 0.9 where day and month are swapped. Values that are no dates are compared as text.
    Date,
}
