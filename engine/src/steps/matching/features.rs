//! Columns made ready for comparing: each distinct value is prepared once, a record holds its number.
//!
//! A *feature* is one column compared in one way. Definitions that compare a column the same way share the feature, so
//! that a similarity is computed once per pair. Nothing here knows of weights, levels or thresholds.

use std::collections::HashMap;

use model::config::matching::{Comparison, LevelComparison, Measure, Phonetic, Similarity};

use crate::{
    phonetic,
    similarity::{Prepared, Strings, fold},
};

/// A column and how its values are compared.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct FeatureKey {
    pub(super) column: String,
    pub(super) form: Form,
    pub(super) measured: Measured,
}

/// What becomes of a value before it is compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    Verbatim,
    /// Without case, punctuation and surplus blanks.
    Folded,
    Stripped {
        case: bool,
        spaces: bool,
        punctuation: bool,
    },
    Code(Phonetic),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Measured {
    /// Equal or not.
    Equality,
    Text(Similarity),
    Number,
}

impl FeatureKey {
    pub(super) fn of_criterion(column: &str, comparison: &Comparison) -> Self {
        let (form, measured) = match *comparison {
            Comparison::Exact { ignore_case, ignore_spaces, ignore_punctuation } => {
                let form = Form::Stripped { case: ignore_case, spaces: ignore_spaces, punctuation: ignore_punctuation };
                (form, Measured::Equality)
            }
            Comparison::SimilarText { algorithm, .. } => (Form::Verbatim, Measured::Text(algorithm)),
            Comparison::SoundsAlike { algorithm } => (Form::Code(algorithm), Measured::Equality),
            Comparison::NumericRange { .. } => (Form::Verbatim, Measured::Number),
        };
        Self { column: column.to_owned(), form, measured }
    }

    pub(super) fn of_levels(comparison: &LevelComparison) -> Self {
        let (form, measured) = match comparison.measure {
            Measure::Equality => (Form::Folded, Measured::Equality),
            Measure::Text { algorithm } => (Form::Folded, Measured::Text(algorithm)),
            Measure::Number => (Form::Verbatim, Measured::Number),
        };
        Self { column: comparison.column.clone(), form, measured }
    }
}

impl Form {
    /// `None` when nothing is left to compare.
    fn of(self, value: &str) -> Option<String> {
        let formed = match self {
            Form::Verbatim => value.to_owned(),
            Form::Folded => fold(value),
            Form::Stripped { case, spaces, punctuation } => strip(value, case, spaces, punctuation),
            Form::Code(algorithm) => phonetic::code(algorithm, value),
        };
        (!formed.is_empty()).then_some(formed)
    }
}

fn strip(value: &str, case: bool, spaces: bool, punctuation: bool) -> String {
    let dropped = |character: char| match character {
        _ if character.is_whitespace() => spaces,
        _ => punctuation && !character.is_alphanumeric(),
    };
    let kept = value.chars().filter(|character| !dropped(*character));
    if case { kept.flat_map(char::to_lowercase).collect() } else { kept.collect() }
}

/// The number of an empty value.
const EMPTY: u32 = u32::MAX;

#[derive(Debug)]
pub(super) struct Feature {
    /// By record.
    numbers: Vec<u32>,
    /// Records that have each value, by number.
    counts: Vec<u32>,
    values: Values,
}

#[derive(Debug)]
enum Values {
    Equality,
    Texts(Prepared),
    Numbers(Vec<f64>),
}

/// How two values compare.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Likeness {
    /// A side is empty.
    Empty,
    Equal,
    /// 0.0–1.0, not equal.
    Similar(f64),
}

impl Feature {
    /// Similarity of the values of two records; may be 0 for anything below `at_least`.
    pub(super) fn compare(&self, left: u32, right: u32, at_least: f64) -> Likeness {
        let (left, right) = (self.numbers[left as usize], self.numbers[right as usize]);
        if left == EMPTY || right == EMPTY {
            return Likeness::Empty;
        }
        if left == right {
            return Likeness::Equal;
        }
        match &self.values {
            Values::Equality => Likeness::Similar(0.0),
            Values::Texts(prepared) => Likeness::Similar(prepared.compare(left, right, at_least)),
            Values::Numbers(numbers) => {
                let (left, right) = (numbers[left as usize], numbers[right as usize]);
                let magnitude = left.abs().max(right.abs());
                Likeness::Similar(if magnitude == 0.0 {
                    1.0
                } else {
                    (1.0 - (left - right).abs() / magnitude).max(0.0)
                })
            }
        }
    }

    /// The two numbers of a numeric feature; `None` when a side is empty.
    pub(super) fn numbers(&self, left: u32, right: u32) -> Option<(f64, f64)> {
        let Values::Numbers(numbers) = &self.values else { return None };
        let (left, right) = (self.numbers[left as usize], self.numbers[right as usize]);
        (left != EMPTY && right != EMPTY).then(|| (numbers[left as usize], numbers[right as usize]))
    }

    /// The number of a record's value; `None` when it is empty.
    pub(super) fn value(&self, record: u32) -> Option<u32> {
        let number = self.numbers[record as usize];
        (number != EMPTY).then_some(number)
    }

    /// Records that have each value, by number.
    pub(super) fn counts(&self) -> &[u32] {
        &self.counts
    }

    /// Bytes held, for the memory budget.
    pub(super) fn bytes(&self) -> usize {
        let values = match &self.values {
            Values::Equality => 0,
            Values::Texts(prepared) => prepared.bytes(),
            Values::Numbers(numbers) => numbers.capacity() * 8,
        };
        (self.numbers.capacity() + self.counts.capacity()) * 4 + values
    }
}

/// Takes a column's values in the order of the records.
#[derive(Debug)]
pub(super) struct FeatureBuilder {
    form: Form,
    measured: Measured,
    numbers: Vec<u32>,
    counts: Vec<u32>,
    known: HashMap<String, u32>,
    values: Strings,
}

impl FeatureBuilder {
    pub(super) fn new(key: &FeatureKey) -> Self {
        Self {
            form: key.form,
            measured: key.measured,
            numbers: Vec::new(),
            counts: Vec::new(),
            known: HashMap::new(),
            values: Strings::default(),
        }
    }

    pub(super) fn push(&mut self, value: Option<&str>) {
        let formed = value.and_then(|value| self.form.of(value));
        let formed = formed.filter(|formed| self.measured != Measured::Number || number(formed).is_some());
        let Some(formed) = formed else {
            self.numbers.push(EMPTY);
            return;
        };
        let number = match self.known.get(&formed) {
            Some(&number) => number,
            None => {
                let number = self.counts.len() as u32;
                self.values.push(&formed);
                self.counts.push(0);
                self.known.insert(formed, number);
                number
            }
        };
        self.counts[number as usize] += 1;
        self.numbers.push(number);
    }

    /// Bytes held, for the memory budget.
    pub(super) fn bytes(&self) -> usize {
        // A key is held twice while building: in the map (with about 48 bytes around it) and in the list.
        (self.numbers.capacity() + self.counts.capacity()) * 4 + self.values.bytes() * 2 + self.known.capacity() * 48
    }

    pub(super) fn build(self) -> Feature {
        drop(self.known);
        let values = match self.measured {
            Measured::Equality => Values::Equality,
            Measured::Text(algorithm) => Values::Texts(Prepared::new(algorithm, &self.values, &self.counts)),
            Measured::Number => Values::Numbers(self.values.iter().filter_map(number).collect()),
        };
        Feature { numbers: self.numbers, counts: self.counts, values }
    }
}

/// A number with or without blanks and thousands commas around it: `1,234.50`, `$ 12`. `None` for anything else.
fn number(text: &str) -> Option<f64> {
    let digits: String = text
        .chars()
        .filter(|character| !character.is_whitespace() && !matches!(character, ',' | '$' | '€' | '£'))
        .collect();
    digits.parse::<f64>().ok().filter(|number| number.is_finite())
}

#[cfg(test)]
pub(super) fn feature(key: &FeatureKey, values: &[Option<&str>]) -> Feature {
    let mut builder = FeatureBuilder::new(key);
    values.iter().for_each(|value| builder.push(*value));
    builder.build()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exact_can_ignore_case_blanks_and_punctuation() {
        let comparison = Comparison::Exact { ignore_case: true, ignore_spaces: true, ignore_punctuation: true };
        let key = FeatureKey::of_criterion("name", &comparison);
        let feature = feature(&key, &[Some("A.B. Smith"), Some("absmith"), Some("..."), None]);
        assert_eq!(feature.compare(0, 1, 0.0), Likeness::Equal);
        assert_eq!(feature.compare(0, 2, 0.0), Likeness::Empty);
        assert_eq!(feature.compare(0, 3, 0.0), Likeness::Empty);
    }

    #[test]
    fn numbers_compare_by_their_value() {
        let comparison = Comparison::NumericRange { lower: 1.0, upper: 1.0, relative: false };
        let key = FeatureKey::of_criterion("price", &comparison);
        let feature = feature(&key, &[Some("$1,200.00"), Some("1080"), Some("n/a")]);
        assert_eq!(feature.numbers(0, 1), Some((1200.0, 1080.0)));
        assert_eq!(feature.compare(0, 1, 0.0), Likeness::Similar(0.9));
        assert_eq!(feature.compare(0, 2, 0.0), Likeness::Empty);
    }
}
