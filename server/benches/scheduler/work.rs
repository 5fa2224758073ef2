//! Work of the scheduler in a second.

use std::{
    path::Path,
    sync::Arc,
    time::{Duration, Instant},
};

use async_trait::async_trait;
use engine::{PipelineError, Progress, StepCounts};
use futures::future;
use model::{
    Scope, WorkflowId,
    execution::{ExecutionFilter, Output, Trigger},
    schedule::Schedule,
};
use server::{
    clock::{Clock as _, ManualClock, SharedClock, SystemClock},
    executor::{Executor, Setup},
    live_samples::LiveSamples,
    runner::{Job, Runner},
    scheduler::Scheduler,
    store::{Request, Store},
};
use tokio_util::sync::CancellationToken;

use crate::{Data, Result, ann, memory_mib, plan, row};

const CLIENTS: usize = 64;
const CLICKS_PER_CLIENT: usize = 200;
const WORKFLOWS: usize = 1_000;
const RUNS_PER_WORKFLOW: usize = 10;
const SLOTS: u32 = 64;
const SCHEDULED: usize = 100_000;
const MINUTES_A_DAY: u32 = 1_440;
/// Between two looks whether all is done, so that looking costs nothing.
const LOOK_EVERY: Duration = Duration::from_millis(5);
/// Requests that are on their way at once while something is prepared.
const AT_ONCE: usize = 256;

/// Says that every step began and ended, and does nothing.
struct Nothing;

#[async_trait]
impl Runner for Nothing {
    async fn run(
        &self,
        job: Job,
        _: CancellationToken,
        progress: Arc<dyn Progress>,
    ) -> std::result::Result<Vec<Output>, PipelineError> {
        for step in job.steps.iter() {
            progress.step_started(step);
            progress.step_finished(step, StepCounts { rows_in: 0, rows_out: 0 }, "Nothing was done.".to_owned());
        }
        Ok(Vec::new())
    }
}

/// Workflows of a project of their own each, so that none waits for another.
async fn workflows(store: &Store, count: usize, schedule: impl Fn(usize) -> Schedule) -> Result<Vec<WorkflowId>> {
    let mut ids = Vec::with_capacity(count);
    for first in (0..count).step_by(AT_ONCE) {
        let made = (first..count.min(first + AT_ONCE)).map(|number| {
            let schedule = schedule(number);
            async move {
                let project = store.create_project(format!("project {number}"), ann()).await?.id;
                let plan = plan(format!("workflow {number}"), project, schedule);
                store.create_workflow(plan, ann()).await.map(|workflow| workflow.id)
            }
        });
        ids.extend(future::try_join_all(made).await?);
    }
    Ok(ids)
}

async fn click(store: &Store, workflow: WorkflowId) -> Result<()> {
    let request = Request { workflow, trigger: Trigger::Api, by: ann(), from: None, key: None };
    store.enqueue(request).await?;
    Ok(())
}

/// Run Nows of many clients, each answered when it is on disk.
pub(crate) async fn accept() -> Result<()> {
    let (data, clock): (_, SharedClock) = (Data::new()?, Arc::new(SystemClock));
    let store = data.store(&clock).await?;
    let workflows = workflows(&store, 4 * CLIENTS, |_| Schedule::OnDemand).await?;
    let started = Instant::now();
    let clients = (0..CLIENTS).map(|client| {
        let (store, workflows) = (store.clone(), workflows.clone());
        tokio::spawn(async move {
            for number in 0..CLICKS_PER_CLIENT {
                click(&store, workflows[(client * CLICKS_PER_CLIENT + number) % workflows.len()]).await?;
            }
            Result::Ok(())
        })
    });
    for client in future::try_join_all(clients).await? {
        client?;
    }
    row("Run Nows accepted by the store, 64 clients", per_second(CLIENTS * CLICKS_PER_CLIENT, started.elapsed()));
    Ok(())
}

/// From queued to the end, when nothing has to be done in between.
pub(crate) async fn whole_lives() -> Result<()> {
    let (data, clock): (_, SharedClock) = (Data::new()?, Arc::new(SystemClock));
    let store = data.store(&clock).await?;
    let workflows = workflows(&store, WORKFLOWS, |_| Schedule::OnDemand).await?;
    let executor = Executor::new(Setup {
        store: store.clone(),
        runner: Arc::new(Nothing),
        clock,
        directory: data.directory.clone(),
        samples: LiveSamples::default(),
        slots: SLOTS,
        export: engine::ExportSettings::default(),
    });
    let working = tokio::spawn({
        let executor = executor.clone();
        async move { executor.run().await }
    });
    let started = Instant::now();
    for _ in 0..RUNS_PER_WORKFLOW {
        for some in workflows.chunks(AT_ONCE) {
            future::try_join_all(some.iter().map(|workflow| click(&store, *workflow))).await?;
        }
    }
    while unfinished(&store).await? {
        tokio::time::sleep(LOOK_EVERY).await;
    }
    let took = started.elapsed();
    working.abort();
    row(
        "Executions that do nothing, whole life, 1,000 workflows, 64 slots",
        per_second(WORKFLOWS * RUNS_PER_WORKFLOW, took),
    );
    Ok(())
}

async fn unfinished(store: &Store) -> Result<bool> {
    for status in [model::execution::Status::Queued, model::execution::Status::Running] {
        let filter = ExecutionFilter { status: Some(status), limit: Some(1), ..ExecutionFilter::default() };
        if !store.executions(&filter, &Scope::All, SLOTS, SystemClock.now()).await?.data.items.is_empty() {
            return Ok(true);
        }
    }
    Ok(false)
}

/// A day of many workflows, each due once at a minute of its own.
pub(crate) async fn due(binary: &Path) -> Result<()> {
    let data = Data::new()?;
    // The day before yesterday, so that by the real clock each has one more occurrence behind it.
    let manual = ManualClock::new(SystemClock.now().minus(Duration::from_secs(2 * 86_400)));
    let clock: SharedClock = manual.clone();
    let store = data.store(&clock).await?;
    // A stride that is prime to the day spreads them over it.
    let minute = |number: usize| u32::try_from(number * 7_919 % 1_440).expect("less than a day");
    let at = |number| Schedule::Cron { expression: format!("{} {} * * *", minute(number) % 60, minute(number) / 60) };
    let prepared = Instant::now();
    workflows(&store, SCHEDULED, at).await?;
    row("(preparing 100,000 workflows)", format!("{:.1} s", prepared.elapsed().as_secs_f64()));
    let scheduler = Scheduler::new(store.clone(), Arc::clone(&clock));
    scheduler.catch_up().await?;
    let (mut worst, mut busy) = (Duration::ZERO, Duration::ZERO);
    for minute in 1..=MINUTES_A_DAY {
        manual.advance(Duration::from_secs(60));
        let looked = Instant::now();
        scheduler.fire_due().await?;
        worst = worst.max(looked.elapsed());
        busy += looked.elapsed();
        if minute == MINUTES_A_DAY {
            let filter = ExecutionFilter { limit: Some(1), ..ExecutionFilter::default() };
            let fired = store.executions(&filter, &Scope::All, SLOTS, clock.now()).await?.data.items;
            assert!(!fired.is_empty(), "something was due");
        }
    }
    row(
        "100,000 workflows due in a simulated day: fired after its time, at most",
        format!("{:.1} ms", worst.as_secs_f64() * 1e3),
    );
    row("… work of the whole day", format!("{:.1} s", busy.as_secs_f64()));
    if let Some(memory) = memory_mib() {
        row("… memory", format!("{memory} MiB"));
    }
    drop((scheduler, store));
    crate::start(binary, &data, "100,000 workflows overdue").await
}

fn per_second(count: usize, took: Duration) -> String {
    format!("{:.0} a second", count as f64 / took.as_secs_f64())
}
