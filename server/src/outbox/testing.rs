//! Servers that notifications are sent to in tests: a real SMTP server, aiosmtpd, where one was set up (`cargo xtask test`
//! does), and a receiver of webhooks. Both do as they are told: take, refuse, or say nothing.

mod mail_host;
mod receiver;

use std::{
    net::{SocketAddr, TcpListener},
    sync::Arc,
};

pub(super) use mail_host::{Heard, Mail, MailHost};
pub(super) use receiver::{Receiver, Trouble};

use super::{Carriers, Mailer, Transport, Webhooks};
use crate::{
    clock::SharedClock,
    config::{MailServer, Tls},
};

/// Where the pages are, as notifications say.
pub(super) const PAGES: &str = "https://millrace.example.com";

/// An address that nobody listens on.
pub(super) fn free_address() -> SocketAddr {
    TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr()).expect("a free port")
}

pub(super) fn mailer(address: SocketAddr, clock: SharedClock) -> Mailer {
    let server =
        MailServer { host: address.ip().to_string(), port: address.port(), tls: Tls::Never, credentials: None };
    Mailer::new(server, "Millrace <millrace@example.com>".parse().expect("an address"), clock)
}

/// As the server carries them, with private networks allowed: everything here is in one.
pub(super) fn carriers(mail_host: SocketAddr, clock: &SharedClock) -> Arc<dyn Transport> {
    let webhooks = Webhooks::new(Arc::clone(clock), Some("secret".to_owned()), true);
    Arc::new(Carriers { mailer: Some(mailer(mail_host, Arc::clone(clock))), webhooks, pages: PAGES.to_owned() })
}
