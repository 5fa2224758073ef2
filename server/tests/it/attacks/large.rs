//! More than the server takes.

use std::time::Duration;

use ::server::serve::Patience;
use reqwest::{Body, Method};

use crate::support::{Raw, TestServer};

const FORM: &str = "application/x-www-form-urlencoded";

/// So many bytes that are not announced.
fn unannounced(bytes: usize) -> Body {
    let chunks = (0..bytes / 10_000).map(|_| Ok::<_, std::io::Error>(vec![b'x'; 10_000]));
    Body::wrap_stream(futures::stream::iter(chunks))
}

#[tokio::test(flavor = "multi_thread")]
async fn oversized_body_is_refused() {
    let server = TestServer::start().await;
    for (path, kind) in [
        ("/api/v1/projects", "application/json"),
        ("/api/v1/workflows/bulk", "application/json"),
        ("/_fn/run_now", FORM),
        ("/workflows/new", FORM),
        ("/sign-in", FORM),
    ] {
        let announced = server.request(Method::POST, path).header("content-type", kind).body(vec![b'x'; 3 << 20]);
        server.send(announced).await.problem(413);
        let unannounced = server.request(Method::POST, path).header("content-type", kind).body(unannounced(3 << 20));
        server.send(unannounced).await.problem(413);
    }
    server.get("/healthz").await.expect(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn oversized_body_of_a_file_leaves_nothing() {
    let server = TestServer::with(|config| config.upload_max_bytes = 100_000).await;
    let project = server.project("Customers").await;
    server.upload(project, "people.csv", vec![b'x'; 200_000]).await.problem(413);
    server.upload(project, "people.csv", unannounced(200_000)).await.problem(413);
    assert_eq!(std::fs::read_dir(server.data().join("tmp")).unwrap().count(), 0);
}

/// Whoever says beforehand what is coming learns beforehand that it is too much.
#[tokio::test(flavor = "multi_thread")]
async fn oversized_body_that_is_only_announced_is_not_waited_for() {
    let patience = Patience { unread: Duration::from_millis(100), ..Patience::default() };
    let server = TestServer::patient(patience).await;
    let project = server.project("Customers").await;
    let host = server.base.trim_start_matches("http://");
    for path in ["/api/v1/projects".to_owned(), format!("/api/v1/projects/{project}/files?name=people.csv")] {
        for expect in ["", "expect: 100-continue\r\n"] {
            let mut announced = Raw::open(&server.base).await;
            announced
                .send(format!("POST {path} HTTP/1.1\r\nhost: {host}\r\n{expect}content-length: 3000000000\r\n\r\n"))
                .await;
            let answer = announced.rest().await;
            assert!(answer.starts_with("HTTP/1.1 413"), "{path}: {answer}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn oversized_headers_are_refused() {
    let server = TestServer::start().await;
    let mut large = Raw::open(&server.base).await;
    large.send(format!("GET / HTTP/1.1\r\nhost: localhost\r\nx-large: {}\r\n\r\n", "x".repeat(70_000))).await;
    let answer = large.rest().await;
    assert!(answer.starts_with("HTTP/1.1 431"), "{answer}");
    let mut many = Raw::open(&server.base).await;
    many.send(format!("GET / HTTP/1.1\r\nhost: localhost\r\n{}\r\n", "x: y\r\n".repeat(1_000))).await;
    let answer = many.rest().await;
    assert!(answer.starts_with("HTTP/1.1 431"), "{answer}");
}
