//! The pairs and groups that matching found, page by page.

use serde::{Deserialize, Serialize};

use super::Band;

/// Which pairs, or groups with which pairs, are wanted. Everything that is given must hold.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MatchFilter {
    /// Index of the definition that accepted a pair with the highest score.
    #[serde(default)]
    pub definition: Option<u16>,
    #[serde(default)]
    pub band: Option<Band>,
    /// At least one of the records is of this source.
    #[serde(default)]
    pub source: Option<String>,
    /// At least one of the records holds this text, in whatever column and case.
    #[serde(default)]
    pub text: Option<String>,
    /// Only groups that one pair alone holds together.
    #[serde(default)]
    pub weak: bool,
}

/// A record among pairs or groups.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct MatchedRecord {
    /// Its number in this result.
    pub record: u32,
    /// What it is known by from run to run.
    pub id: String,
    pub group: u32,
    pub source: String,
    /// In the order of the page's columns.
    pub values: Vec<Option<String>>,
}

/// A pair that matches.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct MatchedPair {
    pub left: MatchedRecord,
    pub right: MatchedRecord,
    /// 0–100: the highest of the definitions that accept the pair.
    pub score: f32,
    pub band: Band,
    /// The name of the definition that gave it.
    pub definition: String,
    /// The match key: what that definition compares.
    pub match_key: Vec<String>,
    /// Under each definition, in their order.
    pub scores: Vec<f32>,
}

/// Some pairs, by their records' numbers.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PairPage {
    pub columns: Vec<String>,
    pub pairs: Vec<MatchedPair>,
    /// Where the next page begins; none on the last.
    pub next_cursor: Option<u64>,
}

/// A group with its records.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct MatchedGroup {
    pub group: u32,
    pub size: u64,
    /// The first of them, in load order.
    pub records: Vec<MatchedRecord>,
    pub weak_link: Option<WeakLink>,
}

/// The pair that alone holds a group together.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct WeakLink {
    /// Numbers of its records.
    pub left: u32,
    pub right: u32,
    pub score: f32,
    /// Records of the smaller part that the group would fall into without it.
    pub side: u32,
}

/// Some groups, by their first records.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct GroupPage {
    pub columns: Vec<String>,
    pub groups: Vec<MatchedGroup>,
    pub next_cursor: Option<u64>,
}
