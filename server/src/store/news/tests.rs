//! What the bell tells of.

use model::{Scope, Timestamp, execution::Trigger, news::Happening};

use crate::{
    store::{Plan, Request},
    testing::{Bench, by, plan},
};

#[tokio::test]
async fn the_bell_tells_what_failed_for_good_what_one_started_and_what_was_suspended() {
    let bench = Bench::new().await.working();
    let project = bench.project("customers").await;
    let rules = Plan { retries: 1, retry_delays_s: vec![60], suspend_after: 1, ..plan("nightly", project) };
    let nightly = bench.workflow_with(rules).await.id;
    let (trigger, by) = (Trigger::Api, by("program"));
    let request = Request { workflow: nightly, trigger, by, from: None, key: None };
    let first = bench.store.enqueue(request).await.unwrap().id;
    let told = async |person: &str, since: Timestamp| {
        let news = bench.store.news(person, &Scope::All, since).await.unwrap();
        let words = news.into_iter().map(|news| match news.what {
            Happening::Ended { status, .. } => format!("{} {}", news.workflow_name, status.as_str()),
            Happening::Suspended { reason } => format!("{} suspended: {reason}", news.workflow_name),
        });
        let mut words: Vec<String> = words.collect();
        words.sort();
        words
    };
    let begin = Timestamp::from_micros(0);
    bench.next_run().await.fail("no such file");
    bench.until_it(first, |execution| execution.status.is_final()).await;
    assert!(told("ann", begin).await.is_empty(), "it is tried again");
    bench.clock.advance(std::time::Duration::from_secs(60));
    let retry = bench.next_run().await;
    let id = retry.id();
    retry.fail("no such file");
    bench.until_it(id, |execution| execution.status.is_final()).await;
    let failed = ["nightly failed", "nightly suspended: The last run failed."];
    assert_eq!(told("ann", begin).await, failed);

    let own = bench.run_now(bench.workflow("by hand").await.id).await.id;
    bench.next_run().await.succeed();
    bench.until_it(own, |execution| execution.status.is_final()).await;
    assert_eq!(told("ann", begin).await, ["by hand success", failed[0], failed[1]]);
    assert_eq!(told("bob", begin).await, failed, "someone else started that");
    assert!(told("ann", bench.now()).await.is_empty(), "nothing happened since");
}
