//! Import: files that nobody uploaded.

use std::{
    io::{BufRead as _, BufReader, Write as _},
    net::TcpListener,
    path::PathBuf,
    sync::{Arc, Mutex, mpsc},
};

use async_trait::async_trait;
use engine::{
    ImportSettings, Secrets,
    file_servers::{FileServers, FtpTls, Proof, Protocol, RemoteBytes, RemoteFile},
    secrets::Password,
};
use futures::StreamExt as _;
use model::Step;
use serde_json::{Value, json};

use crate::{files::gzip, s3_server::S3Server, support::Project};

fn project(location: Value) -> Project {
    let mut project = Project::new(&[]).with("sources", json!([{"name": "people", "location": location}]));
    project.spec.import = ImportSettings::unguarded().expect("a client");
    project
}

fn rows(project: &Project) -> Vec<String> {
    project.run(Step::Import, Step::Import).expect("imports");
    project.rows(Step::Import, "records.parquet")
}

// Paths

#[test]
fn a_file_of_the_server_is_read_under_an_allowed_root_only() {
    let home = tempfile::tempdir().expect("a temporary directory");
    let path = home.path().join("people.csv");
    std::fs::write(&path, "id\n1\n").expect("a file");
    let mut project = project(json!({"type": "path", "path": path}));
    project.spec.import.roots = vec![home.path().to_owned()];
    assert_eq!(rows(&project), ["0 | people | 2 | 1"]);
    project.spec.import.roots = vec![PathBuf::from("/srv/elsewhere")];
    let expected = format!(
        "file “{}”: its path lies under none of the directories that the server's settings allow for sources (files_roots)",
        path.display()
    );
    assert_eq!(project.failure(Step::Import, Step::Import), expected);
}

// The web

/// A server that gives one answer after another, and what it was asked.
fn server(answers: Vec<Vec<u8>>) -> (String, mpsc::Receiver<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let url = format!("http://{}", listener.local_addr().expect("an address"));
    let (tell, asked) = mpsc::channel();
    std::thread::spawn(move || {
        for answer in answers {
            let (mut stream, _) = listener.accept().expect("a client");
            let mut request = BufReader::new(stream.try_clone().expect("a stream"));
            let mut text = String::new();
            while request.read_line(&mut text).is_ok_and(|read| read > 2) {}
            let _ = tell.send(text);
            // A client that has seen enough may be gone.
            let _ = stream.write_all(&answer);
        }
    });
    (url, asked)
}

fn answer(status: &str, length: usize, body: &[u8]) -> Vec<u8> {
    let head = format!("HTTP/1.1 {status}\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n");
    [head.as_bytes(), body].concat()
}

fn web(url: &str) -> Project {
    project(json!({"type": "url", "url": url}))
}

#[test]
fn a_file_of_the_web_is_fetched_anew_in_every_run_and_nothing_of_it_is_kept() {
    let packed = gzip(b"{\"id\": 1}\n");
    let (url, _) = server(vec![answer("200 OK", packed.len(), &packed), answer("200 OK", 5, b"id\n2\n")]);
    let project = web(&format!("{url}/people?day=1"));
    assert_eq!(rows(&project), ["0 | people | 1 | 1"]);
    assert_eq!(rows(&project), ["0 | people | 2 | 2"]);
    let version = project.file(Step::Import, "records.parquet");
    let files = version.parent().expect("a directory").read_dir().expect("reads");
    let mut names: Vec<_> = files.map(|file| file.expect("reads").file_name().into_string().expect("text")).collect();
    names.sort();
    assert_eq!(names, ["inputs.json", "records.parquet", "summary.json"]);
}

#[test]
fn a_body_without_a_length_is_read_to_its_end() {
    let (url, _) = server(vec![b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nid\n1\n2\n".to_vec()]);
    assert_eq!(rows(&web(&url)).len(), 2);
}

#[test]
fn one_signs_in_by_a_secret() {
    let (url, asked) = server(vec![answer("200 OK", 5, b"id\n1\n")]);
    let mut project = project(json!({"type": "url", "url": url, "credentials": "crm"}));
    let message = project.failure(Step::Import, Step::Import);
    assert!(message.contains("there is no secret \"crm\""), "{message}");
    project.spec.secrets = Secrets::from_iter([("crm".to_owned(), "username=ann\npassword=secret".to_owned())]);
    assert_eq!(rows(&project), ["0 | people | 2 | 1"]);
    let request = asked.recv().expect("a request").to_lowercase();
    assert!(request.contains("authorization: basic yw5uonnly3jlda=="), "{request}");
}

#[test]
fn what_cannot_be_fetched_fails_with_its_reason() {
    let (url, _) = server(vec![answer("404 Not Found", 0, b""), answer("200 OK", 500, b"id\n1\n")]);
    let project = web(&url);
    assert_eq!(
        project.failure(Step::Import, Step::Import),
        format!("file “{url}”: it cannot be fetched: the server answered 404 Not Found")
    );
    let message = project.failure(Step::Import, Step::Import);
    assert!(message.starts_with(&format!("file “{url}”: it cannot be fetched: ")), "cut off: {message}");
    let too_large = (1_u64 << 40) as usize;
    let (url, _) = server(vec![answer("200 OK", too_large, b"id\n")]);
    assert_eq!(
        web(&url).failure(Step::Import, Step::Import),
        format!("file “{url}”: it has more than 32768 MB, which is the limit")
    );
}

#[test]
fn nothing_is_fetched_without_a_client() {
    for url in ["http://127.0.0.1:9/people.csv", "ftp://127.0.0.1:9/people.csv"] {
        let mut project = web(url);
        project.spec.import = ImportSettings::default();
        let message = project.failure(Step::Import, Step::Import);
        assert_eq!(message, format!("file “{url}”: nothing is fetched from elsewhere here"));
    }
}

// File servers

const HOST_KEY: &str = "SHA256:uNiVztksCsDhcc0u9e8BrrH4XzDY0uEkJuO4QTTZ8bo";

/// Gives these chunks, whatever it is asked for, and notes that.
#[derive(Debug)]
struct Given {
    bytes: Option<u64>,
    chunks: Vec<Result<&'static str, &'static str>>,
    asked: Mutex<Vec<RemoteFile>>,
}

#[async_trait]
impl FileServers for Given {
    async fn open(&self, file: &RemoteFile) -> std::io::Result<RemoteBytes> {
        self.asked.lock().expect("nobody panicked").push(file.clone());
        let chunk =
            |chunk: Result<&'static str, _>| chunk.map(|text| text.as_bytes().into()).map_err(std::io::Error::other);
        let chunks = futures::stream::iter(self.chunks.clone()).map(chunk);
        Ok(RemoteBytes { bytes: self.bytes, chunks: chunks.boxed() })
    }
}

/// A project with one source on a file server, and the server.
fn served(
    location: Value,
    secret: &str,
    bytes: Option<u64>,
    chunks: &[Result<&'static str, &'static str>],
) -> (Project, Arc<Given>) {
    let servers = Arc::new(Given { bytes, chunks: chunks.to_vec(), asked: Mutex::default() });
    let mut project = project(location);
    project.spec.import.file_servers = Some(Arc::clone(&servers) as _);
    project.spec.secrets = Secrets::from_iter([("files".to_owned(), secret.to_owned())]);
    (project, servers)
}

#[test]
fn a_file_of_a_file_server_is_asked_for_as_its_address_and_secret_say() {
    let key = "-----BEGIN OPENSSH PRIVATE KEY-----";
    let sftp = Protocol::Sftp { host_key: HOST_KEY.to_owned() };
    let explicit = Protocol::Ftp { tls: Some(FtpTls::Explicit) };
    let by_key = Proof::PrivateKey { key: Password(key.to_owned()), passphrase: None };
    let cases = [
        (json!({"url": "sftp://files/crm/day%201.csv", "host_key": HOST_KEY}), key, sftp, "/crm/day 1.csv", by_key),
        (
            json!({"url": "ftpes://files/a.csv"}),
            "password=pw",
            explicit,
            "a.csv",
            Proof::Password(Password("pw".into())),
        ),
    ];
    for (mut location, secret, protocol, path, proof) in cases {
        (location["type"], location["credentials"]) = (json!("url"), json!("files"));
        let secret = format!("username=ann\n{secret}");
        let (project, servers) = served(location, &secret, Some(7), &[Ok("id\n"), Ok("1\n2\n")]);
        assert_eq!(rows(&project).len(), 2);
        let port = if path == "a.csv" { 21 } else { 22 };
        let (host, path, user) = ("files".to_owned(), path.to_owned(), "ann".to_owned());
        let expected = RemoteFile { protocol, host, port, path, user, proof };
        assert_eq!(*servers.asked.lock().expect("nobody panicked"), [expected]);
    }
}

#[test]
fn a_password_that_is_sent_openly_is_told_in_the_log() {
    let location = |url: &str| json!({"type": "url", "url": url, "credentials": "files"});
    for (url, told) in [("ftp://files/a.csv", true), ("ftps://files/a.csv", false)] {
        let (project, _) = served(location(url), "username=ann\npassword=hunter2", None, &[Ok("id\n1\n")]);
        let watcher = project.run(Step::Import, Step::Import).expect("imports");
        let expected = "the password for files is sent openly, for ftp:// has no encryption; ftpes:// has";
        let log = watcher.log.lock().expect("not poisoned").join("\n");
        assert_eq!(log.contains(expected), told, "{log}");
    }
}

#[test]
fn a_file_that_a_file_server_does_not_bring_whole_fails_with_its_reason() {
    let secret = "username=ann\npassword=hunter2";
    for (bytes, chunks, expected) in [
        (Some(50), vec![Ok("id\n1\n")], "it did not come whole: 5 bytes of 50"),
        (None, vec![Ok("id\n"), Err("the disk broke")], "it cannot be fetched: the disk broke"),
        (Some(1 << 40), vec![Ok("id\n")], "it has more than 32768 MB, which is the limit"),
    ] {
        let location = json!({"type": "url", "url": "ftp://files/a.csv", "credentials": "files"});
        let (project, _) = served(location, secret, bytes, &chunks);
        assert_eq!(project.failure(Step::Import, Step::Import), format!("file “ftp://files/a.csv”: {expected}"));
    }
}

#[test]
fn a_file_server_is_not_asked_without_what_it_needs() {
    let sftp = |host_key: Option<&str>| json!({"type": "url", "url": "sftp://files/a.csv", "host_key": host_key, "credentials": "files"});
    for (location, secret, expected) in [
        (sftp(None), "username=ann\npassword=hunter2", "its host_key has to be the fingerprint"),
        (sftp(Some(HOST_KEY)), "hunter2", "its secret has to set username and password"),
    ] {
        let (project, servers) = served(location, secret, None, &[]);
        let message = project.failure(Step::Import, Step::Import);
        assert!(message.starts_with("file “sftp://files/a.csv”: ") && message.contains(expected), "{message}");
        assert!(!message.contains("hunter2"), "{message}");
        assert!(servers.asked.lock().expect("nobody panicked").is_empty());
    }
}

// Buckets

#[test]
fn an_object_of_a_bucket_is_read_with_the_keys_of_a_secret() {
    let Some(server) = S3Server::start() else { return };
    server.ask("PUT", "/crm");
    server.put("crm", "day 1/people.csv", "id,name\n1,Ann\n");
    let located = |url: &str| {
        let mut project = project(json!({
            "type": "object_storage", "url": url, "endpoint": server.url, "region": "us-east-1", "credentials": "keys",
        }));
        let keys = "access_key_id=a\nsecret_access_key=b".to_owned();
        project.spec.secrets = Secrets::from_iter([("keys".to_owned(), keys)]);
        project
    };
    assert_eq!(rows(&located("s3://crm/day%201/people.csv")), ["0 | people | 2 | 1 | Ann"]);
    let message = located("s3://crm/people.csv").failure(Step::Import, Step::Import);
    assert!(message.starts_with("file “s3://crm/people.csv”: it cannot be fetched: "), "{message}");
    assert!(message.contains("not found"), "{message}");
}

/// Google's service as far as a public object goes; it cannot be had beside the tests.
#[test]
fn an_object_of_a_public_bucket_is_read_without_a_secret() {
    let head =
        "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nETag: \"1\"\r\nLast-Modified: Fri, 27 Nov 2026 21:21:39 GMT\r\n";
    let (url, asked) = server(vec![format!("{head}Connection: close\r\n\r\nid\n1\n").into_bytes()]);
    let project = project(json!({"type": "object_storage", "url": "gs://crm/people.csv", "endpoint": url}));
    assert_eq!(rows(&project), ["0 | people | 2 | 1"]);
    let request = asked.recv().expect("a request").to_lowercase();
    assert!(request.starts_with("get /crm/people") && !request.contains("authorization"), "{request}");
}

#[test]
fn a_secret_that_lacks_a_key_is_refused_before_anybody_is_asked() {
    let mut project = project(json!({"type": "object_storage", "url": "s3://crm/people.csv", "credentials": "keys"}));
    project.spec.secrets = Secrets::from_iter([("keys".to_owned(), "access_key_id=a".to_owned())]);
    assert_eq!(
        project.failure(Step::Import, Step::Import),
        "file “s3://crm/people.csv”: it cannot be fetched: its secret has to set access_key_id and secret_access_key"
    );
}
