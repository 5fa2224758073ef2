use std::sync::Mutex;

use axum::{
    Router,
    extract::State,
    http::{HeaderMap, StatusCode, header},
    response::IntoResponse,
    routing::post,
};
use model::{
    DeliveryId, ExecutionId, Timestamp, WorkflowId,
    delivery::{Delivery, DeliveryStatus, Occasion},
};
use uuid::Uuid;

use super::*;
use crate::clock::SystemClock;

/// What came in: headers and body.
type Calls = Arc<Mutex<Vec<(HeaderMap, String)>>>;

/// A server that answers each path as it is called, and keeps what it is sent.
async fn receiver() -> (String, Calls) {
    async fn keep(State(calls): State<Calls>, headers: HeaderMap, body: String) {
        calls.lock().unwrap().push((headers, body));
    }
    let calls = Calls::default();
    let app = Router::new()
        .route("/taken", post(keep))
        .route("/broken", post(async || (StatusCode::INTERNAL_SERVER_ERROR, "no disk")))
        .route(
            "/moved",
            post(async || (StatusCode::TEMPORARY_REDIRECT, [(header::LOCATION, "/taken")]).into_response()),
        )
        .with_state(Arc::clone(&calls));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let address = listener.local_addr().expect("it has one");
    tokio::spawn(async move { axum::serve(listener, app).await });
    (format!("http://{address}"), calls)
}

fn webhooks(private_allowed: bool) -> Webhooks {
    Webhooks::new(Arc::new(SystemClock), Some("secret".to_owned()), private_allowed)
}

fn outgoing(recipient: &str) -> Outgoing {
    let execution_id = ExecutionId::from_uuid(Uuid::nil());
    let at = Timestamp::from_micros(1_767_607_200_000_000);
    Outgoing {
        delivery: Delivery {
            id: DeliveryId::from_uuid(Uuid::nil()),
            execution_id,
            occasion: Occasion::Failure,
            recipient: recipient.to_owned(),
            status: DeliveryStatus::Sending,
            attempts: 1,
            created_at: at,
            next_attempt_at: None,
            finished_at: None,
            error: None,
        },
        notification: Notification {
            occasion: Occasion::Failure,
            workflow_id: WorkflowId::from_uuid(Uuid::nil()),
            workflow_name: "Nightly".to_owned(),
            project_name: "Customers".to_owned(),
            execution_id,
            at,
            started_at: None,
            duration_ms: Some(41_000),
            records: None,
            failed_step: None,
            reason: Some("no such file".to_owned()),
        },
    }
}

async fn sent(webhooks: &Webhooks, recipient: &str) -> Result<(), SendError> {
    webhooks.send(&outgoing(recipient), "https://millrace.example.com").await
}

#[tokio::test]
async fn a_call_is_signed_and_says_what_happened() {
    let (address, calls) = receiver().await;
    assert_eq!(sent(&webhooks(true), &format!("{address}/taken")).await, Ok(()));
    let calls = calls.lock().unwrap();
    let (headers, body) = &calls[0];
    let header = |name: &str| headers[name].to_str().unwrap();
    let at = header("webhook-timestamp").parse().expect("seconds");
    assert_eq!(header("webhook-signature"), signature("secret", header("webhook-id"), at, body));
    let payload: serde_json::Value = serde_json::from_str(body).expect("JSON");
    assert_eq!(payload["type"], "workflow.failure");
    assert_eq!(
        payload["text"],
        "“Nightly” failed: https://millrace.example.com/executions/00000000-0000-0000-0000-000000000000"
    );
    assert_eq!(payload["data"]["reason"], "no such file");
}

/// Against openssl.
#[test]
fn the_signature_is_that_of_the_standard() {
    let payload = r#"{"event_type":"ping","data":{"success":true}}"#;
    let ours = signature("secret", "msg_loFOjxBNrRLzqYUf", 1_731_705_121, payload);
    // printf '%s' 'msg_loFOjxBNrRLzqYUf.1731705121.{…}' | openssl dgst -sha256 -hmac secret -binary | base64
    assert_eq!(ours, "v1,DCqnORwSVKUMtF+BzzaYsNyRMcVO50893gbdihQHwv4=");
}

#[tokio::test]
async fn what_was_refused_is_tried_again() {
    let (address, calls) = receiver().await;
    let broken = sent(&webhooks(true), &format!("{address}/broken")).await.unwrap_err();
    assert_eq!(broken, SendError::NotSent("The answer was 500 Internal Server Error. no disk".to_owned()));
    let moved = sent(&webhooks(true), &format!("{address}/moved")).await.unwrap_err();
    assert!(matches!(moved, SendError::NotSent(_)), "{moved}");
    assert!(calls.lock().unwrap().is_empty(), "no answer leads on");
    let nobody = sent(&webhooks(true), "http://127.0.0.1:1/").await.unwrap_err();
    assert!(matches!(nobody, SendError::NotSent(_)), "{nobody}");
}

#[tokio::test]
async fn a_connection_that_breaks_after_the_call_leaves_the_outcome_unknown() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = listener.local_addr().expect("it has one");
    std::thread::spawn(move || {
        let (mut socket, _) = listener.accept().expect("a connection");
        // All of it is read, nothing is said.
        let mut read = Vec::new();
        while !String::from_utf8_lossy(&read).contains("no such file") {
            let mut part = [0; 1024];
            let count = std::io::Read::read(&mut socket, &mut part).expect("it is sent");
            read.extend_from_slice(&part[..count]);
        }
    });
    let outcome = sent(&webhooks(true), &format!("http://{address}/")).await.unwrap_err();
    assert!(matches!(outcome, SendError::Unknown(_)), "{outcome}");
}

#[tokio::test]
async fn ssrf_private_networks_are_called_only_where_that_is_allowed() {
    let (address, calls) = receiver().await;
    let port = address.rsplit(':').next().expect("a port");
    for recipient in [
        format!("{address}/taken"),
        format!("http://localhost:{port}/taken"),
        format!("http://[::ffff:127.0.0.1]:{port}/taken"),
        format!("http://2130706433:{port}/taken"),
        format!("http://0.0.0.0:{port}/taken"),
        "http://169.254.169.254/latest/meta-data".to_owned(),
        "http://10.0.0.1/".to_owned(),
        "http://[fd00::1]/".to_owned(),
    ] {
        let refused = sent(&webhooks(false), &recipient).await.unwrap_err();
        assert!(
            matches!(&refused, SendError::NotSent(text) if text.contains("private network")),
            "{recipient}: {refused}"
        );
    }
    assert!(calls.lock().unwrap().is_empty());
}

#[test]
fn public_addresses_are_not_private() {
    for public in ["1.1.1.1", "93.184.215.14", "2606:4700::1111"] {
        assert!(!is_private(public.parse().unwrap()), "{public}");
    }
    for private in
        ["100.64.0.1", "198.18.0.1", "224.0.0.1", "::", "64:ff9b::a00:1", "2002:a00:1::", "fe80::1", "240.0.0.1"]
    {
        assert!(is_private(private.parse().unwrap()), "{private}");
    }
}
