use model::{
    activity::{ActivityFilter, ActivityKind},
    event::Change,
    review::{ReviewChange, ReviewFilter, ReviewFlag},
};

use crate::testing::{Bench, by};

fn set(record: &str, flag: ReviewFlag) -> ReviewChange {
    ReviewChange::of(record, flag, true)
}

#[tokio::test]
async fn decisions_are_kept_told_and_handed_to_the_run() {
    let bench = Bench::new().await.working();
    let project = bench.project("customers").await;
    let workflow = bench.workflow_with(crate::testing::plan("nightly", project)).await.id;
    let before = *bench.store.committed().borrow();
    let both = vec![
        ReviewChange { selected: Some(true), ..set("people/1", ReviewFlag::Master) },
        set("people/2", ReviewFlag::NotDuplicate),
    ];
    let now = bench.store.review(project, both.clone(), by("ann")).await.unwrap();
    let flags: Vec<_> = now.iter().map(|it| (it.record.as_str(), it.master, it.selected, it.not_duplicate)).collect();
    assert_eq!(flags, [("people/1", true, true, false), ("people/2", false, false, true)]);
    assert_eq!((now[0].by.as_str(), now[0].at), ("ann", bench.now()));

    let events = bench.store.events_after(before, 10).await.unwrap().unwrap();
    assert!(
        matches!(&events[..], [event] if matches!(event.change, Change::Project { project_id, .. } if project_id == project))
    );
    let of_project = || ActivityFilter { project: Some(project), ..ActivityFilter::default() };
    let entry = bench.log(of_project()).await.remove(0);
    assert_eq!((entry.what, entry.by.as_deref()), (ActivityKind::Reviewed { records: 2 }, Some("ann")));
    let changes: Vec<&str> = entry.changes.iter().map(|change| change.field.as_str()).collect();
    assert_eq!(changes, ["people/1.master", "people/1.selected", "people/2.not_duplicate"]);
    // Said again, it is no news.
    bench.store.review(project, both, by("bob")).await.unwrap();
    assert_eq!(bench.log(of_project()).await[0].number, entry.number);

    bench.run_now(workflow).await;
    let run = bench.next_run().await;
    let given = run.job.pipeline.review.clone();
    assert_eq!((given.master, given.selected), (["people/1".to_owned()].into(), ["people/1".to_owned()].into()));
    assert_eq!(given.not_duplicate, ["people/2".to_owned()].into());
    run.succeed();
}

#[tokio::test]
async fn flags_are_taken_away_one_by_one_and_with_their_project() {
    let bench = Bench::new().await;
    let (project, other) = (bench.project("customers").await, bench.project("suppliers").await);
    for id in [project, other] {
        let changes = vec![ReviewChange { selected: Some(true), ..set("a", ReviewFlag::Master) }];
        bench.store.review(id, changes, by("ann")).await.unwrap();
    }
    let left = bench.store.review(project, vec![ReviewChange::of("a", ReviewFlag::Master, false)], by("bob")).await;
    let left = left.unwrap();
    assert_eq!((left.len(), left[0].master, left[0].selected), (1, false, true));
    let gone = bench.store.review(project, vec![ReviewChange::of("a", ReviewFlag::Selected, false)], by("bob")).await;
    assert_eq!(gone.unwrap(), []);
    assert_eq!(bench.store.reviews_of(other, &["a".to_owned()]).await.unwrap().len(), 1);
    bench.store.delete_project(other, by("ann")).await.unwrap();
    assert_eq!(bench.store.reviews_of(other, &["a".to_owned()]).await.unwrap(), []);
    bench.store.review(other, vec![set("a", ReviewFlag::Master)], by("ann")).await.expect_err("it is deleted");
}

#[tokio::test]
async fn decisions_come_page_by_page_each_record_once() {
    let bench = Bench::new().await;
    let project = bench.project("customers").await;
    let flags = |number: usize| if number.is_multiple_of(3) { ReviewFlag::Master } else { ReviewFlag::Selected };
    let changes = (0..25)
        .map(|number| ReviewChange { not_duplicate: Some(true), ..set(&format!("r{number:02}"), flags(number)) });
    bench.store.review(project, changes.collect(), by("ann")).await.unwrap();
    let all = async |flag| {
        let (mut filter, mut seen) = (ReviewFilter { flag, cursor: None, limit: Some(4) }, Vec::new());
        loop {
            let page = bench.store.reviewed(project, &filter).await.unwrap();
            assert!(page.items.len() <= 4 && page.items.iter().all(|it| flag.is_none_or(|flag| it.has(flag))));
            seen.extend(page.items.into_iter().map(|it| it.record));
            filter.cursor = page.next_cursor;
            if filter.cursor.is_none() {
                return seen;
            }
        }
    };
    let named = |wanted: fn(&usize) -> bool| (0..25).filter(wanted).map(|n| format!("r{n:02}")).collect::<Vec<_>>();
    assert_eq!(all(None).await, named(|_| true));
    assert_eq!(all(Some(ReviewFlag::Master)).await, named(|number| number.is_multiple_of(3)));
}
