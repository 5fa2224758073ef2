//! Scheduled executions that wait too long for their start: told like a failure, once each.

use std::time::Duration;

use futures::FutureExt;
use model::{Timestamp, activity::ActivityKind, delivery::Occasion};

use super::{
    Store, StoreResult,
    activity::Entry,
    consequences::{self, Rules},
    execution_row::{StoredExecution, select_executions},
    row::Bytes,
    statements::statements,
    workflows,
    writer::Tx,
};

/// Executions told of in one command, so that others get their turn in between.
const TOLD_AT_ONCE_MAX: i64 = 100;

statements! {
    // Without the index by name, SQLite would go through all scheduled executions that there ever were.
    OVERDUE = select_executions!("WHERE e.number IN (SELECT number FROM executions INDEXED BY starts_awaited
        WHERE status = 'queued' AND \"trigger\" = 'scheduled' AND overdue_at IS NULL AND queued_at <= ?
        ORDER BY queued_at LIMIT ?)");
    OLDEST_WAITING = "SELECT min(queued_at) FROM executions INDEXED BY starts_awaited
        WHERE status = 'queued' AND \"trigger\" = 'scheduled' AND overdue_at IS NULL";
    TOLD = "UPDATE executions SET overdue_at = ? WHERE id = ?";
}

impl Store {
    /// Tells of the scheduled executions that have waited at least `limit` for their start, and says when the next one
    /// will have.
    pub async fn tell_late_starts(&self, limit: Duration) -> StoreResult<Option<Timestamp>> {
        self.write(move |tx| tell(tx, limit).boxed()).await
    }
}

async fn tell(tx: &mut Tx, limit: Duration) -> StoreResult<Option<Timestamp>> {
    let now = tx.now();
    let rows = sqlx::query(OVERDUE)
        .bind(now.minus(limit).as_micros())
        .bind(TOLD_AT_ONCE_MAX)
        .fetch_all(&mut tx.connection)
        .await?;
    for stored in StoredExecution::read_all(&rows)? {
        let execution = &stored.execution;
        let due_at = execution.due_at.unwrap_or(execution.queued_at);
        sqlx::query(TOLD).bind(now.as_micros()).bind(execution.id.bytes()).execute(&mut tx.connection).await?;
        let what = ActivityKind::DidNotStart { execution: execution.id, due_at };
        tx.record(Entry::workflow_of(execution, what));
        let rules = Rules::of(tx, execution).await?;
        if rules.notifications.on_failure {
            let minutes = now.since(execution.queued_at).as_secs() / 60;
            let reason = format!("It has waited {minutes} min for its start.");
            consequences::tell(tx, execution, &rules, Occasion::DidNotStart, Some(reason)).await?;
        }
        workflows::announce(tx, execution.workflow_id).await?;
    }
    let oldest: Option<i64> = sqlx::query_scalar(OLDEST_WAITING).fetch_one(&mut tx.connection).await?;
    Ok(oldest.map(|queued_at| Timestamp::from_micros(queued_at).plus(limit)))
}
