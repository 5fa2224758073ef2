//! Everything that is known about one column of one source, gathered in one pass.
//!
//! Each distinct value is looked at once and weighted by how often it occurs: [`Frequencies`] hands it out.

use chrono::{Datelike as _, NaiveDate};
use model::results::{ColumnProfile, ColumnType, Counted, Estimate, Outliers};

use regex::Regex;

use super::{
    formats::Formats,
    makeup::Makeup,
    numbers::{Measured, Quantiles},
    sketch::{Distinct, Frequencies},
    values,
};

/// Values and patterns that a profile shows.
const TOP: usize = 10;
/// Characters of a value or a pattern that a profile shows.
pub(super) const SHOWN_CHARS: usize = 60;
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
/// Longer values have no known form.
const FORM_CHARS_MAX: usize = 512;
/// The longest word for a boolean.
const BOOLEAN_CHARS_MAX: usize = 5;
/// Digits of the shortest date: a day and a year.
const DATE_DIGITS_MIN: usize = 5;
/// Columns whose names contain one of these may hold telephone numbers without marks.
const PHONE_NAMES: [&str; 5] = ["phone", "tel", "mobile", "fax", "handy"];

/// Gathers one column.
pub(super) struct ColumnGatherer {
    counts: Frequencies,
    facts: Facts,
}

/// What is summed over values.
struct Facts {
    filled: u64,
    makeup: Makeup,
    shortest: Option<(usize, String)>,
    longest: Option<(usize, String)>,
    booleans: u64,
    number_count: u64,
    date_count: u64,
    numbers: Measured,
    /// As days of the common era.
    dates: Measured,
    formats: Vec<u64>,
    /// The form that the column is to have, and how many values have it.
    chosen: Option<(String, Regex)>,
    of_chosen: u64,
    distinct: Distinct,
}

/// A gathered column; the profile lacks what needs the other sources.
pub(super) struct GatheredColumn {
    pub(super) profile: ColumnProfile,
    pub(super) distinct: Distinct,
}

impl ColumnGatherer {
    pub(super) fn new(source: &str, name: &str, bytes_max: usize, formats: &Formats) -> Self {
        let chosen = formats.chosen(source, name);
        let name = name.to_lowercase();
        let facts = Facts {
            filled: 0,
            makeup: Makeup::new(PHONE_NAMES.iter().any(|word| name.contains(word)), bytes_max / 4),
            shortest: None,
            longest: None,
            booleans: 0,
            number_count: 0,
            date_count: 0,
            numbers: Measured::default(),
            dates: Measured::default(),
            formats: vec![0; formats.names.len()],
            chosen,
            of_chosen: 0,
            distinct: Distinct::default(),
        };
        Self { counts: Frequencies::new(bytes_max / 4 * 3), facts }
    }

    pub(super) fn add(&mut self, value: &str, formats: &Formats) {
        self.counts.add(value, 1);
        if self.counts.is_full() {
            self.settle(formats);
            self.counts.prune();
        }
    }

    fn settle(&mut self, formats: &Formats) {
        let facts = &mut self.facts;
        self.counts.drain(|value, times| facts.add(value, times, formats));
    }

    pub(super) fn finish(mut self, name: String, rows: u64, formats: &Formats) -> GatheredColumn {
        self.settle(formats);
        let Self { counts, mut facts } = self;
        facts.makeup.finish();
        facts.distinct.finish();
        facts.numbers.quantiles.finish();
        facts.dates.quantiles.finish();
        let filled = facts.filled;
        let exact = counts.is_exact();
        let distinct = if exact { counts.len() as u64 } else { facts.distinct.count().min(filled) };
        let uniqueness = share(distinct, filled);
        let (length_min, length_max) = facts.makeup.lengths.range();
        let (column_type, of_type) = facts.column_type(distinct, uniqueness);
        let valid = if facts.chosen.is_some() { facts.of_chosen } else { of_type };
        let mut top_values = counts.top(TOP);
        top_values.iter_mut().for_each(|counted| shorten(&mut counted.value));
        let mut profile = ColumnProfile {
            name,
            filled,
            completeness: share(filled, rows),
            distinct,
            uniqueness,
            approximate: !exact,
            estimates: Vec::new(),
            column_type,
            confidence: facts.confidence(column_type, of_type),
            validity: share(valid, filled),
            validity_pattern: facts.chosen.as_ref().map(|(pattern, _)| pattern.clone()),
            length_min,
            length_max,
            length_mean: facts.makeup.lengths.mean(),
            length_median: facts.makeup.lengths.median(),
            length_std_dev: facts.makeup.lengths.deviation(),
            characters: facts.makeup.characters.shares(),
            shared: None,
            words_mean: share(facts.makeup.words, filled),
            entropy: counts.entropy(filled),
            min: None,
            max: None,
            mean: None,
            mean_date: None,
            median: None,
            std_dev: None,
            outliers: facts.length_outliers(),
            formats: facts.known_forms(formats),
            top_values,
            patterns: facts.makeup.patterns.top(TOP),
        };
        facts.measure(&mut profile);
        profile.estimates = facts.estimates(&profile, exact);
        GatheredColumn { profile, distinct: facts.distinct }
    }
}

fn share(part: u64, whole: u64) -> f64 {
    if whole == 0 { 0.0 } else { part as f64 / whole as f64 }
}

impl Facts {
    /// `value` occurs `times` times more. A value may be handed in again later.
    fn add(&mut self, value: &str, times: u64, formats: &Formats) {
        let (chars, digits) = self.makeup.add(value, times);
        self.filled += times;
        if self.shortest.as_ref().is_none_or(|(least, _)| chars < *least) {
            self.shortest = Some((chars, beginning(value)));
        }
        if self.longest.as_ref().is_none_or(|(most, _)| chars > *most) {
            self.longest = Some((chars, beginning(value)));
        }
        // What none of these can be without is looked at first.
        if digits > 0
            && let Some(number) = values::number(value)
        {
            self.number_count += times;
            self.numbers.add(number, value, times);
        }
        if digits >= DATE_DIGITS_MIN
            && let Some(date) = values::date(value)
        {
            self.date_count += times;
            self.dates.add(f64::from(date.num_days_from_ce()), value, times);
        }
        self.booleans += if chars <= BOOLEAN_CHARS_MAX && values::is_boolean(value) { times } else { 0 };
        if chars <= FORM_CHARS_MAX {
            formats.count(value, times, &mut self.formats);
        }
        if let Some((_, regex)) = &self.chosen
            && regex.is_match(value)
        {
            self.of_chosen += times;
        }
        self.distinct.add(value);
    }

    /// Of a column of numbers or dates: what is measured of them.
    fn measure(&self, profile: &mut ColumnProfile) {
        let (measured, is_date) = match profile.column_type {
            ColumnType::Number => (&self.numbers, false),
            ColumnType::Date => (&self.dates, true),
            // Numbers that number something: their range tells whether they do so without gaps.
            ColumnType::Identifier if self.number_count == self.filled => {
                let range = self.numbers.extremes.range();
                profile.min = range.map(|(least, _)| least.to_owned());
                profile.max = range.map(|(_, greatest)| greatest.to_owned());
                return;
            }
            _ => return,
        };
        let day = |days: f64| NaiveDate::from_num_days_from_ce_opt(days.round() as i32).map(|date| date.to_string());
        let moments = &measured.moments;
        let range = measured.extremes.range();
        // Dates come in many spellings; a number is told as it stands there.
        let tell =
            |text: &str| if is_date { values::date(text).map(|date| date.to_string()) } else { Some(text.to_owned()) };
        profile.min = range.and_then(|(least, _)| tell(least));
        profile.max = range.and_then(|(_, greatest)| tell(greatest));
        let median = measured.quantiles.median();
        if is_date {
            profile.mean_date = moments.mean().and_then(day);
            profile.median = median.and_then(day);
        } else {
            profile.mean = moments.mean();
            profile.median = median.map(|median| median.to_string());
        }
        profile.std_dev = moments.deviation();
        profile.outliers.values = Some(measured.quantiles.outliers(moments));
        profile.outliers.examples = measured.extremes.outliers(moments);
    }

    fn length_outliers(&self) -> Outliers {
        let extremes = [&self.longest, &self.shortest].into_iter().flatten();
        let mut examples: Vec<String> = extremes
            .filter(|(chars, _)| self.makeup.lengths.is_outlier(*chars))
            .map(|(_, text)| text.clone())
            .collect();
        examples.dedup();
        examples.iter_mut().for_each(shorten);
        Outliers { lengths: self.makeup.lengths.outliers(), length_examples: examples, ..Outliers::default() }
    }

    fn known_forms(&self, formats: &Formats) -> Vec<Counted> {
        let named = formats.names.iter().zip(&self.formats).filter(|(_, count)| **count > 0);
        let mut forms: Vec<Counted> =
            named.map(|(name, count)| Counted { value: name.clone(), count: *count }).collect();
        forms.sort_by_key(|form| std::cmp::Reverse(form.count));
        forms.truncate(TOP);
        forms
    }

    /// Which figures are estimates, and of which sketch.
    fn estimates(&self, profile: &ColumnProfile, counts_are_exact: bool) -> Vec<Estimate> {
        let mut estimates: Vec<(&str, &str)> = Vec::new();
        if !counts_are_exact {
            estimates.extend(["distinct", "uniqueness"].map(|figure| (figure, Distinct::NAME)));
            estimates.extend(["top_values", "entropy"].map(|figure| (figure, Frequencies::NAME)));
        }
        if !self.makeup.patterns.is_exact() {
            estimates.push(("patterns", Frequencies::NAME));
        }
        let measured = match profile.column_type {
            ColumnType::Number => Some(&self.numbers),
            ColumnType::Date => Some(&self.dates),
            _ => None,
        };
        if measured.is_some_and(|measured| !measured.quantiles.is_exact()) {
            estimates.extend(["median", "outliers"].map(|figure| (figure, Quantiles::NAME)));
        }
        let named = estimates.into_iter();
        named.map(|(figure, sketch)| Estimate { figure: figure.to_owned(), sketch: sketch.to_owned() }).collect()
    }

    /// Share of the values that speak for the type; for text, that speak for no other.
    fn confidence(&self, column_type: ColumnType, of_type: u64) -> f64 {
        if column_type != ColumnType::Text || self.filled == 0 {
            return share(of_type, self.filled);
        }
        let others = [self.makeup.emails, self.makeup.phones, self.booleans, self.number_count, self.date_count];
        1.0 - share(others.into_iter().max().unwrap_or(0), self.filled)
    }

    /// The type of the column, and how many of its values are of it.
    fn column_type(&self, distinct: u64, uniqueness: f64) -> (ColumnType, u64) {
        let most = |part: u64| self.filled > 0 && part as f64 >= TYPE_SHARE * self.filled as f64;
        let boolean = self.booleans as f64 >= BOOLEAN_SHARE * self.filled as f64 && self.filled > 0;
        match () {
            () if most(self.makeup.emails) => (ColumnType::Email, self.makeup.emails),
            () if most(self.date_count) => (ColumnType::Date, self.date_count),
            () if boolean && distinct <= BOOLEAN_DISTINCT_MAX => (ColumnType::Boolean, self.booleans),
            () if most(self.makeup.phones) => (ColumnType::Phone, self.makeup.phones),
            () if self.is_identifier(uniqueness) => (ColumnType::Identifier, self.makeup.codes),
            () if most(self.number_count) => (ColumnType::Number, self.number_count),
            () => (ColumnType::Text, self.filled),
        }
    }

    fn is_identifier(&self, uniqueness: f64) -> bool {
        let (shortest, longest) = self.makeup.lengths.range();
        self.filled >= IDENTIFIER_VALUES_MIN
            && uniqueness >= IDENTIFIER_UNIQUENESS
            && self.makeup.codes as f64 >= IDENTIFIER_SHARE * self.filled as f64
            && longest <= IDENTIFIER_CHARS_MAX
            && longest - shortest <= IDENTIFIER_SPREAD_CHARS_MAX
    }
}

/// As much of a value as [`shorten`] leaves of it.
fn beginning(value: &str) -> String {
    value.chars().take(SHOWN_CHARS + 1).collect()
}

fn shorten(value: &mut String) {
    if let Some((end, _)) = value.char_indices().nth(SHOWN_CHARS) {
        value.truncate(end);
        value.push('…');
    }
}
