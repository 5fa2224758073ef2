//! What the bell tells of. Every page asks, so nothing here reads more than the newest few of each kind.

use model::{
    Scope, Timestamp,
    execution::Status,
    news::{Happening, NEWS_MAX, News},
};
use sqlx::sqlite::SqliteRow;

use super::{
    Store, StoreResult,
    row::{Columns, in_scope, scope_json},
    statements::statements,
};

statements! {
    // The subselects keep to indexes that are in the order of the numbers, however long the history is.
    ENDED = "SELECT e.id, e.workflow_id, w.name AS workflow_name, e.status, e.error, e.finished_at AS at
        FROM executions e JOIN workflows w ON w.id = e.workflow_id
        WHERE e.finished_at > ?1 AND e.number IN (
            SELECT number FROM (SELECT number FROM executions WHERE status = 'failed' AND attempt = attempts
                                ORDER BY number DESC LIMIT ?3)
            UNION
            SELECT number FROM (SELECT number FROM executions INDEXED BY started_by
                                WHERE \"trigger\" = 'manual' AND requested_by = ?2
                                  AND +status IN ('success', 'failed', 'interrupted') AND +attempt = attempts
                                ORDER BY number DESC LIMIT ?3))
        ORDER BY at DESC LIMIT ?3";
    // The same of few projects. Which failures are theirs no index knows, so those of the time that news are of are gone through.
    ENDED_IN_PROJECTS = "SELECT e.id, e.workflow_id, w.name AS workflow_name, e.status, e.error, e.finished_at AS at
        FROM executions e JOIN workflows w ON w.id = e.workflow_id
        WHERE e.finished_at > ?1 AND +e.project_id IN (SELECT unhex(value) FROM json_each(?4)) AND e.attempt = e.attempts
          AND (+e.status = 'failed' OR +e.\"trigger\" = 'manual' AND +e.requested_by = ?2
                AND +e.status IN ('success', 'interrupted'))
        ORDER BY at DESC LIMIT ?3";
    SUSPENDED = concat!("SELECT w.id AS workflow_id, w.name AS workflow_name, w.state_reason,
            (SELECT a.at FROM activity a WHERE a.workflow_id = w.id AND a.subject = 'workflow' AND a.kind = 'suspended'
             ORDER BY a.at DESC, a.number DESC LIMIT 1) AS at
        FROM workflows w WHERE w.state = 'suspended' AND w.deleted_at IS NULL AND at > ?1 AND ",
        in_scope!("w.project_id", "?3"), " ORDER BY at DESC LIMIT ?2");
}

impl Store {
    /// What happened after `since` and concerns `person`, newest first, at most [`NEWS_MAX`].
    pub async fn news(&self, person: &str, scope: &Scope, since: Timestamp) -> StoreResult<Vec<News>> {
        let mut snapshot = self.read().await?;
        let (since, most) = (since.as_micros(), i64::try_from(NEWS_MAX).expect("a list behind a button is short"));
        let projects = scope_json(scope);
        let ended = match &projects {
            None => sqlx::query(ENDED).bind(since).bind(person).bind(most),
            Some(projects) => sqlx::query(ENDED_IN_PROJECTS).bind(since).bind(person).bind(most).bind(projects),
        };
        let ended = ended.fetch_all(&mut *snapshot).await?;
        let suspended = sqlx::query(SUSPENDED).bind(since).bind(most).bind(&projects).fetch_all(&mut *snapshot).await?;
        let ended = ended.iter().map(|row| news(row, ended_as(row)?));
        let suspended =
            suspended.iter().map(|row| news(row, Happening::Suspended { reason: row.text("state_reason")? }));
        let mut all = ended.chain(suspended).collect::<StoreResult<Vec<_>>>()?;
        all.sort_by_key(|news| std::cmp::Reverse(news.at));
        all.truncate(NEWS_MAX);
        Ok(all)
    }
}

fn news(row: &SqliteRow, what: Happening) -> StoreResult<News> {
    Ok(News {
        at: row.time("at")?,
        workflow: row.workflow_id("workflow_id")?,
        workflow_name: row.text("workflow_name")?,
        what,
    })
}

fn ended_as(row: &SqliteRow) -> StoreResult<Happening> {
    Ok(Happening::Ended {
        execution: row.execution_id("id")?,
        status: row.word("status", Status::parse)?,
        error: row.text_or_null("error")?,
    })
}

#[cfg(test)]
mod tests;
