//! What each step leaves for people to read: `summary.json` beside its published Parquet, and
//! `GET /projects/{id}/results/{step}`.

mod band;
mod explanation;
mod matches;
mod merged;
mod profile;

use serde::{Deserialize, Serialize};

pub use band::Band;
pub use explanation::{ComparisonExplained, CriterionExplained, DefinitionExplained, Explanation, How, LevelExplained};
pub use matches::{
    GroupInFull, GroupPage, GroupPair, MatchFilter, MatchModel, MatchQuery, MatchedGroup, MatchedPair, MatchedRecord,
    ModelComparison, ModelLevel, PairExplained, PairPage, WeakLink,
};
pub use merged::{GoldenValue, GroupLineage, LineageRecord, MergePreview, PreviewedGroup, PreviewedRecord};
pub use profile::{
    CharacterShares, ColumnProfile, ColumnType, Containment, Counted, Drift, DriftChange, Estimate, Grade, Outliers,
    ProfileSummary, QualityPart, SourceProfile,
};

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
    /// What the file turned out to be.
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(required))]
    pub format: crate::config::source::FormatKind,
    /// Of text.
    pub encoding: Option<crate::config::source::Encoding>,
    /// Of CSV.
    #[cfg_attr(feature = "openapi", schema(schema_with = crate::openapi::known_delimiter))]
    pub delimiter: Option<char>,
    /// Of a workbook.
    #[serde(default)]
    pub sheet: Option<String>,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct CleanseSummary {
    pub rows: u64,
    /// Cells of imported columns that have another value than before.
    pub cells_changed: u64,
    /// Columns that operations made, in order.
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(required))]
    pub new_columns: Vec<String>,
    /// One for each enabled operation, in order.
    pub operations: Vec<OperationCount>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct OperationCount {
    /// The source that it is for; every source when left out.
    #[serde(default)]
    pub source: Option<String>,
    pub column: String,
    pub operation: String,
    /// Rows in which it changed something.
    pub changed: u64,
    /// Values that were not what the operation expects and became empty, or gave no parts.
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

/// What cleansing makes of the first imported records.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct CleansePreview {
    /// The user's columns after all operations; the new ones at the end.
    pub columns: Vec<String>,
    pub new_columns: Vec<String>,
    pub rows: Vec<PreviewRow>,
    /// One for each enabled operation, in order: what it did to these rows.
    pub operations: Vec<OperationCount>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PreviewRow {
    /// Name of the record's source, and its row there.
    pub source: String,
    pub row: u64,
    pub cells: Vec<PreviewCell>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PreviewCell {
    /// As it was imported; nothing in a new column.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before: Option<String>,
    /// As it is after all operations.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<String>,
    pub changed: bool,
}

/// The first rows of a result, as text.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sample {
    pub columns: Vec<String>,
    pub rows: Vec<Vec<Option<String>>>,
}
