//! Cancelling: queued, waiting for a retry, in each step, twice, and in a race with the end.

use std::time::Duration;

use engine::{Failure, PipelineError};
use model::{
    Step,
    execution::{Status, StepStatus, Trigger},
};

use crate::{
    store::{Plan, StoreError},
    testing::{Bench, by, patiently, plan},
};

#[tokio::test]
async fn a_queued_execution_that_is_cancelled_leaves_the_queue() {
    let bench = Bench::new().await.working();
    let workflow = bench.workflow("nightly").await.id;
    let (first, second, third) =
        (bench.run_now(workflow).await, bench.run_now(workflow).await, bench.run_now(workflow).await);
    let run = bench.next_run().await;
    let cancelled = bench.store.cancel(second.id, by("ann")).await.unwrap();
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
    let cancelling = bench.store.cancel(id, by("ann")).await.unwrap();
    assert_eq!(cancelling.status, Status::Cancelling);
    let again = bench.store.cancel(id, by("bob")).await.unwrap();
    assert_eq!(again.cancelled_by.as_deref(), Some("ann"), "cancelling twice does nothing");
    run.stop_when_told().await;
    let cancelled = bench.until(id, Status::Cancelled).await;
    let steps: Vec<_> = cancelled.steps.iter().take(2).map(|run| run.status).collect();
    assert_eq!(steps, [StepStatus::Cancelled, StepStatus::Skipped]);
    let refused = bench.store.cancel(id, by("ann")).await.unwrap_err();
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
    bench.store.cancel(id, by("ann")).await.unwrap();
    run.succeed();
    bench.until(id, Status::Success).await;
    // It fails before it sees the request: not retried all the same.
    let id = bench.run_now(workflow).await.id;
    let run = bench.next_run().await;
    bench.store.cancel(id, by("ann")).await.unwrap();
    run.fail("the disk is full");
    bench.until(id, Status::Failed).await;
    assert_eq!(bench.history(workflow).await.len(), 2);
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
    bench.store.cancel(id, by("ann")).await.unwrap();
    patiently(run.cancel.cancelled()).await;
    run.end(Err(PipelineError { step: Step::Export, failure: Failure::Cancelled }));
    let cancelled = bench.until(id, Status::Cancelled).await;
    assert_eq!(cancelled.destination_unchanged, Some(true));
    assert!(!partial.exists(), "nothing half written is left");
}

#[tokio::test]
async fn an_export_that_could_not_put_a_destination_back_says_so() {
    let bench = Bench::new().await.working();
    let workflow = bench.workflow("nightly").await.id;
    let id = bench.run_now(workflow).await.id;
    let run = bench.next_run().await;
    run.progress.step_started(Step::Export);
    let mark = engine::export_mark(&bench.directory.outputs(id));
    std::fs::create_dir_all(mark.parent().unwrap()).unwrap();
    std::fs::write(mark, "").unwrap();
    run.end(Err(PipelineError { step: Step::Export, failure: Failure::Input("the disk is gone".to_owned()) }));
    assert_eq!(bench.until(id, Status::Failed).await.destination_unchanged, Some(false));
}

#[tokio::test]
async fn a_waiting_retry_outlives_a_pause_and_can_be_cancelled() {
    let bench = Bench::new().await.working();
    let project = bench.project("customers").await;
    let rules = Plan { retries: 1, suspend_after: 1, ..plan("nightly", project) };
    let workflow = bench.workflow_with(rules).await.id;
    let first = bench.run_now(workflow).await;
    bench.next_run().await.fail("no such file");
    bench.until(first.id, Status::Failed).await;
    bench.store.pause_workflow(workflow, by("ann")).await.unwrap();
    let retry = bench.history(workflow).await[0].clone();
    assert_eq!((retry.trigger, retry.status), (Trigger::Retry, Status::Queued));
    let cancelled = bench.store.cancel(retry.id, by("ann")).await.unwrap();
    assert_eq!((cancelled.status, cancelled.cancelled_at), (Status::Cancelled, Some(bench.now())));
    bench.clock.advance(Duration::from_secs(3600));
    bench.executor.start_ready().await.unwrap();
    assert!(bench.started_run().await.is_none());
    // Whoever cancelled it knows: it is neither retried again nor one more failed run.
    let manual = (Trigger::Manual, Status::Failed);
    assert_eq!(bench.statuses(workflow).await, [manual, (Trigger::Retry, Status::Cancelled)]);
}

#[tokio::test]
async fn in_each_step_it_stops_there_and_what_was_done_stays_done() {
    let bench = Bench::new().await.working();
    let workflow = bench.workflow("nightly").await.id;
    for (place, step) in Step::ALL.into_iter().enumerate() {
        let id = bench.run_now(workflow).await.id;
        let run = bench.next_run().await;
        for done in Step::ALL.into_iter().take(place) {
            run.progress.step_started(done);
            run.progress.step_finished(done, engine::StepCounts { rows_in: 1, rows_out: 1 }, String::new());
        }
        run.progress.step_started(step);
        bench.until_it(id, |execution| execution.steps[place].status == StepStatus::Running).await;
        bench.store.cancel(id, by("ann")).await.unwrap();
        patiently(run.cancel.cancelled()).await;
        run.end(Err(PipelineError { step, failure: Failure::Cancelled }));
        let cancelled = bench.until(id, Status::Cancelled).await;
        let (done, rest) = cancelled.steps.split_at(place);
        assert!(done.iter().all(|run| run.status == StepStatus::Success), "{step}");
        assert_eq!(rest[0].status, StepStatus::Cancelled, "{step}");
        assert!(rest[1..].iter().all(|run| run.status == StepStatus::Skipped), "{step}");
        let export = (step == Step::Export).then_some(true);
        assert_eq!(cancelled.destination_unchanged, export, "{step}");
    }
}

#[tokio::test]
async fn a_cancel_before_the_timeout_takes_hold_wins() {
    let bench = Bench::new().await.working();
    let project = bench.project("customers").await;
    let workflow = bench.workflow_with(Plan { timeout_s: 60, retries: 1, ..plan("nightly", project) }).await.id;
    let id = bench.run_now(workflow).await.id;
    let run = bench.next_run().await;
    bench.asleep_until(bench.now().plus(Duration::from_secs(60))).await;
    bench.store.cancel(id, by("ann")).await.unwrap();
    bench.clock.advance(Duration::from_secs(60));
    run.stop_when_told().await;
    bench.until(id, Status::Cancelled).await;
    assert_eq!(bench.history(workflow).await.len(), 1, "not retried");
}
