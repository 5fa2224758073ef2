//! The next times of a schedule, as clocks in its zone show them.

use chrono::TimeZone as _;
use model::{
    Error, FieldError, Timestamp, limits,
    schedule::{PreviewRequest, Schedule},
};

use super::read;
use crate::{
    api::workflow_form::fields::{Preview, PreviewTime, ScheduleKind, WorkflowFields},
    backend::Backend,
};

/// What the schedule in the form means, or what is wrong with it.
pub(super) async fn of_form(backend: &dyn Backend, fields: &WorkflowFields) -> Result<Preview, Error> {
    let schedule = match read::schedule(fields) {
        Ok(schedule) => schedule,
        Err(problem) => return Ok(refused(vec![problem])),
    };
    let time_zone = Some(fields.time_zone.trim().to_owned()).filter(|zone| !zone.is_empty());
    let request = PreviewRequest { schedule, time_zone, after: None, count: Some(limits::PREVIEW_COUNT_DEFAULT) };
    match backend.preview_schedule(request).await {
        Ok(preview) => Ok(Preview {
            next: preview.next.iter().map(|at| in_zone(*at, &preview.time_zone)).collect(),
            words: preview.words,
            time_zone: preview.time_zone,
            note: preview.note,
            problems: Vec::new(),
        }),
        Err(Error::Invalid { fields }) => Ok(refused(fields)),
        Err(other) => Err(other),
    }
}

/// Problems of schedule and zone alone, for a draft that could not be sent to the store.
pub(super) async fn problems(backend: &dyn Backend, fields: &WorkflowFields) -> Result<Vec<FieldError>, Error> {
    // On-Demand has no times, but its zone must be one all the same.
    let readable = fields.schedule == ScheduleKind::OnDemand || read::schedule(fields).is_ok();
    let with_schedule =
        if readable { fields.clone() } else { WorkflowFields { schedule: ScheduleKind::OnDemand, ..fields.clone() } };
    Ok(of_form(backend, &with_schedule).await?.problems)
}

/// The schedule alone, as the words of a person; for showing what was typed beside what is stored.
pub(super) async fn words(backend: &dyn Backend, fields: &WorkflowFields) -> String {
    match (read::schedule(fields), of_form(backend, fields).await) {
        (Ok(Schedule::OnDemand), _) => ScheduleKind::OnDemand.label().to_owned(),
        (Ok(_), Ok(answer)) if !answer.words.is_empty() => answer.words,
        (Ok(Schedule::Cron { expression }), _) => expression,
        (Ok(Schedule::Simple { .. }) | Err(_), _) => format!("every {} {}", fields.every, fields.unit.as_str()),
    }
}

fn refused(problems: Vec<FieldError>) -> Preview {
    Preview { problems, ..Preview::default() }
}

fn in_zone(at: Timestamp, zone: &str) -> PreviewTime {
    let utc = at.to_datetime();
    let in_zone = match zone.parse::<chrono_tz::Tz>() {
        Ok(zone) => zone.from_utc_datetime(&utc.naive_utc()).format(CLOCK).to_string(),
        Err(_) => utc.format(CLOCK).to_string(),
    };
    PreviewTime { at, in_zone }
}

/// "Mon 23 Nov 2026, 02:00 CET"
const CLOCK: &str = "%a %-d %b %Y, %H:%M %Z";

/// The zones to choose from: every IANA name, without the aliases that are offsets or single words.
pub(super) fn time_zones() -> Vec<String> {
    chrono_tz::TZ_VARIANTS
        .iter()
        .map(|zone| zone.name())
        .filter(|name| *name == "UTC" || (name.contains('/') && !name.starts_with("Etc/")))
        .map(str::to_owned)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_shown_as_a_clock_in_the_zone_shows_it() {
        let at: Timestamp = "2026-10-25T00:30:00Z".parse().expect("a time");
        assert_eq!(in_zone(at, "Europe/Berlin").in_zone, "Sun 25 Oct 2026, 02:30 CEST");
        assert_eq!(in_zone(at, "UTC").in_zone, "Sun 25 Oct 2026, 00:30 UTC");
    }

    #[test]
    fn the_zones_are_those_that_people_know() {
        let zones = time_zones();
        assert!(
            ["UTC", "Europe/Berlin", "America/Argentina/Ushuaia"].iter().all(|zone| zones.iter().any(|z| z == zone))
        );
        assert!(!zones.iter().any(|zone| zone == "EST" || zone == "Etc/GMT+5"));
    }
}
