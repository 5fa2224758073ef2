//! A digest: once a day, at the workflow's hour in its zone, also when nobody was there at that hour.

use expect_test::expect;

use super::*;
use crate::{
    cleaner::{Cleaner, Keep},
    outbox::{message, testing::PAGES},
    scheduler::Scheduler,
};

const HOUR: Duration = Duration::from_secs(3600);

fn daily(hour: u8) -> Notifications {
    Notifications { emails: vec!["ann@example.com".to_owned()], digest_hour: Some(hour), ..Notifications::default() }
}

/// In Brussels, where it is 11:00 at the beginning of a test.
async fn digested(bench: &Bench, hour: u8) -> WorkflowId {
    let rules = |plan| Plan { notifications: daily(hour), time_zone: "Europe/Brussels".to_owned(), ..plan };
    workflow(bench, rules).await
}

async fn make(bench: &Bench) -> Option<Timestamp> {
    Scheduler::new(bench.store.clone(), bench.clock.clone()).make_digests().await.unwrap()
}

/// What was sent since the last time.
async fn sent(bench: &Bench) -> Vec<Letter> {
    let transport = Arc::new(Scripted::default());
    outbox(bench, transport.clone()).deliver_due().await.unwrap();
    transport.sent.lock().unwrap().clone()
}

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

/// Goes on to that time, and gives what is sent then.
async fn at_time(bench: &Bench, time: &str) -> Vec<Letter> {
    bench.clock.set(at(time));
    make(bench).await;
    sent(bench).await
}

#[tokio::test]
async fn a_digest_counts_the_runs_since_the_last_and_names_those_that_failed() {
    let bench = Bench::new().await.working();
    let workflow = digested(&bench, 8).await;
    assert_eq!(make(&bench).await, Some(at("2026-01-06T07:00:00Z")));
    for error in [None, Some("line 3: not UTF-8"), None] {
        let end = |_: &Bench, run: Run| match error {
            None => run.succeed(),
            Some(error) => run.fail(error),
        };
        assert!(ends(&bench, workflow, end).await.is_empty());
    }
    let letters = at_time(&bench, "2026-01-06T07:00:00Z").await;
    let [letter] = &letters[..] else { panic!("{letters:?}") };
    assert_eq!(message::subject(&letter.notification), "“nightly”: 1 of 3 runs failed");
    let failed = letter.notification.digest.as_ref().unwrap().failures[0].execution_id.to_string();
    let text = message::text(&letter.notification, PAGES).replace(&failed, "ID").replace(&workflow.to_string(), "ID");
    expect![[r#"
        “nightly”: 1 of 3 runs failed.

        Workflow     nightly
        Project      customers
        From         5 Jan 2026 07:00 UTC
        To           6 Jan 2026 07:00 UTC
        Succeeded    2
        Failed       1
        Cancelled    0
        Records      20

        5 Jan 2026 10:00 UTC: failed in Import: line 3: not UTF-8
          https://millrace.example.com/executions/ID

        https://millrace.example.com/workflows/ID
    "#]]
    .assert_eq(&text);
    // The day after, nothing of that is told again.
    let next = at_time(&bench, "2026-01-07T07:00:00Z").await;
    assert_eq!(message::subject(&next[0].notification), "“nightly”: nothing ran");
}

#[tokio::test]
async fn there_is_one_digest_a_day_however_often_the_server_starts_and_the_hour_is_changed() {
    let bench = Bench::new().await;
    let workflow = digested(&bench, 12).await;
    let mut days = vec![at_time(&bench, "2026-01-05T11:00:00Z").await.len()];
    for _ in 0..3 {
        let restarted = bench.restarted().await;
        make(&restarted).await;
        days.push(sent(&restarted).await.len());
    }
    // Later on the same day of Brussels.
    let bench = bench.restarted().await;
    let stored = bench.store.find_workflow(workflow).await.unwrap();
    let rules = Plan {
        notifications: daily(20),
        time_zone: "Europe/Brussels".to_owned(),
        ..crate::testing::plan("nightly", stored.project_id)
    };
    bench.store.replace_workflow(workflow, rules, stored.version, by("ann")).await.unwrap();
    days.push(at_time(&bench, "2026-01-05T22:59:59Z").await.len());
    days.push(at_time(&bench, "2026-01-06T18:59:59Z").await.len());
    days.push(at_time(&bench, "2026-01-06T19:00:00Z").await.len());
    // A clock that was set back repeats nothing.
    days.push(at_time(&bench, "2026-01-06T18:00:00Z").await.len());
    days.push(at_time(&bench, "2026-01-06T19:30:00Z").await.len());
    assert_eq!(days, [1, 0, 0, 0, 0, 0, 1, 0, 0]);
}

#[tokio::test]
async fn days_that_passed_while_the_server_was_down_are_told_together() {
    let bench = Bench::new().await;
    digested(&bench, 12).await;
    at_time(&bench, "2026-01-05T11:00:00Z").await;
    bench.clock.set(at("2026-01-08T14:00:00Z"));
    let restarted = bench.restarted().await;
    assert_eq!(make(&restarted).await, Some(at("2026-01-09T11:00:00Z")));
    let letters = sent(&restarted).await;
    let [letter] = &letters[..] else { panic!("{letters:?}") };
    let digest = letter.notification.digest.as_ref().unwrap();
    assert_eq!((digest.since, digest.until), (at("2026-01-05T11:00:00Z"), at("2026-01-08T14:00:00Z")));
}

#[tokio::test]
async fn the_hour_is_that_of_the_zone_when_clocks_are_moved() {
    let bench = Bench::new().await;
    bench.clock.set(at("2026-03-28T12:00:00Z"));
    // 02:00 to 03:00 is skipped on 29 March.
    digested(&bench, 2).await;
    let mut times = vec![make(&bench).await.unwrap()];
    for _ in 0..2 {
        bench.clock.set(*times.last().unwrap());
        times.push(make(&bench).await.unwrap());
    }
    assert_eq!(times, ["2026-03-29T01:00:00Z", "2026-03-30T00:00:00Z", "2026-03-31T00:00:00Z"].map(at));
}

#[tokio::test]
async fn nobody_is_told_of_a_workflow_without_an_hour_or_that_is_gone() {
    let bench = Bench::new().await;
    let gone = digested(&bench, 8).await;
    bench.store.delete_workflow(gone, by("ann")).await.unwrap();
    let project = bench.project("other").await;
    bench.workflow_with(Plan { notifications: all(), ..crate::testing::plan("other", project) }).await;
    assert_eq!(make(&bench).await, None);
    assert!(at_time(&bench, "2026-01-07T07:00:00Z").await.is_empty());
}

#[tokio::test]
async fn a_digest_goes_when_its_time_is_over() {
    let bench = Bench::new().await;
    digested(&bench, 12).await;
    assert_eq!(at_time(&bench, "2026-01-05T11:00:00Z").await.len(), 1);
    let cleaner = |bench: &Bench| {
        let keep = Keep { age: 90 * 24 * HOUR, newest: 100, activity: 730 * 24 * HOUR };
        Cleaner::new(bench.store.clone(), bench.clock.clone(), bench.directory.clone(), keep)
    };
    bench.clock.advance(89 * 24 * HOUR);
    cleaner(&bench).clean().await.unwrap();
    assert_eq!(bench.store.count_deliveries().await, 1);
    bench.clock.advance(2 * 24 * HOUR);
    cleaner(&bench).clean().await.unwrap();
    assert_eq!(bench.store.count_deliveries().await, 0);
}
