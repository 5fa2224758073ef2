//! Secrets of projects, sealed. What opens them is not known here.

use futures::FutureExt;
use model::{Author, Error, ProjectId, activity::ActivityKind, event::Change, limits, secret::KeptSecret};
use sqlx::Row as _;

use super::{
    Store, StoreResult,
    activity::Entry,
    row::{Bytes, Columns},
    statements::statements,
    writer::Tx,
};

statements! {
    NAMES = "SELECT s.name, s.changed_at, s.changed_by FROM project_secrets s JOIN projects p ON p.id = s.project_id
        WHERE s.project_id = ? AND p.deleted_at IS NULL ORDER BY s.name";
    SEALED = "SELECT name, sealed FROM project_secrets WHERE project_id = ? ORDER BY name";
    ANY = "SELECT EXISTS (SELECT 1 FROM project_secrets)";
    PROJECT = "SELECT name, version FROM projects WHERE id = ? AND deleted_at IS NULL";
    COUNT_OTHERS = "SELECT count(*) FROM project_secrets WHERE project_id = ? AND name <> ?";
    PUT = "INSERT INTO project_secrets (project_id, name, sealed, changed_at, changed_by) VALUES (?, ?, ?, ?, ?)
        ON CONFLICT (project_id, name) DO UPDATE SET sealed = excluded.sealed, changed_at = excluded.changed_at,
        changed_by = excluded.changed_by";
    REMOVE = "DELETE FROM project_secrets WHERE project_id = ? AND name = ?";
    REMOVE_ALL = "DELETE FROM project_secrets WHERE project_id = ?";
}

/// A secret as it is kept.
#[derive(Clone, PartialEq, Eq)]
pub struct SealedSecret {
    pub name: String,
    pub sealed: Vec<u8>,
}

impl Store {
    /// The secrets of a project, by name.
    ///
    /// # Errors
    /// `NotFound` when there is no such project.
    pub async fn secret_names(&self, project: ProjectId) -> StoreResult<Vec<KeptSecret>> {
        let mut snapshot = self.read().await?;
        let found = sqlx::query(PROJECT).bind(project.bytes()).fetch_optional(&mut *snapshot).await?;
        if found.is_none() {
            return Err(Error::not_found("project").into());
        }
        let rows = sqlx::query(NAMES).bind(project.bytes()).fetch_all(&mut *snapshot).await?;
        let kept = rows.iter().map(|row| {
            Ok(KeptSecret {
                name: row.text("name")?,
                changed_at: row.time("changed_at")?,
                changed_by: row.text("changed_by")?,
            })
        });
        kept.collect()
    }

    /// All secrets of a project, for a run.
    pub async fn sealed_secrets(&self, project: ProjectId) -> StoreResult<Vec<SealedSecret>> {
        let mut snapshot = self.read().await?;
        let rows = sqlx::query(SEALED).bind(project.bytes()).fetch_all(&mut *snapshot).await?;
        rows.iter().map(|row| Ok(SealedSecret { name: row.text("name")?, sealed: row.try_get("sealed")? })).collect()
    }

    /// Whether any project has one.
    pub async fn has_secrets(&self) -> StoreResult<bool> {
        let mut snapshot = self.read().await?;
        Ok(sqlx::query_scalar(ANY).fetch_one(&mut *snapshot).await?)
    }

    /// Keeps a secret, in place of the one of that name.
    ///
    /// # Errors
    /// `NotFound` when there is no such project; `Conflict` when it has as many as it can.
    pub async fn put_secret(&self, project: ProjectId, secret: SealedSecret, by: Author) -> StoreResult<()> {
        self.write(move |tx| put(tx, project, secret, by).boxed()).await
    }

    /// # Errors
    /// `NotFound` when there is no such project, or no such secret in it.
    pub async fn remove_secret(&self, project: ProjectId, name: String, by: Author) -> StoreResult<()> {
        self.write(move |tx| remove(tx, project, name, by).boxed()).await
    }
}

/// Those of a project that goes.
pub(super) async fn remove_all(tx: &mut Tx, project: ProjectId) -> StoreResult<()> {
    sqlx::query(REMOVE_ALL).bind(project.bytes()).execute(&mut tx.connection).await?;
    Ok(())
}

async fn put(tx: &mut Tx, project: ProjectId, secret: SealedSecret, by: Author) -> StoreResult<()> {
    let others: i64 =
        sqlx::query_scalar(COUNT_OTHERS).bind(project.bytes()).bind(&secret.name).fetch_one(&mut tx.connection).await?;
    if others >= limits::SECRETS_PER_PROJECT_MAX {
        return Err(Error::conflict(format!(
            "The project has {others} secrets already, which is the most it can have."
        ))
        .into());
    }
    told(tx, project, ActivityKind::SecretKept { secret: secret.name.clone() }, by.clone()).await?;
    sqlx::query(PUT)
        .bind(project.bytes())
        .bind(&secret.name)
        .bind(&secret.sealed)
        .bind(tx.now().as_micros())
        .bind(&by.name)
        .execute(&mut tx.connection)
        .await?;
    Ok(())
}

async fn remove(tx: &mut Tx, project: ProjectId, name: String, by: Author) -> StoreResult<()> {
    told(tx, project, ActivityKind::SecretRemoved { secret: name.clone() }, by).await?;
    let removed = sqlx::query(REMOVE).bind(project.bytes()).bind(&name).execute(&mut tx.connection).await?;
    if removed.rows_affected() == 0 {
        return Err(Error::not_found(format!("secret “{name}” in this project")).into());
    }
    Ok(())
}

/// The entry of the log, and the event for the pages that show the project.
async fn told(tx: &mut Tx, project: ProjectId, what: ActivityKind, by: Author) -> StoreResult<()> {
    let row = sqlx::query(PROJECT).bind(project.bytes()).fetch_optional(&mut tx.connection).await?;
    let row = row.ok_or_else(|| Error::not_found("project"))?;
    tx.record(Entry::project(project, &row.text("name")?, what).by(by));
    tx.emit(&Change::Project { project_id: project, version: row.integer("version")? });
    Ok(())
}
