//! Import: where records come from and how a file is read.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use super::{database::DatabaseSource, yes};

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct SourceConfig {
    /// Unique in the project; the value of `_source` in results.
    pub name: String,
    /// Name of an uploaded file of the project; empty when `location` says where the file is.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub file: String,
    /// Where the file is, when it is not an uploaded one. It is read anew in every run.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub location: Option<Location>,
    #[serde(default)]
    pub format: Format,
    /// The column, by its name in the project, whose value a record is known by from run to run. Two records with the same
    /// value are refused. Without it a record is known by what it holds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key: Option<String>,
    /// Columns to take, in order; empty means every column of the file under its own name.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub columns: Vec<ColumnMapping>,
}

impl SourceConfig {
    /// An uploaded file, all of it, read as it is found.
    pub fn uploaded(name: String, file: String) -> Self {
        Self { name, file, ..Self::default() }
    }

    /// Where its rows are: “people.csv”, “https://example.org/people.csv”, “postgresql://millrace@db:5432/crm, table people”.
    pub fn place(&self) -> Cow<'_, str> {
        match &self.location {
            None => Cow::Borrowed(&self.file),
            Some(Location::Path { path }) => Cow::Borrowed(path),
            Some(Location::Url { url, .. } | Location::ObjectStorage { url, .. }) => Cow::Borrowed(url),
            Some(Location::Database(source)) => Cow::Owned(source.place()),
        }
    }

    /// How messages about its content begin.
    pub fn called(&self) -> String {
        match &self.location {
            // The messages of a database say where it is.
            Some(Location::Database(_)) => format!("source “{}”", self.name),
            _ => format!("file “{}”", self.place()),
        }
    }
}

/// Where a file is that nobody uploaded.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(tag = "type", rename_all = "snake_case", deny_unknown_fields)]
pub enum Location {
    /// A file on the server, which has to lie under one of the directories that its settings allow for imports.
    Path {
        /// Absolute.
        path: String,
    },
    /// A file behind an address: of the web, or of an SFTP or FTP server.
    Url {
        /// `https://…` or `http://…`; `sftp://…`; `ftp://…`, with TLS `ftpes://…` (explicit) or `ftps://…` (implicit).
        url: String,
        /// Fingerprint of the key of an SFTP server, `SHA256:…` as `ssh-keygen -l` shows it: no other server is spoken to.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        host_key: Option<String>,
        /// Name of the secret to sign in with, one `name=value` a line: `username` and `password`; for the web also
        /// `token`; for SFTP also `username` and, below it, a private key, which may have a `passphrase`.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        credentials: Option<String>,
    },
    /// An object in a bucket.
    ObjectStorage {
        /// Bucket and path: `s3://bucket/people.csv`, `gs://bucket/people.csv`, `az://container/people.csv`.
        url: String,
        /// Where an S3-compatible server, an Azure account or Google's service answers, when it is not the usual address.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        endpoint: Option<String>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        region: Option<String>,
        /// Name of the secret with the keys, one `name=value` a line. Without it, requests are not signed.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        credentials: Option<String>,
    },
    /// A table or a query of a database; `format` does not apply.
    Database(DatabaseSource),
}

impl Location {
    /// What an address stands for, as a person writes it: a file of the server (`/srv/people.csv`), an object in a bucket
    /// (`s3://…`), or a file behind an address of the web or of a file server.
    ///
    /// A blank `host_key` or `credentials` is none.
    pub fn of_address(address: &str, host_key: &str, credentials: &str) -> Self {
        let given = |text: &str| Some(text.trim().to_owned()).filter(|text| !text.is_empty());
        let (address, credentials) = (address.trim().to_owned(), given(credentials));
        let scheme = address.split_once("://").map(|(scheme, _)| scheme.to_ascii_lowercase());
        match scheme.as_deref() {
            None if address.starts_with('/') => Self::Path { path: address },
            Some("s3" | "s3a" | "gs" | "az" | "abfs" | "abfss") => {
                Self::ObjectStorage { url: address, endpoint: None, region: None, credentials }
            }
            _ => Self::Url { url: address, host_key: given(host_key), credentials },
        }
    }
}

/// How a file is read. What is left out is detected from the file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(tag = "type", rename_all = "snake_case", deny_unknown_fields)]
pub enum Format {
    /// One of the others, by the first bytes of the file and, where they allow two, by its name.
    // Braces, or unknown fields would be passed over.
    Detected {},
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
    /// One JSON object a line.
    JsonLines {
        #[serde(default, skip_serializing_if = "Option::is_none")]
        encoding: Option<Encoding>,
    },
    Parquet {},
    Xlsx {
        /// The first visible sheet with a value when left out.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        sheet: Option<String>,
        /// The row with the names of the columns, from 1; the first row with a value when left out.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        header_row: Option<u32>,
    },
    /// Workbooks of Excel 97 to 2003.
    Xls {
        /// The first visible sheet with a value when left out.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        sheet: Option<String>,
        /// The row with the names of the columns, from 1; the first row with a value when left out.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        header_row: Option<u32>,
    },
}

impl Format {
    /// The one that is set; none where it is found out.
    pub const fn kind(&self) -> Option<FormatKind> {
        match self {
            Self::Detected {} => None,
            Self::Csv { .. } => Some(FormatKind::Csv),
            Self::JsonLines { .. } => Some(FormatKind::JsonLines),
            Self::Parquet {} => Some(FormatKind::Parquet),
            Self::Xlsx { .. } => Some(FormatKind::Xlsx),
            Self::Xls { .. } => Some(FormatKind::Xls),
        }
    }
}

impl Default for Format {
    fn default() -> Self {
        Self::Detected {}
    }
}

/// What a file turned out to be.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum FormatKind {
    #[default]
    Csv,
    JsonLines,
    Parquet,
    Xlsx,
    Xls,
    /// Of a database.
    Table,
}

impl FormatKind {
    /// As people say it.
    pub const fn words(self) -> &'static str {
        match self {
            Self::Csv => "CSV",
            Self::JsonLines => "JSON lines",
            Self::Parquet => "Parquet",
            Self::Xlsx => "XLSX",
            Self::Xls => "XLS",
            Self::Table => "a table",
        }
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
    /// What every value of the column has to be; a row with another one is rejected. Values stay text, in one form for
    /// each type. When left out, values are taken as they are.
    #[serde(default, rename = "type", skip_serializing_if = "Option::is_none")]
    pub value_type: Option<ValueType>,
}

impl ColumnMapping {
    /// A column under its own name, as it is.
    pub const fn of(column: String) -> Self {
        Self { column, rename: None, enabled: true, value_type: None }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum ValueType {
    /// Anything.
    Text,
    /// A plain decimal number, `-1234.5`; groups of digits and currencies are taken off.
    Number,
    /// A date that can be read in one way only, as ISO 8601 `YYYY-MM-DD`.
    Date,
    /// `true` or `false`; also read from yes, no, y, n, t, f, 1 and 0.
    Boolean,
}

impl ValueType {
    /// "number"
    pub const fn words(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Number => "number",
            Self::Date => "date that can be read in one way only",
            Self::Boolean => "yes or no",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn documents_of_earlier_versions_are_read() {
        let source: SourceConfig = serde_json::from_value(serde_json::json!({
            "name": "crm", "file": "crm.csv", "format": {"type": "csv", "delimiter": ";"},
            "columns": [{"column": "id"}],
        }))
        .expect("a source");
        let format = Format::Csv { delimiter: Some(';'), quote: None, encoding: None };
        let columns = vec![ColumnMapping::of("id".to_owned())];
        assert_eq!(source, SourceConfig { format, columns, ..SourceConfig::uploaded("crm".into(), "crm.csv".into()) });
    }

    #[test]
    fn an_address_tells_what_it_stands_for() {
        assert_eq!(Location::of_address(" /srv/a.csv ", "", ""), Location::Path { path: "/srv/a.csv".to_owned() });
        let (url, credentials) = ("S3://crm/a.csv".to_owned(), Some("keys".to_owned()));
        let object = Location::ObjectStorage { url, endpoint: None, region: None, credentials };
        assert_eq!(Location::of_address("S3://crm/a.csv", "", "keys"), object);
        for url in ["https://host/a.csv", "sftp://host/a.csv", "people.csv"] {
            let expected = Location::Url { url: url.to_owned(), host_key: None, credentials: None };
            assert_eq!(Location::of_address(url, " ", ""), expected);
        }
    }

    #[test]
    fn a_mistyped_field_is_an_error_everywhere() {
        for format in
            [r#"{"type":"detected","x":1}"#, r#"{"type":"parquet","sheet":"a"}"#, r#"{"type":"xlsx","sheets":"a"}"#]
        {
            assert!(serde_json::from_str::<Format>(format).is_err(), "{format}");
        }
        assert!(serde_json::from_str::<Location>(r#"{"type":"path","path":"/a","url":"b"}"#).is_err());
    }
}
