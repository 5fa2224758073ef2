//! Cron: the one module that knows what five fields mean.
//!
//! **Architecture invariant:** an expression is a set of wall-clock minutes and knows no zone; `cron::zone` alone maps
//! them to instants, by the rule for clock changes of Vixie cron. No date library's idea of cron is used: the crates
//! that exist number weekdays differently, AND the two day fields, and lose or double runs when clocks change.

mod field;
mod words;
mod zone;

use chrono::{Datelike, Days, NaiveDate, NaiveDateTime, NaiveTime, Timelike};
use model::{FieldError, limits};

use field::{DAY_OF_MONTH, DAY_OF_WEEK, Field, HOUR, MINUTE, MONTH};

pub use zone::{Affected, Occurrence};

/// Where a problem with an expression is reported.
const FIELD: &str = "schedule.expression";
/// 29 February may be eight years away (1896 to 1904, 2096 to 2104).
const YEARS_SEARCHED: i32 = 9;

/// A parsed expression.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cron {
    minute: Field,
    hour: Field,
    day_of_month: Field,
    month: Field,
    day_of_week: Field,
}

impl Cron {
    /// Reads `minute hour day-of-month month day-of-week`, or a name such as `@daily`.
    ///
    /// # Errors
    /// Names the field and what is wrong with it. An expression that can never fire is an error, too.
    pub fn parse(expression: &str) -> Result<Self, FieldError> {
        Self::read(expression).map_err(|problem| FieldError::new(FIELD, problem))
    }

    fn read(expression: &str) -> Result<Self, String> {
        if expression.chars().count() > limits::CRON_CHARS_MAX {
            return Err(format!("is longer than {} characters", limits::CRON_CHARS_MAX));
        }
        let expression = expression.trim();
        let fields: Vec<&str> = match expression.strip_prefix('@') {
            Some(name) => named(name)?.split(' ').collect(),
            None => expression.split_whitespace().collect(),
        };
        let [minute, hour, day_of_month, month, day_of_week] = fields[..] else {
            return Err(format!(
                "has {} fields; five are needed: minute hour day-of-month month day-of-week",
                fields.len()
            ));
        };
        let cron = Self {
            minute: Field::parse(&MINUTE, minute)?,
            hour: Field::parse(&HOUR, hour)?,
            day_of_month: Field::parse(&DAY_OF_MONTH, day_of_month)?,
            month: Field::parse(&MONTH, month)?,
            day_of_week: Field::parse(&DAY_OF_WEEK, day_of_week)?,
        };
        if !cron.can_fire() {
            return Err(format!("can never fire: no such month has the day {day_of_month}"));
        }
        Ok(cron)
    }

    /// Whether some chosen month is long enough for some chosen day.
    fn can_fire(&self) -> bool {
        let longest = |month| match month {
            2 => 29,
            4 | 6 | 9 | 11 => 30,
            _ => 31,
        };
        let some_day = self.month.values().any(|month| self.day_of_month.values().any(|day| day <= longest(month)));
        some_day || !self.day_of_week.is_any()
    }

    /// When both day fields are restricted, a day matches either of them.
    fn matches_day(&self, date: NaiveDate) -> bool {
        let day_of_month = self.day_of_month.contains(date.day());
        let day_of_week = self.day_of_week.contains(date.weekday().num_days_from_sunday());
        let day = if self.day_of_month.is_any() || self.day_of_week.is_any() {
            day_of_month && day_of_week
        } else {
            day_of_month || day_of_week
        };
        day && self.month.contains(date.month())
    }

    fn matches(&self, wall: NaiveDateTime) -> bool {
        self.minute.contains(wall.minute()) && self.hour.contains(wall.hour()) && self.matches_day(wall.date())
    }

    /// The first wall-clock minute of the set that is later than `wall`.
    fn next_wall(&self, wall: NaiveDateTime) -> Option<NaiveDateTime> {
        if self.matches_day(wall.date())
            && let Some(time) = self.next_time(Some(wall.time()))
        {
            return Some(wall.date().and_time(time));
        }
        let first = self.next_time(None)?;
        let last_year = wall.year() + YEARS_SEARCHED;
        let mut date = wall.date().checked_add_days(Days::new(1))?;
        while date.year() <= last_year {
            if !self.month.contains(date.month()) {
                date = first_of_next_month(date)?;
            } else if self.matches_day(date) {
                return Some(date.and_time(first));
            } else {
                date = date.succ_opt()?;
            }
        }
        None
    }

    /// The first time of day of the set; later than `after` if that is given.
    fn next_time(&self, after: Option<NaiveTime>) -> Option<NaiveTime> {
        let hour = after.map_or(0, |after| after.hour());
        if let Some(after) = after
            && self.hour.contains(hour)
            && let Some(minute) = self.minute.values().find(|minute| *minute > after.minute())
        {
            return NaiveTime::from_hms_opt(hour, minute, 0);
        }
        let next_hour = self.hour.values().find(|next| after.is_none() || *next > hour)?;
        NaiveTime::from_hms_opt(next_hour, self.minute.values().next()?, 0)
    }

    /// Whether minute and hour both do without a leading `*`: such a time of day happens once a day, whatever the
    /// clocks do.
    fn is_fixed_time(&self) -> bool {
        !self.minute.starts_with_star() && !self.hour.starts_with_star()
    }

    /// The expression as a sentence: "At 02:00, Monday to Friday".
    pub fn words(&self) -> String {
        words::sentence(self)
    }
}

fn first_of_next_month(date: NaiveDate) -> Option<NaiveDate> {
    let (year, month) = if date.month() == 12 { (date.year() + 1, 1) } else { (date.year(), date.month() + 1) };
    NaiveDate::from_ymd_opt(year, month, 1)
}

fn named(name: &str) -> Result<&'static str, String> {
    match name.to_ascii_lowercase().as_str() {
        "hourly" => Ok("0 * * * *"),
        "daily" | "midnight" => Ok("0 0 * * *"),
        "weekly" => Ok("0 0 * * 0"),
        "monthly" => Ok("0 0 1 * *"),
        "yearly" | "annually" => Ok("0 0 1 1 *"),
        _ => Err(format!("@{name} is not known; there are @hourly, @daily, @weekly, @monthly and @yearly")),
    }
}

#[cfg(test)]
mod tests;
