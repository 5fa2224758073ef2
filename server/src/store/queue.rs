//! The queue: how executions get in, and which start next.
//!
//! **Architecture invariant:** slots, and what is busy, are counted from rows inside the claim's transaction; there is
//! no counter that a crash could leave wrong.

use std::collections::BTreeMap;

use futures::FutureExt;
use model::{
    Author, Error, ExecutionId, ProjectId, Step, StepRange, Timestamp, WorkflowId,
    activity::ActivityKind,
    config::ProjectConfig,
    execution::{Execution, Status, StepRun, Trigger},
    limits,
    review::ReviewFlag,
};
use sqlx::sqlite::SqliteRow;
use uuid::Uuid;

use super::{
    Store, StoreResult,
    activity::Entry,
    execution_row::{self, NewExecution, StoredExecution, execution_columns, select_executions},
    row::{Bytes, Columns},
    statements::statements,
    writer::{Tx, next_command},
};

macro_rules! origin {
    () => {
        "SELECT name, project_id, steps, retries,
            (SELECT count(*) FROM executions WHERE workflow_id = w.id AND status = 'queued') AS queued
        FROM workflows w WHERE id = ? AND deleted_at IS NULL"
    };
}

statements! {
    BY_KEY = select_executions!("WHERE e.workflow_id = ? AND e.idempotency_key = ?");
    ORIGIN = origin!();
    FIRST_ORIGIN = next_command!(origin!());
    // Whether anything may start, how much runs, and when the next waiting retry becomes ready.
    LOAD = "SELECT (SELECT is_on FROM maintenance) AS maintenance, (SELECT max(epoch) FROM server_starts) AS newest_epoch,
        (SELECT count(*) FROM executions WHERE status IN ('running', 'cancelling')) AS active,
        (SELECT min(not_before) FROM executions INDEXED BY waiting_retries
         WHERE status = 'queued' AND not_before > ?) AS next_ready_at";
    // First in, first out by the time of becoming ready, past those whose workflow or project is busy. The index has that
    // order; with any other the whole queue would be read for the first of it.
    NEXT = concat!(
        "SELECT ",
        execution_columns!(),
        ", p.id AS project_to_run, p.name AS project_name, w.steps AS steps_to_run, w.timeout_s, p.version, p.config,
        (SELECT json_group_object(f.name, hex(f.file_id)) FROM project_files f WHERE f.project_id = p.id) AS files,
        (SELECT json_group_array(json_array(r.record_id, r.flag)) FROM review_flags r WHERE r.project_id = p.id) AS review
        FROM executions e INDEXED BY queue JOIN workflows w ON w.id = e.workflow_id JOIN projects p ON p.id = w.project_id
        WHERE e.status = 'queued' AND (e.not_before IS NULL OR e.not_before <= ?)
          AND NOT EXISTS (SELECT 1 FROM executions a
                          WHERE a.workflow_id = e.workflow_id AND a.status IN ('running', 'cancelling'))
          AND NOT EXISTS (SELECT 1 FROM executions a
                          WHERE a.project_id = w.project_id AND a.status IN ('running', 'cancelling'))
        ORDER BY e.ready_at, e.number LIMIT 1"
    );
}

/// A wish to run a workflow now.
#[derive(Clone, Debug)]
pub struct Request {
    pub workflow: WorkflowId,
    pub trigger: Trigger,
    pub by: Author,
    /// The step to begin at, when not at the workflow's first: the steps before it keep their results.
    pub from: Option<Step>,
    /// The same key for the same workflow gives the same execution.
    pub key: Option<String>,
}

/// An execution that has just become Running, with all that it runs on as it stood at that moment.
#[derive(Clone, Debug)]
pub struct Claimed {
    pub execution: Execution,
    pub project_name: String,
    pub config: ProjectConfig,
    /// Uploaded files: name in the configuration, name on disk.
    pub files: Vec<(String, Uuid)>,
    /// What people decided about records: what each is known by, and the flag.
    pub review: Vec<(String, ReviewFlag)>,
    pub steps: StepRange,
    /// 0 = none.
    pub timeout_s: u64,
}

/// What a look at the queue gave.
#[derive(Clone, Debug, Default)]
pub struct Claims {
    pub started: Vec<Claimed>,
    /// When to look again if nothing else happens: the first waiting retry becomes ready.
    pub next_ready_at: Option<Timestamp>,
}

impl Store {
    /// Queues an execution at once, or finds the one that its key already queued.
    ///
    /// # Errors
    /// `NotFound`; `Invalid` at `from` when the workflow has no such step; `TooMany` when its queue is full.
    pub async fn enqueue(&self, request: Request) -> StoreResult<Execution> {
        self.write_late(move |tx| enqueue(tx, request).boxed()).await
    }

    /// Starts as many of the next executions as there are free slots.
    pub async fn claim(&self, slots: u32) -> StoreResult<Claims> {
        self.write(move |tx| claim(tx, slots).boxed()).await
    }
}

async fn enqueue(tx: &mut Tx, request: Request) -> StoreResult<Execution> {
    if let Some(key) = &request.key {
        let known =
            sqlx::query(BY_KEY).bind(request.workflow.bytes()).bind(key).fetch_optional(&mut tx.connection).await?;
        if let Some(row) = known {
            return Ok(StoredExecution::read(&row)?.execution);
        }
    }
    let (origin, waiting) = find_origin(tx, request.workflow).await?;
    let new = origin.first_attempt(tx, request.trigger, request.from);
    if let Some(from) = request.from.filter(|from| new.steps.iter().all(|run| run.step != *from)) {
        return Err(Error::invalid("from", format!("this workflow has no step {from}")).into());
    }
    if waiting >= limits::QUEUED_PER_WORKFLOW_MAX {
        let message = format!(
            "{waiting} executions of this workflow are waiting already. Let some finish, or cancel those not needed."
        );
        return Err(Error::TooMany { message }.into());
    }
    let execution = Execution { requested_by: Some(request.by.name.clone()), ..new };
    tx.record(Entry::execution(&execution, ActivityKind::RunRequested { from: execution.from }).by(request.by));
    let ready_at = execution.queued_at;
    execution_row::insert(tx, NewExecution { execution, key: request.key, ready_at, interruptions: 0 }).await
}

/// What an execution takes from its workflow when it is queued.
pub(super) struct Origin {
    pub(super) workflow: WorkflowId,
    pub(super) workflow_name: String,
    pub(super) project: ProjectId,
    pub(super) steps: StepRange,
    pub(super) retries: u32,
}

impl Origin {
    /// A first attempt that is not queued yet. It begins at `from` if that is a later one of the workflow's steps.
    pub(super) fn first_attempt(self, tx: &mut Tx, trigger: Trigger, from: Option<Step>) -> Execution {
        let from = later_start(self.steps, from);
        Execution {
            id: ExecutionId::from_uuid(tx.new_uuid()),
            workflow_id: self.workflow,
            workflow_name: self.workflow_name,
            project_id: self.project,
            status: Status::Queued,
            trigger,
            original_trigger: trigger,
            requested_by: None,
            attempt: 1,
            attempts: 1 + self.retries,
            retry_of: None,
            recovery_of: None,
            from,
            queued_at: tx.next_queued_at(),
            ready_at: None,
            started_at: None,
            finished_at: None,
            due_at: None,
            late: false,
            folded: 0,
            configuration_version: None,
            records: None,
            error: None,
            cancelled_by: None,
            cancelled_at: None,
            destination_unchanged: None,
            queue_position: None,
            queue_reason: None,
            steps: StepRun::plan(self.steps, from),
        }
    }
}

/// The workflow's part of a new execution, and how many of its executions wait already.
pub(super) async fn find_origin(tx: &mut Tx, workflow: WorkflowId) -> StoreResult<(Origin, i64)> {
    let row = tx.begin_with(FIRST_ORIGIN, ORIGIN, workflow.bytes()).await?;
    let row = row.ok_or_else(|| Error::not_found("workflow"))?;
    let origin = Origin {
        workflow,
        workflow_name: row.text("name")?,
        project: row.project_id("project_id")?,
        steps: row.json("steps")?,
        retries: row.count("retries")?,
    };
    Ok((origin, row.integer("queued")?))
}

/// `from`, if it begins after the first of `steps` and within them.
fn later_start(steps: StepRange, from: Option<Step>) -> Option<Step> {
    from.filter(|from| steps.contains(*from) && *from > steps.from())
}

/// Starts as many of the next executions as there are free slots, in the caller's transaction.
///
/// Whether anything may start is asked here and not before: what is decided while this command waits for the writer counts,
/// too. And only the newest process may: what another began it would take for left behind by a dead one.
pub(super) async fn claim(tx: &mut Tx, slots: u32) -> StoreResult<Claims> {
    let mut claims = Claims::default();
    let now = tx.now();
    let load = sqlx::query(LOAD).bind(now.as_micros()).fetch_one(&mut tx.connection).await?;
    let is_newest_process = load.integer("newest_epoch")? == tx.epoch();
    if tx.holds.forbid_starts() || load.flag("maintenance")? || !is_newest_process {
        return Ok(claims);
    }
    for _ in load.integer("active")?..i64::from(slots) {
        let next = sqlx::query(NEXT).bind(now.as_micros()).fetch_optional(&mut tx.connection).await?;
        let Some(row) = next else { break };
        claims.started.push(start(tx, &row).await?);
    }
    claims.next_ready_at = load.time_or_null("next_ready_at")?;
    Ok(claims)
}

/// Queued → Running, with the configuration and the files of this moment.
async fn start(tx: &mut Tx, next: &SqliteRow) -> StoreResult<Claimed> {
    let mut stored = StoredExecution::read(next)?;
    let (project_id, steps): (_, StepRange) = (next.project_id("project_to_run")?, next.json("steps_to_run")?);
    stored.epoch = Some(tx.epoch());
    // A workflow that was edited meanwhile and has no such step runs as it is now.
    let from = later_start(steps, stored.execution.from);
    stored.execution = Execution {
        status: Status::Running,
        started_at: Some(tx.now()),
        project_id,
        configuration_version: Some(next.integer("version")?),
        from,
        steps: StepRun::plan(steps, from),
        ..stored.execution
    };
    execution_row::update(tx, &stored, Status::Queued).await?;
    Ok(Claimed {
        execution: stored.execution,
        project_name: next.text("project_name")?,
        config: next.json("config")?,
        files: next.json::<BTreeMap<_, _>>("files")?.into_iter().collect(),
        review: next.json("review")?,
        steps: from.and_then(|from| steps.starting_at(from)).unwrap_or(steps),
        timeout_s: next.count("timeout_s")?,
    })
}
