//! Tokens: what they may do, and for how long. That they expire is shown on a clock that can be moved
//! (`gate/tests/sessions.rs`).

use serde_json::json;

use crate::support::{
    TestServer, customers,
    people::{everywhere, within},
};

#[tokio::test(flavor = "multi_thread")]
async fn token_does_no_more_than_its_owner_may_at_that_moment() {
    let (server, root) = TestServer::with_administrator().await;
    let project = root.project("Customers").await;
    let owner = root.person(&server, "Owner", everywhere("editor")).await;
    let (_, program) = owner.client.token(&server, json!({"name": "deploy", "role": "editor"})).await;
    let create = async |name: &str| program.post("/api/v1/projects", json!({"name": name})).await;
    create("One").await.expect(201);

    root.change_person(&owner, everywhere("viewer"), false).await.expect(200);
    create("Two").await.problem(403);
    program.get("/api/v1/projects").await.expect(200);

    root.change_person(&owner, within(project, "viewer"), false).await.expect(200);
    let seen = program.get("/api/v1/projects").await.expect(200).json();
    assert_eq!(seen["items"].as_array().unwrap().len(), 1);

    root.change_person(&owner, json!({}), false).await.expect(200);
    program.get("/api/v1/projects").await.problem(403);

    // More than it was made for it never does.
    root.change_person(&owner, everywhere("administrator"), false).await.expect(200);
    create("Three").await.expect(201);
    program.get("/api/v1/users").await.problem(403);

    root.change_person(&owner, everywhere("administrator"), true).await.expect(200);
    program.get("/api/v1/projects").await.problem(401);
    root.change_person(&owner, everywhere("administrator"), false).await.expect(200);
    root.delete(&format!("/api/v1/users/{}", owner.id)).await.expect(204);
    program.get("/api/v1/projects").await.problem(401);
}

#[tokio::test(flavor = "multi_thread")]
async fn token_of_a_project_sees_that_project_only() {
    let (server, root) = TestServer::with_administrator().await;
    let own = root.project_of("Customers", customers(40)).await;
    let foreign = root.project_of("Zirkonia", customers(40)).await;
    let workflow = root.workflow("Zirkonia at night", foreign).await;
    let execution = root.succeeds(workflow).await.id;
    let draft = json!({"name": "deploy", "role": "administrator", "project_id": own});
    let (_, program) = root.token(&server, draft).await;
    for path in [
        format!("/api/v1/projects/{foreign}"),
        format!("/api/v1/projects/{foreign}/results/import"),
        format!("/api/v1/workflows/{workflow}"),
        format!("/api/v1/executions/{execution}"),
        format!("/api/v1/executions/{execution}/logs"),
        format!("/projects/{foreign}"),
    ] {
        program.get(&path).await.expect(404);
    }
    for path in ["/api/v1/workflows", "/api/v1/executions", "/api/v1/executions.csv", "/api/v1/projects", "/"] {
        let text = program.get(path).await.expect(200).text();
        for trace in ["irkonia", &foreign.to_string(), &workflow.to_string(), &execution.to_string()] {
            assert!(!text.contains(trace), "{trace} in {path}: {text}");
        }
    }
    program.upload(foreign, "people.csv", "name\nAnn\n").await.problem(404);
    program.post("/api/v1/projects", json!({"name": "New"})).await.problem(403);
    program.get("/api/v1/users").await.problem(403);
    program.get("/metrics").await.problem(403);
    program.put("/api/v1/maintenance", json!({"on": true})).await.problem(403);
    program.suggest(own).await.expect(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn token_that_was_deleted_opens_nothing() {
    let (server, root) = TestServer::with_administrator().await;
    let draft = json!({"name": "deploy", "role": "administrator"});
    let (id, program) = root.token(&server, draft).await;
    program.get("/api/v1/users").await.expect(200);
    root.delete(&format!("/api/v1/tokens/{id}")).await.expect(204);
    program.get("/api/v1/users").await.problem(401);
    // A session beside it does not help: what is shown is what counts.
    let session = root.showing("authorization", "Bearer not-a-token");
    session.get("/api/v1/users").await.problem(401);
}

/// It would live on in them.
#[tokio::test(flavor = "multi_thread")]
async fn token_makes_no_tokens_and_keeps_nobody_signed_in() {
    let (server, root) = TestServer::with_administrator().await;
    let (_, program) = root.token(&server, json!({"name": "deploy", "role": "administrator"})).await;
    let refusal = program.post("/api/v1/tokens", json!({"name": "another", "role": "viewer"})).await.problem(403);
    assert_eq!(refusal, "A token cannot make tokens. Sign in to make one.");
    // Nor does it change the password of whoever owns it.
    let fields = [("current", crate::support::people::PASSWORD), ("password", "another long password")];
    let answer = program.form("/account/password", &fields).await.expect(303);
    assert_eq!(crate::support::people::session_of(&answer), None);
    assert_eq!(super::notice(&answer), "Only someone who is signed in has a password.");
    root.get("/api/v1/me").await.expect(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn token_of_somebody_else_is_neither_seen_nor_deleted() {
    let (server, root) = TestServer::with_administrator().await;
    let ann = root.person(&server, "Ann", everywhere("editor")).await.client;
    let ben = root.person(&server, "Ben", everywhere("editor")).await.client;
    let (id, program) = ann.token(&server, json!({"name": "deploy", "role": "editor"})).await;
    assert_eq!(ben.get("/api/v1/tokens").await.expect(200).json()["items"], json!([]));
    ben.delete(&format!("/api/v1/tokens/{id}")).await.problem(404);
    program.get("/api/v1/projects").await.expect(200);
    assert_eq!(ann.get("/api/v1/tokens").await.expect(200).json()["items"].as_array().unwrap().len(), 1);
}

/// The address of a workflow starts that one, and nothing else is done or told by it.
#[tokio::test(flavor = "multi_thread")]
async fn token_in_an_address_starts_one_workflow_and_tells_nothing() {
    let (server, root) = TestServer::with_administrator().await;
    let project = root.project_of("Customers", customers(40)).await;
    let one = root.workflow("One", project).await;
    let other = root.workflow("Other", project).await;
    root.put("/api/v1/maintenance", json!({"on": true})).await.expect(200);
    let make = async || {
        let path = format!("/api/v1/workflows/{one}/trigger-url");
        root.post(&path, json!({})).await.expect(201).json()["path"].as_str().unwrap().to_owned()
    };
    let address = make().await;
    let called = server.post(&address, json!({})).await.expect(202).json();
    assert_eq!(called.as_object().unwrap().keys().collect::<Vec<_>>(), ["execution_id", "status"]);
    let execution: model::execution::Execution =
        root.get(&format!("/api/v1/executions/{}", called["execution_id"].as_str().unwrap())).await.expect(200).read();
    assert_eq!((execution.workflow_id, execution.requested_by.as_deref()), (one, Some("trigger URL")));

    server.post(&address.replace(&one.to_string(), &other.to_string()), json!({})).await.problem(404);
    let (_, secret) = address.rsplit_once('/').unwrap();
    server.with_token(secret).get("/api/v1/me").await.problem(401);
    server.with_session(secret).get("/api/v1/me").await.problem(401);
    // A new address takes the place of the old, and what is taken back starts nothing.
    let newer = make().await;
    server.post(&address, json!({})).await.problem(404);
    server.post(&newer, json!({})).await.expect(202);
    root.delete(&format!("/api/v1/workflows/{one}/trigger-url")).await.expect(204);
    server.post(&newer, json!({})).await.problem(404);
}
