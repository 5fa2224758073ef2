//! Match: which records are compared (blocking), how (definitions), and how pairs become groups.

mod probabilistic;

use serde::{Deserialize, Serialize};

pub use self::probabilistic::{LevelComparison, Measure, ProbabilisticDefinition};
use super::yes;

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct MatchConfig {
    #[serde(default)]
    pub strategy: Strategy,
    /// Pairs of sources that are never compared.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub excluded_source_pairs: Vec<(String, String)>,
    /// A pair is compared when any of these keys is equal for both records. Pairs from several keys are compared once.
    #[serde(default)]
    pub blocking: Vec<BlockingKey>,
    /// Most pairs that are scored; when blocking proposes more, the step is refused before it scores any. Left out: 1,000
    /// for each record, at least 100 million and at most 2,000 million.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pairs_max: Option<u64>,
    /// A pair matches when any definition of either kind accepts it. In results a definition is known by its index, the
    /// probabilistic ones counted on after the weighted ones.
    #[serde(default)]
    pub definitions: Vec<Definition>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub probabilistic: Vec<ProbabilisticDefinition>,
    #[serde(default)]
    pub grouping: Grouping,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Strategy {
    /// Within and across sources.
    #[default]
    All,
    AcrossSources,
    WithinSources,
}

/// Records whose parts are all equal, and none of them empty, are in one block.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct BlockingKey {
    pub parts: Vec<BlockingPart>,
    /// Blocks of more records are left out (block purging): what so many records share says little, and their pairs
    /// grow with the square.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub largest_block: Option<u32>,
    #[serde(default = "yes")]
    pub enabled: bool,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct BlockingPart {
    pub column: String,
    #[serde(flatten)]
    pub transform: Transform,
}

/// What of a value goes into a blocking key. All compare without case.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(tag = "transform", rename_all = "snake_case")]
pub enum Transform {
    Exact,
    /// The first `length` characters.
    Prefix {
        length: u8,
    },
    /// The last `length` characters.
    Suffix {
        length: u8,
    },
    /// Phonetic code of the first word.
    Soundex,
    /// The words in alphabetical order, without punctuation.
    SortedWords,
    /// Each word of the value in turn: records that share a word of at least `length` characters meet. A
    /// code that punctuation divides is a word as a whole, too.
    AnyWord {
        length: u8,
    },
    /// Only the digits.
    Digits,
    /// Each phonetic code of the first word.
    SoundsAlike {
        #[serde(default)]
        algorithm: Phonetic,
    },
}

/// One way to decide that two records are the same: criteria combined to a weighted score.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Definition {
    pub name: String,
    /// 0–100; the pair matches from this score on.
    #[serde(default = "default_threshold")]
    pub threshold: f64,
    pub criteria: Vec<Criterion>,
    /// Share of the criteria's weight (0–1) that must have values on both sides; with less the pair scores 0. Guards
    /// definitions that leave empty values out against matching on next to nothing.
    #[serde(default)]
    pub evidence_min: f64,
}

const fn default_threshold() -> f64 {
    80.0
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Criterion {
    pub column: String,
    /// Further columns: what they hold is put behind it, separated by blanks, and all is compared as one text.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub combined_with: Vec<String>,
    #[serde(flatten)]
    pub comparison: Comparison,
    /// Its share of the score; greater than 0.
    #[serde(default = "default_weight")]
    pub weight: f64,
    #[serde(default)]
    pub when_empty: WhenEmpty,
}

const fn default_weight() -> f64 {
    1.0
}

/// An empty value on either side.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum WhenEmpty {
    /// Scores 0 and stays in the divisor.
    #[default]
    ScoreZero,
    /// Does not count at all.
    LeaveOut,
}

/// How two values are compared; each gives 0–100.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(tag = "comparison", rename_all = "snake_case")]
pub enum Comparison {
    /// 100 or 0.
    Exact {
        #[serde(default)]
        ignore_case: bool,
        #[serde(default)]
        ignore_spaces: bool,
        #[serde(default)]
        ignore_punctuation: bool,
    },
    /// Similarity × 100, 0 under `level`.
    SimilarText {
        #[serde(default)]
        algorithm: Similarity,
        #[serde(default = "default_level")]
        level: f64,
    },
    /// 100 if the phonetic codes are equal, else 0; where an algorithm gives several, one in common is enough.
    SoundsAlike {
        #[serde(default)]
        algorithm: Phonetic,
    },
    /// Target within [source − lower, source + upper]: 100 when equal, linearly to 50 at the limit, 0 outside.
    NumericRange {
        lower: f64,
        upper: f64,
        #[serde(default)]
        relative: bool,
    },
    /// 100 for the same date, linearly to 50 at `within` days or months apart, 0 beyond. Dates in all common forms are
    /// read, day before month where both are possible.
    Date {
        within: f64,
        #[serde(default)]
        unit: DateUnit,
        /// Dates of one year that differ in that day and month are swapped score at least 90.
        #[serde(default = "yes")]
        swapped: bool,
    },
    /// The column holds the latitude, `longitude` names that of the longitude, both in degrees: 100 for the same place,
    /// linearly to 50 at `within_km` kilometres apart, 0 beyond.
    Geo { longitude: String, within_km: f64 },
    /// The column holds several values: the share of them that both have × 100, 0 under `level`. Case and punctuation do
    /// not matter.
    ArrayOverlap {
        /// Stands between the values.
        #[serde(default = "default_separator")]
        #[cfg_attr(feature = "openapi", schema(schema_with = crate::openapi::character))]
        separator: char,
        #[serde(default)]
        share_of: ShareOf,
        /// 0–1.
        #[serde(default)]
        level: f64,
    },
}

const fn default_separator() -> char {
    '|'
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum DateUnit {
    #[default]
    Days,
    /// Of the calendar; a part of a month counts by its days, 31 to a month.
    Months,
}

/// What values in common are a share of.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum ShareOf {
    /// The values of the side that has fewer (overlap coefficient).
    #[default]
    Fewer,
    /// The values of either side (Jaccard index).
    All,
}

const fn default_level() -> f64 {
    0.8
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Similarity {
    /// 1 − distance ÷ longer length.
    #[default]
    Levenshtein,
    /// Restricted Damerau (optimal string alignment): a transposition is one edit.
    Damerau,
    JaroWinkler,
    /// Levenshtein of the words in alphabetical order.
    TokenSort,
    /// Best of shared words against each side's words.
    TokenSet,
    /// Cosine of the bags of 3-grams.
    QgramCosine,
    /// Cosine of the bags of words, each word weighted by its rarity in the column (TF-IDF). Words with digits
    /// count as they are written together where the column has them so.
    TfIdfCosine,
    /// Overlap coefficient of the same bags: what is shared against the side that has less of it, so that a title is like
    /// the longer one that contains it.
    TfIdfOverlap,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Phonetic {
    /// The census rule: H and W do not separate equal codes.
    #[default]
    Soundex,
    Nysiis,
    Metaphone,
    /// Two codes for what can be said in two ways.
    DoubleMetaphone,
    /// Codes for names of many languages; slower than the others.
    BeiderMorse,
}

/// How matching pairs become groups.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Grouping {
    /// Transitive closure: records connected by any chain of pairs.
    #[default]
    Transitive,
    /// Groups become one, from the surest pair on, when the evidence between their records is on average in favour. A
    /// chain of false pairs brings nothing together.
    AverageLinkage,
    /// Only records that match the group's first record directly.
    Direct,
    /// At most one record of each source in a group, for sources without duplicates of their own: pairs join from the
    /// highest score down, and one that would bring two records of a source together is left out.
    OnePerSource,
}
