use std::time::Duration;

use model::{
    Timestamp,
    execution::{Execution, Status, Trigger},
    schedule::{Missed, Schedule, Unit},
};

use crate::{
    scheduler::Scheduler,
    store::Plan,
    testing::{Bench, hourly, plan},
};

const HOUR: Duration = Duration::from_secs(3600);

fn scheduler(bench: &Bench) -> Scheduler {
    Scheduler::new(bench.store.clone(), bench.clock.clone())
}

async fn hourly_workflow(bench: &Bench, missed: Missed) -> model::WorkflowId {
    let project = bench.project("customers").await;
    bench.workflow_with(Plan { schedule: hourly(), missed, ..plan("hourly", project) }).await.id
}

fn due(executions: &[Execution]) -> Vec<(Option<Timestamp>, u32, bool)> {
    executions.iter().rev().map(|execution| (execution.due_at, execution.folded, execution.late)).collect()
}

#[tokio::test]
async fn the_loop_fires_when_the_time_has_come() {
    let bench = Bench::new().await.working();
    let workflow = hourly_workflow(&bench, Missed::CatchUp).await;
    let start = bench.now();
    let stop = tokio_util::sync::CancellationToken::new();
    let scheduler = scheduler(&bench);
    let role = tokio::spawn({
        let stop = stop.clone();
        async move { scheduler.run(stop).await }
    });
    for hour in 1..=3 {
        bench.clock.set(start.plus(HOUR * hour));
        let run = bench.next_run().await;
        let execution = bench.execution(run.id()).await;
        assert_eq!((execution.trigger, execution.due_at), (Trigger::Scheduled, Some(start.plus(HOUR * hour))));
        run.succeed();
        bench.until(execution.id, Status::Success).await;
    }
    stop.cancel();
    role.await.unwrap();
    assert_eq!(bench.store.find_workflow(workflow).await.unwrap().next_run_at, Some(start.plus(HOUR * 4)));
}

#[tokio::test]
async fn occurrences_fold_into_the_one_that_waits() {
    let bench = Bench::new().await;
    let workflow = hourly_workflow(&bench, Missed::CatchUp).await;
    let start = bench.now();
    let scheduler = scheduler(&bench);
    for hour in 1..=3 {
        bench.clock.set(start.plus(HOUR * hour));
        let next = scheduler.fire_due().await.unwrap();
        assert_eq!(next, Some(start.plus(HOUR * (hour + 1))));
    }
    assert_eq!(due(&bench.history(workflow).await), [(Some(start.plus(HOUR)), 2, false)]);
}

#[tokio::test]
async fn a_clock_that_jumps_forward_fires_once_and_one_that_is_set_back_fires_nothing_again() {
    let bench = Bench::new().await;
    let workflow = hourly_workflow(&bench, Missed::CatchUp).await;
    let start = bench.now();
    let scheduler = scheduler(&bench);
    bench.clock.set(start.plus(HOUR * 5));
    scheduler.fire_due().await.unwrap();
    bench.clock.set(start);
    assert_eq!(scheduler.fire_due().await.unwrap(), Some(start.plus(HOUR * 6)));
    // Not even when the schedule is edited in between.
    bench.store.pause_workflow(workflow).await.unwrap();
    let resumed = bench.store.resume_workflow(workflow).await.unwrap();
    assert_eq!(resumed.next_run_at, Some(start.plus(HOUR * 6)));
    assert_eq!(due(&bench.history(workflow).await), [(Some(start.plus(HOUR)), 4, false)]);
}

#[tokio::test]
async fn a_start_catches_up_once_for_the_newest_missed_occurrence() {
    let bench = Bench::new().await;
    let workflow = hourly_workflow(&bench, Missed::CatchUp).await;
    let start = bench.now();
    bench.clock.set(start.plus(HOUR * 5 + HOUR / 2));
    let restarted = bench.restarted().await;
    for _ in 0..2 {
        scheduler(&restarted).catch_up().await.unwrap();
    }
    assert_eq!(due(&restarted.history(workflow).await), [(Some(start.plus(HOUR * 5)), 4, true)]);
    let next = restarted.store.find_workflow(workflow).await.unwrap().next_run_at;
    assert_eq!(next, Some(start.plus(HOUR * 6)), "the boundaries have not moved");
}

#[tokio::test]
async fn the_newest_missed_occurrence_is_found_among_very_many() {
    let bench = Bench::new().await;
    let project = bench.project("customers").await;
    let minutely = Schedule::Simple { every: 1, unit: Unit::Minutes };
    let workflow = bench.workflow_with(Plan { schedule: minutely, ..plan("minutely", project) }).await.id;
    bench.clock.advance(HOUR * 24 * 30);
    scheduler(&bench).catch_up().await.unwrap();
    let history = bench.history(workflow).await;
    assert_eq!((history.len(), history[0].due_at), (1, Some(bench.now())));
}

#[tokio::test]
async fn what_is_old_or_unwanted_or_paused_is_not_caught_up() {
    let bench = Bench::new().await;
    let skipping = hourly_workflow(&bench, Missed::Skip).await;
    let project = bench.project("monthly").await;
    let every_30_days = Schedule::Simple { every: 30, unit: Unit::Days };
    let old = bench.workflow_with(Plan { schedule: every_30_days, ..plan("monthly", project) }).await.id;
    let paused = bench.workflow_with(Plan { schedule: hourly(), ..plan("paused", project) }).await.id;
    bench.store.pause_workflow(paused).await.unwrap();
    bench.clock.advance(HOUR * 24 * 31 + HOUR / 2);
    let scheduler = scheduler(&bench);
    scheduler.catch_up().await.unwrap();
    for workflow in [skipping, old, paused] {
        assert!(bench.history(workflow).await.is_empty());
    }
    let resumed = bench.store.resume_workflow(paused).await.unwrap();
    assert_eq!(resumed.next_run_at, Some(bench.now().plus(HOUR / 2)), "Resume fires at the next occurrence");
    scheduler.fire_due().await.unwrap();
    assert!(bench.history(paused).await.is_empty());
}

#[tokio::test]
async fn run_now_does_not_move_the_schedule_and_an_edit_does() {
    let bench = Bench::new().await.working();
    let project = bench.project("customers").await;
    let hours = Plan { schedule: hourly(), ..plan("hourly", project) };
    let workflow = bench.workflow_with(hours.clone()).await;
    bench.clock.advance(HOUR / 2);
    let execution = bench.run_now(workflow.id).await;
    bench.next_run().await.succeed();
    bench.until(execution.id, Status::Success).await;
    let next = bench.store.find_workflow(workflow.id).await.unwrap().next_run_at;
    assert_eq!(next, workflow.next_run_at);
    // Another name leaves the boundaries alone; another schedule is anchored now.
    let renamed = Plan { name: "renamed".to_owned(), ..hours };
    let saved = bench.store.replace_workflow(workflow.id, renamed.clone(), workflow.version).await.unwrap();
    assert_eq!(saved.next_run_at, next);
    let schedule = Schedule::Simple { every: 2, unit: Unit::Hours };
    let moved = Plan { schedule, ..renamed };
    let saved = bench.store.replace_workflow(workflow.id, moved.clone(), saved.version).await.unwrap();
    assert_eq!(saved.next_run_at, Some(bench.now().plus(HOUR * 2)));
    let outdated = bench.store.replace_workflow(workflow.id, moved, workflow.version).await.unwrap_err();
    assert!(outdated.to_string().contains("version 3"), "{outdated}");
}
