//! What a column holds, told from its profile: which columns are evidence, and of which kind.

use model::results::{ColumnProfile, ColumnType, ProfileSummary, SourceProfile};

/// A column that can tell duplicates, seen over all sources that have it.
#[derive(Clone, Debug)]
pub(super) struct Column {
    pub(super) name: String,
    pub(super) kind: Kind,
    /// Share of the records with a value, 0–1.
    pub(super) completeness: f64,
    /// Probability that two random records with values have the same.
    pub(super) collision: f64,
    pub(super) length_mean: f64,
    pub(super) words_mean: f64,
}

impl Column {
    /// Bits by which agreement tells records apart, on average over the records.
    pub(super) fn information(&self) -> f64 {
        -self.collision.log2() * self.completeness
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// One or two words: a person's name, a town.
    Name,
    /// A few words: an address, a company, a product.
    Phrase,
    /// Many words: a title, a description, a list of authors.
    Text,
    /// Digits or letters with digits, of few shapes: an account or government number, a postcode, a house number.
    Code,
    /// The same of many shapes: model and part numbers, which each maker forms in a way of their own.
    PartNumber,
    Email,
    Phone,
    Date,
    Year,
    /// A measured number: a price, a weight.
    Amount,
    /// One of few values: gender, state, status.
    Category,
}

/// Values of a category: at most this many, and each on average in as many records.
const CATEGORY_VALUES_MAX: u64 = 60;
const CATEGORY_RECORDS_MIN: u64 = 20;
/// Mean words from which a value counts as a phrase, and as a text.
const PHRASE_WORDS: f64 = 1.6;
const TEXT_WORDS: f64 = 4.5;
/// Share of values with digits from which a column holds codes.
const CODE_SHARE: f64 = 0.6;
/// Share of values that have one of the commonest patterns, those that a profile lists, below which codes are of many shapes.
const FEW_SHAPES_SHARE: f64 = 0.5;
/// Least completeness that makes a column worth comparing.
const COMPLETENESS_MIN: f64 = 0.02;

/// The columns to compare: those of a single source, or those that two sources share; without row numbers and without
/// columns that are empty or always the same.
pub(super) fn evidence(profile: &ProfileSummary) -> Vec<Column> {
    let several = profile.sources.len() > 1;
    let mut names: Vec<&str> = Vec::new();
    for column in profile.sources.iter().flat_map(|source| &source.columns) {
        if !names.contains(&column.name.as_str()) {
            names.push(&column.name);
        }
    }
    let seen = |name: &str| -> Vec<(&SourceProfile, &ColumnProfile)> {
        let column = |source: &'_ SourceProfile| source.columns.iter().position(|column| column.name == name);
        profile.sources.iter().filter_map(|source| Some((source, &source.columns[column(source)?]))).collect()
    };
    names
        .into_iter()
        .map(|name| (name, seen(name)))
        .filter(|(_, seen)| !several || seen.len() > 1)
        .filter_map(|(name, seen)| column(name, &seen))
        .collect()
}

fn column(name: &str, seen: &[(&SourceProfile, &ColumnProfile)]) -> Option<Column> {
    let rows: u64 = seen.iter().map(|(source, _)| source.rows).sum();
    let filled: u64 = seen.iter().map(|(_, column)| column.filled).sum();
    if rows == 0 || seen.iter().all(|(source, column)| numbers_rows(source, column)) {
        return None;
    }
    let completeness = filled as f64 / rows as f64;
    let constant = seen.iter().all(|(_, column)| column.distinct <= 1);
    if completeness < COMPLETENESS_MIN || constant {
        return None;
    }
    let weighted = |value: fn(&ColumnProfile) -> f64| {
        seen.iter().map(|(_, column)| value(column) * column.filled as f64).sum::<f64>() / filled as f64
    };
    let (_, largest) = seen.iter().max_by_key(|(_, column)| column.filled)?;
    Some(Column {
        name: name.to_owned(),
        kind: kind(largest),
        completeness,
        collision: weighted(collision),
        length_mean: weighted(|column| column.length_mean),
        words_mean: weighted(|column| column.words_mean),
    })
}

/// Whether the column names rows and says nothing about what they describe: a value in every row, never the same one
/// twice, a single word with digits in it — and, where there are several sources, hardly any value that another source
/// has too, or simply the numbers from 1 to n. An almost-unique government number is none: it repeats between
/// duplicates, inside a source or across.
fn numbers_rows(source: &SourceProfile, column: &ColumnProfile) -> bool {
    // A sketch is some percent off.
    let distinct = if column.approximate { column.distinct * 103 / 100 } else { column.distinct };
    let names_each_row = column.filled == source.rows && distinct >= column.filled && column.words_mean < 1.2;
    if !names_each_row || column.column_type == ColumnType::Email {
        return false;
    }
    let shared = column.shared.unwrap_or(0.0);
    is_sequence(source, column) || (share_with_digits(column) >= CODE_SHARE && shared < SHARED_MIN)
}

/// Share of a column's values that other sources hold too, from which it ties the sources together.
const SHARED_MIN: f64 = 0.01;

/// Whole numbers that fill their range.
fn is_sequence(source: &SourceProfile, column: &ColumnProfile) -> bool {
    let number = |text: &Option<String>| text.as_deref().and_then(|text| text.parse::<f64>().ok());
    let (Some(min), Some(max)) = (number(&column.min), number(&column.max)) else { return false };
    min.fract() == 0.0 && max.fract() == 0.0 && max - min < 1.2 * source.rows as f64
}

fn kind(column: &ColumnProfile) -> Kind {
    match column.column_type {
        ColumnType::Email => return Kind::Email,
        ColumnType::Boolean => return Kind::Category,
        ColumnType::Date if column.validity > 0.8 => return Kind::Date,
        ColumnType::Number if is_year(column) => return Kind::Year,
        _ if is_category(column) => return Kind::Category,
        ColumnType::Phone => return Kind::Phone,
        ColumnType::Number if has_fractions(column) => return Kind::Amount,
        ColumnType::Date | ColumnType::Number | ColumnType::Identifier | ColumnType::Text => {}
    }
    if column.words_mean >= TEXT_WORDS {
        Kind::Text
    } else if column.words_mean < PHRASE_WORDS && share_with_digits(column) >= CODE_SHARE {
        if is_of_few_shapes(column) { Kind::Code } else { Kind::PartNumber }
    } else if column.words_mean >= PHRASE_WORDS {
        Kind::Phrase
    } else {
        Kind::Name
    }
}

fn is_of_few_shapes(column: &ColumnProfile) -> bool {
    let listed: u64 = column.patterns.iter().map(|pattern| pattern.count).sum();
    listed as f64 >= FEW_SHAPES_SHARE * column.filled as f64
}

fn is_category(column: &ColumnProfile) -> bool {
    column.distinct <= CATEGORY_VALUES_MAX && column.filled >= CATEGORY_RECORDS_MIN * column.distinct
}

fn is_year(column: &ColumnProfile) -> bool {
    let within = |text: &Option<String>| {
        text.as_deref().and_then(|text| text.parse::<f64>().ok()).is_some_and(|year| (1000.0..2200.0).contains(&year))
    };
    column.length_min == 4 && column.length_max == 4 && within(&column.min) && within(&column.max)
}

/// Whether many of the numbers have a decimal point.
fn has_fractions(column: &ColumnProfile) -> bool {
    share_of_patterns(column, |pattern| pattern.contains('.')) > 0.3
}

fn share_with_digits(column: &ColumnProfile) -> f64 {
    share_of_patterns(column, |pattern| pattern.contains('N'))
}

/// Of the patterns that the profile lists.
fn share_of_patterns(column: &ColumnProfile, has: impl Fn(&str) -> bool) -> f64 {
    let listed: u64 = column.patterns.iter().map(|pattern| pattern.count).sum();
    let with: u64 = column.patterns.iter().filter(|pattern| has(&pattern.value)).map(|pattern| pattern.count).sum();
    with as f64 / listed.max(1) as f64
}

/// Probability that two random filled records agree: exact for the listed values, the others taken as evenly spread.
fn collision(column: &ColumnProfile) -> f64 {
    let filled = column.filled.max(1) as f64;
    let listed: f64 = column.top_values.iter().map(|value| value.count as f64).sum();
    let squares: f64 = column.top_values.iter().map(|value| (value.count as f64).powi(2)).sum();
    let other_values = column.distinct.saturating_sub(column.top_values.len() as u64).max(1) as f64;
    let others = (filled - listed).max(0.0);
    let same = squares + others * others / other_values - filled;
    (same.max(0.0) / (filled * filled)).max(1.0 / (filled * filled))
}

/// Whether each source appears to hold nothing twice: a column that all but names its records — unique but for
/// accidents — repeats hardly at all in each of them.
pub(super) fn sources_are_duplicate_free(profile: &ProfileSummary, columns: &[Column]) -> bool {
    const UNIQUENESS_MIN: f64 = 0.92;
    let telling = |column: &&ColumnProfile| {
        columns.iter().any(|evidence| {
            evidence.name == column.name
                && !matches!(evidence.kind, Kind::Amount | Kind::Category | Kind::Year)
                && column.completeness > 0.5
        })
    };
    profile
        .sources
        .iter()
        .all(|source| source.columns.iter().filter(telling).any(|column| column.uniqueness >= UNIQUENESS_MIN))
}
