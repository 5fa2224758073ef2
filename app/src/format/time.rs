//! Instants as text for people.

use model::Timestamp;

use super::duration;

const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
const WEEKDAYS: [&str; 7] = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"];

/// What is said of an instant once the viewer's clock is known.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Saying {
    /// `12 s ago`, `in 11 h 4 m`
    #[default]
    Distance,
    /// `Today 14:02`
    Moment,
    /// `in 11 h 4 m · Tomorrow 02:00`; `due` once it is reached.
    Due,
}

impl Saying {
    const ALL: [Saying; 3] = [Saying::Distance, Saying::Moment, Saying::Due];

    /// The word in the page's markup.
    pub const fn as_str(self) -> &'static str {
        match self {
            Saying::Distance => "distance",
            Saying::Moment => "moment",
            Saying::Due => "due",
        }
    }

    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|saying| saying.as_str() == word)
    }
}

/// What a person wants to know of the instant `at`; `wall` and `wall_now` are the two instants on the viewer's wall.
pub fn say(saying: Saying, at: Timestamp, now: Timestamp, wall: &WallTime, wall_now: &WallTime) -> String {
    match saying {
        Saying::Distance => relative(at, now),
        Saying::Moment => wall.near(wall_now),
        Saying::Due if at <= now => format!("due · {}", wall.near(wall_now)),
        Saying::Due => format!("{} · {}", relative(at, now), wall.near(wall_now)),
    }
}

/// An instant on the wall: calendar day and time in one zone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WallTime {
    pub year: i32,
    /// 1–12
    pub month: u32,
    /// 1–31
    pub day: u32,
    pub hour: u32,
    pub minute: u32,
    pub second: u32,
    /// Minutes that the zone is ahead of UTC.
    pub offset_minutes: i32,
}

impl WallTime {
    /// Days since 1970-01-01. Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms", `days_from_civil`.
    fn day_number(&self) -> i64 {
        let month = i64::from(self.month);
        let year = i64::from(self.year) - i64::from(month <= 2);
        let era = year.div_euclid(400);
        let year_of_era = year.rem_euclid(400);
        let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + i64::from(self.day) - 1;
        era * 146_097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719_468
    }

    fn weekday(&self) -> &'static str {
        // 1970-01-01 was a Thursday.
        WEEKDAYS[usize::try_from((self.day_number() + 4).rem_euclid(7)).unwrap_or(0)]
    }

    fn month_name(&self) -> &'static str {
        MONTHS[usize::try_from(self.month.saturating_sub(1)).unwrap_or(0).min(11)]
    }

    /// `Sun 22 Nov 2026, 14:02:11 (UTC+01:00)`: nothing left out.
    pub fn exact(&self) -> String {
        format!(
            "{} {} {} {}, {:02}:{:02}:{:02} ({})",
            self.weekday(),
            self.day,
            self.month_name(),
            self.year,
            self.hour,
            self.minute,
            self.second,
            zone(self.offset_minutes)
        )
    }

    /// `Today 14:02`, `Tomorrow 02:00`, `Fri 20 Nov 02:06`, `3 Mar 2024 02:06`: as seen from `now`.
    pub fn near(&self, now: &WallTime) -> String {
        let time = format!("{:02}:{:02}", self.hour, self.minute);
        let month = self.month_name();
        match self.day_number() - now.day_number() {
            0 => format!("Today {time}"),
            1 => format!("Tomorrow {time}"),
            -1 => format!("Yesterday {time}"),
            -180..=180 => format!("{} {} {month} {time}", self.weekday(), self.day),
            _ => format!("{} {month} {} {time}", self.day, self.year),
        }
    }
}

/// `UTC+01:00`, the name of a distance from UTC.
pub fn zone(ahead_minutes: i32) -> String {
    let sign = if ahead_minutes < 0 { '-' } else { '+' };
    let minutes = ahead_minutes.abs();
    if minutes == 0 { "UTC".to_owned() } else { format!("UTC{sign}{:02}:{:02}", minutes / 60, minutes % 60) }
}

/// `22 Nov 2026 14:02 UTC`: what the server writes, before the browser knows better.
pub fn utc(at: Timestamp) -> String {
    let text = at.to_string();
    let part = |from: usize, to: usize| text.get(from..to).unwrap_or_default();
    let month = part(5, 7).parse::<usize>().ok().and_then(|month| MONTHS.get(month.saturating_sub(1))).copied();
    let day = part(8, 10).trim_start_matches('0');
    format!("{day} {} {} {} UTC", month.unwrap_or_default(), part(0, 4), part(11, 16))
}

/// `14:02:11.204`, the time of day in UTC: for log lines, whose distance matters more than their date.
pub fn utc_clock(at: Timestamp) -> String {
    at.to_string().get(11..23).unwrap_or_default().to_owned()
}

/// `12 s ago`, `38 min ago`, `in 11 h 4 m`, `now`.
pub fn relative(at: Timestamp, now: Timestamp) -> String {
    if at > now {
        let left = at.since(now);
        return if left.as_secs() == 0 { "now".to_owned() } else { format!("in {}", whole(left)) };
    }
    let seconds = now.since(at).as_secs();
    match seconds {
        0 => "just now".to_owned(),
        1..60 => format!("{seconds} s ago"),
        60..3_600 => format!("{} min ago", seconds / 60),
        3_600..86_400 => format!("{} h ago", seconds / 3_600),
        86_400..172_800 => "1 day ago".to_owned(),
        _ => format!("{} days ago", seconds / 86_400),
    }
}

/// A duration in whole seconds: a counter does not show tenths.
pub fn whole(time: std::time::Duration) -> String {
    match time.as_secs() {
        seconds @ 0..10 => format!("{seconds} s"),
        seconds => duration(std::time::Duration::from_secs(seconds)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wall(year: i32, month: u32, day: u32, hour: u32, minute: u32) -> WallTime {
        WallTime { year, month, day, hour, minute, second: 7, offset_minutes: 60 }
    }

    #[test]
    fn days_are_named_as_seen_from_today() {
        let now = wall(2026, 11, 22, 14, 0);
        let check = |at: WallTime, text: &str| assert_eq!(at.near(&now), text);
        check(wall(2026, 11, 22, 14, 2), "Today 14:02");
        check(wall(2026, 11, 23, 2, 0), "Tomorrow 02:00");
        check(wall(2026, 11, 21, 2, 0), "Yesterday 02:00");
        check(wall(2026, 11, 20, 2, 6), "Fri 20 Nov 02:06");
        check(wall(2027, 1, 3, 2, 6), "Sun 3 Jan 02:06");
        check(wall(2024, 2, 29, 23, 59), "29 Feb 2024 23:59");
    }

    #[test]
    fn the_exact_time_leaves_nothing_out() {
        assert_eq!(wall(2026, 11, 22, 14, 2).exact(), "Sun 22 Nov 2026, 14:02:07 (UTC+01:00)");
        assert_eq!(utc(Timestamp::from_micros(1_700_000_000_000_000)), "14 Nov 2023 22:13 UTC");
        assert_eq!(utc_clock(Timestamp::from_micros(1_700_000_000_204_000)), "22:13:20.204");
    }

    #[test]
    fn distances_count_down_and_up() {
        let now = Timestamp::from_micros(1_700_000_000_000_000);
        let check = |seconds: i64, text: &str| {
            assert_eq!(relative(Timestamp::from_micros(now.as_micros() + seconds * 1_000_000), now), text);
        };
        check(0, "just now");
        check(-12, "12 s ago");
        check(-38 * 60, "38 min ago");
        check(-13 * 3_600, "13 h ago");
        check(-2 * 86_400, "2 days ago");
        check(5, "in 5 s");
        check(11 * 3_600 + 4 * 60, "in 11 h 4 m");
    }
}
