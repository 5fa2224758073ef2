//! Dates as people write them, without a clock and without a locale.

use chrono::{Datelike, NaiveDate};

/// Years that a date in a record may plausibly have; eight digits outside of it are a number.
const YEARS: std::ops::RangeInclusive<i32> = 1800..=2199;
const MONTHS: [&str; 12] = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];

/// A date in one of the common forms that can be read in one way only: `2020-12-31` (a time may follow), `2020/12/31`,
/// `20201231`, `31.12.2020`, `31 Dec 2020`, `December 31, 2020`, and `31/12/2020` or `12/31/2020` where the day is
/// greater than 12 or equals the month.
pub(crate) fn unambiguous(text: &str) -> Option<NaiveDate> {
    match slashed(text) {
        Some((first, second, year)) => match (date(year, second, first), date(year, first, second)) {
            (Some(day_first), Some(month_first)) if day_first != month_first => None,
            (day_first, month_first) => day_first.or(month_first),
        },
        None => ordered(text).or_else(|| worded(text)),
    }
}

/// A date in a common form, also where day and month cannot be told apart.
pub(crate) fn plausible(text: &str) -> Option<NaiveDate> {
    match slashed(text) {
        Some((first, second, year)) => date(year, second, first).or_else(|| date(year, first, second)),
        None => ordered(text).or_else(|| worded(text)),
    }
}

/// Whether one date is the other with day and month swapped.
pub(crate) fn are_swapped(left: NaiveDate, right: NaiveDate) -> bool {
    left.year() == right.year() && left.day() == right.month() && left.month() == right.day()
}

/// `2020-12-31`, `2020/12/31`, `20201231`, `31.12.2020`.
fn ordered(text: &str) -> Option<NaiveDate> {
    if !text.as_bytes().first()?.is_ascii_digit() {
        return None;
    }
    if text.len() == 8 && text.bytes().all(|byte| byte.is_ascii_digit()) {
        return date(number(&text[..4])?, number(&text[4..6])?, number(&text[6..])?);
    }
    let day = match text.split_once(['T', ' ']) {
        Some((day, time)) if time.contains(':') => day,
        _ => text,
    };
    if let Some((year, month, day)) = three(day, '-').or_else(|| three(day, '/')) {
        return (year.len() == 4).then(|| date(number(year)?, number(month)?, number(day)?)).flatten();
    }
    let (day, month, year) = three(day, '.')?;
    (year.len() == 4).then(|| date(number(year)?, number(month)?, number(day)?)).flatten()
}

/// `31/12/2020` and `31-12-2020`: two parts of one or two digits and a year.
fn slashed(text: &str) -> Option<(i32, i32, i32)> {
    let (first, second, year) = three(text, '/').or_else(|| three(text, '-'))?;
    let fits = first.len() <= 2 && second.len() <= 2 && year.len() == 4;
    fits.then(|| Some((number(first)?, number(second)?, number(year)?))).flatten()
}

/// `31 Dec 2020`, `Dec 31, 2020`, with the month's full name or its first three letters.
fn worded(text: &str) -> Option<NaiveDate> {
    if text.len() > 24 || !text.bytes().any(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let mut words = text.split([' ', ',', '-', '.']).filter(|word| !word.is_empty());
    let (first, second, year) = (words.next()?, words.next()?, words.next()?);
    if words.next().is_some() || year.len() != 4 {
        return None;
    }
    let (day, month) = match month(second) {
        Some(month) => (first, month),
        None => (second, month(first)?),
    };
    let day = ["st", "nd", "rd", "th"].iter().find_map(|ending| day.strip_suffix(ending)).unwrap_or(day);
    date(number(year)?, month, number(day)?)
}

fn month(word: &str) -> Option<i32> {
    let word = word.to_ascii_lowercase();
    let place = MONTHS.iter().position(|month| word.starts_with(month))?;
    let full = [
        "january",
        "february",
        "march",
        "april",
        "may",
        "june",
        "july",
        "august",
        "september",
        "october",
        "november",
        "december",
    ][place];
    (full.starts_with(word.as_str())).then_some(i32::try_from(place).ok()? + 1)
}

fn three(text: &str, separator: char) -> Option<(&str, &str, &str)> {
    let mut parts = text.split(separator);
    let three = (parts.next()?, parts.next()?, parts.next()?);
    parts.next().is_none().then_some(three)
}

fn number(digits: &str) -> Option<i32> {
    let short = !digits.is_empty() && digits.len() <= 4;
    (short && digits.bytes().all(|byte| byte.is_ascii_digit())).then(|| digits.parse().ok()).flatten()
}

fn date(year: i32, month: i32, day: i32) -> Option<NaiveDate> {
    let date = NaiveDate::from_ymd_opt(year, u32::try_from(month).ok()?, u32::try_from(day).ok()?)?;
    YEARS.contains(&date.year()).then_some(date)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        /// What can be read in one way can be read, and its own form is read as the same day.
        #[test]
        fn any_text_is_a_date_or_none(text in "[0-9]{0,4}[-/. ,T]?([0-9]{0,3}|[A-Za-zé]{0,10})[-/. ,T]?[0-9:]{0,8}|\\PC{0,16}") {
            if let Some(date) = unambiguous(&text) {
                prop_assert_eq!(plausible(&text), Some(date));
                prop_assert_eq!(unambiguous(&date.to_string()), Some(date));
            }
        }
    }

    fn iso(date: Option<NaiveDate>) -> String {
        date.map(|date| date.to_string()).unwrap_or_default()
    }

    #[test]
    fn unambiguous_dates_are_read() {
        for text in [
            "2020-12-31",
            "2020/12/31",
            "20201231",
            "31.12.2020",
            "31 Dec 2020",
            "31 December 2020",
            "Dec 31, 2020",
            "December 31st, 2020",
            "31/12/2020",
            "12/31/2020",
            "31-12-2020",
            "31-Dec-2020",
            "2020-12-31T10:00:00Z",
            "2020-12-31 10:00",
        ] {
            assert_eq!(iso(unambiguous(text)), "2020-12-31", "{text}");
        }
        assert_eq!(iso(unambiguous("05/05/2020")), "2020-05-05");
    }

    #[test]
    fn what_is_no_date_or_two_dates_is_not() {
        for text in [
            "",
            "x",
            "2020-13-01",
            "2020-02-30",
            "19081399",
            "00001234",
            "05/06/2020",
            "1.2",
            "2020",
            "12:30",
            "Mayor 1 2020",
            "31 Dec",
            "é/é/2020",
            "1/2/3/4",
        ] {
            assert_eq!(iso(unambiguous(text)), "", "{text}");
        }
        assert_eq!(iso(plausible("05/06/2020")), "2020-06-05");
    }
}
