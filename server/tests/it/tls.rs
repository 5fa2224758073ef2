//! HTTPS, spoken by the server itself.

use std::{path::PathBuf, process::Stdio, sync::Arc, time::Duration};

use ::server::config::TlsFiles;
use futures::{SinkExt as _, StreamExt as _};
use reqwest::{Method, Version, tls};
use serde_json::json;
use tempfile::TempDir;
use tokio::{
    io::{AsyncBufRead, AsyncBufReadExt as _, BufReader, Lines},
    net::TcpStream,
    process::Command,
};
use tokio_rustls::{
    TlsConnector,
    rustls::{ClientConfig, RootCertStore, crypto::ring, pki_types::CertificateDer},
};
use tokio_tungstenite::{client_async, tungstenite::Message};

use crate::support::{Client, Raw, TestServer};

/// A certificate of 127.0.0.1 that signs itself, in files.
pub(crate) struct Certificate {
    directory: TempDir,
    issued: CertificateDer<'static>,
}

impl Certificate {
    pub(crate) fn new() -> Self {
        let directory = tempfile::tempdir().unwrap();
        let mut certificate = Self { directory, issued: CertificateDer::from(Vec::new()) };
        certificate.renew();
        certificate
    }

    /// Replaces both files, as a renewal does.
    fn renew(&mut self) {
        let issued = rcgen::generate_simple_self_signed(["127.0.0.1".to_owned()]).unwrap();
        let files = self.files();
        std::fs::write(files.certificate, issued.cert.pem()).unwrap();
        std::fs::write(files.key, issued.signing_key.serialize_pem()).unwrap();
        self.issued = issued.cert.der().clone();
    }

    pub(crate) fn files(&self) -> TlsFiles {
        let path = |name| -> PathBuf { self.directory.path().join(name) };
        TlsFiles { certificate: path("certificate.pem"), key: path("key.pem") }
    }

    /// One that trusts this certificate and no other.
    pub(crate) fn client(&self, base: &str) -> Client {
        self.client_of(base, reqwest::Client::builder())
    }

    fn client_of(&self, base: &str, http: reqwest::ClientBuilder) -> Client {
        let root = reqwest::Certificate::from_der(&self.issued).unwrap();
        Client::of(base.to_owned(), http.tls_built_in_root_certs(false).add_root_certificate(root))
    }

    async fn server(&self) -> TestServer {
        let files = self.files();
        TestServer::with(|config| config.tls = Some(files)).await
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_and_writes_go_over_tls() {
    let certificate = Certificate::new();
    let server = certificate.server().await;
    assert!(server.base.starts_with("https://127.0.0.1:"), "{}", server.base);
    let client = certificate.client(&server.base);
    client.get("/workflows").await.expect(200);
    let own = client.request(Method::POST, "/api/v1/projects").header("origin", &server.base);
    client.send(own.json(&json!({"name": "Customers"}))).await.expect(201);
    // The same name without TLS is another site.
    let plain = server.base.replace("https", "http");
    let other = client.request(Method::POST, "/api/v1/projects").header("origin", plain);
    client.send(other.json(&json!({"name": "Stolen"}))).await.problem(403);
}

#[tokio::test(flavor = "multi_thread")]
async fn http_1_1_over_tls_1_2_and_1_3() {
    let certificate = Certificate::new();
    let server = certificate.server().await;
    for version in [tls::Version::TLS_1_2, tls::Version::TLS_1_3] {
        let http = reqwest::Client::builder().min_tls_version(version).max_tls_version(version);
        let client = certificate.client_of(&server.base, http);
        let answer = client.request(Method::GET, "/healthz").send().await.unwrap();
        assert_eq!((answer.status().as_u16(), answer.version()), (200, Version::HTTP_11), "{version:?}");
    }
}

/// Shakes hands without a client of HTTP, offering these protocols.
async fn handshake(certificate: &Certificate, base: &str, protocols: &[&str]) -> std::io::Result<Option<Vec<u8>>> {
    let stream = connect(certificate, base, protocols).await?;
    Ok(stream.get_ref().1.alpn_protocol().map(<[u8]>::to_vec))
}

async fn connect(
    certificate: &Certificate,
    base: &str,
    protocols: &[&str],
) -> std::io::Result<tokio_rustls::client::TlsStream<TcpStream>> {
    let mut roots = RootCertStore::empty();
    roots.add(certificate.issued.clone()).unwrap();
    let mut config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    config.alpn_protocols = protocols.iter().map(|protocol| protocol.as_bytes().to_vec()).collect();
    let stream = TcpStream::connect(base.trim_start_matches("https://")).await?;
    TlsConnector::from(Arc::new(config)).connect("127.0.0.1".try_into().unwrap(), stream).await
}

#[tokio::test(flavor = "multi_thread")]
async fn the_protocol_is_agreed_upon() {
    let certificate = Certificate::new();
    let server = certificate.server().await;
    let agreed = handshake(&certificate, &server.base, &["h2", "http/1.1"]).await.unwrap();
    assert_eq!(agreed.as_deref(), Some(&b"http/1.1"[..]));
    assert_eq!(handshake(&certificate, &server.base, &[]).await.unwrap(), None);
    handshake(&certificate, &server.base, &["h2"]).await.expect_err("only HTTP/1.1 is spoken");
    // Whoever does not trust the certificate goes away, and nothing happens.
    handshake(&Certificate::new(), &server.base, &[]).await.expect_err("another certificate");
    certificate.client(&server.base).get("/healthz").await.expect(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_live_feed_goes_over_tls() {
    let certificate = Certificate::new();
    let server = certificate.server().await;
    let stream = connect(&certificate, &server.base, &[]).await.unwrap();
    let address = format!("{}/api/v1/events", server.base.replace("https", "wss"));
    let (mut feed, _) = client_async(address, stream).await.expect("an upgrade");
    feed.send(Message::text(json!({"watch": ["workflows"], "after": 0}).to_string())).await.unwrap();
    let first = feed.next().await.expect("a message").unwrap();
    assert!(first.is_text(), "{first:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn plain_http_on_a_tls_port_is_told_so_and_closed() {
    let certificate = Certificate::new();
    let server = certificate.server().await;
    let mut plain = Raw::open(&server.base).await;
    plain.send("GET /workflows HTTP/1.1\r\nhost: 127.0.0.1\r\n\r\n").await;
    let answer = plain.rest().await;
    assert!(answer.starts_with("HTTP/1.1 400") && answer.contains("https://"), "{answer}");
    let mut garbage = Raw::open(&server.base).await;
    garbage.send([22, 3, 1, 0, 5, 1, 2, 3, 4, 5]).await;
    garbage.rest().await;
    certificate.client(&server.base).get("/healthz").await.expect(200);
}

/// Reads on until a line has `what` in it.
async fn line_with(what: &str, lines: &mut Lines<impl AsyncBufRead + Unpin>) -> String {
    let line = async {
        loop {
            let line = lines.next_line().await.unwrap().expect("it goes on running");
            if line.contains(what) {
                return line;
            }
        }
    };
    tokio::time::timeout(Duration::from_secs(120), line).await.expect("it says so")
}

/// The real program, as a service manager asks it to look at its files again.
#[cfg(unix)]
#[tokio::test(flavor = "multi_thread")]
async fn a_renewed_certificate_is_taken_up_on_sighup() {
    let mut certificate = Certificate::new();
    let data = tempfile::tempdir().unwrap();
    let files = certificate.files();
    let mut server = Command::new(env!("CARGO_BIN_EXE_millrace"))
        .args(["serve", "--listen", "127.0.0.1:0", "--auth", "none", "--log", "server=info", "--data"])
        .arg(data.path())
        .arg("--tls-certificate")
        .arg(files.certificate)
        .arg("--tls-key")
        .arg(files.key)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .expect("the program starts");
    let mut printed = BufReader::new(server.stdout.take().unwrap()).lines();
    let mut logged = BufReader::new(server.stderr.take().unwrap()).lines();
    let line = line_with("https://", &mut printed).await;
    let base = line.split_whitespace().find(|word| word.starts_with("https://")).unwrap();
    let base = base.trim_end_matches("/workflows").to_owned();
    let old = certificate.client(&base);
    old.get("/healthz").await.expect(200);

    certificate.renew();
    let process = server.id().unwrap().to_string();
    assert!(Command::new("kill").args(["-HUP", &process]).status().await.unwrap().success());
    line_with("the TLS certificate was read again", &mut logged).await;
    certificate.client(&base).get("/healthz").await.expect(200);
    handshake(&certificate, &base, &[]).await.unwrap();
}
