//! Where queued executions stand, and why each has not started. Computed from rows whenever someone looks.

use model::{
    Timestamp,
    execution::{Execution, QueuePlace, QueueReason, Status},
    limits,
};
use sqlx::{SqliteConnection, sqlite::SqliteRow};

use super::{
    Store, StoreResult,
    holds::DiskShort,
    maintenance,
    row::{Bytes, Columns},
    statements::statements,
};

macro_rules! select_waiting {
    ($position:literal, $executions:literal, $rest:literal) => {
        concat!(
            "SELECT ",
            $position,
            " AS position, e.id, e.workflow_id, e.not_before, a.id AS running, a.started_at AS running_since, ",
            "p.id AS project_running, pw.name AS project_running_name, ",
            "(SELECT q.id FROM executions q WHERE q.status = 'queued' AND q.workflow_id = e.workflow_id ",
            "   AND (q.ready_at, q.number) < (e.ready_at, e.number) ORDER BY q.ready_at, q.number LIMIT 1) AS ahead ",
            "FROM ",
            $executions,
            " JOIN workflows w ON w.id = e.workflow_id ",
            "LEFT JOIN executions a ON a.workflow_id = e.workflow_id AND a.status IN ('running', 'cancelling') ",
            "LEFT JOIN executions p ON p.project_id = w.project_id AND p.status IN ('running', 'cancelling') ",
            "LEFT JOIN workflows pw ON pw.id = p.workflow_id ",
            $rest
        )
    };
}

statements! {
    FIRST_WAITING =
        select_waiting!("NULL", "executions e INDEXED BY queue", "WHERE e.status = 'queued' ORDER BY e.ready_at, e.number LIMIT ?");
    WAITING = select_waiting!(
        "(SELECT count(*) FROM executions q INDEXED BY queue
          WHERE q.status = 'queued' AND (q.ready_at, q.number) <= (e.ready_at, e.number))",
        "executions e",
        "WHERE e.status = 'queued' AND e.id = ?"
    );
    QUEUED = "SELECT count(*) FROM executions INDEXED BY queue WHERE status = 'queued'";
    LOAD = "SELECT is_on, switched_by, switched_at,
            (SELECT count(*) FROM executions WHERE status IN ('running', 'cancelling')) AS active
        FROM maintenance";
}

/// The first of the queue, and how much there is beside them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct QueueState {
    /// In the order of the queue, a limited number.
    pub places: Vec<QueuePlace>,
    pub queued: u64,
    /// Running or being cancelled.
    pub active: u32,
}

/// What decides why an execution waits, beside its own row.
#[derive(Clone, Debug)]
pub(super) struct Load {
    now: Timestamp,
    busy: u32,
    slots: u32,
    maintenance: Option<QueueReason>,
    disk: Option<DiskShort>,
}

impl Store {
    /// How much waits and runs, and where the first of those that wait stand.
    pub async fn queue_state(&self, slots: u32, now: Timestamp) -> StoreResult<QueueState> {
        let mut snapshot = self.read().await?;
        let load = self.load(&mut snapshot, slots, now).await?;
        let places_max = i64::try_from(limits::QUEUE_PLACES_MAX).expect("a small limit");
        let rows = sqlx::query(FIRST_WAITING).bind(places_max).fetch_all(&mut *snapshot).await?;
        let places = rows.iter().zip(1..).map(|(row, position)| {
            Ok(QueuePlace {
                execution: row.execution_id("id")?,
                workflow: row.workflow_id("workflow_id")?,
                position,
                reason: reason(row, &load)?,
            })
        });
        let places = places.collect::<StoreResult<_>>()?;
        let queued: i64 = sqlx::query_scalar(QUEUED).fetch_one(&mut *snapshot).await?;
        Ok(QueueState { places, queued: queued.unsigned_abs(), active: load.busy })
    }

    pub(super) async fn load(
        &self,
        connection: &mut SqliteConnection,
        slots: u32,
        now: Timestamp,
    ) -> StoreResult<Load> {
        let row = sqlx::query(LOAD).fetch_one(connection).await?;
        let switch = maintenance::of_row(&row)?;
        let maintenance = switch.on.then(|| QueueReason::Maintenance {
            by: switch.by.unwrap_or_default(),
            since: switch.since.unwrap_or(now),
        });
        Ok(Load { now, busy: row.count("active")?, slots, maintenance, disk: self.disk_short() })
    }
}

/// Fills in the place of an execution that is queued.
pub(super) async fn place(
    connection: &mut SqliteConnection,
    execution: &mut Execution,
    load: &Load,
) -> StoreResult<()> {
    if execution.status != Status::Queued {
        return Ok(());
    }
    let waiting = sqlx::query(WAITING).bind(execution.id.bytes()).fetch_optional(&mut *connection).await?;
    let Some(row) = waiting else { return Ok(()) };
    execution.queue_reason = Some(reason(&row, load)?);
    execution.queue_position = Some(row.count("position")?);
    Ok(())
}

fn reason(row: &SqliteRow, load: &Load) -> StoreResult<QueueReason> {
    if let Some(at) = row.time_or_null("not_before")?
        && at > load.now
    {
        return Ok(QueueReason::WaitingUntil { at });
    }
    if let Some(reason) = &load.maintenance {
        return Ok(reason.clone());
    }
    if let Some(DiskShort { free_bytes, needed_bytes }) = load.disk {
        return Ok(QueueReason::DiskFull { free_bytes, needed_bytes });
    }
    if row.uuid_or_null("running")?.is_some() {
        let execution = row.execution_id("running")?;
        return Ok(QueueReason::BehindWorkflow { execution, started_at: row.time_or_null("running_since")? });
    }
    if row.uuid_or_null("project_running")?.is_some() {
        let execution = row.execution_id("project_running")?;
        return Ok(QueueReason::BehindProject { execution, workflow_name: row.text("project_running_name")? });
    }
    if load.busy >= load.slots {
        return Ok(QueueReason::NoFreeSlot { busy: load.busy, slots: load.slots });
    }
    if row.uuid_or_null("ahead")?.is_some() {
        return Ok(QueueReason::BehindWorkflow { execution: row.execution_id("ahead")?, started_at: None });
    }
    Ok(QueueReason::Next)
}
