//! What operators expect: maintenance mode, bulk actions, a workflow's timeline, deliveries, and what they refuse.

use model::{
    activity::{Activity, ActivityKind},
    bulk::BulkOutcome,
    delivery::{Delivery, DeliveryStatus, Occasion},
    event::{Change, Event, ServerMessage},
    execution::{Execution, QueueReason, Status},
    maintenance::Maintenance,
    workflow::Workflow,
};
use serde_json::{Value, json};

use crate::support::{TestServer, customers, draft};

#[tokio::test(flavor = "multi_thread")]
async fn in_maintenance_clicks_are_queued_and_nothing_starts() {
    let server = TestServer::start().await;
    let project = server.project_of("Customers", customers(40)).await;
    let workflow = server.workflow("On demand", project).await;
    let mut feed = server.feed().await;
    let off: Maintenance = server.get("/api/v1/maintenance").await.expect(200).read();
    assert_eq!(off, Maintenance::default());
    let on: Maintenance = server.put("/api/v1/maintenance", json!({"on": true})).await.expect(200).read();
    assert_eq!((on.on, on.by.as_deref()), (true, Some("local")));
    let told = feed.until(|message| match message {
        ServerMessage::Event(Event { change: Change::Maintenance { maintenance }, .. }) => Some(maintenance),
        _ => None,
    });
    assert_eq!(told.await, on);

    let queued = server.run_now(workflow).await;
    let since = on.since.unwrap();
    assert_eq!(queued.queue_reason, Some(QueueReason::Maintenance { by: "local".to_owned(), since }));
    // Twice is no mistake and changes nothing.
    let again: Maintenance = server.put("/api/v1/maintenance", json!({"on": true})).await.expect(200).read();
    assert_eq!(again, on);
    assert_eq!(server.execution(queued.id).await.status, Status::Queued);
    server.put("/api/v1/maintenance", json!({"on": false})).await.expect(200);
    assert_eq!(server.ended(queued.id).await.status, Status::Success);
    server.put("/api/v1/maintenance", json!({"off": true})).await.problem(422);
}

#[tokio::test(flavor = "multi_thread")]
async fn several_workflows_are_paused_resumed_and_run_at_once() {
    let server = TestServer::start().await;
    let mut workflows = Vec::new();
    for name in ["One", "Two", "Three"] {
        let project = server.project_of(name, customers(40)).await;
        workflows.push(server.workflow(name, project).await);
    }
    let nobody: model::WorkflowId = "01890000-0000-7000-8000-000000000000".parse().unwrap();
    let act = async |action: &str, named: Value| {
        let answer = server.post("/api/v1/workflows/bulk", json!({"action": action, "workflows": named})).await;
        answer.expect(200).json()["items"].clone()
    };
    let read = |items: Value| serde_json::from_value::<Vec<BulkOutcome>>(items).unwrap();
    let named = json!([workflows[0], nobody, workflows[1], workflows[2]]);
    for (action, state) in [("pause", "paused"), ("resume", "active")] {
        let outcomes = read(act(action, named.clone()).await);
        assert_eq!(
            outcomes.iter().map(|outcome| outcome.error.is_some()).collect::<Vec<_>>(),
            [false, true, false, false]
        );
        let list = server.get(&format!("/api/v1/workflows?state={state}")).await.expect(200).json();
        assert_eq!(list["items"].as_array().unwrap().len(), 3, "{list}");
    }
    let outcomes = read(act("run", named).await);
    assert_eq!(outcomes[1].error, Some(model::Error::not_found("workflow")));
    for outcome in outcomes.iter().filter(|outcome| outcome.error.is_none()) {
        assert_eq!(server.ended(outcome.execution.unwrap()).await.status, Status::Success);
    }
    for wrong in [json!([]), json!([workflows[0], workflows[0]])] {
        let body = json!({"action": "run", "workflows": wrong});
        let problem = server.post("/api/v1/workflows/bulk", body).await.expect(422).json();
        assert_eq!(problem["errors"][0]["field"], "workflows", "{problem}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_timeline_tells_who_did_what() {
    let server = TestServer::start().await;
    let project = server.project_of("Customers", customers(20)).await;
    let body = draft("Nightly", project, json!({"type": "on_demand"}));
    let workflow: Workflow = server.post("/api/v1/workflows", body.clone()).await.expect(201).read();
    let path = format!("/api/v1/workflows/{}", workflow.id);
    let mut edited = body;
    edited["version"] = json!(1);
    edited["name"] = json!("Weekly");
    server.put(&path, edited).await.expect(200);
    server.post(&format!("{path}/pause"), json!({})).await.expect(200);
    server.post(&format!("{path}/resume"), json!({})).await.expect(200);
    let copy: Workflow = server.post(&format!("{path}/duplicate"), json!({})).await.expect(201).read();
    server.delete(&path).await.expect(204);

    let mut entries: Vec<Activity> = Vec::new();
    let mut page = format!("{path}/activity?limit=2");
    loop {
        let answer = server.get(&page).await.expect(200).json();
        entries.extend(serde_json::from_value::<Vec<Activity>>(answer["items"].clone()).unwrap());
        let Some(cursor) = answer["next_cursor"].as_str() else { break };
        page = format!("{path}/activity?limit=2&cursor={cursor}");
    }
    assert!(entries.iter().all(|entry| entry.by.as_deref() == Some("local")));
    let what: Vec<ActivityKind> = entries.into_iter().map(|entry| entry.what).collect();
    use ActivityKind::{Created, Deleted, Duplicated, Edited, Paused, Resumed};
    assert_eq!(what, [Deleted, Resumed, Paused, Edited { version: Some(2) }, Created]);
    let of_copy = server.get(&format!("/api/v1/workflows/{}/activity", copy.id)).await.expect(200).json();
    let of_copy: Vec<Activity> = serde_json::from_value(of_copy["items"].clone()).unwrap();
    assert_eq!(of_copy[0].what, Duplicated { from: "Weekly".to_owned() });
    server.get(&format!("{path}/activity?cursor=x")).await.problem(400);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_execution_shows_who_was_told() {
    let server = TestServer::start().await;
    let project = server.project_of("Customers", customers(20)).await;
    let mut body = draft("Nightly", project, json!({"type": "on_demand"}));
    body["notifications"] = json!({"emails": ["ann@example.com", "bob@example.com"], "on_success": true});
    let workflow: Workflow = server.post("/api/v1/workflows", body).await.expect(201).read();
    let ended: Execution = server.succeeds(workflow.id).await;
    let mut feed = server.feed().await;
    let mut delivered = 0;
    while delivered < 2 {
        let delivery = feed.until(|message| match message {
            ServerMessage::Event(Event { change: Change::Delivery { delivery }, .. }) => Some(delivery),
            _ => None,
        });
        delivered += usize::from(delivery.await.status == DeliveryStatus::Delivered);
    }
    let path = format!("/api/v1/executions/{}/deliveries", ended.id);
    let deliveries = server.get(&path).await.expect(200).json();
    let deliveries: Vec<Delivery> = serde_json::from_value(deliveries["items"].clone()).unwrap();
    let told: Vec<_> = deliveries.iter().map(|delivery| (delivery.recipient.as_str(), delivery.occasion)).collect();
    assert_eq!(told, [("ann@example.com", Occasion::Success), ("bob@example.com", Occasion::Success)]);
    server.get("/api/v1/executions/01890000-0000-7000-8000-000000000000/deliveries").await.problem(404);
}
