use model::{
    Step,
    execution::{Execution, Status, StepStatus, Trigger},
    workflow::Workflow,
};
use reqwest::Method;
use serde_json::json;

use crate::support::{TestServer, customers, draft};

#[tokio::test(flavor = "multi_thread")]
async fn run_now_is_accepted_at_once_and_ends_with_a_download() {
    let server = TestServer::start().await;
    let project = server.project_of("Customers", customers(200)).await;
    let workflow = server.workflow("On demand", project).await;

    let accepted = server.post(&format!("/api/v1/workflows/{workflow}/executions"), json!({})).await.expect(202);
    let queued: Execution = accepted.read();
    assert_eq!(accepted.header("location"), format!("/api/v1/executions/{}", queued.id));
    assert_eq!((queued.status, queued.trigger), (Status::Queued, Trigger::Api));

    let ended = server.ended(queued.id).await;
    assert_eq!(ended.status, Status::Success, "{:?}", ended.error);
    assert_eq!(ended.records, Some(200));
    assert_eq!(ended.steps.len(), 6);
    assert!(ended.steps.iter().all(|run| run.finished_at.is_some()), "{:?}", ended.steps);
    // A page that is loaded now shows what the event said.
    assert_eq!(server.execution(queued.id).await, ended);

    let outputs = server.get(&format!("/api/v1/executions/{}/outputs", ended.id)).await.expect(200).json();
    let main = &outputs["items"][0];
    let name = main["name"].as_str().unwrap();
    let file = server.get(&format!("/api/v1/executions/{}/outputs/{name}", ended.id)).await.expect(200);
    assert!(file.header("content-disposition").starts_with("attachment; filename="), "{:?}", file.headers);
    assert_eq!(file.body.len() as u64, main["bytes"].as_u64().unwrap());
    let rows = String::from_utf8(file.body).unwrap().lines().count() as u64 - 1;
    assert_eq!(Some(rows), main["rows"].as_u64());
    assert!(rows > 0 && rows <= 200, "{rows}");

    let logs = server.get(&format!("/api/v1/executions/{}/logs", ended.id)).await.expect(200).json();
    assert!(!logs["items"].as_array().unwrap().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn one_request_waits_for_the_outcome() {
    let server = TestServer::start().await;
    let project = server.project_of("Customers", customers(200)).await;
    let workflow = server.workflow("On demand", project).await;
    let queued: Execution =
        server.post(&format!("/api/v1/workflows/{workflow}/executions"), json!({})).await.expect(202).read();
    let address = format!("/api/v1/executions/{}", queued.id);
    let ended: Execution = server.get(&format!("{address}?wait=60s")).await.expect(200).read();
    assert_eq!(ended.status, Status::Success, "{:?}", ended.error);
    // One that has ended is answered at once.
    let again: Execution = server.get(&format!("{address}?wait=60")).await.expect(200).read();
    assert_eq!(again, ended);
    for wait in ["0s", "61s", "1h", "-1"] {
        let problem = server.get(&format!("{address}?wait={wait}")).await.problem(400);
        assert!(problem.contains("from 1s to 60s"), "{problem}");
    }

    // One that cannot end within the time is given as it stands.
    server.put("/api/v1/maintenance", json!({"on": true})).await.expect(200);
    let held: Execution =
        server.post(&format!("/api/v1/workflows/{workflow}/executions"), json!({})).await.expect(202).read();
    let waiting: Execution = server.get(&format!("/api/v1/executions/{}?wait=1s", held.id)).await.expect(200).read();
    assert_eq!(waiting.status, Status::Queued);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_goes_on_at_the_step_that_failed_with_the_results_before_it() {
    let server = TestServer::start().await;
    let project = server.project_of("Customers", customers(200)).await;
    let workflow = server.workflow("On demand", project).await;
    let path = format!("/api/v1/workflows/{workflow}/executions");
    let from = async |step: &str| server.post(&path, json!({ "from": step })).await;
    let nothing = from("match").await.expect(422).json();
    assert_eq!(nothing["errors"][0]["field"], "from", "{nothing}");
    assert!(from("dream").await.status.is_client_error());

    let address = format!("/api/v1/projects/{project}");
    let ready = server.get(&address).await.expect(200).json();
    let mut broken = ready.clone();
    let matching = broken["config"]["match"].to_string().replace("\"last_name\"", "\"surname\"");
    broken["config"]["match"] = serde_json::from_str(&matching).unwrap();
    assert_ne!(broken, ready, "the suggestion compares last names");
    server.put(&address, broken).await.expect(200);
    let failed = server.ended(server.run_now(workflow).await.id).await;
    assert_eq!((failed.status, failed.resumes_from()), (Status::Failed, Some(Step::Match)), "{:?}", failed.error);

    let version = server.get(&address).await.expect(200).json()["version"].clone();
    let mended = json!({ "name": ready["name"], "config": ready["config"], "version": version });
    server.put(&address, mended).await.expect(200);
    let again: Execution = from("match").await.expect(202).read();
    let ended = server.ended(again.id).await;
    assert_eq!((ended.status, ended.from), (Status::Success, Some(Step::Match)), "{:?}", ended.error);
    assert!(ended.steps[..3].iter().all(|run| run.status == StepStatus::Skipped && run.started_at.is_none()));
    assert!(ended.steps[3..].iter().all(|run| run.status == StepStatus::Success));
}

#[tokio::test(flavor = "multi_thread")]
async fn one_key_is_one_execution_also_after_it_ended() {
    let server = TestServer::start().await;
    let project = server.project_of("Customers", customers(50)).await;
    let workflow = server.workflow("On demand", project).await;
    let path = format!("/api/v1/workflows/{workflow}/executions");
    let click = async |key: &str| -> Execution {
        let request = server.request(Method::POST, &path).header("idempotency-key", key);
        server.send(request).await.expect(202).read()
    };
    let first = click("a click").await;
    assert_eq!(click("a click").await.id, first.id);
    server.ended(first.id).await;
    let again = click("a click").await;
    assert_eq!((again.id, again.status), (first.id, Status::Success));
    assert_ne!(click("another click").await.id, first.id);

    let long = server.request(Method::POST, &path).header("idempotency-key", "x".repeat(500));
    server.send(long).await.problem(400);
    server.post(&path, json!({"surprise": true})).await.problem(422);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_history_is_filtered_and_paged() {
    let server = TestServer::start().await;
    let project = server.project_of("Customers", customers(50)).await;
    let (one, other) = (server.workflow("One", project).await, server.workflow("Other", project).await);
    for workflow in [one, one, one, other] {
        server.succeeds(workflow).await;
    }
    let ids = async |query: &str| -> (Vec<String>, Option<String>) {
        let page = server.get(&format!("/api/v1/executions?{query}")).await.expect(200).json();
        let items = page["items"].as_array().unwrap().iter().map(|item| item["id"].as_str().unwrap().to_owned());
        (items.collect(), page["next_cursor"].as_str().map(str::to_owned))
    };
    assert_eq!(ids("").await.0.len(), 4);
    assert_eq!(ids(&format!("workflow={one}&status=success&trigger=api")).await.0.len(), 3);
    assert_eq!(ids("status=failed").await.0.len(), 0);
    assert_eq!(ids("from=2100-01-01T00:00:00Z").await.0.len(), 0);
    assert_eq!(ids("to=2100-01-01T00:00:00Z").await.0.len(), 4);

    let table = server.get(&format!("/api/v1/executions.csv?workflow={one}&status=success")).await.expect(200);
    let table = String::from_utf8(table.body).unwrap();
    assert_eq!(table.lines().count(), 1 + 3, "{table}");
    assert!(table.starts_with("queued_at,") && table.lines().skip(1).all(|row| row.contains(",One,success,api,")));
    server.get("/api/v1/executions.csv?cursor=3").await.problem(400);

    let (mut seen, cursor) = ids("limit=3").await;
    let (rest, end) = ids(&format!("limit=3&cursor={}", cursor.expect("a second page"))).await;
    seen.extend(rest);
    seen.dedup();
    assert_eq!((seen.len(), end), (4, None));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_output_is_downloaded_by_a_name_that_is_listed_and_by_no_other() {
    let server = TestServer::start().await;
    let project = server.project_of("Customers", customers(50)).await;
    let execution = server.succeeds(server.workflow("On demand", project).await).await;
    for name in ["..%2Flog.jsonl", "..%2F..%2F..%2Fmillrace.db", "%2Fetc%2Fpasswd", "nothing.csv", "."] {
        server.get(&format!("/api/v1/executions/{}/outputs/{name}", execution.id)).await.problem(404);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_execution_that_ended_is_not_cancelled() {
    let server = TestServer::start().await;
    let project = server.project_of("Customers", customers(50)).await;
    let execution = server.succeeds(server.workflow("On demand", project).await).await;
    let answer = server.post(&format!("/api/v1/executions/{}/cancel", execution.id), json!({})).await.expect(409);
    assert_eq!(answer.json()["execution_status"], "success");
    assert_eq!(server.execution(execution.id).await, execution);
}

#[tokio::test(flavor = "multi_thread")]
async fn past_its_timeout_it_is_stopped_failed_and_retried_as_configured() {
    let server = TestServer::start().await;
    let project = server.project_of("Customers", customers(5_000)).await;
    // Every customer number begins with C: all pairs of 5,000 records are compared.
    let path = format!("/api/v1/projects/{project}");
    let mut document = server.get(&path).await.expect(200).json();
    document["config"]["match"]["blocking"] =
        json!([{"parts": [{"column": "customer_number", "transform": "prefix", "length": 1}]}]);
    server.put(&path, document).await.expect(200);
    let mut body = draft("Slow", project, json!({"type": "on_demand"}));
    body["timeout_s"] = json!(1);
    body["retries"] = json!(1);
    body["retry_delays_s"] = json!([3600]);
    let workflow: Workflow = server.post("/api/v1/workflows", body).await.expect(201).read();
    let failed = server.ended(server.run_now(workflow.id).await.id).await;
    assert_eq!((failed.status, failed.error.as_deref()), (Status::Failed, Some("timed out after 1 s")));
    let page = server.get(&format!("/api/v1/executions?workflow={}", workflow.id)).await.expect(200).json();
    let retry: Execution = serde_json::from_value(page["items"][0].clone()).unwrap();
    assert_eq!((retry.trigger, retry.status, retry.retry_of), (Trigger::Retry, Status::Queued, Some(failed.id)));
    // A retry that waits can be cancelled.
    server.post(&format!("/api/v1/executions/{}/cancel", retry.id), json!({})).await.expect(202);
    assert_eq!(server.execution(retry.id).await.status, Status::Cancelled);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_block_that_begins_later_needs_its_upstream_result_when_saved_and_when_it_starts() {
    let server = TestServer::start().await;
    let project = server.project_of("Customers", customers(200)).await;
    let mut body = draft("Again", project, json!({"type": "on_demand"}));
    body["steps"] = json!(["merge", "export"]);
    let refused = server.post("/api/v1/workflows", body.clone()).await.expect(422).json();
    assert_eq!(refused["errors"][0]["field"], "steps", "{refused}");
    let whole = server.workflow("Whole", project).await;
    server.succeeds(whole).await;
    let workflow: Workflow = server.post("/api/v1/workflows", body).await.expect(201).read();
    server.succeeds(workflow.id).await;

    let results = server.data().join("projects").join(project.to_string()).join("workspace");
    std::fs::remove_dir_all(results.join("match")).unwrap();
    let failed = server.ended(server.run_now(workflow.id).await.id).await;
    assert_eq!(failed.error.as_deref(), Some("there is no result of Match yet; run Match before Merge"));
}
