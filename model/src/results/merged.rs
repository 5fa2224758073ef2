//! Golden records: what a merge makes of groups, and where each value comes from.

use serde::{Deserialize, Serialize};

use super::MatchedRecord;

/// A record that a golden value comes from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct LineageRecord {
    /// Its number in this result.
    pub record: u32,
    /// What it is known by from run to run.
    pub id: String,
    pub source: String,
    /// Where it stands in its source's file; 0 where that is not known.
    pub row: u64,
}

/// A value of a golden record.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct GoldenValue {
    pub column: String,
    pub value: Option<String>,
    /// The records that it is from: several where values were joined, none where a rule emptied it.
    pub from: Vec<LineageRecord>,
    /// "overwrite rule 2: longest"
    pub rule: String,
}

/// Where the golden record of a group comes from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct GroupLineage {
    pub group: u32,
    /// Records in the group.
    pub size: u64,
    pub master: LineageRecord,
    /// What made it the master: "won 3 of 5 master rules".
    pub master_rule: String,
    /// One for each of the user's columns.
    pub values: Vec<GoldenValue>,
}

/// What merge rules would make of some groups.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct MergePreview {
    pub columns: Vec<String>,
    pub groups: Vec<PreviewedGroup>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PreviewedGroup {
    pub group: u32,
    /// In load order.
    pub records: Vec<PreviewedRecord>,
    /// None when so many records leave the group that it is none any more.
    pub lineage: Option<GroupLineage>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PreviewedRecord {
    /// As it was matched.
    pub before: MatchedRecord,
    /// Its values after the rules, in the order of the preview's columns.
    pub after: Vec<Option<String>>,
    pub master: bool,
    /// It belongs to no group any more.
    pub leaves: bool,
}
