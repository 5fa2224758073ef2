//! Speaks to SFTP and FTP servers, from where sources are fetched: [`engine::file_servers::FileServers`].
//!
//! **Architecture invariants:** an address is connected to only after it was looked at, and the connections that an FTP
//! server asks for lead to it and nowhere else. A connection lives as long as one file comes. No message holds a password
//! or a key, not even where a server repeats one.

mod ftp;
mod sftp;

#[cfg(test)]
mod tests;

use std::{
    io,
    net::SocketAddr,
    sync::{Arc, OnceLock},
    time::Duration,
};

use async_trait::async_trait;
use engine::file_servers::{FileServers, Protocol, RemoteBytes, RemoteFile};
use tokio::net::TcpStream;
use tokio_rustls::rustls::{ClientConfig, RootCertStore, crypto::ring};

use crate::outbox::address::Guard;

/// Until there is a connection. How long one waits for what comes then is the engine's part.
const CONNECT_MAX: Duration = Duration::from_secs(10);
/// Bytes that are handed on at once.
const CHUNK_BYTES: usize = 256 * 1024;

/// The file servers of this process.
#[derive(Debug)]
pub(crate) struct GuardedFileServers {
    guard: Guard,
    /// One for all connections to FTP servers: many of them take a second connection only if it goes on with the TLS session
    /// of the first. Made when it is first needed, for it reads the certificates of the machine.
    tls: OnceLock<Arc<ClientConfig>>,
}

impl GuardedFileServers {
    /// Connects only to what `guard` allows.
    pub(crate) fn new(guard: Guard) -> Self {
        Self { guard, tls: OnceLock::new() }
    }

    fn tls(&self) -> Arc<ClientConfig> {
        Arc::clone(self.tls.get_or_init(|| {
            let mut roots = RootCertStore::empty();
            // What cannot be read is no authority, as for the web.
            roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
            Arc::new(trusting(roots))
        }))
    }
}

/// TLS of clients who trust these authorities.
fn trusting(roots: RootCertStore) -> ClientConfig {
    ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .expect("ring speaks the usual versions")
        .with_root_certificates(roots)
        .with_no_client_auth()
}

#[async_trait]
impl FileServers for GuardedFileServers {
    async fn open(&self, file: &RemoteFile) -> io::Result<RemoteBytes> {
        let allowed = self.guard.addresses(&file.host).await.map_err(io::Error::other)?;
        let addresses: Vec<SocketAddr> = allowed.into_iter().map(|ip| SocketAddr::new(ip, file.port)).collect();
        match &file.protocol {
            Protocol::Sftp { host_key } => sftp::open(file, host_key, connect(&addresses).await?).await,
            Protocol::Ftp { tls } => ftp::open(file, *tls, &addresses, || self.tls()).await,
        }
    }
}

/// To the first that answers.
async fn connect(addresses: &[SocketAddr]) -> io::Result<TcpStream> {
    match tokio::time::timeout(CONNECT_MAX, TcpStream::connect(addresses)).await {
        Ok(Ok(stream)) => Ok(stream),
        Ok(Err(error)) => Err(io::Error::other(format!("no connection to the server: {error}"))),
        Err(_) => Err(io::Error::other(format!("the server does not answer within {} seconds", CONNECT_MAX.as_secs()))),
    }
}
