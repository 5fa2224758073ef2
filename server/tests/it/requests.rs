//! Requests that cannot be read, and what every answer carries.

use reqwest::Method;
use serde_json::json;

use crate::support::{TestServer, customers};

#[tokio::test(flavor = "multi_thread")]
async fn whatever_is_not_there_is_a_problem_document() {
    let server = TestServer::start().await;
    let unknown = "0190a0b0-0000-7000-8000-000000000000";
    for path in [
        "/nowhere".to_owned(),
        "/api/v1".to_owned(),
        "/api/v1/nowhere".to_owned(),
        "/api/v1/workflows/not-an-id".to_owned(),
        format!("/api/v1/workflows/{unknown}"),
        format!("/api/v1/executions/{unknown}"),
        format!("/api/v1/executions/{unknown}/logs"),
        format!("/api/v1/executions/{unknown}/outputs"),
        format!("/api/v1/executions/{unknown}/outputs/people.csv"),
        format!("/api/v1/projects/{unknown}"),
        format!("/api/v1/projects/{unknown}/results/match"),
        "/pkg/nothing.js".to_owned(),
    ] {
        let detail = server.get(&path).await.problem(404);
        assert!(!detail.is_empty(), "{path}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_method_that_a_path_does_not_take_is_named_with_those_it_takes() {
    let server = TestServer::start().await;
    let answer = server.send(server.request(Method::PATCH, "/api/v1/workflows")).await;
    assert_eq!(answer.header("allow"), "GET,HEAD,POST");
    let detail = answer.problem(405);
    assert!(detail.contains("/api/v1/workflows does not take PATCH"), "{detail}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_that_cannot_be_read_is_located() {
    let server = TestServer::start().await;
    let send = async |kind: &str, body: &str| {
        let request = server.request(Method::POST, "/api/v1/workflows").header("content-type", kind);
        server.send(request.body(body.to_owned())).await
    };
    let detail = send("application/json", "{\n \"name\": oops}").await.problem(400);
    assert!(detail.contains("line 2 column"), "{detail}");
    let missing = send("application/json", "{\"name\": \"x\"}").await.expect(422).json();
    assert_eq!(missing["errors"][0], json!({"field": "project_id", "message": "is missing"}));
    send("application/json", "").await.problem(400);
    send("text/plain", "{}").await.problem(415);
    send("application/json", &format!("\"{}\"", "x".repeat(3 << 20))).await.problem(413);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_query_that_cannot_be_read_names_its_parameter() {
    let server = TestServer::start().await;
    for (query, field) in [
        ("status=done", "status"),
        ("stauts=failed", "stauts"),
        ("workflow=7", "workflow"),
        ("from=yesterday", "from"),
        ("limit=many", "limit"),
        ("limit=0", "limit"),
        ("trigger=clock", "trigger"),
    ] {
        let problem = server.get(&format!("/api/v1/executions?{query}")).await.expect(400).json();
        assert_eq!(problem["errors"][0]["field"], field, "{query}: {problem}");
    }
    server.get("/api/v1/executions?status=&q=").await.expect(200);
    server.get("/api/v1/executions?cursor=%00garbage").await.problem(400);
}

#[tokio::test(flavor = "multi_thread")]
async fn every_answer_says_how_it_may_be_used() {
    let server = TestServer::start().await;
    for path in ["/", "/healthz", "/api/v1/workflows", "/nowhere"] {
        let answer = server.get(path).await;
        assert_eq!(answer.header("x-content-type-options"), "nosniff", "{path}");
        assert_eq!(answer.header("referrer-policy"), "same-origin", "{path}");
        assert!(answer.header("content-security-policy").contains("frame-ancestors 'none'"), "{path}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn who_watches_the_server_sees_it_alive_ready_and_counted() {
    let server = TestServer::start().await;
    server.get("/healthz").await.expect(200);
    server.get("/readyz").await.expect(200);
    let metrics = String::from_utf8(server.get("/metrics").await.expect(200).body).unwrap();
    for line in [
        "millrace_executions_queued 0",
        "millrace_executions_running 0",
        "# TYPE millrace_events_total counter",
        "millrace_scheduler_lag_seconds 0",
        "millrace_outbox_waiting 0",
        "# TYPE millrace_store_readers_busy gauge",
        "millrace_deliveries_ended_total{status=\"delivered\"} 0",
    ] {
        assert!(metrics.lines().any(|known| known == line), "{line} in\n{metrics}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_answer_names_its_request() {
    let server = TestServer::start().await;
    for path in ["/", "/healthz", "/api/v1/workflows", "/nowhere", "/api/v1/nowhere", "/pkg/nowhere"] {
        let id = server.get(path).await.header("x-request-id").to_owned();
        assert_eq!(id.len(), 36, "{path}: {id}");
        let sent = server.request(Method::GET, path).header("x-request-id", "proxy-1.42");
        assert_eq!(server.send(sent).await.header("x-request-id"), "proxy-1.42", "{path}");
        let bad = server.request(Method::GET, path).header("x-request-id", "two words");
        assert_eq!(server.send(bad).await.header("x-request-id").len(), 36, "{path}");
    }
    let refused = server.request(Method::POST, "/api/v1/projects").header("origin", "https://evil.example");
    assert_eq!(server.send(refused).await.expect(403).header("x-request-id").len(), 36);
}

#[cfg(unix)]
#[tokio::test(flavor = "multi_thread")]
async fn a_failure_of_ours_is_shown_under_the_id_of_its_request() {
    let server = TestServer::start().await;
    let project = server.project_of("Customers", customers(400)).await;
    let workflow = server.workflow("Nightly", project).await;
    let execution = server.succeeds(workflow).await;
    let path = format!("/api/v1/executions/{}/outputs", execution.id);
    let outputs = server.get(&path).await.expect(200).json();
    let name = outputs["items"][0]["name"].as_str().unwrap();
    let file = server.data().join("executions").join(execution.id.to_string()).join("outputs").join(name);
    std::fs::remove_file(&file).unwrap();
    // A name that leads to itself: neither there nor gone.
    std::os::unix::fs::symlink(&file, &file).unwrap();
    let asked = server.request(Method::GET, &format!("{path}/{name}")).header("x-request-id", "req-7");
    let answer = server.send(asked).await;
    assert_eq!(answer.header("x-request-id"), "req-7");
    let detail = answer.problem(500);
    assert!(detail.contains("req-7"), "{detail}");
}
