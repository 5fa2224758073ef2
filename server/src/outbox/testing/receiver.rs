//! A receiver of webhooks.

use std::{
    net::SocketAddr,
    sync::{Arc, Mutex},
};

use axum::{
    Router,
    body::{Body, Bytes},
    extract::State,
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
    routing::post,
};
use serde_json::Value;
use tokio::{net::TcpListener, sync::Notify, task::JoinHandle};

use crate::testing::patiently;

/// Answers each path in its own way, and keeps what it is sent.
pub(in crate::outbox) struct Receiver {
    pub(in crate::outbox) address: SocketAddr,
    kept: Arc<Kept>,
    serving: JoinHandle<()>,
}

#[derive(Default)]
struct Kept {
    /// What `/` answers.
    trouble: Mutex<Option<Trouble>>,
    calls: Mutex<Vec<Call>>,
    came: Notify,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::outbox) enum Trouble {
    Refuses,
    Silent,
}

#[derive(Clone, Debug)]
pub(in crate::outbox) struct Call {
    pub(in crate::outbox) headers: HeaderMap,
    pub(in crate::outbox) body: String,
    pub(in crate::outbox) was_taken: bool,
}

impl Call {
    pub(in crate::outbox) fn header(&self, name: &str) -> &str {
        self.headers[name].to_str().expect("text")
    }

    pub(in crate::outbox) fn payload(&self) -> Value {
        serde_json::from_str(&self.body).expect("JSON")
    }
}

impl Receiver {
    pub(in crate::outbox) async fn start(address: SocketAddr) -> Self {
        let kept = Arc::new(Kept::default());
        let app = Router::new()
            .route("/", post(call))
            .route("/moved", post(async || (StatusCode::TEMPORARY_REDIRECT, [(header::LOCATION, "/")])))
            .route("/moved-away", post(away))
            .route("/endless", post(endless))
            .with_state(Arc::clone(&kept));
        let listener = TcpListener::bind(address).await.expect("a free port");
        let address = listener.local_addr().expect("it has one");
        let serving = tokio::spawn(async move { axum::serve(listener, app).await.expect("it serves") });
        Self { address, kept, serving }
    }

    /// On a port of its own.
    pub(in crate::outbox) async fn anywhere() -> Self {
        Self::start("127.0.0.1:0".parse().expect("an address")).await
    }

    pub(in crate::outbox) fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    pub(in crate::outbox) fn troubled_by(&self, trouble: Option<Trouble>) {
        *self.kept.trouble.lock().expect("no test panics in it") = trouble;
    }

    /// Every call to `/`.
    pub(in crate::outbox) fn calls(&self) -> Vec<Call> {
        self.kept.calls.lock().expect("no test panics in it").clone()
    }

    pub(in crate::outbox) fn taken(&self) -> Vec<Call> {
        self.calls().into_iter().filter(|call| call.was_taken).collect()
    }

    /// Waits until it was called.
    pub(in crate::outbox) async fn hears(&self) {
        patiently(self.kept.came.notified()).await;
    }
}

impl Drop for Receiver {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

async fn call(State(kept): State<Arc<Kept>>, headers: HeaderMap, body: String) -> Response {
    let trouble = *kept.trouble.lock().expect("no test panics in it");
    let was_taken = trouble.is_none();
    kept.calls.lock().expect("no test panics in it").push(Call { headers, body, was_taken });
    kept.came.notify_one();
    match trouble {
        None => StatusCode::NO_CONTENT.into_response(),
        Some(Trouble::Refuses) => (StatusCode::INTERNAL_SERVER_ERROR, "no disk").into_response(),
        Some(Trouble::Silent) => std::future::pending().await,
    }
}

/// Leads to the same port of another address of this machine.
async fn away(headers: HeaderMap) -> Response {
    let port = headers["host"].to_str().ok().and_then(|host| host.rsplit(':').next()).unwrap_or_default();
    let location = format!("http://127.0.0.2:{port}/");
    (StatusCode::PERMANENT_REDIRECT, [(header::LOCATION, location)]).into_response()
}

/// Refuses, and never ends to say why.
async fn endless() -> Response {
    let words = futures::stream::repeat_with(|| Ok::<_, std::io::Error>(Bytes::from_static(b"no disk, ")));
    (StatusCode::INTERNAL_SERVER_ERROR, Body::from_stream(words)).into_response()
}
