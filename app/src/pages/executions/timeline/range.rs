//! Which time the timeline shows, as its address says it, and where an instant lies in it. Days are those of UTC.

use std::time::Duration;

use leptos_router::params::ParamsMap;
use model::{Timestamp, timeline::TimelineFilter};

use crate::{format, pages::executions::midnight};

pub(super) const DAY: Duration = Duration::from_secs(86_400);
/// What a mark on the axis of a day stands for; there are eight.
pub(super) const PART: Duration = Duration::from_secs(3 * 3600);
pub(super) const SECOND: Duration = Duration::from_secs(1);
/// Units of a row's drawing; it is scaled to its place.
pub(super) const WIDTH: f64 = 1000.0;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Span {
    Day,
    Week,
}

impl Span {
    pub(super) const fn word(self) -> &'static str {
        match self {
            Span::Day => "day",
            Span::Week => "week",
        }
    }

    pub(super) const fn label(self) -> &'static str {
        match self {
            Span::Day => "Day",
            Span::Week => "Week",
        }
    }

    pub(super) const fn days(self) -> u32 {
        match self {
            Span::Day => 1,
            Span::Week => 7,
        }
    }
}

/// What the address asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Asked {
    pub(super) span: Span,
    /// A day of the range; without one, now is in its middle, with as much that ran as will run.
    pub(super) day: Option<Timestamp>,
    pub(super) from: Timestamp,
    pub(super) q: Option<String>,
    pub(super) cursor: Option<String>,
}

impl Asked {
    pub(super) fn of(query: &ParamsMap, now: Timestamp) -> Self {
        let text = |name: &str| query.get(name).filter(|text| !text.trim().is_empty());
        let span = if text("span").as_deref() == Some("week") { Span::Week } else { Span::Day };
        let day = text("day").and_then(|day| midnight(&day));
        let asked = Self { span, day: None, from: now, q: text("q"), cursor: text("after") };
        Self { cursor: asked.cursor.clone(), ..asked.at(span, day, now) }
    }

    /// The same at another time, from the first page on.
    pub(super) fn at(&self, span: Span, day: Option<Timestamp>, now: Timestamp) -> Self {
        let from = match (span, day) {
            (span, Some(day)) => first_day(span, day),
            (Span::Day, None) => floor(now, PART).minus(4 * PART),
            (Span::Week, None) => floor(now, DAY).minus(3 * DAY),
        };
        Self { span, day: day.map(|_| from), from, cursor: None, ..self.clone() }
    }

    pub(super) fn to(&self) -> Timestamp {
        self.from.plus(DAY * self.span.days())
    }

    pub(super) fn filter(&self) -> TimelineFilter {
        TimelineFilter { from: self.from, to: self.to(), q: self.q.clone(), cursor: self.cursor.clone() }
    }

    pub(super) fn address(&self) -> String {
        let day = self.day.map(|at| format!("&day={}", day(at))).unwrap_or_default();
        let mut more = ParamsMap::new();
        for (name, value) in [("q", &self.q), ("after", &self.cursor)] {
            if let Some(value) = value {
                more.insert(name, value.clone());
            }
        }
        let more = more.to_query_string().replacen('?', "&", 1);
        format!("/executions?view=timeline&span={}{day}{more}", self.span.word())
    }

    /// Where an instant lies in the drawing, from 0 to [`WIDTH`].
    pub(super) fn place(&self, at: Timestamp) -> f64 {
        let whole = self.to().since(self.from).as_secs_f64();
        (at.since(self.from).as_secs_f64() / whole * WIDTH).min(WIDTH)
    }
}

/// The day in which the span around `at` begins; weeks begin on Monday.
pub(super) fn first_day(span: Span, at: Timestamp) -> Timestamp {
    let today = floor(at, DAY);
    match span {
        Span::Day => today,
        Span::Week => today.minus(DAY * weekday(today)),
    }
}

/// Days since Monday; 1970-01-01 was a Thursday.
pub(super) fn weekday(at: Timestamp) -> u32 {
    let days = at.as_micros().div_euclid(86_400_000_000);
    u32::try_from((days + 3).rem_euclid(7)).expect("one of seven")
}

/// The last whole `unit` before `at`.
fn floor(at: Timestamp, unit: Duration) -> Timestamp {
    let unit = i64::try_from(unit.as_micros()).expect("a day at most");
    Timestamp::from_micros(at.as_micros().div_euclid(unit) * unit)
}

/// `2026-11-22`
pub(super) fn day(at: Timestamp) -> String {
    at.to_string().chars().take(10).collect()
}

/// `22 Nov 2026`
pub(super) fn date(at: Timestamp) -> String {
    format::time::utc(at).splitn(4, ' ').take(3).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_week_begins_on_monday_and_the_address_says_the_same_again() {
        let now: Timestamp = "2026-11-22T14:02:00Z".parse().expect("a time");
        let query = |pairs: &[(&'static str, &str)]| -> ParamsMap {
            pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
        };
        let asked = Asked::of(&query(&[("span", "week"), ("day", "2026-11-22")]), now);
        assert_eq!((day(asked.from).as_str(), day(asked.to()).as_str()), ("2026-11-16", "2026-11-23"));
        assert_eq!(asked.address(), "/executions?view=timeline&span=week&day=2026-11-16");
        let around_now = Asked::of(&query(&[]), now);
        assert_eq!(around_now.from.to_string(), "2026-11-22T00:00:00.000000Z", "twelve to fifteen hours before");
        assert_eq!(around_now.address(), "/executions?view=timeline&span=day");
        let day_before = Asked::of(&query(&[("day", "2026-11-21"), ("q", "a&b")]), now);
        assert_eq!(day_before.address(), "/executions?view=timeline&span=day&day=2026-11-21&q=a%26b");
        assert_eq!(day_before.place(day_before.from.plus(DAY / 2)), WIDTH / 2.0);
        assert_eq!(day_before.place(now), WIDTH, "what is later is at the end");
    }
}
