//! aiosmtpd in a process of its own, with the handler `fickle.py`.

use std::{
    collections::BTreeMap,
    io::{BufRead as _, BufReader, Read},
    net::SocketAddr,
    process::{Child, Command, Stdio},
};

use serde::Deserialize;
use tokio::sync::mpsc;

use crate::testing::patiently;

const HANDLER: &str = include_str!("fickle.py");

pub(in crate::outbox) struct MailHost {
    process: Child,
    home: tempfile::TempDir,
    heard: mpsc::UnboundedReceiver<Heard>,
}

/// How far a client came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::outbox) enum Heard {
    /// It said who writes.
    Sender,
    /// It sent the content.
    Content,
}

/// A mail as it was taken, decoded.
#[derive(Clone, Debug, Deserialize)]
pub(in crate::outbox) struct Mail {
    headers: Vec<(String, String)>,
    pub(in crate::outbox) subject: String,
    /// Content by its type.
    pub(in crate::outbox) parts: BTreeMap<String, String>,
}

impl Mail {
    /// Every value of a header. `X-RcptTo` is what the client said beside the mail.
    pub(in crate::outbox) fn header(&self, name: &str) -> Vec<&str> {
        let named = self.headers.iter().filter(|(known, _)| known.eq_ignore_ascii_case(name));
        named.map(|(_, value)| value.as_str()).collect()
    }
}

impl MailHost {
    /// `None` where there is none.
    pub(in crate::outbox) fn start(address: SocketAddr) -> Option<Self> {
        let Some(python) = std::env::var_os("MILLRACE_TEST_SMTP") else {
            eprintln!("skipped: no SMTP server. `cargo xtask test` sets one up and names it in MILLRACE_TEST_SMTP");
            return None;
        };
        let home = tempfile::tempdir().expect("a directory");
        std::fs::write(home.path().join("fickle.py"), HANDLER).expect("a file");
        let mut process = Command::new(python)
            .args(["-u", "-m", "aiosmtpd", "-n", "-d", "-l", &address.to_string(), "-c", "fickle.Fickle"])
            .arg(home.path())
            .env("PYTHONPATH", home.path())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("aiosmtpd starts");
        let mut said = lines(process.stderr.take());
        assert!(said.any(|line| line.contains("listening")), "aiosmtpd ended");
        // Nobody reads what else it says, and it must not wait for that.
        std::thread::spawn(move || said.for_each(drop));
        let (tell, heard) = mpsc::unbounded_channel();
        let told = lines(process.stdout.take());
        std::thread::spawn(move || {
            for line in told {
                let heard = if line == "content" { Heard::Content } else { Heard::Sender };
                if tell.send(heard).is_err() {
                    return;
                }
            }
        });
        Some(Self { process, home, heard })
    }

    /// What it does from now on: `silent`, `silent before the content`, or what it answers to the content.
    pub(in crate::outbox) fn troubled_by(&self, trouble: Option<&str>) {
        let file = self.home.path().join("trouble");
        match trouble {
            Some(trouble) => std::fs::write(file, trouble).expect("a file"),
            None => std::fs::remove_file(file).expect("it was told before"),
        }
    }

    /// Waits until some client has come so far.
    pub(in crate::outbox) async fn hears(&mut self, wanted: Heard) {
        patiently(async { while self.heard.recv().await.expect("aiosmtpd lives") != wanted {} }).await;
    }

    /// What it took.
    pub(in crate::outbox) fn mails(&self) -> Vec<Mail> {
        let taken = std::fs::read_to_string(self.home.path().join("mails")).unwrap_or_default();
        taken.lines().map(|line| serde_json::from_str(line).expect("as fickle.py writes it")).collect()
    }
}

fn lines(output: Option<impl Read>) -> impl Iterator<Item = String> {
    BufReader::new(output.expect("it is piped")).lines().map_while(Result::ok)
}

impl Drop for MailHost {
    fn drop(&mut self) {
        // It may be gone already.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
