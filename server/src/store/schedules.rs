//! Due occurrences: each becomes an execution, or folds into one that waits, exactly once.
//!
//! **Architecture invariant:** the next occurrence is computed, recorded and fired inside the writer's transaction, so an
//! edit, a pause and the scheduler can never disagree; and `last_due_at` never moves back, whatever the clock does.

use std::time::Duration;

use super::{
    Store, StoreResult,
    execution_row::{self, NewExecution, StoredExecution, select_executions},
    queue,
    row::Bytes,
    statements::statements,
    workflows::{self, StoredWorkflow, select_workflows},
    writer::Tx,
};
use futures::FutureExt;
use model::{
    Timestamp,
    execution::{Execution, Trigger},
    limits,
    schedule::{Missed, Schedule},
};

/// Workflows that are fired in one command, so that others get their turn in between.
const FIRED_AT_ONCE_MAX: i64 = 200;
/// Occurrences that are counted one by one when many have passed. Beyond it the count is a lower bound.
const COUNTED_MAX: u32 = 10_000;
/// A missed occurrence is caught up while it is younger than this.
const CATCH_UP: Duration = Duration::from_secs(limits::CATCH_UP_WITHIN_H * 3600);

statements! {
    DUE = select_workflows!("WHERE w.next_run_at <= ? ORDER BY w.next_run_at, w.id LIMIT ?");
    NEXT_DUE = "SELECT min(next_run_at) FROM workflows WHERE next_run_at IS NOT NULL";
    UNARMED = select_workflows!("WHERE w.state = 'active' AND w.deleted_at IS NULL AND w.next_run_at IS NULL");
    WAITING = select_executions!("WHERE e.workflow_id = ? AND e.status = 'queued' AND e.\"trigger\" = 'scheduled'");
    ADVANCE = "UPDATE workflows SET last_due_at = ?, next_run_at = ? WHERE id = ?";
    ARM = "UPDATE workflows SET next_run_at = ? WHERE id = ?";
}

/// When occurrences that are due are noticed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Noticed {
    /// By the scheduler that waited for them.
    InTime,
    /// At the start of a process: they passed while none ran.
    AtStart,
}

/// What a look at the schedules gave.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fired {
    /// Workflows that had something due.
    pub workflows: usize,
    /// When the next one is due.
    pub next_due_at: Option<Timestamp>,
}

/// Occurrences of one workflow up to now.
struct Passed {
    oldest: Timestamp,
    newest: Timestamp,
    count: u32,
    next: Option<Timestamp>,
}

impl Store {
    /// Fires what is due, for a limited number of workflows. Call again while `next_due_at` has passed.
    pub async fn fire_due(&self, noticed: Noticed) -> StoreResult<Fired> {
        self.write(move |tx| fire_due(tx, noticed).boxed()).await
    }

    /// Gives active workflows that have a schedule and no next run the run that they should have: no schedule dies
    /// silently.
    pub async fn rearm(&self) -> StoreResult<()> {
        self.write(move |tx| rearm(tx).boxed()).await
    }
}

async fn fire_due(tx: &mut Tx, noticed: Noticed) -> StoreResult<Fired> {
    let now = tx.now();
    let rows = sqlx::query(DUE).bind(now.as_micros()).bind(FIRED_AT_ONCE_MAX).fetch_all(&mut tx.connection).await?;
    for row in &rows {
        let stored = StoredWorkflow::read(row)?;
        if let Some(passed) = passed(tx, &stored, now) {
            fire(tx, &stored, &passed, noticed, now).await?;
        }
    }
    let next: Option<i64> = sqlx::query_scalar(NEXT_DUE).fetch_one(&mut tx.connection).await?;
    Ok(Fired { workflows: rows.len(), next_due_at: next.map(Timestamp::from_micros) })
}

fn passed(tx: &Tx, stored: &StoredWorkflow, now: Timestamp) -> Option<Passed> {
    let oldest = stored.workflow.next_run_at?;
    let mut passed = Passed { oldest, newest: oldest, count: 1, next: None };
    loop {
        // Of very many only those that could still be caught up are looked at one by one.
        let after = if passed.count == COUNTED_MAX { passed.newest.max(now.minus(CATCH_UP)) } else { passed.newest };
        passed.next = tx.next_run(&stored.workflow.schedule, &stored.workflow.time_zone, stored.anchor, after);
        match passed.next {
            Some(next) if next <= now => {
                passed.newest = next;
                passed.count += 1;
            }
            _ => return Some(passed),
        }
    }
}

async fn fire(
    tx: &mut Tx,
    stored: &StoredWorkflow,
    passed: &Passed,
    noticed: Noticed,
    now: Timestamp,
) -> StoreResult<()> {
    let workflow = &stored.workflow;
    sqlx::query(ADVANCE)
        .bind(passed.newest.as_micros())
        .bind(passed.next.map(Timestamp::as_micros))
        .bind(workflow.id.bytes())
        .execute(&mut tx.connection)
        .await?;
    let young = now.since(passed.newest) < CATCH_UP;
    let late = noticed == Noticed::AtStart;
    if late && !(young && workflow.missed == Missed::CatchUp) {
        tracing::info!(workflow = %workflow.name, missed = passed.count, newest = %passed.newest, "missed, not caught up");
        return workflows::announce(tx, workflow.id).await;
    }
    let waiting = sqlx::query(WAITING).bind(workflow.id.bytes()).fetch_optional(&mut tx.connection).await?;
    if let Some(row) = waiting {
        let mut waiting = StoredExecution::read(&row)?;
        let status = waiting.execution.status;
        waiting.execution.folded += passed.count;
        execution_row::update(tx, &waiting, status).await?;
        return workflows::announce(tx, workflow.id).await;
    }
    let new = queue::new_execution(tx, workflow.id, Trigger::Scheduled).await?;
    let due_at = if late { passed.newest } else { passed.oldest };
    let execution = Execution { due_at: Some(due_at), late, folded: passed.count - 1, ..new };
    let ready_at = execution.queued_at;
    execution_row::insert(tx, NewExecution { execution, key: None, ready_at, interruptions: 0 }).await?;
    workflows::announce(tx, workflow.id).await
}

async fn rearm(tx: &mut Tx) -> StoreResult<()> {
    let rows = sqlx::query(UNARMED).fetch_all(&mut tx.connection).await?;
    for row in &rows {
        let stored = StoredWorkflow::read(row)?;
        if stored.workflow.schedule == Schedule::OnDemand {
            continue;
        }
        if let Some(next) = stored.next_run_after(tx, tx.now()) {
            let id = stored.workflow.id;
            sqlx::query(ARM).bind(next.as_micros()).bind(id.bytes()).execute(&mut tx.connection).await?;
            workflows::announce(tx, id).await?;
        }
    }
    Ok(())
}
