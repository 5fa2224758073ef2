//! Notifications that did not arrive, and tests of recipients, as programs and forms see them.

use model::{
    Page,
    delivery::{Delivery, DeliveryStatus, Occasion, TestOutcome, Undelivered},
    event::{Change, Event, ServerMessage},
    workflow::Workflow,
};
use serde_json::{Value, json};
use tokio::{io::AsyncReadExt as _, net::TcpListener};

use crate::support::{TestServer, customers, draft};

/// Takes each call and says nothing: nobody knows whether it arrived.
async fn silent_receiver() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/secret", listener.local_addr().unwrap());
    tokio::spawn(async move {
        loop {
            let (mut socket, _) = listener.accept().await.unwrap();
            let mut read = Vec::new();
            while !String::from_utf8_lossy(&read).contains("\"data\"") {
                assert!(socket.read_buf(&mut read).await.unwrap() > 0, "the call ended early");
            }
        }
    });
    url
}

async fn workflow(server: &TestServer, notifications: Value) -> Workflow {
    let project = server.project_of("Customers", customers(20)).await;
    let mut body = draft("Nightly", project, json!({"type": "on_demand"}));
    body["notifications"] = notifications;
    server.post("/api/v1/workflows", body).await.expect(201).read()
}

/// A delivery that came to its end.
fn ended(message: ServerMessage) -> Option<Box<Delivery>> {
    match message {
        ServerMessage::Event(Event { change: Change::Delivery { delivery }, .. }) if delivery.status.is_final() => {
            Some(delivery)
        }
        ServerMessage::Event(_) | ServerMessage::Sample(_) => None,
    }
}

/// The dead deliveries, as soon as there are so many.
async fn dead(server: &TestServer, count: usize) -> Vec<Delivery> {
    let mut feed = server.feed().await;
    loop {
        let page: Page<Undelivered> = server.get("/api/v1/deliveries").await.expect(200).read();
        if page.items.len() == count {
            return page.items.into_iter().map(|item| item.delivery).collect();
        }
        feed.until(ended).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_did_not_arrive_is_listed_and_sent_again_once() {
    let server = TestServer::with(|config| config.webhook_private = true).await;
    let webhook = silent_receiver().await;
    let workflow = workflow(&server, json!({"webhooks": [webhook], "on_success": true})).await;
    let execution = server.succeeds(workflow.id).await;
    let lost = dead(&server, 1).await.remove(0);
    assert_eq!((lost.status, lost.occasion), (DeliveryStatus::Unknown, Occasion::Success));
    assert_eq!((lost.workflow_id, lost.execution_id), (workflow.id, Some(execution.id)));

    let path = format!("/api/v1/deliveries/{}/resend", lost.id);
    let again: Delivery = server.post(&path, json!({})).await.expect(202).read();
    assert_eq!((again.resend_of, again.requested_by.as_deref()), (Some(lost.id), Some("local")));
    let twice: Delivery = server.post(&path, Value::Null).await.expect(202).read();
    assert_eq!(twice.id, again.id);
    let both = dead(&server, 2).await;
    assert_eq!(both.iter().map(|dead| dead.id).collect::<Vec<_>>(), [again.id, lost.id]);
    assert_eq!(both[1].resent.map(|resent| resent.id), Some(again.id));

    for (query, count) in [("status=failed", 0), ("status=unknown", 2), ("status=unknown&limit=1", 1)] {
        let page: Page<Undelivered> = server.get(&format!("/api/v1/deliveries?{query}")).await.expect(200).read();
        assert_eq!(page.items.len(), count, "{query}");
        assert_eq!(page.next_cursor.is_some(), query.ends_with("limit=1"));
    }
    for wrong in ["status=delivered", "status=lost", "cursor=x", "limit=0", "state=failed"] {
        server.get(&format!("/api/v1/deliveries?{wrong}")).await.problem(400);
    }
    server.post("/api/v1/deliveries/01890000-0000-7000-8000-000000000000/resend", Value::Null).await.problem(404);
    let page = server.get("/deliveries").await.expect(200);
    let html = String::from_utf8_lossy(&page.body).into_owned();
    assert!(html.contains("Resend to a webhook at 127.0.0.1"), "{html}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_arrived_is_not_sent_again() {
    let server = TestServer::start().await;
    let workflow = workflow(&server, json!({"emails": ["ann@example.com"], "on_success": true})).await;
    let mut feed = server.feed().await;
    let execution = server.succeeds(workflow.id).await;
    let delivered = feed.until(ended).await;
    assert_eq!((delivered.status, delivered.execution_id), (DeliveryStatus::Delivered, Some(execution.id)));
    let refused = server.post(&format!("/api/v1/deliveries/{}/resend", delivered.id), Value::Null).await.problem(409);
    assert!(refused.contains("was delivered"), "{refused}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_test_says_at_once_what_came_of_it_at_each_recipient() {
    let server = TestServer::start().await;
    let told = json!({"emails": ["ann@example.com"], "webhooks": ["http://10.0.0.1/hook"]});
    let workflow = workflow(&server, told).await;
    let path = format!("/api/v1/workflows/{}/notifications/test", workflow.id);
    let outcomes = async |body: Value| -> Vec<TestOutcome> {
        let answer = server.post(&path, body).await.expect(200).json();
        serde_json::from_value(answer["items"].clone()).unwrap()
    };
    let own = outcomes(Value::Null).await;
    assert!(own.iter().all(|outcome| outcome.status == DeliveryStatus::Failed), "{own:?}");
    assert!(own[0].error.as_ref().unwrap().contains("No mail server is set"), "{own:?}");
    assert!(own[1].error.as_ref().unwrap().contains("private network"), "{own:?}");
    let named = outcomes(json!({"webhooks": ["http://192.168.0.1/"]})).await;
    assert_eq!(named.iter().map(|outcome| outcome.recipient.as_str()).collect::<Vec<_>>(), ["http://192.168.0.1/"]);
    server.post(&path, json!({"emails": []})).await.problem(422);
    server.post(&path, json!({"emails": ["nobody"]})).await.problem(422);
    server.post(&path, json!({"mails": ["ann@example.com"]})).await.problem(422);
    let page: Page<Undelivered> = server.get("/api/v1/deliveries").await.expect(200).read();
    assert!(page.items.is_empty(), "a test is not stored");
}
