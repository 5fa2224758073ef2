//! Export: which records go out, and to which files.

use serde::{Deserialize, Serialize};

use super::{database::DatabaseTarget, yes};

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct ExportConfig {
    #[serde(default)]
    pub action: Action,
    /// Which records of groups go out, of those that the action takes.
    #[serde(default)]
    pub rows: Rows,
    /// `_source`, `_groupId`, `_isMasterRecord`, `_selected`, `_notDuplicate`.
    #[serde(default)]
    pub include_system_fields: bool,
    /// `_score`: the highest score of a pair that put the record in its group.
    #[serde(default)]
    pub include_scores: bool,
    /// Adds `match-quality` and `profile` to the files for download, as JSON and as a page to read.
    #[serde(default)]
    pub reports: bool,
    /// The files to write; the first is the main one.
    #[serde(default)]
    pub targets: Vec<Target>,
}

/// Which records of groups go out. Records in no group are not affected.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Rows {
    #[default]
    All,
    Masters,
    /// Those that a person selected.
    Selected,
    /// Those that a person flagged as no duplicates, and that so have left their group.
    NotDuplicates,
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

/// A file to write. Its name may hold `{workflow}`, `{project}`, `{date}`, `{time}` and `{execution}`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(tag = "type", rename_all = "snake_case", deny_unknown_fields)]
pub enum Target {
    /// A file for download from the execution.
    File { name: String, format: FileFormat },
    /// A file in a directory of the server, which has to lie under one of the roots that its settings allow.
    Directory {
        /// Absolute; what is missing of it under the root is created.
        path: String,
        name: String,
        format: FileFormat,
        /// Of the files that this target has written under its name pattern, the last so many stay.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        keep: Option<u32>,
    },
    /// An object in a bucket.
    ObjectStorage {
        /// Bucket and prefix: `s3://bucket/exports`, `gs://bucket/exports`, `az://container/exports`.
        url: String,
        name: String,
        format: FileFormat,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        keep: Option<u32>,
        /// Where an S3-compatible server, an Azure account or Google's service answers, when it is not the usual address.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        endpoint: Option<String>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        region: Option<String>,
        /// Name of the secret with the keys, one `name=value` a line. Without it, requests are not signed.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        credentials: Option<String>,
    },
    /// A table.
    Database(DatabaseTarget),
}

/// The file of a target that is one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TargetFile<'a> {
    /// The pattern of its name.
    pub name: &'a str,
    pub format: &'a FileFormat,
    /// How many files of its pattern stay; all when nothing is said.
    pub keep: Option<u32>,
}

impl Target {
    /// Where it goes, as people write it: `golden.csv`, `/srv/exports/{date}.csv`, `s3://exports/golden.csv`.
    pub fn place(&self) -> String {
        match self {
            Self::File { name, .. } => name.clone(),
            Self::Directory { path: place, name, .. } | Self::ObjectStorage { url: place, name, .. } => {
                format!("{}/{name}", place.trim_end_matches('/'))
            }
            Self::Database(target) => target.place(),
        }
    }

    /// Its file; nothing for a target that is none.
    pub fn file(&self) -> Option<TargetFile<'_>> {
        match self {
            Self::File { name, format } => Some(TargetFile { name, format, keep: None }),
            Self::Directory { name, format, keep, .. } | Self::ObjectStorage { name, format, keep, .. } => {
                Some(TargetFile { name, format, keep: *keep })
            }
            Self::Database(_) => None,
        }
    }
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(tag = "type", rename_all = "snake_case", deny_unknown_fields)]
pub enum FileFormat {
    Csv(CsvOptions),
    /// One sheet; at most 1,048,576 rows, the header among them.
    Xlsx {
        #[serde(default = "records_sheet")]
        sheet: String,
    },
    /// One object a line, every column in each.
    JsonLines {
        #[serde(default)]
        compression: Packing,
    },
    Parquet,
}

impl FileFormat {
    /// How the file is packed.
    pub const fn packing(&self) -> Packing {
        match self {
            Self::Csv(CsvOptions { compression, .. }) | Self::JsonLines { compression } => *compression,
            Self::Xlsx { .. } | Self::Parquet => Packing::None,
        }
    }
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(default, deny_unknown_fields)]
pub struct CsvOptions {
    #[cfg_attr(feature = "openapi", schema(schema_with = crate::openapi::character))]
    pub delimiter: char,
    #[cfg_attr(feature = "openapi", schema(schema_with = crate::openapi::character))]
    pub quote: char,
    pub header: bool,
    /// Begins with a byte order mark, by which spreadsheets know UTF-8.
    pub bom: bool,
    pub encoding: TextEncoding,
    /// What becomes of a character that the encoding does not have.
    pub unencodable: Unencodable,
    pub line_end: LineEnd,
    /// Puts a `'` before texts that a spreadsheet would take for a formula.
    pub neutralise_formulas: bool,
    pub compression: Packing,
}

impl Default for CsvOptions {
    fn default() -> Self {
        Self {
            delimiter: ',',
            quote: '"',
            header: yes(),
            bom: false,
            encoding: TextEncoding::default(),
            unencodable: Unencodable::default(),
            line_end: LineEnd::default(),
            neutralise_formulas: false,
            compression: Packing::default(),
        }
    }
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum TextEncoding {
    #[default]
    #[serde(rename = "utf-8")]
    Utf8,
    /// ISO 8859-1 as Import reads it: Windows-1252.
    #[serde(rename = "latin-1")]
    Latin1,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Unencodable {
    /// The export fails and names the value.
    #[default]
    Refuse,
    /// `?` takes its place.
    Replace,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum LineEnd {
    #[default]
    Lf,
    CrLf,
}

/// How a text file is packed. `.gz` or `.zst` is added to its name unless it ends so.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Packing {
    #[default]
    None,
    Gzip,
    Zstd,
}

fn records_sheet() -> String {
    "Records".to_owned()
}
