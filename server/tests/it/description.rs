//! The description of the API: what it describes is served, and people can read it.

use reqwest::Method;
use server::api::openapi::operations;

use crate::support::TestServer;

#[tokio::test(flavor = "multi_thread")]
async fn every_operation_that_is_described_is_served() {
    let server = TestServer::start().await;
    for operation in operations() {
        let path = operation.path.replace("{id}", "0190a0b0-0000-7000-8000-000000000000");
        let path = path.replace("{step}", "import").replace("{name}", "people.csv").replace("{secret}", "secret");
        let path = path.replace("{group}", "1").replace("{left}", "0").replace("{right}", "1");
        assert!(!path.contains('{'), "{path}");
        let answer = server.send(server.request(operation.method.clone(), &path)).await;
        let text = String::from_utf8_lossy(&answer.body).into_owned();
        assert_ne!(answer.status, 405, "{} {path}: {text}", operation.method);
        assert!(!text.contains("There is nothing at"), "{} {path}: {text}", operation.method);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_method_that_is_not_described_is_refused_with_a_problem() {
    let server = TestServer::start().await;
    for path in ["/api/v1/workflows", "/trigger/x/y", "/healthz", "/metrics"] {
        let answer = server.send(server.request(Method::PATCH, path)).await;
        assert!(answer.header("allow").contains("GET"), "{path}");
        let detail = answer.problem(405);
        assert!(detail.contains(&format!("{path} does not take PATCH")), "{detail}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn programs_get_the_description_as_openapi() {
    let server = TestServer::start().await;
    let answer = server.get("/api/v1/openapi.json").await.expect(200);
    assert_eq!(answer.header("content-type"), "application/json");
    let document = answer.json();
    assert_eq!(document["openapi"], "3.1.0");
    let run_now = &document["paths"]["/api/v1/workflows/{id}/executions"]["post"];
    assert_eq!(run_now["operationId"], "run_now");
    assert!(run_now["responses"]["202"]["headers"]["location"].is_object(), "{run_now}");
    assert_eq!(run_now["security"][0]["token"][0], "operator", "{run_now}");
}

#[tokio::test(flavor = "multi_thread")]
async fn people_read_it_on_a_page() {
    let server = TestServer::start().await;
    let page = async |path: &str| String::from_utf8(server.get(path).await.expect(200).body).unwrap();
    let workflows = page("/api").await;
    for part in ["Pause a workflow", "Needs the role operator in the project.", "Idempotency-Key", "$MILLRACE_TOKEN"] {
        assert!(workflows.contains(part), "{part}");
    }
    let mut all = workflows;
    for group in ["executions", "projects", "schedules", "people", "server"] {
        all += &page(&format!("/api?group={group}")).await;
    }
    for operation in operations() {
        assert!(all.contains(&format!("id=\"{}\"", operation.id)), "{} is on no page", operation.id);
    }
    let types = page("/api?group=types").await;
    assert!(types.contains("id=\"WorkflowDraft\"") && types.contains("id=\"Problem\""));
}
