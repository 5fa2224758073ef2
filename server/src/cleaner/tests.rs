use std::time::Duration;

use model::{execution::Status, workflow::Notifications};

use crate::{
    cleaner::{Cleaner, Keep},
    store::{NewFile, Plan},
    testing::{Bench, by, plan},
};

const DAY: Duration = Duration::from_secs(86_400);

fn cleaner(bench: &Bench, newest: u32) -> Cleaner {
    let keep = Keep { age: DAY * 90, newest, activity: DAY * 730 };
    Cleaner::new(bench.store.clone(), bench.clock.clone(), bench.directory.clone(), keep)
}

#[tokio::test]
async fn old_executions_go_with_their_files_but_never_the_newest_or_unfinished_ones() {
    let bench = Bench::new().await.working();
    let workflow = bench.workflow("nightly").await.id;
    let mut ended = Vec::new();
    for _ in 0..5 {
        let id = bench.run_now(workflow).await.id;
        bench.next_run().await.succeed();
        bench.until(id, Status::Success).await;
        ended.push(id);
    }
    let running = bench.run_now(workflow).await.id;
    let _run = bench.next_run().await;
    let queued = bench.run_now(workflow).await.id;
    assert!(bench.directory.log(ended[0]).exists());
    cleaner(&bench, 4).clean().await.unwrap();
    assert_eq!(bench.history(workflow).await.len(), 7, "nothing is old yet");
    bench.clock.advance(DAY * 91);
    cleaner(&bench, 4).clean().await.unwrap();
    let left: Vec<_> = bench.history(workflow).await.iter().map(|execution| execution.id).collect();
    assert_eq!(left, [queued, running, ended[4], ended[3]]);
    assert!(!bench.directory.execution(ended[0]).exists());
    assert!(bench.directory.log(ended[4]).exists());
}

#[tokio::test]
async fn contents_that_were_replaced_and_projects_that_were_deleted_go() {
    let bench = Bench::new().await;
    let (kept, deleted) = (bench.project("kept").await, bench.project("deleted").await);
    let mut files = Vec::new();
    for project in [kept, kept, deleted] {
        let file = crate::clock::Clock::new_uuid(&*bench.clock);
        std::fs::create_dir_all(bench.directory.files(project)).unwrap();
        std::fs::write(bench.directory.file(project, file), "a\n1\n").unwrap();
        let new = NewFile { project, name: "people.csv".to_owned(), file, bytes: 4 };
        bench.store.put_file(new, by("ann")).await.unwrap();
        files.push(bench.directory.file(project, file));
    }
    bench.store.delete_project(deleted, by("ann")).await.unwrap();
    cleaner(&bench, 100).clean().await.unwrap();
    assert!(files.iter().all(|file| file.exists()), "an upload may still be on its way into the database");
    bench.clock.advance(DAY);
    cleaner(&bench, 100).clean().await.unwrap();
    let left: Vec<bool> = files.iter().map(|file| file.exists()).collect();
    assert_eq!(left, [false, true, false]);
    assert!(!bench.directory.project(deleted).exists());
}

#[tokio::test]
async fn of_a_deleted_workflow_nothing_outlives_its_time_and_deliveries_go_with_their_execution() {
    let bench = Bench::new().await.working();
    let project = bench.project("customers").await;
    let notifications =
        Notifications { emails: vec!["ann@example.com".to_owned()], on_success: true, ..Notifications::default() };
    let workflow = bench.workflow_with(Plan { notifications, ..plan("nightly", project) }).await.id;
    let id = bench.run_now(workflow).await.id;
    bench.next_run().await.succeed();
    bench.until(id, Status::Success).await;
    bench.store.delete_workflow(workflow, by("ann")).await.unwrap();
    cleaner(&bench, 100).clean().await.unwrap();
    assert_eq!(bench.history(workflow).await.len(), 1, "history outlives its workflow");
    assert_eq!(bench.store.deliveries(id).await.unwrap().len(), 1);
    bench.clock.advance(DAY * 91);
    cleaner(&bench, 100).clean().await.unwrap();
    assert!(bench.history(workflow).await.is_empty());
    assert!(bench.store.deliveries(id).await.is_err());
}
