//! Secrets are nowhere but where they are shown once: in no further answer, no event, no log, and not on the disk.

use std::path::{Path, PathBuf};

use model::people::Invitation;
use serde_json::{Value, json};

use crate::support::{
    Client, Feed, Process, TestServer, customers,
    people::{PASSWORD, session_of},
};

/// Everything that is secret after a while of use, by what it is.
struct Secrets(Vec<(&'static str, String)>);

impl Secrets {
    /// Makes one of each kind as an administrator with a new session, and uses it, rightly and wrongly.
    async fn make(anybody: &Client) -> (Self, Client) {
        let mut secrets = vec![("password", PASSWORD.to_owned()), ("wrong password", "mistyped by someone".to_owned())];
        let answer = anybody.sign_in("Root", PASSWORD).await;
        secrets.push(("session", session_of(&answer).expect("a session")));
        let root = anybody.signed_in(answer);
        anybody.sign_in("Root", "mistyped by someone").await;
        // People type it into the wrong field, too.
        anybody.sign_in(PASSWORD, PASSWORD).await;

        let made = root.post("/api/v1/tokens", json!({"name": "deploy", "role": "viewer"})).await.expect(201).json();
        secrets.push(("token", text(&made["token"])));
        let program = anybody.with_token(&text(&made["token"]));
        program.get("/api/v1/me").await.expect(200);

        let invitation: Invitation = root.post("/api/v1/users", json!({"name": "Ann"})).await.expect(201).read();
        secrets.push(("invitation", last(&invitation.link)));
        anybody.get(&invitation.link).await;

        let project = root.project_of("Customers", customers(40)).await;
        let workflow = root.workflow("At night", project).await;
        let path = format!("/api/v1/workflows/{workflow}/trigger-url");
        let address = text(&root.post(&path, json!({})).await.expect(201).json()["path"]);
        secrets.push(("address", last(&address)));
        anybody.post(&address, json!({})).await.expect(202);
        // From another site, under another name, and with a body that is none: what is refused is logged.
        for (name, value) in [("origin", "https://evil.example"), ("host", "evil.example")] {
            for path in [&address, &invitation.link] {
                anybody.showing(name, value).post(path, json!({})).await.problem(403);
            }
        }
        anybody.post(&invitation.link, json!({"password": PASSWORD})).await;
        (Self(secrets), root)
    }

    #[track_caller]
    fn check_absent(&self, place: &str, bytes: &[u8]) {
        for (kind, secret) in &self.0 {
            let found = bytes.windows(secret.len()).any(|window| window == secret.as_bytes());
            assert!(!found, "the {kind} is in {place}");
        }
    }
}

fn text(value: &Value) -> String {
    value.as_str().unwrap().to_owned()
}

/// What is behind the last slash.
fn last(path: &str) -> String {
    path.rsplit('/').next().unwrap().to_owned()
}

/// All files below a folder.
fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries.flat_map(|entry| if entry.is_dir() { files(&entry) } else { vec![entry] }).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn token_and_session_secrets_are_in_no_answer_no_event_and_no_file() {
    let (server, _) = TestServer::with_administrator().await;
    let setup = last(&server.setup_path());
    let (mut secrets, root) = Secrets::make(&server).await;
    secrets.0.push(("link of the first start", setup));
    for route in ::server::router::routes().into_iter().filter(|route| route.method == reqwest::Method::GET) {
        for accept in ["text/html", "application/json"] {
            let ids = root.get("/api/v1/workflows").await.json();
            let path = route.path.replace("{id}", &text(&ids["items"][0]["id"])).replace(['{', '}'], "");
            let answer = root.send(root.request(route.method.clone(), &path).header("accept", accept)).await;
            secrets.check_absent(&route.to_string(), &answer.body);
            secrets.check_absent(&route.to_string(), format!("{:?}", answer.headers).as_bytes());
        }
    }
    let people = root.get("/api/v1/users").await.expect(200).json();
    for person in people["items"].as_array().unwrap() {
        let answer = root.get(&format!("/api/v1/users/{}", text(&person["id"]))).await.expect(200);
        secrets.check_absent("a person", &answer.body);
    }
    let mut feed = Feed::open(&root, json!({"watch": ["workflows"], "after": 0})).await;
    loop {
        let message = feed.next_text().await.expect("the feed is open");
        secrets.check_absent("an event", message.as_bytes());
        if message.contains("\"live\"") {
            break;
        }
    }
    // Database, write-ahead log, and all that lies beside them.
    let looked_through = files(&server.data());
    assert!(looked_through.iter().any(|file| file.ends_with("millrace.db")), "{looked_through:?}");
    for file in looked_through {
        match std::fs::read(&file) {
            Ok(bytes) => secrets.check_absent(&file.display().to_string(), &bytes),
            // The server works on: what it has removed since holds nothing.
            Err(error) => assert_eq!(error.kind(), std::io::ErrorKind::NotFound, "{}", file.display()),
        }
    }
}

/// The real program, which logs everything that it can.
#[tokio::test(flavor = "multi_thread")]
async fn token_and_session_secrets_are_in_no_line_of_the_log() {
    let directory = tempfile::tempdir().unwrap();
    let settings = ["--auth", "sign-in", "--log", "debug"];
    let process = Process::start_logged(&directory.path().join("data"), &settings).await;
    let link = process.greeting.find("/welcome/").expect("the link of the first start");
    let setup = process.greeting[link..].split_whitespace().next().unwrap().to_owned();
    let anybody = process.client.clone();
    anybody.welcome(&setup, "Root").await;
    let (mut secrets, _) = Secrets::make(&anybody).await;
    secrets.0.push(("link of the first start", last(&setup)));
    let log = process.stop_and_read_log().await;
    assert!(log.contains("a sign-in was refused") && log.contains("evil.example"), "{log}");
    assert!(log.contains("DEBUG"), "{log}");
    secrets.check_absent("the log", log.as_bytes());
}
