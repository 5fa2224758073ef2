//! What an execution tells while it runs: samples, log lines, events.

use std::time::Duration;

use engine::StepProgress;
use model::execution::Status;
use model::{
    Step,
    event::{Change, Sample},
    limits,
};

use crate::{
    executor::log,
    store::Plan,
    testing::{Bench, SLOTS, by, patiently, plan},
};

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
    assert_eq!(log::read(&bench.directory.log(id), 0, 10).unwrap(), lines);
    run.succeed();
    bench.until(id, Status::Success).await;
    let all = log::read(&bench.directory.log(id), 1, 100).unwrap();
    assert_eq!(all.len(), 6, "one line for each step that ended");
}

#[tokio::test]
async fn a_new_stage_is_told_at_once() {
    let bench = Bench::new().await.working();
    let mut samples = bench.samples.subscribe();
    let workflow = bench.workflow("nightly").await.id;
    bench.run_now(workflow).await;
    let run = bench.next_run().await;
    run.progress.step_started(Step::Match);
    // All in one moment, which has room for one sample.
    for stage in ["Initializing", "Blocking", "Scoring 1 of 9 pairs", "Scoring 9 of 9 pairs", "Grouping", "Finalizing"]
    {
        let progress = StepProgress { fraction: None, rows: None, rows_per_s: None, stage };
        run.progress.advanced(Step::Match, progress);
    }
    let mut told = Vec::new();
    while let Ok(Sample::Progress(progress)) = samples.try_recv() {
        told.extend(progress.stage);
    }
    assert_eq!(told, ["Initializing", "Blocking", "Scoring 1 of 9 pairs", "Grouping", "Finalizing"]);
    run.succeed();
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
    bench.store.cancel(queued[5].id, by("ann")).await.unwrap();
    // A command that fails in between takes no number with it.
    assert!(bench.store.cancel(queued[5].id, by("ann")).await.is_err());
    for round in 0..6 {
        let run = bench.next_run().await;
        match round {
            1 => run.fail("no such file"),
            2 => {
                bench.store.cancel(run.id(), by("ann")).await.unwrap();
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
