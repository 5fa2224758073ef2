//! Why two records match, or do not: what each definition says of them, comparison by comparison.

use serde::{Deserialize, Serialize};

/// What every definition says of a pair.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Explanation {
    /// Numbers of the records, the smaller first.
    pub left: u32,
    pub right: u32,
    /// In the order of their indexes in results.
    pub definitions: Vec<DefinitionExplained>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct DefinitionExplained {
    pub name: String,
    /// 0–100.
    pub score: f64,
    pub threshold: f64,
    /// Whether the score reaches the threshold.
    pub accepts: bool,
    #[serde(flatten)]
    pub how: How,
}

/// How a score comes about.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum How {
    /// Σ(score · weight) ÷ Σ(weight).
    Weighted {
        criteria: Vec<CriterionExplained>,
        /// The sum of the weights that count.
        divisor: f64,
        /// Too little of the weight has values on both sides, so that the pair scores 0.
        too_little_evidence: bool,
    },
    /// Bits of evidence added up: probability = 1 ÷ (1 + 2^−bits).
    Probabilistic {
        /// Before anything is compared: `log2` of the odds that any two records match.
        prior_bits: f64,
        comparisons: Vec<ComparisonExplained>,
        /// Lost because records of different but related things, such as members of a household, can look so, too.
        #[serde(default)]
        relatives_bits: f64,
        /// The sum.
        bits: f64,
    },
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct CriterionExplained {
    /// "street + town"
    pub columns: String,
    pub left: Option<String>,
    pub right: Option<String>,
    pub weight: f64,
    /// 0–100; none when a side is empty.
    pub score: Option<f64>,
    /// What it adds to the definition's score.
    pub adds: f64,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ComparisonExplained {
    /// "street + town"
    pub columns: String,
    pub left: Option<String>,
    pub right: Option<String>,
    /// None when a side is empty: it counts neither for nor against.
    pub level: Option<LevelExplained>,
    /// What it adds to the sum, all included.
    pub bits: f64,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct LevelExplained {
    /// From 0 for different to `levels` − 1 for equal.
    pub level: u32,
    pub levels: u32,
    /// 0–1; 1 when equal.
    pub similarity: f64,
    /// Share of matches that reach this level.
    pub m: f64,
    /// Share of other pairs that do.
    pub u: f64,
    /// `log2(m ÷ u)`, made to rise from level to level.
    pub bits: f64,
    /// Added because the value that both share is rare, taken away where it is frequent.
    pub frequency_bits: f64,
    /// Taken away because another comparison has said the same already.
    pub repeated_bits: f64,
}
