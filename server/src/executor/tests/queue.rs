//! Order, slots, and what does not run at the same time.

use model::{
    execution::{QueueReason, Status, StepStatus},
    limits,
    schedule::{Schedule, Unit},
};

use crate::{
    scheduler::Scheduler,
    store::{Plan, StoreError},
    testing::{Bench, SLOTS, by, plan},
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
async fn in_maintenance_occurrences_fold_and_nothing_starts_also_after_a_restart() {
    let bench = Bench::new().await;
    let project = bench.project("customers").await;
    let hourly = Schedule::Simple { every: 1, unit: Unit::Hours };
    let workflow = bench.workflow_with(Plan { schedule: hourly, ..plan("hourly", project) }).await.id;
    let maintenance = bench.store.set_maintenance(true, by("ann")).await.unwrap();
    let scheduler = Scheduler::new(bench.store.clone(), bench.clock.clone());
    for _ in 0..3 {
        bench.clock.advance(std::time::Duration::from_secs(3600));
        scheduler.fire_due().await.unwrap();
    }
    let waiting = bench.history(workflow).await;
    assert_eq!(waiting.iter().map(|execution| execution.folded).collect::<Vec<_>>(), [2]);
    let reason = QueueReason::Maintenance { by: "ann".to_owned(), since: maintenance.since.unwrap() };
    assert_eq!(waiting[0].queue_reason, Some(reason));

    let restarted = bench.restarted().await.working();
    assert_eq!(restarted.store.maintenance().await.unwrap(), maintenance);
    restarted.executor.start_ready().await.unwrap();
    assert!(restarted.started_run().await.is_none());
    restarted.store.set_maintenance(false, by("bob")).await.unwrap();
    assert_eq!(restarted.next_run().await.id(), waiting[0].id);
}

#[tokio::test]
async fn what_runs_when_maintenance_begins_runs_to_its_end_and_nothing_takes_its_place() {
    let bench = Bench::new().await.working();
    let workflow = bench.workflow("nightly").await.id;
    let (first, second) = (bench.run_now(workflow).await, bench.run_now(workflow).await);
    let run = bench.next_run().await;
    bench.store.set_maintenance(true, by("ann")).await.unwrap();
    run.succeed();
    bench.until(first.id, Status::Success).await;
    assert!(bench.started_run().await.is_none());
    assert_eq!(bench.execution(second.id).await.status, Status::Queued);
}
