//! The live feed: the tail of the event log, progress and log lines, to every open page.
//!
//! ```text
//! commit ─▶ tail: reads the new events, writes each as JSON once ─▶ ring of messages ─┬─▶ browser 1
//! engine ─▶ progress, log lines ──────────────────────────────────▶                   └─▶ browser 2 …
//! ```
//!
//! The ring (a broadcast channel) holds the newest [`limits::LIVE_QUEUE_MESSAGES_MAX`] messages and a place in it for
//! each browser. One that reads too slowly is overtaken and told to load its page again; the others and the writers
//! never wait for it.
//!
//! **Architecture invariant:** nothing here changes anything; a page that never reads costs one place in the ring.

mod feed;
mod tail;
mod wait;

use std::sync::{Arc, atomic::Ordering};

use axum::extract::ws::{Utf8Bytes, WebSocket};
use model::{
    ExecutionId,
    event::{Change, Event, Sample, ServerMessage},
    limits,
};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, broadcast};
use tokio_util::sync::CancellationToken;

use crate::{backend::LocalBackend, telemetry::Metrics};

/// The feed, to be cloned freely.
#[derive(Clone)]
pub struct Live {
    backend: Arc<LocalBackend>,
    metrics: Arc<Metrics>,
    ring: broadcast::Sender<Message>,
    places: Arc<Semaphore>,
    stop: CancellationToken,
}

/// Permission to follow; its place is free again when it is dropped.
pub struct Place(#[expect(dead_code, reason = "held, never looked at")] OwnedSemaphorePermit);

/// What the ring holds: the text as it is sent, and who wants it.
#[derive(Clone, Debug)]
struct Message {
    text: Utf8Bytes,
    /// Of an event; samples have none.
    number: Option<i64>,
    audience: Audience,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Audience {
    Everyone,
    /// Pages that watch the workflows.
    Workflows,
    /// Those, and the page of this execution.
    Execution(ExecutionId),
    /// Only the page of this execution.
    Log(ExecutionId),
}

impl Live {
    /// Starts the tail; it ends when `stop` is cancelled, and so does every feed.
    pub fn start(backend: Arc<LocalBackend>, metrics: Arc<Metrics>, stop: CancellationToken) -> Self {
        let live = Self {
            backend,
            metrics,
            ring: broadcast::Sender::new(limits::LIVE_QUEUE_MESSAGES_MAX),
            places: Arc::new(Semaphore::new(limits::LIVE_FEEDS_MAX)),
            stop,
        };
        tokio::spawn(tail::events(live.clone()));
        tokio::spawn(tail::samples(live.clone()));
        live
    }

    /// `None` when as many feeds are open as there may be.
    pub fn admit(&self) -> Option<Place> {
        Arc::clone(&self.places).try_acquire_owned().ok().map(Place)
    }

    /// Serves one websocket until it closes, falls silent or the server stops.
    pub async fn follow(&self, socket: WebSocket, _place: Place) {
        self.metrics.browsers.fetch_add(1, Ordering::Relaxed);
        if let Err(reason) = feed::run(self, socket).await {
            tracing::debug!(%reason, "a live feed ended");
        }
        self.metrics.browsers.fetch_sub(1, Ordering::Relaxed);
    }

    /// Whether a page follows or a program waits.
    fn is_watched(&self) -> bool {
        self.ring.receiver_count() > 0
    }

    fn send(&self, message: Message) {
        // An error only says that no page is open.
        let _ = self.ring.send(message);
    }
}

impl Message {
    fn event(event: Event) -> Self {
        let audience = match &event.change {
            Change::Execution { execution } => Audience::Execution(execution.id),
            Change::Delivery { delivery } => Audience::Execution(delivery.execution_id),
            Change::Maintenance { .. } => Audience::Everyone,
            Change::Workflow { .. }
            | Change::WorkflowDeleted { .. }
            | Change::Project { .. }
            | Change::ProjectDeleted { .. } => Audience::Workflows,
        };
        Self { number: Some(event.number), text: json(&ServerMessage::Event(event)), audience }
    }

    fn sample(sample: Sample) -> Self {
        let audience = match &sample {
            Sample::Progress(progress) => Audience::Execution(progress.execution),
            Sample::Log { execution, .. } => Audience::Log(*execution),
            Sample::Queue { .. } | Sample::Live { .. } | Sample::Resync => Audience::Everyone,
        };
        Self { number: None, text: json(&ServerMessage::Sample(sample)), audience }
    }
}

fn json(message: &ServerMessage) -> Utf8Bytes {
    serde_json::to_string(message).expect("messages hold text, numbers and lists only").into()
}
