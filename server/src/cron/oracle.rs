//! Schedules against independent implementations: every zone, 1970 to 2100, half of the cases around changes of a clock.
//!
//! The oracle is `croner`. It is known to differ from our rule in two things, and there it is not asked: fixed hours or
//! minutes that are a list or a range near a change of the clocks (it fires twice in a repeated hour) are compared with
//! [`by_minute`]; and dates that hardly ever exist are left out (it searches for long).

use chrono::{DateTime, MappedLocalTime, NaiveDateTime, TimeDelta, TimeZone, Utc};
use chrono_tz::{OffsetComponents, TZ_VARIANTS, Tz};
use model::Timestamp;

use super::Cron;
use crate::random::Random;

/// Random cases of a run.
const CASES: usize = 100_000;
const FROM: i64 = 0;
/// 2100
const TO: i64 = 4_102_444_800;
const DAY: i64 = 86_400;
/// No zone keeps a clock change for less than this.
const CHANGES_APART_MIN: i64 = 10 * DAY;
/// Days that [`by_minute`] looks at.
const DAYS: i64 = 4;

/// A zone and when its clocks change.
struct Zone {
    zone: Tz,
    changes: Vec<i64>,
}

impl Zone {
    fn new(zone: Tz) -> Self {
        let mut changes = Vec::new();
        let mut from = FROM;
        while from < TO {
            let to = from + CHANGES_APART_MIN;
            if offset(zone, from) != offset(zone, to) {
                let (mut before, mut after) = (from, to);
                while after - before > 1 {
                    let middle = before + (after - before) / 2;
                    if offset(zone, middle) == offset(zone, from) { before = middle } else { after = middle }
                }
                changes.push(after);
            }
            from = to;
        }
        Self { zone, changes }
    }

    /// Whether a clock change is near enough to matter for the next few days.
    fn changes_near(&self, at: i64) -> bool {
        let next = self.changes.partition_point(|change| *change < at - 2 * DAY);
        self.changes.get(next).is_some_and(|change| *change < at + 5 * DAY)
    }
}

fn instant(seconds: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(seconds, 0).expect("in range")
}

fn offset(zone: Tz, seconds: i64) -> TimeDelta {
    let offset = zone.offset_from_utc_datetime(&instant(seconds).naive_utc());
    offset.base_utc_offset() + offset.dst_offset()
}

fn field(random: &mut Random, min: u32, max: u32) -> String {
    let any = |random: &mut Random| min + random.below_u32(max - min + 1);
    let part = |random: &mut Random| {
        let (a, b) = (any(random), any(random));
        match random.below(3) {
            0 => a.to_string(),
            1 => format!("{}-{}", a.min(b), a.max(b)),
            _ => format!("{}-{}/{}", a.min(b), a.max(b), 1 + random.below(7)),
        }
    };
    match random.below(8) {
        0..4 => "*".to_owned(),
        4 => format!("*/{}", 1 + random.below_u32(max.min(20))),
        5 => any(random).to_string(),
        _ => (0..=random.below(2)).map(|_| part(random)).collect::<Vec<_>>().join(","),
    }
}

/// The first occurrence of fixed times of day later than `after`, within some days: the first instant of each of the
/// expression's wall-clock minutes there.
///
/// The minutes come from the same expression in UTC, where nothing is ever changed.
fn by_minute(zone: &Zone, cron: &Cron, after: i64) -> Option<i64> {
    // Clocks that are set back bring minutes back; none is set back by more than a day.
    let start = instant(after).with_timezone(&zone.zone).naive_local() - TimeDelta::days(1);
    let end = start + TimeDelta::days(DAYS);
    let mut walls = std::iter::successors(Some(start), |wall| {
        let next = cron.next(Tz::UTC, Timestamp::from_datetime(wall.and_utc()))?;
        Some(next.at.to_datetime().naive_utc()).filter(|wall| *wall < end)
    });
    walls.next();
    let instants = walls.map(|wall| match zone.zone.from_local_datetime(&wall) {
        MappedLocalTime::Single(at) | MappedLocalTime::Ambiguous(at, _) => at.timestamp(),
        MappedLocalTime::None => end_of_gap(zone, wall),
    });
    instants.filter(|at| *at > after).min()
}

/// The instant of the change that skips `wall`.
fn end_of_gap(zone: &Zone, wall: NaiveDateTime) -> i64 {
    let shown = |at: i64| instant(at).with_timezone(&zone.zone).naive_local();
    let around = zone.changes.partition_point(|change| *change < wall.and_utc().timestamp() - 2 * DAY);
    let change = zone.changes[around..].iter().find(|change| shown(**change - 1) < wall && wall < shown(**change));
    *change.expect("a time that is skipped is skipped by a change")
}

/// One random case; `None` when there is nothing to compare it with.
fn check(random: &mut Random, zones: &[Zone]) -> Option<()> {
    let zone = &zones[random.below(zones.len())];
    let (minute, hour) = (field(random, 0, 59), field(random, 0, 23));
    let (day, month, weekday) = (field(random, 1, 28), field(random, 1, 12), field(random, 0, 7));
    let expression = format!("{minute} {hour} {day} {month} {weekday}");
    let after = match zone.changes.len() {
        changes if changes > 0 && random.one_in(2) => {
            zone.changes[random.below(changes)] - DAY + i64::from(random.below_u32(2 * 86_400))
        }
        _ => FROM + i64::try_from(random.bits() % u64::try_from(TO - FROM).unwrap()).unwrap(),
    };
    let ours = Cron::parse(&expression).unwrap();
    let next = ours.next(zone.zone, Timestamp::from_datetime(instant(after))).unwrap().at;
    let next = next.to_datetime().timestamp();
    let context = || format!("{expression} in {} after {}", zone.zone, instant(after));
    assert!(next > after, "{}: {next} is not later", context());
    let fixed = !minute.starts_with('*') && !hour.starts_with('*');
    let several = [&minute, &hour].iter().any(|field| field.contains([',', '-']));
    if fixed && several && (zone.changes_near(after) || zone.changes_near(next)) {
        let expected = by_minute(zone, &ours, after)?;
        assert_eq!(instant(next), instant(expected), "{}", context());
        return Some(());
    }
    let theirs: croner::Cron = expression.parse().unwrap();
    let expected = theirs.find_next_occurrence(&instant(after).with_timezone(&zone.zone), false).ok()?;
    assert_eq!(instant(next), expected.to_utc(), "{}", context());
    Some(())
}

#[test]
fn every_zone_agrees_with_an_independent_implementation() {
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let zones: Vec<Zone> = TZ_VARIANTS.into_iter().map(Zone::new).collect();
    let compared: usize = std::thread::scope(|scope| {
        let workers: Vec<_> = (0..cores)
            .map(|core| {
                let zones = &zones;
                let mut random = Random::new(70 + core as u64);
                scope.spawn(move || (0..CASES.div_ceil(cores)).filter_map(|_| check(&mut random, zones)).count())
            })
            .collect();
        workers.into_iter().map(|worker| worker.join().expect("a case differs")).sum()
    });
    println!("{compared} of {CASES} cases compared, {} zones", zones.len());
    assert!(compared > CASES * 9 / 10, "{compared}");
}

/// Whatever one asks, the answer is later, and a chain of answers comes to every date without going in circles.
#[test]
fn a_chain_of_occurrences_only_grows() {
    for (expression, zone, after) in [
        ("0 0 29 2 *", "Europe/Brussels", "2096-03-01T00:00:00Z"),
        ("0 0 31 * *", "America/New_York", "1999-12-31T23:59:59Z"),
        ("* * * * *", "Pacific/Apia", "2011-12-30T09:58:00Z"),
        ("*/7 2 * * *", "Australia/Lord_Howe", "2026-04-04T12:00:00Z"),
        ("0 0 * * *", "Africa/Cairo", "2026-04-22T23:00:00Z"),
    ] {
        let (cron, zone): (_, Tz) = (Cron::parse(expression).unwrap(), zone.parse().unwrap());
        let mut last: Timestamp = after.parse().unwrap();
        for _ in 0..200 {
            let Some(next) = cron.next(zone, last) else { break };
            assert!(next.at > last, "{expression} in {zone} after {last}: {}", next.at);
            last = next.at;
        }
    }
}
