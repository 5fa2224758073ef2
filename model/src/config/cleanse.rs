//! Cleanse: an ordered list of operations on columns.

use serde::{Deserialize, Serialize};

use super::yes;

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct CleanseConfig {
    #[serde(default)]
    pub operations: Vec<CleanseOperation>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct CleanseOperation {
    /// Only records of this source; every source when left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
    pub column: String,
    #[serde(flatten)]
    pub operation: Operation,
    #[serde(default = "yes")]
    pub enabled: bool,
}

/// What happens to a value. A value that becomes blank is empty (null) afterwards.
///
/// Some operations write into other columns than the one they read; those that are not there yet are made, and are known
/// from there on.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(tag = "operation", rename_all = "snake_case")]
pub enum Operation {
    /// Outer white space.
    Trim,
    /// White space before the first character.
    TrimStart,
    /// White space behind the last character.
    TrimEnd,
    /// Runs of white space become one blank; outer white space goes.
    Collapse,
    Upper,
    Lower,
    /// First letter of each word upper, the rest lower.
    Title,
    /// As names are written: McDonald, O'Brien, van der Berg, Smith-Jones, Henry VIII.
    Proper,
    /// Upper to lower and lower to upper.
    SwapCase,
    Remove {
        what: Characters,
    },
    /// Every occurrence of a text.
    Replace {
        from: String,
        #[serde(default)]
        to: String,
    },
    /// A regular expression of the `regex` crate (linear time, no back-references); `to` may use `$1`.
    RegexReplace {
        pattern: String,
        #[serde(default)]
        to: String,
    },
    /// The value into another column; this one stays as it is.
    Copy {
        into: String,
    },
    /// At each occurrence of the separator, into one column after the other; the last takes the rest. This column stays as
    /// it is.
    Split {
        separator: String,
        into: Vec<String>,
    },
    /// This column and the others, in order, without the empty ones.
    Concatenate {
        columns: Vec<String>,
        #[serde(default = "blank")]
        separator: String,
        /// The column itself when left out.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        into: Option<String>,
    },
    /// A text for values that are empty.
    FillEmpty {
        value: String,
    },
    /// Whole values by others.
    MapValues {
        values: Vec<MappedValue>,
        /// Upper and lower case are different.
        #[serde(default)]
        case_sensitive: bool,
        #[serde(default)]
        otherwise: Otherwise,
    },
    /// Unicode normalisation form C (UAX #15): an accented letter is one character, however it was typed.
    UnicodeNfc,
    /// To ASCII: Müller → Muller, Σωκράτης → Sokrates.
    ToAscii,
    /// Words by others, from an uploaded file: TSV with word, replacement and, where words overlap, priority (a whole number,
    /// 0 when left out; the higher wins, then the longer word). Case is ignored.
    Dictionary {
        /// Name of an uploaded file of the project.
        file: String,
    },
    /// A person's name into the columns title, first, middle, last, suffix. Values that are no name are counted.
    PersonName {
        /// What the new columns' names begin with; `column_` when left out.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        prefix: Option<String>,
    },
    /// A postal address into the columns number, street, unit, city, region, postal_code. Values that are no address are
    /// counted.
    Address {
        /// What the new columns' names begin with; `column_` when left out.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        prefix: Option<String>,
    },
    /// Lower case, without a name, angle brackets and `mailto:`. Values that are no address become empty and are counted.
    Email {
        /// Leaves out what stands behind a `+` in the local part.
        #[serde(default)]
        drop_tag: bool,
    },
    /// To a plain decimal number, `-1234.5`: without currency, groups of digits and needless zeros. Values that are no number
    /// become empty and are counted.
    Number {
        #[serde(default)]
        decimal: DecimalMark,
    },
    /// To ISO 8601 `YYYY-MM-DD`. Values that are no date in any of the formats become empty and are counted.
    Date {
        /// strftime patterns, tried in order; when empty, the common unambiguous ones.
        #[serde(default)]
        formats: Vec<String>,
    },
    /// To E.164. Values that are no phone number become empty and are counted.
    Phone {
        /// ISO 3166 country that numbers without a country code belong to.
        country: String,
    },
}

impl CleanseOperation {
    /// Columns that it reads beside its own.
    pub fn reads(&self) -> &[String] {
        match &self.operation {
            Operation::Concatenate { columns, .. } => columns,
            _ => &[],
        }
    }

    /// Columns that it writes, in order; those that are not there yet are made.
    pub fn writes(&self) -> Vec<String> {
        let prefixed = |prefix: &Option<String>, parts: &[&str]| -> Vec<String> {
            let prefix = prefix.clone().unwrap_or_else(|| format!("{}_", self.column));
            parts.iter().map(|part| format!("{prefix}{part}")).collect()
        };
        match &self.operation {
            Operation::Copy { into } => vec![into.clone()],
            Operation::Split { into, .. } => into.clone(),
            Operation::Concatenate { into: Some(into), .. } => vec![into.clone()],
            Operation::PersonName { prefix } => prefixed(prefix, &PERSON_NAME_PARTS),
            Operation::Address { prefix } => prefixed(prefix, &ADDRESS_PARTS),
            _ => vec![self.column.clone()],
        }
    }
}

/// What a person's name is parsed into.
pub const PERSON_NAME_PARTS: [&str; 5] = ["title", "first", "middle", "last", "suffix"];
/// What a postal address is parsed into.
pub const ADDRESS_PARTS: [&str; 6] = ["number", "street", "unit", "city", "region", "postal_code"];

fn blank() -> String {
    " ".to_owned()
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct MappedValue {
    pub from: String,
    /// Empty to clear the value.
    #[serde(default)]
    pub to: String,
}

/// What becomes of a value that is not in the map.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Otherwise {
    #[default]
    Keep,
    /// It becomes empty and is counted as invalid.
    Empty,
}

/// What stands between the whole part of a number and its fraction.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum DecimalMark {
    #[default]
    Point,
    Comma,
}

/// A class of characters to remove.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Characters {
    Digits,
    Letters,
    /// Neither letter, digit nor white space.
    Special,
    NonAlphanumeric,
    NonPrintable,
    Whitespace,
}
