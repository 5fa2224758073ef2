//! What is kept for how long, and that nothing else happens to it.

use model::{
    Scope,
    activity::{ActivityFilter, SubjectKind},
    limits,
};

use super::{DAY, everything};
use crate::{
    store::ActivityKept,
    testing::{Bench, by},
};

#[tokio::test]
async fn the_schema_refuses_to_change_or_delete_an_entry() {
    let bench = Bench::new().await;
    bench.workflow("nightly").await;
    let refused = [
        "UPDATE activity SET actor = 'bob'",
        "UPDATE activity SET what = '{\"kind\":\"deleted\"}' WHERE number = 1",
        "DELETE FROM activity",
        "DELETE FROM activity WHERE number = 1",
        "INSERT OR REPLACE INTO activity (number, at, subject, what) VALUES (1, 0, 'server', '{\"kind\":\"created\"}')",
        "DELETE FROM activity_horizons",
        "UPDATE activity_horizons SET subject = 'other' WHERE subject = 'server'",
        "UPDATE activity_horizons SET kept_since = 5; UPDATE activity_horizons SET kept_since = 4",
    ];
    for statement in refused {
        assert!(bench.store.execute(statement).await.is_err(), "{statement}");
    }
    assert_eq!(bench.log(everything()).await.len(), 2);
}

#[tokio::test]
async fn entries_go_by_age_by_number_and_of_one_workflow_by_number_again() {
    let bench = Bench::new().await;
    let workflow = bench.workflow("nightly").await.id;
    let old = bench.now();
    bench.clock.advance(DAY * 2);
    bench.store.set_maintenance(true, by("ann")).await.unwrap();
    // More runs than are kept of one workflow, none of them old.
    bench
        .sql(
            "WITH RECURSIVE n (k) AS (SELECT 1 UNION ALL SELECT k + 1 FROM n WHERE k < 1300)
             INSERT INTO activity (at, subject, project_id, workflow_id, what)
             SELECT 1767614400000000 + 200000000000 + k, 'execution', project_id, id, '{\"kind\":\"run_requested\"}'
             FROM n, workflows",
        )
        .await;
    let kept = ActivityKept::since(old);
    bench.store.prune_activity(kept).await.unwrap();
    let runs = async || {
        let mut filter = ActivityFilter {
            workflow: Some(workflow),
            subject: vec![SubjectKind::Execution],
            limit: Some(limits::PAGE_ITEMS_MAX),
            ..everything()
        };
        let mut count = 0;
        loop {
            let page = bench.store.activity(&filter, &Scope::All).await.unwrap().data;
            count += page.items.len();
            filter.cursor = page.next_cursor;
            if filter.cursor.is_none() {
                return count;
            }
        }
    };
    assert_eq!(runs().await, usize::try_from(limits::ACTIVITY_KEPT_MAX).unwrap());
    assert_eq!(bench.activity(workflow).await.len(), 1, "runs do not push out what was changed");
    assert!(
        bench.store.execute("DELETE FROM activity WHERE subject = 'execution'").await.is_err(),
        "the schema keeps as many as limits::ACTIVITY_KEPT_MAX says"
    );
    bench.store.prune_activity(ActivityKept { of_subject: 20, ..kept }).await.unwrap();
    assert_eq!(runs().await, 20);
    let later = ActivityKept::since(bench.now().minus(DAY));
    bench.store.prune_activity(later).await.unwrap();
    assert_eq!(bench.activity(workflow).await.len(), 0, "created two days ago");
    let left = bench.log(ActivityFilter { subject: vec![SubjectKind::Maintenance], ..everything() }).await;
    assert_eq!(left.len(), 1);
}
