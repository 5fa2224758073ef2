//! Notifications by e-mail, over SMTP.
//!
//! One connection a mail, and each command for itself: up to the mail's content nothing has been sent, and with the
//! server's answer to it everything has. Only when the connection breaks in between, or there is no answer, is the outcome
//! unknown.

use std::time::Duration;

use lettre::{
    Address, Message,
    message::{
        Mailbox, MultiPart,
        header::{Header, HeaderName, HeaderValue},
    },
    transport::smtp::{
        authentication::{Credentials, Mechanism},
        client::{AsyncSmtpConnection, TlsParameters},
        commands::{Data, Mail, Rcpt},
        extension::ClientId,
    },
};

use super::{SendError, message};
use crate::{
    clock::SharedClock,
    config::{MailServer, Tls},
    store::Letter,
};

/// For each answer of the mail server.
const ANSWER_MAX: Duration = Duration::from_secs(20);
/// For everything up to the content. An outbox waits for longer, so that a server that is slow until then is told apart
/// from one that may have taken the mail.
const HANDSHAKE_MAX: Duration = Duration::from_secs(45);
/// Those that a server may offer over a connection that nobody can listen to, the safest first.
const MECHANISMS: [Mechanism; 2] = [Mechanism::Plain, Mechanism::Login];

pub struct Mailer {
    server: MailServer,
    from: Mailbox,
    clock: SharedClock,
}

impl Mailer {
    pub fn new(server: MailServer, from: Mailbox, clock: SharedClock) -> Self {
        Self { server, from, clock }
    }

    /// A connection on which a mail can be handed over.
    async fn connect(&self) -> Result<AsyncSmtpConnection, lettre::transport::smtp::Error> {
        let MailServer { host, port, tls, credentials } = &self.server;
        let parameters = || TlsParameters::new(host.clone());
        let implicit = (*tls == Tls::FromTheStart).then(parameters).transpose()?;
        let name = ClientId::default();
        let at = (host.as_str(), *port);
        let mut connection = AsyncSmtpConnection::connect_tokio1(at, Some(ANSWER_MAX), &name, implicit, None).await?;
        if *tls == Tls::StartTls {
            connection.starttls(parameters()?, &name).await?;
        }
        if let Some((user, password)) = credentials {
            connection.auth(&MECHANISMS, &Credentials::new(user.clone(), password.clone())).await?;
        }
        Ok(connection)
    }

    fn compose(&self, letter: &Letter, to: Address, pages: &str) -> Result<Message, String> {
        let Letter { id, notification, .. } = letter;
        let domain = self.from.email.domain();
        Message::builder()
            .from(self.from.clone())
            .to(Mailbox::new(None, to))
            .subject(format!("Millrace: {}", message::subject(notification)))
            .message_id(Some(format!("<{id}@{domain}>")))
            .header(AutoSubmitted)
            .multipart(MultiPart::alternative_plain_html(
                message::text(notification, pages),
                message::html(notification, pages),
            ))
            .map_err(|error| error.to_string())
    }

    /// Everything up to the content: a connection on which the server waits for that.
    async fn begin(&self, to: Address) -> Result<AsyncSmtpConnection, lettre::transport::smtp::Error> {
        let mut connection = self.connect().await?;
        connection.command(Mail::new(Some(self.from.email.clone()), Vec::new())).await?;
        connection.command(Rcpt::new(to, Vec::new())).await?;
        connection.command(Data).await?;
        Ok(connection)
    }

    pub(super) async fn send(&self, letter: &Letter, pages: &str) -> Result<(), SendError> {
        let recipient = &letter.recipient;
        let to: Address =
            recipient.parse().map_err(|error| SendError::NotSent(format!("“{recipient}” is no address: {error}")))?;
        let mail = self.compose(letter, to.clone(), pages).map_err(SendError::NotSent)?;
        let said = |error: &dyn std::error::Error| format!("{:?}: {}", self.server, causes(error));
        let mut connection = tokio::select! {
            begun = self.begin(to) => begun.map_err(|error| SendError::NotSent(said(&error)))?,
            () = self.clock.sleep(HANDSHAKE_MAX) => {
                let seconds = HANDSHAKE_MAX.as_secs();
                return Err(SendError::NotSent(format!("{:?}: it took no mail within {seconds} s.", self.server)));
            }
        };
        let answered = connection.message(&mail.formatted()).await;
        // What is answered counts; how the goodbye goes does not.
        connection.abort().await;
        match answered {
            Ok(_) => Ok(()),
            Err(refused) if refused.status().is_some() => Err(SendError::NotSent(said(&refused))),
            Err(broken) => Err(SendError::Unknown(said(&broken))),
        }
    }
}

/// An error with what led to it.
fn causes(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        let cause_text = cause.to_string();
        if !text.contains(&cause_text) {
            text = format!("{text}: {cause_text}");
        }
        source = cause.source();
    }
    text
}

/// Says that no person wrote it (RFC 3834), so that nobody's holiday reply comes back.
#[derive(Clone)]
struct AutoSubmitted;

impl Header for AutoSubmitted {
    fn name() -> HeaderName {
        HeaderName::new_from_ascii_str("Auto-Submitted")
    }

    fn parse(_: &str) -> Result<Self, Box<dyn std::error::Error + Send + Sync>> {
        Ok(Self)
    }

    fn display(&self) -> HeaderValue {
        HeaderValue::new(Self::name(), "auto-generated".to_owned())
    }
}

#[cfg(test)]
mod tests;
