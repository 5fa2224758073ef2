//! The log of activity, as it is read. Entries are only ever added (`record`); the oldest are pruned (`prune`), and the
//! schema refuses every other change.
//!
//! **Architecture invariant:** whoever changes something that people change writes the entry of it in the same transaction.

pub(super) mod changes;
pub(super) mod prune;
pub(super) mod record;

use futures::FutureExt;
use model::{
    Error, Page, Scope, Snapshot, Timestamp,
    activity::{Activity, ActivityFilter, ActivityKind, AuthorIdentity, FieldChange, Subject, SubjectKind},
    limits,
};
use serde::Deserialize;
use sqlx::{QueryBuilder, Sqlite, SqliteConnection, sqlite::SqliteRow};

use super::{
    Store, StoreResult, events,
    row::{Bytes, Columns, push_scope},
    statements::statements,
};

pub use prune::ActivityKept;
pub(super) use record::{Entry, Recorded, insert, newest_of};

statements! {
    // What was deleted keeps its log as it keeps its history.
    WORKFLOW_EXISTS = "SELECT count(*) FROM workflows WHERE id = ?";
    PROJECT_EXISTS = "SELECT count(*) FROM projects WHERE id = ?";
    SELECT = "SELECT number, at, actor, identity, identity_id, address, subject, subject_id, subject_name, project_id,
        workflow_id, what FROM activity";
    // From name to name along the index, however many entries each has.
    ACTORS = "WITH RECURSIVE names (name) AS (
            SELECT min(actor) FROM activity
            UNION ALL
            SELECT (SELECT min(actor) FROM activity WHERE actor > names.name) FROM names WHERE names.name IS NOT NULL)
        SELECT name FROM names WHERE name IS NOT NULL LIMIT ?";
}

/// Where a page goes on: the time and the number of the last entry before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Cursor {
    at: Timestamp,
    number: i64,
}

impl Cursor {
    fn parse(text: &str) -> Result<Self, Error> {
        let parts = text.split_once('-').and_then(|(number, at)| Some((number.parse().ok()?, at.parse().ok()?)));
        let (number, at) =
            parts.ok_or_else(|| Error::invalid("cursor", "is not a next_cursor of a page; leave it out"))?;
        Ok(Self { at: Timestamp::from_micros(at), number })
    }

    fn text(self) -> String {
        format!("{}-{}", self.number, self.at.as_micros())
    }
}

/// The column `what`.
#[derive(Deserialize)]
struct What {
    #[serde(flatten)]
    kind: ActivityKind,
    #[serde(default)]
    changes: Vec<FieldChange>,
    #[serde(default)]
    more_changes: u32,
}

impl Store {
    /// A page of the log, newest first: by time, and what has the same time by number. Of a workflow that was in a project
    /// outside of the scope, it begins with the move.
    ///
    /// # Errors
    /// `NotFound` for a workflow or project that never was; `Invalid` at `cursor`, when it is not one that a page gave, and
    /// at `kind`.
    pub async fn activity(&self, filter: &ActivityFilter, scope: &Scope) -> StoreResult<Snapshot<Page<Activity>>> {
        let cursor = filter.cursor.as_deref().map(Cursor::parse).transpose()?;
        if let Some(kind) = filter.kind.as_deref().filter(|kind| !ActivityKind::WORDS.contains(kind)) {
            let known = ActivityKind::WORDS.join(", ");
            return Err(Error::invalid("kind", format!("“{kind}” is none of {known}")).into());
        }
        let limit = filter.limit.unwrap_or(limits::PAGE_ITEMS_DEFAULT).clamp(1, limits::PAGE_ITEMS_MAX);
        let mut snapshot = self.read().await?;
        check_place(&mut snapshot, filter).await?;
        let rows = select(filter, scope, cursor, limit + 1).build().fetch_all(&mut *snapshot).await?;
        let items = rows.iter().take(limit).map(read).collect::<StoreResult<Vec<_>>>()?;
        let last = items.last().filter(|_| rows.len() > limit);
        let next_cursor = last.map(|last| Cursor { at: last.at, number: last.number }.text());
        Ok(Snapshot { number: events::last_number(&mut snapshot).await?, data: Page { items, next_cursor } })
    }

    /// Writes down that this server was started, and whom it lets in.
    pub async fn record_start(&self, version: &str, auth: &str) -> StoreResult<()> {
        let what = ActivityKind::Started { version: version.to_owned(), auth: auth.to_owned() };
        self.write(move |tx| {
            tx.record(Entry::server(what));
            std::future::ready(Ok(())).boxed()
        })
        .await
    }

    /// The names of who did something, in order; not more than a list can name.
    pub async fn actors(&self) -> StoreResult<Vec<String>> {
        let mut snapshot = self.read().await?;
        let most = i64::try_from(limits::ACTORS_LISTED_MAX).expect("a list for people is short");
        Ok(sqlx::query_scalar(ACTORS).bind(most).fetch_all(&mut *snapshot).await?)
    }
}

async fn check_place(connection: &mut SqliteConnection, filter: &ActivityFilter) -> StoreResult<()> {
    let workflow = filter.workflow.map(|id| (WORKFLOW_EXISTS, id.bytes(), "workflow"));
    let project = filter.project.map(|id| (PROJECT_EXISTS, id.bytes(), "project"));
    for (statement, id, what) in workflow.into_iter().chain(project) {
        let found: i64 = sqlx::query_scalar(statement).bind(id).fetch_one(&mut *connection).await?;
        if found == 0 {
            return Err(Error::not_found(what).into());
        }
    }
    Ok(())
}

/// Goes along the index of the narrowest condition, in the order of the page; the further conditions are read from it, too.
/// Which index that is, is said here, since SQLite keeps no statistics of a log that only grows.
fn select(filter: &ActivityFilter, scope: &Scope, cursor: Option<Cursor>, rows: usize) -> QueryBuilder<Sqlite> {
    let mut query = QueryBuilder::new(SELECT);
    query.push(" INDEXED BY ").push(match filter {
        ActivityFilter { workflow: Some(_), .. } => "activity_of_workflow",
        ActivityFilter { project: Some(_), .. } => "activity_of_project",
        ActivityFilter { actor: Some(_), .. } => "activity_by_actor",
        ActivityFilter { subject, .. } if subject.len() == 1 => "activity_of_subject",
        _ => "activity_by_time",
    });
    query.push(" WHERE 1");
    if let Some(workflow) = filter.workflow {
        query.push(" AND workflow_id = ").push_bind(workflow.bytes());
    }
    if let Some(project) = filter.project {
        query.push(" AND project_id = ").push_bind(project.bytes());
    }
    push_scope(&mut query, "project_id", scope);
    if let Some(actor) = &filter.actor {
        query.push(" AND actor = ").push_bind(actor.clone());
    }
    if !filter.subject.is_empty() {
        query.push(" AND subject IN (");
        let mut list = query.separated(", ");
        for subject in &filter.subject {
            list.push_bind(subject.as_str());
        }
        query.push(")");
    }
    if let Some(kind) = &filter.kind {
        query.push(" AND kind = ").push_bind(kind.clone());
    }
    if let Some(from) = filter.from {
        query.push(" AND at >= ").push_bind(from.as_micros());
    }
    // One upper bound: of two, SQLite may begin at the wrong one.
    match (cursor, filter.to) {
        (Some(Cursor { at, number }), to) if to.is_none_or(|to| at < to) => {
            query.push(" AND (at, number) < (").push_bind(at.as_micros()).push(", ").push_bind(number).push(")");
        }
        (_, Some(to)) => {
            query.push(" AND at < ").push_bind(to.as_micros());
        }
        (_, None) => {}
    }
    let rows = i64::try_from(rows).expect("a page is small");
    query.push(" ORDER BY at DESC, number DESC LIMIT ").push_bind(rows);
    query
}

fn read(row: &SqliteRow) -> StoreResult<Activity> {
    let What { kind, changes, more_changes } = row.json("what")?;
    let identity_id = row.uuid_or_null("identity_id")?;
    Ok(Activity {
        number: row.integer("number")?,
        at: row.time("at")?,
        by: row.text_or_null("actor")?,
        identity: row.word_or_null("identity", |word| AuthorIdentity::parse(word, identity_id))?,
        address: row.word_or_null("address", |text| text.parse().ok())?,
        subject: Subject {
            kind: row.word("subject", SubjectKind::parse)?,
            id: row.uuid_or_null("subject_id")?,
            name: row.text_or_null("subject_name")?,
        },
        project_id: row.uuid_or_null("project_id")?.map(model::ProjectId::from_uuid),
        workflow_id: row.uuid_or_null("workflow_id")?.map(model::WorkflowId::from_uuid),
        what: kind,
        changes,
        more_changes,
    })
}

#[cfg(test)]
mod tests;
