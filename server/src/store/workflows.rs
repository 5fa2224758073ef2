//! Workflows: create, edit, pause, resume, delete.

use futures::FutureExt;
use model::{
    Author, Error, FieldError, ProjectId, StepRange, Timestamp, WorkflowId,
    activity::ActivityKind,
    event::Change,
    limits,
    schedule::{Missed, Schedule},
    workflow::{Notifications, Workflow, WorkflowState},
};
use sqlx::SqliteConnection;

use super::{
    Store, StoreResult,
    activity::{Entry, changes::Changes},
    digests,
    row::{Bytes, Columns, to_json},
    statements::statements,
    workflow_row::{StoredWorkflow, missed_word, select_workflows},
    writer::Tx,
};

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
    DELETE = "UPDATE workflows SET deleted_at = ?, next_run_at = NULL, digest_at = NULL WHERE id = ?";
    // Of a deleted one, too: its history is still there.
    PROJECT_OF = "SELECT project_id FROM workflows WHERE id = ?";
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

impl Store {
    /// A workflow as it stands.
    ///
    /// # Errors
    /// `NotFound`, also for one that was deleted.
    pub async fn find_workflow(&self, id: WorkflowId) -> StoreResult<Workflow> {
        let mut snapshot = self.read().await?;
        Ok(find(&mut snapshot, id).await?.workflow)
    }

    /// The project of a workflow, also of one that was deleted.
    ///
    /// # Errors
    /// `NotFound`.
    pub async fn project_of_workflow(&self, id: WorkflowId) -> StoreResult<ProjectId> {
        let mut snapshot = self.read().await?;
        let row = sqlx::query(PROJECT_OF).bind(id.bytes()).fetch_optional(&mut *snapshot).await?;
        row.ok_or_else(|| Error::not_found("workflow"))?.project_id("project_id")
    }

    /// What the store has against a plan: a name that is taken, a project that is gone.
    pub async fn plan_problems(&self, plan: &Plan, except: Option<WorkflowId>) -> StoreResult<Vec<FieldError>> {
        let mut snapshot = self.read().await?;
        problems(&mut snapshot, plan, except).await
    }

    pub async fn create_workflow(&self, plan: Plan, by: Author) -> StoreResult<Workflow> {
        self.write(move |tx| create(tx, plan, by, New::FromDraft).boxed()).await
    }

    /// A paused copy under a free name.
    pub async fn duplicate_workflow(&self, id: WorkflowId, by: Author) -> StoreResult<Workflow> {
        self.write(move |tx| duplicate(tx, id, by).boxed()).await
    }

    /// # Errors
    /// `OutdatedVersion` when someone else saved since `version`.
    pub async fn replace_workflow(
        &self,
        id: WorkflowId,
        plan: Plan,
        version: i64,
        by: Author,
    ) -> StoreResult<Workflow> {
        self.write(move |tx| replace(tx, id, plan, version, by).boxed()).await
    }

    /// # Errors
    /// `Conflict` while it is suspended: only Resume ends that.
    pub async fn pause_workflow(&self, id: WorkflowId, by: Author) -> StoreResult<Workflow> {
        self.write(move |tx| pause(tx, id, by).boxed()).await
    }

    /// Ends a pause or a suspension; the schedule goes on with its next occurrence.
    pub async fn resume_workflow(&self, id: WorkflowId, by: Author) -> StoreResult<Workflow> {
        self.write(move |tx| resume(tx, id, by).boxed()).await
    }

    /// # Errors
    /// `Conflict` while one of its executions is queued or running.
    pub async fn delete_workflow(&self, id: WorkflowId, by: Author) -> StoreResult<()> {
        self.write(move |tx| delete(tx, id, by).boxed()).await
    }
}

pub(super) async fn find(connection: &mut SqliteConnection, id: WorkflowId) -> StoreResult<StoredWorkflow> {
    let row = sqlx::query(BY_ID).bind(id.bytes()).fetch_optional(connection).await?;
    StoredWorkflow::read(&row.ok_or_else(|| Error::not_found("workflow"))?)
}

/// Writes the event of a workflow that was changed in this transaction.
pub(super) async fn announce(tx: &mut Tx, id: WorkflowId) -> StoreResult<()> {
    let workflow = find(&mut tx.connection, id).await?.workflow;
    announce_as(tx, workflow);
    Ok(())
}

/// The same of a workflow that is known as it is now.
pub(super) fn announce_as(tx: &mut Tx, workflow: Workflow) {
    tx.effects.schedules = true;
    tx.emit(&Change::Workflow { workflow: Box::new(workflow) });
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

/// Where a new workflow comes from.
enum New {
    /// It starts Active.
    FromDraft,
    /// It starts Paused.
    CopyOf(String),
}

async fn create(tx: &mut Tx, plan: Plan, by: Author, new: New) -> StoreResult<Workflow> {
    Error::from_fields(problems(&mut tx.connection, &plan, None).await?)?;
    let now = tx.now();
    let id = WorkflowId::from_uuid(tx.new_uuid());
    let (state, next, what) = match new {
        New::FromDraft => {
            let next = tx.occurrences(&plan.schedule, &plan.time_zone, now)(now);
            (WorkflowState::Active, next, ActivityKind::Created)
        }
        New::CopyOf(from) => (WorkflowState::Paused, None, ActivityKind::Duplicated { from }),
    };
    bind_plan(sqlx::query(INSERT), &plan)
        .bind(state.as_str())
        .bind(now.as_micros())
        .bind(next.map(Timestamp::as_micros))
        .bind(now.as_micros())
        .bind(&by.name)
        .bind(id.bytes())
        .execute(&mut tx.connection)
        .await?;
    digests::arm(tx, id, plan.notifications.digest_hour, &plan.time_zone).await?;
    let created = announced(tx, id).await?;
    tx.record(Entry::workflow(&created, what).by(by));
    Ok(created)
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

async fn replace(tx: &mut Tx, id: WorkflowId, plan: Plan, version: i64, by: Author) -> StoreResult<Workflow> {
    let mut stored = find(&mut tx.connection, id).await?;
    let before = stored.workflow.clone();
    if stored.workflow.version != version {
        return Err(Error::OutdatedVersion { current: stored.workflow.version }.into());
    }
    Error::from_fields(problems(&mut tx.connection, &plan, Some(id)).await?)?;
    // An execution belongs to one project from its beginning to its end, and so do those who may see it.
    if stored.workflow.project_id != plan.project_id && is_unfinished(tx, id).await? {
        let message = "One of its executions is queued or running. Cancel it, or wait for its end, then move the \
                       workflow to another project.";
        return Err(Error::conflict(message).into());
    }
    let other_schedule = stored.workflow.schedule != plan.schedule;
    let other_zone = stored.workflow.time_zone != plan.time_zone;
    if other_schedule {
        stored.anchor = tx.now();
        stored.workflow.schedule = plan.schedule.clone();
    }
    stored.workflow.time_zone.clone_from(&plan.time_zone);
    // Another zone alone moves the times of a cron expression; a simple schedule knows none. Else the next run stays, also
    // one that is due and will be fired in a moment.
    if other_schedule || other_zone && matches!(plan.schedule, Schedule::Cron { .. }) {
        stored.workflow.next_run_at = stored.next_run_after(tx, tx.now());
    }
    bind_plan(sqlx::query(REPLACE), &plan)
        .bind(stored.anchor.as_micros())
        .bind(stored.workflow.next_run_at.map(Timestamp::as_micros))
        .bind(id.bytes())
        .execute(&mut tx.connection)
        .await?;
    // Else the next digest stays, also one that is due.
    if other_zone || stored.workflow.notifications.digest_hour != plan.notifications.digest_hour {
        digests::arm(tx, id, plan.notifications.digest_hour, &plan.time_zone).await?;
    }
    let after = announced(tx, id).await?;
    if before.project_id != after.project_id {
        tx.record(Entry::moved_away(&before).by(by.clone()));
    }
    let edited = ActivityKind::Edited { version: Some(after.version) };
    tx.record(Entry::workflow(&after, edited).by(by).changing(Changes::workflow(&before, &after)));
    Ok(after)
}

async fn duplicate(tx: &mut Tx, id: WorkflowId, by: Author) -> StoreResult<Workflow> {
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
    create(tx, plan, by, New::CopyOf(original.name)).await
}

async fn pause(tx: &mut Tx, id: WorkflowId, by: Author) -> StoreResult<Workflow> {
    let workflow = find(&mut tx.connection, id).await?.workflow;
    match workflow.state {
        WorkflowState::Paused => Ok(workflow),
        WorkflowState::Suspended => {
            Err(Error::conflict("This workflow is suspended and does not run by itself; only Resume ends that.").into())
        }
        WorkflowState::Active => {
            sqlx::query(PAUSE).bind(id.bytes()).execute(&mut tx.connection).await?;
            tx.record(Entry::workflow(&workflow, ActivityKind::Paused).by(by));
            announced(tx, id).await
        }
    }
}

async fn resume(tx: &mut Tx, id: WorkflowId, by: Author) -> StoreResult<Workflow> {
    let mut stored = find(&mut tx.connection, id).await?;
    if stored.workflow.state == WorkflowState::Active {
        return Ok(stored.workflow);
    }
    stored.workflow.state = WorkflowState::Active;
    let next = stored.next_run_after(tx, tx.now());
    sqlx::query(RESUME).bind(next.map(Timestamp::as_micros)).bind(id.bytes()).execute(&mut tx.connection).await?;
    tx.record(Entry::workflow(&stored.workflow, ActivityKind::Resumed).by(by));
    announced(tx, id).await
}

/// Whether one of its executions is queued or running.
async fn is_unfinished(tx: &mut Tx, id: WorkflowId) -> StoreResult<bool> {
    let unfinished: i64 = sqlx::query_scalar(UNFINISHED).bind(id.bytes()).fetch_one(&mut tx.connection).await?;
    Ok(unfinished > 0)
}

async fn delete(tx: &mut Tx, id: WorkflowId, by: Author) -> StoreResult<()> {
    let workflow = find(&mut tx.connection, id).await?.workflow;
    if is_unfinished(tx, id).await? {
        let message = "One of its executions is queued or running. Cancel it, or wait for its end, then delete.";
        return Err(Error::conflict(message).into());
    }
    sqlx::query(DELETE).bind(tx.now().as_micros()).bind(id.bytes()).execute(&mut tx.connection).await?;
    tx.record(Entry::workflow(&workflow, ActivityKind::Deleted).by(by));
    tx.effects.schedules = true;
    tx.emit(&Change::WorkflowDeleted { workflow_id: id, project_id: Some(workflow.project_id) });
    Ok(())
}
