//! Cancelling where it is hard: in the middle of comparing millions of pairs, and while files are being written.

use std::time::{Duration, Instant};

use model::{
    ExecutionId, ProjectId, Step,
    execution::{Execution, Status, StepStatus},
};
use serde_json::{Value, json};

use crate::support::{TestServer, customers};

/// The promise of the product.
const STOPPED_WITHIN: Duration = Duration::from_secs(1);

async fn configure(server: &TestServer, project: ProjectId, change: impl FnOnce(&mut Value)) {
    let path = format!("/api/v1/projects/{project}");
    let mut document = server.get(&path).await.expect(200).json();
    change(&mut document["config"]);
    server.put(&path, document).await.expect(200);
}

/// Cancels as soon as `step` runs; asserts the promise and gives back how the execution ended.
async fn cancel_in(server: &TestServer, id: ExecutionId, step: Step) -> Execution {
    cancel_within(server, id, step, STOPPED_WITHIN).await
}

async fn cancel_within(server: &TestServer, id: ExecutionId, step: Step, limit: Duration) -> Execution {
    let mut feed = server.feed().await;
    let runs =
        |execution: &Execution| execution.steps.iter().any(|run| run.step == step && run.status == StepStatus::Running);
    feed.execution(id, runs).await;
    let asked = Instant::now();
    server.post(&format!("/api/v1/executions/{id}/cancel"), json!({})).await.expect(202);
    let ended = feed.execution(id, |execution| execution.status.is_final()).await;
    let took = asked.elapsed();
    println!("cancelled in {step} after {} ms", took.as_millis());
    assert_eq!(ended.status, Status::Cancelled, "{:?}", ended.error);
    assert!(took <= limit, "{took:?}");
    assert_eq!(ended.cancelled_by.as_deref(), Some("local"));
    ended
}

fn statuses(execution: &Execution) -> Vec<StepStatus> {
    execution.steps.iter().map(|run| run.status).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn in_match_it_stops_within_a_second_and_keeps_what_is_done() {
    let server = TestServer::start().await;
    let project = server.project_of("Customers", customers(5_000)).await;
    // Every customer number begins with C: all pairs of 5,000 records are compared.
    let everything = json!([{"parts": [{"column": "customer_number", "transform": "prefix", "length": 1}]}]);
    configure(&server, project, |config| config["match"]["blocking"] = everything).await;
    let workflow = server.workflow("On demand", project).await;
    let id = server.run_now(workflow).await.id;
    let ended = cancel_in(&server, id, Step::Match).await;
    use StepStatus::{Cancelled, Skipped, Success};
    assert_eq!(statuses(&ended), [Success, Success, Success, Cancelled, Skipped, Skipped]);
    for (step, status) in [("import", 200), ("cleanse", 200), ("match", 404), ("merge", 404)] {
        server.get(&format!("/api/v1/projects/{project}/results/{step}")).await.expect(status);
    }
    // Twice is no mistake, but says so.
    server.post(&format!("/api/v1/executions/{id}/cancel"), json!({})).await.expect(409);
}

/// The other steps are over quickly, so each gets as many records as it takes to be met at work. Reading and writing them
/// is the work of crates that are not optimised here, and so is given more than the second that the product promises.
#[tokio::test(flavor = "multi_thread")]
async fn in_every_other_step_it_stops_at_its_next_checkpoint() {
    let server = TestServer::start().await;
    let project = server.project_of("Customers", customers(500)).await;
    let workflow = server.workflow("On demand", project).await;
    server.upload(project, "people.csv", many(100_000)).await.expect(201);
    // Nobody shares a customer number: match has little to do before merge.
    let by_number = json!([{"parts": [{"column": "customer_number", "transform": "exact"}]}]);
    configure(&server, project, |config| config["match"]["blocking"] = by_number).await;
    for (place, step) in [Step::Import, Step::Profile, Step::Cleanse, Step::Merge].into_iter().enumerate() {
        let id = server.run_now(workflow).await.id;
        let ended = cancel_within(&server, id, step, STOPPED_WITHIN * 5).await;
        let stopped = ended.steps.iter().find(|run| run.status == StepStatus::Cancelled).expect("a step stopped").step;
        assert_eq!(stopped, step, "round {place}");
        assert!(ended.steps.iter().filter(|run| run.step > step).all(|run| run.status == StepStatus::Skipped));
    }
}

/// The demo's customers again and again, each with a number of its own.
fn many(rows: usize) -> Vec<u8> {
    let list = String::from_utf8(customers(4_000)).expect("text");
    let (header, people) = list.split_once('\n').expect("a header");
    let rows = people.lines().cycle().take(rows).enumerate();
    rows.fold(format!("{header}\n"), |mut csv, (number, person)| {
        let (_, rest) = person.split_once(',').expect("several columns");
        csv.push_str(&format!("X{number},{rest}\n"));
        csv
    })
    .into_bytes()
}

#[tokio::test(flavor = "multi_thread")]
async fn in_export_the_destination_stays_as_it_was() {
    let server = TestServer::start().await;
    let project = server.project_of("Customers", customers(2_000)).await;
    let workflow = server.workflow("On demand", project).await;
    let before = server.succeeds(workflow).await;
    // Enough files that the cancel arrives before the last of them.
    let targets: Vec<Value> = (0..200)
        .map(|number| json!({"type": "file", "name": format!("part-{number}.csv"), "format": {"type": "csv"}}))
        .collect();
    configure(&server, project, |config| config["export"]["targets"] = json!(targets)).await;

    let id = server.run_now(workflow).await.id;
    let ended = cancel_in(&server, id, Step::Export).await;
    assert_eq!(ended.destination_unchanged, Some(true));
    let outputs = server.get(&format!("/api/v1/executions/{id}/outputs")).await.expect(200).json();
    assert_eq!(outputs["items"], json!([]));
    let files = server.data().join("executions").join(id.to_string());
    assert!(!files.join("outputs").exists() && !files.join("outputs.partial").exists());
    // The earlier export is still the latest.
    let kept = server.get(&format!("/api/v1/projects/{project}/results/export")).await.expect(200).json();
    assert_eq!(kept["execution"], json!(before.id));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_queued_execution_leaves_the_queue() {
    let server = TestServer::start().await;
    let project = server.project_of("Customers", customers(2_000)).await;
    let workflow = server.workflow("On demand", project).await;
    let (running, waiting) = (server.run_now(workflow).await, server.run_now(workflow).await);
    let cancelled: Execution =
        server.post(&format!("/api/v1/executions/{}/cancel", waiting.id), json!({})).await.expect(202).read();
    assert_eq!(cancelled.status, Status::Cancelled);
    assert!(cancelled.started_at.is_none());
    assert_eq!(server.ended(running.id).await.status, Status::Success);
}
