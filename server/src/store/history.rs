//! Reading executions: one, and pages of many.
//!
//! Pages are keyed by the number of the last row shown, and every index ends in that number, so the ten-millionth row
//! pages as fast as the first.

use std::collections::BTreeSet;

use model::{
    Error, ExecutionId, Page, ProjectId, Scope, Snapshot, Timestamp,
    execution::{Execution, ExecutionFilter, Output},
    limits,
};
use sqlx::{QueryBuilder, Sqlite, SqliteConnection};

use super::{
    Store, StoreResult, events,
    execution_row::{self, StoredExecution, select_executions},
    places::{self, Load},
    row::{Bytes, Columns},
    search::{Search, Window},
    statements::statements,
};

statements! {
    // What `page` adds to; the test prepares it as it is.
    LIST = select_executions!("WHERE TRUE");
    // What `newest_failure` adds to.
    NEWEST_FAILURE = "SELECT e.number FROM executions e WHERE e.status = 'failed'";
    PROJECT_OF = "SELECT project_id FROM executions WHERE id = ?";
    ATTEMPTS = select_executions!("WHERE e.id = ?1 OR e.retry_of = ?1 ORDER BY e.number");
    OUTPUTS = "SELECT coalesce(outputs, '[]') AS outputs FROM executions WHERE id = ?";
    LATEST_EXPORT = "SELECT id, outputs FROM executions WHERE project_id = ? AND status = 'success'
        AND outputs IS NOT NULL AND outputs <> '[]' ORDER BY number DESC LIMIT 1";
    LAST_END = "SELECT finished_at FROM executions WHERE project_id = ? AND finished_at IS NOT NULL
        ORDER BY number DESC LIMIT 1";
}

impl Store {
    /// One execution, with its place while it is queued.
    ///
    /// # Errors
    /// `NotFound`.
    pub async fn execution(&self, id: ExecutionId, slots: u32, now: Timestamp) -> StoreResult<Snapshot<Execution>> {
        let mut snapshot = self.read().await?;
        let found = execution_row::find(&mut snapshot, id).await?;
        let mut execution = found.ok_or_else(|| Error::not_found("execution"))?.execution;
        let load = self.load(&mut snapshot, slots, now).await?;
        places::place(&mut snapshot, &mut execution, &load).await?;
        Ok(Snapshot { number: events::last_number(&mut snapshot).await?, data: execution })
    }

    /// # Errors
    /// `NotFound`.
    pub async fn project_of_execution(&self, id: ExecutionId) -> StoreResult<ProjectId> {
        let mut snapshot = self.read().await?;
        let row = sqlx::query(PROJECT_OF).bind(id.bytes()).fetch_optional(&mut *snapshot).await?;
        row.ok_or_else(|| Error::not_found("execution"))?.project_id("project_id")
    }

    /// Fills in where an execution stands, if it is queued.
    pub async fn with_place(&self, mut execution: Execution, slots: u32, now: Timestamp) -> StoreResult<Execution> {
        let mut snapshot = self.read().await?;
        let load = self.load(&mut snapshot, slots, now).await?;
        places::place(&mut snapshot, &mut execution, &load).await?;
        Ok(execution)
    }

    /// A page of executions, newest first.
    ///
    /// # Errors
    /// `Invalid` at `cursor`, when it is not one that a page gave.
    pub async fn executions(
        &self,
        filter: &ExecutionFilter,
        scope: &Scope,
        slots: u32,
        now: Timestamp,
    ) -> StoreResult<Snapshot<Page<Execution>>> {
        let mut snapshot = self.read().await?;
        let limit = filter.limit.unwrap_or(limits::PAGE_ITEMS_DEFAULT).clamp(1, limits::PAGE_ITEMS_MAX);
        let cursor = read_cursor(filter)?;
        let mut found = match scope {
            Scope::All => newest(&mut snapshot, filter, cursor, limit + 1).await?,
            Scope::Projects(projects) => newest_of(&mut snapshot, projects, filter, cursor, limit + 1).await?,
        };
        let more = found.len() > limit;
        found.truncate(limit);
        let next_cursor = found.last().filter(|_| more).map(|last| last.number.to_string());
        let load = self.load(&mut snapshot, slots, now).await?;
        let items = with_places(&mut snapshot, found, &load).await?;
        Ok(Snapshot { number: events::last_number(&mut snapshot).await?, data: Page { items, next_cursor } })
    }

    /// The first attempt of an execution's run and all its retries, in their order.
    ///
    /// # Errors
    /// `NotFound`.
    pub async fn attempts(&self, id: ExecutionId) -> StoreResult<Vec<Execution>> {
        let mut snapshot = self.read().await?;
        let found = execution_row::find(&mut snapshot, id).await?;
        let execution = found.ok_or_else(|| Error::not_found("execution"))?.execution;
        let first = execution.retry_of.unwrap_or(execution.id);
        let rows = sqlx::query(ATTEMPTS).bind(first.bytes()).fetch_all(&mut *snapshot).await?;
        Ok(StoredExecution::read_all(&rows)?.into_iter().map(|stored| stored.execution).collect())
    }

    /// The files that an execution left for download, the main one first.
    pub async fn outputs(&self, id: ExecutionId) -> StoreResult<Vec<Output>> {
        let mut snapshot = self.read().await?;
        let row = sqlx::query(OUTPUTS).bind(id.bytes()).fetch_optional(&mut *snapshot).await?;
        row.ok_or_else(|| Error::not_found("execution"))?.json("outputs")
    }

    /// The newest successful execution of a project that left files, with their list.
    pub async fn latest_outputs(&self, project: ProjectId) -> StoreResult<Option<(ExecutionId, Vec<Output>)>> {
        let mut snapshot = self.read().await?;
        let row = sqlx::query(LATEST_EXPORT).bind(project.bytes()).fetch_optional(&mut *snapshot).await?;
        row.map(|row| Ok((row.execution_id("id")?, row.json("outputs")?))).transpose()
    }
}

/// When the newest execution of a project that is over ended.
pub(super) async fn last_end(connection: &mut SqliteConnection, project: ProjectId) -> StoreResult<Option<Timestamp>> {
    let end: Option<i64> = sqlx::query_scalar(LAST_END).bind(project.bytes()).fetch_optional(connection).await?;
    Ok(end.map(Timestamp::from_micros))
}

pub(super) async fn with_places(
    connection: &mut SqliteConnection,
    found: Vec<StoredExecution>,
    load: &Load,
) -> StoreResult<Vec<Execution>> {
    let mut executions = Vec::with_capacity(found.len());
    for stored in found {
        let mut execution = stored.execution;
        places::place(connection, &mut execution, load).await?;
        executions.push(execution);
    }
    Ok(executions)
}

fn read_cursor(filter: &ExecutionFilter) -> StoreResult<Option<i64>> {
    let unreadable = |_| Error::invalid("cursor", "is not a next_cursor of a page; leave it out");
    Ok(filter.cursor.as_deref().map(str::parse).transpose().map_err(unreadable)?)
}

/// The newest executions that pass the filter.
async fn newest(
    connection: &mut SqliteConnection,
    filter: &ExecutionFilter,
    cursor: Option<i64>,
    most: usize,
) -> StoreResult<Vec<StoredExecution>> {
    match filter.q.as_deref().and_then(Search::new) {
        None => page(connection, filter, cursor, None, most).await,
        Some(search) => found_page(connection, filter, cursor, search, most).await,
    }
}

/// The newest of a few projects: those of each by the index that knows it, since the newest of all may be of others for a
/// million rows.
async fn newest_of(
    connection: &mut SqliteConnection,
    projects: &BTreeSet<ProjectId>,
    filter: &ExecutionFilter,
    cursor: Option<i64>,
    most: usize,
) -> StoreResult<Vec<StoredExecution>> {
    let mut all = Vec::new();
    for project in projects.iter().filter(|project| filter.project.is_none_or(|wanted| wanted == **project)) {
        let filter = ExecutionFilter { project: Some(*project), ..filter.clone() };
        all.extend(newest(connection, &filter, cursor, most).await?);
    }
    all.sort_by_key(|stored| std::cmp::Reverse(stored.number));
    all.truncate(most);
    Ok(all)
}

/// As [`page`], of the executions in whose errors the words stand.
///
/// Goes back from the newest failure that passes the filter to the window of matches there, and on behind it: so neither
/// many failures without the words nor many matches outside the filter are gone through one by one.
async fn found_page(
    connection: &mut SqliteConnection,
    filter: &ExecutionFilter,
    cursor: Option<i64>,
    mut search: Search,
    most: usize,
) -> StoreResult<Vec<StoredExecution>> {
    let mut found = Vec::new();
    let mut below = cursor.unwrap_or(i64::MAX);
    while found.len() < most {
        let Some(newest) = newest_failure(connection, filter, below).await? else { break };
        let Some(window) = search.window(connection, newest).await? else { break };
        below = window.oldest;
        found.extend(page(connection, filter, None, Some(window), most - found.len()).await?);
    }
    Ok(found)
}

/// The number of the newest failure numbered less than `below` that passes the filter.
async fn newest_failure(
    connection: &mut SqliteConnection,
    filter: &ExecutionFilter,
    below: i64,
) -> StoreResult<Option<i64>> {
    let mut query = QueryBuilder::<Sqlite>::new(NEWEST_FAILURE);
    query.push(" AND e.number < ").push_bind(below);
    push_conditions(&mut query, filter);
    query.push(" ORDER BY e.number DESC LIMIT 1");
    Ok(query.build_query_scalar().fetch_optional(connection).await?)
}

/// The newest executions numbered less than `cursor` that pass the filter, and stand in the window if there is one.
async fn page(
    connection: &mut SqliteConnection,
    filter: &ExecutionFilter,
    cursor: Option<i64>,
    window: Option<Window>,
    most: usize,
) -> StoreResult<Vec<StoredExecution>> {
    let mut query = QueryBuilder::<Sqlite>::new(LIST);
    if let Some(number) = cursor {
        query.push(" AND e.number < ").push_bind(number);
    }
    push_conditions(&mut query, filter);
    if let Some(window) = window {
        window.push_condition(&mut query);
    }
    query.push(" ORDER BY e.number DESC LIMIT ").push_bind(i64::try_from(most).expect("a page is small"));
    StoredExecution::read_all(&query.build().fetch_all(connection).await?)
}

/// All of the filter but its words and its cursor.
fn push_conditions(query: &mut QueryBuilder<Sqlite>, filter: &ExecutionFilter) {
    if let Some(workflow) = filter.workflow {
        query.push(" AND e.workflow_id = ").push_bind(workflow.bytes());
    }
    if let Some(project) = filter.project {
        query.push(" AND e.project_id = ").push_bind(project.bytes());
    }
    if let Some(status) = filter.status {
        query.push(" AND e.status = ").push_bind(status.as_str());
    }
    if let Some(trigger) = filter.trigger {
        query.push(" AND e.\"trigger\" = ").push_bind(trigger.as_str());
    }
    // Times are turned into numbers first: both grow together, and then any index serves.
    if let Some(from) = filter.from {
        query.push(" AND e.number >= (SELECT coalesce(min(number), 9223372036854775807) FROM (SELECT number FROM executions WHERE queued_at >= ");
        query.push_bind(from.as_micros()).push(" ORDER BY queued_at LIMIT 1))");
    }
    if let Some(to) = filter.to {
        query.push(
            " AND e.number <= (SELECT coalesce(max(number), 0) FROM (SELECT number FROM executions WHERE queued_at < ",
        );
        query.push_bind(to.as_micros()).push(" ORDER BY queued_at DESC LIMIT 1))");
    }
}
