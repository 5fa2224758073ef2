//! What the profile tells of sources and columns.

use serde::{Deserialize, Serialize};

use crate::Timestamp;

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ProfileSummary {
    pub sources: Vec<SourceProfile>,
    /// What is different from the profile of the run before; nothing for the first.
    #[serde(default)]
    pub drift: Option<Drift>,
}

/// How two profiles in a row differ.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Drift {
    /// When the profile before was finished.
    pub since: Timestamp,
    /// What a rule does not allow first, then the others that are more than small, in the order of the columns.
    pub changes: Vec<DriftChange>,
    /// Changes that are not listed, since there are too many.
    pub unlisted: u64,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct DriftChange {
    pub source: String,
    /// Nothing for a figure of the source.
    pub column: Option<String>,
    pub measure: crate::config::profile::Measure,
    /// The figure before and now, where it is a number; shares from 0 to 1.
    pub before: Option<f64>,
    pub after: Option<f64>,
    /// "completeness of “email” fell from 98 % to 61 %"
    pub sentence: String,
    /// What the rule says that does not allow it.
    pub action: Option<crate::config::profile::DriftAction>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SourceProfile {
    pub name: String,
    pub rows: u64,
    /// 0–100: weighted completeness, validity and uniqueness.
    pub quality: f64,
    /// What the quality means; nothing in results of earlier versions.
    #[serde(default)]
    pub grade: Option<Grade>,
    /// What `quality` is the weighted mean of.
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(required))]
    pub quality_parts: Vec<QualityPart>,
    pub columns: Vec<ColumnProfile>,
    /// Columns of which one holds the words of another, told from a sample of the rows.
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(required))]
    pub contained: Vec<Containment>,
}

/// A column that holds what another one of the same source says.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Containment {
    pub column: String,
    pub contained: String,
    /// Of the rows with both values, the share in which all words of the other are in the column, 0–1.
    pub rows_share: f64,
    /// In those, how much of the column the other one makes up, in words, 0–1.
    pub words_share: f64,
}

/// What a quality means.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Grade {
    /// From 80.
    Good,
    /// From 60.
    Review,
    Poor,
}

impl Grade {
    /// Of a quality from 0 to 100.
    pub fn of(quality: f64) -> Self {
        match quality {
            _ if quality >= 80.0 => Self::Good,
            _ if quality >= 60.0 => Self::Review,
            _ => Self::Poor,
        }
    }
}

/// One part of a source's quality: the mean over its columns.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct QualityPart {
    /// "completeness"
    pub name: String,
    /// 0–100.
    pub score: f64,
    /// Its share of the quality; all weights add up to 1.
    pub weight: f64,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ColumnProfile {
    pub name: String,
    /// Rows with a value.
    pub filled: u64,
    /// filled ÷ rows, 0–1.
    pub completeness: f64,
    pub distinct: u64,
    /// distinct ÷ filled, 0–1.
    pub uniqueness: f64,
    /// `distinct`, `uniqueness`, `entropy` and `top_values` are estimates: the column has more distinct values than are
    /// counted one by one. `estimates` names the sketches.
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(required))]
    pub approximate: bool,
    /// Figures that are not exact, each with the sketch that it comes from.
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(required))]
    pub estimates: Vec<Estimate>,
    #[serde(rename = "type")]
    pub column_type: ColumnType,
    /// How sure the type is, 0–1: share of the filled values that are of it; for text, that are of no other.
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(required))]
    pub confidence: f64,
    /// Share of the filled values that are of the type or, where a form was chosen, of that form, 0–1.
    pub validity: f64,
    /// The form that was chosen for the column: its name or expression.
    #[serde(default)]
    pub validity_pattern: Option<String>,
    /// Characters.
    pub length_min: u32,
    pub length_max: u32,
    pub length_mean: f64,
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(required))]
    pub length_median: f64,
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(required))]
    pub length_std_dev: f64,
    /// What the values are made of.
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(required))]
    pub characters: CharacterShares,
    /// With several sources: share of the distinct values that another source's column of this name holds too, 0–1.
    #[serde(default)]
    pub shared: Option<f64>,
    /// Mean number of words.
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(required))]
    pub words_mean: f64,
    /// Shannon entropy of the values, bits.
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(required))]
    pub entropy: f64,
    /// For numbers and dates.
    #[serde(default)]
    pub min: Option<String>,
    #[serde(default)]
    pub max: Option<String>,
    /// Of numbers.
    #[serde(default)]
    pub mean: Option<f64>,
    /// Of dates.
    #[serde(default)]
    pub mean_date: Option<String>,
    /// For numbers and dates.
    #[serde(default)]
    pub median: Option<String>,
    /// Standard deviation; of dates in days.
    #[serde(default)]
    pub std_dev: Option<f64>,
    /// Values far from the others.
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(required))]
    pub outliers: Outliers,
    /// Known forms that values have, most frequent first.
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(required))]
    pub formats: Vec<Counted>,
    /// The most frequent values, most frequent first.
    pub top_values: Vec<Counted>,
    /// Letter → `A`, digit → `N`, punctuation kept; most frequent first.
    pub patterns: Vec<Counted>,
}

/// A figure that is an estimate.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Estimate {
    /// "distinct"
    pub figure: String,
    /// "k minimum values"
    pub sketch: String,
}

/// Shares of all characters of a column's values, 0–1.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct CharacterShares {
    pub letters: f64,
    pub digits: f64,
    pub blanks: f64,
    /// Punctuation, signs and what cannot be seen. The four add up to 1.
    pub other: f64,
    /// Of whatever kind.
    pub non_ascii: f64,
}

/// Values that are more than three standard deviations from the mean.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Outliers {
    /// By value; for numbers and dates.
    pub values: Option<u64>,
    /// Some of them, the furthest first.
    pub examples: Vec<String>,
    /// By length.
    pub lengths: u64,
    /// Some of them.
    pub length_examples: Vec<String>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Counted {
    pub value: String,
    pub count: u64,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum ColumnType {
    #[default]
    Text,
    Number,
    Date,
    Email,
    Phone,
    Boolean,
    /// Names its record: (nearly) unique, of one shape.
    Identifier,
}
