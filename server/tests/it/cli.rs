//! The built program as a client of a server: what it prints, and with which status it ends.

mod follow;
mod projects;
mod refusals;

use std::process::Stdio;

use expect_test::expect;
use model::{
    WorkflowId,
    execution::{Execution, Status},
    workflow::{Workflow, WorkflowState},
};
use serde_json::{Value, json};
use tokio::process::Command;

use crate::support::{Client, TestServer, customers, draft};

/// What a run of the program came to.
#[derive(Debug)]
struct Ran {
    code: i32,
    out: String,
    err: String,
}

impl Ran {
    /// What it printed, if it ended with this status; else the test ends with what it said.
    #[track_caller]
    fn expect(self, code: i32) -> String {
        assert_eq!(self.code, code, "{self:#?}");
        self.out
    }

    #[track_caller]
    fn json(self) -> Value {
        let out = self.expect(0);
        serde_json::from_str(&out).unwrap_or_else(|error| panic!("{error} in {out}"))
    }

    /// What it said of its failure.
    #[track_caller]
    fn refusal(self, code: i32) -> String {
        assert_eq!((self.code, self.out.as_str()), (code, ""), "{self:#?}");
        self.err
    }
}

/// The program with these arguments, as a client of `server`.
fn command(server: &Client, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_millrace"));
    command.args(arguments).env("MILLRACE_URL", &server.base).env_remove("MILLRACE_TOKEN").kill_on_drop(true);
    command.stdin(Stdio::null());
    command
}

async fn run(mut command: Command) -> Ran {
    let output = command.output().await.expect("the program runs");
    let text = |bytes| String::from_utf8(bytes).expect("UTF-8");
    let code = output.status.code().expect("it ended by itself");
    Ran { code, out: text(output.stdout), err: text(output.stderr) }
}

async fn millrace(server: &Client, arguments: &[&str]) -> Ran {
    run(command(server, arguments)).await
}

/// A text in which this id is only named.
fn named(text: &str, id: impl std::fmt::Display, name: &str) -> String {
    text.replace(&id.to_string(), name)
}

#[tokio::test(flavor = "multi_thread")]
async fn workflows_are_listed_as_text_and_as_the_api_has_them() {
    let server = TestServer::start().await;
    let project = server.project_of("Customers", customers(40)).await;
    let nightly = json!({"type": "cron", "expression": "0 2 * * 1-5"});
    let mut ids = vec![server.workflow("On demand", project).await];
    ids.push(
        server.post("/api/v1/workflows", draft("Nightly", project, nightly)).await.expect(201).read::<Workflow>().id,
    );
    server.post(&format!("/api/v1/workflows/{}/pause", ids[1]), json!({})).await.expect(200);

    let text = millrace(&server, &["workflow", "list"]).await.expect(0);
    let text = named(&named(&text, ids[0], "ID-1"), ids[1], "ID-2");
    expect![[r#"
        NAME       STATE   SCHEDULE                    NEXT RUN (UTC)  PROJECT    ID
        Nightly    paused  At 02:00, Monday to Friday                  Customers  ID-2
        On demand  active  On demand                                   Customers  ID-1
    "#]]
    .assert_eq(&text);
    let api = server.get("/api/v1/workflows").await.json();
    assert_eq!(millrace(&server, &["workflow", "list", "--json"]).await.json(), api);
    assert_eq!(millrace(&server, &["workflow", "--json", "list"]).await.json(), api, "an option may stand before");

    for (filter, count) in [
        (&["--state", "paused"][..], 1),
        (&["--state", "active"], 1),
        (&["--q", "NIGHT"], 1),
        (&["--project", "Customers", "--sort", "next_run"], 2),
        (&["--outcome", "failed"], 0),
    ] {
        let list = millrace(&server, &[&["workflow", "list", "--json"], filter].concat()).await.json();
        assert_eq!(list["items"].as_array().unwrap().len(), count, "{filter:?}");
    }
    let none = millrace(&server, &["workflow", "list", "--state", "suspended"]).await;
    assert_eq!((none.code, none.out.as_str(), none.err.as_str()), (0, "", "There is no such workflow.\n"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_goes_on_over_pages_to_its_limit_and_after_it() {
    const WORKFLOWS: usize = 205;
    let server = TestServer::start().await;
    let project = server.project_of("Customers", customers(40)).await;
    for number in 0..WORKFLOWS {
        server.workflow(&format!("Workflow {number:03}"), project).await;
    }
    let names = |list: &Value| -> Vec<String> {
        list["items"].as_array().unwrap().iter().map(|item| item["name"].as_str().unwrap().to_owned()).collect()
    };
    let all = millrace(&server, &["workflow", "list", "--json", "--limit", "1000"]).await.json();
    assert_eq!((names(&all).len(), &all["next_cursor"]), (WORKFLOWS, &json!(null)));
    let most = millrace(&server, &["workflow", "list", "--json", "--limit", "203"]).await.json();
    assert_eq!(names(&most), names(&all)[..203]);
    let cursor = most["next_cursor"].as_str().expect("a place to go on");
    let rest = millrace(&server, &["workflow", "list", "--json", "--cursor", cursor]).await.json();
    assert_eq!(names(&rest), names(&all)[203..]);

    let some = millrace(&server, &["workflow", "list"]).await;
    assert_eq!(some.out.lines().count(), 1 + 50);
    assert!(some.err.starts_with("There are more"), "{}", some.err);
    // The one that is meant is found wherever it stands, and so are its neighbours.
    millrace(&server, &["workflow", "pause", "Workflow 204"]).await.expect(0);
    let refusal = millrace(&server, &["workflow", "pause", "workflow 204"]).await.refusal(1);
    assert!(refusal.contains("Did you mean “Workflow 204”"), "{refusal}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_workflow_is_paused_resumed_and_run_by_its_name_or_its_id() {
    let server = TestServer::start().await;
    let project = server.project_of("Customers", customers(40)).await;
    let workflow = server.workflow("On demand", project).await;
    let state = async || -> WorkflowState {
        server.get(&format!("/api/v1/workflows/{workflow}")).await.expect(200).read::<Workflow>().state
    };
    let paused = millrace(&server, &["workflow", "pause", "On demand"]).await.expect(0);
    assert_eq!((paused.as_str(), state().await), ("“On demand” is paused.\n", WorkflowState::Paused));
    let resumed = millrace(&server, &["workflow", "resume", &workflow.to_string(), "--json"]).await.json();
    assert_eq!((&resumed["state"], state().await), (&json!("active"), WorkflowState::Active));

    let run = millrace(&server, &["workflow", "run", "On demand", "--idempotency-key", "one", "--json"]).await.json();
    let first: Execution = serde_json::from_value(run).expect("an execution");
    let again = millrace(&server, &["workflow", "run", "On demand", "--idempotency-key", "one"]).await.expect(0);
    assert!(again.starts_with("Started “On demand”.") || again.starts_with("Queued “On demand”"), "{again}");
    assert!(again.contains(&format!("millrace execution follow {}", first.id)), "{again}");
    assert_eq!(server.ended(first.id).await.status, Status::Success);
    let from = millrace(&server, &["workflow", "run", "On demand", "--from", "match", "--follow"]).await.expect(0);
    assert!(from.contains("from Match") && !from.contains("import "), "{from}");
    assert_eq!(executions_of(&server, workflow).await, 2);
}

async fn executions_of(server: &TestServer, workflow: WorkflowId) -> usize {
    let list = server.get(&format!("/api/v1/executions?workflow={workflow}")).await.json();
    list["items"].as_array().expect("a list").len()
}

#[tokio::test(flavor = "multi_thread")]
async fn executions_are_listed_and_shown() {
    let server = TestServer::start().await;
    let project = server.project_of("Customers", customers(200)).await;
    let (one, other) = (server.workflow("One", project).await, server.workflow("Other", project).await);
    server.succeeds(one).await;
    let newest = server.succeeds(other).await;

    let text = millrace(&server, &["execution", "list", "--workflow", "Other"]).await.expect(0);
    let [heading, row] = text.lines().collect::<Vec<_>>()[..] else { panic!("{text}") };
    assert_eq!(
        heading.split_whitespace().collect::<Vec<_>>().join(" "),
        "QUEUED (UTC) STATUS TRIGGER TOOK RECORDS ID WORKFLOW"
    );
    for part in ["  success  API, local  ", "  200  ", &newest.id.to_string(), "  Other"] {
        assert!(row.contains(part), "{part} in {row}");
    }
    let api = server.get("/api/v1/executions").await.json();
    assert_eq!(millrace(&server, &["execution", "list", "--json"]).await.json(), api);
    for (filter, count) in [
        (&["--workflow", &one.to_string()][..], 1),
        (&["--project", "Customers", "--status", "success", "--trigger", "api"], 2),
        (&["--status", "failed"], 0),
        (&["--from", "2100-01-01T00:00:00Z"], 0),
        (&["--to", "2100-01-01T00:00:00Z", "--limit", "1"], 1),
        (&["--q", "timed out"], 0),
    ] {
        let list = millrace(&server, &[&["execution", "list", "--json"], filter].concat()).await.json();
        assert_eq!(list["items"].as_array().unwrap().len(), count, "{filter:?}");
    }

    let id = newest.id.to_string();
    let shown = millrace(&server, &["execution", "show", &id]).await.expect(0);
    for part in [
        "Workflow   Other",
        "Status     success",
        "Trigger    API, local",
        "Records    200",
        "\nexport   success",
        "FILE",
    ] {
        assert!(shown.contains(part), "{part} in {shown}");
    }
    let document = millrace(&server, &["execution", "show", &id, "--json"]).await.json();
    assert_eq!(document, server.get(&format!("/api/v1/executions/{id}")).await.json());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_queued_execution_is_cancelled_once() {
    let server = TestServer::start().await;
    let project = server.project_of("Customers", customers(40)).await;
    let workflow = server.workflow("On demand", project).await;
    server.put("/api/v1/maintenance", json!({"on": true})).await.expect(200);
    let [first, second] =
        [server.run_now(workflow).await.id, server.run_now(workflow).await.id].map(|id| id.to_string());
    assert_eq!(millrace(&server, &["execution", "cancel", &first]).await.expect(0), "Cancelled.\n");
    let document = millrace(&server, &["execution", "cancel", &second, "--json"]).await.json();
    assert_eq!(document["status"], "cancelled");
    let again = millrace(&server, &["execution", "cancel", &first]).await.refusal(1);
    assert_eq!(again, "millrace: This execution is over already: Cancelled.\n");
}

#[tokio::test(flavor = "multi_thread")]
async fn every_shell_gets_completions_of_every_command() {
    let nowhere = Client::new("http://127.0.0.1:1".to_owned());
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let script = millrace(&nowhere, &["completions", shell]).await.expect(0);
        for word in ["serve", "workflow", "follow", "idempotency-key", "suspended"] {
            assert!(script.contains(word), "{word} for {shell}");
        }
    }
    let help = millrace(&nowhere, &["execution", "follow", "--help"]).await.expect(0);
    for status in ["10  the run failed", "11  the run was cancelled", "12  the run was interrupted"] {
        assert!(help.contains(status), "{help}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reader_that_has_enough_is_no_error() {
    let server = TestServer::start().await;
    server.project("Customers").await;
    let (reader, writer) = std::io::pipe().expect("a pipe");
    drop(reader);
    let mut list = command(&server, &["project", "list"]);
    let output =
        list.stdout(writer).stderr(Stdio::piped()).spawn().expect("starts").wait_with_output().await.expect("ends");
    assert_eq!((output.status.code(), output.stderr.as_slice()), (Some(141), &b""[..]));
}
