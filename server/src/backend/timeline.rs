//! The timeline: what ran comes from the store, what will run from the schedules; both are thinned out to what can be seen.

use model::{
    Error, Page, Scope, Snapshot, Timestamp,
    execution::Status,
    timeline::{PLACES, Ran, TimelineFilter, TimelineRow},
};

use super::LocalBackend;
use crate::{schedule, store::RanOf};

impl LocalBackend {
    pub(super) async fn timeline_rows(
        &self,
        filter: TimelineFilter,
        scope: Scope,
    ) -> Result<Snapshot<Page<TimelineRow>>, Error> {
        let Snapshot { number, data: Page { items, next_cursor } } =
            self.told(self.parts.store.timeline(&filter, &scope).await)?;
        let places = Places::of(&filter);
        let items = items.into_iter().map(|workflow| row(workflow, &places)).collect();
        Ok(Snapshot { number, data: Page { items, next_cursor } })
    }
}

fn row(of: RanOf, places: &Places) -> TimelineRow {
    let planned = planned(&of, places);
    let RanOf { workflow, ran, .. } = of;
    let count =
        |test: fn(Status) -> bool| u32::try_from(ran.iter().filter(|ran| test(ran.status)).count()).unwrap_or(u32::MAX);
    TimelineRow {
        workflow: workflow.id,
        workflow_name: workflow.name,
        succeeded: count(|status| status == Status::Success),
        failed: count(|status| status == Status::Failed),
        others: count(|status| !matches!(status, Status::Success | Status::Failed)),
        planned,
        ran: merged(ran, places),
    }
}

/// Runs that began in the same place as one.
fn merged(ran: Vec<Ran>, places: &Places) -> Vec<Ran> {
    let mut merged: Vec<Ran> = Vec::new();
    for one in ran {
        match merged.last_mut().filter(|last| places.of_time(last.from) == places.of_time(one.from)) {
            Some(last) => last.merge(one),
            None => merged.push(one),
        }
    }
    merged
}

/// The first occurrence in each place, from the one that is next.
fn planned(of: &RanOf, places: &Places) -> Vec<Timestamp> {
    let workflow = &of.workflow;
    let mut planned = Vec::new();
    let occurrences = schedule::occurrences(&workflow.schedule, &workflow.time_zone, of.anchor);
    let mut next = workflow.next_run_at;
    while let Some(at) = next.filter(|at| *at < places.to) {
        // The last moment before the next place: nothing that would not be seen is computed.
        let after = if at < places.from {
            places.from.minus(MICROSECOND)
        } else {
            planned.push(at);
            places.end(places.of_time(at)).minus(MICROSECOND)
        };
        next = occurrences(after.max(at));
    }
    planned
}

const MICROSECOND: std::time::Duration = std::time::Duration::from_micros(1);

/// A range in equal parts.
struct Places {
    from: Timestamp,
    to: Timestamp,
    width_us: i64,
}

impl Places {
    fn of(filter: &TimelineFilter) -> Self {
        let places = i64::try_from(PLACES).expect("places are few");
        let width_us = (filter.to.as_micros() - filter.from.as_micros()).max(places) / places;
        Self { from: filter.from, to: filter.to, width_us }
    }

    /// What began before the range is seen at its beginning.
    fn of_time(&self, at: Timestamp) -> i64 {
        (at.max(self.from).as_micros() - self.from.as_micros()) / self.width_us
    }

    fn end(&self, place: i64) -> Timestamp {
        Timestamp::from_micros(self.from.as_micros() + (place + 1) * self.width_us)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use model::schedule::Schedule;

    use super::*;
    use crate::{
        store::Plan,
        testing::{Bench, plan},
    };

    #[tokio::test]
    async fn what_ran_and_what_will_run_is_on_the_timeline_once_a_place() {
        let bench = Bench::new().await.working();
        let project = bench.project("customers").await;
        let often = Plan { schedule: Schedule::Cron { expression: "* * * * *".to_owned() }, ..plan("often", project) };
        let often = bench.workflow_with(often).await;
        bench.workflow("never").await;
        for error in [None, Some("no such file"), None] {
            let id = bench.run_now(often.id).await.id;
            let run = bench.next_run().await;
            match error {
                Some(error) => run.fail(error),
                None => run.succeed(),
            }
            bench.until_it(id, |execution| execution.status.is_final()).await;
        }
        let midnight: Timestamp = "2026-01-05T00:00:00Z".parse().unwrap();
        let day = |days: u64| TimelineFilter {
            from: midnight.plus(Duration::from_secs(days * 86_400)),
            to: midnight.plus(Duration::from_secs((days + 1) * 86_400)),
            q: None,
            cursor: None,
        };
        let rows = |filter: TimelineFilter| {
            let store = bench.store.clone();
            async move {
                let page = store.timeline(&filter, &Scope::All).await.unwrap().data;
                let places = Places::of(&filter);
                page.items.into_iter().map(|of| row(of, &places)).collect::<Vec<_>>()
            }
        };
        let today = rows(day(0)).await;
        let [row] = &today[..] else { panic!("{today:?}") };
        assert_eq!((row.succeeded, row.failed, row.others), (2, 1, 0));
        assert_eq!(row.ran.iter().map(|ran| (ran.status, ran.count)).collect::<Vec<_>>(), [(Status::Failed, 3)]);
        // It is ten o'clock: fourteen hours of quarters are left, and the clock's minute begins the first.
        assert_eq!(row.planned.len(), 14 * 4);
        let tomorrow = rows(day(1)).await;
        assert_eq!((tomorrow[0].ran.len(), tomorrow[0].planned.len()), (0, 96));
        assert_eq!(tomorrow[0].planned[0], midnight.plus(Duration::from_secs(86_400)));
        let other = TimelineFilter { q: Some("ever".to_owned()), ..day(0) };
        assert!(rows(other).await.is_empty(), "nothing of “never” is in the range");
    }
}
