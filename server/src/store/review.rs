//! What people decided about records by hand.

use std::collections::BTreeMap;

use futures::FutureExt;
use model::{
    Author, Error, Page, ProjectId,
    activity::ActivityKind,
    limits,
    review::{ReviewChange, ReviewFilter, ReviewFlag, ReviewedRecord},
};
use serde_json::{Map, Value, json};
use sqlx::SqliteConnection;

use super::{
    Store, StoreResult,
    activity::{Entry, changes::Changes},
    projects,
    row::{Bytes, Columns, to_json},
    statements::statements,
    writer::Tx,
};

statements! {
    // Lists of texts are bound as JSON.
    OF_RECORDS = "SELECT record_id, flag, set_by, set_at FROM review_flags
        WHERE project_id = ? AND record_id IN (SELECT value FROM json_each(?)) ORDER BY record_id, set_at, flag";
    PAGE = "SELECT DISTINCT record_id FROM review_flags
        WHERE project_id = ?1 AND record_id > ?2 AND (?3 IS NULL OR flag = ?3) ORDER BY record_id LIMIT ?4";
    ALL = "SELECT record_id, flag FROM review_flags WHERE project_id = ?";
    COUNT = "SELECT count(*) FROM review_flags WHERE project_id = ?";
    SET = "INSERT INTO review_flags (project_id, record_id, flag, set_by, set_at)
        SELECT ?, value ->> 0, value ->> 1, ?, ? FROM json_each(?) WHERE true ON CONFLICT DO NOTHING";
    TAKE_AWAY = "DELETE FROM review_flags
        WHERE project_id = ? AND (record_id, flag) IN (SELECT value ->> 0, value ->> 1 FROM json_each(?))";
    FORGET = "DELETE FROM review_flags WHERE project_id = ?";
}

impl Store {
    /// Sets and takes away flags; gives those of the named records that have one now.
    ///
    /// # Errors
    /// `NotFound`; `Conflict` when the project would have more flags than are kept.
    pub async fn review(
        &self,
        project: ProjectId,
        changes: Vec<ReviewChange>,
        by: Author,
    ) -> StoreResult<Vec<ReviewedRecord>> {
        self.write(move |tx| review(tx, project, changes, by).boxed()).await
    }

    /// Those of these records that somebody decided about, by record.
    pub async fn reviews_of(&self, project: ProjectId, records: &[String]) -> StoreResult<Vec<ReviewedRecord>> {
        let mut snapshot = self.read().await?;
        of_records(&mut snapshot, project, records).await
    }

    /// All that was decided, as a run is given it.
    pub async fn review_flags(&self, project: ProjectId) -> StoreResult<Vec<(String, ReviewFlag)>> {
        let mut snapshot = self.read().await?;
        let rows = sqlx::query(ALL).bind(project.bytes()).fetch_all(&mut *snapshot).await?;
        rows.iter().map(|row| Ok((row.text("record_id")?, row.word("flag", ReviewFlag::parse)?))).collect()
    }

    /// A page of the records that somebody decided about, by record.
    ///
    /// # Errors
    /// `NotFound`.
    pub async fn reviewed(&self, project: ProjectId, filter: &ReviewFilter) -> StoreResult<Page<ReviewedRecord>> {
        let mut snapshot = self.read().await?;
        projects::find(&mut snapshot, project).await?;
        let limit = filter.limit.unwrap_or(limits::PAGE_ITEMS_DEFAULT).clamp(1, limits::PAGE_ITEMS_MAX);
        let one_more = i64::try_from(limit + 1).expect("a page is small");
        let mut records: Vec<String> = sqlx::query_scalar(PAGE)
            .bind(project.bytes())
            .bind(filter.cursor.clone().unwrap_or_default())
            .bind(filter.flag.map(ReviewFlag::as_str))
            .bind(one_more)
            .fetch_all(&mut *snapshot)
            .await?;
        let more = records.len() > limit;
        records.truncate(limit);
        let items = of_records(&mut snapshot, project, &records).await?;
        Ok(Page { items, next_cursor: records.pop().filter(|_| more) })
    }
}

async fn of_records(
    connection: &mut SqliteConnection,
    project: ProjectId,
    records: &[String],
) -> StoreResult<Vec<ReviewedRecord>> {
    let rows =
        sqlx::query(OF_RECORDS).bind(project.bytes()).bind(to_json(&records)).fetch_all(&mut *connection).await?;
    let mut reviewed: Vec<ReviewedRecord> = Vec::new();
    for row in &rows {
        let (record, by, at) = (row.text("record_id")?, row.text("set_by")?, row.time("set_at")?);
        if reviewed.last().is_none_or(|last| last.record != record) {
            let none =
                ReviewedRecord { record, master: false, selected: false, not_duplicate: false, by: String::new(), at };
            reviewed.push(none);
        }
        if let Some(last) = reviewed.last_mut() {
            // The newest comes last.
            (last.by, last.at) = (by, at);
            *match row.word("flag", ReviewFlag::parse)? {
                ReviewFlag::Master => &mut last.master,
                ReviewFlag::Selected => &mut last.selected,
                ReviewFlag::NotDuplicate => &mut last.not_duplicate,
            } = true;
        }
    }
    Ok(reviewed)
}

async fn review(
    tx: &mut Tx,
    id: ProjectId,
    changes: Vec<ReviewChange>,
    by: Author,
) -> StoreResult<Vec<ReviewedRecord>> {
    let project = projects::find(&mut tx.connection, id).await?;
    let records: Vec<String> = changes.iter().map(|change| change.record.clone()).collect();
    let before = of_records(&mut tx.connection, id, &records).await?;
    let wanted = |on: bool| {
        let flags = changes.iter().flat_map(|change| change.flags().map(|flag| (change.record.as_str(), flag)));
        let wanted = flags.filter(|(_, (_, wanted))| *wanted == on).map(|(record, (flag, _))| (record, flag.as_str()));
        to_json(&wanted.collect::<Vec<_>>())
    };
    sqlx::query(TAKE_AWAY).bind(id.bytes()).bind(wanted(false)).execute(&mut tx.connection).await?;
    sqlx::query(SET)
        .bind(id.bytes())
        .bind(&by.name)
        .bind(tx.now().as_micros())
        .bind(wanted(true))
        .execute(&mut tx.connection)
        .await?;
    let count: i64 = sqlx::query_scalar(COUNT).bind(id.bytes()).fetch_one(&mut tx.connection).await?;
    if count > limits::REVIEW_FLAGS_MAX {
        let message = format!(
            "A project keeps at most {} decisions about records. Take some away first.",
            limits::REVIEW_FLAGS_MAX
        );
        return Err(Error::conflict(message).into());
    }
    let after = of_records(&mut tx.connection, id, &records).await?;
    let (then, now) = (flags_of(&records, &before), flags_of(&records, &after));
    let changed = records.iter().filter(|record| then.get(*record) != now.get(*record)).count() as u64;
    // What is as it was is no news.
    if changed > 0 {
        let changes = Changes::between(&Value::Object(then), &Value::Object(now));
        let entry = Entry::project(id, &project.name, ActivityKind::Reviewed { records: changed });
        tx.record(entry.by(by).changing(changes));
        projects::announced(tx, id).await?;
    }
    Ok(after)
}

/// The flags of each record, for the log.
fn flags_of(records: &[String], reviewed: &[ReviewedRecord]) -> Map<String, Value> {
    let has = |record: &String, flag| reviewed.iter().any(|known| known.record == *record && known.has(flag));
    let flags = |record: &String| {
        let flags: BTreeMap<&str, bool> =
            ReviewFlag::ALL.into_iter().map(|flag| (flag.as_str(), has(record, flag))).collect();
        (record.clone(), json!(flags))
    };
    records.iter().map(flags).collect()
}

/// What was decided about the records of a project that is deleted.
pub(super) async fn forget(tx: &mut Tx, project: ProjectId) -> StoreResult<()> {
    sqlx::query(FORGET).bind(project.bytes()).execute(&mut tx.connection).await?;
    Ok(())
}

#[cfg(test)]
mod tests;
