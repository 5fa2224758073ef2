//! Against a real SMTP server where one was set up; and against one that breaks off, which a real one cannot be asked to do.

use std::{
    io::{BufRead as _, BufReader, Write as _},
    net::{SocketAddr, TcpListener},
    sync::Arc,
};

use model::{
    ExecutionId,
    delivery::{Delivery, DeliveryStatus},
    workflow::Notifications,
};

use super::*;
use crate::{
    outbox::{
        Outbox,
        testing::{Heard, MailHost, PAGES, carriers, free_address, mailer},
        tests::letter_to,
    },
    store::Plan,
    testing::{Bench, plan},
};

fn outbox(bench: &Bench, mail_host: SocketAddr) -> Outbox {
    let clock: SharedClock = bench.clock.clone();
    Outbox::new(bench.store.clone(), Arc::clone(&clock), carriers(mail_host, &clock))
}

/// A run that has failed with this error, so that there is one thing to tell.
async fn failed_run(bench: &Bench, name: &str, error: &str) -> ExecutionId {
    let project = bench.project("Customers").await;
    let notifications =
        Notifications { emails: vec!["ann@example.com".to_owned()], on_failure: true, ..Notifications::default() };
    let workflow = bench.workflow_with(Plan { notifications, ..plan(name, project) }).await.id;
    bench.run_now(workflow).await;
    let run = bench.next_run().await;
    let id = run.id();
    run.fail(error);
    bench.until_it(id, |execution| execution.status.is_final()).await;
    id
}

async fn delivery(bench: &Bench, execution: ExecutionId) -> Delivery {
    let mut deliveries = bench.store.deliveries(execution).await.expect("readable");
    assert_eq!(deliveries.len(), 1, "{deliveries:?}");
    deliveries.remove(0)
}

#[tokio::test]
async fn a_mail_is_text_and_html_and_says_that_no_person_wrote_it() {
    let address = free_address();
    let Some(host) = MailHost::start(address) else { return };
    let bench = Bench::new().await.working();
    let execution = failed_run(&bench, "Nightly", "line 3: “é” is not UTF-8").await;
    outbox(&bench, address).deliver_due().await.unwrap();
    let mails = host.mails();
    let [mail] = &mails[..] else { panic!("{mails:?}") };
    assert_eq!(mail.subject, "Millrace: “Nightly” failed in Import");
    assert_eq!(mail.header("From"), ["Millrace <millrace@example.com>"]);
    assert_eq!(mail.header("To"), ["ann@example.com"]);
    assert_eq!(mail.header("Auto-Submitted"), ["auto-generated"]);
    assert_eq!(mail.header("Message-ID"), [format!("<{}@example.com>", delivery(&bench, execution).await.id)]);
    for part in ["text/plain", "text/html"] {
        let content = &mail.parts[part];
        assert!(content.contains("line 3: “é” is not UTF-8"), "{content}");
        assert!(content.contains(&format!("{PAGES}/executions/{execution}")), "{content}");
    }
}

#[tokio::test]
async fn header_injection_in_mails_by_what_a_workflow_is_called_or_a_step_says_adds_nothing() {
    let address = free_address();
    let Some(host) = MailHost::start(address) else { return };
    let bench = Bench::new().await.working();
    let injection = "x\r\nBcc: eve@example.com\r\nSubject: You won\r\n\r\n.\r\nRCPT TO:<eve@example.com>\r\n";
    failed_run(&bench, injection, injection).await;
    outbox(&bench, address).deliver_due().await.unwrap();
    let mails = host.mails();
    let [mail] = &mails[..] else { panic!("{mails:?}") };
    assert_eq!(mail.header("Bcc"), [""; 0]);
    assert_eq!(mail.header("Subject").len(), 1);
    assert_eq!(mail.header("X-RcptTo"), ["ann@example.com"]);
}

#[tokio::test]
async fn header_injection_in_mails_by_a_recipient_is_refused_and_nothing_is_sent() {
    let address = free_address();
    let Some(host) = MailHost::start(address) else { return };
    let mailer = mailer(address, Bench::new().await.clock.clone());
    for recipient in [
        "ann@example.com\r\nBcc: eve@example.com",
        "ann@example.com\nRCPT TO:<eve@example.com>",
        "ann@example.com, eve@example.com",
        "ann@example.com>\r\nDATA",
        "\"x\r\nBcc: eve@example.com\r\n\"@example.com",
    ] {
        let refused = mailer.send(&letter_to(recipient), PAGES).await.unwrap_err();
        assert!(matches!(&refused, SendError::NotSent(text) if text.contains("is no address")), "{refused}");
    }
    assert!(host.mails().is_empty());
}

#[tokio::test]
async fn a_server_that_says_nothing_before_the_content_is_tried_again_and_gets_one_mail() {
    let address = free_address();
    let Some(mut host) = MailHost::start(address) else { return };
    host.troubled_by(Some("silent before the content"));
    let bench = Bench::new().await.working();
    let execution = failed_run(&bench, "Nightly", "no such file").await;
    let outbox = Arc::new(outbox(&bench, address));
    let sending = tokio::spawn({
        let outbox = Arc::clone(&outbox);
        async move { outbox.deliver_due().await }
    });
    host.hears(Heard::Sender).await;
    bench.clock.advance(HANDSHAKE_MAX);
    let next = sending.await.unwrap().unwrap().expect("it is tried again");
    let waiting = delivery(&bench, execution).await;
    assert_eq!(waiting.status, DeliveryStatus::Waiting);
    assert!(waiting.error.unwrap().contains("took no mail within 45 s"));
    host.troubled_by(None);
    bench.clock.set(next);
    outbox.deliver_due().await.unwrap();
    assert_eq!(delivery(&bench, execution).await.status, DeliveryStatus::Delivered);
    assert_eq!(host.mails().len(), 1);
}

/// An SMTP server that answers line by line as it is told, and breaks off when it has nothing left to say. The last
/// answer is that to the content.
fn scripted(answers: &'static [&'static str]) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = listener.local_addr().expect("it has one");
    std::thread::spawn(move || {
        let (mut socket, _) = listener.accept().expect("a connection");
        let mut lines = BufReader::new(socket.try_clone().expect("one more handle")).lines().map_while(Result::ok);
        let mut in_content = false;
        for answer in answers {
            socket.write_all(format!("{answer}\r\n").as_bytes()).expect("it listens");
            if in_content {
                break;
            }
            in_content = answer.starts_with("354");
            // A command is one line, the content ends with a dot.
            let _ = lines.by_ref().find(|line| !in_content || line == ".");
        }
    });
    address
}

async fn sent_to(answers: &'static [&'static str]) -> DeliveryStatus {
    let bench = Bench::new().await.working();
    let execution = failed_run(&bench, "Nightly", "no such file").await;
    outbox(&bench, scripted(answers)).deliver_due().await.unwrap();
    delivery(&bench, execution).await.status
}

#[tokio::test]
async fn what_the_server_did_not_take_is_sent_again_and_what_it_may_have_taken_is_not() {
    let taken = sent_to(&["220 hi", "250 hi", "250 ok", "250 ok", "354 go on", "250 queued"]).await;
    assert_eq!(taken, DeliveryStatus::Delivered);
    let unknown_recipient = sent_to(&["220 hi", "250 hi", "250 ok", "550 no such mailbox"]).await;
    assert_eq!(unknown_recipient, DeliveryStatus::Waiting);
    let refused = sent_to(&["220 hi", "250 hi", "250 ok", "250 ok", "354 go on", "451 try later"]).await;
    assert_eq!(refused, DeliveryStatus::Waiting);
    let broke_off_early = sent_to(&["220 hi", "250 hi", "250 ok"]).await;
    assert_eq!(broke_off_early, DeliveryStatus::Waiting);
    let broke_off_after_the_content = sent_to(&["220 hi", "250 hi", "250 ok", "250 ok", "354 go on"]).await;
    assert_eq!(broke_off_after_the_content, DeliveryStatus::Unknown);
}
