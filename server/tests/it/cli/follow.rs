//! Runs that are followed: what is told of them, and the status at their end.

use std::process::Stdio;

use ::server::config::Auth;
use model::{
    ExecutionId, ProjectId,
    event::{Sample, ServerMessage},
    execution::{Status, StepStatus},
    workflow::Workflow,
};
use reqwest::Method;
use serde_json::{Value, json};
use tokio::{
    io::{AsyncBufReadExt as _, BufReader, Lines},
    process::{Child, ChildStdout, Command},
};

use super::{command, millrace, named, run};
use crate::{
    support::{Client, Process, TestServer, customers, draft},
    tls::Certificate,
};

/// The program while it runs.
struct Running {
    child: Child,
    lines: Lines<BufReader<ChildStdout>>,
    told: Vec<String>,
}

impl Running {
    fn start(mut command: Command) -> Self {
        let mut child = command.stdout(Stdio::piped()).spawn().expect("the program starts");
        let lines = BufReader::new(child.stdout.take().expect("piped")).lines();
        Self { child, lines, told: Vec::new() }
    }

    /// Reads on to a line with this in it.
    async fn until(&mut self, part: &str) {
        loop {
            let line = self.lines.next_line().await.expect("text");
            let line = line.unwrap_or_else(|| panic!("no {part} in {:#?}", self.told));
            self.told.push(line);
            if self.told.last().is_some_and(|line| line.contains(part)) {
                return;
            }
        }
    }

    /// The status that it ends with, and all that it told.
    async fn end(mut self) -> (i32, String) {
        while let Some(line) = self.lines.next_line().await.expect("text") {
            self.told.push(line);
        }
        let status = self.child.wait().await.expect("it ends");
        (status.code().expect("by itself"), self.told.join("\n"))
    }
}

async fn configure(server: &Client, project: ProjectId, change: impl FnOnce(&mut Value)) {
    let path = format!("/api/v1/projects/{project}");
    let mut document = server.get(&path).await.expect(200).json();
    change(&mut document["config"]);
    server.put(&path, document).await.expect(200);
}

/// A project whose Match takes long: every customer number begins with C, so all pairs are compared.
async fn slow_project(server: &Client) -> ProjectId {
    let project = server.project_of("Customers", customers(5_000)).await;
    let everything = json!([{"parts": [{"column": "customer_number", "transform": "prefix", "length": 1}]}]);
    configure(server, project, |config| config["match"]["blocking"] = everything).await;
    project
}

/// Match compares a column that no file has, and fails.
async fn break_project(server: &Client, project: ProjectId) {
    configure(server, project, |config| {
        let matching = config["match"].to_string().replace("\"last_name\"", "\"surname\"");
        config["match"] = serde_json::from_str(&matching).expect("JSON");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_is_followed_to_its_success() {
    let server = TestServer::start().await;
    let project = server.project_of("Customers", customers(200)).await;
    server.workflow("On demand", project).await;
    let text = millrace(&server, &["workflow", "run", "On demand", "--follow"]).await.expect(0);
    assert!(text.starts_with("“On demand”, API, local ("), "{text}");
    for step in ["import", "profile", "cleanse", "match", "merge", "export"] {
        let of_step: Vec<&str> = text.lines().filter(|line| line.contains(&format!("  {step} "))).collect();
        assert!(of_step.first().is_some_and(|line| line.ends_with("  started")), "{step} in {text}");
        assert!(of_step.last().is_some_and(|line| line.contains("  success after ")), "{step} in {text}");
        assert!(of_step.len() > 2, "no line of {step} in the log: {text}");
    }
    let last = text.lines().last().expect("lines");
    assert!(last.starts_with("“On demand” succeeded in ") && last.ends_with(", 200 records."), "{last}");

    // Who comes when it is over reads the same story.
    let list = server.get("/api/v1/executions").await.json();
    let id = list["items"][0]["id"].as_str().expect("an id").to_owned();
    let later = millrace(&server, &["execution", "follow", &id]).await.expect(0);
    let stories = [&text, &later].map(|text| {
        let lines = text.lines().filter(|line| !line.starts_with("Queued"));
        lines.collect::<Vec<_>>().join("\n")
    });
    assert_eq!(stories[0], stories[1]);
}

#[tokio::test(flavor = "multi_thread")]
async fn as_json_each_line_is_a_message_of_the_live_feed_and_no_log_line_is_missing() {
    let server = TestServer::start().await;
    let project = server.project_of("Customers", customers(200)).await;
    server.workflow("On demand", project).await;
    let text = millrace(&server, &["workflow", "run", "On demand", "--follow", "--json"]).await.expect(0);
    let (mut lines, mut kinds, mut last) = (Vec::new(), Vec::new(), None);
    for line in text.lines() {
        let message: Value = serde_json::from_str(line).expect("JSON");
        kinds.push(message["kind"].as_str().expect("a kind").to_owned());
        if message["kind"] == "execution" {
            last = Some(message["execution"].clone());
        } else if let Ok(ServerMessage::Sample(Sample::Log { first, lines: new, .. })) = ServerMessage::from_json(line)
        {
            assert_eq!(first, lines.len() as u64);
            lines.extend(new);
        }
    }
    assert_eq!(kinds.last().map(String::as_str), Some("execution"), "{kinds:?}");
    let last = last.expect("the execution");
    let id = last["id"].as_str().expect("an id");
    assert_eq!(last, server.get(&format!("/api/v1/executions/{id}")).await.json());
    let log = server.get(&format!("/api/v1/executions/{id}/logs")).await.json();
    assert_eq!(serde_json::to_value(&lines).expect("JSON"), log["items"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_long_log_is_told_whole_and_once() {
    let server = TestServer::start().await;
    let project = slow_project(&server).await;
    let workflow = server.workflow("On demand", project).await;
    let id = server.run_now(workflow).await.id;
    server.feed().await.execution(id, |execution| running_match(&execution.steps)).await;
    // More than a page of the log was written before anyone looked.
    let log = server.data().join("executions").join(id.to_string()).join("log.jsonl");
    let line = std::fs::read_to_string(&log).expect("a log").lines().next().expect("a line").to_owned();
    let many: String = (0..450)
        .map(|number| line.replacen("\"message\":\"", &format!("\"message\":\"<{number}> "), 1) + "\n")
        .collect();
    std::fs::OpenOptions::new()
        .append(true)
        .open(&log)
        .and_then(|mut file| std::io::Write::write_all(&mut file, many.as_bytes()))
        .expect("written");
    let mut follow = Running::start(command(&server, &["execution", "follow", &id.to_string()]));
    follow.until("match    started").await;
    millrace(&server, &["execution", "cancel", &id.to_string()]).await.expect(0);
    let (code, text) = follow.end().await;
    assert_eq!(code, 11, "{text}");
    let numbers: Vec<usize> =
        text.lines().filter_map(|line| line.split_once('<')?.1.split_once('>')?.0.parse().ok()).collect();
    assert_eq!(numbers, (0..450).collect::<Vec<_>>());
    assert!(text.contains("local cancels it") && text.ends_with("“On demand”: cancelled."), "{text}");
}

fn running_match(steps: &[model::execution::StepRun]) -> bool {
    steps.iter().any(|run| run.step == model::Step::Match && run.status == StepStatus::Running)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failed_run_says_why_and_is_followed_through_its_retries() {
    let server = TestServer::start().await;
    let project = server.project_of("Customers", customers(200)).await;
    let once = server.workflow("Once", project).await;
    let mut body = draft("Broken", project, json!({"type": "on_demand"}));
    body["retries"] = json!(2);
    body["retry_delays_s"] = json!([0, 3600]);
    let workflow: Workflow = server.post("/api/v1/workflows", body).await.expect(201).read();
    break_project(&server, project).await;
    let mut follow = Running::start(command(&server, &["workflow", "run", "Broken", "--follow"]));
    // The second attempt follows at once, the third would in an hour.
    follow.until("Retry 2 of 2").await;
    follow.until("Queued, 1st in line, until ").await;
    let list = server.get(&format!("/api/v1/executions?workflow={}", workflow.id)).await.json();
    assert_eq!(list["items"].as_array().expect("a list").len(), 3);
    let third = list["items"][0]["id"].as_str().expect("an id");
    server.post(&format!("/api/v1/executions/{third}/cancel"), json!({})).await.expect(202);
    let (code, text) = follow.end().await;
    assert_eq!(code, 11, "{text}");
    assert_eq!(text.matches("“Broken” failed at Match: ").count(), 2, "{text}");
    assert!(text.contains("  error: ") && text.contains("Retry 1 of 2"), "{text}");

    // The last attempt decides.
    let second: ExecutionId = list["items"][1]["id"].as_str().expect("an id").parse().expect("an id");
    assert_eq!(server.execution(second).await.status, Status::Failed);
    let failed = millrace(&server, &["workflow", "run", &once.to_string(), "--follow"]).await;
    let text = failed.expect(10);
    assert!(text.lines().last().is_some_and(|line| line.starts_with("“Once” failed at Match: ")), "{text}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_queued_run_tells_what_it_waits_for() {
    let server = TestServer::start().await;
    let project = server.project_of("Customers", customers(40)).await;
    server.workflow("On demand", project).await;
    server.put("/api/v1/maintenance", json!({"on": true})).await.expect(200);
    let mut follow = Running::start(command(&server, &["workflow", "run", "On demand", "--follow"]));
    follow.until("Queued, 1st in line, until local ends maintenance mode").await;
    server.put("/api/v1/maintenance", json!({"on": false})).await.expect(200);
    let (code, text) = follow.end().await;
    assert_eq!(code, 0, "{text}");
}

/// Over HTTPS, known by a token: the live feed as well as everything else.
#[tokio::test(flavor = "multi_thread")]
async fn a_run_is_followed_over_tls_with_a_token() {
    let certificate = Certificate::new();
    let files = certificate.files();
    let authority = files.certificate.clone();
    let server = TestServer::with(|config| (config.tls, config.auth) = (Some(files), Auth::SignIn)).await;
    let data = server.data();
    let create = ["token", "create", "--json", "--role", "editor", "--data", data.to_str().expect("UTF-8")];
    let token = millrace(&server, &create).await.json()["token"].as_str().expect("a token").to_owned();
    let with_token = async |arguments: &[&str]| {
        let mut command = command(&server, arguments);
        command.env("MILLRACE_TOKEN", &token).env("SSL_CERT_FILE", &authority);
        run(command).await
    };

    let directory = tempfile::tempdir().expect("a directory");
    let [document, people] = ["customers.toml", "people.csv"].map(|name| directory.path().join(name));
    std::fs::write(&document, "[[sources]]\nname = \"people\"\nfile = \"people.csv\"\n").expect("written");
    std::fs::write(&people, customers(40)).expect("written");
    let [document, people] = [&document, &people].map(|path| path.to_str().expect("UTF-8"));
    let made = with_token(&["project", "import", document, "--data", people, "--json"]).await.json();
    let import =
        json!({"name": "Import", "project_id": made["id"], "steps": ["import"], "schedule": {"type": "on_demand"}});
    let request = certificate.client(&server.base).request(Method::POST, "/api/v1/workflows");
    server.send(request.bearer_auth(&token).json(&import)).await.expect(201);
    let text = with_token(&["workflow", "run", "Import", "--follow"]).await.expect(0);
    assert!(text.ends_with(", 40 records.\n"), "{text}");

    let stranger = millrace(&server, &["workflow", "list", "--token", &token]).await.refusal(1);
    assert!(stranger.contains("cannot be reached: invalid peer certificate"), "{stranger}");
}

/// The server is killed under the run and comes back at the same address: the feed resumes, and what recovers the run is
/// followed in its place.
#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_dies_and_comes_back_is_waited_for() {
    let directory = tempfile::tempdir().expect("a directory");
    let data = directory.path().join("data");
    let process = Process::start(&data, &[]).await;
    let (client, address) = (process.client.clone(), process.client.base.replace("http://", ""));
    let project = slow_project(&client).await;
    let workflow = client.workflow("On demand", project).await;
    let id = client.run_now(workflow).await.id;
    let mut follow = Running::start(command(&client, &["execution", "follow", &id.to_string()]));
    follow.until("match    started").await;
    process.kill().await;
    let _process = Process::start(&data, &["--listen", &address]).await;
    follow.until("“On demand”: interrupted.").await;
    follow.until("Recovery · API, local").await;
    follow.until("match    started").await;
    let list = client.get("/api/v1/executions?trigger=recovery").await.json();
    let recovery = list["items"][0]["id"].as_str().expect("a recovery");
    client.post(&format!("/api/v1/executions/{recovery}/cancel"), json!({})).await.expect(202);
    let (code, text) = follow.end().await;
    assert_eq!(code, 11, "{text}");
    assert_eq!(named(&text, id, "FIRST").matches("(FIRST)").count(), 1, "told once: {text}");
}
