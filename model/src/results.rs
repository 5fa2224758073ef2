//! What each step leaves for people to read: `summary.json` beside its published Parquet, and
//! `GET /projects/{id}/results/{step}`.

mod band;
mod explanation;
mod matches;
mod merged;

use serde::{Deserialize, Serialize};

pub use band::Band;
pub use explanation::{ComparisonExplained, CriterionExplained, DefinitionExplained, Explanation, How, LevelExplained};
pub use matches::{GroupPage, MatchFilter, MatchedGroup, MatchedPair, MatchedRecord, PairPage, WeakLink};
pub use merged::{GoldenValue, GroupLineage, LineageRecord, MergePreview, PreviewedGroup, PreviewedRecord};

use crate::{ExecutionId, Timestamp};

/// The latest published result of a step.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct StepResult {
    pub execution: Option<ExecutionId>,
    pub finished_at: Timestamp,
    #[serde(flatten)]
    pub summary: Summary,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(tag = "step", rename_all = "snake_case")]
pub enum Summary {
    Import(ImportSummary),
    Profile(ProfileSummary),
    Cleanse(CleanseSummary),
    Match(MatchSummary),
    Merge(MergeSummary),
    Export(ExportSummary),
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ImportSummary {
    pub rows: u64,
    pub rejected: u64,
    pub sources: Vec<ImportedSource>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ImportedSource {
    pub name: String,
    pub rows: u64,
    pub rejected: u64,
    /// Names in the project, in the file's order, without outer blanks.
    pub columns: Vec<String>,
    pub encoding: crate::config::source::Encoding,
    #[cfg_attr(feature = "openapi", schema(schema_with = crate::openapi::character))]
    pub delimiter: char,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ProfileSummary {
    pub sources: Vec<SourceProfile>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SourceProfile {
    pub name: String,
    pub rows: u64,
    /// 0–100: weighted completeness, validity and uniqueness.
    pub quality: f64,
    /// What `quality` is the weighted mean of.
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(required))]
    pub quality_parts: Vec<QualityPart>,
    pub columns: Vec<ColumnProfile>,
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

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
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
    /// counted one by one (sketches: k minimum values and lossy counting).
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(required))]
    pub approximate: bool,
    #[serde(rename = "type")]
    pub column_type: ColumnType,
    /// Share of the filled values that are of the type, 0–1.
    pub validity: f64,
    /// Characters.
    pub length_min: u32,
    pub length_max: u32,
    pub length_mean: f64,
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
    #[serde(default)]
    pub mean: Option<f64>,
    /// The most frequent values, most frequent first.
    pub top_values: Vec<Counted>,
    /// Letter → `A`, digit → `N`, punctuation kept; most frequent first.
    pub patterns: Vec<Counted>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Counted {
    pub value: String,
    pub count: u64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum ColumnType {
    Text,
    Number,
    Date,
    Email,
    Phone,
    Boolean,
    /// Names its record: (nearly) unique, of one shape.
    Identifier,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct CleanseSummary {
    pub rows: u64,
    pub cells_changed: u64,
    /// One for each enabled operation, in order.
    pub operations: Vec<OperationCount>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct OperationCount {
    pub column: String,
    pub operation: String,
    pub changed: u64,
    /// Values that were not what the operation expects and became empty.
    pub invalid: u64,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct MatchSummary {
    pub records: u64,
    /// Pairs that blocking proposed, each counted once.
    pub candidate_pairs: u64,
    pub matching_pairs: u64,
    pub groups: u64,
    /// Records that are in a group.
    pub grouped_records: u64,
    pub largest_group: u64,
    pub blocking: Vec<BlockingCount>,
    /// Matching pairs by score: ten bins, 0–10 … 90–100.
    pub scores: Vec<u64>,
    /// Matching pairs by band: excellent, high, good, moderate, low, poor.
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(required))]
    pub bands: Vec<u64>,
    /// Large groups that hang together by one pair.
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(required))]
    pub weak_links: u64,
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(required))]
    pub sources: Vec<SourceMatches>,
}

/// What matching found for the records of one source.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SourceMatches {
    pub name: String,
    pub records: u64,
    /// Those in a group.
    pub grouped: u64,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct BlockingCount {
    /// The key in words: "surname (Soundex) + postcode".
    pub key: String,
    /// Pairs that this key adds to those of the keys before it.
    pub pairs: u64,
    /// Records in its largest block, of those that are not left out.
    pub largest_block: u64,
    /// Pairs of its blocks, those that earlier keys give too among them.
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(required))]
    pub pairs_alone: u64,
    /// Blocks that hold more records than the key allows.
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(required))]
    pub blocks_left_out: u64,
    /// The largest first.
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(required))]
    pub largest_blocks: Vec<Block>,
}

/// Records that share a blocking key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Block {
    /// What they share: "miller + 1".
    pub value: String,
    pub records: u64,
    /// Pairs of its records that may be compared.
    pub pairs: u64,
    /// It holds more records than the key allows, so its pairs are not compared.
    pub left_out: bool,
}

/// What matching would compare, before it is run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct BlockingEstimate {
    pub records: u64,
    /// Pairs of all keys; one that several keys give counts several times, so this is an upper bound.
    pub pairs: u64,
    /// With more than these, matching refuses to run.
    pub pairs_max: u64,
    /// Why it would refuse, if it would.
    pub refusal: Option<String>,
    /// In each, `pairs` is that of the key alone.
    pub keys: Vec<BlockingCount>,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct MergeSummary {
    pub records: u64,
    pub groups: u64,
    /// Records in no group + one for each group.
    pub golden_records: u64,
    pub values_overwritten: u64,
    /// Records that left their group, being flagged as no duplicates.
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(required))]
    pub not_duplicates: u64,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ExportSummary {
    pub records: u64,
    pub exported: u64,
    pub skipped: u64,
    pub groups: u64,
    /// Files for download.
    pub outputs: Vec<crate::execution::Output>,
    /// Files that went elsewhere.
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(required))]
    pub delivered: Vec<Delivered>,
    /// From the start of the step until everything was in its place.
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(required))]
    pub elapsed_ms: u64,
}

/// A file that an export put somewhere.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Delivered {
    /// "/srv/exports/crm/golden-2026-11-26.csv", "s3://exports/crm/golden.csv"
    pub location: String,
    pub bytes: u64,
    pub rows: u64,
    /// Earlier files that were removed, since only the last so many are kept.
    pub removed: Vec<String>,
}

/// The first rows of a result, as text.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sample {
    pub columns: Vec<String>,
    pub rows: Vec<Vec<Option<String>>>,
}
