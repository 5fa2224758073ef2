//! Failed attempts: retries, the count of failed runs, suspension, timeouts, panics.

use std::time::Duration;

use engine::{Failure, PipelineError};
use model::{
    Error, Step, StepRange,
    activity::ActivityKind,
    execution::{QueueReason, Status, StepStatus, Trigger},
    workflow::WorkflowState,
};

use crate::{
    store::{Plan, Request, StoreError},
    testing::{Bench, by, plan},
};

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
    assert!(bench.store.pause_workflow(workflow, by("ann")).await.is_err());
    assert_eq!(bench.store.resume_workflow(workflow, by("ann")).await.unwrap().state, WorkflowState::Active);
}

#[tokio::test]
async fn what_was_asked_to_begin_later_keeps_the_steps_before_also_in_its_retry() {
    let bench = Bench::new().await.working();
    let project = bench.project("customers").await;
    let rules = Plan { retries: 1, retry_delays_s: vec![60], ..plan("nightly", project) };
    let workflow = bench.workflow_with(rules).await.id;
    let request = Request { workflow, trigger: Trigger::Manual, by: by("ann"), from: Some(Step::Match), key: None };
    let first = bench.store.enqueue(request.clone()).await.unwrap();
    let run = bench.next_run().await;
    assert_eq!(run.job.steps, StepRange::new(Step::Match, Step::Export).unwrap());
    run.progress.step_started(Step::Match);
    let failure = Failure::Input("no such column".to_owned());
    run.end(Err(PipelineError { step: Step::Match, failure }));
    let failed = bench.until(first.id, Status::Failed).await;
    let statuses = |steps: &[model::execution::StepRun]| steps.iter().map(|run| run.status).collect::<Vec<_>>();
    use StepStatus::{Failed, Skipped, Success};
    assert_eq!(statuses(&failed.steps), [Skipped, Skipped, Skipped, Failed, Skipped, Skipped]);
    assert_eq!(failed.resumes_from(), Some(Step::Match));

    bench.clock.advance(Duration::from_secs(60));
    let run = bench.next_run().await;
    assert_eq!((run.job.steps.from(), run.id() != first.id), (Step::Match, true));
    let retry = run.id();
    run.succeed();
    let retry = bench.until(retry, Status::Success).await;
    assert_eq!((retry.trigger, retry.from), (Trigger::Retry, Some(Step::Match)));
    assert_eq!(statuses(&retry.steps), [Skipped, Skipped, Skipped, Success, Success, Success]);

    // A workflow that was edited meanwhile and has no such step any more runs as it is now.
    let waiting = bench.store.enqueue(Request { from: None, ..request.clone() }).await.unwrap();
    let queued = bench.store.enqueue(Request { from: Some(Step::Export), ..request.clone() }).await.unwrap();
    let shorter = Plan { steps: StepRange::new(Step::Import, Step::Match).unwrap(), ..plan("nightly", project) };
    bench.store.replace_workflow(workflow, shorter, 1, by("ann")).await.unwrap();
    bench.next_run().await.succeed();
    bench.until(waiting.id, Status::Success).await;
    bench.next_run().await.succeed();
    let whole = bench.until(queued.id, Status::Success).await;
    assert_eq!((whole.from, statuses(&whole.steps)), (None, vec![Success; 4]));
    let refused = bench.store.enqueue(Request { from: Some(Step::Export), ..request }).await.unwrap_err();
    assert!(matches!(refused, StoreError::Refused(Error::Invalid { .. })), "{refused}");
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
async fn delays_are_those_of_the_workflow_and_edits_count_for_the_next_one() {
    let bench = Bench::new().await.working();
    let project = bench.project("customers").await;
    let rules = Plan { retries: 3, retry_delays_s: vec![10, 20, 30], ..plan("nightly", project) };
    let workflow = bench.workflow_with(rules.clone()).await;
    let mut id = bench.run_now(workflow.id).await.id;
    for (attempt, delay_s) in [(1, 10), (2, 200), (3, 300)] {
        let run = bench.next_run().await;
        assert_eq!(run.id(), id);
        run.fail("no such file");
        bench.until(id, Status::Failed).await;
        let retry = bench.history(workflow.id).await[0].clone();
        assert_eq!((retry.attempt, retry.attempts), (attempt + 1, 4));
        assert_eq!(retry.ready_at, Some(bench.now().plus(Duration::from_secs(delay_s))));
        if attempt == 1 {
            let edited = Plan { retries: 0, retry_delays_s: vec![100, 200, 300], ..rules.clone() };
            bench.store.replace_workflow(workflow.id, edited, 1, by("ann")).await.unwrap();
        }
        bench.clock.set(retry.ready_at.unwrap());
        id = retry.id;
    }
    bench.next_run().await.fail("no such file");
    bench.until(id, Status::Failed).await;
    assert_eq!(bench.history(workflow.id).await.len(), 4, "the run keeps the attempts that it began with");
    assert_eq!(bench.store.find_workflow(workflow.id).await.unwrap().state, WorkflowState::Active);
}

#[tokio::test]
async fn a_success_resets_the_count_and_only_failed_runs_count() {
    let bench = Bench::new().await.working();
    let project = bench.project("customers").await;
    let rules = Plan { retries: 1, retry_delays_s: vec![0], suspend_after: 2, ..plan("nightly", project) };
    let workflow = bench.workflow_with(rules).await.id;
    // Each run: how its attempts end.
    for run in [&[false, false][..], &[false, true], &[false, false], &[true], &[false, false]] {
        bench.run_now(workflow).await;
        for succeeds in run {
            let attempt = bench.next_run().await;
            let id = attempt.id();
            if *succeeds {
                attempt.succeed()
            } else {
                attempt.fail("no such file")
            }
            bench.until_it(id, |execution| execution.status.is_final()).await;
        }
        assert_eq!(bench.store.find_workflow(workflow).await.unwrap().state, WorkflowState::Active);
    }
    bench.run_now(workflow).await;
    for _ in 0..2 {
        let attempt = bench.next_run().await;
        let id = attempt.id();
        attempt.fail("no such file");
        bench.until(id, Status::Failed).await;
    }
    assert_eq!(bench.store.find_workflow(workflow).await.unwrap().state, WorkflowState::Suspended);
    let newest = bench.activity(workflow).await[0].clone();
    assert!(matches!(newest.what, ActivityKind::Suspended { .. }) && newest.by.is_none(), "{newest:?}");
}
