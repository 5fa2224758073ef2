//! Due occurrences: each becomes an execution, or folds into one that waits, exactly once.
//!
//! **Architecture invariant:** the next occurrence is computed, recorded and fired inside the writer's transaction, so an
//! edit, a pause and the scheduler can never disagree; and `last_due_at` never moves back, whatever the clock does.

use std::{collections::VecDeque, time::Duration};

use futures::FutureExt;
use model::{
    Timestamp,
    activity::{self, ActivityKind},
    execution::{Execution, Trigger},
    limits,
    schedule::Missed,
    workflow::Workflow,
};

use super::{
    Store, StoreResult,
    activity::{Entry, newest_of},
    execution_row::{self, NewExecution, StoredExecution, select_executions},
    queue::Origin,
    row::Bytes,
    statements::statements,
    workflow_row::{StoredWorkflow, select_workflows},
    workflows,
    writer::Tx,
};

/// Workflows that are fired in one command, so that others get their turn in between.
const FIRED_AT_ONCE_MAX: i64 = 200;
/// Occurrences that are counted one by one when many have passed. Beyond it the count is a lower bound.
const COUNTED_MAX: u32 = 200;
/// Beyond it the newest are looked for in a window that begins so long.
const NEWEST_WITHIN: Duration = Duration::from_secs(2 * 3600);
/// A missed occurrence is caught up while it is younger than this.
const CATCH_UP: Duration = Duration::from_secs(limits::CATCH_UP_WITHIN_H * 3600);

statements! {
    DUE = select_workflows!("WHERE w.next_run_at <= ? ORDER BY w.next_run_at, w.id LIMIT ?");
    NEXT_DUE = "SELECT min(next_run_at) FROM workflows WHERE next_run_at IS NOT NULL";
    UNARMED = select_workflows!("WHERE w.state = 'active' AND w.deleted_at IS NULL AND w.next_run_at IS NULL
        AND json_extract(w.schedule, '$.type') <> 'on_demand'");
    AHEAD_OF_THE_CLOCK = select_workflows!("WHERE w.next_run_at IS NOT NULL AND w.last_due_at > ?");
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
    /// A lower bound when `more` is set.
    count: u32,
    more: bool,
    /// The newest of them, oldest first; one more than are listed as missed, since one may be caught up.
    times: VecDeque<Timestamp>,
    next: Option<Timestamp>,
}

impl Passed {
    fn first(oldest: Timestamp) -> Self {
        Self { oldest, newest: oldest, count: 1, more: false, times: VecDeque::from([oldest]), next: None }
    }

    fn add(&mut self, at: Timestamp) {
        self.newest = at;
        self.count += 1;
        self.times.push_back(at);
        if self.times.len() > limits::MISSED_LISTED_MAX + 1 {
            self.times.pop_front();
        }
    }

    /// What to record when all of them are missed but the newest, if that is `caught_up`.
    fn missed(&self, caught_up: bool) -> Option<activity::Missed> {
        let mut times = self.times.clone();
        let caught_up = if caught_up { times.pop_back() } else { None };
        let count = self.count - u32::from(caught_up.is_some());
        let surplus = times.len().saturating_sub(limits::MISSED_LISTED_MAX);
        times.drain(..surplus);
        let last = *times.back()?;
        Some(activity::Missed { count, more: self.more, first: self.oldest, last, times: times.into(), caught_up })
    }
}

impl Store {
    /// Fires what is due, for a limited number of workflows. Call again while `next_due_at` has passed.
    pub async fn fire_due(&self, noticed: Noticed) -> StoreResult<Fired> {
        self.write(move |tx| fire_due(tx, noticed).boxed()).await
    }

    /// Gives active workflows that have a schedule and no next run the run that they should have, and says so on their
    /// timeline: no schedule dies silently.
    pub async fn rearm(&self) -> StoreResult<()> {
        self.write(move |tx| rearm(tx).boxed()).await
    }

    /// Says on the timelines of workflows whose occurrences were fired ahead of a clock that was set back since when they
    /// go on: nothing is fired twice, so they wait until the clock has come that far again.
    pub async fn note_clock_set_back(&self) -> StoreResult<()> {
        self.write(move |tx| note_clock_set_back(tx).boxed()).await
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
    let next_after = stored.occurrences(tx);
    let mut passed = Passed::first(stored.workflow.next_run_at?);
    loop {
        passed.next = next_after(passed.newest);
        match passed.next {
            Some(next) if next <= now && passed.count < COUNTED_MAX => passed.add(next),
            Some(next) if next <= now => break,
            _ => return Some(passed),
        }
    }
    // Very many: only the newest are looked at, in a window that grows until there are enough of them in it.
    passed.more = true;
    let mut window = NEWEST_WITHIN;
    loop {
        let start = now.minus(window).max(passed.newest);
        let mut times = VecDeque::new();
        let mut next = next_after(start);
        while let Some(at) = next.filter(|at| *at <= now) {
            times.push_back(at);
            next = next_after(at);
        }
        if times.len() > limits::MISSED_LISTED_MAX || start == passed.newest {
            times.into_iter().for_each(|at| passed.add(at));
            passed.next = next;
            return Some(passed);
        }
        window *= 2;
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
    if passed.next.is_none() {
        tracing::warn!(workflow = %workflow.name, "its schedule has no further occurrence");
        tx.record(Entry::workflow(workflow, ActivityKind::NoNextRun));
    }
    match noticed {
        Noticed::InTime => queue_occurrence(tx, workflow, passed.oldest, passed.count - 1, false).await?,
        Noticed::AtStart => {
            let young = now.since(passed.newest) < CATCH_UP;
            let caught_up = young && workflow.missed == Missed::CatchUp;
            if let Some(missed) = passed.missed(caught_up) {
                tracing::info!(workflow = %workflow.name, missed = missed.count, newest = %missed.last, "missed");
                tx.record(Entry::workflow(workflow, ActivityKind::Missed(missed)));
            }
            if caught_up {
                queue_occurrence(tx, workflow, passed.newest, 0, true).await?;
            }
        }
    }
    workflows::announce_as(tx, Workflow { next_run_at: passed.next, ..workflow.clone() });
    Ok(())
}

/// Queues an occurrence with the further ones that fold into it, or folds all of them into the one that waits.
async fn queue_occurrence(
    tx: &mut Tx,
    workflow: &Workflow,
    due_at: Timestamp,
    further: u32,
    late: bool,
) -> StoreResult<()> {
    let waiting = sqlx::query(WAITING).bind(workflow.id.bytes()).fetch_optional(&mut tx.connection).await?;
    if let Some(row) = waiting {
        let mut waiting = StoredExecution::read(&row)?;
        let status = waiting.execution.status;
        waiting.execution.folded += 1 + further;
        return execution_row::update(tx, &waiting, status).await;
    }
    let origin = Origin {
        workflow: workflow.id,
        workflow_name: workflow.name.clone(),
        project: workflow.project_id,
        steps: workflow.steps,
        retries: workflow.retries.into(),
    };
    let new = origin.first_attempt(tx, Trigger::Scheduled, None);
    let execution = Execution { due_at: Some(due_at), late, folded: further, ..new };
    let ready_at = execution.queued_at;
    execution_row::insert(tx, NewExecution { execution, key: None, ready_at, interruptions: 0 }).await?;
    Ok(())
}

async fn rearm(tx: &mut Tx) -> StoreResult<()> {
    let rows = sqlx::query(UNARMED).fetch_all(&mut tx.connection).await?;
    for row in &rows {
        let stored = StoredWorkflow::read(row)?;
        let name = &stored.workflow.name;
        let Some(next_run_at) = stored.next_run_after(tx, tx.now()) else {
            if newest_of(tx, stored.workflow.id).await? != Some(ActivityKind::NoNextRun) {
                tracing::warn!(workflow = %name, "its schedule has no further occurrence");
                tx.record(Entry::workflow(&stored.workflow, ActivityKind::NoNextRun));
                workflows::announce(tx, stored.workflow.id).await?;
            }
            continue;
        };
        tracing::warn!(workflow = %name, next = %next_run_at, "had a schedule and no next run; it has one again");
        let id = stored.workflow.id;
        sqlx::query(ARM).bind(next_run_at.as_micros()).bind(id.bytes()).execute(&mut tx.connection).await?;
        tx.record(Entry::workflow(&stored.workflow, ActivityKind::Rearmed { next_run_at }));
        workflows::announce(tx, id).await?;
    }
    Ok(())
}

async fn note_clock_set_back(tx: &mut Tx) -> StoreResult<()> {
    let rows = sqlx::query(AHEAD_OF_THE_CLOCK).bind(tx.now().as_micros()).fetch_all(&mut tx.connection).await?;
    for row in &rows {
        let workflow = StoredWorkflow::read(row)?.workflow;
        if let Some(next_run_at) = workflow.next_run_at {
            tracing::warn!(workflow = %workflow.name, next = %next_run_at, "the clock was set back");
            tx.record(Entry::workflow(&workflow, ActivityKind::ClockSetBack { next_run_at }));
            workflows::announce(tx, workflow.id).await?;
        }
    }
    Ok(())
}
