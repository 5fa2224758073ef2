//! What each notification says, from the run that it tells of to the text that a person reads.

use expect_test::{Expect, expect};

use super::*;
use crate::{
    outbox::{message, testing::PAGES, trial::try_recipients},
    scheduler::Scheduler,
    testing::hourly,
};

/// The text to tell, with the ids of what it links to replaced by words.
fn text(letter: &Letter) -> String {
    let text = message::text(&letter.notification, PAGES);
    let parts = text.split(['/', '\n']).filter(|part| part.parse::<Uuid>().is_ok());
    parts.fold(text.clone(), |text, id| text.replace(id, "ID"))
}

async fn told(bench: &Bench) -> Vec<Letter> {
    let transport = Arc::new(Scripted::default());
    outbox(bench, transport.clone()).deliver_due().await.unwrap();
    transport.sent.lock().unwrap().clone()
}

async fn check(bench: &Bench, occasion: Occasion, expected: Expect) {
    let letters = told(bench).await;
    let letter = letters.iter().find(|letter| letter.notification.occasion == occasion);
    expected.assert_eq(&text(letter.unwrap_or_else(|| panic!("nothing was told: {letters:?}"))));
}

/// A workflow with runs behind it that ended so, and took a little.
async fn after(bench: &Bench, errors: &[Option<&str>]) {
    let workflow = workflow(bench, |plan| Plan { suspend_after: 2, ..plan }).await;
    for error in errors {
        let end = |bench: &Bench, run: Run| {
            bench.clock.advance(Duration::from_secs(41));
            match error {
                None => run.succeed(),
                Some(error) => run.fail(error),
            }
        };
        ends(bench, workflow, end).await;
    }
}

#[tokio::test]
async fn a_success_says_how_long_it_took_and_how_many_records_there_are() {
    let bench = Bench::new().await.working();
    after(&bench, &[None]).await;
    check(
        &bench,
        Occasion::Success,
        expect![[r#"
        “nightly” succeeded.

        Workflow     nightly
        Project      customers
        Started      5 Jan 2026 10:00 UTC
        When         5 Jan 2026 10:00 UTC
        Duration     41 s
        Records      10

        https://millrace.example.com/executions/ID
    "#]],
    )
    .await;
}

#[tokio::test]
async fn a_failure_says_which_step_failed_and_why() {
    let bench = Bench::new().await.working();
    after(&bench, &[Some("line 3: not UTF-8")]).await;
    check(
        &bench,
        Occasion::Failure,
        expect![[r#"
        “nightly” failed in Import.

        Workflow     nightly
        Project      customers
        Started      5 Jan 2026 10:00 UTC
        When         5 Jan 2026 10:00 UTC
        Duration     41 s
        Failed step  Import
        Reason       line 3: not UTF-8

        https://millrace.example.com/executions/ID
    "#]],
    )
    .await;
}

#[tokio::test]
async fn a_recovery_says_that_it_succeeded_again() {
    let bench = Bench::new().await.working();
    after(&bench, &[Some("no such file"), None]).await;
    check(
        &bench,
        Occasion::Recovered,
        expect![[r#"
        “nightly” succeeded again.

        Workflow     nightly
        Project      customers
        Started      5 Jan 2026 10:00 UTC
        When         5 Jan 2026 10:01 UTC
        Duration     41 s
        Records      10

        https://millrace.example.com/executions/ID
    "#]],
    )
    .await;
}

#[tokio::test]
async fn a_suspension_says_why() {
    let bench = Bench::new().await.working();
    after(&bench, &[Some("no such file"), Some("no such file")]).await;
    check(
        &bench,
        Occasion::Suspended,
        expect![[r#"
            “nightly” was suspended.

            Workflow     nightly
            Project      customers
            Started      5 Jan 2026 10:00 UTC
            When         5 Jan 2026 10:01 UTC
            Duration     41 s
            Failed step  Import
            Reason       The last 2 runs failed, one after another. The last error: no such file

            https://millrace.example.com/executions/ID
        "#]],
    )
    .await;
}

#[tokio::test]
async fn a_long_run_says_how_long_it_took() {
    let bench = Bench::new().await.working();
    let workflow = workflow(&bench, |plan| plan).await;
    let slowly = |bench: &Bench, run: Run| {
        bench.clock.advance(Duration::from_secs(3 * 3600 + 60));
        run.succeed();
    };
    ends(&bench, workflow, slowly).await;
    check(
        &bench,
        Occasion::TookLong,
        expect![[r#"
        “nightly” took 3 h 1 m.

        Workflow     nightly
        Project      customers
        Started      5 Jan 2026 10:00 UTC
        When         5 Jan 2026 13:01 UTC
        Duration     3 h 1 m
        Records      10

        https://millrace.example.com/executions/ID
    "#]],
    )
    .await;
}

#[tokio::test]
async fn a_start_that_is_late_says_since_when_it_is_due() {
    let bench = Bench::new().await;
    workflow(&bench, |plan| Plan { schedule: hourly(), ..plan }).await;
    let scheduler = Scheduler::new(bench.store.clone(), bench.clock.clone());
    bench.clock.advance(Duration::from_secs(3600));
    scheduler.fire_due().await.unwrap();
    bench.clock.advance(Duration::from_secs(3600));
    scheduler.tell_late_starts().await.unwrap();
    check(
        &bench,
        Occasion::DidNotStart,
        expect![[r#"
            “nightly” could not start in time.

            Workflow     nightly
            Project      customers
            Due          5 Jan 2026 11:00 UTC
            When         5 Jan 2026 12:00 UTC
            Reason       It has waited 60 min for its start.

            https://millrace.example.com/executions/ID
        "#]],
    )
    .await;
}

#[tokio::test]
async fn a_test_says_that_it_is_one_and_leads_to_the_workflow() {
    let bench = Bench::new().await;
    let id = workflow(&bench, |plan| plan).await;
    let stored = bench.store.find_workflow(id).await.unwrap();
    let transport = Arc::new(Scripted::default());
    transport.answers(Ok(()));
    transport.answers(Err(SendError::NotSent("no such mailbox".to_owned())));
    let recipients = ["ann@example.com", "bob@example.com"].map(ToOwned::to_owned).to_vec();
    let carried: Arc<dyn Transport> = transport.clone();
    let clock: SharedClock = bench.clock.clone();
    let outcomes = try_recipients(&carried, &clock, &stored, recipients).await;
    let said: Vec<_> = outcomes.iter().map(|it| (it.recipient.as_str(), it.status, it.error.as_deref())).collect();
    let expected = [
        ("ann@example.com", DeliveryStatus::Delivered, None),
        ("bob@example.com", DeliveryStatus::Failed, Some("no such mailbox")),
    ];
    assert_eq!(said, expected);
    let letter = transport.sent.lock().unwrap()[0].clone();
    assert_eq!(message::subject(&letter.notification), "“nightly”: this is a test");
    expect![[r#"
        “nightly”: this is a test.

        Somebody wanted to see whether notifications of this workflow arrive. They do.

        Workflow     nightly
        Project      customers
        When         5 Jan 2026 10:00 UTC

        https://millrace.example.com/workflows/ID
    "#]]
    .assert_eq(&text(&letter));
    assert!(told(&bench).await.is_empty(), "it does not go through the outbox");
}

#[tokio::test]
async fn a_test_that_nobody_answers_ends() {
    let bench = Bench::new().await;
    let id = workflow(&bench, |plan| plan).await;
    let stored = bench.store.find_workflow(id).await.unwrap();
    let (carried, clock): (Arc<dyn Transport>, SharedClock) = (Arc::new(Dead), bench.clock.clone());
    // More than are sent at the same time.
    let recipients = vec!["ann@example.com".to_owned(); 2 * SENT_AT_ONCE];
    let test = tokio::spawn(async move { try_recipients(&carried, &clock, &stored, recipients).await });
    patiently(async {
        while !test.is_finished() {
            bench.clock.advance(Duration::from_secs(20));
            tokio::task::yield_now().await;
        }
    })
    .await;
    let statuses: Vec<_> = test.await.unwrap().into_iter().map(|outcome| outcome.status).collect();
    assert_eq!(statuses[0], DeliveryStatus::Unknown);
    assert!(statuses.iter().all(|status| status.is_dead()), "{statuses:?}");
}
