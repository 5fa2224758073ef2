//! Export: which records go out, and to which files.

use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct ExportConfig {
    #[serde(default)]
    pub action: Action,
    /// `_source`, `_groupId`, `_isMasterRecord`.
    #[serde(default)]
    pub include_system_fields: bool,
    /// `_score`: the highest score of a pair that put the record in its group.
    #[serde(default)]
    pub include_scores: bool,
    /// The files to write; the first is the main one.
    #[serde(default)]
    pub targets: Vec<Target>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Action {
    /// Every record once, with its group.
    FlagDuplicates,
    /// Only records in no group.
    SuppressDuplicates,
    /// Records in no group, and the master of every group: the golden records.
    #[default]
    NonDuplicatesAndMaster,
    /// Only records in a group.
    DuplicatesOnly,
    /// Record → group, master, score.
    CrossReference,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Target {
    /// A file for download from the execution.
    File { name: String, format: FileFormat },
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum FileFormat {
    Csv {
        #[serde(default = "comma")]
        #[cfg_attr(feature = "openapi", schema(schema_with = crate::openapi::character))]
        delimiter: char,
    },
    Parquet,
}

const fn comma() -> char {
    ','
}
