//! Cron: the one module that knows what five fields mean.
//!
//! **Architecture invariant:** an expression is a set of wall-clock minutes and knows no zone. `cron::field` reads what
//! the user wrote, `cron::wall` alone hands it to the `cron` crate, translated into that crate's terms, and `cron::zone`
//! alone maps minutes to instants, by the rule for clock changes of Vixie cron.

mod field;
mod wall;
mod words;
mod zone;

use model::{FieldError, limits};

use field::{DAY_OF_MONTH, DAY_OF_WEEK, Field, HOUR, MINUTE, MONTH};
use wall::{Fields, WallClock};

pub use zone::{Affected, Occurrence};

/// Where a problem with an expression is reported.
const FIELD: &str = "schedule.expression";

/// A parsed expression.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cron {
    minute: Field,
    hour: Field,
    day_of_month: Field,
    month: Field,
    day_of_week: Field,
    wall: WallClock,
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
        let written = day_of_month;
        let minute = Field::parse(&MINUTE, minute)?;
        let hour = Field::parse(&HOUR, hour)?;
        let day_of_month = Field::parse(&DAY_OF_MONTH, day_of_month)?;
        let month = Field::parse(&MONTH, month)?;
        let day_of_week = Field::parse(&DAY_OF_WEEK, day_of_week)?;
        if !can_fire(&day_of_month, &month, &day_of_week) {
            return Err(format!("can never fire: no such month has the day {written}"));
        }
        let wall = WallClock::new(&Fields {
            minute: &minute,
            hour: &hour,
            day_of_month: &day_of_month,
            month: &month,
            day_of_week: &day_of_week,
        })?;
        Ok(Self { minute, hour, day_of_month, month, day_of_week, wall })
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

/// Whether some chosen month is long enough for some chosen day.
fn can_fire(day_of_month: &Field, month: &Field, day_of_week: &Field) -> bool {
    let longest = |month| match month {
        2 => 29,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    };
    let some_day = month.values().any(|month| day_of_month.values().any(|day| day <= longest(month)));
    some_day || !day_of_week.is_any()
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
mod fuzz;
#[cfg(test)]
mod oracle;
#[cfg(test)]
mod tests;
