//! Stopping the process in good order.

use std::time::Duration;

use model::{
    execution::{Status, Trigger},
    limits,
};

use crate::testing::Bench;

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
