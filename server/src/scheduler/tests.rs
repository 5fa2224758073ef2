use std::time::Duration;

use model::{
    Timestamp,
    activity::ActivityKind,
    delivery::Occasion,
    execution::{Execution, Status, Trigger},
    limits,
    schedule::{Missed, Schedule, Unit},
    workflow::Notifications,
};

use crate::{
    scheduler::Scheduler,
    store::Plan,
    testing::{Bench, by, hourly, plan},
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
    bench.store.pause_workflow(workflow, by("ann")).await.unwrap();
    let resumed = bench.store.resume_workflow(workflow, by("ann")).await.unwrap();
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
    assert_eq!(due(&restarted.history(workflow).await), [(Some(start.plus(HOUR * 5)), 0, true)]);
    let missed = restarted.missed(workflow).await;
    assert_eq!(missed.len(), 1);
    let missed = &missed[0];
    assert_eq!((missed.count, missed.more, missed.caught_up), (4, false, Some(start.plus(HOUR * 5))));
    assert_eq!(missed.times, (1..=4).map(|hour| start.plus(HOUR * hour)).collect::<Vec<_>>());
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
    let missed = &bench.missed(workflow).await[0];
    assert!(missed.more && missed.times.len() == limits::MISSED_LISTED_MAX, "{missed:?}");
    assert_eq!(missed.last, bench.now().minus(Duration::from_secs(60)));
}

#[tokio::test]
async fn what_waits_from_before_the_stop_is_the_one_catch_up() {
    let bench = Bench::new().await;
    let workflow = hourly_workflow(&bench, Missed::CatchUp).await;
    let start = bench.now();
    bench.clock.set(start.plus(HOUR));
    scheduler(&bench).fire_due().await.unwrap();
    bench.clock.set(start.plus(HOUR * 4));
    let restarted = bench.restarted().await;
    scheduler(&restarted).catch_up().await.unwrap();
    assert_eq!(due(&restarted.history(workflow).await), [(Some(start.plus(HOUR)), 1, false)]);
    assert_eq!(restarted.missed(workflow).await[0].count, 2);
}

#[tokio::test]
async fn a_schedule_that_lost_its_next_run_gets_one_and_says_so() {
    let bench = Bench::new().await;
    let workflow = hourly_workflow(&bench, Missed::CatchUp).await;
    bench.sql("UPDATE workflows SET next_run_at = NULL").await;
    let stop = tokio_util::sync::CancellationToken::new();
    let role = tokio::spawn({
        let (scheduler, stop) = (scheduler(&bench), stop.clone());
        async move { scheduler.run(stop).await }
    });
    // The hourly look finds it; nobody has to restart the server.
    bench.asleep_until(bench.now().plus(HOUR)).await;
    bench.clock.advance(HOUR);
    let next_run_at = bench.now().plus(HOUR);
    bench.until_workflow(workflow, |workflow| workflow.next_run_at == Some(next_run_at)).await;
    let newest = bench.activity(workflow).await[0].what.clone();
    assert_eq!(newest, ActivityKind::Rearmed { next_run_at });
    stop.cancel();
    role.await.unwrap();
}

#[tokio::test]
async fn a_clock_that_was_set_back_is_told_with_the_time_from_which_it_goes_on() {
    let bench = Bench::new().await;
    let workflow = hourly_workflow(&bench, Missed::CatchUp).await;
    let start = bench.now();
    bench.clock.set(start.plus(HOUR * 5));
    scheduler(&bench).fire_due().await.unwrap();
    bench.clock.set(start);
    scheduler(&bench).catch_up().await.unwrap();
    let newest = bench.activity(workflow).await[0].what.clone();
    assert_eq!(newest, ActivityKind::ClockSetBack { next_run_at: start.plus(HOUR * 6) });
}

#[tokio::test]
async fn an_occurrence_that_cannot_start_is_told_once_after_the_limit() {
    let bench = Bench::new().await;
    let project = bench.project("customers").await;
    let notifications =
        Notifications { emails: vec!["ann@example.com".to_owned()], on_failure: true, ..Notifications::default() };
    let daily = Schedule::Simple { every: 1, unit: Unit::Days };
    let plan = Plan { schedule: daily, notifications, ..plan("daily", project) };
    let workflow = bench.workflow_with(plan).await.id;
    // A click is no occurrence.
    bench.run_now(workflow).await;
    bench.clock.advance(HOUR * 24);
    let scheduler = scheduler(&bench);
    scheduler.fire_due().await.unwrap();
    let waiting = bench.history(workflow).await[0].id;
    assert_eq!(scheduler.tell_late_starts().await.unwrap(), Some(bench.now().plus(HOUR)));
    assert!(bench.store.deliveries(waiting).await.unwrap().is_empty());
    bench.clock.advance(HOUR);
    for _ in 0..2 {
        assert_eq!(scheduler.tell_late_starts().await.unwrap(), None);
    }
    let deliveries = bench.store.deliveries(waiting).await.unwrap();
    assert_eq!(deliveries.iter().map(|delivery| delivery.occasion).collect::<Vec<_>>(), [Occasion::DidNotStart]);
    let newest = bench.activity(workflow).await[0].what.clone();
    assert_eq!(newest, ActivityKind::DidNotStart { execution: waiting, due_at: bench.now().minus(HOUR) });
    let silent = Scheduler::new(bench.store.clone(), bench.clock.clone()).start_within(None);
    assert_eq!(silent.tell_late_starts().await.unwrap(), None);
}

#[tokio::test]
async fn another_zone_leaves_the_boundaries_of_a_simple_schedule_alone() {
    let bench = Bench::new().await;
    let project = bench.project("customers").await;
    let hours = Plan { schedule: hourly(), ..plan("hourly", project) };
    let workflow = bench.workflow_with(hours.clone()).await;
    bench.clock.advance(HOUR / 2);
    let moved = Plan { time_zone: "Asia/Kolkata".to_owned(), ..hours };
    let saved = bench.store.replace_workflow(workflow.id, moved, workflow.version, by("ann")).await.unwrap();
    assert_eq!(saved.next_run_at, workflow.next_run_at);
}

#[tokio::test]
async fn what_is_old_or_unwanted_or_paused_is_not_caught_up() {
    let bench = Bench::new().await;
    let skipping = hourly_workflow(&bench, Missed::Skip).await;
    let project = bench.project("monthly").await;
    let every_30_days = Schedule::Simple { every: 30, unit: Unit::Days };
    let old = bench.workflow_with(Plan { schedule: every_30_days, ..plan("monthly", project) }).await.id;
    let paused = bench.workflow_with(Plan { schedule: hourly(), ..plan("paused", project) }).await.id;
    bench.store.pause_workflow(paused, by("ann")).await.unwrap();
    bench.clock.advance(HOUR * 24 * 31 + HOUR / 2);
    let scheduler = scheduler(&bench);
    scheduler.catch_up().await.unwrap();
    for workflow in [skipping, old, paused] {
        assert!(bench.history(workflow).await.is_empty());
    }
    let missed = &bench.missed(skipping).await[0];
    assert!(missed.more && missed.count >= 100 && missed.caught_up.is_none(), "{missed:?}");
    let hours = |timestamps: &[Timestamp]| timestamps.windows(2).all(|pair| pair[1].since(pair[0]) == HOUR);
    assert!(hours(&missed.times) && bench.now().since(missed.last) == HOUR / 2, "{missed:?}");
    assert_eq!(bench.missed(old).await[0].count, 1);
    assert!(bench.missed(paused).await.is_empty());
    let resumed = bench.store.resume_workflow(paused, by("ann")).await.unwrap();
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
    let saved = bench.store.replace_workflow(workflow.id, renamed.clone(), workflow.version, by("ann")).await.unwrap();
    assert_eq!(saved.next_run_at, next);
    let schedule = Schedule::Simple { every: 2, unit: Unit::Hours };
    let moved = Plan { schedule, ..renamed };
    let saved = bench.store.replace_workflow(workflow.id, moved.clone(), saved.version, by("ann")).await.unwrap();
    assert_eq!(saved.next_run_at, Some(bench.now().plus(HOUR * 2)));
    let outdated = bench.store.replace_workflow(workflow.id, moved, workflow.version, by("ann")).await.unwrap_err();
    assert!(outdated.to_string().contains("version 3"), "{outdated}");
}

/// An occurrence that is due and not fired yet is not lost by an edit that has nothing to do with the schedule.
#[tokio::test]
async fn an_edit_at_the_moment_of_an_occurrence_does_not_skip_it() {
    let bench = Bench::new().await;
    let project = bench.project("customers").await;
    let hours = Plan { schedule: hourly(), ..plan("hourly", project) };
    let workflow = bench.workflow_with(hours.clone()).await;
    bench.clock.advance(HOUR + Duration::from_millis(1));
    let renamed = Plan { name: "renamed".to_owned(), time_zone: "Asia/Kolkata".to_owned(), ..hours };
    bench.store.replace_workflow(workflow.id, renamed, workflow.version, by("ann")).await.unwrap();
    scheduler(&bench).fire_due().await.unwrap();
    assert_eq!(due(&bench.history(workflow.id).await), [(workflow.next_run_at, 0, false)]);
}

#[tokio::test]
async fn a_schedule_that_cannot_be_read_any_more_says_so_once() {
    let bench = Bench::new().await;
    let project = bench.project("customers").await;
    let schedule = Schedule::Cron { expression: "0 2 * * *".to_owned() };
    let workflow = bench.workflow_with(Plan { schedule, ..plan("nightly", project) }).await.id;
    // As after a move to a time zone database that dropped the zone.
    bench.sql("UPDATE workflows SET time_zone = 'Mars/Olympus'").await;
    bench.clock.advance(HOUR * 24);
    let scheduler = scheduler(&bench);
    scheduler.fire_due().await.unwrap();
    for _ in 0..2 {
        scheduler.catch_up().await.unwrap();
    }
    let told = bench.activity(workflow).await.into_iter().filter(|entry| entry.what == ActivityKind::NoNextRun);
    assert_eq!(told.count(), 1);
    assert_eq!(bench.history(workflow).await.len(), 1, "what was due is run all the same");
}
