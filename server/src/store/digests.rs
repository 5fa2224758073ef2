//! Digests: once a day, at the workflow's hour in its zone, how its runs ended since the digest before.
//!
//! **Architecture invariant:** a digest and the time up to which it tells are one commit, and that time never moves back;
//! so each end is told once, however often the process starts, and each day of the zone has at most one digest.

use std::time::Duration;

use futures::FutureExt;
use model::{
    Timestamp, WorkflowId,
    delivery::{Digest, DigestFailure, Notification, Occasion},
    execution::{Execution, Status},
    limits,
    schedule::Schedule,
    workflow::Workflow,
};

use super::{
    Store, StoreResult, consequences,
    execution_row::{StoredExecution, select_executions},
    outbox,
    row::{Bytes, Columns},
    statements::statements,
    workflows,
    writer::Tx,
};

/// Digests made in one command, so that others get their turn in between.
const MADE_AT_ONCE_MAX: i64 = 50;
/// Rows deleted in one command.
const PORTION: i64 = 500;
/// Of the first digest.
const DAY: Duration = Duration::from_secs(86_400);
/// After a longer time without a digest, what is older is no news.
const TOLD_BACK_MAX: Duration = Duration::from_secs(7 * 86_400);

statements! {
    DUE = "SELECT id, digest_at, digested_until FROM workflows WHERE digest_at <= ? AND deleted_at IS NULL
        ORDER BY digest_at, id LIMIT ?";
    NEXT_DUE = "SELECT min(digest_at) FROM workflows WHERE digest_at IS NOT NULL";
    DIGESTED_UNTIL = "SELECT digested_until FROM workflows WHERE id = ?";
    ARM = "UPDATE workflows SET digest_at = ? WHERE id = ?";
    DONE = "UPDATE workflows SET digest_at = ?, digested_until = ? WHERE id = ?";
    // A run ends with its last attempt; one that was cancelled has no further.
    ENDED = "SELECT status, count(*) AS runs, coalesce(sum(records), 0) AS records FROM executions
        WHERE workflow_id = ? AND finished_at >= ? AND finished_at < ?
        AND (status IN ('success', 'cancelled') OR status = 'failed' AND (attempt = attempts OR cancelled_by IS NOT NULL))
        GROUP BY status";
    FAILED = select_executions!("WHERE e.workflow_id = ? AND e.finished_at >= ? AND e.finished_at < ?
        AND e.status = 'failed' AND (e.attempt = e.attempts OR e.cancelled_by IS NOT NULL)
        ORDER BY e.finished_at DESC, e.number DESC LIMIT ?");
    // Those of executions go with them.
    PRUNE = "DELETE FROM deliveries WHERE number IN (
        SELECT number FROM deliveries WHERE execution_id IS NULL AND finished_at < ? LIMIT ?)";
}

impl Store {
    /// Makes the digests that are due, for a limited number of workflows, and says when the next one is. Call again while
    /// that has passed.
    pub async fn make_digests(&self) -> StoreResult<Option<Timestamp>> {
        self.write(|tx| make(tx).boxed()).await
    }

    /// Deletes some of the digests that were sent before. `true` when there are more.
    pub async fn prune_digests(&self, before: Timestamp) -> StoreResult<bool> {
        self.write(move |tx| {
            async move {
                let pruned =
                    sqlx::query(PRUNE).bind(before.as_micros()).bind(PORTION).execute(&mut tx.connection).await?;
                Ok(pruned.rows_affected() == PORTION.unsigned_abs())
            }
            .boxed()
        })
        .await
    }
}

/// To be called when a workflow's hour or zone is new.
pub(super) async fn arm(tx: &mut Tx, id: WorkflowId, hour: Option<u8>, zone: &str) -> StoreResult<()> {
    let until: Option<i64> = sqlx::query_scalar(DIGESTED_UNTIL).bind(id.bytes()).fetch_one(&mut tx.connection).await?;
    let next = next(tx, hour, zone, until.map(Timestamp::from_micros));
    sqlx::query(ARM).bind(next.map(Timestamp::as_micros)).bind(id.bytes()).execute(&mut tx.connection).await?;
    tx.effects.schedules = true;
    Ok(())
}

/// The next time at that hour, on a later day of the zone than the last digest's.
fn next(tx: &Tx, hour: Option<u8>, zone: &str, last: Option<Timestamp>) -> Option<Timestamp> {
    let daily = |hour: u8, after: Timestamp| {
        // Cron knows what becomes of an hour that a clock change skips or repeats.
        let schedule = Schedule::Cron { expression: format!("0 {hour} * * *") };
        tx.occurrences(&schedule, zone, after)(after)
    };
    let hour = hour?;
    let midnight = last.and_then(|last| daily(0, last));
    let after = midnight.map_or(tx.now(), |midnight| tx.now().max(midnight.minus(Duration::from_micros(1))));
    daily(hour, after)
}

async fn make(tx: &mut Tx) -> StoreResult<Option<Timestamp>> {
    let now = tx.now();
    let rows = sqlx::query(DUE).bind(now.as_micros()).bind(MADE_AT_ONCE_MAX).fetch_all(&mut tx.connection).await?;
    for row in &rows {
        let due_at = row.time("digest_at")?;
        let since = row.time_or_null("digested_until")?.unwrap_or_else(|| due_at.minus(DAY));
        let since = since.max(now.minus(TOLD_BACK_MAX));
        let workflow = workflows::find(&mut tx.connection, row.workflow_id("id")?).await?.workflow;
        let digest = digest(tx, workflow.id, since, now).await?;
        outbox::enqueue(tx, &notification(&workflow, due_at, digest), workflow.notifications.recipients()).await?;
        let next = next(tx, workflow.notifications.digest_hour, &workflow.time_zone, Some(now));
        sqlx::query(DONE)
            .bind(next.map(Timestamp::as_micros))
            .bind(now.as_micros())
            .bind(workflow.id.bytes())
            .execute(&mut tx.connection)
            .await?;
    }
    let next: Option<i64> = sqlx::query_scalar(NEXT_DUE).fetch_one(&mut tx.connection).await?;
    Ok(next.map(Timestamp::from_micros))
}

async fn digest(tx: &mut Tx, workflow: WorkflowId, since: Timestamp, until: Timestamp) -> StoreResult<Digest> {
    let mut digest = Digest { since, until, succeeded: 0, failed: 0, cancelled: 0, records: 0, failures: Vec::new() };
    let (from, to) = (since.as_micros(), until.as_micros());
    let ended = sqlx::query(ENDED).bind(workflow.bytes()).bind(from).bind(to).fetch_all(&mut tx.connection).await?;
    for row in &ended {
        let runs = row.count("runs")?;
        match row.word("status", Status::parse)? {
            Status::Success => (digest.succeeded, digest.records) = (runs, row.count("records")?),
            Status::Failed => digest.failed = runs,
            Status::Cancelled => digest.cancelled = runs,
            // The statement asks for none of these.
            Status::Queued | Status::Running | Status::Cancelling | Status::Interrupted => {}
        }
    }
    let failed = sqlx::query(FAILED)
        .bind(workflow.bytes())
        .bind(from)
        .bind(to)
        .bind(i64::try_from(limits::DIGEST_FAILURES_MAX).expect("few are named"))
        .fetch_all(&mut tx.connection)
        .await?;
    let failed = StoredExecution::read_all(&failed)?.into_iter();
    digest.failures = failed.map(|stored| failure(stored.execution)).collect();
    Ok(digest)
}

fn failure(execution: Execution) -> DigestFailure {
    DigestFailure {
        execution_id: execution.id,
        at: execution.finished_at.unwrap_or(execution.queued_at),
        failed_step: consequences::failed_step(&execution),
        reason: execution.error,
    }
}

fn notification(workflow: &Workflow, due_at: Timestamp, digest: Digest) -> Notification {
    Notification {
        occasion: Occasion::Digest,
        workflow_id: workflow.id,
        workflow_name: workflow.name.clone(),
        project_name: workflow.project_name.clone(),
        execution_id: None,
        at: due_at,
        due_at: None,
        started_at: None,
        duration_ms: None,
        records: None,
        failed_step: None,
        reason: workflow.state_reason.clone(),
        digest: Some(digest),
    }
}
