//! Merge: which record of a group is the master, and which values it takes from the others (survivorship).

use serde::{Deserialize, Serialize};

use super::yes;

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct MergeConfig {
    /// Each active rule gives one win to the record with the best value; most wins is the master; ties go to the
    /// earliest loaded.
    #[serde(default)]
    pub master_rules: Vec<MasterRule>,
    /// Top to bottom; a later rule wins.
    #[serde(default)]
    pub overwrite_rules: Vec<OverwriteRule>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct MasterRule {
    pub column: String,
    pub prefer: Preference,
    /// With `most_recent`: the column whose date says how recent a record is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<String>,
    /// Only records of these sources can win; all when empty. With `source_priority`, the first is the best.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub sources: Vec<String>,
    #[serde(default = "yes")]
    pub enabled: bool,
}

/// Which value of a group is the best one. Empty values never win.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Preference {
    Longest,
    Shortest,
    /// Greatest: numerically where all of the group are numbers, else as text (ISO dates compare right).
    Max,
    Min,
    MostPopular,
    FirstNonNull,
    /// Of the record with the latest date in the rule's column `by`. A record without a date that can be read never wins.
    MostRecent,
    /// Of the record whose source comes first in the rule's `sources`.
    SourcePriority,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct OverwriteRule {
    pub column: String,
    pub take: Take,
    /// With `most_recent`: the column whose date says how recent a record is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<String>,
    #[serde(default)]
    pub condition: Condition,
    /// Only records of these sources give a value; all when empty. With `source_priority`, the first is the best.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub sources: Vec<String>,
    #[serde(default = "yes")]
    pub enabled: bool,
}

/// The value that every record of the group gets.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Take {
    Longest,
    Shortest,
    Max,
    Min,
    MostPopular,
    FirstNonNull,
    /// See [`Preference::MostRecent`].
    MostRecent,
    /// See [`Preference::SourcePriority`].
    SourcePriority,
    FromMaster,
    /// Of the record with the highest match score.
    FromBestRecord,
    /// Distinct, non-empty, joined with `|`.
    MergeAllValues,
}

/// Which records of the group a rule overwrites.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Condition {
    #[default]
    None,
    FieldIsEmpty,
    /// Overwrites even when the group has no value to give.
    OverwriteByEmpty,
    RecordIsMaster,
    /// A person selected the record.
    RecordIsSelected,
    /// Nobody flagged the record as no duplicate. Those that are flagged leave their group, so this holds for all that stay.
    NotFlaggedNotDuplicate,
}
