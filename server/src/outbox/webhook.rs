//! Notifications by webhook: a POST of JSON, signed as Standard Webhooks asks, with a `text` that chat services show.
//!
//! Where it may lead is `address`'s part; no answer leads on to another address.

use std::{sync::Arc, time::Duration};

use base64::{Engine as _, prelude::BASE64_STANDARD};
use hmac::{Hmac, KeyInit as _, Mac as _};
use model::delivery::Notification;
use reqwest::{Client, Response, redirect::Policy};
use serde::Serialize;
use sha2::Sha256;

use super::{SendError, address::Guard, message};
use crate::{clock::SharedClock, store::Letter};

/// For the whole call.
const ANSWER_MAX: Duration = Duration::from_secs(20);
/// Until there is a connection. What has none is certainly not sent.
const CONNECT_MAX: Duration = Duration::from_secs(10);
/// Of an answer that refuses, so much is told, and so much is read: whoever is called decides how long it is.
const ANSWER_CHARS_MAX: usize = 200;
const ANSWER_BYTES_MAX: usize = 4 * ANSWER_CHARS_MAX;

pub struct Webhooks {
    client: Client,
    clock: SharedClock,
    /// Signs what is sent; `None` sends it unsigned.
    secret: Option<String>,
    guard: Guard,
}

/// What is posted.
#[derive(Serialize)]
struct Payload<'a> {
    /// `workflow.failure`.
    r#type: String,
    timestamp: String,
    /// A sentence and the link: what Slack and services like it show.
    text: String,
    link: String,
    data: &'a Notification,
}

impl Webhooks {
    pub fn new(clock: SharedClock, secret: Option<String>, private_allowed: bool) -> Self {
        Self::guarded(clock, secret, Guard::new(private_allowed))
    }

    fn guarded(clock: SharedClock, secret: Option<String>, guard: Guard) -> Self {
        let client = Client::builder()
            .redirect(Policy::none())
            .no_proxy()
            .timeout(ANSWER_MAX)
            .connect_timeout(CONNECT_MAX)
            // Each call has a connection of its own: one that was kept may be closed just when it is used again, and then
            // nobody knows whether the call arrived.
            .pool_max_idle_per_host(0)
            .dns_resolver(Arc::new(guard.clone()))
            .user_agent(concat!("Millrace/", env!("CARGO_PKG_VERSION")))
            .build()
            .expect("the settings of the client are these");
        Self { client, clock, secret, guard }
    }

    pub(super) async fn send(&self, letter: &Letter, pages: &str) -> Result<(), SendError> {
        let not_sent = |error: String| SendError::NotSent(error);
        let Letter { id, recipient, notification } = letter;
        let url = self.guard.check(recipient).map_err(not_sent)?;
        let link = message::link(notification, pages);
        let payload = Payload {
            r#type: format!("workflow.{}", notification.occasion.as_str()),
            timestamp: notification.at.to_string(),
            text: format!("{}: {link}", message::subject(notification)),
            link,
            data: notification,
        };
        let body = serde_json::to_string(&payload).expect("text, numbers and lists");
        let (id, at) = (id.to_string(), self.clock.now().as_micros() / 1_000_000);
        let mut request = self.client.post(url).header("content-type", "application/json");
        request = request.header("webhook-id", &id).header("webhook-timestamp", at);
        if let Some(secret) = &self.secret {
            request = request.header("webhook-signature", signature(secret, &id, at, &body));
        }
        match request.body(body).send().await {
            Ok(answer) if answer.status().is_success() => Ok(()),
            Ok(answer) => {
                let status = answer.status();
                Err(not_sent(format!("The answer was {status}. {}", beginning(answer).await).trim_end().to_owned()))
            }
            Err(error) if error.is_connect() || error.is_builder() => Err(not_sent(causes(&error))),
            // It may have been read before the connection broke or the time was over.
            Err(error) => Err(SendError::Unknown(causes(&error))),
        }
    }
}

/// The first words of an answer; what cannot be read says nothing.
async fn beginning(mut answer: Response) -> String {
    let mut bytes = Vec::new();
    while let Ok(Some(part)) = answer.chunk().await {
        bytes.extend_from_slice(&part[..part.len().min(ANSWER_BYTES_MAX - bytes.len())]);
        if bytes.len() == ANSWER_BYTES_MAX {
            break;
        }
    }
    let text = String::from_utf8_lossy(&bytes);
    let words = text.trim().chars().map(|c| if c.is_control() { ' ' } else { c });
    words.take(ANSWER_CHARS_MAX).collect()
}

/// `v1,` and the HMAC-SHA256 of id, time and body in base64 (Standard Webhooks, section on symmetric signatures).
fn signature(secret: &str, id: &str, at: i64, body: &str) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).expect("a key of any length");
    mac.update(format!("{id}.{at}.{body}").as_bytes());
    format!("v1,{}", BASE64_STANDARD.encode(mac.finalize().into_bytes()))
}

/// An error with what led to it, without the address: it may hold a secret.
fn causes(error: &reqwest::Error) -> String {
    let mut parts = Vec::new();
    let mut source = std::error::Error::source(error);
    while let Some(cause) = source {
        parts.push(cause.to_string());
        source = cause.source();
    }
    match parts.is_empty() {
        true if error.is_timeout() => "There was no answer in time.".to_owned(),
        true => "The call failed.".to_owned(),
        false => parts.join(": "),
    }
}

#[cfg(test)]
mod tests;
