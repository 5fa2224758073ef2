//! SFTP, over russh: the server is known by its key, then one signs in, then the file comes, several parts of it asked for at
//! a time.

use std::{fmt, io, sync::Arc, time::Duration};

use engine::{
    file_servers::{Proof, RemoteBytes, RemoteFile},
    secrets::Password,
};
use futures::StreamExt as _;
use russh::{
    ChannelMsg, MethodKind, MethodSet,
    client::{self, AuthResult, Handle, KeyboardInteractiveAuthResponse as Asked},
    keys::{HashAlg, PrivateKey, PrivateKeyWithHashAlg, PublicKeyOrCertificate, decode_secret_key},
};
use russh_sftp::client::{SftpSession, error::Error as SftpError};
use tokio::{net::TcpStream, task::spawn_blocking};
use tokio_util::io::ReaderStream;

use super::CHUNK_BYTES;

/// For one answer; how long one waits in all is the engine's part.
const ANSWER_MAX: Duration = Duration::from_secs(60);
/// Questions of a server that asks for a password in a dialogue.
const QUESTIONS_MAX: usize = 4;

type Session = Handle<Known>;

pub(super) async fn open(file: &RemoteFile, host_key: &str, stream: TcpStream) -> io::Result<RemoteBytes> {
    let config = client::Config { inactivity_timeout: Some(ANSWER_MAX), nodelay: true, ..client::Config::default() };
    let known = Known { host_key: host_key.to_owned() };
    let mut session = client::connect_stream(Arc::new(config), stream, known).await.map_err(io::Error::other)?;
    sign_in(&mut session, &file.user, &file.proof).await?;
    let sftp = subsystem(&session).await.map_err(io::Error::other)?;
    // Some servers open a directory, and others only say that they do not.
    if sftp.metadata(&file.path).await.map_err(|error| refused(&error))?.is_dir() {
        return Err(io::Error::other("it is a directory"));
    }
    let remote = sftp.open(&file.path).await.map_err(|error| refused(&error))?;
    let bytes = remote.metadata().await.map_err(|error| refused(&error))?.size;
    // The connection ends with whoever holds its ends.
    let chunks = ReaderStream::with_capacity(remote, CHUNK_BYTES).map(move |chunk| {
        let _held = (&session, &sftp);
        chunk
    });
    Ok(RemoteBytes { bytes, chunks: chunks.boxed() })
}

async fn subsystem(session: &Session) -> Result<SftpSession, Problem> {
    let mut channel = session.channel_open_session().await?;
    channel.request_subsystem(true, "sftp").await?;
    loop {
        match channel.wait().await {
            Some(ChannelMsg::Success) => break,
            None | Some(ChannelMsg::Failure | ChannelMsg::Close) => return Err(Problem::NoSubsystem),
            Some(_) => {}
        }
    }
    let config = russh_sftp::client::Config { request_timeout_secs: ANSWER_MAX.as_secs(), ..Default::default() };
    Ok(SftpSession::new_with_config(channel.into_stream(), config).await?)
}

// Signing in

async fn sign_in(session: &mut Session, user: &str, proof: &Proof) -> io::Result<()> {
    let answer = match proof {
        Proof::Password(password) => by_password(session, user, password).await,
        Proof::PrivateKey { key, passphrase } => {
            let key = private_key(key.clone(), passphrase.clone()).await?;
            by_key(session, user, key).await
        }
    };
    match answer.map_err(|error| said("signing in failed", &error))? {
        AuthResult::Success => Ok(()),
        AuthResult::Failure { partial_success: true, remaining_methods } => Err(io::Error::other(format!(
            "the server wants more than this to sign in: {}; that is not supported",
            names(&remaining_methods)
        ))),
        AuthResult::Failure { remaining_methods, .. } => Err(io::Error::other(format!(
            "the server does not let {user} in with this {}; it takes: {}",
            if matches!(proof, Proof::Password(_)) { "password" } else { "key" },
            names(&remaining_methods)
        ))),
    }
}

fn names(methods: &MethodSet) -> String {
    let names: Vec<&str> = methods.iter().map(<&str>::from).collect();
    if names.is_empty() { "nothing".to_owned() } else { names.join(", ") }
}

/// Some servers take a password in a dialogue only.
async fn by_password(session: &mut Session, user: &str, password: &Password) -> Result<AuthResult, russh::Error> {
    match session.authenticate_password(user, &password.0).await? {
        AuthResult::Failure { remaining_methods, partial_success: false }
            if remaining_methods.contains(&MethodKind::KeyboardInteractive) =>
        {
            by_dialogue(session, user, password).await
        }
        other => Ok(other),
    }
}

async fn by_dialogue(session: &mut Session, user: &str, password: &Password) -> Result<AuthResult, russh::Error> {
    let mut asked = session.authenticate_keyboard_interactive_start(user, None).await?;
    for _ in 0..QUESTIONS_MAX {
        asked = match asked {
            Asked::Success => return Ok(AuthResult::Success),
            Asked::Failure { remaining_methods, partial_success } => {
                return Ok(AuthResult::Failure { remaining_methods, partial_success });
            }
            // One question that is not to be seen is for the password; any other has no answer here.
            Asked::InfoRequest { prompts, .. } => {
                let answers = prompts.iter().map(|prompt| if prompt.echo { String::new() } else { password.0.clone() });
                session.authenticate_keyboard_interactive_respond(answers.collect()).await?
            }
        };
    }
    Ok(AuthResult::Failure { remaining_methods: MethodSet::empty(), partial_success: false })
}

async fn by_key(session: &mut Session, user: &str, key: PrivateKey) -> Result<AuthResult, russh::Error> {
    // An RSA key signs with what the server knows best.
    let hash = if key.algorithm().is_rsa() { session.best_supported_rsa_hash().await?.flatten() } else { None };
    session.authenticate_publickey(user, PrivateKeyWithHashAlg::new(Arc::new(key), hash)).await
}

/// Opening a key takes long on purpose, so it is done beside.
async fn private_key(key: Password, passphrase: Option<Password>) -> io::Result<PrivateKey> {
    let passphrase = passphrase.map(|Password(passphrase)| passphrase);
    let opened = spawn_blocking(move || decode_secret_key(&key.0, passphrase.as_deref())).await?;
    // Why is not said: it might hold part of the key.
    opened.map_err(|_| io::Error::other("the private key of its secret cannot be read, or its passphrase is another"))
}

// Errors

/// Knows the server by its key.
struct Known {
    host_key: String,
}

impl client::Handler for Known {
    type Error = Problem;

    async fn check_server_key(&mut self, shown: &PublicKeyOrCertificate) -> Result<bool, Problem> {
        let key = shown.public_key();
        let fingerprint = key.fingerprint(HashAlg::Sha256).to_string();
        if fingerprint == self.host_key {
            return Ok(true);
        }
        Err(Problem::AnotherServer(format!("{fingerprint} ({})", key.algorithm())))
    }
}

#[derive(Debug, thiserror::Error)]
enum Problem {
    #[error(
        "the server shows another key than host_key says: {0}. Take it over only when whoever runs the server confirms it"
    )]
    AnotherServer(String),
    #[error("no secure connection to the server: {0}")]
    Ssh(#[from] russh::Error),
    #[error("the server offers no SFTP to this user")]
    NoSubsystem,
    #[error("the server does not speak SFTP as it should: {0}")]
    Sftp(#[from] SftpError),
}

fn said(what: &str, why: &dyn fmt::Display) -> io::Error {
    io::Error::other(format!("{what}: {why}"))
}

/// What the server says of a file.
fn refused(error: &SftpError) -> io::Error {
    match error {
        SftpError::Status(status) => said("the server answered", &status.status_code),
        other => io::Error::other(other.to_string()),
    }
}
