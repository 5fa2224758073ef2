//! Doing more than one's role allows.

use model::workflow::Workflow;
use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{
    Client, TestServer, customers, draft,
    people::{Person, everywhere, session_of, within},
};

fn on_demand(name: &str, project: impl serde::Serialize) -> Value {
    let mut document = draft(name, model::ProjectId::from_uuid(uuid::Uuid::nil()), json!({"type": "on_demand"}));
    document["project_id"] = json!(project);
    document["version"] = 1.into();
    document
}

async fn workflow(client: &Client, id: impl std::fmt::Display) -> Workflow {
    client.get(&format!("/api/v1/workflows/{id}")).await.expect(200).read()
}

/// An editor of a project, and everything that he tries to become more.
#[tokio::test(flavor = "multi_thread")]
async fn privilege_escalation_an_editor_makes_himself_no_administrator() {
    let (server, root) = TestServer::with_administrator().await;
    let project = root.project("Customers").await;
    let Person { id, name, client } = root.person(&server, "Mallory", within(project, "administrator")).await;
    let more = json!({"name": name, "access": everywhere("administrator")});
    client.put(&format!("/api/v1/users/{id}"), more.clone()).await.problem(403);
    client.post("/api/v1/users", json!({"name": "Puppet", "access": everywhere("administrator")})).await.problem(403);
    client.post(&format!("/api/v1/users/{id}/invitation"), json!({})).await.problem(403);
    let people = root.get("/api/v1/users").await.expect(200).json();
    for person in people["items"].as_array().unwrap() {
        let of = person["id"].as_str().unwrap();
        client.get(&format!("/api/v1/users/{of}")).await.problem(403);
        client.post(&format!("/api/v1/users/{of}/invitation"), json!({})).await.problem(403);
        client.delete(&format!("/api/v1/users/{of}")).await.problem(403);
    }
    for token in [
        json!({"name": "more", "role": "viewer", "project_id": uuid::Uuid::from_u128(1)}),
        json!({"name": "more", "role": "editor", "access": everywhere("administrator")}),
        json!({"name": "more", "role": "administrator", "owner": "Root"}),
    ] {
        let answer = client.post("/api/v1/tokens", token.clone()).await;
        assert!(answer.status.is_client_error(), "{token}: {}", answer.text());
    }
    // A token for all projects does in his what he may, and nothing anywhere else.
    let (_, program) = client.token(&server, json!({"name": "all", "role": "administrator"})).await;
    program.get("/api/v1/users").await.problem(403);
    program.post("/api/v1/projects", json!({"name": "New"})).await.problem(403);
    let me = client.get("/api/v1/me").await.expect(200).json();
    assert_eq!(me["access"], json!({"everywhere": null, "projects": {project.to_string(): "administrator"}}));
}

#[tokio::test(flavor = "multi_thread")]
async fn privilege_escalation_nobody_makes_a_token_above_their_role() {
    let (server, root) = TestServer::with_administrator().await;
    let project = root.project("Customers").await;
    let other = root.project("Suppliers").await;
    for access in [everywhere("operator"), within(project, "operator")] {
        let person = root.person(&server, &format!("Operator {access}"), access).await.client;
        for token in [
            json!({"name": "more", "role": "editor"}),
            json!({"name": "more", "role": "administrator"}),
            json!({"name": "more", "role": "editor", "project_id": project}),
            json!({"name": "more", "role": "editor", "project_id": other}),
        ] {
            let answer = person.post("/api/v1/tokens", token.clone()).await;
            assert!([403, 404].contains(&answer.status.as_u16()), "{token}: {}", answer.text());
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn privilege_escalation_no_workflow_is_moved_over_a_border() {
    let (server, root) = TestServer::with_administrator().await;
    let own = root.project_of("Customers", customers(40)).await;
    let foreign = root.project_of("Suppliers", customers(40)).await;
    let mine = root.workflow("Mine", own).await;
    let theirs = root.workflow("Theirs", foreign).await;
    let editor = root.person(&server, "Mallory", within(own, "editor")).await;
    // Out, with what it would run there; in, with what it says.
    editor.client.put(&format!("/api/v1/workflows/{mine}"), on_demand("Mine", foreign)).await.problem(404);
    editor.client.put(&format!("/api/v1/workflows/{theirs}"), on_demand("Theirs", own)).await.problem(404);
    editor.client.post("/api/v1/workflows", on_demand("New", foreign)).await.problem(404);
    let edit = [
        ("intent", "save"),
        ("name", "Mine"),
        ("project_id", &foreign.to_string()),
        ("step", "import"),
        ("schedule", "on_demand"),
        ("time_zone", "UTC"),
        ("retries", "0"),
        ("suspend_after", "3"),
        ("timeout", "24"),
        ("version", "1"),
    ];
    let refused = editor.client.form(&format!("/workflows/{mine}/edit"), &edit).await;
    assert!(!refused.status.is_success() && !refused.status.is_redirection(), "{}", refused.text());
    assert_eq!(workflow(&root, mine).await.project_id, own);
    assert_eq!(workflow(&root, theirs).await.project_id, foreign);
    // A viewer's role on the other side is not enough either.
    let both = json!({"everywhere": null, "projects": {own.to_string(): "editor", foreign.to_string(): "viewer"}});
    root.change_person(&editor, both, false).await.expect(200);
    editor.client.put(&format!("/api/v1/workflows/{mine}"), on_demand("Mine", foreign)).await.problem(403);
    assert_eq!(workflow(&root, mine).await.project_id, own);
}

/// Whatever is said about things beside what is asked for.
#[tokio::test(flavor = "multi_thread")]
async fn privilege_escalation_what_is_smuggled_in_does_nothing() {
    let (server, root) = TestServer::with_administrator().await;
    let own = root.project_of("Customers", customers(40)).await;
    let foreign = root.project_of("Suppliers", customers(40)).await;
    let mine = root.workflow("Mine", own).await;
    let theirs = root.workflow("Theirs", foreign).await;
    let editor = root.person(&server, "Mallory", within(own, "editor")).await.client;
    // Several at once: each for itself.
    let request = json!({"action": "pause", "workflows": [mine, theirs]});
    let outcomes = editor.post("/api/v1/workflows/bulk", request).await.expect(200).json();
    assert_eq!(outcomes["items"][0]["error"], Value::Null);
    assert_eq!(outcomes["items"][1]["error"]["code"], "not_found");
    assert_eq!(workflow(&root, theirs).await.state.as_str(), "active");
    // An id, an owner, a state in the document.
    let mut document = on_demand("Mine", own);
    document["id"] = json!(theirs);
    document["state"] = json!("suspended");
    editor.put(&format!("/api/v1/workflows/{mine}"), document).await;
    assert_eq!(workflow(&root, theirs).await.name, "Theirs");
    // A file first and the project that it is for afterwards, when it has been received.
    let parts = format!(
        "--x\r\ncontent-disposition: form-data; name=\"file\"; filename=\"people.csv\"\r\n\r\nname\nAnn\n\r\n\
         --x\r\ncontent-disposition: form-data; name=\"project\"\r\n\r\n{foreign}\r\n--x--\r\n"
    );
    let request = editor.request(Method::POST, "/projects/upload");
    let request = request.header("content-type", "multipart/form-data; boundary=x").body(parts);
    editor.send(request).await.problem(403);
    let files = root.get(&format!("/api/v1/projects/{foreign}")).await.expect(200).json()["files"].clone();
    assert_eq!(files.as_array().unwrap().len(), 1);
}

/// Someone without a role can sign in, and that is all.
#[tokio::test(flavor = "multi_thread")]
async fn privilege_escalation_whoever_has_no_role_yet_waits_for_one() {
    let (server, root) = TestServer::with_administrator().await;
    let person = root.person(&server, "Nobody", json!({})).await;
    for path in ["/api/v1/workflows", "/api/v1/executions", "/api/v1/projects", "/api/v1/maintenance", "/api/v1/users"]
    {
        person.client.get(path).await.problem(403);
    }
    let fields = [("current", "a guess"), ("password", "another long password")];
    assert_eq!(session_of(&person.client.form("/account/password", &fields).await), None);
    root.change_person(&person, everywhere("viewer"), false).await.expect(200);
    person.client.get("/api/v1/workflows").await.expect(200);
}
