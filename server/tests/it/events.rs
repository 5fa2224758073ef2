use futures::SinkExt as _;
use model::{
    event::{Change, Event, Sample, ServerMessage},
    execution::Status,
};
use serde_json::json;
use tokio_tungstenite::{connect_async, tungstenite::Message};

use crate::support::{Feed, TestServer, customers};

#[tokio::test(flavor = "multi_thread")]
async fn a_page_that_was_cut_off_resumes_after_the_number_it_saw() {
    let server = TestServer::start().await;
    for name in ["One", "Two", "Three"] {
        server.project(name).await;
    }
    let mut all = server.feed().await;
    let first = all.event().await;
    let newest = all.live().await;
    assert!(newest >= first.number + 2, "{newest}");

    let mut resumed = Feed::open(&server, json!({"watch": ["workflows"], "after": first.number})).await;
    assert_eq!(resumed.event().await.number, first.number + 1);
    assert_eq!(resumed.live().await, newest);
    // Both hear what comes now.
    server.project("Four").await;
    let (one, other) = (all.event().await, resumed.event().await);
    assert_eq!(one, other);
    assert_eq!(one.number, newest + 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_number_that_the_log_does_not_know_is_answered_with_resync() {
    let server = TestServer::start().await;
    server.project("One").await;
    for after in [1_000_000, -5] {
        let mut feed = Feed::open(&server, json!({"watch": ["workflows"], "after": after})).await;
        assert_eq!(feed.message().await, ServerMessage::Sample(Sample::Resync), "{after}");
        // And from here on it is live.
        let number = feed.live().await;
        server.project(&format!("After {after}")).await;
        assert_eq!(feed.event().await.number, number + 1);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_execution_is_followed_from_queued_to_its_end_with_progress_and_log() {
    let server = TestServer::start().await;
    let project = server.project_of("Customers", customers(300)).await;
    let workflow = server.workflow("On demand", project).await;
    let mut cards = Feed::open(&server, json!({"watch": ["workflows"]})).await;
    cards.live().await;
    let id = server.run_now(workflow).await.id;
    let mut page = Feed::open(&server, json!({"watch": [format!("execution:{id}")], "after": 0})).await;

    let mut statuses = Vec::new();
    let (mut steps, mut numbers) = (0, Vec::new());
    loop {
        let ServerMessage::Event(event) = cards.message().await else { continue };
        numbers.push(event.number);
        if let Change::Execution { execution } = event.change {
            steps = steps.max(execution.steps.iter().filter(|run| run.finished_at.is_some()).count());
            if statuses.last() != Some(&execution.status) {
                statuses.push(execution.status);
            }
            if execution.status.is_final() {
                break;
            }
        }
    }
    assert_eq!(statuses, [Status::Queued, Status::Running, Status::Success]);
    assert_eq!(steps, 6);
    assert!(numbers.windows(2).all(|pair| pair[0] < pair[1]), "{numbers:?}");

    // The page of the execution hears of it, its log, and of nothing else.
    let mut lines = 0;
    loop {
        match page.message().await {
            ServerMessage::Event(Event { change: Change::Execution { execution }, .. }) => {
                assert_eq!(execution.id, id);
                if execution.status.is_final() {
                    break;
                }
            }
            ServerMessage::Event(other) => panic!("{other:?}"),
            ServerMessage::Sample(Sample::Log { execution, lines: new, .. }) => {
                assert_eq!(execution, id);
                lines += new.len();
            }
            ServerMessage::Sample(_) => {}
        }
    }
    assert!(lines > 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_browser_that_never_reads_holds_up_nobody() {
    let server = TestServer::start().await;
    let address = format!("{}/api/v1/events", server.base.replace("http", "ws"));
    let mut silent = Vec::new();
    for _ in 0..20 {
        let (mut socket, _) = connect_async(&address).await.expect("an upgrade");
        socket.send(Message::text(r#"{"watch":["workflows"],"after":0}"#)).await.expect("sent");
        silent.push(socket);
    }
    let mut reader = server.feed().await;
    reader.live().await;
    for number in 0..200 {
        server.project(&format!("Project {number}")).await;
        reader.event().await;
    }
    let metrics = String::from_utf8(server.get("/metrics").await.body).unwrap();
    assert!(metrics.contains("millrace_websocket_clients 21"), "{metrics}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_understood_ends_the_feed() {
    let server = TestServer::start().await;
    let mut feed = Feed::open(&server, json!({"watch": ["everything"]})).await;
    assert_eq!(feed.next().await, None);
    server.get("/api/v1/events").await.problem(400);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_stops_closes_its_feeds() {
    let server = TestServer::start().await;
    let mut feed = server.feed().await;
    feed.live().await;
    server.stop().await;
    while feed.next().await.is_some() {}
}
