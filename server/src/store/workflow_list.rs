//! Workflows as their cards show them.

use std::collections::HashMap;

use model::{
    Error, ExecutionId, Page, Scope, Snapshot, Timestamp, WorkflowId,
    execution::{Status, Trigger},
    limits,
    workflow::{Outcome, Workflow, WorkflowCard, WorkflowCount, WorkflowFilter, WorkflowSort, WorkflowState},
};
use sqlx::{QueryBuilder, Sqlite, SqliteConnection};

use super::{
    Store, StoreResult, events,
    execution_row::{StoredExecution, select_executions},
    history::with_places,
    places::Load,
    row::{Bytes, Columns, push_scope, to_json},
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
    // What is read for all cards of a page at once; `?` is the list of their ids. The subselects keep to the index that
    // knows the workflow, whatever the planner thinks of the rest.
    UNFINISHED = select_executions!("WHERE e.number IN (
            SELECT number FROM executions INDEXED BY executions_by_workflow
            WHERE workflow_id IN (SELECT unhex(value) FROM json_each(?)) AND status IN ('queued', 'running', 'cancelling'))
        ORDER BY e.status = 'queued', e.queued_at, e.id");
    // One row a workflow, in the order of the ids, and nothing but what a bar shows: the steps of twenty runs are a lot to
    // read, and two thousand rows a lot to hand over. What a workflow ran before it was moved here is not for those who
    // see this project alone.
    STRIPS = "SELECT (
            SELECT json_group_array(
                json_array(hex(x.id), x.status, x.\"trigger\", x.queued_at, x.started_at, x.finished_at) ORDER BY x.number)
            FROM (SELECT e.number, e.id, e.status, e.\"trigger\", e.queued_at, e.started_at, e.finished_at
                  FROM executions e
                  WHERE e.workflow_id = w.id AND e.finished_at IS NOT NULL AND +e.project_id = w.project_id
                  ORDER BY e.number DESC LIMIT ?2) x) AS strip
        FROM json_each(?1) j JOIN workflows w ON w.id = unhex(j.value) ORDER BY j.key";
    LAST_ENDED = select_executions!("WHERE e.number IN (
            SELECT (SELECT x.number FROM executions x
                    WHERE x.workflow_id = w.id AND x.finished_at IS NOT NULL AND +x.project_id = w.project_id
                    ORDER BY x.finished_at DESC, x.number DESC LIMIT 1)
            FROM json_each(?) j JOIN workflows w ON w.id = unhex(j.value))");
}

impl Store {
    /// A page of cards in the order of the filter.
    ///
    /// # Errors
    /// `Invalid` at `cursor`, when it is not one that a page gave.
    pub async fn cards(
        &self,
        filter: &WorkflowFilter,
        scope: &Scope,
        slots: u32,
        now: Timestamp,
    ) -> StoreResult<Snapshot<Page<WorkflowCard>>> {
        let mut snapshot = self.read().await?;
        let Page { items, next_cursor } = page(&mut snapshot, filter, scope).await?;
        let load = self.load(&mut snapshot, slots, now).await?;
        let items = cards(&mut snapshot, items, &load).await?;
        Ok(Snapshot { number: events::last_number(&mut snapshot).await?, data: Page { items, next_cursor } })
    }

    /// The same page, without what only cards show.
    ///
    /// # Errors
    /// As there.
    pub async fn workflow_page(&self, filter: &WorkflowFilter, scope: &Scope) -> StoreResult<Page<Workflow>> {
        page(&mut *self.read().await?, filter, scope).await
    }

    /// How many workflows there are of each kind, by the words and the project of the filter alone.
    pub async fn workflow_counts(&self, filter: &WorkflowFilter, scope: &Scope) -> StoreResult<Vec<WorkflowCount>> {
        let mut snapshot = self.read().await?;
        // Materialized, or the last run would be looked up twice for each.
        let mut query = QueryBuilder::<Sqlite>::new("WITH kinds AS MATERIALIZED (");
        query.push(KINDS);
        let filter = WorkflowFilter { q: filter.q.clone(), project: filter.project, ..WorkflowFilter::default() };
        push_conditions(&mut query, &filter, scope)?;
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
        let mut cards = cards(&mut snapshot, vec![stored.workflow], &load).await?;
        let data = cards.pop().expect("one workflow has one card");
        Ok(Snapshot { number: events::last_number(&mut snapshot).await?, data })
    }
}

async fn page(
    connection: &mut SqliteConnection,
    filter: &WorkflowFilter,
    scope: &Scope,
) -> StoreResult<Page<Workflow>> {
    let limit = filter.limit.unwrap_or(limits::PAGE_ITEMS_DEFAULT).clamp(1, limits::PAGE_ITEMS_MAX);
    let mut query = QueryBuilder::<Sqlite>::new(LIST);
    query.push(" WHERE w.id IN (").push(CHOSEN);
    push_conditions(&mut query, filter, scope)?;
    let one_more = i64::try_from(limit + 1).expect("a page is small");
    query.push(" ORDER BY ").push(order(filter.sort)).push(" LIMIT ").push_bind(one_more);
    query.push(") ORDER BY ").push(order(filter.sort));
    let rows = query.build().fetch_all(connection).await?;
    let listed = rows.iter().take(limit).map(|row| StoredWorkflow::read(row).map(|stored| stored.workflow));
    let items: Vec<Workflow> = listed.collect::<StoreResult<_>>()?;
    let next_cursor = items.last().filter(|_| rows.len() > limit).map(|last| last.id.to_string());
    Ok(Page { items, next_cursor })
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

fn push_conditions(query: &mut QueryBuilder<Sqlite>, filter: &WorkflowFilter, scope: &Scope) -> StoreResult<()> {
    push_scope(query, "w.project_id", scope);
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

/// The workflows with what they run and ran.
async fn cards(
    connection: &mut SqliteConnection,
    workflows: Vec<Workflow>,
    load: &Load,
) -> StoreResult<Vec<WorkflowCard>> {
    let ids: Vec<String> = workflows.iter().map(|workflow| workflow.id.as_uuid().simple().to_string()).collect();
    let ids = to_json(&ids);
    let unfinished = sqlx::query(UNFINISHED).bind(&ids).fetch_all(&mut *connection).await?;
    let unfinished = with_places(connection, StoredExecution::read_all(&unfinished)?, load).await?;
    let bars = i64::try_from(limits::STRIP_OUTCOMES).expect("the strip is short");
    let strips = sqlx::query(STRIPS).bind(&ids).bind(bars).fetch_all(&mut *connection).await?;
    let ended = sqlx::query(LAST_ENDED).bind(&ids).fetch_all(connection).await?;
    let mut places = HashMap::with_capacity(workflows.len());
    let mut cards = Vec::with_capacity(workflows.len());
    for (workflow, row) in workflows.into_iter().zip(&strips) {
        places.insert(workflow.id, cards.len());
        let strip = row.json::<Vec<Bar>>("strip")?.into_iter().map(outcome).collect();
        cards.push(WorkflowCard { workflow, active: Vec::new(), last: None, strip });
    }
    // Each row is of one of the workflows that were asked for.
    for execution in unfinished {
        cards[places[&execution.workflow_id]].active.push(execution);
    }
    for stored in StoredExecution::read_all(&ended)? {
        let place = places[&stored.execution.workflow_id];
        cards[place].last = Some(stored.execution);
    }
    Ok(cards)
}

/// As [`STRIPS`] reads it: when it was queued, started and finished in microseconds.
type Bar = (ExecutionId, Status, Trigger, i64, Option<i64>, Option<i64>);

fn outcome((execution, status, trigger, queued_at, started_at, finished_at): Bar) -> Outcome {
    let [started_at, finished_at] = [started_at, finished_at].map(|at| at.map(Timestamp::from_micros));
    Outcome {
        execution,
        status,
        trigger,
        queued_at: Timestamp::from_micros(queued_at),
        duration_ms: Outcome::duration_ms(started_at, finished_at),
    }
}
