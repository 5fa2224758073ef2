//! Profile: forms to look for, forms that columns are to have, and what may change from run to run.

use serde::{Deserialize, Serialize};

use super::yes;

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct ProfileConfig {
    /// Forms of values beside the built-in ones; how many values have them is counted in every column.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub patterns: Vec<NamedPattern>,
    /// Columns whose validity is told by a form and not by their type.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub validity: Vec<ValidityRule>,
    /// What may not change too much from the run before.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub drift: Vec<DriftRule>,
}

impl ProfileConfig {
    /// Whether nothing is set.
    pub fn is_empty(&self) -> bool {
        self.patterns.is_empty() && self.validity.is_empty() && self.drift.is_empty()
    }
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct NamedPattern {
    pub name: String,
    /// A regular expression of the `regex` crate that the whole value has to match.
    pub pattern: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct ValidityRule {
    /// Only in this source; in every source when left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
    pub column: String,
    /// The name of a form, built-in or of `patterns`, or a regular expression that the whole value has to match.
    pub pattern: String,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct DriftRule {
    /// Only in this source; in every source when left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
    /// Only this column; every column when left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub column: Option<String>,
    pub measure: Measure,
    #[serde(default)]
    pub change: Change,
    /// How much is too much: percentage points for shares (completeness, validity, uniqueness) and for quality, else percent of
    /// the value before. Without meaning for the type and for columns that come or go.
    #[serde(default)]
    pub by: f64,
    #[serde(default)]
    pub action: DriftAction,
    #[serde(default = "yes")]
    pub enabled: bool,
}

/// A figure of the profile that is compared with that of the run before.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Measure {
    /// Of a source: its records.
    Rows,
    /// Of a source: its quality score.
    Quality,
    /// Whether the column is there.
    Presence,
    #[serde(rename = "type")]
    ColumnType,
    Completeness,
    Validity,
    Uniqueness,
    Distinct,
    Mean,
    Median,
    StdDev,
    LengthMean,
    Entropy,
}

impl Measure {
    /// Whether it belongs to a source and not to one of its columns.
    pub const fn is_of_source(self) -> bool {
        matches!(self, Self::Rows | Self::Quality)
    }

    /// Whether it changes by percentage points.
    pub const fn is_share(self) -> bool {
        matches!(self, Self::Quality | Self::Completeness | Self::Validity | Self::Uniqueness)
    }
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Change {
    Falls,
    Rises,
    /// Either way.
    #[default]
    Changes,
}

/// What comes of a change that a rule does not allow.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum DriftAction {
    /// A warning in the log and on the project's page.
    #[default]
    Warn,
    /// The step fails, and its earlier result stays.
    Fail,
}
