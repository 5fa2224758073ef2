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
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(tag = "operation", rename_all = "snake_case")]
pub enum Operation {
    /// Outer white space.
    Trim,
    /// Runs of white space become one blank; outer white space goes.
    Collapse,
    Upper,
    Lower,
    /// First letter of each word upper, the rest lower.
    Title,
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
