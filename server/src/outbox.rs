//! Delivers notifications: each exactly once, or visibly not.
//!
//! A delivery is a row that was written together with the news. This loop marks it as being sent, sends it, and records
//! the outcome; nothing here can delay or fail an execution. What has certainly not arrived is tried again, later and
//! later. What may have arrived — the connection broke, the process died in between — is not: its outcome is unknown, and
//! the execution's page says so.

pub(crate) mod address;
mod mail;
mod message;
#[cfg(test)]
mod testing;
mod trial;
mod webhook;

pub use mail::Mailer;
pub use trial::try_recipients;
pub use webhook::Webhooks;

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use model::{Timestamp, delivery::Occasion, limits};
use tokio_util::sync::CancellationToken;

use crate::{
    clock::SharedClock,
    store::{Attempted, Letter, Outgoing, Store, StoreResult},
};

/// Deliveries that are sent at the same time.
const SENT_AT_ONCE: usize = 16;
/// An attempt that takes longer has an unknown outcome.
const SEND_MAX: Duration = Duration::from_secs(60);
/// Before the second attempt; doubled before each further one.
const FIRST_PAUSE: Duration = Duration::from_secs(60);
const PAUSE_MAX: Duration = Duration::from_secs(6 * 3600);
/// After the database refused, it is asked again this much later.
const AFTER_REFUSAL: Duration = Duration::from_secs(5);
/// What is being sent when the server stops gets this long.
const LAST_SENDS_MAX: Duration = Duration::from_secs(5);

/// Carries one notification to one recipient.
#[async_trait]
pub trait Transport: Send + Sync + 'static {
    async fn send(&self, letter: &Letter) -> Result<(), SendError>;
}

/// Why a notification was not delivered.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SendError {
    /// It has certainly not arrived.
    #[error("{0}")]
    NotSent(String),
    /// It may have arrived.
    #[error("{0}")]
    Unknown(String),
}

/// Writes notifications to the log of the server: the transport while no mail server is set.
#[derive(Clone, Copy, Debug, Default)]
pub struct LogTransport;

#[async_trait]
impl Transport for LogTransport {
    async fn send(&self, letter: &Letter) -> Result<(), SendError> {
        let Letter { id, recipient, notification } = letter;
        if notification.occasion == Occasion::Test {
            let why = "No mail server is set, so mail is only written to the server's log. The setting smtp names one.";
            return Err(SendError::NotSent(why.to_owned()));
        }
        tracing::info!(
            to = %recipient,
            message = %id,
            project = %notification.project_name,
            execution = notification.execution_id.map(tracing::field::display),
            reason = notification.reason,
            "notification: {}",
            message::subject(notification)
        );
        Ok(())
    }
}

/// Carries each notification the way its recipient is written: an address that is called, or one that mail goes to. Mail
/// is written to the log while no mail server is set.
pub struct Carriers {
    pub mailer: Option<Mailer>,
    pub webhooks: Webhooks,
    /// Where the pages are, for links: `https://millrace.example.com`.
    pub pages: String,
}

#[async_trait]
impl Transport for Carriers {
    async fn send(&self, letter: &Letter) -> Result<(), SendError> {
        let is_called = letter.recipient.starts_with("https://") || letter.recipient.starts_with("http://");
        match &self.mailer {
            _ if is_called => self.webhooks.send(letter, &self.pages).await,
            Some(mailer) => mailer.send(letter, &self.pages).await,
            None => LogTransport.send(letter).await,
        }
    }
}

pub struct Outbox {
    store: Store,
    clock: SharedClock,
    transport: Arc<dyn Transport>,
}

impl Outbox {
    pub fn new(store: Store, clock: SharedClock, transport: Arc<dyn Transport>) -> Self {
        Self { store, clock, transport }
    }

    /// Deals with what an earlier process was sending when it ended. To be called once, before [`Outbox::run`].
    ///
    /// # Errors
    /// When the database cannot be read or written.
    pub async fn recover(&self) -> StoreResult<()> {
        let lost = self.store.lose_deliveries().await?;
        if lost > 0 {
            tracing::warn!(lost, "notifications were being sent when the server stopped; their outcome is unknown");
        }
        Ok(())
    }

    /// Works until `stop` is cancelled.
    pub async fn run(&self, stop: CancellationToken) {
        let mut changed = self.store.outbox_changed();
        let no_time_left = async {
            stop.cancelled().await;
            self.clock.sleep(LAST_SENDS_MAX).await;
        };
        tokio::pin!(no_time_left);
        while !stop.is_cancelled() {
            // Registered before looking: a commit between the look and the wait ends the wait at once.
            changed.borrow_and_update();
            let wake = tokio::select! {
                delivered = self.deliver_due() => match delivered {
                    Ok(next_attempt_at) => next_attempt_at,
                    Err(error) => {
                        tracing::error!(%error, "the outbox could not be read or written yet");
                        Some(self.clock.now().plus(AFTER_REFUSAL))
                    }
                },
                // What is still on its way ends as unknown at the next start.
                () = &mut no_time_left => return,
            };
            let woken = async {
                match wake {
                    Some(at) => self.clock.sleep_until(at).await,
                    None => std::future::pending().await,
                }
            };
            tokio::select! {
                () = stop.cancelled() => {}
                // An error says that the store is gone, and then this loop has nothing to do.
                changed = changed.changed() => if changed.is_err() { return },
                () = woken => {}
            }
        }
    }

    /// Sends everything that is due, and says when the next attempt is. One step of the loop.
    ///
    /// # Errors
    /// When the database cannot be read or written.
    pub async fn deliver_due(&self) -> StoreResult<Option<Timestamp>> {
        loop {
            let taken = self.store.take_due_deliveries(SENT_AT_ONCE as i64).await?;
            if taken.outgoing.is_empty() {
                return Ok(taken.next_attempt_at);
            }
            let attempts = taken.outgoing.into_iter().map(|outgoing| self.attempt(outgoing));
            for recorded in futures::future::join_all(attempts).await {
                recorded?;
            }
        }
    }

    async fn attempt(&self, outgoing: Outgoing) -> StoreResult<()> {
        let Outgoing { delivery: id, attempts, letter } = outgoing;
        let attempted = match send_within(SEND_MAX, &self.transport, &self.clock, letter).await {
            Ok(()) => Attempted::Delivered,
            Err(SendError::Unknown(error)) => Attempted::Unknown { error },
            Err(SendError::NotSent(error)) if attempts >= limits::DELIVERY_ATTEMPTS_MAX => Attempted::Failed { error },
            Err(SendError::NotSent(error)) => Attempted::Again { at: self.clock.now().plus(pause(attempts)), error },
        };
        if attempted != Attempted::Delivered {
            tracing::warn!(delivery = %id, attempts, outcome = ?attempted, "a notification was not delivered");
        }
        self.store.record_attempt(id, attempted).await
    }
}

/// Sends one letter, and does not wait for longer than `limit`.
async fn send_within(
    limit: Duration,
    transport: &Arc<dyn Transport>,
    clock: &SharedClock,
    letter: Letter,
) -> Result<(), SendError> {
    let transport = Arc::clone(transport);
    // A task of its own: a panic in a transport is an attempt that went wrong and nothing else.
    let mut sending = tokio::spawn(async move { transport.send(&letter).await });
    tokio::select! {
        sent = &mut sending => sent.unwrap_or_else(|panic| Err(SendError::Unknown(panic.to_string()))),
        () = clock.sleep(limit) => {
            sending.abort();
            Err(SendError::Unknown(format!("There was no answer within {} s.", limit.as_secs())))
        }
    }
}

/// The wait after so many attempts.
fn pause(attempts: u32) -> Duration {
    let doublings = attempts.saturating_sub(1).min(16);
    FIRST_PAUSE.saturating_mul(1 << doublings).min(PAUSE_MAX)
}

#[cfg(test)]
mod tests;
