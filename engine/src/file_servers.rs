//! Files of SFTP and FTP servers, as Import asks for them. Which library speaks to a server, and to which servers, is the
//! business of whoever makes the [`ImportSettings`](crate::ImportSettings).

use std::{fmt, io};

use async_trait::async_trait;
use bytes::Bytes;
use futures::stream::BoxStream;

use crate::secrets::Password;

/// Speaks to file servers.
#[async_trait]
pub trait FileServers: fmt::Debug + Send + Sync {
    /// Signs in and opens a file for reading.
    ///
    /// # Errors
    /// In words that tell a person what to do. They hold neither a password nor a key.
    async fn open(&self, file: &RemoteFile) -> io::Result<RemoteBytes>;
}

/// A file of a server, and how to get at it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RemoteFile {
    pub protocol: Protocol,
    pub host: String,
    pub port: u16,
    /// As the server takes it: one without a slash in front begins where the sign-in leads to.
    pub path: String,
    pub user: String,
    pub proof: Proof,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Protocol {
    /// The secure shell's (SSH_FXP version 3).
    Sftp {
        /// Fingerprint of the key by which the server is known: `SHA256:` and 43 characters of base64, as OpenSSH writes it.
        host_key: String,
    },
    /// RFC 959, passive.
    Ftp { tls: Option<FtpTls> },
}

/// When the connection becomes a secret one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FtpTls {
    /// By the command AUTH TLS (RFC 4217).
    Explicit,
    /// From its first byte.
    Implicit,
}

/// What shows a server who signs in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Proof {
    Password(Password),
    /// As it stands in its file (OpenSSH, PEM or PuTTY).
    PrivateKey {
        key: Password,
        passphrase: Option<Password>,
    },
}

/// A file that is coming. Dropped, it comes no further.
pub struct RemoteBytes {
    /// How many bytes it has, where the server tells.
    pub bytes: Option<u64>,
    /// Ends after its last byte; an error where the server broke off.
    pub chunks: BoxStream<'static, io::Result<Bytes>>,
}

impl fmt::Debug for RemoteBytes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RemoteBytes").field("bytes", &self.bytes).finish_non_exhaustive()
    }
}
