//! Workflows: create, edit, pause, resume, delete.

use futures::FutureExt;
use model::{
    Error, FieldError, ProjectId, StepRange, Timestamp, WorkflowId,
    event::Change,
    limits,
    schedule::{Missed, Schedule},
    workflow::{Notifications, Workflow, WorkflowState},
};
use sqlx::{SqliteConnection, sqlite::SqliteRow};

use super::{
    Store, StoreResult,
    row::{Bytes, Columns, to_json},
    statements::statements,
    writer::Tx,
};

/// `SELECT` of everything that [`StoredWorkflow::read`] reads; the rest of the statement follows.
macro_rules! select_workflows {
    ($rest:literal) => {
        concat!(
            "SELECT w.id, w.name, w.project_id, p.name AS project_name, w.steps, w.schedule, w.retry_delays_s, ",
            "w.notifications, w.time_zone, w.schedule_words, w.state, w.state_reason, w.anchor, w.next_run_at, ",
            "w.last_due_at, w.retries, w.suspend_after, w.missed, w.timeout_s, w.version, w.created_at ",
            "FROM workflows w JOIN projects p ON p.id = w.project_id ",
            $rest
        )
    };
}
pub(super) use select_workflows;

statements! {
    BY_ID = select_workflows!("WHERE w.id = ? AND w.deleted_at IS NULL");
    NAME_TAKEN = "SELECT count(*) FROM workflows WHERE name = ? AND deleted_at IS NULL AND id IS NOT ?";
    PROJECT_LIVES = "SELECT count(*) FROM projects WHERE id = ? AND deleted_at IS NULL";
    INSERT = "INSERT INTO workflows (name, project_id, steps, schedule, retry_delays_s, notifications, time_zone,
        schedule_words, retries, suspend_after, missed, timeout_s, state, anchor, next_run_at, created_at, created_by, id)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";
    REPLACE = "UPDATE workflows SET name = ?, project_id = ?, steps = ?, schedule = ?, retry_delays_s = ?,
        notifications = ?, time_zone = ?, schedule_words = ?, retries = ?, suspend_after = ?, missed = ?, timeout_s = ?,
        anchor = ?, next_run_at = ?, version = version + 1 WHERE id = ?";
    PAUSE = "UPDATE workflows SET state = 'paused', next_run_at = NULL WHERE id = ?";
    RESUME = "UPDATE workflows SET state = 'active', state_reason = NULL, failed_runs = 0, next_run_at = ? WHERE id = ?";
    DELETE = "UPDATE workflows SET deleted_at = ?, next_run_at = NULL WHERE id = ?";
    UNFINISHED = "SELECT count(*) FROM executions
        WHERE workflow_id = ? AND status IN ('queued', 'running', 'cancelling')";
}

/// A workflow as it is to be stored: checked, and with the defaults filled in.
#[derive(Clone, Debug)]
pub struct Plan {
    pub name: String,
    pub project_id: ProjectId,
    pub steps: StepRange,
    pub schedule: Schedule,
    pub time_zone: String,
    pub schedule_words: String,
    pub retries: u8,
    pub retry_delays_s: Vec<u32>,
    pub suspend_after: u32,
    pub missed: Missed,
    pub timeout_s: u64,
    pub notifications: Notifications,
}

/// A workflow with what the scheduler needs and pages do not.
#[derive(Clone, Debug)]
pub(super) struct StoredWorkflow {
    pub(super) workflow: Workflow,
    pub(super) anchor: Timestamp,
    pub(super) last_due_at: Option<Timestamp>,
}

impl StoredWorkflow {
    pub(super) fn read(row: &SqliteRow) -> StoreResult<Self> {
        let workflow = Workflow {
            id: row.workflow_id("id")?,
            name: row.text("name")?,
            project_id: row.project_id("project_id")?,
            project_name: row.text("project_name")?,
            steps: row.json("steps")?,
            schedule: row.json("schedule")?,
            time_zone: row.text("time_zone")?,
            schedule_words: row.text("schedule_words")?,
            state: row.word("state", WorkflowState::parse)?,
            state_reason: row.text_or_null("state_reason")?,
            next_run_at: row.time_or_null("next_run_at")?,
            retries: row.count("retries")?,
            retry_delays_s: row.json("retry_delays_s")?,
            suspend_after: row.count("suspend_after")?,
            missed: row.word("missed", parse_missed)?,
            timeout_s: row.count("timeout_s")?,
            notifications: row.json("notifications")?,
            version: row.integer("version")?,
            created_at: row.time("created_at")?,
        };
        Ok(Self { workflow, anchor: row.time("anchor")?, last_due_at: row.time_or_null("last_due_at")? })
    }

    /// The first occurrence after `now` that was not fired yet; none unless the workflow is active.
    pub(super) fn next_run_after(&self, tx: &Tx, now: Timestamp) -> Option<Timestamp> {
        let workflow = &self.workflow;
        if workflow.state != WorkflowState::Active {
            return None;
        }
        let after = self.last_due_at.map_or(now, |last| last.max(now));
        tx.next_run(&workflow.schedule, &workflow.time_zone, self.anchor, after)
    }
}

pub(super) const fn missed_word(missed: Missed) -> &'static str {
    match missed {
        Missed::CatchUp => "catch_up",
        Missed::Skip => "skip",
    }
}

fn parse_missed(text: &str) -> Option<Missed> {
    [Missed::CatchUp, Missed::Skip].into_iter().find(|missed| missed_word(*missed) == text)
}

impl Store {
    /// A workflow as it stands.
    ///
    /// # Errors
    /// `NotFound`, also for one that was deleted.
    pub async fn find_workflow(&self, id: WorkflowId) -> StoreResult<Workflow> {
        let mut snapshot = self.read().await?;
        Ok(find(&mut snapshot, id).await?.workflow)
    }

    /// What the store has against a plan: a name that is taken, a project that is gone.
    pub async fn plan_problems(&self, plan: &Plan, except: Option<WorkflowId>) -> StoreResult<Vec<FieldError>> {
        let mut snapshot = self.read().await?;
        problems(&mut snapshot, plan, except).await
    }

    pub async fn create_workflow(&self, plan: Plan, by: String) -> StoreResult<Workflow> {
        self.write(move |tx| create(tx, plan, by, WorkflowState::Active).boxed()).await
    }

    /// A paused copy under a free name.
    pub async fn duplicate_workflow(&self, id: WorkflowId, by: String) -> StoreResult<Workflow> {
        self.write(move |tx| duplicate(tx, id, by).boxed()).await
    }

    /// # Errors
    /// `OutdatedVersion` when someone else saved since `version`.
    pub async fn replace_workflow(&self, id: WorkflowId, plan: Plan, version: i64) -> StoreResult<Workflow> {
        self.write(move |tx| replace(tx, id, plan, version).boxed()).await
    }

    /// # Errors
    /// `Conflict` while it is suspended: only Resume ends that.
    pub async fn pause_workflow(&self, id: WorkflowId) -> StoreResult<Workflow> {
        self.write(move |tx| pause(tx, id).boxed()).await
    }

    /// Ends a pause or a suspension; the schedule goes on with its next occurrence.
    pub async fn resume_workflow(&self, id: WorkflowId) -> StoreResult<Workflow> {
        self.write(move |tx| resume(tx, id).boxed()).await
    }

    /// # Errors
    /// `Conflict` while one of its executions is queued or running.
    pub async fn delete_workflow(&self, id: WorkflowId) -> StoreResult<()> {
        self.write(move |tx| delete(tx, id).boxed()).await
    }
}

pub(super) async fn find(connection: &mut SqliteConnection, id: WorkflowId) -> StoreResult<StoredWorkflow> {
    let row = sqlx::query(BY_ID).bind(id.bytes()).fetch_optional(connection).await?;
    StoredWorkflow::read(&row.ok_or_else(|| Error::not_found("workflow"))?)
}

/// Writes the event of a workflow that was changed in this transaction.
pub(super) async fn announce(tx: &mut Tx, id: WorkflowId) -> StoreResult<()> {
    let workflow = find(&mut tx.connection, id).await?.workflow;
    tx.effects.schedules = true;
    tx.emit(&Change::Workflow { workflow: Box::new(workflow) }).await
}

async fn announced(tx: &mut Tx, id: WorkflowId) -> StoreResult<Workflow> {
    announce(tx, id).await?;
    Ok(find(&mut tx.connection, id).await?.workflow)
}

async fn problems(
    connection: &mut SqliteConnection,
    plan: &Plan,
    except: Option<WorkflowId>,
) -> StoreResult<Vec<FieldError>> {
    let mut problems = Vec::new();
    let except = except.map(|id| id.bytes());
    let taken: i64 = sqlx::query_scalar(NAME_TAKEN).bind(&plan.name).bind(except).fetch_one(&mut *connection).await?;
    if taken > 0 {
        problems.push(FieldError::new("name", "another workflow has this name"));
    }
    let lives: i64 = sqlx::query_scalar(PROJECT_LIVES).bind(plan.project_id.bytes()).fetch_one(connection).await?;
    if lives == 0 {
        problems.push(FieldError::new("project_id", "there is no such project; it may have been deleted"));
    }
    Ok(problems)
}

async fn create(tx: &mut Tx, plan: Plan, by: String, state: WorkflowState) -> StoreResult<Workflow> {
    Error::from_fields(problems(&mut tx.connection, &plan, None).await?)?;
    let now = tx.now();
    let id = WorkflowId::from_uuid(tx.new_uuid());
    let next = match state {
        WorkflowState::Active => tx.next_run(&plan.schedule, &plan.time_zone, now, now),
        WorkflowState::Paused | WorkflowState::Suspended => None,
    };
    bind_plan(sqlx::query(INSERT), &plan)
        .bind(state.as_str())
        .bind(now.as_micros())
        .bind(next.map(Timestamp::as_micros))
        .bind(now.as_micros())
        .bind(by)
        .bind(id.bytes())
        .execute(&mut tx.connection)
        .await?;
    announced(tx, id).await
}

type Statement<'q> = sqlx::query::Query<'q, sqlx::Sqlite, <sqlx::Sqlite as sqlx::Database>::Arguments>;

/// The columns that `INSERT` and `REPLACE` begin with.
fn bind_plan<'q>(statement: Statement<'q>, plan: &'q Plan) -> Statement<'q> {
    statement
        .bind(&plan.name)
        .bind(plan.project_id.bytes())
        .bind(to_json(&plan.steps))
        .bind(to_json(&plan.schedule))
        .bind(to_json(&plan.retry_delays_s))
        .bind(to_json(&plan.notifications))
        .bind(&plan.time_zone)
        .bind(&plan.schedule_words)
        .bind(plan.retries)
        .bind(plan.suspend_after)
        .bind(missed_word(plan.missed))
        .bind(i64::try_from(plan.timeout_s).unwrap_or(i64::MAX))
}

async fn replace(tx: &mut Tx, id: WorkflowId, plan: Plan, version: i64) -> StoreResult<Workflow> {
    let mut stored = find(&mut tx.connection, id).await?;
    if stored.workflow.version != version {
        return Err(Error::OutdatedVersion { current: stored.workflow.version }.into());
    }
    Error::from_fields(problems(&mut tx.connection, &plan, Some(id)).await?)?;
    let moved = stored.workflow.schedule != plan.schedule || stored.workflow.time_zone != plan.time_zone;
    if moved {
        stored.anchor = tx.now();
        stored.workflow.schedule = plan.schedule.clone();
        stored.workflow.time_zone.clone_from(&plan.time_zone);
        stored.workflow.next_run_at = stored.next_run_after(tx, tx.now());
    }
    bind_plan(sqlx::query(REPLACE), &plan)
        .bind(stored.anchor.as_micros())
        .bind(stored.workflow.next_run_at.map(Timestamp::as_micros))
        .bind(id.bytes())
        .execute(&mut tx.connection)
        .await?;
    announced(tx, id).await
}

async fn duplicate(tx: &mut Tx, id: WorkflowId, by: String) -> StoreResult<Workflow> {
    let original = find(&mut tx.connection, id).await?.workflow;
    let mut plan = Plan {
        name: original.name.clone(),
        project_id: original.project_id,
        steps: original.steps,
        schedule: original.schedule,
        time_zone: original.time_zone,
        schedule_words: original.schedule_words,
        retries: original.retries,
        retry_delays_s: original.retry_delays_s,
        suspend_after: original.suspend_after,
        missed: original.missed,
        timeout_s: original.timeout_s,
        notifications: original.notifications,
    };
    for count in 1.. {
        let suffix = if count == 1 { " (copy)".to_owned() } else { format!(" (copy {count})") };
        let kept = limits::NAME_CHARS_MAX - suffix.chars().count();
        plan.name = original.name.chars().take(kept).chain(suffix.chars()).collect();
        let taken: i64 =
            sqlx::query_scalar(NAME_TAKEN).bind(&plan.name).bind(None::<Vec<u8>>).fetch_one(&mut tx.connection).await?;
        if taken == 0 {
            break;
        }
    }
    create(tx, plan, by, WorkflowState::Paused).await
}

async fn pause(tx: &mut Tx, id: WorkflowId) -> StoreResult<Workflow> {
    let workflow = find(&mut tx.connection, id).await?.workflow;
    match workflow.state {
        WorkflowState::Paused => Ok(workflow),
        WorkflowState::Suspended => {
            Err(Error::conflict("This workflow is suspended and does not run by itself; only Resume ends that.").into())
        }
        WorkflowState::Active => {
            sqlx::query(PAUSE).bind(id.bytes()).execute(&mut tx.connection).await?;
            announced(tx, id).await
        }
    }
}

async fn resume(tx: &mut Tx, id: WorkflowId) -> StoreResult<Workflow> {
    let mut stored = find(&mut tx.connection, id).await?;
    if stored.workflow.state == WorkflowState::Active {
        return Ok(stored.workflow);
    }
    stored.workflow.state = WorkflowState::Active;
    let next = stored.next_run_after(tx, tx.now());
    sqlx::query(RESUME).bind(next.map(Timestamp::as_micros)).bind(id.bytes()).execute(&mut tx.connection).await?;
    announced(tx, id).await
}

async fn delete(tx: &mut Tx, id: WorkflowId) -> StoreResult<()> {
    find(&mut tx.connection, id).await?;
    let unfinished: i64 = sqlx::query_scalar(UNFINISHED).bind(id.bytes()).fetch_one(&mut tx.connection).await?;
    if unfinished > 0 {
        let message = "One of its executions is queued or running. Cancel it, or wait for its end, then delete.";
        return Err(Error::conflict(message).into());
    }
    sqlx::query(DELETE).bind(tx.now().as_micros()).bind(id.bytes()).execute(&mut tx.connection).await?;
    tx.effects.schedules = true;
    tx.emit(&Change::WorkflowDeleted { workflow_id: id }).await
}
