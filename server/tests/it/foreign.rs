//! What other sites and other names get: nothing.

use reqwest::Method;
use serde_json::json;
use tokio_tungstenite::{
    connect_async,
    tungstenite::{self, client::IntoClientRequest as _},
};

use crate::support::TestServer;

#[tokio::test(flavor = "multi_thread")]
async fn a_foreign_page_changes_nothing() {
    let server = TestServer::start().await;
    for (name, value) in [("origin", "https://evil.example"), ("origin", "null"), ("sec-fetch-site", "cross-site")] {
        for path in ["/api/v1/projects", "/_fn/run_now", "/projects/upload", "/api/v1/nowhere"] {
            let request = server.request(Method::POST, path).header(name, value).json(&json!({"name": "Stolen"}));
            server.send(request).await.problem(403);
        }
    }
    let projects = server.get("/api/v1/projects").await.expect(200).json();
    assert_eq!(projects["items"], json!([]));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_own_page_may() {
    let server = TestServer::start().await;
    let request = server.request(Method::POST, "/api/v1/projects").json(&json!({"name": "Mine"}));
    let own = request.header("origin", server.base.as_str()).header("sec-fetch-site", "same-origin");
    server.send(own).await.expect(201);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_foreign_page_follows_no_feed() {
    let server = TestServer::start().await;
    let address = format!("{}/api/v1/events", server.base.replace("http", "ws"));
    let mut request = address.into_client_request().unwrap();
    request.headers_mut().insert("origin", "https://evil.example".parse().unwrap());
    match connect_async(request).await {
        Err(tungstenite::Error::Http(answer)) => assert_eq!(answer.status(), 403),
        other => panic!("{other:?}"),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_name_that_was_pointed_here_reads_nothing() {
    let server = TestServer::start().await;
    for path in ["/", "/api/v1/projects", "/metrics"] {
        let request = server.request(Method::GET, path).header("host", "evil.example");
        server.send(request).await.problem(403);
    }
    let port = server.base.rsplit(':').next().unwrap();
    let request = server.request(Method::GET, "/healthz").header("host", format!("localhost:{port}"));
    server.send(request).await.expect(200);
}
