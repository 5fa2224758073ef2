//! Reads a database as it is, beside the process that works on it: for those who check it from outside (`crate::audit`).
//! Never writes.

use std::path::Path;

use model::{
    event::{Change, Event},
    execution::Execution,
    workflow::Workflow,
};
use sqlx::{ConnectOptions, SqliteConnection, sqlite::SqliteConnectOptions};

use super::{
    StoreResult, events,
    execution_row::{StoredExecution, select_executions},
    row::Columns,
    statements::statements,
    workflow_row::{StoredWorkflow, select_workflows},
};

statements! {
    EVENTS = "SELECT number, at, change FROM events WHERE number > ? ORDER BY number";
    EXECUTIONS = select_executions!("ORDER BY e.number");
    UNFINISHED = select_executions!("WHERE e.status IN ('queued', 'running', 'cancelling') ORDER BY e.number");
    WORKFLOWS = select_workflows!("WHERE w.deleted_at IS NULL ORDER BY w.id");
    INTEGRITY = "PRAGMA integrity_check";
}

/// An open database.
pub struct Records {
    connection: SqliteConnection,
}

/// An execution with what no page shows.
#[derive(Clone, Debug)]
pub struct ExecutionRecord {
    pub execution: Execution,
    /// `server_starts.epoch` of the process that claimed it.
    pub epoch: Option<i64>,
}

impl Records {
    /// # Errors
    /// When the file is not there or cannot be read.
    pub async fn open(file: &Path) -> StoreResult<Self> {
        let options = SqliteConnectOptions::new().filename(file).read_only(true);
        Ok(Self { connection: options.connect().await? })
    }

    /// Number of the newest event that was ever written.
    pub async fn last_event(&mut self) -> StoreResult<i64> {
        events::last_number(&mut self.connection).await
    }

    /// Events with a number above `number`, oldest first.
    pub async fn events_after(&mut self, number: i64) -> StoreResult<Vec<Event>> {
        let rows = sqlx::query(EVENTS).bind(number).fetch_all(&mut self.connection).await?;
        let events = rows.iter().map(|row| {
            let change: Change = row.json("change")?;
            Ok(Event { number: row.integer("number")?, at: row.time("at")?, change })
        });
        events.collect()
    }

    /// Every execution, in the order in which they were queued.
    pub async fn executions(&mut self) -> StoreResult<Vec<ExecutionRecord>> {
        self.records(EXECUTIONS).await
    }

    /// Those that are not over.
    pub async fn unfinished(&mut self) -> StoreResult<Vec<ExecutionRecord>> {
        self.records(UNFINISHED).await
    }

    /// Every workflow that was not deleted.
    pub async fn workflows(&mut self) -> StoreResult<Vec<Workflow>> {
        let rows = sqlx::query(WORKFLOWS).fetch_all(&mut self.connection).await?;
        rows.iter().map(|row| Ok(StoredWorkflow::read(row)?.workflow)).collect()
    }

    /// What SQLite itself says of the file: `ok`, or what is broken.
    pub async fn integrity(&mut self) -> StoreResult<String> {
        Ok(sqlx::query_scalar(INTEGRITY).fetch_one(&mut self.connection).await?)
    }

    async fn records(&mut self, statement: &'static str) -> StoreResult<Vec<ExecutionRecord>> {
        let rows = sqlx::query(statement).fetch_all(&mut self.connection).await?;
        let stored = StoredExecution::read_all(&rows)?.into_iter();
        Ok(stored.map(|stored| ExecutionRecord { execution: stored.execution, epoch: stored.epoch }).collect())
    }
}
