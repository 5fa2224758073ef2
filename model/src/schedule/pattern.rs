//! The schedules that people mean most often, as the fields of the form and as cron expressions. Pure: the form translates
//! both ways while someone types, in the browser and on the server.

use std::fmt;

/// What a cron expression means when it is one of these; any other is written by hand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pattern {
    /// Every hour at this minute.
    Hourly { minute: u8 },
    /// Every day at this time.
    Daily { at: Time },
    /// On these days of the week.
    Weekly { days: Weekdays, at: Time },
    /// On this day of the month, 1–31; months without it are left out.
    Monthly { day: u8, at: Time },
}

/// A time of day; hour 0–23, minute 0–59.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Time {
    pub hour: u8,
    pub minute: u8,
}

/// Days of the week, never none. Bit 0 is Sunday, as in cron.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Weekdays(u8);

impl Weekdays {
    pub const MONDAY_TO_FRIDAY: Weekdays = Weekdays(0b11_1110);

    /// `None` for no day at all, which no expression means.
    pub fn of(days: impl IntoIterator<Item = u8>) -> Option<Self> {
        let set = days.into_iter().filter(|day| *day < 7).fold(0, |set, day| set | 1 << day);
        (set != 0).then_some(Self(set))
    }

    /// `day`: 0 is Sunday.
    pub const fn contains(self, day: u8) -> bool {
        self.0 >> day & 1 == 1
    }

    /// The same with one day more or less; unchanged when none would be left.
    pub const fn toggled(self, day: u8) -> Self {
        match self.0 ^ 1 << day {
            0 => self,
            days => Self(days),
        }
    }

    /// Runs of consecutive days, first and last, from Sunday on.
    fn runs(self) -> Vec<(u8, u8)> {
        let mut runs: Vec<(u8, u8)> = Vec::new();
        for day in (0..7).filter(|day| self.contains(*day)) {
            match runs.last_mut() {
                Some((_, last)) if *last + 1 == day => *last = day,
                _ => runs.push((day, day)),
            }
        }
        runs
    }
}

impl Pattern {
    /// `None` for what only the text can say, and for what is no expression at all.
    pub fn parse(expression: &str) -> Option<Self> {
        let expression = expression.trim().to_ascii_lowercase();
        let fields: Vec<&str> = match expression.as_str() {
            "@hourly" => vec!["0", "*", "*", "*", "*"],
            "@daily" | "@midnight" => vec!["0", "0", "*", "*", "*"],
            "@weekly" => vec!["0", "0", "*", "*", "0"],
            "@monthly" => vec!["0", "0", "1", "*", "*"],
            written => written.split_whitespace().collect(),
        };
        let [minute, hour, day, "*", weekdays] = fields[..] else { return None };
        let minute = number(minute, 0, 59)?;
        if [hour, day, weekdays] == ["*"; 3] {
            return Some(Pattern::Hourly { minute });
        }
        let at = Time { hour: number(hour, 0, 23)?, minute };
        match (day, weekdays) {
            ("*", "*") => Some(Pattern::Daily { at }),
            ("*", weekdays) => Some(Pattern::Weekly { days: days(weekdays)?, at }),
            (day, "*") => Some(Pattern::Monthly { day: number(day, 1, 31)?, at }),
            // Either of two days: nothing that people say in one breath.
            _ => None,
        }
    }
}

/// The expression.
impl fmt::Display for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Pattern::Hourly { minute } => write!(f, "{minute} * * * *"),
            Pattern::Daily { at } => write!(f, "{} {} * * *", at.minute, at.hour),
            Pattern::Monthly { day, at } => write!(f, "{} {} {day} * *", at.minute, at.hour),
            Pattern::Weekly { days, at } => {
                write!(f, "{} {} * * ", at.minute, at.hour)?;
                for (place, (first, last)) in days.runs().into_iter().enumerate() {
                    let comma = if place == 0 { "" } else { "," };
                    match last - first {
                        0 => write!(f, "{comma}{first}")?,
                        1 => write!(f, "{comma}{first},{last}")?,
                        _ => write!(f, "{comma}{first}-{last}")?,
                    }
                }
                Ok(())
            }
        }
    }
}

fn number(text: &str, min: u8, max: u8) -> Option<u8> {
    let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    text.parse().ok().filter(|number| digits && (min..=max).contains(number))
}

/// A list of days and ranges of days; 0 and 7 are both Sunday.
fn days(text: &str) -> Option<Weekdays> {
    let mut all = Vec::new();
    for part in text.split(',') {
        let (first, last) = match part.split_once('-') {
            Some((first, last)) => (weekday(first)?, weekday(last)?),
            None => (weekday(part)?, weekday(part)?),
        };
        // Friday to Sunday ends on the Sunday after Friday.
        let last = if last == 0 && first > 0 { 7 } else { last };
        if first > last {
            return None;
        }
        all.extend((first..=last).map(|day| day % 7));
    }
    Weekdays::of(all)
}

fn weekday(text: &str) -> Option<u8> {
    const NAMES: [&str; 7] = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"];
    let named = NAMES.iter().position(|name| *name == text).and_then(|place| u8::try_from(place).ok());
    named.or_else(|| number(text, 0, 7))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn patterns() -> impl Strategy<Value = Pattern> {
        let time = || (0..24_u8, 0..60_u8).prop_map(|(hour, minute)| Time { hour, minute });
        prop_oneof![
            (0..60_u8).prop_map(|minute| Pattern::Hourly { minute }),
            time().prop_map(|at| Pattern::Daily { at }),
            (1..128_u8, time()).prop_map(|(days, at)| Pattern::Weekly { days: Weekdays(days), at }),
            (1..32_u8, time()).prop_map(|(day, at)| Pattern::Monthly { day, at }),
        ]
    }

    proptest! {
        #[test]
        fn a_pattern_is_read_from_its_expression(pattern in patterns()) {
            prop_assert_eq!(Pattern::parse(&pattern.to_string()), Some(pattern));
        }

        #[test]
        fn what_is_read_is_written_so_that_it_is_read_again(text in "[0-9*,/a-z@ -]{0,24}") {
            if let Some(pattern) = Pattern::parse(&text) {
                prop_assert_eq!(Pattern::parse(&pattern.to_string()), Some(pattern));
            }
        }

        #[test]
        fn a_day_is_put_in_and_taken_out(days in 1..128_u8, day in 0..7_u8) {
            let toggled = Weekdays(days).toggled(day);
            prop_assert!((0..7).any(|day| toggled.contains(day)));
            prop_assert!(toggled == Weekdays(days) || toggled.toggled(day) == Weekdays(days));
        }
    }

    #[test]
    fn people_write_the_same_in_many_ways() {
        let check = |text: &str, expression: &str| {
            assert_eq!(Pattern::parse(text).map(|pattern| pattern.to_string()).as_deref(), Some(expression), "{text}");
        };
        check("@daily", "0 0 * * *");
        check(" 05 2  * * Mon-FRI ", "5 2 * * 1-5");
        check("0 6 * * 7,6", "0 6 * * 0,6");
        check("0 6 * * fri-sun", "0 6 * * 0,5,6");
        check("30 * * * *", "30 * * * *");
        check("0 6 31 * *", "0 6 31 * *");
    }

    #[test]
    fn what_is_more_is_left_to_the_text() {
        for text in
            ["", "*/15 * * * *", "0 2 1 * 1", "0 2 * 6 *", "0 */2 * * *", "0 25 * * *", "@yearly", "0 2 * * 5-1"]
        {
            assert_eq!(Pattern::parse(text), None, "{text}");
        }
    }
}
