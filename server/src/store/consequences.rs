//! What follows from the end of an execution: a retry, the count of failed runs, suspension, notifications.

use std::time::Duration;

use model::{
    ExecutionId, Step,
    activity::ActivityKind,
    delivery::{Notification, Occasion},
    execution::{Execution, Status, StepStatus, Trigger},
    limits,
    workflow::{Notifications, WorkflowState},
};

use super::{
    StoreResult,
    activity::Entry,
    execution_row::{self, NewExecution, StoredExecution},
    outbox, queue,
    row::{Bytes, Columns},
    statements::statements,
    workflows,
    writer::Tx,
};

statements! {
    RULES = "SELECT w.retry_delays_s, w.suspend_after, w.failed_runs, w.state, w.notifications, p.name AS project_name
        FROM workflows w, projects p WHERE w.id = ? AND p.id = ?";
    RESET_FAILED_RUNS = "UPDATE workflows SET failed_runs = 0 WHERE id = ?";
    SET_FAILED_RUNS = "UPDATE workflows SET failed_runs = ? WHERE id = ?";
    SUSPEND = "UPDATE workflows SET state = 'suspended', state_reason = ?, next_run_at = NULL WHERE id = ?";
    // The run before this one: its last attempt. The + keeps to the index that is in the order of the numbers.
    RUN_BEFORE = "SELECT status FROM executions WHERE workflow_id = ? AND number < ? AND coalesce(retry_of, id) <> ?
        AND (+status = 'success' OR (+status = 'failed' AND attempt = attempts)) ORDER BY number DESC LIMIT 1";
}

/// What a workflow says about the ends of its runs.
pub(super) struct Rules {
    retry_delays_s: Vec<u32>,
    suspend_after: i64,
    failed_runs: i64,
    state: WorkflowState,
    pub(super) notifications: Notifications,
    project_name: String,
}

impl Rules {
    pub(super) async fn of(tx: &mut Tx, execution: &Execution) -> StoreResult<Self> {
        let (workflow, project) = (execution.workflow_id.bytes(), execution.project_id.bytes());
        let row = sqlx::query(RULES).bind(workflow).bind(project).fetch_one(&mut tx.connection).await?;
        Ok(Self {
            retry_delays_s: row.json("retry_delays_s")?,
            suspend_after: row.integer("suspend_after")?,
            failed_runs: row.integer("failed_runs")?,
            state: row.word("state", WorkflowState::parse)?,
            notifications: row.json("notifications")?,
            project_name: row.text("project_name")?,
        })
    }
}

/// To be called in the transaction that ended an execution. A retry begins with `interruptions` in a row before it.
pub(super) async fn follow(tx: &mut Tx, ended: &StoredExecution, interruptions: u32) -> StoreResult<()> {
    let execution = &ended.execution;
    match execution.status {
        Status::Success => {
            let rules = Rules::of(tx, execution).await?;
            succeeded(tx, ended, &rules).await
        }
        // Who asked for it to be cancelled wants no retry of it, even when it failed before it saw the request.
        Status::Failed if execution.cancelled_by.is_some() => Ok(()),
        Status::Failed => {
            let rules = Rules::of(tx, execution).await?;
            if execution.attempt < execution.attempts {
                retry(tx, execution, &rules, interruptions).await
            } else {
                failed(tx, execution, &rules).await
            }
        }
        Status::Queued | Status::Running | Status::Cancelling | Status::Cancelled | Status::Interrupted => Ok(()),
    }
}

async fn succeeded(tx: &mut Tx, ended: &StoredExecution, rules: &Rules) -> StoreResult<()> {
    let execution = &ended.execution;
    if rules.failed_runs > 0 {
        let workflow = execution.workflow_id.bytes();
        sqlx::query(RESET_FAILED_RUNS).bind(workflow).execute(&mut tx.connection).await?;
    }
    if rules.notifications.on_success {
        tell(tx, execution, rules, Occasion::Success, None).await?;
    }
    if rules.notifications.on_recovery && follows_a_failed_run(tx, ended).await? {
        tell(tx, execution, rules, Occasion::Recovered, None).await?;
    }
    tell_if_long(tx, execution, rules).await
}

async fn retry(tx: &mut Tx, failed: &Execution, rules: &Rules, interruptions: u32) -> StoreResult<()> {
    let place = usize::try_from(failed.attempt - 1).expect("attempts are few");
    let last_resort = limits::RETRY_DELAYS_DEFAULT_S[place.min(limits::RETRY_DELAYS_DEFAULT_S.len() - 1)];
    let delay_s = rules.retry_delays_s.get(place).copied().unwrap_or(last_resort);
    let ready_at = tx.now().plus(Duration::from_secs(delay_s.into()));
    let (origin, _) = queue::find_origin(tx, failed.workflow_id).await?;
    let new = origin.first_attempt(tx, Trigger::Retry, failed.from);
    let execution = Execution {
        original_trigger: failed.original_trigger,
        requested_by: failed.requested_by.clone(),
        attempt: failed.attempt + 1,
        attempts: failed.attempts,
        retry_of: Some(first_attempt(failed)),
        ready_at: Some(ready_at),
        due_at: failed.due_at,
        late: failed.late,
        ..new
    };
    execution_row::insert(tx, NewExecution { execution, key: None, ready_at, interruptions }).await?;
    Ok(())
}

/// The last attempt of a run failed.
async fn failed(tx: &mut Tx, execution: &Execution, rules: &Rules) -> StoreResult<()> {
    let workflow = execution.workflow_id;
    let failed_runs = rules.failed_runs + 1;
    sqlx::query(SET_FAILED_RUNS).bind(failed_runs).bind(workflow.bytes()).execute(&mut tx.connection).await?;
    if rules.notifications.on_failure {
        tell(tx, execution, rules, Occasion::Failure, None).await?;
    }
    tell_if_long(tx, execution, rules).await?;
    let enough = rules.suspend_after > 0 && failed_runs >= rules.suspend_after;
    if !enough || rules.state != WorkflowState::Active {
        return Ok(());
    }
    let reason = if failed_runs == 1 {
        "The last run failed.".to_owned()
    } else {
        format!("The last {failed_runs} runs failed, one after another.")
    };
    sqlx::query(SUSPEND).bind(&reason).bind(workflow.bytes()).execute(&mut tx.connection).await?;
    tx.record(Entry::workflow_of(execution, ActivityKind::Suspended { reason: reason.clone() }));
    // Whoever is told of this only wants to know the cause, too.
    let error = execution.error.as_ref().map(|error| format!(" The last error: {error}")).unwrap_or_default();
    tell(tx, execution, rules, Occasion::Suspended, Some(reason + &error)).await?;
    workflows::announce(tx, workflow).await
}

async fn tell_if_long(tx: &mut Tx, execution: &Execution, rules: &Rules) -> StoreResult<()> {
    let Some(limit_s) = rules.notifications.longer_than_s else { return Ok(()) };
    match duration(execution) {
        Some(took) if took > Duration::from_secs(limit_s) => tell(tx, execution, rules, Occasion::TookLong, None).await,
        _ => Ok(()),
    }
}

/// Queues a notification for every recipient of the workflow. `reason` is the error of the step that failed, unless given.
pub(super) async fn tell(
    tx: &mut Tx,
    execution: &Execution,
    rules: &Rules,
    occasion: Occasion,
    reason: Option<String>,
) -> StoreResult<()> {
    let notification = Notification {
        occasion,
        workflow_id: execution.workflow_id,
        workflow_name: execution.workflow_name.clone(),
        project_name: rules.project_name.clone(),
        execution_id: Some(execution.id),
        at: execution.finished_at.unwrap_or_else(|| tx.now()),
        due_at: execution.due_at,
        started_at: execution.started_at,
        duration_ms: duration(execution).map(|took| u64::try_from(took.as_millis()).unwrap_or(u64::MAX)),
        records: execution.records,
        failed_step: failed_step(execution),
        reason: reason.or_else(|| execution.error.clone()),
        digest: None,
    };
    outbox::enqueue(tx, &notification, rules.notifications.recipients()).await
}

fn duration(execution: &Execution) -> Option<Duration> {
    execution.started_at.zip(execution.finished_at).map(|(start, end)| end.since(start))
}

pub(super) fn failed_step(execution: &Execution) -> Option<Step> {
    execution.steps.iter().find(|run| run.status == StepStatus::Failed).map(|run| run.step)
}

async fn follows_a_failed_run(tx: &mut Tx, ended: &StoredExecution) -> StoreResult<bool> {
    let execution = &ended.execution;
    let before: Option<String> = sqlx::query_scalar(RUN_BEFORE)
        .bind(execution.workflow_id.bytes())
        .bind(ended.number)
        .bind(first_attempt(execution).bytes())
        .fetch_optional(&mut tx.connection)
        .await?;
    Ok(before.as_deref() == Some(Status::Failed.as_str()))
}

/// The first attempt of the run that an execution belongs to.
fn first_attempt(execution: &Execution) -> ExecutionId {
    execution.retry_of.unwrap_or(execution.id)
}
