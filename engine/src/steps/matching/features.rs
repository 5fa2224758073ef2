//! Columns made ready for comparing: each distinct value is prepared once, a record holds its number.
//!
//! A *feature* is one column, or some combined, compared in one way. Definitions that compare a column the same way share the feature, so
//! that a similarity is computed once per pair. Nothing here knows of weights, levels or thresholds.

mod days;
mod forms;
mod sets;
mod table;

use chrono::NaiveDate;
use model::config::matching::Similarity;

use self::{
    days::Days,
    forms::{joined, number, place},
    sets::Sets,
};
pub(super) use self::{
    forms::{FeatureKey, Form, Measured, Place},
    table::Features,
};
use crate::{interner::Interner, similarity};

/// The number of an empty value.
pub(super) const EMPTY: u32 = u32::MAX;

/// A column made ready.
#[derive(Debug)]
pub(super) struct Feature {
    /// By record: the number of its value.
    numbers: Vec<u32>,
    pub(super) values: Values,
}

/// The distinct values of a feature, by number.
#[derive(Debug, Default)]
pub(super) struct Values {
    /// Records that have each.
    counts: Vec<u32>,
    form: Prepared,
}

#[derive(Debug, Default)]
enum Prepared {
    #[default]
    Equality,
    Texts(similarity::Prepared),
    Numbers(Vec<f64>),
    Dates(Vec<NaiveDate>),
    Days(Days),
    Places(Vec<Place>),
    Sets(Sets),
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
    /// The same values for some of the records, which are numbered anew from 0.
    pub(super) fn only(mut self, records: &[u32]) -> Self {
        self.numbers = records.iter().map(|&record| self.numbers[record as usize]).collect();
        self
    }

    /// Bytes held, for the memory budget.
    pub(super) fn bytes(&self) -> usize {
        self.numbers.capacity() * 4 + self.values.bytes()
    }
}

impl Values {
    /// Similarity of two values; may be 0 for anything below `at_least`.
    pub(super) fn compare(&self, (left, right): (u32, u32), at_least: f64) -> Likeness {
        if left == EMPTY || right == EMPTY {
            return Likeness::Empty;
        }
        if left == right {
            return Likeness::Equal;
        }
        match &self.form {
            Prepared::Equality | Prepared::Dates(_) | Prepared::Places(_) => Likeness::Similar(0.0),
            Prepared::Sets(sets) => Likeness::Similar(sets.share(left, right)),
            Prepared::Days(days) => Likeness::Similar(days.compare(left, right, at_least)),
            Prepared::Texts(prepared) => Likeness::Similar(prepared.compare(left, right, at_least)),
            Prepared::Numbers(numbers) => {
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
    pub(super) fn numbers(&self, pair: (u32, u32)) -> Option<(f64, f64)> {
        let Prepared::Numbers(numbers) = &self.form else { return None };
        both(numbers, pair)
    }

    /// The two dates of a feature of dates; `None` when a side is empty.
    pub(super) fn dates(&self, pair: (u32, u32)) -> Option<(NaiveDate, NaiveDate)> {
        let Prepared::Dates(dates) = &self.form else { return None };
        both(dates, pair)
    }

    /// The two places of a feature of places; `None` when a side is empty.
    pub(super) fn places(&self, pair: (u32, u32)) -> Option<(Place, Place)> {
        let Prepared::Places(places) = &self.form else { return None };
        both(places, pair)
    }

    /// Records that have each value, by number.
    pub(super) fn counts(&self) -> &[u32] {
        &self.counts
    }

    fn bytes(&self) -> usize {
        let form = match &self.form {
            Prepared::Equality => 0,
            Prepared::Texts(prepared) => prepared.bytes(),
            Prepared::Numbers(numbers) => numbers.capacity() * 8,
            Prepared::Dates(dates) => dates.capacity() * size_of::<NaiveDate>(),
            Prepared::Days(days) => days.bytes(),
            Prepared::Places(places) => places.capacity() * size_of::<Place>(),
            Prepared::Sets(sets) => sets.bytes(),
        };
        self.counts.capacity() * 4 + form
    }
}

fn both<T: Copy>(values: &[T], (left, right): (u32, u32)) -> Option<(T, T)> {
    // An empty value's number is beyond all others.
    Some((*values.get(left as usize)?, *values.get(right as usize)?))
}

/// Takes a column's values in the order of the records.
#[derive(Debug)]
pub(super) struct FeatureBuilder {
    form: Form,
    measured: Measured,
    numbers: Vec<u32>,
    counts: Vec<u32>,
    /// The distinct values in their forms.
    values: Interner,
    formed: String,
    remembered: Option<Remembered>,
}

/// The number that each value was given, where making its form costs more than remembering it.
#[derive(Debug, Default)]
struct Remembered {
    values: Interner,
    numbers: Vec<u32>,
}

impl FeatureBuilder {
    pub(super) fn new(key: &FeatureKey) -> Self {
        Self {
            form: key.form,
            measured: key.measured,
            numbers: Vec::new(),
            counts: Vec::new(),
            values: Interner::default(),
            formed: String::new(),
            remembered: key.form.is_slow().then(Remembered::default),
        }
    }

    /// The values of one record: one for each column of the feature.
    pub(super) fn push(&mut self, values: &[Option<&str>]) {
        let number = joined(self.measured, values).map_or(EMPTY, |value| self.number(&value));
        if number != EMPTY {
            self.counts[number as usize] += 1;
        }
        self.numbers.push(number);
    }

    fn number(&mut self, value: &str) -> u32 {
        if let Some(remembered) = &self.remembered
            && let Some(place) = remembered.values.find(value)
        {
            return remembered.numbers[place as usize];
        }
        self.form.write(value, &mut self.formed);
        let number = if self.formed.is_empty() { EMPTY } else { self.number_of_formed() };
        if let Some(remembered) = &mut self.remembered {
            remembered.values.intern(value);
            remembered.numbers.push(number);
        }
        number
    }

    fn number_of_formed(&mut self) -> u32 {
        let (number, is_new) = self.values.intern(&self.formed);
        if is_new {
            self.counts.push(0);
        }
        number
    }

    /// Starts counting records anew.
    pub(super) fn forget_counts(&mut self) {
        self.counts.fill(0);
    }

    /// Counts a further record without keeping it; one with a value that was not met counts nothing.
    pub(super) fn count(&mut self, values: &[Option<&str>]) {
        let Some(value) = joined(self.measured, values) else { return };
        self.form.write(&value, &mut self.formed);
        if let Some(number) = self.values.find(&self.formed) {
            self.counts[number as usize] += 1;
        }
    }

    /// Bytes held, for the memory budget.
    pub(super) fn bytes(&self) -> usize {
        let remembered = self.remembered.as_ref();
        let remembered = remembered.map_or(0, |known| known.values.bytes() + known.numbers.capacity() * 4);
        (self.numbers.capacity() + self.counts.capacity()) * 4 + self.values.bytes() + remembered
    }

    /// Bytes that building takes on top of that: each value once more in the form in which it is compared.
    pub(super) fn building_bytes(&self) -> usize {
        let text = self.values.texts().bytes();
        let each = similarity::Prepared::EACH_BYTES * self.counts.len();
        match self.measured {
            Measured::Equality => 0,
            // A number and a weight for each gram, that is for each letter, and the numbers of the grams.
            Measured::Text(Similarity::QgramCosine) => 8 * text + each,
            // Words have some letters, and each is known by its text.
            Measured::Text(Similarity::TfIdfCosine | Similarity::TfIdfOverlap | Similarity::TokenSet)
            | Measured::Shared(_) => 4 * text + each,
            Measured::Text(_) | Measured::DateOrText => text + each,
            Measured::Number | Measured::Date | Measured::Place => 16 * self.counts.len(),
        }
    }

    pub(super) fn build(self) -> Feature {
        let values = self.values.into_texts();
        let form = match self.measured {
            Measured::Equality => Prepared::Equality,
            Measured::Text(algorithm) => Prepared::Texts(similarity::Prepared::new(algorithm, &values, &self.counts)),
            Measured::Number => Prepared::Numbers(values.iter().filter_map(number).collect()),
            Measured::Date => Prepared::Dates(values.iter().filter_map(|date| date.parse().ok()).collect()),
            Measured::DateOrText => Prepared::Days(Days::new(&values, &self.counts)),
            Measured::Place => Prepared::Places(values.iter().filter_map(place).collect()),
            Measured::Shared(share) => Prepared::Sets(Sets::new(share, &values)),
        };
        Feature { numbers: self.numbers, values: Values { counts: self.counts, form } }
    }
}

#[cfg(test)]
pub(super) fn feature(key: &FeatureKey, values: &[Option<&str>]) -> Feature {
    let mut builder = FeatureBuilder::new(key);
    values.iter().for_each(|value| builder.push(&[*value]));
    builder.build()
}

#[cfg(test)]
mod tests {
    use model::config::matching::{Comparison, Phonetic, ShareOf};

    use super::*;

    /// Of the values of two records.
    fn likeness(feature: &Feature, left: usize, right: usize) -> Likeness {
        feature.values.compare((feature.numbers[left], feature.numbers[right]), 0.0)
    }

    #[test]
    fn exact_can_ignore_case_blanks_and_punctuation() {
        let comparison = Comparison::Exact { ignore_case: true, ignore_spaces: true, ignore_punctuation: true };
        let key = FeatureKey::of_comparison("name", &[], &comparison);
        let feature = feature(&key, &[Some("A.B. Smith"), Some("absmith"), Some("..."), None]);
        assert_eq!(likeness(&feature, 0, 1), Likeness::Equal);
        assert_eq!(likeness(&feature, 0, 2), Likeness::Empty);
        assert_eq!(likeness(&feature, 0, 3), Likeness::Empty);
    }

    #[test]
    fn numbers_compare_by_their_value() {
        let comparison = Comparison::NumericRange { lower: 1.0, upper: 1.0, relative: false };
        let key = FeatureKey::of_comparison("price", &[], &comparison);
        let feature = feature(&key, &[Some("$1,200.00"), Some("1080"), Some("n/a")]);
        assert_eq!(feature.values.numbers((feature.numbers[0], feature.numbers[1])), Some((1200.0, 1080.0)));
        assert_eq!(likeness(&feature, 0, 1), Likeness::Similar(0.9));
        assert_eq!(likeness(&feature, 0, 2), Likeness::Empty);
    }

    #[test]
    fn names_sound_alike_when_they_share_a_code() {
        let comparison = Comparison::SoundsAlike { algorithm: Phonetic::DoubleMetaphone };
        let key = FeatureKey::of_comparison("name", &[], &comparison);
        let feature = feature(&key, &[Some("Schmidt"), Some("Smith"), Some("Thompson"), Some("42")]);
        assert_eq!(likeness(&feature, 0, 1), Likeness::Similar(1.0));
        assert_eq!(likeness(&feature, 0, 2), Likeness::Similar(0.0));
        assert_eq!(likeness(&feature, 0, 3), Likeness::Empty);
    }

    #[test]
    fn lists_compare_by_what_they_have_in_common() {
        let overlap = |share_of| {
            let key = FeatureKey::of_comparison(
                "tags",
                &[],
                &Comparison::ArrayOverlap { separator: ';', share_of, level: 0.0 },
            );
            let feature = feature(&key, &[Some("Red; blue ;green"), Some("blue;RED"), Some("blue;red;"), Some(" ; ")]);
            assert_eq!(likeness(&feature, 1, 2), Likeness::Equal);
            assert_eq!(likeness(&feature, 0, 3), Likeness::Empty);
            likeness(&feature, 0, 1)
        };
        assert_eq!(overlap(ShareOf::Fewer), Likeness::Similar(1.0));
        assert_eq!(overlap(ShareOf::All), Likeness::Similar(2.0 / 3.0));
    }

    #[test]
    fn combined_columns_are_one_text() {
        let exact = Comparison::Exact { ignore_case: true, ignore_spaces: false, ignore_punctuation: false };
        let key = FeatureKey::of_comparison("first", &["last".to_owned()], &exact);
        let mut builder = FeatureBuilder::new(&key);
        builder.push(&[Some("Ann"), Some("Lee")]);
        builder.push(&[Some("ann lee"), None]);
        builder.push(&[None, None]);
        let feature = builder.build();
        assert_eq!(likeness(&feature, 0, 1), Likeness::Equal);
        assert_eq!(likeness(&feature, 0, 2), Likeness::Empty);
    }
}
