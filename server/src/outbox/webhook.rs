//! Notifications by webhook: a POST of JSON, signed as Standard Webhooks asks, with a `text` that chat services show.
//!
//! Whoever edits a workflow names the address, and the server calls it from inside the network. So addresses that lead to
//! private networks are refused unless the operator allows them, also when a public name points there, and no answer
//! leads on to another address.

use std::{
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
    sync::Arc,
    time::Duration,
};

use base64::{Engine as _, prelude::BASE64_STANDARD};
use hmac::{Hmac, KeyInit as _, Mac as _};
use model::delivery::Notification;
use reqwest::{
    Client, Url,
    dns::{Addrs, Name, Resolve, Resolving},
    redirect::Policy,
};
use serde::Serialize;
use sha2::Sha256;

use super::{SendError, message};
use crate::{clock::SharedClock, store::Outgoing};

/// For the whole call.
const ANSWER_MAX: Duration = Duration::from_secs(20);
/// Of an answer that refuses, so much is told.
const ANSWER_CHARS_MAX: usize = 200;

pub struct Webhooks {
    client: Client,
    clock: SharedClock,
    /// Signs what is sent; `None` sends it unsigned.
    secret: Option<String>,
    private_allowed: bool,
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
        let client = Client::builder()
            .redirect(Policy::none())
            .no_proxy()
            .timeout(ANSWER_MAX)
            .dns_resolver(Arc::new(Resolver { private_allowed }))
            .user_agent(concat!("Millrace/", env!("CARGO_PKG_VERSION")))
            .build()
            .expect("the settings of the client are these");
        Self { client, clock, secret, private_allowed }
    }

    pub(super) async fn send(&self, outgoing: &Outgoing, pages: &str) -> Result<(), SendError> {
        let not_sent = |error: String| SendError::NotSent(error);
        let Outgoing { delivery, notification } = outgoing;
        let url = self.allowed(&delivery.recipient).map_err(not_sent)?;
        let link = message::link(notification, pages);
        let payload = Payload {
            r#type: format!("workflow.{}", notification.occasion.as_str()),
            timestamp: notification.at.to_string(),
            text: format!("{}: {link}", message::subject(notification)),
            link,
            data: notification,
        };
        let body = serde_json::to_string(&payload).expect("text, numbers and lists");
        let (id, at) = (delivery.id.to_string(), self.clock.now().as_micros() / 1_000_000);
        let mut request = self.client.post(url).header("content-type", "application/json");
        request = request.header("webhook-id", &id).header("webhook-timestamp", at);
        if let Some(secret) = &self.secret {
            request = request.header("webhook-signature", signature(secret, &id, at, &body));
        }
        match request.body(body).send().await {
            Ok(answer) if answer.status().is_success() => Ok(()),
            Ok(answer) => {
                let status = answer.status();
                // An answer that cannot be read says no less.
                let text = answer.text().await.unwrap_or_default();
                let text: String = text.trim().chars().take(ANSWER_CHARS_MAX).collect();
                Err(not_sent(format!("The answer was {status}. {text}").trim_end().to_owned()))
            }
            Err(error) if error.is_connect() || error.is_builder() => Err(not_sent(causes(&error))),
            // It may have been read before the connection broke or the time was over.
            Err(error) => Err(SendError::Unknown(causes(&error))),
        }
    }

    fn allowed(&self, address: &str) -> Result<Url, String> {
        let url: Url = address.parse().map_err(|error| format!("“{address}” is no address: {error}"))?;
        // Names are looked at when they are resolved.
        let host = url.host_str().unwrap_or_default().trim_matches(['[', ']']);
        match host.parse::<IpAddr>() {
            Ok(ip) if !self.private_allowed && is_private(ip) => Err(refusal(host)),
            _ => Ok(url),
        }
    }
}

/// `v1,` and the HMAC-SHA256 of id, time and body in base64 (Standard Webhooks, section on symmetric signatures).
fn signature(secret: &str, id: &str, at: i64, body: &str) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).expect("a key of any length");
    mac.update(format!("{id}.{at}.{body}").as_bytes());
    format!("v1,{}", BASE64_STANDARD.encode(mac.finalize().into_bytes()))
}

fn refusal(host: &str) -> String {
    format!("{host} is in a private network. Such webhooks are allowed by the setting webhook_private = true.")
}

/// Resolves a name to those of its addresses that may be called.
struct Resolver {
    private_allowed: bool,
}

impl Resolve for Resolver {
    fn resolve(&self, name: Name) -> Resolving {
        let private_allowed = self.private_allowed;
        Box::pin(async move {
            let found = tokio::net::lookup_host((name.as_str(), 0)).await?;
            let allowed: Vec<SocketAddr> = found.filter(|at| private_allowed || !is_private(at.ip())).collect();
            if allowed.is_empty() {
                return Err(refusal(name.as_str()).into());
            }
            Ok(Box::new(allowed.into_iter()) as Addrs)
        })
    }
}

/// Whether an address belongs to this machine, its network, or no network at all.
fn is_private(ip: IpAddr) -> bool {
    match ip.to_canonical() {
        IpAddr::V4(ip) => {
            let [a, b, ..] = ip.octets();
            ip.is_private()
                || ip.is_loopback()
                || ip.is_link_local()
                || ip.is_multicast()
                || ip.is_broadcast()
                || ip.is_documentation()
                || a == 0
                // Shared by a provider's customers, protocol assignments, benchmarks, reserved.
                || (a == 100 && (64..128).contains(&b))
                || (a == 192 && b == 0)
                || (a == 198 && (18..20).contains(&b))
                || a >= 240
                || ip == Ipv4Addr::UNSPECIFIED
        }
        IpAddr::V6(ip) => {
            let [first, second, ..] = ip.segments();
            ip.is_loopback()
                || ip.is_multicast()
                || ip.is_unique_local()
                || ip.is_unicast_link_local()
                || ip == Ipv6Addr::UNSPECIFIED
                // Old site-local addresses, documentation, and the gates to IPv4: NAT64, 6to4, Teredo.
                || (first & 0xffc0) == 0xfec0
                || (first == 0x2001 && (second == 0x0db8 || second == 0))
                || first == 0x0064
                || first == 0x2002
        }
    }
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
