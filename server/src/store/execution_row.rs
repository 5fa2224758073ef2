//! One row of `executions`, as it is read and written.

use model::{
    ExecutionId, Step, Timestamp,
    event::Change,
    execution::{Execution, Output, Status, Trigger},
};
use sqlx::{SqliteConnection, sqlite::SqliteRow};

use super::{
    StoreResult,
    row::{Bytes, Columns, to_json},
    statements::statements,
    writer::{Tx, next_command},
};

/// An execution with what the roles need and pages do not.
#[derive(Clone, Debug)]
pub(super) struct StoredExecution {
    pub(super) execution: Execution,
    /// The order in which it was queued.
    pub(super) number: i64,
    /// Executions start in the order of this time.
    pub(super) ready_at: Timestamp,
    /// Interruptions in a row before it.
    pub(super) interruptions: u32,
    pub(super) epoch: Option<i64>,
    /// Set when it succeeds. Never read here; `None` leaves the row's as they are.
    pub(super) outputs: Option<Vec<Output>>,
}

/// Everything that [`StoredExecution::read`] reads, of `executions e` and `workflows w`.
macro_rules! execution_columns {
    () => {
        "e.number, e.id, e.workflow_id, w.name AS workflow_name, e.project_id, e.status, e.\"trigger\", e.original_trigger, \
         e.requested_by, e.attempt, e.attempts, e.retry_of, e.recovery_of, e.interruptions, e.from_step, e.queued_at, \
         e.not_before, e.ready_at, e.started_at, e.finished_at, e.due_at, e.late, e.folded, e.epoch, e.configuration_version, \
         e.records, e.error, e.cancelled_by, e.cancelled_at, e.destination_unchanged, e.steps"
    };
}
pub(super) use execution_columns;

/// `SELECT` of those columns; the rest of the statement follows.
macro_rules! select_executions {
    ($($rest:tt)*) => {
        concat!(
            "SELECT ",
            $crate::store::execution_row::execution_columns!(),
            " FROM executions e JOIN workflows w ON w.id = e.workflow_id ",
            $($rest)*
        )
    };
}
pub(super) use select_executions;

statements! {
    BY_ID = select_executions!("WHERE e.id = ?");
    FIRST_BY_ID = next_command!(select_executions!("WHERE e.id = ?"));
    INSERT = "INSERT INTO executions (id, workflow_id, project_id, status, \"trigger\", original_trigger, requested_by,
        idempotency_key, attempt, attempts, retry_of, recovery_of, interruptions, queued_at, not_before, ready_at, due_at, late,
        folded, from_step, steps)
        VALUES (?, ?, ?, 'queued', ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";
    // The condition on the state makes final states final and late writers harmless.
    UPDATE = "UPDATE executions SET status = ?, started_at = ?, finished_at = ?, project_id = ?, epoch = ?, folded = ?,
        from_step = ?, configuration_version = ?, records = ?, error = ?, cancelled_by = ?, cancelled_at = ?,
        destination_unchanged = ?, steps = ?, outputs = coalesce(?, outputs) WHERE id = ? AND status = ?";
}

impl StoredExecution {
    pub(super) fn read(row: &SqliteRow) -> StoreResult<Self> {
        let execution = Execution {
            id: row.execution_id("id")?,
            workflow_id: row.workflow_id("workflow_id")?,
            workflow_name: row.text("workflow_name")?,
            project_id: row.project_id("project_id")?,
            status: row.word("status", Status::parse)?,
            trigger: row.word("trigger", Trigger::parse)?,
            original_trigger: row.word("original_trigger", Trigger::parse)?,
            requested_by: row.text_or_null("requested_by")?,
            attempt: row.count("attempt")?,
            attempts: row.count("attempts")?,
            retry_of: row.uuid_or_null("retry_of")?.map(ExecutionId::from_uuid),
            recovery_of: row.uuid_or_null("recovery_of")?.map(ExecutionId::from_uuid),
            from: row.word_or_null("from_step", Step::parse)?,
            queued_at: row.time("queued_at")?,
            ready_at: row.time_or_null("not_before")?,
            started_at: row.time_or_null("started_at")?,
            finished_at: row.time_or_null("finished_at")?,
            due_at: row.time_or_null("due_at")?,
            late: row.flag("late")?,
            folded: row.count("folded")?,
            configuration_version: row.integer_or_null("configuration_version")?,
            records: row.count_or_null("records")?,
            error: row.text_or_null("error")?,
            cancelled_by: row.text_or_null("cancelled_by")?,
            cancelled_at: row.time_or_null("cancelled_at")?,
            destination_unchanged: row.integer_or_null("destination_unchanged")?.map(|flag| flag != 0),
            queue_position: None,
            queue_reason: None,
            steps: row.json("steps")?,
        };
        Ok(Self {
            execution,
            number: row.integer("number")?,
            ready_at: row.time("ready_at")?,
            interruptions: row.count("interruptions")?,
            epoch: row.integer_or_null("epoch")?,
            outputs: None,
        })
    }

    pub(super) fn read_all(rows: &[SqliteRow]) -> StoreResult<Vec<Self>> {
        rows.iter().map(Self::read).collect()
    }
}

/// The execution of an id, if there is one.
pub(super) async fn find(connection: &mut SqliteConnection, id: ExecutionId) -> StoreResult<Option<StoredExecution>> {
    let row = sqlx::query(BY_ID).bind(id.bytes()).fetch_optional(connection).await?;
    row.as_ref().map(StoredExecution::read).transpose()
}

/// As [`find`], for a command that begins with it; see [`super::Store::write_late`].
pub(super) async fn find_first(tx: &mut Tx, id: ExecutionId) -> StoreResult<Option<StoredExecution>> {
    let row = tx.begin_with(FIRST_BY_ID, BY_ID, id.bytes()).await?;
    row.as_ref().map(StoredExecution::read).transpose()
}

/// What a new execution needs beside what pages see.
pub(super) struct NewExecution {
    pub(super) execution: Execution,
    pub(super) key: Option<String>,
    pub(super) ready_at: Timestamp,
    pub(super) interruptions: u32,
}

/// Writes a queued execution and its event.
pub(super) async fn insert(tx: &mut Tx, new: NewExecution) -> StoreResult<Execution> {
    let execution = new.execution;
    sqlx::query(INSERT)
        .bind(execution.id.bytes())
        .bind(execution.workflow_id.bytes())
        .bind(execution.project_id.bytes())
        .bind(execution.trigger.as_str())
        .bind(execution.original_trigger.as_str())
        .bind(&execution.requested_by)
        .bind(new.key)
        .bind(execution.attempt)
        .bind(execution.attempts)
        .bind(execution.retry_of.map(|id| id.bytes()))
        .bind(execution.recovery_of.map(|id| id.bytes()))
        .bind(new.interruptions)
        .bind(execution.queued_at.as_micros())
        .bind(execution.ready_at.map(Timestamp::as_micros))
        .bind(new.ready_at.as_micros())
        .bind(execution.due_at.map(Timestamp::as_micros))
        .bind(execution.late)
        .bind(execution.folded)
        .bind(execution.from.map(Step::as_str))
        .bind(to_json(&execution.steps))
        .execute(&mut tx.connection)
        .await?;
    tx.effects.queue = true;
    tx.emit(&Change::Execution { execution: Box::new(execution.clone()) });
    Ok(execution)
}

/// Writes what changed in an execution that was in the state `before`, and its event.
///
/// # Errors
/// When the row is no longer in that state. Within one transaction that cannot happen.
pub(super) async fn update(tx: &mut Tx, stored: &StoredExecution, before: Status) -> StoreResult<()> {
    let execution = &stored.execution;
    debug_assert!(execution.status == before || before.may_become(execution.status), "{before:?}: {execution:?}");
    let updated = sqlx::query(UPDATE)
        .bind(execution.status.as_str())
        .bind(execution.started_at.map(Timestamp::as_micros))
        .bind(execution.finished_at.map(Timestamp::as_micros))
        .bind(execution.project_id.bytes())
        .bind(stored.epoch)
        .bind(execution.folded)
        .bind(execution.from.map(Step::as_str))
        .bind(execution.configuration_version)
        .bind(execution.records.map(|records| i64::try_from(records).unwrap_or(i64::MAX)))
        .bind(&execution.error)
        .bind(&execution.cancelled_by)
        .bind(execution.cancelled_at.map(Timestamp::as_micros))
        .bind(execution.destination_unchanged)
        .bind(to_json(&execution.steps))
        .bind(stored.outputs.as_ref().map(to_json))
        .bind(execution.id.bytes())
        .bind(before.as_str())
        .execute(&mut tx.connection)
        .await?;
    if updated.rows_affected() != 1 {
        return Err(sqlx::Error::RowNotFound.into());
    }
    tx.effects.queue |= execution.status != before;
    tx.emit(&Change::Execution { execution: Box::new(execution.clone()) });
    Ok(())
}
