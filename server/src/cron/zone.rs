//! From wall-clock minutes to instants, where clocks are moved.
//!
//! The rule is Vixie cron's. A fixed time of day (`30 2 * * *`) happens once a day: skipped by a spring change it fires
//! at the first instant after the gap, repeated by an autumn change it fires the first time. An expression whose minute
//! or hour starts with `*` runs on elapsed time: nothing inside the gap, and in the repeated hour both times.

use chrono::{DateTime, Days, MappedLocalTime, NaiveDateTime, Offset, TimeDelta, TimeZone, Utc};
use chrono_tz::Tz;
use model::Timestamp;

use super::Cron;

/// How far a zone's clocks are ever set back (two hours at Troll, one elsewhere), with room to spare.
const SET_BACK_MAX: TimeDelta = TimeDelta::hours(4);
/// Within this time there is at most one change of the clocks.
const ONE_CHANGE: TimeDelta = TimeDelta::hours(12);

/// One time that a schedule fires.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Occurrence {
    pub at: Timestamp,
    /// When a clock change has to do with it: how.
    pub affected: Option<Affected>,
}

/// What a clock change does to an occurrence.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Affected {
    /// The wall-clock time was skipped; it fires right after the gap.
    Skipped { wall: NaiveDateTime },
    /// The wall-clock time comes twice; it fires the first time only.
    OnceOfTwice { wall: NaiveDateTime },
    /// The wall-clock time comes twice and it fires both times.
    BothTimes { wall: NaiveDateTime },
}

impl Cron {
    /// The first occurrence later than `after`.
    pub fn next(&self, zone: Tz, after: Timestamp) -> Option<Occurrence> {
        let after = after.to_datetime();
        if self.is_fixed_time() { self.next_fixed(zone, after) } else { self.next_elapsed(zone, after) }
    }

    /// Each wall-clock minute has one instant here, and later minutes never have earlier instants.
    fn next_fixed(&self, zone: Tz, after: DateTime<Utc>) -> Option<Occurrence> {
        let mut wall = local(zone, after);
        loop {
            wall = self.wall.next(wall)?;
            let (at, affected) = match zone.from_local_datetime(&wall) {
                MappedLocalTime::Single(at) => (at.to_utc(), None),
                MappedLocalTime::Ambiguous(first, _) => (first.to_utc(), Some(Affected::OnceOfTwice { wall })),
                MappedLocalTime::None => (end_of_gap(zone, wall)?, Some(Affected::Skipped { wall })),
            };
            if at > after {
                return Some(Occurrence { at: Timestamp::from_datetime(at), affected });
            }
        }
    }

    fn next_elapsed(&self, zone: Tz, after: DateTime<Utc>) -> Option<Occurrence> {
        let offset = offset_at(zone, after);
        let wall = self.wall.next(local(zone, after))?;
        let at = wall.and_utc() - offset;
        // Almost always: the clocks do not change before the next one.
        if at - after < ONE_CHANGE && offset_at(zone, at) == offset {
            return Some(self.elapsed_occurrence(zone, at));
        }
        self.next_elapsed_near_change(zone, after)
    }

    /// Looks at minutes from a little before `after` on, since clocks that are set back bring those back, too.
    fn next_elapsed_near_change(&self, zone: Tz, after: DateTime<Utc>) -> Option<Occurrence> {
        let mut wall = local(zone, after).checked_sub_signed(SET_BACK_MAX)?;
        let mut best: Option<DateTime<Utc>> = None;
        loop {
            wall = self.wall.next(wall)?;
            let (first, second) = match zone.from_local_datetime(&wall) {
                MappedLocalTime::Single(at) => (at.to_utc(), None),
                MappedLocalTime::Ambiguous(first, second) => (first.to_utc(), Some(second.to_utc())),
                MappedLocalTime::None => continue,
            };
            let later = [Some(first), second].into_iter().flatten().filter(|at| *at > after).min();
            best = best.into_iter().chain(later).min();
            // First instants only grow from here on.
            if let Some(at) = best.filter(|best| first >= *best) {
                return Some(self.elapsed_occurrence(zone, at));
            }
        }
    }

    fn elapsed_occurrence(&self, zone: Tz, at: DateTime<Utc>) -> Occurrence {
        let wall = local(zone, at);
        let twice = matches!(zone.from_local_datetime(&wall), MappedLocalTime::Ambiguous(..));
        let affected = twice.then_some(Affected::BothTimes { wall });
        Occurrence { at: Timestamp::from_datetime(at), affected }
    }
}

fn local(zone: Tz, at: DateTime<Utc>) -> NaiveDateTime {
    at.with_timezone(&zone).naive_local()
}

fn offset_at(zone: Tz, at: DateTime<Utc>) -> TimeDelta {
    TimeDelta::seconds(zone.offset_from_utc_datetime(&at.naive_utc()).fix().local_minus_utc().into())
}

/// The instant at which the clocks skip `wall`.
fn end_of_gap(zone: Tz, wall: NaiveDateTime) -> Option<DateTime<Utc>> {
    let before = offset_at(zone, wall.checked_sub_days(Days::new(1))?.and_utc());
    let after = offset_at(zone, wall.checked_add_days(Days::new(1))?.and_utc());
    // In the old offset the skipped time lies after the change, in the new one before it.
    let (mut old, mut new) = (wall.and_utc() - after, wall.and_utc() - before);
    while new - old > TimeDelta::seconds(1) {
        let middle = old + TimeDelta::seconds((new - old).num_seconds() / 2);
        if offset_at(zone, middle) == before { old = middle } else { new = middle }
    }
    Some(new)
}
