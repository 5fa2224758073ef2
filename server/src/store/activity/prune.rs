//! How long the log of activity is kept: by age, by number for each kind of subject, and by number for each workflow. The
//! first two are written down as horizons before anything beyond them is deleted; the schema refuses to delete what is
//! within them.

use futures::FutureExt;
use model::{Timestamp, WorkflowId, activity::SubjectKind, limits};

use crate::store::{
    Store, StoreResult,
    row::{Bytes, Columns},
    statements::statements,
    writer::Tx,
};

/// Entries deleted in one command. The schema counts the newer ones of each of them.
const PORTION: i64 = 100;

statements! {
    // The newest entry that is one too many.
    ONE_TOO_MANY = "SELECT at FROM activity WHERE subject = ? ORDER BY at DESC, number DESC LIMIT 1 OFFSET ?";
    ONE_TOO_MANY_OF_WORKFLOW = "SELECT at, number FROM activity WHERE workflow_id = ? AND (subject = 'execution') = ?
        ORDER BY at DESC, number DESC LIMIT 1 OFFSET ?";
    MOVE_HORIZON = "UPDATE activity_horizons SET kept_since = ?1 WHERE subject = ?2 AND kept_since < ?1";
    PRUNE_BEYOND = "DELETE FROM activity WHERE number IN (
        SELECT number FROM activity WHERE subject = ?1
            AND at < (SELECT kept_since FROM activity_horizons WHERE subject = ?1)
        ORDER BY at, number LIMIT ?2)";
    // Read from the index alone.
    FULL_WORKFLOWS = "SELECT workflow_id, subject = 'execution' AS of_executions
        FROM activity INDEXED BY activity_of_workflow
        WHERE workflow_id IS NOT NULL GROUP BY 1, 2 HAVING count(*) > ?";
    PRUNE_WORKFLOW = "DELETE FROM activity WHERE number IN (
        SELECT number FROM activity
        WHERE workflow_id = ? AND (subject = 'execution') = ? AND (at, number) <= (?, ?) ORDER BY at, number LIMIT ?)";
}

/// How much of the log is kept.
#[derive(Clone, Copy, Debug)]
pub struct ActivityKept {
    /// Entries from before this are deleted.
    pub since: Timestamp,
    /// Of each kind of subject; the oldest go.
    pub of_subject: i64,
    /// Of each workflow, and as many of its executions. No fewer than the schema insists on.
    pub of_workflow: i64,
}

impl ActivityKept {
    /// With the limits of the product.
    pub fn since(since: Timestamp) -> Self {
        Self { since, of_subject: limits::ACTIVITY_OF_SUBJECT_MAX, of_workflow: limits::ACTIVITY_KEPT_MAX }
    }
}

impl Store {
    /// Deletes what is no longer kept, in small commands.
    pub async fn prune_activity(&self, kept: ActivityKept) -> StoreResult<()> {
        for subject in SubjectKind::ALL {
            let horizon = self.horizon(subject, kept).await?;
            while self.write(move |tx| prune_beyond(tx, subject, horizon).boxed()).await? {}
        }
        for full in self.full_workflows(kept.of_workflow).await? {
            while self.write(move |tx| prune_workflow(tx, full).boxed()).await? {}
        }
        Ok(())
    }

    async fn horizon(&self, subject: SubjectKind, kept: ActivityKept) -> StoreResult<Timestamp> {
        let mut snapshot = self.read().await?;
        let one_too_many: Option<i64> = sqlx::query_scalar(ONE_TOO_MANY)
            .bind(subject.as_str())
            .bind(kept.of_subject)
            .fetch_optional(&mut *snapshot)
            .await?;
        // What has the same time as the one too many goes with it.
        let by_number = one_too_many.map_or(kept.since, |at| Timestamp::from_micros(at.saturating_add(1)));
        Ok(kept.since.max(by_number))
    }

    async fn full_workflows(&self, most: i64) -> StoreResult<Vec<Full>> {
        let mut snapshot = self.read().await?;
        let rows = sqlx::query(FULL_WORKFLOWS).bind(most).fetch_all(&mut *snapshot).await?;
        let mut full = Vec::with_capacity(rows.len());
        for row in &rows {
            let (workflow, of_executions) = (row.workflow_id("workflow_id")?, row.flag("of_executions")?);
            let newest = sqlx::query(ONE_TOO_MANY_OF_WORKFLOW)
                .bind(workflow.bytes())
                .bind(of_executions)
                .bind(most)
                .fetch_one(&mut *snapshot)
                .await?;
            full.push(Full { workflow, of_executions, through: (newest.integer("at")?, newest.integer("number")?) });
        }
        Ok(full)
    }
}

/// `true` when there may be more.
async fn prune_beyond(tx: &mut Tx, subject: SubjectKind, horizon: Timestamp) -> StoreResult<bool> {
    sqlx::query(MOVE_HORIZON).bind(horizon.as_micros()).bind(subject.as_str()).execute(&mut tx.connection).await?;
    let pruned = sqlx::query(PRUNE_BEYOND).bind(subject.as_str()).bind(PORTION).execute(&mut tx.connection).await?;
    Ok(pruned.rows_affected() == PORTION.unsigned_abs())
}

/// A workflow that has more entries than are kept of one.
#[derive(Clone, Copy)]
struct Full {
    workflow: WorkflowId,
    /// Of what people did with its executions, or of all else.
    of_executions: bool,
    /// Time and number of the newest that goes.
    through: (i64, i64),
}

/// `true` when there may be more.
async fn prune_workflow(tx: &mut Tx, full: Full) -> StoreResult<bool> {
    let pruned = sqlx::query(PRUNE_WORKFLOW)
        .bind(full.workflow.bytes())
        .bind(full.of_executions)
        .bind(full.through.0)
        .bind(full.through.1)
        .bind(PORTION)
        .execute(&mut tx.connection)
        .await?;
    Ok(pruned.rows_affected() == PORTION.unsigned_abs())
}
