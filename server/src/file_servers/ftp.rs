//! FTP, over suppaftp: passive, in bytes as they are, with TLS where the address says so.

use std::{io, net::SocketAddr, sync::Arc};

use bytes::{Bytes, BytesMut};
use engine::{
    file_servers::{FtpTls, Proof, RemoteBytes, RemoteFile},
    secrets::Password,
};
use futures::{StreamExt as _, stream};
use suppaftp::{
    FtpError, FtpResult, Mode, Status,
    tokio::{AsyncRustlsConnector, AsyncRustlsFtpStream as Client, AsyncRustlsStream, TransferStream},
    types::{FileType, Response},
};
use tokio::io::AsyncReadExt as _;
use tokio_rustls::{TlsConnector, rustls::ClientConfig};

use super::{CHUNK_BYTES, connect};

/// Characters of an answer that are repeated.
const WORDS_MAX: usize = 300;

pub(super) async fn open(
    file: &RemoteFile,
    tls: Option<FtpTls>,
    addresses: &[SocketAddr],
    config: impl FnOnce() -> Arc<ClientConfig>,
) -> io::Result<RemoteBytes> {
    let mut client = greeted(file, tls, addresses, config).await?;
    sign_in(&mut client, file).await?;
    client.transfer_type(FileType::Binary).await.map_err(said)?;
    // Not every server knows the command.
    let bytes = client.size(&file.path).await.ok().map(|bytes| bytes as u64);
    let transfer = retrieve(&mut client, &file.path).await?;
    let coming = Coming { transfer, done: 0, bytes, _control: client };
    let chunks = stream::try_unfold(coming, Coming::next);
    Ok(RemoteBytes { bytes, chunks: chunks.boxed() })
}

async fn greeted(
    file: &RemoteFile,
    tls: Option<FtpTls>,
    addresses: &[SocketAddr],
    config: impl FnOnce() -> Arc<ClientConfig>,
) -> io::Result<Client> {
    let stream = connect(addresses).await?;
    let connector = || AsyncRustlsConnector::from(TlsConnector::from(config()));
    let mut client = match tls {
        None => Client::connect_with_stream(stream).await.map_err(said)?,
        Some(FtpTls::Explicit) => {
            let open = Client::connect_with_stream(stream).await.map_err(said)?;
            open.into_secure(connector(), &file.host).await.map_err(|error| match error {
                FtpError::UnexpectedResponse(answer) => {
                    problem("the server offers no TLS: it answered", &words(&answer, ""))
                }
                other => said(other),
            })?
        }
        Some(FtpTls::Implicit) => {
            // The library connects itself: to the address that has just answered.
            let at = stream.peer_addr()?;
            drop(stream);
            let mut client = Client::connect_secure_implicit(at, connector(), &file.host).await.map_err(said)?;
            protect(&mut client).await.map_err(said)?;
            client
        }
    };
    // Whatever address an answer holds, the file comes from the server that was looked at.
    client.set_passive_nat_workaround(true);
    Ok(client)
}

/// Makes the file come as secretly as the commands go (RFC 4217, 9).
async fn protect(client: &mut Client) -> FtpResult<()> {
    for command in ["PBSZ 0", "PROT P"] {
        client.custom_command(command, &[Status::CommandOk]).await?;
    }
    Ok(())
}

async fn sign_in(client: &mut Client, file: &RemoteFile) -> io::Result<()> {
    let Proof::Password(Password(password)) = &file.proof else {
        return Err(io::Error::other("FTP knows no sign-in with a key"));
    };
    client.login(&file.user, password).await.map_err(|error| match error {
        FtpError::UnexpectedResponse(answer) => {
            problem(&format!("the server does not let {} in: it answered", file.user), &words(&answer, password))
        }
        other => said(other),
    })
}

/// By EPSV, or PASV where a server does not know that.
async fn retrieve(client: &mut Client, path: &str) -> io::Result<TransferStream<AsyncRustlsStream>> {
    client.set_mode(Mode::ExtendedPassive);
    let transfer = match client.retr_as_stream(path).await {
        Err(FtpError::UnexpectedResponse(answer)) if is_unknown(answer.status.code()) => {
            client.set_mode(Mode::Passive);
            client.retr_as_stream(path).await
        }
        other => other,
    };
    transfer.map_err(said)
}

/// Answers to a command that a server does not know, or not like this.
const fn is_unknown(code: u32) -> bool {
    matches!(code, 500..=502 | 504 | 522)
}

/// A file that is coming.
struct Coming {
    transfer: TransferStream<AsyncRustlsStream>,
    done: u64,
    bytes: Option<u64>,
    /// A server ends the transfer when the connection of its commands ends.
    _control: Client,
}

impl Coming {
    async fn next(mut self) -> io::Result<Option<(Bytes, Self)>> {
        let mut chunk = BytesMut::with_capacity(CHUNK_BYTES);
        let read = match self.transfer.read_buf(&mut chunk).await {
            // Some servers end TLS without a word. Where the length is known, that cuts nothing off unseen.
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof && self.bytes == Some(self.done) => 0,
            other => other?,
        };
        if read == 0 {
            // Only now does the server say whether that was all.
            self.transfer.finish().await.map_err(said)?;
            return Ok(None);
        }
        self.done += read as u64;
        Ok(Some((chunk.freeze(), self)))
    }
}

fn said(error: FtpError) -> io::Error {
    match error {
        FtpError::UnexpectedResponse(answer) => problem("the server answered", &words(&answer, "")),
        FtpError::ConnectionError(error) => problem("the connection to the server failed:", &error.to_string()),
        FtpError::SecureError(error) => {
            problem("no secure connection to the server:", error.strip_prefix("Secure error: ").unwrap_or(&error))
        }
        FtpError::BadResponse => io::Error::other("what answers is no FTP server, or answers wrongly"),
        other => io::Error::other(other.to_string()),
    }
}

fn problem(what: &str, why: &str) -> io::Error {
    io::Error::other(format!("{what} {why}"))
}

/// What a server said, in one line. It might repeat the `password` that it was sent, so that is taken out first.
fn words(answer: &Response, password: &str) -> String {
    let text = String::from_utf8_lossy(&answer.body);
    let text = if password.is_empty() { text.into_owned() } else { text.replace(password, "…") };
    text.trim().chars().take(WORDS_MAX).map(|c| if c.is_control() { ' ' } else { c }).collect()
}
