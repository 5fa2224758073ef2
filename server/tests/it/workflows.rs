use model::workflow::Workflow;
use serde_json::json;

use crate::support::{TestServer, customers, draft};

#[tokio::test(flavor = "multi_thread")]
async fn a_workflow_is_created_read_replaced_and_deleted() {
    let server = TestServer::start().await;
    let project = server.project_of("Customers", customers(20)).await;
    let simple = json!({"type": "simple", "every": 6, "unit": "hours"});
    let body = json!({"name": "Nightly", "project_id": project, "steps": ["import", "profile"], "schedule": simple});
    let answer = server.post("/api/v1/workflows", body).await.expect(201);
    let created: Workflow = answer.read();
    let path = format!("/api/v1/workflows/{}", created.id);
    assert_eq!(answer.header("location"), path);
    assert!(created.next_run_at.is_some());
    assert_eq!(created.time_zone, "Europe/Brussels");

    // The document that was read can be sent back.
    let mut document = server.get(&path).await.expect(200).json();
    assert_eq!(document["state"], "active");
    document["name"] = json!("Weekly");
    document["schedule"] = json!({"type": "cron", "expression": "0 2 * * 1"});
    let replaced: Workflow = server.put(&path, document.clone()).await.expect(200).read();
    assert_eq!((replaced.name.as_str(), replaced.version), ("Weekly", created.version + 1));

    // A second editor started from the version that is outdated now.
    let conflict = server.put(&path, document).await.expect(409).json();
    assert_eq!(conflict["current_version"], replaced.version);

    server.delete(&path).await.expect(204);
    server.get(&path).await.problem(404);
}

#[tokio::test(flavor = "multi_thread")]
async fn every_problem_of_a_draft_is_named_at_its_field() {
    let server = TestServer::start().await;
    let project = server.project("Customers").await;
    let mut body = draft("", project, json!({"type": "cron", "expression": "0 25 * * *"}));
    body["retries"] = json!(9);
    body["time_zone"] = json!("Europe/Atlantis");
    let problem = server.post("/api/v1/workflows", body).await.expect(422).json();
    let fields: Vec<&str> =
        problem["errors"].as_array().unwrap().iter().filter_map(|error| error["field"].as_str()).collect();
    for field in ["name", "retries", "schedule.expression", "time_zone"] {
        assert!(fields.contains(&field), "{field} in {problem}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn saving_refuses_steps_that_the_project_is_not_ready_for() {
    let server = TestServer::start().await;
    let project = server.project("Empty").await;
    let body = draft("Nightly", project, json!({"type": "on_demand"}));
    let problem = server.post("/api/v1/workflows", body).await.expect(422).json();
    assert!(!problem["errors"].as_array().unwrap().is_empty(), "{problem}");
}

#[tokio::test(flavor = "multi_thread")]
async fn pause_resume_and_duplicate() {
    let server = TestServer::start().await;
    let project = server.project_of("Customers", crate::support::customers(50)).await;
    let hourly = json!({"type": "simple", "every": 1, "unit": "hours"});
    let body = draft("Hourly", project, hourly);
    let workflow: Workflow = server.post("/api/v1/workflows", body).await.expect(201).read();
    let path = format!("/api/v1/workflows/{}", workflow.id);

    let paused = server.post(&format!("{path}/pause"), json!({})).await.expect(200).json();
    assert_eq!((&paused["state"], &paused["next_run_at"]), (&json!("paused"), &json!(null)));
    let resumed = server.post(&format!("{path}/resume"), json!({})).await.expect(200).json();
    assert_eq!(resumed["state"], "active");
    assert!(resumed["next_run_at"].is_string(), "{resumed}");

    let copy = server.post(&format!("{path}/duplicate"), json!({})).await.expect(201).json();
    assert_eq!(copy["state"], "paused");
    assert_ne!(copy["name"], "Hourly");

    let list = server.get("/api/v1/workflows?state=paused").await.expect(200).json();
    assert_eq!(list["items"].as_array().unwrap().len(), 1, "{list}");
    assert_eq!(list["items"][0]["id"], copy["id"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_is_read_page_by_page() {
    let server = TestServer::start().await;
    let project = server.project_of("Customers", customers(20)).await;
    for number in 0..7 {
        let body = json!({
            "name": format!("Workflow {number}"), "project_id": project, "steps": ["import"], "schedule": {"type": "on_demand"},
        });
        server.post("/api/v1/workflows", body).await.expect(201);
    }
    let mut names = Vec::new();
    let mut path = "/api/v1/workflows?limit=3".to_owned();
    loop {
        let page = server.get(&path).await.expect(200).json();
        names.extend(page["items"].as_array().unwrap().iter().map(|item| item["name"].as_str().unwrap().to_owned()));
        let Some(cursor) = page["next_cursor"].as_str() else { break };
        path = format!("/api/v1/workflows?limit=3&cursor={cursor}");
    }
    names.sort();
    assert_eq!(names, (0..7).map(|number| format!("Workflow {number}")).collect::<Vec<_>>());
}
