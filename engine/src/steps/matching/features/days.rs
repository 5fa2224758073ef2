//! Dates with what befalls them: another day of the same week, a wrong digit, day and month swapped.

use chrono::NaiveDate;
use model::config::matching::Similarity;

use super::forms::EIGHT_DIGITS;
use crate::{
    dates,
    similarity::{Prepared, Strings},
};

/// Days apart at which nothing is left of the likeness.
const DAYS_MAX: f64 = 40.0;
/// Likeness of dates whose day and month are swapped.
const SWAPPED: f64 = 0.9;

/// Distinct values, most of them dates.
#[derive(Debug)]
pub(super) struct Days {
    texts: Prepared,
    dates: Vec<Option<NaiveDate>>,
}

impl Days {
    /// `values` as [`super::Form::DateOrText`] writes them, with `counts` occurrences each.
    pub(super) fn new(values: &Strings, counts: &[u32]) -> Self {
        let dates = values.iter().map(|value| NaiveDate::parse_from_str(value, EIGHT_DIGITS).ok()).collect();
        Self { texts: Prepared::new(Similarity::Damerau, values, counts), dates }
    }

    /// Likeness of two values by number, 0–1; may be 0 for anything below `at_least`.
    pub(super) fn compare(&self, left: u32, right: u32, at_least: f64) -> f64 {
        let by_digits = self.texts.compare(left, right, at_least);
        match (self.dates[left as usize], self.dates[right as usize]) {
            (Some(left), Some(right)) => by_digits.max(by_calendar(left, right)),
            _ => by_digits,
        }
    }

    pub(super) fn bytes(&self) -> usize {
        self.texts.bytes() + self.dates.capacity() * size_of::<Option<NaiveDate>>()
    }
}

fn by_calendar(left: NaiveDate, right: NaiveDate) -> f64 {
    let days = (left - right).num_days().abs() as f64;
    (1.0 - days / DAYS_MAX).max(if dates::are_swapped(left, right) { SWAPPED } else { 0.0 })
}

#[cfg(test)]
mod tests {
    use model::config::matching::{LevelComparison, Measure};

    use super::super::{FeatureKey, Likeness, feature};

    #[test]
    fn dates_are_alike_by_calendar_or_by_digits_however_they_are_written() {
        let comparison = LevelComparison {
            column: "born".to_owned(),
            combined_with: Vec::new(),
            measure: Measure::Date,
            levels: Vec::new(),
            term_frequencies: false,
        };
        let values =
            ["1999-03-05", "5 Mar 1999", "1999-03-07", "1999-05-03", "1989-03-05", "unknown", "Unknown!", "2020-11-22"];
        let feature = feature(&FeatureKey::of_levels(&comparison), &values.map(Some));
        let likeness = |other: u32| feature.values.compare((feature.numbers[0], feature.numbers[other as usize]), 0.0);
        assert_eq!(likeness(1), Likeness::Equal);
        assert_eq!(likeness(2), Likeness::Similar(0.95));
        assert_eq!(likeness(3), Likeness::Similar(0.9));
        assert_eq!(likeness(4), Likeness::Similar(0.875));
        assert_eq!(likeness(5), Likeness::Similar(0.0));
        assert_eq!(feature.numbers[5], feature.numbers[6]);
        assert!(matches!(likeness(7), Likeness::Similar(alike) if alike < 0.5));
    }
}
