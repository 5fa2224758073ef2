//! The server's own TLS: 1.2 and later, HTTP/1.1, with a certificate from PEM files that is taken up anew when they change.
//!
//! It knows nothing of requests, and decides nothing: who cannot shake hands is gone.

mod identity;
mod renewal;

use std::{io, sync::Arc, time::Duration};

use axum::{
    http::{StatusCode, header},
    response::{IntoResponse as _, Response},
};
use tokio::net::TcpStream;
use tokio_rustls::{
    TlsAcceptor,
    rustls::{ServerConfig, crypto::ring},
    server::TlsStream,
};

pub use identity::TlsError;

use crate::{config::TlsFiles, serve::Progress};
use identity::Identity;

/// The first byte of a TLS connection: a record that carries a handshake (RFC 8446, section 5.1).
const HANDSHAKE: u8 = 22;

/// What is needed to speak TLS, to be cloned freely.
#[derive(Clone)]
pub struct Tls {
    acceptor: TlsAcceptor,
    identity: Arc<Identity>,
}

/// How a client began.
pub(crate) enum Greeting {
    Encrypted(Box<TlsStream<Progress<TcpStream>>>),
    /// It does not speak TLS; nothing has been read yet.
    Plain(TcpStream),
}

impl Tls {
    /// Reads the certificate and its key.
    ///
    /// # Errors
    /// When they cannot be read, are not what they should be, or do not belong together.
    pub async fn open(files: TlsFiles) -> Result<Self, TlsError> {
        let identity = Arc::new(Identity::read(files).await?);
        let mut config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .expect("ring speaks TLS 1.2 and 1.3")
            .with_no_client_auth()
            .with_cert_resolver(Arc::clone(&identity) as _);
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        Ok(Self { acceptor: TlsAcceptor::from(Arc::new(config)), identity })
    }

    /// Shakes hands. `answer` is how long the network may take nothing of what is sent.
    ///
    /// # Errors
    /// When the client goes away, or wants what this server does not speak.
    pub(crate) async fn greet(&self, stream: TcpStream, answer: Duration) -> io::Result<Greeting> {
        let mut first = [0];
        if stream.peek(&mut first).await? == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        if first[0] != HANDSHAKE {
            return Ok(Greeting::Plain(stream));
        }
        let stream = self.acceptor.accept(Progress::new(stream, answer)).await?;
        Ok(Greeting::Encrypted(Box::new(stream)))
    }
}

/// What someone reads who typed http:// in place of https://. Nothing of the request is looked at: it came in clear.
pub(crate) fn plain_http() -> Response {
    let headers = [(header::CONTENT_TYPE, "text/plain; charset=utf-8"), (header::CONNECTION, "close")];
    (StatusCode::BAD_REQUEST, headers, "This server speaks HTTPS. Open the same address with https:// in front.\n")
        .into_response()
}

#[cfg(test)]
mod tests;
