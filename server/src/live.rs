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
mod message;
mod tail;
mod visitor;
mod wait;

use std::sync::{Arc, atomic::Ordering};

use axum::extract::ws::WebSocket;
use model::{
    event::{Event, Sample},
    limits,
};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, broadcast};
use tokio_util::sync::CancellationToken;

pub use visitor::Visitor;

use message::{Homes, Message};

use crate::{backend::LocalBackend, telemetry::Metrics};

/// The feed, to be cloned freely.
#[derive(Clone)]
pub struct Live {
    backend: Arc<LocalBackend>,
    metrics: Arc<Metrics>,
    ring: broadcast::Sender<Message>,
    places: Arc<Semaphore>,
    homes: Arc<Homes>,
    stop: CancellationToken,
}

/// Permission to follow; its place is free again when it is dropped.
pub struct Place(#[expect(dead_code, reason = "held, never looked at")] OwnedSemaphorePermit);

impl Live {
    /// Starts the tail; it ends when `stop` is cancelled, and so does every feed.
    pub fn start(backend: Arc<LocalBackend>, metrics: Arc<Metrics>, stop: CancellationToken) -> Self {
        let live = Self {
            backend,
            metrics,
            ring: broadcast::Sender::new(limits::LIVE_QUEUE_MESSAGES_MAX),
            places: Arc::new(Semaphore::new(limits::LIVE_FEEDS_MAX)),
            homes: Arc::default(),
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
    pub async fn follow(&self, socket: WebSocket, _place: Place, visitor: Visitor) {
        self.metrics.browsers.fetch_add(1, Ordering::Relaxed);
        if let Err(reason) = feed::run(self, socket, visitor).await {
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

    async fn send_sample(&self, sample: Sample) {
        self.send(Message::sample(sample, &self.homes, &self.backend).await);
    }

    async fn event(&self, event: Event) -> Message {
        Message::event(event, &self.backend).await
    }
}
