//! Functions that read a value as a date or a telephone number. What is none has no result.

use std::fmt::Write as _;

use chrono::{
    NaiveDate, NaiveDateTime, NaiveTime,
    format::{Item, StrftimeItems},
};
use phonenumber::{Mode, country};

use super::Kernel;
use crate::dates;

/// To ISO 8601. Without formats: whatever can be read in one way only.
pub(super) fn date(formats: &[String]) -> Result<Kernel, String> {
    formats.iter().try_for_each(|format| check_format(format))?;
    let formats = formats.to_vec();
    Ok(Box::new(move |value, result| {
        let value = value.trim();
        let date = if formats.is_empty() {
            dates::unambiguous(value)
        } else {
            formats.iter().find_map(|format| NaiveDate::parse_from_str(value, format).ok())
        };
        date.is_some_and(|date| write!(result, "{date}").is_ok())
    }))
}

/// A format is sound if a date that is written with it can be read again.
fn check_format(format: &str) -> Result<(), String> {
    if StrftimeItems::new(format).any(|item| matches!(item, Item::Error)) {
        return Err(format!("“{format}” is not a date format; write it like %d.%m.%Y"));
    }
    let day = NaiveDate::from_ymd_opt(1999, 10, 23).expect("a date of the calendar");
    let at = NaiveDateTime::new(day, NaiveTime::default());
    let mut text = String::new();
    let readable = write!(text, "{}", at.format(format)).is_ok() && NaiveDate::parse_from_str(&text, format) == Ok(day);
    if readable { Ok(()) } else { Err(format!("“{format}” does not give year, month and day of a date")) }
}

/// To E.164, with the rules of `libphonenumber`.
pub(super) fn phone(arguments: &[String]) -> Result<Kernel, String> {
    let [name] = arguments else { return Err("say which country's numbers they are".to_owned()) };
    let country: country::Id = name
        .parse()
        .map_err(|_| format!("“{name}” is not an ISO 3166 country code with telephone numbers, such as US or DE"))?;
    Ok(Box::new(move |value, result| match phonenumber::parse(Some(country), value) {
        Ok(number) if number.is_valid() => write!(result, "{}", number.format().mode(Mode::E164)).is_ok(),
        _ => false,
    }))
}
