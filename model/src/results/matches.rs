//! The pairs and groups that matching found, page by page.

use serde::{Deserialize, Serialize};

use super::{Band, DefinitionExplained};

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

/// A page of pairs or of groups, as it is asked for. What is given narrows it down, as in [`MatchFilter`].
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::IntoParams), into_params(parameter_in = Query))]
pub struct MatchQuery {
    /// Pairs that this definition accepted with the highest score: its index in the configuration, the weighted ones
    /// first.
    #[serde(default)]
    pub definition: Option<u16>,
    /// Pairs with a score in this band.
    #[serde(default)]
    pub band: Option<Band>,
    /// At least one of the records is of this source.
    #[serde(default)]
    pub source: Option<String>,
    /// At least one of the records holds this text, in whatever column and case.
    #[serde(default)]
    pub text: Option<String>,
    /// Only groups that one pair alone holds together. Says nothing to pairs.
    #[serde(default)]
    pub weak: Option<bool>,
    /// `next_cursor` of the page before.
    #[serde(default)]
    pub cursor: Option<u64>,
    #[serde(default)]
    #[cfg_attr(feature = "openapi", param(schema_with = crate::openapi::page_limit))]
    pub limit: Option<usize>,
}

impl MatchQuery {
    pub fn filter(&self) -> MatchFilter {
        MatchFilter {
            definition: self.definition,
            band: self.band,
            source: self.source.clone(),
            text: self.text.clone(),
            weak: self.weak.unwrap_or(false),
        }
    }

    /// Whether it is narrowed down at all.
    pub fn is_narrowed(&self) -> bool {
        self.filter() != MatchFilter::default()
    }
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

/// One group in full: its records from a place on, and the pairs among those.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct GroupInFull {
    pub group: u32,
    /// All of its records.
    pub size: u64,
    pub columns: Vec<String>,
    /// In load order.
    pub records: Vec<MatchedRecord>,
    /// The pairs that match among these records.
    pub pairs: Vec<GroupPair>,
    pub weak_link: Option<WeakLink>,
    /// Where its next records begin; none with the last.
    pub next_cursor: Option<u64>,
}

/// A pair inside a group.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct GroupPair {
    /// Numbers of its records, the smaller first.
    pub left: u32,
    pub right: u32,
    /// 0–100
    pub score: f32,
    pub band: Band,
    /// The name of the definition that gave it.
    pub definition: String,
}

/// Two records and what every definition says of them.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PairExplained {
    pub columns: Vec<String>,
    /// The one with the smaller number.
    pub left: MatchedRecord,
    pub right: MatchedRecord,
    /// In the order of their indexes in results.
    pub definitions: Vec<DefinitionExplained>,
}

/// What a probabilistic definition has learned (Fellegi and Sunter, JASA 64, 1969).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct MatchModel {
    /// Of the definition.
    pub name: String,
    /// The match probability that a pair needs, 0–100.
    pub threshold: f64,
    /// The same in bits.
    pub threshold_bits: f64,
    /// Before anything is compared: `log2` of the odds that any two records match.
    pub prior_bits: f64,
    /// What can say most comes first.
    pub comparisons: Vec<ModelComparison>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ModelComparison {
    /// "street + town"
    pub columns: String,
    /// From different to equal.
    pub levels: Vec<ModelLevel>,
    /// Equal values say more the rarer they are.
    pub by_frequency: bool,
    /// What has said the same already when it agrees, so that agreement here counts less then.
    pub repeats: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ModelLevel {
    /// The least similarity in it: 0 of different values, 1 of equal ones.
    pub similarity: f64,
    /// Share of matches that reach this level.
    pub m: f64,
    /// Share of other pairs that do.
    pub u: f64,
    /// What it says: `log2(m ÷ u)`, made to rise from level to level.
    pub bits: f64,
}
