//! Clients that keep the server waiting. What they wait for here is the end of the connection, never a time.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use ::server::serve::{Listening, Patience, Places, serve};
use axum::{Router, body::Body, routing::get};
use futures::stream;
use reqwest::Method;
use tokio::{net::TcpListener, sync::oneshot};
use tokio_util::sync::CancellationToken;

use crate::support::{Raw, TestServer};

/// Short enough for a test to see the end of it.
const SHORT: Duration = Duration::from_millis(100);

#[tokio::test(flavor = "multi_thread")]
async fn slow_headers_end_the_connection() {
    let server = TestServer::patient(Patience { headers: SHORT, ..Patience::default() }).await;
    for start in ["", "GET / HT", "GET / HTTP/1.1\r\nhost: 127.0.0.1\r\nx-slow: "] {
        let mut slow = Raw::open(&server.base).await;
        slow.send(start).await;
        let answer = slow.rest().await;
        assert!(!answer.starts_with("HTTP/1.1 200"), "{answer}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn slow_headers_of_one_stop_nobody_else() {
    let server = TestServer::start().await;
    let mut slow = Vec::new();
    for _ in 0..20 {
        let mut one = Raw::open(&server.base).await;
        one.send("GET / HTTP/1.1\r\nhost: ").await;
        slow.push(one);
    }
    server.get("/healthz").await.expect(200);
}

/// A client that is gone without a word, or only keeps its connection open.
#[tokio::test(flavor = "multi_thread")]
async fn slow_next_request_ends_the_connection() {
    let server = TestServer::patient(Patience { headers: SHORT, ..Patience::default() }).await;
    let mut open = Raw::open(&server.base).await;
    let host = server.base.trim_start_matches("http://");
    open.send(format!("GET /healthz HTTP/1.1\r\nhost: {host}\r\n\r\n")).await;
    let answer = open.rest().await;
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
}

#[tokio::test(flavor = "multi_thread")]
async fn slow_body_is_answered_408() {
    let server = TestServer::patient(Patience { body: SHORT, ..Patience::default() }).await;
    let project = server.project("Customers").await;
    let host = server.base.trim_start_matches("http://");
    let form = "application/x-www-form-urlencoded";
    for (path, kind) in [
        ("/api/v1/projects".to_owned(), "application/json"),
        (format!("/api/v1/projects/{project}/suggest"), "application/json"),
        ("/_fn/run_now".to_owned(), form),
        ("/workflows/new".to_owned(), form),
        ("/projects/upload".to_owned(), "multipart/form-data; boundary=cut"),
    ] {
        let mut slow = Raw::open(&server.base).await;
        slow.send(format!(
            "POST {path} HTTP/1.1\r\nhost: {host}\r\ncontent-type: {kind}\r\ncontent-length: 1000\r\n\r\n--cut"
        ))
        .await;
        let answer = slow.rest().await.to_ascii_lowercase();
        assert!(answer.starts_with("http/1.1 408"), "{path}: {answer}");
        assert!(
            answer.contains("\r\nconnection: close") && answer.contains("urn:millrace:problem:timeout"),
            "{answer}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn slow_body_of_a_file_leaves_nothing() {
    let server = TestServer::patient(Patience { body: SHORT, ..Patience::default() }).await;
    let project = server.project("Customers").await;
    let host = server.base.trim_start_matches("http://");
    let mut slow = Raw::open(&server.base).await;
    slow.send(format!(
        "POST /api/v1/projects/{project}/files?name=people.csv HTTP/1.1\r\nhost: {host}\r\ncontent-length: 1000\r\n\r\na,b"
    ))
    .await;
    let answer = slow.rest().await;
    assert!(answer.starts_with("HTTP/1.1 408"), "{answer}");
    assert_eq!(std::fs::read_dir(server.data().join("tmp")).unwrap().count(), 0);
    let read = server.get(&format!("/api/v1/projects/{project}")).await.expect(200).json();
    assert_eq!(read["files"], serde_json::json!([]));
}

/// An answer without an end, and the news that it was given up.
fn endless() -> (Router, oneshot::Receiver<()>) {
    let (gone, news) = oneshot::channel::<()>();
    let gone = Arc::new(Mutex::new(Some(gone)));
    let answer = async move || {
        let gone = gone.lock().unwrap().take();
        Body::from_stream(stream::repeat_with(move || {
            // Dropped with the stream.
            let _held = &gone;
            Ok::<_, std::io::Error>(vec![b'x'; 64 * 1024])
        }))
    };
    (Router::new().route("/", get(answer)), news)
}

#[tokio::test(flavor = "multi_thread")]
async fn slow_reader_is_cut_off() {
    let (app, given_up) = endless();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let listening = Listening {
        listener,
        tls: None,
        places: Places::new(10, 10, Vec::new()),
        patience: Patience { answer: SHORT, ..Patience::default() },
    };
    let stop = CancellationToken::new();
    let server = tokio::spawn(serve(listening, app, stop.clone()));
    let mut slow = Raw::narrow(address).await;
    slow.send("GET / HTTP/1.1\r\nhost: localhost\r\n\r\n").await;
    // The sender ends with the answer that holds it.
    tokio::time::timeout(Duration::from_secs(120), given_up).await.expect("it is given up").unwrap_err();
    stop.cancel();
    server.await.unwrap();
}

/// The connections of one address are counted; whoever comes from elsewhere has places left.
#[tokio::test(flavor = "multi_thread")]
async fn many_connections_of_one_address_are_closed() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base = format!("http://{}", listener.local_addr().unwrap());
    let listening =
        Listening { listener, tls: None, places: Places::new(100, 3, Vec::new()), patience: Patience::default() };
    let app = Router::new().route("/", get(async || "here"));
    let stop = CancellationToken::new();
    let server = tokio::spawn(serve(listening, app, stop.clone()));
    let mut held = Vec::new();
    for _ in 0..3 {
        let mut one = Raw::open(&base).await;
        one.send("GET / HTTP/1.1\r\nhost: localhost\r\n").await;
        held.push(one);
    }
    let mut refused = Raw::open(&base).await;
    refused.send("").await;
    assert_eq!(refused.rest().await, "");
    let mut first = held.remove(0);
    first.send("connection: close\r\n\r\n").await;
    assert!(first.rest().await.ends_with("here"));
    stop.cancel();
    drop(held);
    server.await.unwrap();
}

/// Who sends nothing where TLS is spoken waits alone.
#[tokio::test(flavor = "multi_thread")]
async fn slow_handshake_stops_nobody_else_and_is_ended() {
    let certificate = crate::tls::Certificate::new();
    let patience = Patience { handshake: Duration::from_secs(2), ..Patience::default() };
    let files = certificate.files();
    let server = TestServer::launch(move |config| config.tls = Some(files), patience).await;
    let silent = Raw::open(&server.base).await;
    let mut slow = Raw::open(&server.base).await;
    // The beginning of a handshake.
    slow.send([22, 3, 1]).await;
    let client = certificate.client(&server.base);
    client.send(client.request(Method::GET, "/healthz")).await.expect(200);
    assert_eq!(silent.rest().await, "");
    assert_eq!(slow.rest().await, "");
}
