//! Reading executions: one, and pages of many.
//!
//! Pages are keyed by the number of the last row shown, and every index ends in that number, so the ten-millionth row
//! pages as fast as the first.

use model::{
    Error, ExecutionId, Page, ProjectId, Snapshot, Timestamp,
    execution::{Execution, ExecutionFilter, Output},
    limits,
};
use sqlx::{QueryBuilder, Sqlite, SqliteConnection};

use super::{
    Store, StoreResult, events,
    execution_row::{self, StoredExecution, select_executions},
    places::{self, Load},
    row::{Bytes, Columns},
    statements::statements,
};

statements! {
    // What `push_conditions` adds to; the test prepares it as it is.
    LIST = select_executions!("WHERE TRUE");
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
        slots: u32,
        now: Timestamp,
    ) -> StoreResult<Snapshot<Page<Execution>>> {
        let mut snapshot = self.read().await?;
        let limit = filter.limit.unwrap_or(limits::PAGE_ITEMS_DEFAULT).clamp(1, limits::PAGE_ITEMS_MAX);
        let mut query = QueryBuilder::<Sqlite>::new(LIST);
        let one_more = i64::try_from(limit + 1).expect("a page is small");
        push_conditions(&mut query, filter, one_more)?;
        query.push(" ORDER BY e.number DESC LIMIT ").push_bind(one_more);
        let rows = query.build().fetch_all(&mut *snapshot).await?;
        let mut found = StoredExecution::read_all(&rows)?;
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

fn push_conditions(query: &mut QueryBuilder<Sqlite>, filter: &ExecutionFilter, most: i64) -> StoreResult<()> {
    let unreadable = |_| Error::invalid("cursor", "is not a next_cursor of a page; leave it out");
    let cursor: Option<i64> = filter.cursor.as_deref().map(str::parse).transpose().map_err(unreadable)?;
    if let Some(number) = cursor {
        query.push(" AND e.number < ").push_bind(number);
    }
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
    if let Some(words) = filter.q.as_deref().map(search_words).filter(|words| !words.is_empty()) {
        query.push(" AND e.number IN (SELECT rowid FROM execution_errors WHERE execution_errors MATCH ");
        query.push_bind(words);
        // A word may stand in a million errors. Where nothing else narrows the page, the newest of them are the page.
        let alone = ExecutionFilter { q: filter.q.clone(), limit: filter.limit, ..ExecutionFilter::default() };
        if *filter == (ExecutionFilter { cursor: filter.cursor.clone(), ..alone }) {
            if let Some(number) = cursor {
                query.push(" AND rowid < ").push_bind(number);
            }
            query.push(" ORDER BY rowid DESC LIMIT ").push_bind(most);
        }
        query.push(")");
    }
    Ok(())
}

/// Every word must be there; the last one may be the beginning of a word, since it may still be being typed.
fn search_words(text: &str) -> String {
    let words: Vec<String> = text
        .split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(|word| format!("\"{word}\""))
        .collect();
    if words.is_empty() { String::new() } else { format!("{} *", words.join(" ")) }
}
