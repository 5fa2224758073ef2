//! What one criterion of a weighted definition gives for a pair: 0–100.

use chrono::{Datelike, NaiveDate};
use model::config::matching::{Comparison, DateUnit};

use super::{
    features::{Likeness, Place},
    scoring::Likenesses,
};
use crate::dates;

/// What dates score whose day and month are swapped.
const SWAPPED: f64 = 90.0;
/// The mean radius of the Earth (IUGG).
const EARTH_KM: f64 = 6_371.008_8;

/// 0–100; `None` when a side is empty.
pub(super) fn score(comparison: &Comparison, feature: usize, likenesses: &mut Likenesses) -> Option<f64> {
    match *comparison {
        Comparison::NumericRange { lower, upper, relative } => {
            let (source, target) = likenesses.numbers(feature)?;
            Some(numeric_range(source, target, lower, upper, relative))
        }
        Comparison::Date { within, unit, swapped } => {
            let (left, right) = likenesses.dates(feature)?;
            Some(date(left, right, within, unit, swapped))
        }
        Comparison::Geo { within_km, .. } => {
            let (left, right) = likenesses.places(feature)?;
            Some(by_distance(kilometres(left, right), within_km))
        }
        Comparison::SimilarText { level, .. } | Comparison::ArrayOverlap { level, .. } => {
            match likenesses.of(feature) {
                Likeness::Empty => None,
                Likeness::Equal => Some(100.0),
                Likeness::Similar(similarity) if similarity >= level => Some(similarity * 100.0),
                Likeness::Similar(_) => Some(0.0),
            }
        }
        Comparison::Exact { .. } | Comparison::SoundsAlike { .. } => match likenesses.of(feature) {
            Likeness::Empty => None,
            Likeness::Equal => Some(100.0),
            Likeness::Similar(similarity) => Some(if similarity >= 1.0 { 100.0 } else { 0.0 }),
        },
    }
}

/// 100 when equal, linearly to 50 at the limit of [source − lower, source + upper], 0 outside. `relative` limits are
/// percent of the source.
fn numeric_range(source: f64, target: f64, lower: f64, upper: f64, relative: bool) -> f64 {
    let difference = target - source;
    let limit = if difference < 0.0 { lower } else { upper };
    let limit = if relative { limit / 100.0 * source.abs() } else { limit };
    by_distance(difference.abs(), limit)
}

/// 100 for no distance, linearly to 50 at the limit, 0 beyond.
fn by_distance(distance: f64, limit: f64) -> f64 {
    if distance == 0.0 {
        100.0
    } else if distance > limit {
        0.0
    } else {
        100.0 - 50.0 * distance / limit
    }
}

fn date(left: NaiveDate, right: NaiveDate, within: f64, unit: DateUnit, swapped: bool) -> f64 {
    let apart = match unit {
        DateUnit::Days => (left - right).num_days() as f64,
        DateUnit::Months => {
            let months = (left.year() - right.year()) * 12 + left.month() as i32 - right.month() as i32;
            f64::from(months) + f64::from(left.day() as i32 - right.day() as i32) / 31.0
        }
    };
    let score = by_distance(apart.abs(), within);
    if swapped && dates::are_swapped(left, right) { score.max(SWAPPED) } else { score }
}

/// Along the surface of the Earth, taken for a sphere (haversine formula; Sinnott, Sky and Telescope 68, 1984).
fn kilometres(left: Place, right: Place) -> f64 {
    let half_sine = |from: f64, to: f64| ((to - from).to_radians() / 2.0).sin().powi(2);
    let across = left.latitude.to_radians().cos() * right.latitude.to_radians().cos();
    let square = half_sine(left.latitude, right.latitude) + across * half_sine(left.longitude, right.longitude);
    2.0 * EARTH_KM * square.sqrt().min(1.0).asin()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_number_scores_by_its_distance_from_the_source() {
        assert_eq!(numeric_range(100.0, 100.0, 10.0, 20.0, false), 100.0);
        assert_eq!(numeric_range(100.0, 90.0, 10.0, 20.0, false), 50.0);
        assert_eq!(numeric_range(100.0, 110.0, 10.0, 20.0, false), 75.0);
        assert_eq!(numeric_range(100.0, 89.9, 10.0, 20.0, false), 0.0);
        assert_eq!(numeric_range(200.0, 210.0, 10.0, 10.0, true), 75.0);
    }

    fn days(left: &str, right: &str, within: f64, unit: DateUnit) -> f64 {
        date(left.parse().expect("a date"), right.parse().expect("a date"), within, unit, true)
    }

    #[test]
    fn a_date_scores_by_its_distance() {
        assert_eq!(days("2020-05-01", "2020-05-01", 10.0, DateUnit::Days), 100.0);
        assert_eq!(days("2020-05-01", "2020-05-11", 10.0, DateUnit::Days), 50.0);
        assert_eq!(days("2020-05-12", "2020-05-01", 10.0, DateUnit::Days), 0.0);
        assert_eq!(days("2020-01-15", "2020-03-15", 4.0, DateUnit::Months), 75.0);
        assert_eq!(days("2020-01-15", "2020-05-16", 4.0, DateUnit::Months), 0.0);
    }

    #[test]
    fn a_day_swapped_with_its_month_is_recognised() {
        assert_eq!(days("2020-05-07", "2020-07-05", 10.0, DateUnit::Days), 90.0);
        assert_eq!(days("2020-05-07", "2021-07-05", 10.0, DateUnit::Days), 0.0);
        let (left, right) = ("2020-05-07".parse().expect("a date"), "2020-07-05".parse().expect("a date"));
        assert_eq!(date(left, right, 10.0, DateUnit::Days, false), 0.0);
    }

    #[test]
    fn distances_are_those_of_the_globe() {
        let place = |latitude, longitude| Place { latitude, longitude };
        let london_paris = kilometres(place(51.5007, -0.1246), place(48.8584, 2.2945));
        assert!((london_paris - 340.6).abs() < 1.0, "{london_paris}");
        let across_the_date_line = kilometres(place(0.0, 179.5), place(0.0, -179.5));
        assert!((across_the_date_line - 111.2).abs() < 0.1, "{across_the_date_line}");
    }

    proptest! {
        #[test]
        fn a_score_never_rises_with_the_distance(near in 0.0..1e6_f64, more in 0.0..1e6_f64, limit in 0.0..1e6_f64) {
            let (near, far) = (by_distance(near, limit), by_distance(near + more, limit));
            prop_assert!((0.0..=100.0).contains(&near) && far <= near);
        }
    }
}
