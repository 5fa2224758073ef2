//! What ran between two moments, a page of workflows at a time.

use model::{
    Page, Scope, Snapshot, Timestamp,
    execution::Status,
    timeline::{READ_MAX, ROWS_MAX, Ran, TimelineFilter},
    workflow::Workflow,
};
use sqlx::SqliteConnection;

use super::{
    Store, StoreResult, events,
    row::{Bytes, Columns, in_scope, scope_json},
    statements::statements,
    workflow_row::{StoredWorkflow, select_workflows},
};

/// A run that ended longer than this after the range did not begin in it, as good as always: no timeout is longer unless
/// someone chose it.
const LONGEST_RUN_US: i64 = 86_400_000_000;

statements! {
    // In the order of the index on the names. Whether a workflow ran is one look into the index of the ends.
    WORKFLOWS = select_workflows!(
        "WHERE w.deleted_at IS NULL AND w.name > ?1 AND ", in_scope!("w.project_id", "?7"), "
           AND (instr(lower(w.name), lower(?2)) > 0 OR instr(lower(p.name), lower(?2)) > 0)
           AND (w.next_run_at < ?4
                OR EXISTS (SELECT 1 FROM executions x WHERE x.workflow_id = w.id
                             AND x.finished_at > ?3 AND x.finished_at < ?5 AND x.started_at < ?4)
                OR EXISTS (SELECT 1 FROM executions x WHERE x.workflow_id = w.id
                             AND x.status IN ('running', 'cancelling') AND x.started_at < ?4))
         ORDER BY w.name LIMIT ?6"
    );
    ENDED = "SELECT id, status, started_at, finished_at FROM executions
        WHERE workflow_id = ? AND +project_id = ? AND finished_at > ? AND finished_at < ? AND started_at < ?
        ORDER BY finished_at LIMIT ?";
    RUNNING = "SELECT id, status, started_at, finished_at FROM executions
        WHERE workflow_id = ? AND +project_id = ? AND status IN ('running', 'cancelling') AND started_at < ?";
}

/// A workflow with what it ran, and the anchor of its schedule.
pub struct RanOf {
    pub workflow: Workflow,
    pub anchor: Timestamp,
    /// In the order in which they began.
    pub ran: Vec<Ran>,
}

impl Store {
    /// Workflows that ran or will run in the range, by name.
    pub async fn timeline(&self, filter: &TimelineFilter, scope: &Scope) -> StoreResult<Snapshot<Page<RanOf>>> {
        let mut snapshot = self.read().await?;
        let one_more = i64::try_from(ROWS_MAX + 1).expect("a page is small");
        let rows = sqlx::query(WORKFLOWS)
            .bind(filter.cursor.as_deref().unwrap_or_default())
            .bind(filter.q.as_deref().unwrap_or_default().trim())
            .bind(filter.from.as_micros())
            .bind(filter.to.as_micros())
            .bind(filter.to.as_micros().saturating_add(LONGEST_RUN_US))
            .bind(one_more)
            .bind(scope_json(scope))
            .fetch_all(&mut *snapshot)
            .await?;
        let mut items = Vec::with_capacity(rows.len().min(ROWS_MAX));
        for row in rows.iter().take(ROWS_MAX) {
            let StoredWorkflow { workflow, anchor, .. } = StoredWorkflow::read(row)?;
            let ran = ran(&mut snapshot, &workflow, filter).await?;
            items.push(RanOf { workflow, anchor, ran });
        }
        let more = rows.len() > ROWS_MAX;
        let next_cursor = items.last().filter(|_| more).map(|last| last.workflow.name.clone());
        Ok(Snapshot { number: events::last_number(&mut snapshot).await?, data: Page { items, next_cursor } })
    }
}

/// On the project that the workflow runs on now: what it ran before it was moved here is not for those who see this
/// project alone.
async fn ran(connection: &mut SqliteConnection, workflow: &Workflow, filter: &TimelineFilter) -> StoreResult<Vec<Ran>> {
    let (from, to) = (filter.from.as_micros(), filter.to.as_micros());
    let mut rows = sqlx::query(ENDED)
        .bind(workflow.id.bytes())
        .bind(workflow.project_id.bytes())
        .bind(from)
        .bind(to.saturating_add(LONGEST_RUN_US))
        .bind(to)
        .bind(READ_MAX)
        .fetch_all(&mut *connection)
        .await?;
    let running = sqlx::query(RUNNING).bind(workflow.id.bytes()).bind(workflow.project_id.bytes()).bind(to);
    rows.extend(running.fetch_all(connection).await?);
    let read = rows.iter().map(|row| {
        Ok(Ran {
            execution: row.execution_id("id")?,
            status: row.word("status", Status::parse)?,
            from: row.time("started_at")?,
            to: row.time_or_null("finished_at")?,
            count: 1,
        })
    });
    let mut ran = read.collect::<StoreResult<Vec<_>>>()?;
    ran.sort_by_key(|ran| ran.from);
    Ok(ran)
}
