//! Everything that is known about one column of one source, gathered in one pass.
//!
//! Each distinct value is looked at once and weighted by how often it occurs: [`Frequencies`] hands it out.

use chrono::NaiveDate;
use model::results::{ColumnProfile, ColumnType};

use super::{
    sketch::{Distinct, Frequencies},
    values,
};

/// Values and patterns that a profile shows.
const TOP: usize = 10;
/// Characters of a value or a pattern that a profile shows.
const SHOWN_CHARS: usize = 60;
/// Share of the values that must be of a type for the column to be of it.
const TYPE_SHARE: f64 = 0.8;
/// Booleans have so few values that an exception is telling.
const BOOLEAN_SHARE: f64 = 0.95;
const BOOLEAN_DISTINCT_MAX: u64 = 4;
/// An identifier is (nearly) unique and of one shape.
const IDENTIFIER_UNIQUENESS: f64 = 0.98;
const IDENTIFIER_SHARE: f64 = 0.95;
const IDENTIFIER_CHARS_MAX: u32 = 64;
/// Between the shortest and the longest identifier.
const IDENTIFIER_SPREAD_CHARS_MAX: u32 = 12;
/// Of fewer values, being unique says nothing.
const IDENTIFIER_VALUES_MIN: u64 = 20;
/// Columns whose names contain one of these may hold telephone numbers without marks.
const PHONE_NAMES: [&str; 5] = ["phone", "tel", "mobile", "fax", "handy"];

/// Gathers one column.
pub(super) struct ColumnGatherer {
    counts: Frequencies,
    facts: Facts,
}

/// What is summed over values.
struct Facts {
    phone_name: bool,
    filled: u64,
    chars: Extremes<u32>,
    chars_sum: u64,
    words_sum: u64,
    numbers: u64,
    dates: u64,
    emails: u64,
    phones: u64,
    booleans: u64,
    codes: u64,
    number_sum: f64,
    number_range: Extremes<(f64, String)>,
    date_range: Extremes<NaiveDate>,
    patterns: Frequencies,
    distinct: Distinct,
    shape: String,
}

/// Smallest and greatest of what was seen.
struct Extremes<T>(Option<(T, T)>);

impl<T: PartialOrd + Clone> Extremes<T> {
    fn add(&mut self, value: T) {
        match &mut self.0 {
            None => self.0 = Some((value.clone(), value)),
            Some((least, _)) if value < *least => *least = value,
            Some((_, greatest)) if value > *greatest => *greatest = value,
            Some(_) => {}
        }
    }
}

/// A gathered column; the profile lacks what needs the other sources.
pub(super) struct GatheredColumn {
    pub(super) profile: ColumnProfile,
    pub(super) distinct: Distinct,
}

impl ColumnGatherer {
    pub(super) fn new(name: &str, bytes_max: usize) -> Self {
        let name = name.to_lowercase();
        let facts = Facts {
            phone_name: PHONE_NAMES.iter().any(|word| name.contains(word)),
            filled: 0,
            chars: Extremes(None),
            chars_sum: 0,
            words_sum: 0,
            numbers: 0,
            dates: 0,
            emails: 0,
            phones: 0,
            booleans: 0,
            codes: 0,
            number_sum: 0.0,
            number_range: Extremes(None),
            date_range: Extremes(None),
            patterns: Frequencies::new(bytes_max / 4),
            distinct: Distinct::default(),
            shape: String::new(),
        };
        Self { counts: Frequencies::new(bytes_max / 4 * 3), facts }
    }

    pub(super) fn add(&mut self, value: &str) {
        self.counts.add(value, 1);
        if self.counts.is_full() {
            self.settle();
            self.counts.prune();
        }
    }

    fn settle(&mut self) {
        let facts = &mut self.facts;
        self.counts.drain(|value, times| facts.add(value, times));
    }

    pub(super) fn finish(mut self, name: String, rows: u64) -> GatheredColumn {
        self.settle();
        let Self { counts, mut facts } = self;
        facts.distinct.finish();
        let filled = facts.filled;
        let share = |part: u64, whole: u64| if whole == 0 { 0.0 } else { part as f64 / whole as f64 };
        let exact = counts.is_exact();
        let distinct = if exact { counts.len() as u64 } else { facts.distinct.count().min(filled) };
        let uniqueness = share(distinct, filled);
        let (length_min, length_max) = facts.chars.0.unwrap_or((0, 0));
        let (column_type, valid) = facts.column_type(distinct, uniqueness);
        let (min, max) = match column_type {
            ColumnType::Number => facts.number_range.0.clone().map(|(min, max)| (min.1, max.1)),
            ColumnType::Date => facts.date_range.0.map(|(min, max)| (min.to_string(), max.to_string())),
            _ => None,
        }
        .unzip();
        let mut top_values = counts.top(TOP);
        top_values.iter_mut().for_each(|counted| shorten(&mut counted.value));
        let profile = ColumnProfile {
            name,
            filled,
            completeness: share(filled, rows),
            distinct,
            uniqueness,
            approximate: !exact,
            column_type,
            validity: share(valid, filled),
            length_min,
            length_max,
            length_mean: share(facts.chars_sum, filled),
            shared: None,
            words_mean: share(facts.words_sum, filled),
            entropy: counts.entropy(filled),
            min,
            max,
            mean: (column_type == ColumnType::Number).then(|| facts.number_sum / facts.numbers as f64),
            top_values,
            patterns: facts.patterns.top(TOP),
        };
        GatheredColumn { profile, distinct: facts.distinct }
    }
}

impl Facts {
    /// `value` occurs `times` times more. A value may be handed in again later.
    fn add(&mut self, value: &str, times: u64) {
        let chars = value.chars().count();
        self.filled += times;
        self.chars.add(u32::try_from(chars).unwrap_or(u32::MAX));
        self.chars_sum += chars as u64 * times;
        self.words_sum += value.split_whitespace().count() as u64 * times;
        if let Some(number) = values::number(value) {
            self.numbers += times;
            self.number_sum += number * times as f64;
            self.number_range.add((number, value.to_owned()));
        }
        if let Some(date) = values::date(value) {
            self.dates += times;
            self.date_range.add(date);
        }
        let counted = |is: bool| if is { times } else { 0 };
        self.emails += counted(values::is_email(value));
        self.phones += counted(values::is_phone(value, self.phone_name));
        self.booleans += counted(values::is_boolean(value));
        self.codes += counted(values::is_code(value));
        values::pattern(value, SHOWN_CHARS, &mut self.shape);
        self.patterns.add(&self.shape, times);
        if self.patterns.is_full() {
            self.patterns.prune();
        }
        self.distinct.add(value);
    }

    /// The type of the column, and how many of its values are of it.
    fn column_type(&self, distinct: u64, uniqueness: f64) -> (ColumnType, u64) {
        let most = |part: u64| self.filled > 0 && part as f64 >= TYPE_SHARE * self.filled as f64;
        let boolean = self.booleans as f64 >= BOOLEAN_SHARE * self.filled as f64 && self.filled > 0;
        match () {
            () if most(self.emails) => (ColumnType::Email, self.emails),
            () if most(self.dates) => (ColumnType::Date, self.dates),
            () if boolean && distinct <= BOOLEAN_DISTINCT_MAX => (ColumnType::Boolean, self.booleans),
            () if most(self.phones) => (ColumnType::Phone, self.phones),
            () if self.is_identifier(uniqueness) => (ColumnType::Identifier, self.codes),
            () if most(self.numbers) => (ColumnType::Number, self.numbers),
            () => (ColumnType::Text, self.filled),
        }
    }

    fn is_identifier(&self, uniqueness: f64) -> bool {
        let (shortest, longest) = self.chars.0.unwrap_or((0, 0));
        self.filled >= IDENTIFIER_VALUES_MIN
            && uniqueness >= IDENTIFIER_UNIQUENESS
            && self.codes as f64 >= IDENTIFIER_SHARE * self.filled as f64
            && longest <= IDENTIFIER_CHARS_MAX
            && longest - shortest <= IDENTIFIER_SPREAD_CHARS_MAX
    }
}

fn shorten(value: &mut String) {
    if let Some((end, _)) = value.char_indices().nth(SHOWN_CHARS) {
        value.truncate(end);
        value.push('…');
    }
}
