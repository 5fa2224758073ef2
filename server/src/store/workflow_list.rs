//! Workflows as their cards show them.

use model::{
    Error, Page, Snapshot, Timestamp, WorkflowId,
    execution::Status,
    limits,
    workflow::{Outcome, WorkflowCard, WorkflowCount, WorkflowFilter, WorkflowSort, WorkflowState},
};
use sqlx::{QueryBuilder, Sqlite, SqliteConnection};

use super::{
    Store, StoreResult, events,
    execution_row::{StoredExecution, select_executions},
    history::with_places,
    places::Load,
    row::{Bytes, Columns},
    statements::statements,
    workflow_row::{StoredWorkflow, select_workflows},
    workflows,
};

/// A column of the execution of `w` that ended last.
macro_rules! last_ended {
    ($column:literal) => {
        concat!(
            "(SELECT x.",
            $column,
            " FROM executions x WHERE x.workflow_id = w.id AND x.finished_at IS NOT NULL ",
            "ORDER BY x.finished_at DESC, x.number DESC LIMIT 1)"
        )
    };
}

statements! {
    // What `cards` and `workflow_counts` add conditions to; the test prepares them as they are. Which workflows a page
    // shows is decided over their own columns alone: a project's row is long, and only those shown need its name.
    LIST = select_workflows!("");
    CHOSEN = "SELECT w.id FROM workflows w WHERE w.deleted_at IS NULL";
    KINDS = concat!("SELECT w.state AS state, ", last_ended!("status"), " AS last FROM workflows w WHERE w.deleted_at IS NULL");
    UNFINISHED = select_executions!("WHERE e.workflow_id = ? AND e.status IN ('queued', 'running', 'cancelling')
        ORDER BY e.status = 'queued', e.queued_at, e.id");
    ENDED = select_executions!("WHERE e.workflow_id = ? AND e.finished_at IS NOT NULL ORDER BY e.number DESC LIMIT ?");
    LAST_ENDED = select_executions!("WHERE e.workflow_id = ? AND e.finished_at IS NOT NULL
        ORDER BY e.finished_at DESC, e.number DESC LIMIT 1");
}

impl Store {
    /// A page of cards in the order of the filter.
    ///
    /// # Errors
    /// `Invalid` at `cursor`, when it is not one that a page gave.
    pub async fn cards(
        &self,
        filter: &WorkflowFilter,
        slots: u32,
        now: Timestamp,
    ) -> StoreResult<Snapshot<Page<WorkflowCard>>> {
        let mut snapshot = self.read().await?;
        let limit = filter.limit.unwrap_or(limits::PAGE_ITEMS_DEFAULT).clamp(1, limits::PAGE_ITEMS_MAX);
        let mut query = QueryBuilder::<Sqlite>::new(LIST);
        query.push(" WHERE w.id IN (").push(CHOSEN);
        push_conditions(&mut query, filter)?;
        let one_more = i64::try_from(limit + 1).expect("a page is small");
        query.push(" ORDER BY ").push(order(filter.sort)).push(" LIMIT ").push_bind(one_more);
        query.push(") ORDER BY ").push(order(filter.sort));
        let rows = query.build().fetch_all(&mut *snapshot).await?;
        let more = rows.len() > limit;
        let load = self.load(&mut snapshot, slots, now).await?;
        let mut items = Vec::with_capacity(limit);
        for row in rows.iter().take(limit) {
            items.push(card(&mut snapshot, StoredWorkflow::read(row)?, &load).await?);
        }
        let next_cursor = items.last().filter(|_| more).map(|last| last.workflow.id.to_string());
        Ok(Snapshot { number: events::last_number(&mut snapshot).await?, data: Page { items, next_cursor } })
    }

    /// How many workflows there are of each kind, by the words and the project of the filter alone.
    pub async fn workflow_counts(&self, filter: &WorkflowFilter) -> StoreResult<Vec<WorkflowCount>> {
        let mut snapshot = self.read().await?;
        // Materialized, or the last run would be looked up twice for each.
        let mut query = QueryBuilder::<Sqlite>::new("WITH kinds AS MATERIALIZED (");
        query.push(KINDS);
        let filter = WorkflowFilter { q: filter.q.clone(), project: filter.project, ..WorkflowFilter::default() };
        push_conditions(&mut query, &filter)?;
        query.push(") SELECT state, last, count(*) AS count FROM kinds GROUP BY 1, 2");
        let rows = query.build().fetch_all(&mut *snapshot).await?;
        let count = |row| {
            let last = match Columns::text_or_null(row, "last")? {
                Some(_) => Some(Columns::word(row, "last", Status::parse)?),
                None => None,
            };
            let state = Columns::word(row, "state", WorkflowState::parse)?;
            Ok(WorkflowCount { state, last, count: Columns::count(row, "count")? })
        };
        rows.iter().map(count).collect()
    }

    /// # Errors
    /// `NotFound`.
    pub async fn card(&self, id: WorkflowId, slots: u32, now: Timestamp) -> StoreResult<Snapshot<WorkflowCard>> {
        let mut snapshot = self.read().await?;
        let stored = workflows::find(&mut snapshot, id).await?;
        let load = self.load(&mut snapshot, slots, now).await?;
        let data = card(&mut snapshot, stored, &load).await?;
        Ok(Snapshot { number: events::last_number(&mut snapshot).await?, data })
    }
}

/// The columns of the order of a list, all of them ascending; the last ones make it total.
const fn order(sort: WorkflowSort) -> &'static str {
    match sort {
        WorkflowSort::Name => "w.name, w.id",
        WorkflowSort::NextRun => "coalesce(w.next_run_at, 9223372036854775807), w.name, w.id",
        WorkflowSort::LastRun => concat!("coalesce(-", last_ended!("finished_at"), ", 0), w.name, w.id"),
        WorkflowSort::Failures => concat!(
            "CASE WHEN w.state = 'suspended' THEN 0 WHEN ",
            last_ended!("status"),
            " = 'failed' THEN 1 ELSE 2 END, w.name, w.id"
        ),
    }
}

fn push_conditions(query: &mut QueryBuilder<Sqlite>, filter: &WorkflowFilter) -> StoreResult<()> {
    if let Some(cursor) = &filter.cursor {
        let last: WorkflowId =
            cursor.parse().map_err(|_| Error::invalid("cursor", "is not a next_cursor of a page; leave it out"))?;
        let order = order(filter.sort);
        query.push(" AND (").push(order).push(") > (SELECT ").push(order);
        query.push(" FROM workflows w WHERE w.id = ").push_bind(last.bytes()).push(")");
    }
    if let Some(part) = filter.q.as_deref().map(str::trim).filter(|part| !part.is_empty()) {
        query.push(" AND (instr(lower(w.name), lower(").push_bind(part.to_owned());
        query.push(")) > 0 OR w.project_id IN (SELECT p.id FROM projects p WHERE p.deleted_at IS NULL ");
        query.push("AND instr(lower(p.name), lower(").push_bind(part.to_owned()).push(")) > 0))");
    }
    if let Some(state) = filter.state {
        query.push(" AND w.state = ").push_bind(state.as_str());
    }
    if let Some(outcome) = filter.outcome {
        query.push(concat!(" AND ", last_ended!("status"), " = ")).push_bind(outcome.as_str());
    }
    if let Some(project) = filter.project {
        query.push(" AND w.project_id = ").push_bind(project.bytes());
    }
    Ok(())
}

async fn card(connection: &mut SqliteConnection, stored: StoredWorkflow, load: &Load) -> StoreResult<WorkflowCard> {
    let workflow = stored.workflow;
    let id = workflow.id.bytes();
    let unfinished = sqlx::query(UNFINISHED).bind(&id).fetch_all(&mut *connection).await?;
    let active = with_places(connection, StoredExecution::read_all(&unfinished)?, load).await?;
    let bars = i64::try_from(limits::STRIP_OUTCOMES).expect("the strip is short");
    let ended = sqlx::query(ENDED).bind(&id).bind(bars).fetch_all(&mut *connection).await?;
    let strip = StoredExecution::read_all(&ended)?.iter().rev().map(|bar| Outcome::of(&bar.execution)).collect();
    let last = sqlx::query(LAST_ENDED).bind(&id).fetch_optional(connection).await?;
    let last = last.as_ref().map(StoredExecution::read).transpose()?.map(|stored| stored.execution);
    Ok(WorkflowCard { workflow, active, last, strip })
}
