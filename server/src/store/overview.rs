//! The whole place at a glance. No query reads more than what waits, what runs and what ended lately, however long the
//! history is.

use model::{
    Scope, Snapshot, Timestamp,
    overview::{COUNTED_MAX, DAYS, Day, Overview, SHOWN},
};
use sqlx::SqliteConnection;

use super::{
    Store, StoreResult, events,
    execution_row::{StoredExecution, select_executions},
    history::with_places,
    row::{Columns, in_scope, scope_json},
    statements::statements,
};

const DAY_US: i64 = 86_400_000_000;

statements! {
    RUNNING = select_executions!(
        "WHERE e.status IN ('running', 'cancelling') AND ", in_scope!("e.project_id", "?1"), " ORDER BY e.started_at"
    );
    // The first of the queue by the index that has its order; the planner would sort the whole queue.
    QUEUE = select_executions!(
        "WHERE e.number IN (SELECT number FROM executions INDEXED BY queue WHERE status = 'queued' AND ",
        in_scope!("project_id", "?1"),
        " ORDER BY ready_at, number LIMIT ?2) ORDER BY e.ready_at, e.number"
    );
    QUEUED = concat!("SELECT count(*) FROM executions WHERE status = 'queued' AND ", in_scope!("project_id", "?1"));
    // The plus keeps the planner from reading every failure there ever was.
    FAILED = select_executions!(
        "WHERE e.finished_at >= ?2 AND +e.status = 'failed' AND ", in_scope!("+e.project_id", "?1"),
        " ORDER BY e.finished_at DESC LIMIT ?3"
    );
    FAILURES = concat!(
        "SELECT count(*) FROM executions WHERE finished_at >= ?2 AND +status = 'failed' AND ",
        in_scope!("+project_id", "?1")
    );
    DAYS_ENDED = concat!("SELECT finished_at / 86400000000 AS day, sum(status = 'success') AS succeeded,
            sum(status = 'failed') AS failed, sum(status NOT IN ('success', 'failed')) AS stopped,
            CAST(avg(CASE WHEN status = 'success' THEN finished_at - started_at END) AS INTEGER) AS mean_us,
            max(CASE WHEN status = 'success' THEN finished_at - started_at END) AS longest_us
        FROM (SELECT finished_at, status, started_at FROM executions WHERE finished_at >= ?2 AND ",
        in_scope!("+project_id", "?1"),
        " ORDER BY finished_at DESC LIMIT ?3) GROUP BY day ORDER BY day");
}

impl Store {
    pub async fn overview(&self, scope: &Scope, slots: u32, now: Timestamp) -> StoreResult<Snapshot<Overview>> {
        let mut snapshot = self.read().await?;
        let projects = scope_json(scope);
        let load = self.load(&mut snapshot, slots, now).await?;
        let shown = i64::try_from(SHOWN).expect("a glance is short");
        let running = sqlx::query(RUNNING).bind(&projects).fetch_all(&mut *snapshot).await?;
        let running = with_places(&mut snapshot, StoredExecution::read_all(&running)?, &load).await?;
        let queue = sqlx::query(QUEUE).bind(&projects).bind(shown).fetch_all(&mut *snapshot).await?;
        let queue = with_places(&mut snapshot, StoredExecution::read_all(&queue)?, &load).await?;
        let queued: i64 = sqlx::query_scalar(QUEUED).bind(&projects).fetch_one(&mut *snapshot).await?;
        let today = now.as_micros().div_euclid(DAY_US);
        let since = (today - 1) * DAY_US;
        let failed = sqlx::query(FAILED).bind(&projects).bind(since).bind(shown).fetch_all(&mut *snapshot).await?;
        let failed = StoredExecution::read_all(&failed)?.into_iter().map(|stored| stored.execution).collect();
        let failures: i64 = sqlx::query_scalar(FAILURES).bind(&projects).bind(since).fetch_one(&mut *snapshot).await?;
        let overview = Overview {
            running,
            queue,
            queued: queued.unsigned_abs(),
            failed,
            failures: failures.unsigned_abs(),
            failed_since: Timestamp::from_micros(since),
            days: days(&mut snapshot, today, projects.as_deref()).await?,
        };
        Ok(Snapshot { number: events::last_number(&mut snapshot).await?, data: overview })
    }
}

/// The last days up to `today`, counted since 1970.
async fn days(connection: &mut SqliteConnection, today: i64, projects: Option<&str>) -> StoreResult<Vec<Day>> {
    let first = today + 1 - i64::try_from(DAYS).expect("two weeks");
    let mut days: Vec<Day> = (first..=today)
        .map(|day| Day {
            start: Timestamp::from_micros(day * DAY_US),
            succeeded: 0,
            failed: 0,
            stopped: 0,
            mean_ms: None,
            longest_ms: None,
        })
        .collect();
    for row in
        sqlx::query(DAYS_ENDED).bind(projects).bind(first * DAY_US).bind(COUNTED_MAX).fetch_all(connection).await?
    {
        let place = usize::try_from(row.integer("day")? - first).ok();
        // An end that lies ahead of the clock, which was set back, is on no day of these.
        let Some(day) = place.and_then(|place| days.get_mut(place)) else { continue };
        day.succeeded = row.count("succeeded")?;
        day.failed = row.count("failed")?;
        day.stopped = row.count("stopped")?;
        day.mean_ms = row.count_or_null("mean_us")?.map(|us| us / 1000);
        day.longest_ms = row.count_or_null("longest_us")?.map(|us| us / 1000);
    }
    Ok(days)
}
