//! The timeline of each workflow. Entries are only ever added, and the oldest are pruned.

use futures::FutureExt;
use model::{
    Error, Page, WorkflowId,
    activity::{Activity, ActivityKind},
    limits,
};

use super::{
    Store, StoreResult,
    row::{Bytes, Columns, to_json},
    statements::statements,
    writer::Tx,
};

/// Entries deleted in one command.
const PORTION: i64 = 500;

statements! {
    RECORD = "INSERT INTO activity (workflow_id, at, actor, what) VALUES (?, ?, ?, ?)";
    // A deleted workflow keeps its timeline as it keeps its history.
    EXISTS = "SELECT count(*) FROM workflows WHERE id = ?";
    LIST = "SELECT number, at, actor, what FROM activity WHERE workflow_id = ? AND number < ?
        ORDER BY number DESC LIMIT ?";
    NEWEST = "SELECT what FROM activity WHERE workflow_id = ? ORDER BY number DESC LIMIT 1";
    PRUNE = "DELETE FROM activity WHERE number IN (SELECT a.number FROM activity a WHERE a.number <=
            (SELECT x.number FROM activity x WHERE x.workflow_id = a.workflow_id ORDER BY x.number DESC LIMIT 1 OFFSET ?)
        ORDER BY a.number LIMIT ?)";
}

impl Store {
    /// A page of a workflow's timeline, newest first.
    ///
    /// # Errors
    /// `NotFound`; `Invalid` at `cursor`, when it is not one that a page gave.
    pub async fn activity(
        &self,
        workflow: WorkflowId,
        cursor: Option<&str>,
        limit: usize,
    ) -> StoreResult<Page<Activity>> {
        let before: i64 = match cursor {
            Some(text) => {
                text.parse().map_err(|_| Error::invalid("cursor", "is not a next_cursor of a page; leave it out"))?
            }
            None => i64::MAX,
        };
        let limit = limit.clamp(1, limits::PAGE_ITEMS_MAX);
        let mut snapshot = self.read().await?;
        let exists: i64 = sqlx::query_scalar(EXISTS).bind(workflow.bytes()).fetch_one(&mut *snapshot).await?;
        if exists == 0 {
            return Err(Error::not_found("workflow").into());
        }
        let one_more = i64::try_from(limit + 1).expect("a page is small");
        let rows =
            sqlx::query(LIST).bind(workflow.bytes()).bind(before).bind(one_more).fetch_all(&mut *snapshot).await?;
        let next_cursor = match rows.len() > limit {
            true => Some(rows[limit - 1].integer("number")?.to_string()),
            false => None,
        };
        let items = rows
            .iter()
            .take(limit)
            .map(|row| Ok(Activity { at: row.time("at")?, by: row.text_or_null("actor")?, what: row.json("what")? }));
        Ok(Page { items: items.collect::<StoreResult<_>>()?, next_cursor })
    }

    /// Deletes some of the entries that are more than a timeline keeps. `true` when there are more.
    pub async fn prune_activity(&self) -> StoreResult<bool> {
        self.write(|tx| {
            async move {
                let pruned = sqlx::query(PRUNE)
                    .bind(limits::ACTIVITY_KEPT_MAX)
                    .bind(PORTION)
                    .execute(&mut tx.connection)
                    .await?;
                Ok(pruned.rows_affected() == PORTION.unsigned_abs())
            }
            .boxed()
        })
        .await
    }
}

/// Adds an entry. Whoever calls it announces the workflow, so that open pages look again.
pub(super) async fn record(
    tx: &mut Tx,
    workflow: WorkflowId,
    by: Option<String>,
    what: &ActivityKind,
) -> StoreResult<()> {
    let at = tx.now().as_micros();
    sqlx::query(RECORD)
        .bind(workflow.bytes())
        .bind(at)
        .bind(by)
        .bind(to_json(what))
        .execute(&mut tx.connection)
        .await?;
    Ok(())
}

/// The newest entry of a workflow, so that what does not change is not told again and again.
pub(super) async fn newest(tx: &mut Tx, workflow: WorkflowId) -> StoreResult<Option<ActivityKind>> {
    let row = sqlx::query(NEWEST).bind(workflow.bytes()).fetch_optional(&mut tx.connection).await?;
    row.map(|row| row.json("what")).transpose()
}
