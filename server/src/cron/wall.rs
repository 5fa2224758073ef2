//! The wall-clock minutes of an expression, found by the `cron` crate in its own terms.
//!
//! What the crate means by an expression is not what users of cron mean, so nothing that a user wrote reaches it as it is:
//! it is given the numbers that the fields stand for, with weekdays counted as it counts them (1–7 from Sunday), one
//! schedule for each of the two day fields when both are restricted (it would demand both), and never a time zone (it
//! loses runs in a gap and doubles them in a repeated hour; [`super::zone`] knows better).

use std::str::FromStr;

use ::cron::Schedule;
use chrono::{Datelike, NaiveDate, NaiveDateTime, TimeDelta};

use super::field::{DAY_OF_MONTH, DAY_OF_WEEK, Field, HOUR, Kind, MINUTE, MONTH};

/// 29 February may be eight years away (1896 to 1904, 2096 to 2104).
const YEARS_SEARCHED: i32 = 9;
const EVERY: &str = "*";

/// A set of wall-clock minutes: the union of what the crate's schedules match.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct WallClock {
    schedules: Vec<Schedule>,
}

/// The five fields in the order in which they are written.
pub(super) struct Fields<'a> {
    pub(super) minute: &'a Field,
    pub(super) hour: &'a Field,
    pub(super) day_of_month: &'a Field,
    pub(super) month: &'a Field,
    pub(super) day_of_week: &'a Field,
}

impl WallClock {
    /// # Errors
    /// When the crate refuses its own terms, which would be a fault of ours.
    pub(super) fn new(fields: &Fields<'_>) -> Result<Self, String> {
        let days_of_month = numbers(&DAY_OF_MONTH, fields.day_of_month, 0);
        let days_of_week = numbers(&DAY_OF_WEEK, fields.day_of_week, 1);
        let either = !fields.day_of_month.is_any() && !fields.day_of_week.is_any();
        let days = match either {
            true => vec![(days_of_month.as_str(), EVERY), (EVERY, days_of_week.as_str())],
            false => vec![(days_of_month.as_str(), days_of_week.as_str())],
        };
        let (minutes, hours) = (numbers(&MINUTE, fields.minute, 0), numbers(&HOUR, fields.hour, 0));
        let months = numbers(&MONTH, fields.month, 0);
        let schedule = |(of_month, of_week): (&str, &str)| {
            // Seconds come first; years are left out, which means all that the crate knows.
            let terms = format!("0 {minutes} {hours} {of_month} {months} {of_week}");
            Schedule::from_str(&terms).map_err(|problem| format!("“{terms}” cannot be evaluated: {problem}"))
        };
        Ok(Self { schedules: days.into_iter().map(schedule).collect::<Result<_, _>>()? })
    }

    /// The first minute of the set that is later than `wall`.
    pub(super) fn next(&self, wall: NaiveDateTime) -> Option<NaiveDateTime> {
        let mut twin = twin_year(wall.year())?;
        let mut after = wall.with_year(twin)?;
        for year in wall.year()..=wall.year() + YEARS_SEARCHED {
            let found = self.schedules.iter().filter_map(|schedule| schedule.after(&after.and_utc()).next()).min();
            if let Some(found) = found.filter(|found| found.year() == twin) {
                return found.naive_utc().with_year(year);
            }
            twin = twin_year(year + 1)?;
            after = NaiveDate::from_ymd_opt(twin, 1, 1)?.and_hms_opt(0, 0, 0)? - TimeDelta::seconds(1);
        }
        None
    }
}

/// The numbers of a field as the crate wants them.
fn numbers(kind: &Kind, field: &Field, offset: u32) -> String {
    let numbers: Vec<String> = field.values().map(|number| (number + offset).to_string()).collect();
    if numbers.len() == kind.size() { EVERY.to_owned() } else { numbers.join(",") }
}

/// A year with the same calendar: the crate knows only those from 1970 to 2100. The 28 years from 2000 on hold all 14
/// calendars that there are.
fn twin_year(year: i32) -> Option<i32> {
    let calendar = |year| {
        let first = NaiveDate::from_ymd_opt(year, 1, 1)?;
        Some((first.leap_year(), first.weekday()))
    };
    let wanted = calendar(year)?;
    (2000..2028).find(|twin| calendar(*twin) == Some(wanted))
}
