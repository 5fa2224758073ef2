mod contents;
mod digests;
mod matrix;
mod resend;

use std::{collections::VecDeque, sync::Mutex};

use model::{
    DeliveryId, ExecutionId, Step, WorkflowId,
    delivery::{Delivery, DeliveryStatus, Notification, Occasion},
    execution::Status,
    workflow::Notifications,
};
use uuid::Uuid;

use super::*;
use crate::{
    rescuer,
    store::Plan,
    testing::{Bench, Run, by, patiently, plan},
};

/// Answers as the test says, and remembers what it carried.
#[derive(Default)]
struct Scripted {
    answers: Mutex<VecDeque<Result<(), SendError>>>,
    sent: Mutex<Vec<Letter>>,
}

impl Scripted {
    fn sent(&self) -> Vec<(Occasion, String)> {
        let sent = self.sent.lock().unwrap();
        sent.iter().map(|letter| (letter.notification.occasion, letter.recipient.clone())).collect()
    }

    /// From now on, this comes first.
    fn answers(&self, answer: Result<(), SendError>) {
        self.answers.lock().unwrap().push_back(answer);
    }
}

#[async_trait]
impl Transport for Scripted {
    async fn send(&self, letter: &Letter) -> Result<(), SendError> {
        self.sent.lock().unwrap().push(letter.clone());
        self.answers.lock().unwrap().pop_front().unwrap_or(Ok(()))
    }
}

/// Never answers.
struct Dead;

#[async_trait]
impl Transport for Dead {
    async fn send(&self, _: &Letter) -> Result<(), SendError> {
        std::future::pending().await
    }
}

/// A failure to tell.
pub(super) fn letter_to(recipient: &str) -> Letter {
    let notification = Notification {
        occasion: Occasion::Failure,
        workflow_id: WorkflowId::from_uuid(Uuid::nil()),
        workflow_name: "Nightly".to_owned(),
        project_name: "Customers".to_owned(),
        execution_id: Some(ExecutionId::from_uuid(Uuid::nil())),
        at: Timestamp::from_micros(1_767_607_200_000_000),
        due_at: None,
        started_at: None,
        duration_ms: Some(41_000),
        records: None,
        failed_step: Some(Step::Import),
        reason: Some("no such file".to_owned()),
        digest: None,
    };
    Letter { id: DeliveryId::from_uuid(Uuid::nil()), recipient: recipient.to_owned(), notification }
}

fn outbox(bench: &Bench, transport: Arc<dyn Transport>) -> Outbox {
    Outbox::new(bench.store.clone(), bench.clock.clone(), transport)
}

fn all() -> Notifications {
    Notifications {
        emails: vec!["ann@example.com".to_owned()],
        webhooks: Vec::new(),
        on_success: true,
        on_failure: true,
        on_recovery: true,
        longer_than_s: Some(60),
        digest_hour: None,
    }
}

async fn workflow(bench: &Bench, rules: impl FnOnce(Plan) -> Plan) -> WorkflowId {
    let project = bench.project("customers").await;
    bench.workflow_with(rules(Plan { notifications: all(), ..plan("nightly", project) })).await.id
}

/// Runs once with this end; gives back the deliveries of that execution.
async fn ends(bench: &Bench, workflow: WorkflowId, end: impl FnOnce(&Bench, Run)) -> Vec<Delivery> {
    bench.run_now(workflow).await;
    ended(bench, end).await
}

async fn ended(bench: &Bench, end: impl FnOnce(&Bench, Run)) -> Vec<Delivery> {
    let run = bench.next_run().await;
    let id = run.id();
    end(bench, run);
    bench.until_it(id, |execution| execution.status.is_final()).await;
    bench.store.deliveries(id).await.unwrap()
}

fn occasions(deliveries: &[Delivery]) -> Vec<Occasion> {
    deliveries.iter().map(|delivery| delivery.occasion).collect()
}

#[tokio::test]
async fn each_end_of_a_run_tells_what_was_asked_for_and_nothing_else() {
    let bench = Bench::new().await.working();
    let told = workflow(&bench, |plan| plan).await;
    let succeed = |_: &Bench, run: Run| run.succeed();
    let fail = |_: &Bench, run: Run| run.fail("no such file");
    assert_eq!(occasions(&ends(&bench, told, succeed).await), [Occasion::Success]);
    assert_eq!(occasions(&ends(&bench, told, fail).await), [Occasion::Failure]);
    assert_eq!(occasions(&ends(&bench, told, succeed).await), [Occasion::Success, Occasion::Recovered]);
    let slowly = |bench: &Bench, run: Run| {
        bench.clock.advance(Duration::from_secs(61));
        run.succeed();
    };
    assert_eq!(occasions(&ends(&bench, told, slowly).await), [Occasion::Success, Occasion::TookLong]);

    let project = bench.project("silent").await;
    let silent = Plan {
        notifications: Notifications { emails: all().emails, ..Notifications::default() },
        ..plan("silent", project)
    };
    let silent = bench.workflow_with(silent).await.id;
    assert!(ends(&bench, silent, fail).await.is_empty());
}

#[tokio::test]
async fn a_failed_run_is_told_once_after_its_last_attempt_and_so_is_the_suspension() {
    let bench = Bench::new().await.working();
    let rules = |plan| Plan { retries: 1, retry_delays_s: vec![0], suspend_after: 1, ..plan };
    let workflow = workflow(&bench, rules).await;
    let fail = |_: &Bench, run: Run| run.fail("line 3: not UTF-8");
    assert!(ends(&bench, workflow, fail).await.is_empty(), "a retry follows");
    assert_eq!(occasions(&ended(&bench, fail).await), [Occasion::Failure, Occasion::Suspended]);
    let transport = Arc::new(Scripted::default());
    outbox(&bench, transport.clone()).deliver_due().await.unwrap();
    let to = "ann@example.com".to_owned();
    assert_eq!(transport.sent(), [(Occasion::Failure, to.clone()), (Occasion::Suspended, to)]);
}

#[tokio::test]
async fn a_cancelled_run_tells_nobody() {
    let bench = Bench::new().await.working();
    let workflow = workflow(&bench, |plan| plan).await;
    let id = bench.run_now(workflow).await.id;
    let run = bench.next_run().await;
    bench.store.cancel(id, by("ann")).await.unwrap();
    run.stop_when_told().await;
    bench.until(id, Status::Cancelled).await;
    assert!(bench.store.deliveries(id).await.unwrap().is_empty());
}

#[tokio::test]
async fn what_has_not_arrived_is_tried_again_later_and_later_and_then_given_up() {
    let bench = Bench::new().await.working();
    let workflow = workflow(&bench, |plan| plan).await;
    let deliveries = ends(&bench, workflow, |_, run| run.succeed()).await;
    let execution = deliveries[0].execution_id.unwrap();
    let transport = Arc::new(Scripted::default());
    let attempts = limits::DELIVERY_ATTEMPTS_MAX;
    (0..attempts).for_each(|_| transport.answers(Err(SendError::NotSent("no connection".to_owned()))));
    let outbox = outbox(&bench, transport.clone());
    let mut pauses = Vec::new();
    while let Some(next) = outbox.deliver_due().await.unwrap() {
        let waiting = bench.store.deliveries(execution).await.unwrap().remove(0);
        assert_eq!((waiting.status, waiting.error.as_deref()), (DeliveryStatus::Waiting, Some("no connection")));
        pauses.push(next.since(bench.now()).as_secs() / 60);
        bench.clock.set(next);
    }
    assert_eq!(pauses, [1, 2, 4, 8, 16, 32, 64, 128, 256]);
    let given_up = bench.store.deliveries(execution).await.unwrap().remove(0);
    assert_eq!((given_up.status, given_up.attempts), (DeliveryStatus::Failed, attempts));
    assert_eq!(transport.sent().len(), usize::try_from(attempts).unwrap());
}

#[tokio::test]
async fn what_was_being_sent_when_the_process_died_is_unknown_and_not_sent_again() {
    let bench = Bench::new().await.working();
    let workflow = workflow(&bench, |plan| plan).await;
    let deliveries = ends(&bench, workflow, |_, run| run.succeed()).await;
    let execution = deliveries[0].execution_id.unwrap();
    let taken = bench.store.take_due_deliveries(10).await.unwrap().outgoing;
    assert_eq!(taken.len(), 1);

    let restarted = bench.restarted().await;
    rescuer::recover(&restarted.store, &restarted.directory).await.unwrap();
    let transport = Arc::new(Scripted::default());
    let outbox = outbox(&restarted, transport.clone());
    outbox.recover().await.unwrap();
    outbox.deliver_due().await.unwrap();
    assert!(transport.sent().is_empty());
    let lost = restarted.store.deliveries(execution).await.unwrap().remove(0);
    assert_eq!(lost.status, DeliveryStatus::Unknown);
    assert!(lost.error.unwrap().contains("may have arrived"));
    // The process that died is not quite dead: its late news changes nothing.
    bench.store.record_attempt(taken[0].delivery, Attempted::Delivered).await.unwrap();
    let lost = restarted.store.deliveries(execution).await.unwrap().remove(0);
    assert_eq!(lost.status, DeliveryStatus::Unknown);
}

#[tokio::test]
async fn a_dead_transport_holds_up_no_execution_and_ends_as_unknown() {
    let bench = Bench::new().await.working();
    let told = workflow(&bench, |plan| plan).await;
    let stop = CancellationToken::new();
    let role = tokio::spawn({
        let (outbox, stop) = (outbox(&bench, Arc::new(Dead)), stop.clone());
        async move { outbox.run(stop).await }
    });
    let mut executions = Vec::new();
    for _ in 0..3 {
        executions.push(ends(&bench, told, |_, run| run.succeed()).await[0].execution_id.unwrap());
    }
    let mut committed = bench.store.committed();
    let unknown = async {
        loop {
            committed.borrow_and_update();
            let delivery = bench.store.deliveries(executions[0]).await.unwrap().remove(0);
            match delivery.status {
                DeliveryStatus::Sending => bench.clock.advance(SEND_MAX),
                DeliveryStatus::Unknown => return,
                DeliveryStatus::Waiting => committed.changed().await.unwrap(),
                other => panic!("{other:?}"),
            }
            tokio::task::yield_now().await;
        }
    };
    patiently(unknown).await;
    stop.cancel();
    patiently(async {
        while !role.is_finished() {
            bench.clock.advance(LAST_SENDS_MAX);
            tokio::task::yield_now().await;
        }
    })
    .await;
}
