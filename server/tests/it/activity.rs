//! The log of activity over HTTP: who may read which part of it, filters and pages.

use ::server::{
    config::Auth,
    token_command::{self, NewServerToken},
};
use model::{
    ProjectId, Role,
    activity::{Activity, ActivityKind},
    people::TokenDraft,
    workflow::Workflow,
};
use reqwest::{Method, header};
use serde_json::{Value, json};

use crate::support::{Answer, Client, TestServer, draft};

/// A program that shows a token.
struct Program {
    client: Client,
    token: String,
}

impl Program {
    fn with(server: &TestServer, role: Role, project: Option<ProjectId>) -> Self {
        let draft = TokenDraft { name: role.as_str().to_owned(), role, project_id: project, days: None };
        let new = NewServerToken { data: server.data(), draft, json: false };
        // The command has a runtime of its own, as the program has.
        let made = std::thread::spawn(move || token_command::create(new)).join().unwrap().unwrap();
        Self { client: Client::new(server.base.clone()), token: made.trim().to_owned() }
    }

    async fn send(&self, method: Method, path: &str, document: Option<Value>) -> Answer {
        let request = self.client.request(method, path).header(header::AUTHORIZATION, format!("Bearer {}", self.token));
        let request = match document {
            Some(document) => request.json(&document),
            None => request,
        };
        self.client.send(request).await
    }

    async fn get(&self, path: &str) -> Answer {
        self.send(Method::GET, path, None).await
    }

    async fn post(&self, path: &str, document: Value) -> Answer {
        self.send(Method::POST, path, Some(document)).await
    }

    async fn entries(&self, path: &str) -> Vec<Activity> {
        entries(&self.get(path).await.expect(200))
    }
}

fn entries(answer: &Answer) -> Vec<Activity> {
    serde_json::from_value(answer.json()["items"].clone()).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn each_sees_the_log_of_what_they_may_see() {
    let server = TestServer::with(|config| config.auth = Auth::SignIn).await;
    let root = Program::with(&server, Role::Administrator, None);
    let mut projects = Vec::new();
    for name in ["Customers", "Suppliers"] {
        let made = root.post("/api/v1/projects", json!({ "name": name })).await.expect(201).json();
        projects.push(made["id"].as_str().unwrap().parse::<ProjectId>().unwrap());
    }
    let [customers, suppliers] = projects[..] else { panic!("{projects:?}") };
    let viewer = Program::with(&server, Role::Viewer, Some(customers));
    let everywhere = Program::with(&server, Role::Editor, None);

    let all = root.entries("/api/v1/activity").await;
    let started = all.iter().find(|entry| matches!(entry.what, ActivityKind::Started { .. })).expect("the start");
    assert_eq!((&started.by, started.address), (&None, None));
    let made = all.iter().find(|entry| entry.subject.name.as_deref() == Some("Suppliers")).expect("the project");
    assert_eq!(made.by.as_deref(), Some("token administrator"));
    assert_eq!(made.address.map(|address| address.to_string()).as_deref(), Some("127.0.0.1"));
    let tokens = root.entries("/api/v1/activity?subject=token").await;
    assert!(tokens.iter().all(|entry| entry.by.as_deref() == Some("command line")) && tokens.len() == 3, "{tokens:?}");
    let text = serde_json::to_string(&all).unwrap();
    assert!(!text.contains(&root.token) && !text.contains("hash"), "{text}");

    let own = format!("/api/v1/projects/{customers}/activity");
    assert_eq!(viewer.entries(&own).await.len(), 1);
    viewer.get(&format!("/api/v1/projects/{suppliers}/activity")).await.problem(404);
    viewer.get(&format!("{own}?project={suppliers}")).await.problem(400);
    assert_eq!(everywhere.entries(&format!("/api/v1/projects/{suppliers}/activity")).await.len(), 1);
    for too_little in [&viewer, &everywhere] {
        too_little.get("/api/v1/activity").await.problem(403);
        too_little.get("/api/v1/activity?subject=sign_in").await.problem(403);
    }
    // Narrowed to a project it is the project's.
    assert_eq!(viewer.entries(&format!("/api/v1/activity?project={customers}")).await.len(), 1);
    server.get("/api/v1/activity").await.problem(401);
    root.get("/api/v1/projects/01890000-0000-7000-8000-000000000000/activity").await.problem(404);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_edit_tells_what_it_was_and_is_and_where_it_came_from() {
    let server = TestServer::start().await;
    let project = server.project_of("Customers", crate::support::customers(20)).await;
    let mut body = draft("Nightly", project, json!({"type": "on_demand"}));
    body["notifications"] = json!({"webhooks": ["https://hooks.example.com/secret-path"], "on_failure": true});
    let workflow: Workflow = server.post("/api/v1/workflows", body.clone()).await.expect(201).read();
    body["version"] = json!(1);
    body["retries"] = json!(2);
    body["notifications"]["webhooks"] = json!([]);
    let path = format!("/api/v1/workflows/{}", workflow.id);
    server.put(&path, body).await.expect(200);
    let answer = server.get(&format!("{path}/activity?limit=1")).await.expect(200);
    let entry = &answer.json()["items"][0];
    assert_eq!((&entry["kind"], &entry["by"], &entry["version"]), (&json!("edited"), &json!("local"), &json!(2)));
    assert_eq!((&entry["address"], &entry["identity"]["kind"]), (&json!("127.0.0.1"), &json!("local")));
    assert_eq!(entry["changes"][0], json!({"field": "retries", "before": 0, "after": 2}));
    assert_eq!(entry["changes"][1]["field"], "notifications.webhooks");
    assert!(!answer.json().to_string().contains("secret-path"));

    let mut config = server.get(&format!("/api/v1/projects/{project}")).await.expect(200).json();
    config["config"]["match"]["probabilistic"][0]["threshold"] = json!(61.0);
    let draft = json!({"name": "Customers", "config": config["config"], "version": config["version"]});
    server.put(&format!("/api/v1/projects/{project}"), draft).await.expect(200);
    let answer = server.get(&format!("/api/v1/projects/{project}/activity?kind=edited&subject=project")).await;
    let edited = entries(&answer.expect(200));
    assert_eq!(edited[0].changes[0].field, "match.probabilistic[0].threshold");
}

#[tokio::test(flavor = "multi_thread")]
async fn runs_are_in_the_log_and_filters_and_pages_go_together() {
    let server = TestServer::start().await;
    let project = server.project_of("Customers", crate::support::customers(20)).await;
    let workflow = server.workflow("Nightly", project).await;
    let mut runs = Vec::new();
    for _ in 0..3 {
        runs.push(server.succeeds(workflow).await.id);
    }
    let of_runs = format!("/api/v1/workflows/{workflow}/activity?subject=execution");
    let mut seen = Vec::new();
    let mut page = format!("{of_runs}&limit=1");
    loop {
        let answer = server.get(&page).await.expect(200);
        seen.extend(entries(&answer));
        let document = answer.json();
        let Some(cursor) = document["next_cursor"].as_str() else { break };
        page = format!("{of_runs}&limit=1&cursor={cursor}");
    }
    runs.reverse();
    assert_eq!(
        seen.iter().map(|entry| entry.subject.id.unwrap()).collect::<Vec<_>>(),
        runs.iter().map(|id| *id.as_uuid()).collect::<Vec<_>>()
    );
    let of_project = format!("/api/v1/projects/{project}/activity");
    let changes = entries(&server.get(&format!("{of_project}?subject=workflow,project")).await.expect(200));
    let kinds: Vec<&ActivityKind> = changes.iter().map(|entry| &entry.what).collect();
    assert!(
        matches!(
            kinds[..],
            [
                ActivityKind::Created,
                ActivityKind::Suggested { .. },
                ActivityKind::FileUploaded { .. },
                ActivityKind::Created
            ]
        ),
        "{kinds:?}"
    );
    let later = seen[0].at;
    let to = entries(&server.get(&format!("/api/v1/activity?actor=local&to={later}")).await.expect(200));
    assert!(!to.is_empty() && to.iter().all(|entry| entry.at < later));
    for (wrong, said) in [
        ("subject=nothing", "none of"),
        ("kind=nothing", "none of"),
        ("cursor=x", "next_cursor"),
        ("who=ann", "parameter"),
    ] {
        let problem = server.get(&format!("/api/v1/activity?{wrong}")).await.problem(400);
        assert!(problem.contains(said), "{problem}");
    }
}
