//! What becomes of a value before it is compared, and what is measured then.

use std::borrow::Cow;

use model::config::matching::{Comparison, LevelComparison, Measure, Phonetic, ShareOf, Similarity};

use super::sets::{self, Share};
use crate::{
    dates, phonetic,
    similarity::{fold, fold_into},
};

/// Columns and how their values are compared.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::steps::matching) struct FeatureKey {
    /// One, or several that are compared together.
    pub(in crate::steps::matching) columns: Vec<String>,
    pub(in crate::steps::matching) form: Form,
    pub(in crate::steps::matching) measured: Measured,
}

/// What becomes of a value before it is compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::steps::matching) enum Form {
    Verbatim,
    /// Without case, punctuation and surplus blanks.
    Folded,
    Stripped {
        case: bool,
        spaces: bool,
        punctuation: bool,
    },
    /// Its phonetic codes.
    Codes(Phonetic),
    Number,
    /// As ISO 8601.
    Date,
    /// As eight digits; folded where it is none.
    DateOrText,
    /// Latitude and longitude.
    Place,
    /// The values between separators, folded.
    Set(char),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::steps::matching) enum Measured {
    /// Equal or not.
    Equality,
    Text(Similarity),
    Number,
    Date,
    DateOrText,
    Place,
    Shared(Share),
}

/// A place on Earth, in degrees.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(in crate::steps::matching) struct Place {
    pub(in crate::steps::matching) latitude: f64,
    pub(in crate::steps::matching) longitude: f64,
}

/// How a date is written to be compared with others digit by digit.
pub(super) const EIGHT_DIGITS: &str = "%Y%m%d";
/// Stands between latitude and longitude.
const BETWEEN: char = '\u{1f}';

impl FeatureKey {
    /// What a criterion on `column`, combined with others, compares.
    pub(in crate::steps::matching) fn of_comparison(
        column: &str,
        combined: &[String],
        comparison: &Comparison,
    ) -> Self {
        let (form, measured) = match *comparison {
            Comparison::Exact { ignore_case, ignore_spaces, ignore_punctuation } => {
                let form = Form::Stripped { case: ignore_case, spaces: ignore_spaces, punctuation: ignore_punctuation };
                (form, Measured::Equality)
            }
            Comparison::SimilarText { algorithm, .. } => (Form::Verbatim, Measured::Text(algorithm)),
            Comparison::SoundsAlike { algorithm } if phonetic::is_many(algorithm) => {
                (Form::Codes(algorithm), Measured::Shared(Share::Any))
            }
            Comparison::SoundsAlike { algorithm } => (Form::Codes(algorithm), Measured::Equality),
            Comparison::NumericRange { .. } => (Form::Number, Measured::Number),
            Comparison::Date { .. } => (Form::Date, Measured::Date),
            Comparison::Geo { .. } => (Form::Place, Measured::Place),
            Comparison::ArrayOverlap { separator, share_of, .. } => {
                let share = match share_of {
                    ShareOf::Fewer => Share::OfFewer,
                    ShareOf::All => Share::OfAll,
                };
                (Form::Set(separator), Measured::Shared(share))
            }
        };
        let longitude = match comparison {
            Comparison::Geo { longitude, .. } => Some(longitude),
            _ => None,
        };
        let columns = std::iter::once(column).chain(combined.iter().chain(longitude).map(String::as_str));
        Self { columns: columns.map(str::to_owned).collect(), form, measured }
    }

    pub(in crate::steps::matching) fn of_levels(comparison: &LevelComparison) -> Self {
        let (form, measured) = match comparison.measure {
            // Also blanks go: a part number is often written with other gaps.
            Measure::Equality => (Form::Stripped { case: true, spaces: true, punctuation: true }, Measured::Equality),
            Measure::Text { algorithm } => (Form::Folded, Measured::Text(algorithm)),
            Measure::Number => (Form::Number, Measured::Number),
            Measure::Date => (Form::DateOrText, Measured::DateOrText),
        };
        let columns = std::iter::once(&comparison.column).chain(&comparison.combined_with);
        Self { columns: columns.cloned().collect(), form, measured }
    }
}

impl Form {
    /// What becomes of a value; empty when nothing is left to compare.
    pub(super) fn write(self, value: &str, formed: &mut String) {
        formed.clear();
        match self {
            Form::Verbatim => formed.push_str(value),
            Form::Folded => fold_into(value, formed),
            Form::Stripped { case, spaces, punctuation } => strip(value, case, spaces, punctuation, formed),
            Form::Codes(algorithm) => formed.push_str(&sets::join(phonetic::codes(algorithm, value))),
            Form::Number if number(value).is_some() => formed.push_str(value),
            Form::Place if place(value).is_some() => formed.push_str(value),
            Form::Number | Form::Place => {}
            Form::Date => formed.extend(dates::plausible(value.trim()).map(|date| date.to_string())),
            Form::DateOrText => match dates::plausible(value.trim()) {
                Some(date) => formed.push_str(&date.format(EIGHT_DIGITS).to_string()),
                None => fold_into(value, formed),
            },
            Form::Set(separator) => formed.push_str(&sets::join(value.split(separator).map(fold).collect())),
        }
    }

    /// Whether making it takes so long that it is made once for each value.
    pub(super) const fn is_slow(self) -> bool {
        matches!(self, Form::Codes(Phonetic::BeiderMorse))
    }
}

/// The values of one record as one; `None` when there is nothing to compare.
pub(super) fn joined<'v>(measured: Measured, values: &[Option<&'v str>]) -> Option<Cow<'v, str>> {
    match values {
        [value] => value.map(Cow::Borrowed),
        [latitude, longitude] if measured == Measured::Place => {
            Some(Cow::Owned(format!("{}{BETWEEN}{}", (*latitude)?, (*longitude)?)))
        }
        several => {
            let filled: Vec<&str> = several.iter().copied().flatten().collect();
            (!filled.is_empty()).then(|| Cow::Owned(filled.join(" ")))
        }
    }
}

fn strip(value: &str, case: bool, spaces: bool, punctuation: bool, stripped: &mut String) {
    let dropped = |character: char| match character {
        _ if character.is_whitespace() => spaces,
        _ => punctuation && !character.is_alphanumeric(),
    };
    let kept = value.chars().filter(|character| !dropped(*character));
    if case { stripped.extend(kept.flat_map(char::to_lowercase)) } else { stripped.extend(kept) }
}

/// A number with or without blanks and thousands commas around it: `1,234.50`, `$ 12`. `None` for anything else.
pub(super) fn number(text: &str) -> Option<f64> {
    let digits: String = text
        .chars()
        .filter(|character| !character.is_whitespace() && !matches!(character, ',' | '$' | '€' | '£'))
        .collect();
    digits.parse::<f64>().ok().filter(|number| number.is_finite())
}

/// Degrees as decimal numbers. `None` for anything that is no place on Earth.
pub(super) fn place(joined: &str) -> Option<Place> {
    let (latitude, longitude) = joined.split_once(BETWEEN)?;
    let degrees = |text: &str, most: f64| text.trim().parse::<f64>().ok().filter(|degrees| degrees.abs() <= most);
    Some(Place { latitude: degrees(latitude, 90.0)?, longitude: degrees(longitude, 180.0)? })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_gaps_of_a_part_number_do_not_matter_where_values_are_equal_or_not() {
        let comparison = LevelComparison {
            column: "part".to_owned(),
            combined_with: Vec::new(),
            measure: Measure::Equality,
            levels: Vec::new(),
            term_frequencies: false,
        };
        let form = FeatureKey::of_levels(&comparison).form;
        let formed = |value: &str| {
            let mut formed = String::new();
            form.write(value, &mut formed);
            formed
        };
        assert_eq!(formed("01G-P3-1526-KR"), formed("01gp3 1526kr"));
        assert_ne!(formed("01G-P3-1526-KR"), formed("01G-P3-1527-KR"));
    }
}
