use std::collections::HashSet;

use model::{
    ExecutionId,
    event::{Change, Event, Sample, ServerMessage},
    execution::Status,
};

use crate::support::{TestServer, customers};

/// Twenty clicks at once: twenty executions, one after the other, in the order of the clicks.
#[tokio::test(flavor = "multi_thread")]
async fn twenty_run_nows_run_in_order_and_never_two_at_a_time() {
    const CLICKS: usize = 20;
    let server = TestServer::start().await;
    let project = server.project_of("Customers", customers(40)).await;
    let workflow = server.workflow("On demand", project).await;
    let mut feed = server.feed().await;
    feed.live().await;

    let clicks = futures::future::join_all((0..CLICKS).map(|_| server.run_now(workflow))).await;
    let mut accepted: Vec<_> = clicks.iter().map(|execution| (execution.queued_at, execution.id)).collect();
    accepted.sort();
    let queue: Vec<ExecutionId> = accepted.into_iter().map(|(_, id)| id).collect();
    assert_eq!(queue.iter().collect::<HashSet<_>>().len(), CLICKS);

    let (mut started, mut ended, mut places) = (Vec::new(), Vec::new(), 0);
    while ended.len() < CLICKS {
        match feed.message().await {
            ServerMessage::Event(Event { change: Change::Execution { execution }, .. }) => match execution.status {
                Status::Running if !started.contains(&execution.id) => {
                    assert_eq!(started, ended, "{} started while another one ran", execution.id);
                    started.push(execution.id);
                }
                Status::Success => ended.push(execution.id),
                Status::Queued | Status::Running => {}
                other => panic!("{other:?}: {:?}", execution.error),
            },
            ServerMessage::Sample(Sample::Queue { places: now, .. }) => places = places.max(now.len()),
            _ => {}
        }
    }
    assert_eq!(started, queue);
    assert_eq!(ended, queue);
    assert!(places >= CLICKS / 2, "the pages were told of {places} places at most");
}

/// Workflows of one project share its results, so they do not overlap either; those of different projects do.
#[tokio::test(flavor = "multi_thread")]
async fn slots_are_shared_by_projects() {
    let server = TestServer::start().await;
    let mut executions = Vec::new();
    for name in ["One", "Two"] {
        let project = server.project_of(name, customers(200)).await;
        for kind in ["first", "second"] {
            executions.push((project, server.workflow(&format!("{name} {kind}"), project).await));
        }
    }
    let mut feed = server.feed().await;
    feed.live().await;
    futures::future::join_all(executions.iter().map(|(_, workflow)| server.run_now(*workflow))).await;
    let (mut running, mut ended, mut most) = (HashSet::new(), 0, 0);
    while ended < executions.len() {
        let ServerMessage::Event(Event { change: Change::Execution { execution }, .. }) = feed.message().await else {
            continue;
        };
        match execution.status {
            Status::Running => {
                running.insert((execution.project_id, execution.id));
                let projects: HashSet<_> = running.iter().map(|(project, _)| project).collect();
                assert_eq!(projects.len(), running.len(), "two of one project: {running:?}");
                most = most.max(running.len());
            }
            status if status.is_final() => {
                running.remove(&(execution.project_id, execution.id));
                ended += 1;
            }
            _ => {}
        }
    }
    assert_eq!(most, 2);
}
