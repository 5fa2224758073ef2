//! With real servers of the Python that `MILLRACE_TEST_FILE_SERVERS` names: asyncssh and pyftpdlib (`servers.py`).

use std::{
    io::{BufRead as _, BufReader},
    path::Path,
    process::{Child, Command, Stdio},
};

use engine::{
    file_servers::{FtpTls, Proof},
    secrets::Password,
};
use futures::TryStreamExt as _;
use serde::Deserialize;
use tempfile::TempDir;
use tokio_rustls::rustls::pki_types::CertificateDer;

use super::*;

const SERVERS: &str = include_str!("tests/servers.py");
const PASSWORD: &str = "hunter2";
const PEOPLE: &str = "id,name\n1,Ann\n2,Bob\n";

/// Servers that run until this is dropped, and a client that trusts them.
struct Ground {
    process: Child,
    home: TempDir,
    facts: Facts,
    client: GuardedFileServers,
}

/// What `servers.py` says of itself.
#[derive(Deserialize)]
struct Facts {
    host_key: String,
    key: String,
    locked_key: String,
    sftp: u16,
    ftp: u16,
    old_ftp: u16,
    ftpes: u16,
    ftps: u16,
}

impl Ground {
    /// `None` where there is none.
    fn start() -> Option<Self> {
        let Some(python) = std::env::var_os("MILLRACE_TEST_FILE_SERVERS") else {
            let remedy = "`cargo xtask test` sets them up and names them in MILLRACE_TEST_FILE_SERVERS";
            eprintln!("skipped: no file servers. {remedy}");
            return None;
        };
        let home = tempfile::tempdir().expect("a directory");
        let (files, certificate) = (home.path().join("files"), home.path().join("tls.pem"));
        std::fs::create_dir_all(files.join("day 1")).expect("a directory");
        std::fs::write(files.join("people.csv"), PEOPLE).expect("a file");
        std::fs::write(files.join("breaking.csv"), PEOPLE).expect("a file");
        let authority = issue(&certificate);
        let mut process = Command::new(python)
            .args(["-c", SERVERS])
            .args([&files, &certificate])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("Python starts");
        let said = BufReader::new(process.stdout.take().expect("it is piped")).lines().next();
        let facts = serde_json::from_str(&said.expect("the servers live").expect("text")).expect("facts");
        let mut roots = RootCertStore::empty();
        roots.add(authority).expect("an authority");
        let client = GuardedFileServers { guard: Guard::of_sources(true), tls: Arc::new(trusting(roots)).into() };
        Some(Self { process, home, facts, client })
    }

    fn sftp(&self, user: &str, proof: Proof) -> RemoteFile {
        let protocol = Protocol::Sftp { host_key: self.facts.host_key.clone() };
        remote(protocol, self.facts.sftp, user, proof)
    }

    /// What comes, or why it does not.
    async fn fetched(&self, file: &RemoteFile) -> Result<Vec<u8>, String> {
        fetched(&self.client, file).await
    }
}

impl Drop for Ground {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// A certificate for this machine, with its key in one file.
fn issue(at: &Path) -> CertificateDer<'static> {
    let issued = rcgen::generate_simple_self_signed(["localhost".to_owned()]).expect("a certificate");
    std::fs::write(at, issued.cert.pem() + &issued.signing_key.serialize_pem()).expect("a file");
    issued.cert.der().clone()
}

fn remote(protocol: Protocol, port: u16, user: &str, proof: Proof) -> RemoteFile {
    RemoteFile { protocol, host: "localhost".into(), port, path: "people.csv".into(), user: user.into(), proof }
}

fn ftp(tls: Option<FtpTls>, port: u16) -> RemoteFile {
    remote(Protocol::Ftp { tls }, port, "ann", password(PASSWORD))
}

fn password(password: &str) -> Proof {
    Proof::Password(Password(password.to_owned()))
}

fn key(key: &str, passphrase: Option<&str>) -> Proof {
    Proof::PrivateKey {
        key: Password(key.to_owned()),
        passphrase: passphrase.map(|passphrase| Password(passphrase.to_owned())),
    }
}

async fn fetched(client: &GuardedFileServers, file: &RemoteFile) -> Result<Vec<u8>, String> {
    let found = client.open(file).await.map_err(|error| error.to_string())?;
    let chunks: Vec<_> = found.chunks.try_collect().await.map_err(|error| error.to_string())?;
    let all = chunks.concat();
    assert!(found.bytes.is_none_or(|bytes| bytes == all.len() as u64), "{:?} were announced", found.bytes);
    Ok(all)
}

fn says(refused: Result<Vec<u8>, String>, expected: &str) {
    let said = refused.expect_err(expected);
    assert!(said.contains(expected), "{said}");
    assert!(!said.contains(PASSWORD), "{said}");
}

// SFTP

#[tokio::test(flavor = "multi_thread")]
async fn by_sftp_one_signs_in_with_a_password_in_a_dialogue_or_with_a_key() {
    let Some(ground) = Ground::start() else { return };
    for (user, proof) in [
        ("ann", password(PASSWORD)),
        ("bob", password(PASSWORD)),
        ("cleo", key(&ground.facts.key, None)),
        ("cleo", key(&ground.facts.locked_key, Some(PASSWORD))),
    ] {
        assert_eq!(ground.fetched(&ground.sftp(user, proof)).await, Ok(PEOPLE.into()), "{user}");
    }
    for user in ["ann", "bob", "cleo"] {
        says(ground.fetched(&ground.sftp(user, password("wrong"))).await, "does not let");
    }
    says(ground.fetched(&ground.sftp("ann", key(&ground.facts.key, None))).await, "with this key; it takes: password");
    for damaged in [key(&ground.facts.locked_key, Some("wrong")), key("-----BEGIN OPENSSH PRIVATE KEY-----", None)] {
        says(ground.fetched(&ground.sftp("cleo", damaged)).await, "the private key of its secret cannot be read");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_shows_another_key_is_not_spoken_to() {
    let Some(ground) = Ground::start() else { return };
    let mut file = ground.sftp("ann", password(PASSWORD));
    file.protocol = Protocol::Sftp { host_key: "SHA256:uNiVztksCsDhcc0u9e8BrrH4XzDY0uEkJuO4QTTZ8bo".to_owned() };
    says(ground.fetched(&file).await, &format!("another key than host_key says: {}", ground.facts.host_key));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_large_file_comes_whole_and_in_order() {
    let Some(ground) = Ground::start() else { return };
    let large: String = (0..1_000_000).map(|row| format!("{row}\n")).collect();
    std::fs::write(ground.home.path().join("files/people.csv"), &large).expect("a file");
    for file in [
        ground.sftp("ann", password(PASSWORD)),
        ftp(None, ground.facts.ftp),
        ftp(Some(FtpTls::Explicit), ground.facts.ftpes),
    ] {
        let all = ground.fetched(&file).await.expect("it comes");
        assert!(all == large.as_bytes(), "{:?}: {} bytes of {}", file.protocol, all.len(), large.len());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_file_is_said() {
    let Some(ground) = Ground::start() else { return };
    let at = |file: RemoteFile, path: &str| RemoteFile { path: path.to_owned(), ..file };
    let (sftp, ftp) = (ground.sftp("ann", password(PASSWORD)), ftp(None, ground.facts.ftp));
    says(ground.fetched(&at(sftp.clone(), "none.csv")).await, "the server answered: No such file");
    says(ground.fetched(&at(sftp, "day 1")).await, "it is a directory");
    says(ground.fetched(&at(ftp.clone(), "none.csv")).await, "the server answered 550 No such file or directory");
    says(ground.fetched(&at(ftp, "day 1")).await, "the server answered 550");
}

// FTP

#[tokio::test(flavor = "multi_thread")]
async fn ftp_comes_openly_by_tls_and_from_old_servers() {
    let Some(ground) = Ground::start() else { return };
    let mut nobody = ftp(None, ground.facts.ftp);
    (nobody.user, nobody.proof) = ("anonymous".to_owned(), password("anonymous@"));
    for file in [
        ftp(None, ground.facts.ftp),
        nobody,
        // It names an address that is not its own.
        ftp(None, ground.facts.old_ftp),
        ftp(Some(FtpTls::Explicit), ground.facts.ftpes),
        ftp(Some(FtpTls::Implicit), ground.facts.ftps),
    ] {
        assert_eq!(ground.fetched(&file).await, Ok(PEOPLE.into()), "{file:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn ftp_says_why_nothing_comes() {
    let Some(ground) = Ground::start() else { return };
    let wrong = RemoteFile { proof: password("wrong"), ..ftp(None, ground.facts.ftp) };
    says(ground.fetched(&wrong).await, "the server does not let ann in: it answered 530 Authentication failed.");
    says(ground.fetched(&ftp(None, ground.facts.ftpes)).await, "SSL/TLS required on the control channel");
    says(
        ground.fetched(&ftp(Some(FtpTls::Explicit), ground.facts.ftp)).await,
        "the server offers no TLS: it answered 5",
    );
    // Of an authority that nobody else knows.
    let others = GuardedFileServers::new(Guard::of_sources(true));
    let refused = fetched(&others, &ftp(Some(FtpTls::Explicit), ground.facts.ftpes)).await;
    says(refused, "no secure connection to the server: invalid peer certificate");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_breaks_off_is_no_file() {
    let Some(ground) = Ground::start() else { return };
    let breaking = RemoteFile { path: "breaking.csv".to_owned(), ..ftp(None, ground.facts.ftp) };
    says(ground.fetched(&breaking).await, "the server answered 426");
}

// Where sources may lead

#[tokio::test]
async fn ssrf_in_sources_file_servers_of_private_networks_are_refused() {
    let client = GuardedFileServers::new(Guard::of_sources(false));
    for host in ["127.0.0.1", "localhost", "::1", "0x7f000001"] {
        let file = RemoteFile { host: host.to_owned(), ..ftp(None, 9) };
        says(fetched(&client, &file).await, "Such sources are allowed by the setting source_private = true.");
    }
}
