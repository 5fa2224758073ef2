//! What is kept for how long. Rows go in small portions, so that nobody waits behind them.

use futures::FutureExt;
use model::{ExecutionId, ProjectId, Timestamp, limits};
use sqlx::QueryBuilder;
use uuid::Uuid;

use super::{
    Store, StoreResult,
    row::{Bytes, Columns},
    statements::statements,
};

/// Rows deleted in one command.
const PORTION: i64 = 500;

statements! {
    // Oldest first; the newest of each workflow stay, however old they are. Of a deleted one none does.
    OUTLIVED = "SELECT e.id FROM executions e JOIN workflows w ON w.id = e.workflow_id
        WHERE e.finished_at < ? AND (w.deleted_at IS NOT NULL OR e.number < coalesce(
            (SELECT x.number FROM executions x WHERE x.workflow_id = e.workflow_id
             ORDER BY x.number DESC LIMIT 1 OFFSET ?), 0))
        ORDER BY e.number LIMIT ?";
    EVENT_TO_KEEP = "SELECT max(number) - ? FROM events";
    PRUNE_EVENTS = "DELETE FROM events WHERE number IN (
        SELECT number FROM events WHERE number <= ? ORDER BY number LIMIT ?)";
    FILE_IS_CURRENT = "SELECT count(*) FROM project_files WHERE file_id = ?";
    PROJECT_IS_BUSY = "SELECT count(*) FROM executions WHERE project_id = ? AND status IN ('running', 'cancelling')";
    PROJECT_LIVES = "SELECT count(*) FROM projects WHERE id = ? AND deleted_at IS NULL";
    EXECUTION_EXISTS = "SELECT count(*) FROM executions WHERE id = ?";
}

/// What to keep of the history.
#[derive(Clone, Copy, Debug)]
pub struct Retention {
    /// Executions that ended before this are deleted …
    pub ended_before: Timestamp,
    /// … except the newest of each workflow.
    pub newest_kept: u32,
}

impl Store {
    /// Some executions that retention no longer keeps, oldest first. Never one that is queued or running.
    pub async fn outlived(&self, retention: Retention) -> StoreResult<Vec<ExecutionId>> {
        let mut snapshot = self.read().await?;
        let rows = sqlx::query(OUTLIVED)
            .bind(retention.ended_before.as_micros())
            .bind(i64::from(retention.newest_kept.max(1)) - 1)
            .bind(PORTION)
            .fetch_all(&mut *snapshot)
            .await?;
        rows.iter().map(|row| row.execution_id("id")).collect()
    }

    /// Deletes executions that are over.
    pub async fn delete_executions(&self, ids: Vec<ExecutionId>) -> StoreResult<()> {
        self.write(move |tx| {
            async move {
                let mut query = QueryBuilder::new("DELETE FROM executions WHERE finished_at IS NOT NULL AND id IN (");
                let mut list = query.separated(", ");
                for id in ids {
                    list.push_bind(id.bytes());
                }
                query.push(")").build().execute(&mut tx.connection).await?;
                Ok(())
            }
            .boxed()
        })
        .await
    }

    /// Deletes some of the events that are more than the log keeps. `true` when there are more.
    pub async fn prune_events(&self) -> StoreResult<bool> {
        self.write(|tx| {
            async move {
                let last: Option<i64> = sqlx::query_scalar(EVENT_TO_KEEP)
                    .bind(limits::EVENTS_KEPT_MAX)
                    .fetch_one(&mut tx.connection)
                    .await?;
                let Some(last) = last else { return Ok(false) };
                let pruned = sqlx::query(PRUNE_EVENTS).bind(last).bind(PORTION).execute(&mut tx.connection).await?;
                Ok(pruned.rows_affected() == PORTION.unsigned_abs())
            }
            .boxed()
        })
        .await
    }

    /// Whether something may still read an uploaded file: it is the current one of its name, or its project is running.
    pub async fn needs_file(&self, project: ProjectId, file: Uuid) -> StoreResult<bool> {
        let file = file.as_bytes().to_vec();
        Ok(self.any(FILE_IS_CURRENT, file).await? || self.any(PROJECT_IS_BUSY, project.bytes()).await?)
    }

    pub async fn needs_project(&self, project: ProjectId) -> StoreResult<bool> {
        Ok(self.any(PROJECT_LIVES, project.bytes()).await? || self.any(PROJECT_IS_BUSY, project.bytes()).await?)
    }

    pub async fn needs_execution(&self, execution: ExecutionId) -> StoreResult<bool> {
        self.any(EXECUTION_EXISTS, execution.bytes()).await
    }

    async fn any(&self, count: &'static str, id: Vec<u8>) -> StoreResult<bool> {
        let mut snapshot = self.read().await?;
        let found: i64 = sqlx::query_scalar(count).bind(id).fetch_one(&mut *snapshot).await?;
        Ok(found > 0)
    }
}
