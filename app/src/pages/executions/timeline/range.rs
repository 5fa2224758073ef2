//! Which time the timeline shows, as its address says it, and where an instant lies in it. Days are those of the viewer.

use std::time::Duration;

use leptos_router::params::ParamsMap;
use model::{Timestamp, timeline::TimelineFilter};

use crate::{
    components::filters::{midnight, text},
    format,
    viewer::Wall,
};

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
    pub(super) wall: Wall,
}

impl Asked {
    pub(super) fn of(query: &ParamsMap, now: Timestamp, wall: Wall) -> Self {
        let span = if text(query, "span").as_deref() == Some("week") { Span::Week } else { Span::Day };
        let day = text(query, "day").and_then(|day| midnight(&day, wall));
        let asked = Self { span, day: None, from: now, q: text(query, "q"), cursor: text(query, "after"), wall };
        Self { cursor: asked.cursor.clone(), ..asked.at(span, day, now) }
    }

    /// The same at another time, from the first page on.
    pub(super) fn at(&self, span: Span, day: Option<Timestamp>, now: Timestamp) -> Self {
        let from = match (span, day) {
            (span, Some(day)) => self.first_day(span, day),
            (Span::Day, None) => self.floor(now, PART).minus(4 * PART),
            (Span::Week, None) => self.floor(now, DAY).minus(3 * DAY),
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
        let day = self.day.map(|at| format!("&day={}", self.day_of(at))).unwrap_or_default();
        let mut more = ParamsMap::new();
        for (name, value) in [("q", &self.q), ("after", &self.cursor)] {
            if let Some(value) = value {
                more.insert(name, value.clone());
            }
        }
        let more = more.to_query_string().replacen('?', "&", 1);
        format!("/executions?view=timeline&span={}{day}{more}", self.span.word())
    }

    /// The day in which the span around `at` begins; weeks begin on Monday.
    pub(super) fn first_day(&self, span: Span, at: Timestamp) -> Timestamp {
        let today = self.floor(at, DAY);
        match span {
            Span::Day => today,
            Span::Week => today.minus(DAY * self.weekday(today)),
        }
    }

    /// Days since Monday; 1970-01-01 was a Thursday.
    pub(super) fn weekday(&self, at: Timestamp) -> u32 {
        let days = self.wall.shows(at).as_micros().div_euclid(86_400_000_000);
        u32::try_from((days + 3).rem_euclid(7)).expect("one of seven")
    }

    /// `2026-11-22`
    pub(super) fn day_of(&self, at: Timestamp) -> String {
        self.wall.shows(at).to_string().chars().take(10).collect()
    }

    /// `22 Nov 2026`
    pub(super) fn date(&self, at: Timestamp) -> String {
        self.wall.say(at).splitn(4, ' ').take(3).collect::<Vec<_>>().join(" ")
    }

    /// `14:02`
    pub(super) fn clock(&self, at: Timestamp) -> String {
        format::time::utc_clock(self.wall.shows(at)).chars().take(5).collect()
    }

    /// The last whole `unit` on the wall before `at`.
    fn floor(&self, at: Timestamp, unit: Duration) -> Timestamp {
        let unit = i64::try_from(unit.as_micros()).expect("a day at most");
        let shown = self.wall.shows(at).as_micros();
        self.wall.instant(Timestamp::from_micros(shown.div_euclid(unit) * unit))
    }

    /// Where an instant lies in the drawing, from 0 to [`WIDTH`].
    pub(super) fn place(&self, at: Timestamp) -> f64 {
        let whole = self.to().since(self.from).as_secs_f64();
        (at.since(self.from).as_secs_f64() / whole * WIDTH).min(WIDTH)
    }
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
        let asked = Asked::of(&query(&[("span", "week"), ("day", "2026-11-22")]), now, Wall::default());
        assert_eq!(asked.day_of(asked.from), "2026-11-16");
        assert_eq!(asked.day_of(asked.to()), "2026-11-23");
        assert_eq!(asked.address(), "/executions?view=timeline&span=week&day=2026-11-16");
        let around_now = Asked::of(&query(&[]), now, Wall::default());
        assert_eq!(around_now.from.to_string(), "2026-11-22T00:00:00.000000Z", "twelve to fifteen hours before");
        assert_eq!(around_now.address(), "/executions?view=timeline&span=day");
        let day_before = Asked::of(&query(&[("day", "2026-11-21"), ("q", "a&b")]), now, Wall::default());
        assert_eq!(day_before.address(), "/executions?view=timeline&span=day&day=2026-11-21&q=a%26b");
        assert_eq!(day_before.place(day_before.from.plus(DAY / 2)), WIDTH / 2.0);
        assert_eq!(day_before.place(now), WIDTH, "what is later is at the end");
    }

    #[test]
    fn a_day_is_the_viewers() {
        let late: Timestamp = "2026-11-22T23:30:00Z".parse().expect("a time");
        let asked = Asked::of(&ParamsMap::new(), late, Wall::ahead(60));
        let today = asked.at(Span::Day, Some(late), late);
        assert_eq!(today.from.to_string(), "2026-11-22T23:00:00.000000Z", "midnight there");
        assert_eq!(today.address(), "/executions?view=timeline&span=day&day=2026-11-23");
        assert_eq!((today.clock(late), today.date(late)), ("00:30".to_owned(), "23 Nov 2026".to_owned()));
        assert_eq!(today.weekday(late), 0, "a Monday already");
    }
}
