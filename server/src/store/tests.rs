mod upgrade;

use std::time::Duration;

use futures::FutureExt;
use model::{
    Scope,
    execution::{ExecutionFilter, Status, Trigger},
    workflow::{WorkflowFilter, WorkflowSort},
};
use sqlx::{ConnectOptions, Executor, SqlSafeStr};

use crate::testing::{Bench, SLOTS, plan};

impl super::Store {
    /// Changes what no method of the store would.
    pub(crate) async fn execute(&self, statement: &'static str) -> super::StoreResult<()> {
        self.write(move |tx| {
            async move {
                sqlx::query(statement).execute(&mut tx.connection).await?;
                Ok(())
            }
            .boxed()
        })
        .await
    }

    pub(crate) async fn count_deliveries(&self) -> i64 {
        let mut snapshot = self.read().await.unwrap();
        sqlx::query_scalar("SELECT count(*) FROM deliveries").fetch_one(&mut *snapshot).await.unwrap()
    }
}

/// Every statement fits the schema: a typing mistake in any of them fails here, not in front of a user.
#[tokio::test]
async fn every_statement_can_be_prepared() {
    let bench = Bench::new().await;
    let files = [
        super::activity::STATEMENTS,
        super::activity::record::STATEMENTS,
        super::activity::prune::STATEMENTS,
        super::audit::STATEMENTS,
        super::backup::STATEMENTS,
        super::consequences::STATEMENTS,
        super::dead_deliveries::STATEMENTS,
        super::digests::STATEMENTS,
        super::events::STATEMENTS,
        super::execution_row::STATEMENTS,
        super::gauges::STATEMENTS,
        super::history::STATEMENTS,
        super::maintenance::STATEMENTS,
        super::news::STATEMENTS,
        super::outbox::STATEMENTS,
        super::overdue::STATEMENTS,
        super::overview::STATEMENTS,
        super::places::STATEMENTS,
        super::projects::STATEMENTS,
        super::queue::STATEMENTS,
        super::recovery::STATEMENTS,
        super::retention::STATEMENTS,
        super::review::STATEMENTS,
        super::schedules::STATEMENTS,
        super::search::STATEMENTS,
        super::sessions::STATEMENTS,
        super::timeline::STATEMENTS,
        super::tokens::STATEMENTS,
        super::users::STATEMENTS,
        super::users::document::STATEMENTS,
        super::workflow_list::STATEMENTS,
        super::workflows::STATEMENTS,
        super::writer::STATEMENTS,
    ];
    let mut connection = bench.store.readers.acquire().await.unwrap();
    for statement in files.into_iter().flatten() {
        if let Err(error) = connection.prepare(statement.into_sql_str()).await {
            panic!("{error}\n{statement}");
        }
    }
}

#[tokio::test]
async fn commands_that_arrive_together_do_not_undo_each_other() {
    let bench = Bench::new().await;
    let workflow = bench.workflow("nightly").await.id;
    let nobody = model::WorkflowId::from_uuid(uuid::Uuid::nil());
    let (good, bad, better) =
        tokio::join!(bench.run_now(workflow), bench.try_run_now(nobody, None), bench.run_now(workflow));
    assert_eq!(bad.unwrap_err().to_string(), "There is no such workflow. It may have been deleted.");
    let history = bench.history(workflow).await;
    assert_eq!(history.iter().map(|execution| execution.id).collect::<Vec<_>>(), [better.id, good.id]);
}

#[tokio::test]
async fn what_was_answered_is_there_after_a_restart() {
    let bench = Bench::new().await;
    let workflow = bench.workflow("nightly").await.id;
    let queued = bench.run_now(workflow).await;
    let restarted = bench.restarted().await;
    let found = restarted.execution(queued.id).await;
    assert_eq!((found.status, found.queued_at), (Status::Queued, queued.queued_at));
    assert_eq!(*restarted.store.committed().borrow(), *bench.store.committed().borrow());
}

#[tokio::test]
async fn a_clock_that_is_set_back_does_not_change_the_order_of_the_queue() {
    let bench = Bench::new().await;
    let workflow = bench.workflow("nightly").await.id;
    let first = bench.run_now(workflow).await;
    bench.clock.set(bench.now().minus(Duration::from_secs(3600)));
    let second = bench.run_now(workflow).await;
    assert!(second.queued_at > first.queued_at);
    let claims = bench.store.claim(SLOTS).await.unwrap();
    assert_eq!(claims.started[0].execution.id, first.id);
}

#[tokio::test]
async fn history_pages_newest_first_and_every_row_once() {
    let bench = Bench::new().await;
    let workflow = bench.workflow("nightly").await.id;
    let mut queued = Vec::new();
    for _ in 0..25 {
        queued.push(bench.run_now(workflow).await.id);
        bench.clock.advance(Duration::from_secs(60));
    }
    let mut filter = ExecutionFilter { limit: Some(10), ..ExecutionFilter::default() };
    let mut seen = Vec::new();
    loop {
        let page = bench.store.executions(&filter, &Scope::All, SLOTS, bench.now()).await.unwrap().data;
        seen.extend(page.items.iter().map(|execution| execution.id));
        filter.cursor = page.next_cursor;
        if filter.cursor.is_none() {
            break;
        }
    }
    assert!(seen.iter().eq(queued.iter().rev()));
    filter.cursor = Some("page-2".to_owned());
    assert!(bench.store.executions(&filter, &Scope::All, SLOTS, bench.now()).await.is_err());
}

#[tokio::test]
async fn filters_hold_all_at_once() {
    let bench = Bench::new().await.working();
    let (a, b) = (bench.workflow("a").await, bench.workflow("b").await);
    let start = bench.now();
    for (minute, error) in [(1, "line 7: not UTF-8"), (2, "disk is full"), (3, "no usable column")] {
        bench.clock.set(start.plus(Duration::from_secs(60 * minute)));
        let id = bench.run_now(a.id).await.id;
        bench.next_run().await.fail(error);
        bench.until(id, Status::Failed).await;
    }
    let id = bench.run_now(b.id).await.id;
    bench.next_run().await.succeed();
    bench.until(id, Status::Success).await;
    let count = async |filter: ExecutionFilter| {
        bench.store.executions(&filter, &Scope::All, SLOTS, bench.now()).await.unwrap().data.items.len()
    };
    let any = ExecutionFilter::default;
    let minute = |minutes: u64| Some(start.plus(Duration::from_secs(60 * minutes)));
    assert_eq!(count(any()).await, 4);
    assert_eq!(count(ExecutionFilter { workflow: Some(a.id), ..any() }).await, 3);
    assert_eq!(count(ExecutionFilter { project: Some(b.project_id), ..any() }).await, 1);
    assert_eq!(
        count(ExecutionFilter { status: Some(Status::Failed), trigger: Some(Trigger::Manual), ..any() }).await,
        3
    );
    assert_eq!(count(ExecutionFilter { trigger: Some(Trigger::Api), ..any() }).await, 0);
    assert_eq!(count(ExecutionFilter { from: minute(2), to: minute(3), ..any() }).await, 1);
    assert_eq!(count(ExecutionFilter { from: minute(9), ..any() }).await, 0);
    assert_eq!(count(ExecutionFilter { to: minute(1), ..any() }).await, 0);
    assert_eq!(count(ExecutionFilter { q: Some("full DISK".to_owned()), ..any() }).await, 1);
    assert_eq!(count(ExecutionFilter { q: Some("usab".to_owned()), ..any() }).await, 1);
    assert_eq!(count(ExecutionFilter { q: Some("\" OR 1 --".to_owned()), ..any() }).await, 0);
}

#[tokio::test]
async fn cards_page_by_name_and_filter() {
    let bench = Bench::new().await;
    let project = bench.project("customers").await;
    for name in ["delta", "alpha", "charlie", "bravo"] {
        bench.workflow_with(plan(name, project)).await;
    }
    let mut filter = WorkflowFilter { limit: Some(3), ..WorkflowFilter::default() };
    let page = bench.store.cards(&filter, &Scope::All, SLOTS, bench.now()).await.unwrap().data;
    let names = |items: &[model::workflow::WorkflowCard]| -> Vec<String> {
        items.iter().map(|card| card.workflow.name.clone()).collect()
    };
    assert_eq!(names(&page.items), ["alpha", "bravo", "charlie"]);
    filter.cursor = page.next_cursor;
    let page = bench.store.cards(&filter, &Scope::All, SLOTS, bench.now()).await.unwrap().data;
    assert_eq!((names(&page.items), page.next_cursor), (vec!["delta".to_owned()], None));
    let filter = WorkflowFilter { q: Some("RAV".to_owned()), ..WorkflowFilter::default() };
    assert_eq!(
        names(&bench.store.cards(&filter, &Scope::All, SLOTS, bench.now()).await.unwrap().data.items),
        ["bravo"]
    );
}

#[tokio::test]
async fn cards_are_sorted_and_counted_by_how_they_went() {
    let bench = Bench::new().await.working();
    let mut ids = Vec::new();
    for name in ["a", "b", "c", "d"] {
        ids.push(bench.workflow(name).await.id);
    }
    for (id, succeeds) in [(ids[2], false), (ids[1], true)] {
        let execution = bench.run_now(id).await.id;
        bench.clock.advance(Duration::from_secs(1));
        let run = bench.next_run().await;
        match succeeds {
            true => run.succeed(),
            false => run.fail("no usable column"),
        }
        bench.until(execution, if succeeds { Status::Success } else { Status::Failed }).await;
    }
    let listed = async |filter: WorkflowFilter| {
        let mut filter = WorkflowFilter { limit: Some(1), ..filter };
        let mut names = String::new();
        loop {
            let page = bench.store.cards(&filter, &Scope::All, SLOTS, bench.now()).await.unwrap().data;
            names.extend(page.items.iter().map(|card| card.workflow.name.as_str()));
            filter.cursor = page.next_cursor;
            if filter.cursor.is_none() {
                return names;
            }
        }
    };
    let sorted = |sort| WorkflowFilter { sort, ..WorkflowFilter::default() };
    assert_eq!(listed(sorted(WorkflowSort::Failures)).await, "cabd");
    assert_eq!(listed(sorted(WorkflowSort::LastRun)).await, "bcad");
    assert_eq!(listed(WorkflowFilter { outcome: Some(Status::Failed), ..WorkflowFilter::default() }).await, "c");
    let counts = bench.store.workflow_counts(&WorkflowFilter::default(), &Scope::All).await.unwrap();
    let never: u64 = counts.iter().filter(|it| it.last.is_none()).map(|it| it.count).sum();
    assert_eq!((never, counts.iter().map(|it| it.count).sum::<u64>()), (2, 4));
}

#[tokio::test]
async fn cards_of_one_page_have_their_own_runs() {
    let bench = Bench::new().await.working();
    let (a, b) = (bench.workflow("a").await.id, bench.workflow("b").await.id);
    let mut ended = Vec::new();
    for error in [None, Some("no such file")] {
        let id = bench.run_now(a).await.id;
        let run = bench.next_run().await;
        bench.clock.advance(Duration::from_secs(2));
        match error {
            None => run.succeed(),
            Some(error) => run.fail(error),
        }
        bench.until_it(id, |execution| execution.status.is_final()).await;
        ended.push(id);
    }
    let running = bench.run_now(b).await.id;
    let run = bench.next_run().await;
    let queued = bench.run_now(b).await.id;
    let page = bench.store.cards(&WorkflowFilter::default(), &Scope::All, SLOTS, bench.now()).await.unwrap().data.items;
    let [of_a, of_b] = &page[..] else { panic!("{page:?}") };
    assert_eq!(of_a.strip.iter().map(|bar| bar.execution).collect::<Vec<_>>(), ended, "oldest first");
    assert_eq!(of_a.strip[1].status, Status::Failed);
    assert_eq!(of_a.strip[1].duration_ms, Some(2_000));
    assert_eq!((of_a.last.as_ref().map(|last| last.id), of_a.active.len()), (Some(ended[1]), 0));
    assert_eq!((&of_b.last, of_b.strip.len()), (&None, 0));
    assert_eq!(of_b.active.iter().map(|execution| execution.id).collect::<Vec<_>>(), [running, queued]);
    assert_eq!(&bench.store.card(b, SLOTS, bench.now()).await.unwrap().data, of_b);
    run.succeed();
}

/// The schema itself refuses what must never be, whatever code asks for it.
#[tokio::test]
async fn the_schema_keeps_its_invariants() {
    let bench = Bench::new().await;
    let workflow = bench.workflow("nightly").await.id;
    bench.run_now(workflow).await;
    bench.run_now(workflow).await;
    let mut connection =
        bench.store.readers.connect_options().as_ref().clone().read_only(false).connect().await.unwrap();

    let refused = [
        // Two active executions of one workflow.
        "UPDATE executions SET status = 'running', started_at = 1, epoch = 1",
        // An end without an end time, a state that does not exist, a time that moves back.
        "UPDATE executions SET status = 'success', started_at = 1, epoch = 1",
        "UPDATE executions SET status = 'paused'",
        "UPDATE workflows SET last_due_at = 5; UPDATE workflows SET last_due_at = 4",
        "UPDATE executions SET status = 'cancelled', finished_at = 1; UPDATE executions SET status = 'failed'",
    ];
    for statement in refused {
        connection.execute("BEGIN").await.unwrap();
        assert!(sqlx::raw_sql(statement).execute(&mut connection).await.is_err(), "{statement}");
        connection.execute("ROLLBACK").await.unwrap();
    }
}

#[tokio::test]
async fn a_full_disk_is_told_as_such_and_loses_nothing_that_was_answered() {
    let bench = Bench::new().await;
    let workflow = bench.workflow("nightly").await.id;
    // No page more than there are now.
    bench.store.execute("PRAGMA max_page_count = 1").await.unwrap();
    let mut queued = 0;
    let refused = loop {
        match bench.try_run_now(workflow, None).await {
            Ok(_) => queued += 1,
            Err(error) => break error,
        }
    };
    assert!(refused.is_disk_full(), "{refused}");
    assert_eq!(bench.history(workflow).await.len(), queued);
    bench.store.execute("PRAGMA max_page_count = 1000000").await.unwrap();
    bench.run_now(workflow).await;
    assert_eq!(bench.history(workflow).await.len(), queued + 1);
}

#[tokio::test]
async fn a_command_that_panics_ends_alone() {
    let bench = Bench::new().await;
    let workflow = bench.workflow("nightly").await.id;
    let panics = bench.store.write::<(), _>(|_| async { panic!("a fault of ours") }.boxed());
    let (panicked, queued) = tokio::join!(panics, bench.try_run_now(workflow, None));
    assert!(matches!(panicked, Err(super::StoreError::Panicked)));
    assert_eq!(bench.history(workflow).await[0].id, queued.unwrap().id);
}

#[tokio::test]
async fn the_overview_counts_what_ended_on_each_day() {
    let bench = Bench::new().await.working();
    let workflow = bench.workflow("nightly").await.id;
    for succeeds in [true, false] {
        let id = bench.run_now(workflow).await.id;
        let run = bench.next_run().await;
        bench.clock.advance(Duration::from_secs(2));
        if succeeds {
            run.succeed();
            bench.until(id, Status::Success).await;
        } else {
            run.fail("no usable column");
            bench.until(id, Status::Failed).await;
        }
    }
    let overview = bench.store.overview(&Scope::All, SLOTS, bench.now()).await.unwrap().data;
    let today = overview.days.last().unwrap();
    assert_eq!((overview.days.len(), today.succeeded, today.failed), (model::overview::DAYS, 1, 1));
    assert!(today.mean_ms.is_some_and(|ms| ms >= 2_000), "{today:?}");
    assert_eq!((overview.failures, overview.failed[0].error.is_some()), (1, true));

    bench.clock.advance(Duration::from_secs(2 * 86_400));
    let later = bench.store.overview(&Scope::All, SLOTS, bench.now()).await.unwrap().data;
    assert_eq!((later.failures, later.days[model::overview::DAYS - 3].failed), (0, 1));
}
