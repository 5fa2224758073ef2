//! The database of a backup: a copy that is made beside the server, and what it names.
//!
//! The copy is one read transaction of a process of its own: the server writes on meanwhile. Nothing here opens the
//! database as [`super::Store::open`] does, which would begin an epoch and take what runs out of the server's hands.

use std::path::Path;

use model::{ExecutionId, ProjectId, execution::Output};
use sqlx::{ConnectOptions, Row as _, SqliteConnection, sqlite::SqliteConnectOptions};
use uuid::Uuid;

use super::{
    BUSY_TIMEOUT, StoreError, StoreResult,
    row::{Bytes, Columns},
    statements::statements,
    writer::known_schema,
};

/// Executions that are read at once.
const PORTION: i64 = 500;

statements! {
    COPY = "VACUUM INTO ?";
    SCHEMA = "SELECT max(version) AS schema FROM _sqlx_migrations WHERE success";
    INTEGRITY = "PRAGMA integrity_check";
    FOREIGN_KEYS = "PRAGMA foreign_key_check";
    PROJECTS = "SELECT id FROM projects WHERE deleted_at IS NULL ORDER BY id";
    FILES = "SELECT file_id, bytes FROM project_files WHERE project_id = ? ORDER BY file_id";
    EXECUTIONS = "SELECT number, id, outputs FROM executions WHERE number > ? ORDER BY number LIMIT ?";
}

/// Opens the database beside whoever works on it, and copies it as the last commit left it.
///
/// # Errors
/// When it cannot be read, or was written by a newer version; `to` may be left half written.
pub async fn copy(database: &Path, to: &Path) -> StoreResult<()> {
    let mut connection = connect(database).await?;
    check_schema(&mut connection).await?;
    let to = to.to_str().ok_or_else(|| sqlx::Error::Configuration("the path of the copy is not UTF-8".into()))?;
    sqlx::query(COPY).bind(to).execute(&mut connection).await?;
    Ok(sqlx::Connection::close(connection).await?)
}

/// A database that nobody works on.
pub struct Copied {
    connection: SqliteConnection,
    /// The newest migration that was applied to it.
    pub schema: i64,
}

/// An execution, and what it left for download.
#[derive(Clone, Debug)]
pub struct CopiedExecution {
    pub number: i64,
    pub id: ExecutionId,
    pub outputs: Vec<Output>,
}

impl Copied {
    /// # Errors
    /// When it cannot be read, is none of ours, or was written by a newer version.
    pub async fn open(file: &Path) -> StoreResult<Self> {
        let mut connection = connect(file).await?;
        let schema = check_schema(&mut connection).await?;
        Ok(Self { connection, schema })
    }

    /// What SQLite finds wrong with it: pages and indexes, then rows that name others which are not there.
    pub async fn fault(&mut self) -> StoreResult<Option<String>> {
        let integrity: String = sqlx::query_scalar(INTEGRITY).fetch_one(&mut self.connection).await?;
        if integrity != "ok" {
            return Ok(Some(integrity));
        }
        let row = sqlx::query(FOREIGN_KEYS).fetch_optional(&mut self.connection).await?;
        row.map(|row| {
            let (table, other): (String, String) = (row.try_get(0)?, row.try_get(2)?);
            Ok(format!("a row of {table} names one of {other} that is not there"))
        })
        .transpose()
    }

    /// Every project that was not deleted.
    pub async fn projects(&mut self) -> StoreResult<Vec<ProjectId>> {
        let rows = sqlx::query(PROJECTS).fetch_all(&mut self.connection).await?;
        rows.iter().map(|row| row.project_id("id")).collect()
    }

    /// Uploaded files of a project: name on disk, and size in bytes.
    pub async fn files(&mut self, project: ProjectId) -> StoreResult<Vec<(Uuid, u64)>> {
        let rows = sqlx::query(FILES).bind(project.bytes()).fetch_all(&mut self.connection).await?;
        rows.iter().map(|row| Ok((row.uuid("file_id")?, row.count("bytes")?))).collect()
    }

    /// Some of the executions that were queued after the one of this number; none when there are no more.
    pub async fn executions_after(&mut self, number: i64) -> StoreResult<Vec<CopiedExecution>> {
        let rows = sqlx::query(EXECUTIONS).bind(number).bind(PORTION).fetch_all(&mut self.connection).await?;
        let executions = rows.iter().map(|row| {
            let outputs = if row.text_or_null("outputs")?.is_some() { row.json("outputs")? } else { Vec::new() };
            Ok(CopiedExecution { number: row.integer("number")?, id: row.execution_id("id")?, outputs })
        });
        executions.collect()
    }
}

async fn connect(file: &Path) -> StoreResult<SqliteConnection> {
    let options = SqliteConnectOptions::new().filename(file).read_only(true).busy_timeout(BUSY_TIMEOUT);
    Ok(options.connect().await?)
}

/// The schema's version, if this program knows it.
async fn check_schema(connection: &mut SqliteConnection) -> StoreResult<i64> {
    let row = sqlx::query(SCHEMA).fetch_one(connection).await?;
    let schema = row.integer("schema")?;
    let known = known_schema();
    if schema > known {
        return Err(StoreError::Newer { schema, known });
    }
    Ok(schema)
}
