use model::{
    execution::{Status, StepStatus, Trigger},
    limits,
};

use crate::{
    rescuer::recover,
    store::{Ending, Plan, Settlement, StepsDone},
    testing::{Bench, by, plan},
};

#[tokio::test]
async fn what_was_running_is_interrupted_and_runs_again_first() {
    let crashed = Bench::new().await.working();
    let workflow = crashed.workflow("nightly").await.id;
    let (first, second) = (crashed.run_now(workflow).await, crashed.run_now(workflow).await);
    let run = crashed.next_run().await;
    std::fs::create_dir_all(crashed.directory.outputs_partial(first.id)).unwrap();
    std::fs::write(crashed.directory.temporary().join("upload"), "half").unwrap();

    let restarted = crashed.restarted().await;
    recover(&restarted.store, &restarted.directory).await.unwrap();
    let interrupted = restarted.execution(first.id).await;
    assert_eq!(interrupted.status, Status::Interrupted);
    assert!(interrupted.steps.iter().all(|run| run.status == StepStatus::Skipped));
    assert!(!restarted.directory.outputs_partial(first.id).exists());
    assert!(!restarted.directory.temporary().join("upload").exists());

    let restarted = restarted.working();
    let recovery = restarted.next_run().await;
    let recovered = restarted.execution(recovery.id()).await;
    assert_eq!((recovered.trigger, recovered.original_trigger), (Trigger::Recovery, Trigger::Manual));
    assert_eq!(recovered.recovery_of, Some(first.id));
    assert_eq!(recovered.requested_by.as_deref(), Some("ann"));
    recovery.succeed();
    assert_eq!(restarted.next_run().await.id(), second.id, "what was accepted runs");
    drop(run);
}

#[tokio::test]
async fn a_late_writer_of_a_process_that_is_over_changes_nothing() {
    let old = Bench::new().await.working();
    let workflow = old.workflow("nightly").await.id;
    let first = old.run_now(workflow).await;
    let _run = old.next_run().await;
    let new = old.restarted().await;
    recover(&new.store, &new.directory).await.unwrap();
    let events = *new.store.committed().borrow();
    let done = StepsDone { execution: first.id, steps: Vec::new(), records: None };
    old.store.record_steps(done.clone()).await.unwrap();
    let ending = Ending::Success { outputs: Vec::new() };
    let settlement = Settlement { done, ending, destination_unchanged: None, slots: None };
    assert!(old.store.settle(settlement).await.unwrap().execution.is_none());
    assert!(old.store.claim(2).await.unwrap().started.is_empty(), "the recovery is for the new process to start");
    assert_eq!(new.execution(first.id).await.status, Status::Interrupted);
    assert!(new.store.events_after(events, 10).await.unwrap().unwrap().is_empty());
}

#[tokio::test]
async fn the_fourth_interruption_in_a_row_is_a_failure() {
    let mut bench = Bench::new().await.working();
    let workflow = bench.workflow("nightly").await.id;
    bench.run_now(workflow).await;
    for _ in 0..=limits::RECOVERIES_IN_A_ROW_MAX {
        let _run = bench.next_run().await;
        let next = bench.restarted().await;
        recover(&next.store, &next.directory).await.unwrap();
        bench = next.working();
    }
    let statuses = bench.statuses(workflow).await;
    let recoveries = [(Trigger::Recovery, Status::Interrupted), (Trigger::Recovery, Status::Interrupted)];
    let first = [(Trigger::Manual, Status::Interrupted)];
    assert_eq!(statuses, [&first[..], &recoveries, &[(Trigger::Recovery, Status::Failed)]].concat());
}

#[tokio::test]
async fn what_was_being_cancelled_is_cancelled_and_does_not_run_again() {
    let crashed = Bench::new().await.working();
    let workflow = crashed.workflow("nightly").await.id;
    let first = crashed.run_now(workflow).await;
    let _run = crashed.next_run().await;
    crashed.store.cancel(first.id, by("ann")).await.unwrap();
    let restarted = crashed.restarted().await;
    recover(&restarted.store, &restarted.directory).await.unwrap();
    assert_eq!(restarted.statuses(workflow).await, [(Trigger::Manual, Status::Cancelled)]);
}

/// What brings the server down each time must not do so four times for each of its retries.
#[tokio::test]
async fn a_retry_of_what_was_interrupted_too_often_is_not_recovered_once_more() {
    let mut bench = Bench::new().await.working();
    let project = bench.project("customers").await;
    let rules = Plan { retries: 1, retry_delays_s: vec![0], ..plan("nightly", project) };
    let workflow = bench.workflow_with(rules).await.id;
    bench.run_now(workflow).await;
    for _ in 0..limits::RECOVERIES_IN_A_ROW_MAX + 2 {
        let _run = bench.next_run().await;
        let next = bench.restarted().await;
        recover(&next.store, &next.directory).await.unwrap();
        bench = next.working();
    }
    let statuses = bench.statuses(workflow).await;
    assert_eq!(statuses[3..], [(Trigger::Recovery, Status::Failed), (Trigger::Retry, Status::Failed)]);
}
