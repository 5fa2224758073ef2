//! When a schedule fires: simple boundaries, cron in a zone, or never.

use std::time::Duration;

use chrono_tz::Tz;
use model::{
    Error, FieldError, Timestamp, limits,
    schedule::{Occurrences, Preview, PreviewRequest, Schedule, Unit},
};

use crate::cron::{Affected, Cron, Occurrence};

/// When a schedule fires; On-Demand never does by itself. It is read once, however often it is asked.
///
/// `zone` and the expression were checked when they were saved; were they unreadable all the same (a zone that a newer
/// time zone database dropped), the schedule does not fire.
pub fn occurrences(schedule: &Schedule, zone: &str, anchor: Timestamp) -> Occurrences {
    match schedule {
        Schedule::Simple { every, unit } => {
            let interval = Schedule::interval(*every, *unit).ok();
            Box::new(move |after| interval.map(|interval| next_boundary(anchor, interval, after)))
        }
        Schedule::Cron { expression } => match (zone.parse(), Cron::parse(expression)) {
            (Ok(zone), Ok(cron)) => Box::new(move |after| Some(cron.next(zone, after)?.at)),
            _ => Box::new(|_| None),
        },
        Schedule::OnDemand => Box::new(|_| None),
    }
}

/// The first of `anchor + k·interval`, k ≥ 1, that is later than `after`.
fn next_boundary(anchor: Timestamp, interval: Duration, after: Timestamp) -> Timestamp {
    let passed = after.since(anchor).as_micros() / interval.as_micros();
    let micros = u64::try_from((passed + 1) * interval.as_micros()).unwrap_or(u64::MAX);
    anchor.plus(Duration::from_micros(micros))
}

/// What is wrong with a schedule and its zone, each at its field.
pub fn problems(schedule: &Schedule, zone: &str) -> Vec<FieldError> {
    let mut problems = Vec::new();
    if zone.parse::<Tz>().is_err() {
        let message = format!("“{zone}” is not a time zone; an IANA name such as Europe/Brussels is needed");
        problems.push(FieldError::new("time_zone", message));
    }
    let problem = match schedule {
        Schedule::Simple { every, unit } => Schedule::interval(*every, *unit).err(),
        Schedule::Cron { expression } => Cron::parse(expression).err(),
        Schedule::OnDemand => None,
    };
    problems.extend(problem);
    problems
}

/// The zone of this name. One that the table does not have is said where workflows are saved; names of files go on in UTC.
pub fn zone_or_utc(name: &str) -> Tz {
    name.parse().unwrap_or(Tz::UTC)
}

/// A schedule as a sentence; empty for an expression that cannot be read.
pub fn words(schedule: &Schedule) -> String {
    match schedule {
        Schedule::Simple { every: 1, unit } => format!("Every {}", singular(*unit)),
        Schedule::Simple { every, unit } => format!("Every {every} {}", unit.as_str()),
        Schedule::Cron { expression } => Cron::parse(expression).map(|cron| cron.words()).unwrap_or_default(),
        Schedule::OnDemand => "On demand".to_owned(),
    }
}

const fn singular(unit: Unit) -> &'static str {
    match unit {
        Unit::Minutes => "minute",
        Unit::Hours => "hour",
        Unit::Days => "day",
    }
}

/// The next occurrences and the schedule in words. A simple schedule is anchored at `now`, as if it were saved now.
///
/// # Errors
/// `Invalid`, with every problem at its field.
pub fn preview(request: &PreviewRequest, default_zone: &str, now: Timestamp) -> Result<Preview, Error> {
    let zone_name = request.time_zone.as_deref().unwrap_or(default_zone);
    Error::from_fields(problems(&request.schedule, zone_name))?;
    let zone: Tz = zone_name.parse().map_err(|_| Error::invalid("time_zone", "is not a time zone"))?;
    let count = request.count.unwrap_or(limits::PREVIEW_COUNT_DEFAULT).min(limits::PREVIEW_COUNT_MAX);
    let mut after = request.after.unwrap_or(now);
    let boundaries = occurrences(&request.schedule, zone_name, after);
    let cron = match &request.schedule {
        Schedule::Cron { expression } => {
            Some(Cron::parse(expression).map_err(|problem| Error::Invalid { fields: vec![problem] })?)
        }
        Schedule::Simple { .. } | Schedule::OnDemand => None,
    };
    let mut preview = Preview {
        next: Vec::with_capacity(count),
        words: words(&request.schedule),
        time_zone: zone_name.to_owned(),
        note: None,
    };
    while preview.next.len() < count {
        let next = match &cron {
            Some(cron) => cron.next(zone, after),
            None => boundaries(after).map(|at| Occurrence { at, affected: None }),
        };
        let Some(occurrence) = next else { break };
        if preview.note.is_none() {
            preview.note = occurrence.affected.map(|affected| note(affected, occurrence.at, zone));
        }
        preview.next.push(occurrence.at);
        after = occurrence.at;
    }
    Ok(preview)
}

fn note(affected: Affected, at: Timestamp, zone: Tz) -> String {
    let date = |wall: chrono::NaiveDateTime| wall.format("%-d %B %Y").to_string();
    let time = |wall: chrono::NaiveDateTime| wall.format("%H:%M").to_string();
    match affected {
        Affected::Skipped { wall } => {
            let moved = at.to_datetime().with_timezone(&zone).naive_local();
            format!("On {} the clocks in {zone} skip {}: it runs at {} instead.", date(wall), time(wall), time(moved))
        }
        Affected::OnceOfTwice { wall } => {
            format!("On {} {} comes twice in {zone}: it runs the first time only.", date(wall), time(wall))
        }
        Affected::BothTimes { wall } => {
            format!("On {} {} comes twice in {zone}: it runs both times.", date(wall), time(wall))
        }
    }
}

#[cfg(test)]
mod tests {
    use expect_test::{Expect, expect};

    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[test]
    fn boundaries_are_anchor_plus_k_intervals_however_late_one_looks() {
        let every_6_hours = Schedule::Simple { every: 6, unit: Unit::Hours };
        let anchor = at("2026-01-01T10:17:00Z");
        let occurrences = occurrences(&every_6_hours, "UTC", anchor);
        let next = |after: &str| occurrences(at(after)).unwrap();
        assert_eq!(next("2026-01-01T10:17:00Z"), at("2026-01-01T16:17:00Z"));
        assert_eq!(next("2026-01-01T16:16:59Z"), at("2026-01-01T16:17:00Z"));
        assert_eq!(next("2026-01-01T16:17:00Z"), at("2026-01-01T22:17:00Z"));
        assert_eq!(next("2026-03-05T00:00:00Z"), at("2026-03-05T04:17:00Z"));
        // A clock that was set back before the anchor.
        assert_eq!(next("2025-12-31T00:00:00Z"), at("2026-01-01T16:17:00Z"));
    }

    fn check_note(expression: &str, after: &str, expected: Expect) {
        let request = PreviewRequest {
            schedule: Schedule::Cron { expression: expression.to_owned() },
            time_zone: Some("Europe/Brussels".to_owned()),
            after: Some(at(after)),
            count: Some(3),
        };
        let preview = preview(&request, "UTC", at(after)).unwrap();
        assert_eq!(preview.next.len(), 3);
        expected.assert_eq(&preview.note.unwrap_or_default());
    }

    #[test]
    fn a_preview_says_what_a_clock_change_does() {
        check_note(
            "30 2 * * *",
            "2026-03-28T00:00:00Z",
            expect!["On 29 March 2026 the clocks in Europe/Brussels skip 02:30: it runs at 03:00 instead."],
        );
        check_note(
            "30 2 * * *",
            "2026-10-24T00:00:00Z",
            expect!["On 25 October 2026 02:30 comes twice in Europe/Brussels: it runs the first time only."],
        );
        check_note(
            "30 * * * *",
            "2026-10-25T00:00:00Z",
            expect!["On 25 October 2026 02:30 comes twice in Europe/Brussels: it runs both times."],
        );
        check_note("30 2 * * *", "2026-06-01T00:00:00Z", expect![""]);
    }

    #[test]
    fn problems_are_told_all_at_once() {
        let schedule = Schedule::Cron { expression: "0 25 * * *".to_owned() };
        let fields: Vec<String> =
            problems(&schedule, "Mars/Olympus").into_iter().map(|problem| problem.field).collect();
        assert_eq!(fields, ["time_zone", "schedule.expression"]);
    }
}
