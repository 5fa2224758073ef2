use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

use model::{
    Step,
    execution::{QueueReason, Status, Trigger},
};

use super::{DiskGuard, free_space};
use crate::{
    store::Plan,
    testing::{Bench, plan},
};

const MIB: u64 = 1 << 20;

/// A guard over a disk of which the test says how much is free.
fn guard(bench: &Bench) -> (DiskGuard, Arc<AtomicU64>) {
    let free = Arc::new(AtomicU64::new(u64::MAX));
    let asked = Arc::clone(&free);
    let ask = Box::new(move || Ok(asked.load(Ordering::SeqCst)));
    (DiskGuard::new(bench.store.clone(), bench.clock.clone(), 1024 * MIB, ask), free)
}

#[tokio::test]
async fn executions_wait_while_the_disk_is_short_and_start_when_there_is_room() {
    let bench = Bench::new().await;
    let (guard, free) = guard(&bench);
    free.store(1023 * MIB, Ordering::SeqCst);
    guard.check();
    let bench = bench.working();
    let workflow = bench.workflow("nightly").await.id;
    let queued = bench.run_now(workflow).await;
    bench.executor.start_ready().await.unwrap();
    let reason = bench.execution(queued.id).await.queue_reason;
    assert_eq!(reason, Some(QueueReason::DiskFull { free_bytes: 1023 * MIB, needed_bytes: 1024 * MIB }));
    assert!(bench.started_run().await.is_none());
    free.store(1024 * MIB, Ordering::SeqCst);
    guard.check();
    bench.next_run().await.succeed();
    bench.until(queued.id, Status::Success).await;
}

#[tokio::test]
async fn what_runs_when_the_disk_becomes_short_fails_and_is_retried_as_configured() {
    let bench = Bench::new().await.working();
    let (guard, free) = guard(&bench);
    let project = bench.project("customers").await;
    let workflow = bench.workflow_with(Plan { retries: 1, ..plan("nightly", project) }).await.id;
    let id = bench.run_now(workflow).await.id;
    let run = bench.next_run().await;
    run.progress.step_started(Step::Import);
    guard.check();
    assert!(!run.cancel.is_cancelled());
    free.store(512 * MIB, Ordering::SeqCst);
    guard.check();
    run.stop_when_told().await;
    let failed = bench.until(id, Status::Failed).await;
    let error = failed.error.unwrap();
    assert!(error.starts_with("the disk is nearly full: 512 MiB are free where 1024 MiB must stay free"), "{error}");
    assert_eq!(bench.statuses(workflow).await[1], (Trigger::Retry, Status::Queued));
}

#[test]
fn the_free_space_of_a_real_disk_is_read() {
    let directory = tempfile::tempdir().unwrap();
    assert!(free_space(directory.path())().unwrap() > 0);
}
