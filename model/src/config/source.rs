//! Import: where records come from and how a file is read.

use serde::{Deserialize, Serialize};

use super::yes;

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct SourceConfig {
    /// Unique in the project; the value of `_source` in results.
    pub name: String,
    /// Name of an uploaded file of the project.
    pub file: String,
    #[serde(default)]
    pub format: Format,
    /// Columns to take, in order; empty means every column of the file under its own name.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub columns: Vec<ColumnMapping>,
}

/// How a file is read. What is left out is detected from its first bytes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(tag = "type", rename_all = "snake_case", deny_unknown_fields)]
pub enum Format {
    Csv {
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[cfg_attr(feature = "openapi", schema(schema_with = crate::openapi::delimiter))]
        delimiter: Option<char>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[cfg_attr(feature = "openapi", schema(schema_with = crate::openapi::quote))]
        quote: Option<char>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        encoding: Option<Encoding>,
    },
}

impl Default for Format {
    fn default() -> Self {
        Self::Csv { delimiter: None, quote: None, encoding: None }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum Encoding {
    #[serde(rename = "utf-8")]
    Utf8,
    #[serde(rename = "utf-16le")]
    Utf16Le,
    #[serde(rename = "utf-16be")]
    Utf16Be,
    /// ISO 8859-1 as the web reads it: Windows-1252.
    #[serde(rename = "latin-1")]
    Latin1,
}

/// One column: its name in the file, and its name in the project if that differs (so that two sources line up).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct ColumnMapping {
    pub column: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rename: Option<String>,
    /// The column is left out when off.
    #[serde(default = "yes")]
    pub enabled: bool,
}
