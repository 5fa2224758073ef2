//! Against a real SMTP server, aiosmtpd, where one was set up (`cargo xtask test` does); and against one that breaks off,
//! which a real one cannot be asked to do.

use std::{
    io::{BufRead as _, BufReader, Write as _},
    net::{SocketAddr, TcpListener},
    path::PathBuf,
    process::{Child, Command, Stdio},
    sync::Arc,
};

use model::{
    ExecutionId,
    delivery::{Delivery, DeliveryStatus},
    workflow::Notifications,
};

use super::*;
use crate::{
    clock::SystemClock,
    outbox::{Carriers, Outbox, Transport, Webhooks},
    store::Plan,
    testing::{Bench, plan},
};

const PAGES: &str = "https://millrace.example.com";

fn transport(address: SocketAddr) -> Arc<dyn Transport> {
    let server =
        MailServer { host: address.ip().to_string(), port: address.port(), tls: Tls::Never, credentials: None };
    let from = "Millrace <millrace@example.com>".parse().expect("an address");
    let webhooks = Webhooks::new(Arc::new(SystemClock), None, false);
    Arc::new(Carriers { mailer: Some(Mailer::new(server, from)), webhooks, pages: PAGES.to_owned() })
}

fn free_address() -> SocketAddr {
    TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr()).expect("a free port")
}

/// aiosmtpd, which keeps what it takes as files.
struct MailHost {
    process: Child,
    mails: tempfile::TempDir,
}

impl MailHost {
    /// `None` where there is none.
    fn start(address: SocketAddr) -> Option<Self> {
        let Some(python) = std::env::var_os("MILLRACE_TEST_SMTP") else {
            eprintln!("skipped: no SMTP server. `cargo xtask test` sets one up and names it in MILLRACE_TEST_SMTP");
            return None;
        };
        let mails = tempfile::tempdir().expect("a directory");
        let mut process = Command::new(python)
            .args(["-u", "-m", "aiosmtpd", "-n", "-d", "-l", &address.to_string(), "-c", "aiosmtpd.handlers.Mailbox"])
            .arg(mails.path().join("mailbox"))
            .stderr(Stdio::piped())
            .spawn()
            .expect("aiosmtpd starts");
        let mut said = BufReader::new(process.stderr.take().expect("asked for just above")).lines();
        let listens = said.by_ref().map_while(Result::ok).any(|line| line.contains("listening"));
        assert!(listens, "aiosmtpd ended");
        // Nobody reads what else it says, and it must not wait for that.
        std::thread::spawn(move || said.for_each(drop));
        Some(Self { process, mails })
    }

    fn mails(&self) -> Vec<String> {
        let files = std::fs::read_dir(self.mails.path().join("mailbox/new")).expect("its mailbox");
        let paths: Vec<PathBuf> = files.map(|file| file.expect("readable").path()).collect();
        paths.iter().map(|path| std::fs::read_to_string(path).expect("a mail is ASCII")).collect()
    }
}

impl Drop for MailHost {
    fn drop(&mut self) {
        // It may be gone already.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// A run of “Nightly” that has failed after its retry, so that there is one thing to tell.
async fn failed_run(bench: &Bench, name: &str) -> ExecutionId {
    let project = bench.project("Customers").await;
    let notifications =
        Notifications { emails: vec!["ann@example.com".to_owned()], on_failure: true, ..Notifications::default() };
    let plan = Plan { notifications, retries: 1, retry_delays_s: vec![0], ..plan(name, project) };
    let workflow = bench.workflow_with(plan).await.id;
    bench.run_now(workflow).await;
    let mut last = None;
    for _ in 0..2 {
        let run = bench.next_run().await;
        let id = run.id();
        run.fail("line 3: “é” is not UTF-8");
        bench.until_it(id, |execution| execution.status.is_final()).await;
        last = Some(id);
    }
    last.expect("two attempts")
}

async fn delivery(bench: &Bench, execution: ExecutionId) -> Delivery {
    let mut deliveries = bench.store.deliveries(execution).await.expect("readable");
    assert_eq!(deliveries.len(), 1, "{deliveries:?}");
    deliveries.remove(0)
}

#[tokio::test]
async fn a_mail_server_that_was_down_for_an_hour_gets_one_mail() {
    let address = free_address();
    let bench = Bench::new().await.working();
    let execution = failed_run(&bench, "Nightly").await;
    let outbox = Outbox::new(bench.store.clone(), bench.clock.clone(), transport(address));
    let began = bench.now();
    while bench.now().since(began) < Duration::from_secs(3_600) {
        let next = outbox.deliver_due().await.unwrap().expect("it is tried again");
        let waiting = delivery(&bench, execution).await;
        assert_eq!(waiting.status, DeliveryStatus::Waiting);
        assert!(waiting.error.expect("why").contains("onnection"));
        bench.clock.set(next);
    }
    let Some(host) = MailHost::start(address) else { return };
    assert_eq!(outbox.deliver_due().await.unwrap(), None);
    assert_eq!(outbox.deliver_due().await.unwrap(), None);
    assert_eq!(delivery(&bench, execution).await.status, DeliveryStatus::Delivered);
    let mails = host.mails();
    assert_eq!(mails.len(), 1, "{mails:?}");
    let mail = &mails[0];
    for part in [
        "From: Millrace <millrace@example.com>",
        "To: ann@example.com",
        "Auto-Submitted: auto-generated",
        "multipart/alternative",
        &format!("{PAGES}/executions/{execution}"),
    ] {
        assert!(mail.contains(part), "{part} is missing in {mail}");
    }
}

#[tokio::test]
async fn a_name_with_line_breaks_adds_no_header_to_a_mail() {
    let address = free_address();
    let Some(host) = MailHost::start(address) else { return };
    let bench = Bench::new().await.working();
    let execution = failed_run(&bench, "Nightly\r\nBcc: eve@example.com\r\n\r\nNo text").await;
    let outbox = Outbox::new(bench.store.clone(), bench.clock.clone(), transport(address));
    outbox.deliver_due().await.unwrap();
    assert_eq!(delivery(&bench, execution).await.status, DeliveryStatus::Delivered);
    let mails = host.mails();
    let (headers, _) = mails[0].split_once("\n\n").expect("headers and content");
    assert!(!headers.lines().any(|line| line.to_lowercase().starts_with("bcc")), "{headers}");
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
    let execution = failed_run(&bench, "Nightly").await;
    let outbox = Outbox::new(bench.store.clone(), bench.clock.clone(), transport(scripted(answers)));
    outbox.deliver_due().await.unwrap();
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
