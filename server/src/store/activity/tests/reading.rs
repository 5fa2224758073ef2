//! Filters, pages and the indexes that they are read along.

use std::time::Duration;

use model::{
    Error, Scope,
    activity::{ActivityFilter, SubjectKind},
};
use sqlx::AssertSqlSafe;

use super::everything;
use crate::{
    store::activity::{Cursor, select},
    testing::{Bench, by, plan},
};

#[tokio::test]
async fn filters_hold_all_at_once_and_pages_show_every_entry_once() {
    let bench = Bench::new().await;
    let project = bench.project("customers").await;
    let workflow = bench.workflow_with(plan("nightly", project)).await.id;
    let start = bench.now();
    for minute in 1..=20 {
        bench.clock.set(start.plus(Duration::from_secs(60 * minute)));
        let author = if minute % 2 == 0 { by("ann") } else { by("bob") };
        match minute % 2 {
            1 => bench.store.pause_workflow(workflow, author).await.unwrap(),
            _ => bench.store.resume_workflow(workflow, author).await.unwrap(),
        };
    }
    let all = bench.log(everything()).await;
    let mut filter = ActivityFilter { project: Some(project), limit: Some(3), ..everything() };
    let mut seen = Vec::new();
    loop {
        let page = bench.store.activity(&filter, &Scope::All).await.unwrap().data;
        seen.extend(page.items);
        filter.cursor = page.next_cursor;
        if filter.cursor.is_none() {
            break;
        }
    }
    assert_eq!(seen, all);
    let minute = |minutes: u64| Some(start.plus(Duration::from_secs(60 * minutes)));
    let count = async |filter: ActivityFilter| bench.log(filter).await.len();
    let of = |actor: &str| ActivityFilter { actor: Some(actor.to_owned()), ..everything() };
    assert_eq!(count(ActivityFilter { from: minute(5), to: minute(9), ..everything() }).await, 4);
    assert_eq!(count(ActivityFilter { kind: Some("paused".to_owned()), ..of("bob") }).await, 10);
    assert_eq!(count(ActivityFilter { subject: vec![SubjectKind::Project], ..of("ann") }).await, 1);
    assert_eq!(count(ActivityFilter { project: Some(project), from: minute(18), ..of("ann") }).await, 2);
    assert_eq!(bench.store.actors().await.unwrap(), ["ann", "bob"]);
    let refused = |filter: ActivityFilter| {
        let store = bench.store.clone();
        async move { store.activity(&filter, &Scope::All).await.unwrap_err().to_string() }
    };
    assert!(refused(ActivityFilter { cursor: Some("x".to_owned()), ..everything() }).await.contains("next_cursor"));
    assert!(refused(ActivityFilter { kind: Some("x".to_owned()), ..everything() }).await.contains("signed_in"));
    let nobody = Some(model::ProjectId::from_uuid(uuid::Uuid::nil()));
    assert_eq!(
        refused(ActivityFilter { project: nobody, ..everything() }).await,
        Error::not_found("project").to_string()
    );
}

/// However long the log is, a page is read along an index in the order in which it is shown.
#[tokio::test]
async fn every_way_to_read_has_its_index() {
    let bench = Bench::new().await;
    let workflow = bench.workflow("nightly").await;
    let of_workflow = ActivityFilter { workflow: Some(workflow.id), ..everything() };
    let of_project = ActivityFilter { project: Some(workflow.project_id), ..everything() };
    let of_actor = ActivityFilter { actor: Some("ann".to_owned()), ..everything() };
    let changes = vec![SubjectKind::Workflow, SubjectKind::TriggerUrl];
    let of_time = ActivityFilter { from: Some(bench.now()), to: Some(bench.now()), ..everything() };
    let asked = [
        (everything(), "activity_by_time"),
        (of_time.clone(), "activity_by_time"),
        (ActivityFilter { kind: Some("deleted".to_owned()), ..everything() }, "activity_by_time"),
        (ActivityFilter { subject: vec![SubjectKind::User], ..of_time }, "activity_of_subject"),
        (ActivityFilter { subject: changes.clone(), ..of_workflow.clone() }, "activity_of_workflow"),
        (of_workflow, "activity_of_workflow"),
        (ActivityFilter { subject: changes, ..of_project.clone() }, "activity_of_project"),
        (ActivityFilter { actor: Some("ann".to_owned()), ..of_project }, "activity_of_project"),
        (of_actor, "activity_by_actor"),
    ];
    let mut connection = bench.store.readers.acquire().await.unwrap();
    for (filter, index) in asked {
        for cursor in [None, Some(Cursor { at: bench.now(), number: 7 })] {
            let statement = format!("EXPLAIN QUERY PLAN {}", select(&filter, &Scope::All, cursor, 10).sql().as_str());
            let plan: Vec<(i64, i64, i64, String)> =
                sqlx::query_as(AssertSqlSafe(statement.clone())).fetch_all(&mut *connection).await.unwrap();
            let [(.., step)] = &plan[..] else { panic!("{statement}: {plan:?}") };
            assert!(step.contains(&format!("INDEX {index}")) && !step.contains("B-TREE"), "{statement}: {step}");
        }
    }
}
