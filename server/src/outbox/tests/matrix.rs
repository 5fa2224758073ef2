//! By mail and by webhook, to real servers: each kind of run with each thing that can go wrong on the way. Every piece of
//! news arrives exactly once, or is visibly dead.

use super::*;
use crate::{
    outbox::testing::{Heard, Mail, MailHost, PAGES, Receiver, Trouble, carriers, free_address},
    scheduler::Scheduler,
    testing::{by, hourly},
};

const HOUR: Duration = Duration::from_secs(3600);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    /// Succeeds.
    Manual,
    /// Fails.
    Scheduled,
    /// Fails three times, which is one piece of news.
    WithRetries,
}

const KINDS: [Kind; 3] = [Kind::Manual, Kind::Scheduled, Kind::WithRetries];

/// A scheduler that has something to tell, and those whom it is told to.
struct Stage {
    bench: Bench,
    workflow: WorkflowId,
    /// The last attempt.
    execution: ExecutionId,
    mail_address: std::net::SocketAddr,
    hook_address: std::net::SocketAddr,
}

/// The servers, once they run.
struct Hosts {
    mail: MailHost,
    hook: Receiver,
}

impl Stage {
    async fn set(kind: Kind) -> Self {
        let (mail_address, hook_address) = (free_address(), free_address());
        let bench = Bench::new().await.working();
        let notifications = Notifications {
            emails: vec!["ann@example.com".to_owned()],
            webhooks: vec![format!("http://{hook_address}/")],
            on_success: true,
            on_failure: true,
            ..Notifications::default()
        };
        let rules = |plan| match kind {
            Kind::Manual => Plan { notifications, ..plan },
            Kind::Scheduled => Plan { notifications, schedule: hourly(), ..plan },
            Kind::WithRetries => Plan { notifications, retries: 2, retry_delays_s: vec![0, 0], ..plan },
        };
        let workflow = workflow(&bench, rules).await;
        let execution = run(&bench, workflow, kind).await;
        Self { bench, workflow, execution, mail_address, hook_address }
    }

    /// `None` where there is no mail server.
    async fn hosts(&self) -> Option<Hosts> {
        Some(Hosts { mail: MailHost::start(self.mail_address)?, hook: Receiver::start(self.hook_address).await })
    }

    fn outbox(&self) -> Outbox {
        let clock: SharedClock = self.bench.clock.clone();
        Outbox::new(self.bench.store.clone(), Arc::clone(&clock), carriers(self.mail_address, &clock))
    }

    async fn deliver(&self) -> Option<Timestamp> {
        self.outbox().deliver_due().await.unwrap()
    }

    /// Every attempt that is still to come, each at its time.
    async fn deliver_to_the_end(&self) {
        while let Some(next) = self.deliver().await {
            self.bench.clock.set(next);
        }
    }

    /// A new process, as after a crash.
    async fn restarted(self) -> Self {
        let bench = self.bench.restarted().await;
        let stage = Self { bench, ..self };
        stage.outbox().recover().await.unwrap();
        stage
    }

    /// Begins to send, and comes back when both servers have been sent everything.
    async fn sending(&self, hosts: &mut Hosts) -> tokio::task::JoinHandle<StoreResult<Option<Timestamp>>> {
        let outbox = self.outbox();
        let sending = tokio::spawn(async move { outbox.deliver_due().await });
        hosts.mail.hears(Heard::Content).await;
        hosts.hook.hears().await;
        sending
    }

    /// What became of all that there was to tell of the workflow's runs.
    async fn deliveries(&self) -> Vec<Delivery> {
        let mut all = Vec::new();
        for execution in self.bench.history(self.workflow).await {
            all.extend(self.bench.store.deliveries(execution.id).await.unwrap());
        }
        all
    }

    /// One piece of news for each of the two, and this became of both.
    async fn check(&self, what: &str, status: DeliveryStatus) -> Vec<Delivery> {
        let deliveries = self.deliveries().await;
        let recipients: Vec<&str> = deliveries.iter().map(|delivery| delivery.recipient.as_str()).collect();
        assert_eq!(recipients, ["ann@example.com", &format!("http://{}/", self.hook_address)], "{what}");
        for delivery in &deliveries {
            assert_eq!(
                (delivery.status, delivery.execution_id),
                (status, Some(self.execution)),
                "{what}: {delivery:?}"
            );
            assert_eq!(delivery.error.is_some(), status.is_dead(), "{what}: {delivery:?}");
        }
        deliveries
    }
}

async fn run(bench: &Bench, workflow: WorkflowId, kind: Kind) -> ExecutionId {
    match kind {
        Kind::Scheduled => {
            bench.clock.advance(HOUR);
            Scheduler::new(bench.store.clone(), bench.clock.clone()).fire_due().await.unwrap();
        }
        Kind::Manual | Kind::WithRetries => drop(bench.run_now(workflow).await),
    }
    let attempts = if kind == Kind::WithRetries { 3 } else { 1 };
    for attempt in 1..=attempts {
        let run = bench.next_run().await;
        let id = run.id();
        bench.clock.advance(Duration::from_secs(41));
        match kind {
            Kind::Manual => run.succeed(),
            Kind::Scheduled | Kind::WithRetries => run.fail(&format!("attempt {attempt}: not UTF-8")),
        }
        bench.until_it(id, |execution| execution.status.is_final()).await;
        if attempt == attempts {
            return id;
        }
    }
    unreachable!("there is a last attempt")
}

/// Both got it once, with everything that it has to say.
fn check_contents(kind: Kind, stage: &Stage, hosts: &Hosts) {
    let (mails, calls) = (hosts.mail.mails(), hosts.hook.taken());
    assert_eq!((mails.len(), calls.len()), (1, 1), "{kind:?}: {mails:?} {calls:?}");
    let link = format!("{PAGES}/executions/{}", stage.execution);
    let (subject, happening, facts) = match kind {
        Kind::Manual => ("Millrace: “nightly” succeeded", "success", vec!["Duration     41 s", "Records      10"]),
        Kind::Scheduled => (FAILED, "failure", vec!["Failed step  Import", "attempt 1: not UTF-8"]),
        Kind::WithRetries => (FAILED, "failure", vec!["Failed step  Import", "attempt 3: not UTF-8"]),
    };
    let Mail { subject: said, parts, .. } = &mails[0];
    let text = &parts["text/plain"].replace("\r\n", "\n");
    assert_eq!(said, subject);
    for fact in
        facts.into_iter().chain(["Workflow     nightly", "Project      customers", "When         5 Jan 2026", &link])
    {
        assert!(text.contains(fact), "{kind:?}: {fact} is missing in {text}");
    }
    let payload = calls[0].payload();
    assert_eq!(payload["type"], format!("workflow.{happening}"), "{payload}");
    assert_eq!(payload["link"], link);
    let data = &payload["data"];
    assert_eq!((&data["workflow_name"], &data["project_name"]), (&"nightly".into(), &"customers".into()));
    assert!(data["duration_ms"].as_u64().is_some_and(|took| took >= 41_000), "{data}");
    assert_eq!(data["failed_step"].is_null() && data["reason"].is_null(), kind == Kind::Manual, "{data}");
}

const FAILED: &str = "Millrace: “nightly” failed in Import";

#[tokio::test]
async fn servers_that_take_it_get_it_once() {
    for kind in KINDS {
        let stage = Stage::set(kind).await;
        let Some(hosts) = stage.hosts().await else { return };
        stage.deliver_to_the_end().await;
        stage.deliver_to_the_end().await;
        stage.check("nothing goes wrong", DeliveryStatus::Delivered).await;
        check_contents(kind, &stage, &hosts);
    }
}

#[tokio::test]
async fn servers_that_were_down_for_an_hour_get_it_once() {
    for kind in KINDS {
        let stage = Stage::set(kind).await;
        let began = stage.bench.now();
        while stage.bench.now().since(began) < HOUR {
            let next = stage.deliver().await.expect("it is tried again");
            assert!(
                stage.deliveries().await.iter().all(|it| it.status == DeliveryStatus::Waiting && it.error.is_some())
            );
            stage.bench.clock.set(next);
        }
        let Some(hosts) = stage.hosts().await else { return };
        stage.deliver_to_the_end().await;
        let deliveries = stage.check("down for an hour", DeliveryStatus::Delivered).await;
        assert!(deliveries.iter().all(|delivery| delivery.attempts == 7), "{deliveries:?}");
        check_contents(kind, &stage, &hosts);
    }
}

#[tokio::test]
async fn servers_that_refuse_for_a_while_get_it_once_when_they_take_it() {
    for kind in KINDS {
        let stage = Stage::set(kind).await;
        let Some(hosts) = stage.hosts().await else { return };
        hosts.mail.troubled_by(Some("451 try later"));
        hosts.hook.troubled_by(Some(Trouble::Refuses));
        for _ in 0..3 {
            let next = stage.deliver().await.expect("it is tried again");
            stage.bench.clock.set(next);
        }
        hosts.mail.troubled_by(None);
        hosts.hook.troubled_by(None);
        stage.deliver_to_the_end().await;
        let deliveries = stage.check("refused thrice", DeliveryStatus::Delivered).await;
        assert!(deliveries.iter().all(|delivery| delivery.attempts == 4), "{deliveries:?}");
        check_contents(kind, &stage, &hosts);
    }
}

#[tokio::test]
async fn servers_that_refuse_for_ever_leave_it_visibly_dead_until_somebody_sends_it_again() {
    for kind in KINDS {
        let stage = Stage::set(kind).await;
        let Some(hosts) = stage.hosts().await else { return };
        hosts.mail.troubled_by(Some("554 no"));
        hosts.hook.troubled_by(Some(Trouble::Refuses));
        stage.deliver_to_the_end().await;
        let dead = stage.check("refused for ever", DeliveryStatus::Failed).await;
        assert_eq!((hosts.mail.mails().len(), hosts.hook.taken().len()), (0, 0));
        hosts.mail.troubled_by(None);
        hosts.hook.troubled_by(None);
        for delivery in dead {
            stage.bench.store.resend_delivery(delivery.id, by("bob")).await.unwrap();
        }
        stage.deliver_to_the_end().await;
        check_contents(kind, &stage, &hosts);
    }
}

#[tokio::test]
async fn servers_that_say_nothing_leave_it_visibly_unknown_and_are_not_sent_it_again() {
    for kind in KINDS {
        let stage = Stage::set(kind).await;
        let Some(mut hosts) = stage.hosts().await else { return };
        hosts.mail.troubled_by(Some("silent"));
        hosts.hook.troubled_by(Some(Trouble::Silent));
        let sending = stage.sending(&mut hosts).await;
        stage.bench.clock.advance(SEND_MAX);
        assert_eq!(sending.await.unwrap().unwrap(), None);
        hosts.mail.troubled_by(None);
        hosts.hook.troubled_by(None);
        stage.deliver_to_the_end().await;
        stage.check("no answer", DeliveryStatus::Unknown).await;
        assert_eq!((hosts.mail.mails().len(), hosts.hook.calls().len()), (0, 1));
    }
}

#[tokio::test]
async fn what_waits_when_the_server_restarts_is_sent_once() {
    for kind in KINDS {
        let stage = Stage::set(kind).await;
        let next = stage.deliver().await.expect("nobody listens yet");
        let stage = stage.restarted().await;
        let Some(hosts) = stage.hosts().await else { return };
        stage.bench.clock.set(next);
        stage.deliver_to_the_end().await;
        stage.check("restarted while it waited", DeliveryStatus::Delivered).await;
        check_contents(kind, &stage, &hosts);
    }
}

#[tokio::test]
async fn what_is_on_its_way_when_the_server_restarts_is_visibly_unknown_and_not_sent_again() {
    for kind in KINDS {
        let stage = Stage::set(kind).await;
        let Some(mut hosts) = stage.hosts().await else { return };
        hosts.mail.troubled_by(Some("silent"));
        hosts.hook.troubled_by(Some(Trouble::Silent));
        stage.sending(&mut hosts).await.abort();
        let stage = stage.restarted().await;
        hosts.mail.troubled_by(None);
        hosts.hook.troubled_by(None);
        stage.deliver_to_the_end().await;
        stage.check("restarted while it was sent", DeliveryStatus::Unknown).await;
        assert_eq!((hosts.mail.mails().len(), hosts.hook.calls().len()), (0, 1));
    }
}
