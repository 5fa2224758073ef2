use std::time::Duration;

use engine::{Failure, PipelineError, StepProgress};
use model::{
    Step,
    event::{Change, Sample},
    execution::{QueueReason, Status, StepStatus, Trigger},
    limits,
    workflow::WorkflowState,
};

use crate::{
    store::{Plan, StoreError},
    testing::{Bench, SLOTS, patiently, plan},
};

#[tokio::test]
async fn twenty_run_nows_run_in_order_and_never_two_at_a_time() {
    let bench = Bench::new().await.working();
    let workflow = bench.workflow("nightly").await.id;
    let queued = futures::future::join_all((0..20).map(|_| bench.run_now(workflow))).await;
    for execution in &queued {
        let run = bench.next_run().await;
        assert_eq!(run.id(), execution.id, "first in, first out");
        assert!(bench.started_run().await.is_none(), "two of one workflow at a time");
        run.succeed();
    }
    let last = bench.until(queued[19].id, Status::Success).await;
    assert_eq!(last.records, Some(10));
    assert!(last.steps.iter().all(|run| run.status == StepStatus::Success));
    let history = bench.history(workflow).await;
    let times: Vec<_> = history.iter().map(|execution| execution.queued_at).collect();
    assert!(times.is_sorted_by(|newer, older| newer > older), "each has its own time");
}

#[tokio::test]
async fn one_click_is_one_execution() {
    let bench = Bench::new().await.working();
    let workflow = bench.workflow("nightly").await.id;
    let other = bench.workflow("weekly").await.id;
    let first = bench.try_run_now(workflow, Some("click-1")).await.unwrap();
    assert_eq!(bench.try_run_now(workflow, Some("click-1")).await.unwrap().id, first.id);
    bench.next_run().await.succeed();
    let ended = bench.until(first.id, Status::Success).await;
    assert_eq!(bench.try_run_now(workflow, Some("click-1")).await.unwrap(), ended, "also after it ended");
    assert_ne!(bench.try_run_now(workflow, Some("click-2")).await.unwrap().id, first.id);
    assert_ne!(bench.try_run_now(other, Some("click-1")).await.unwrap().id, first.id, "a key belongs to a workflow");
}

#[tokio::test]
async fn the_101st_that_waits_is_refused() {
    let bench = Bench::new().await;
    let workflow = bench.workflow("nightly").await.id;
    for _ in 0..limits::QUEUED_PER_WORKFLOW_MAX {
        bench.run_now(workflow).await;
    }
    let refused = bench.try_run_now(workflow, None).await.unwrap_err();
    assert!(matches!(refused, StoreError::Refused(model::Error::TooMany { .. })), "{refused}");
}

#[tokio::test]
async fn a_queued_execution_that_is_cancelled_leaves_the_queue() {
    let bench = Bench::new().await.working();
    let workflow = bench.workflow("nightly").await.id;
    let (first, second, third) =
        (bench.run_now(workflow).await, bench.run_now(workflow).await, bench.run_now(workflow).await);
    let run = bench.next_run().await;
    let cancelled = bench.store.cancel(second.id, "ann".to_owned()).await.unwrap();
    assert_eq!((cancelled.status, cancelled.cancelled_by.as_deref()), (Status::Cancelled, Some("ann")));
    assert!(cancelled.steps.iter().all(|run| run.status == StepStatus::Skipped));
    run.succeed();
    assert_eq!(bench.next_run().await.id(), third.id);
    assert_eq!(bench.execution(first.id).await.status, Status::Success);
}

#[tokio::test]
async fn a_running_execution_stops_at_its_step_and_is_not_retried() {
    let bench = Bench::new().await.working();
    let project = bench.project("customers").await;
    let workflow = bench.workflow_with(Plan { retries: 3, ..plan("nightly", project) }).await.id;
    let id = bench.run_now(workflow).await.id;
    let run = bench.next_run().await;
    run.progress.step_started(Step::Import);
    bench.until_it(id, |execution| execution.steps[0].status == StepStatus::Running).await;
    let cancelling = bench.store.cancel(id, "ann".to_owned()).await.unwrap();
    assert_eq!(cancelling.status, Status::Cancelling);
    let again = bench.store.cancel(id, "bob".to_owned()).await.unwrap();
    assert_eq!(again.cancelled_by.as_deref(), Some("ann"), "cancelling twice does nothing");
    run.stop_when_told().await;
    let cancelled = bench.until(id, Status::Cancelled).await;
    let steps: Vec<_> = cancelled.steps.iter().take(2).map(|run| run.status).collect();
    assert_eq!(steps, [StepStatus::Cancelled, StepStatus::Skipped]);
    let refused = bench.store.cancel(id, "ann".to_owned()).await.unwrap_err();
    assert!(matches!(refused, StoreError::Refused(model::Error::Conflict { .. })), "{refused}");
    assert_eq!(bench.statuses(workflow).await, [(Trigger::Manual, Status::Cancelled)]);
}

#[tokio::test]
async fn a_cancel_that_races_the_end_has_one_outcome() {
    let bench = Bench::new().await.working();
    let project = bench.project("customers").await;
    let workflow = bench.workflow_with(Plan { retries: 1, ..plan("nightly", project) }).await.id;
    // The run ends before it sees the request.
    let id = bench.run_now(workflow).await.id;
    let run = bench.next_run().await;
    bench.store.cancel(id, "ann".to_owned()).await.unwrap();
    run.succeed();
    bench.until(id, Status::Success).await;
    // It fails before it sees the request: not retried all the same.
    let id = bench.run_now(workflow).await.id;
    let run = bench.next_run().await;
    bench.store.cancel(id, "ann".to_owned()).await.unwrap();
    run.fail("the disk is full");
    bench.until(id, Status::Failed).await;
    assert_eq!(bench.history(workflow).await.len(), 2);
}

#[tokio::test]
async fn a_failed_attempt_is_retried_after_its_delay_and_then_the_workflow_is_suspended() {
    let bench = Bench::new().await.working();
    let project = bench.project("customers").await;
    let rules = Plan { retries: 1, retry_delays_s: vec![60], suspend_after: 2, ..plan("nightly", project) };
    let workflow = bench.workflow_with(rules).await.id;
    for round in 1..=2 {
        let first = bench.run_now(workflow).await;
        bench.next_run().await.fail("line 3: not UTF-8");
        let failed = bench.until(first.id, Status::Failed).await;
        assert_eq!(failed.error.as_deref(), Some("line 3: not UTF-8"));
        assert_eq!(failed.current_step().unwrap().error, failed.error);
        let retry = bench.history(workflow).await[0].clone();
        assert_eq!((retry.trigger, retry.original_trigger), (Trigger::Retry, Trigger::Manual));
        assert_eq!((retry.attempt, retry.attempts, retry.retry_of), (2, 2, Some(first.id)));
        let at = bench.now().plus(Duration::from_secs(60));
        assert_eq!(retry.queue_reason, Some(QueueReason::WaitingUntil { at }));
        assert!(bench.started_run().await.is_none(), "not before its time");
        bench.clock.advance(Duration::from_secs(60));
        let run = bench.next_run().await;
        assert_eq!(run.id(), retry.id);
        run.fail("line 3: not UTF-8");
        bench.until(retry.id, Status::Failed).await;
        let state = bench.store.find_workflow(workflow).await.unwrap().state;
        assert_eq!(state == WorkflowState::Suspended, round == 2, "after two failed runs");
    }
    let suspended = bench.store.find_workflow(workflow).await.unwrap();
    assert_eq!(suspended.state_reason.as_deref(), Some("The last 2 runs failed, one after another."));
    // Run Now works all the same, and only Resume ends the suspension.
    bench.run_now(workflow).await;
    bench.next_run().await.succeed();
    assert!(bench.store.pause_workflow(workflow, "ann".to_owned()).await.is_err());
    assert_eq!(bench.store.resume_workflow(workflow, "ann".to_owned()).await.unwrap().state, WorkflowState::Active);
}

#[tokio::test]
async fn a_waiting_retry_does_not_block_others() {
    let bench = Bench::new().await.working();
    let project = bench.project("customers").await;
    let workflow = bench.workflow_with(Plan { retries: 1, ..plan("nightly", project) }).await.id;
    let first = bench.run_now(workflow).await;
    bench.next_run().await.fail("no such file");
    bench.until(first.id, Status::Failed).await;
    let second = bench.run_now(workflow).await;
    assert_eq!(bench.next_run().await.id(), second.id);
}

#[tokio::test]
async fn no_more_run_than_there_are_slots_and_never_two_on_one_project() {
    let bench = Bench::new().await.working();
    let shared = bench.project("shared").await;
    let a = bench.workflow_with(plan("a", shared)).await.id;
    let b = bench.workflow_with(plan("b", shared)).await.id;
    let (c, d) = (bench.workflow("c").await.id, bench.workflow("d").await.id);
    let on_a = bench.run_now(a).await;
    let on_b = bench.run_now(b).await;
    let run_a = bench.next_run().await;
    assert_eq!(run_a.id(), on_a.id);
    let reason = bench.execution(on_b.id).await.queue_reason;
    assert_eq!(reason, Some(QueueReason::BehindProject { execution: on_a.id, workflow_name: "a".to_owned() }));
    let on_c = bench.run_now(c).await;
    let run_c = bench.next_run().await;
    assert_eq!(run_c.id(), on_c.id, "it passes the one that waits for its project");
    let on_d = bench.run_now(d).await;
    let waiting = bench.execution(on_d.id).await;
    assert_eq!(waiting.queue_reason, Some(QueueReason::NoFreeSlot { busy: SLOTS, slots: SLOTS }));
    assert_eq!(waiting.queue_position, Some(2));
    assert!(bench.started_run().await.is_none());
    run_a.succeed();
    assert_eq!(bench.next_run().await.id(), on_b.id, "the first in line, now that its project is free");
    run_c.succeed();
    assert_eq!(bench.next_run().await.id(), on_d.id);
}

#[tokio::test]
async fn a_run_that_takes_too_long_is_stopped_and_failed() {
    let bench = Bench::new().await.working();
    let project = bench.project("customers").await;
    let workflow = bench.workflow_with(Plan { timeout_s: 7200, ..plan("nightly", project) }).await.id;
    let id = bench.run_now(workflow).await.id;
    let run = bench.next_run().await;
    bench.asleep_until(bench.now().plus(Duration::from_secs(7200))).await;
    bench.clock.advance(Duration::from_secs(7200));
    run.stop_when_told().await;
    let failed = bench.until(id, Status::Failed).await;
    assert_eq!(failed.error.as_deref(), Some("timed out after 2 h"));
}

#[tokio::test]
async fn a_panic_in_a_step_fails_that_execution_and_nothing_else() {
    let bench = Bench::new().await.working();
    let workflow = bench.workflow("nightly").await.id;
    let (first, second) = (bench.run_now(workflow).await, bench.run_now(workflow).await);
    drop(bench.next_run().await);
    let failed = bench.until(first.id, Status::Failed).await;
    assert!(failed.error.unwrap().starts_with("Something went wrong on the server."));
    bench.next_run().await.succeed();
    bench.until(second.id, Status::Success).await;
}

#[tokio::test]
async fn a_cancelled_export_says_whether_the_destination_changed() {
    let bench = Bench::new().await.working();
    let workflow = bench.workflow("nightly").await.id;
    let id = bench.run_now(workflow).await.id;
    let run = bench.next_run().await;
    run.progress.step_started(Step::Export);
    let partial = bench.directory.outputs_partial(id);
    std::fs::create_dir_all(&partial).unwrap();
    bench.store.cancel(id, "ann".to_owned()).await.unwrap();
    patiently(run.cancel.cancelled()).await;
    run.end(Err(PipelineError { step: Step::Export, failure: Failure::Cancelled }));
    let cancelled = bench.until(id, Status::Cancelled).await;
    assert_eq!(cancelled.destination_unchanged, Some(true));
    assert!(!partial.exists(), "nothing half written is left");
}

#[tokio::test]
async fn progress_is_sampled_and_log_lines_are_told_and_kept() {
    let bench = Bench::new().await.working();
    let mut samples = bench.samples.subscribe();
    let workflow = bench.workflow("nightly").await.id;
    let id = bench.run_now(workflow).await.id;
    let run = bench.next_run().await;
    run.progress.step_started(Step::Match);
    for rows in 0..1000 {
        let progress = StepProgress { fraction: None, rows: Some(rows), rows_per_s: None, stage: "scoring" };
        run.progress.advanced(Step::Match, progress);
        bench.clock.advance(Duration::from_millis(1));
    }
    run.progress.log(Step::Match, model::execution::LogLevel::Warning, "a large block".to_owned());
    let mut progress = 0;
    let lines = patiently(async {
        loop {
            match samples.recv().await.unwrap() {
                Sample::Progress(_) => progress += 1,
                Sample::Log { execution, first: 0, lines } if execution == id => return lines,
                other => panic!("{other:?}"),
            }
        }
    })
    .await;
    assert_eq!(progress, limits::PROGRESS_PER_SECOND_MAX);
    assert_eq!(lines[0].message, "a large block");
    assert_eq!(super::log::read(&bench.directory.log(id), 0, 10).unwrap(), lines);
    run.succeed();
    bench.until(id, Status::Success).await;
    let all = super::log::read(&bench.directory.log(id), 1, 100).unwrap();
    assert_eq!(all.len(), 6, "one line for each step that ended");
}

#[tokio::test]
async fn a_graceful_stop_leaves_what_it_interrupts_to_the_next_start_and_counts_as_no_interruption() {
    let mut bench = Bench::new().await.working();
    let workflow = bench.workflow("nightly").await.id;
    let (first, second) = (bench.run_now(workflow).await, bench.run_now(workflow).await);
    let rounds = limits::RECOVERIES_IN_A_ROW_MAX + 2;
    for _ in 0..rounds {
        let run = bench.next_run().await;
        let stopping = bench.executor.stop(Duration::ZERO);
        tokio::join!(stopping, run.stop_when_told());
        assert!(bench.started_run().await.is_none(), "nothing new starts");
        let next = bench.restarted().await;
        crate::rescuer::recover(&next.store, &next.directory).await.unwrap();
        bench = next.working();
    }
    let recovery = bench.next_run().await;
    let running = bench.execution(recovery.id()).await;
    assert_eq!((running.trigger, running.original_trigger), (Trigger::Recovery, Trigger::Manual));
    recovery.succeed();
    assert_eq!(bench.next_run().await.id(), second.id);
    let interrupted = bench.execution(first.id).await;
    assert_eq!(interrupted.status, Status::Interrupted);
    assert_eq!(interrupted.error.as_deref(), Some("The server was stopped while this was running."));
    let statuses = bench.statuses(workflow).await;
    let count = statuses.iter().filter(|(_, status)| *status == Status::Interrupted).count();
    assert_eq!(count, usize::try_from(rounds).unwrap());
}

/// A claim that is on its way when the stop comes is either not done, or its execution is waited for.
#[tokio::test]
async fn a_claim_in_flight_while_stopping_is_neither_lost_nor_left_running() {
    for _ in 0..50 {
        let bench = Bench::new().await;
        let workflow = bench.workflow("nightly").await.id;
        let queued = bench.run_now(workflow).await;
        let executor = bench.executor.clone();
        let role = tokio::spawn(async move { executor.run().await });
        tokio::task::yield_now().await;
        let stopping = bench.executor.stop(Duration::ZERO);
        let ending = async {
            role.await.unwrap();
            if let Some(run) = bench.started_run().await {
                run.stop_when_told().await;
            }
        };
        tokio::join!(stopping, ending);
        let status = bench.execution(queued.id).await.status;
        assert!(matches!(status, Status::Queued | Status::Interrupted), "{status:?}");
    }
}

/// What a page that follows the events shows is what a reload would show.
#[tokio::test]
async fn events_have_no_gaps_and_applying_them_equals_a_reload() {
    let bench = Bench::new().await.working();
    let project = bench.project("customers").await;
    let workflow =
        bench.workflow_with(Plan { retries: 1, retry_delays_s: vec![0], ..plan("nightly", project) }).await.id;
    let before = bench.store.card(workflow, SLOTS, bench.now()).await.unwrap();
    let queued: Vec<_> = futures::future::join_all((0..6).map(|_| bench.run_now(workflow))).await;
    bench.store.cancel(queued[5].id, "ann".to_owned()).await.unwrap();
    // A command that fails in between takes no number with it.
    assert!(bench.store.cancel(queued[5].id, "ann".to_owned()).await.is_err());
    for round in 0..6 {
        let run = bench.next_run().await;
        match round {
            1 => run.fail("no such file"),
            2 => {
                bench.store.cancel(run.id(), "ann".to_owned()).await.unwrap();
                run.stop_when_told().await;
            }
            _ => run.succeed(),
        }
    }
    bench.executor.idle().await;
    let events = bench.store.events_after(0, 1000).await.unwrap().unwrap();
    assert!(events.iter().map(|event| event.number).eq(1..=i64::try_from(events.len()).unwrap()), "no gaps");
    let mut card = before.data;
    for event in events.into_iter().filter(|event| event.number > before.number) {
        match event.change {
            Change::Execution { execution } => card.apply(&execution),
            Change::Workflow { workflow } => card.workflow = *workflow,
            Change::WorkflowDeleted { .. }
            | Change::Project { .. }
            | Change::ProjectDeleted { .. }
            | Change::Delivery { .. }
            | Change::Maintenance { .. } => {}
        }
    }
    assert_eq!(card, bench.store.card(workflow, SLOTS, bench.now()).await.unwrap().data);
}
