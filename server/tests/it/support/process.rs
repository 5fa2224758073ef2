//! The real program, in a process of its own.

use std::{
    path::Path,
    process::{ExitStatus, Stdio},
};

use tokio::{
    io::{AsyncBufReadExt as _, AsyncReadExt as _, BufReader},
    process::{Child, Command},
    task::JoinHandle,
};

use super::Client;

/// A server that serves.
pub(crate) struct Process {
    child: Child,
    /// What it logs, as it comes: a pipe that nobody reads would stop it.
    log: Option<JoinHandle<String>>,
    /// What it says when it has started.
    pub(crate) greeting: String,
    pub(crate) client: Client,
}

impl Process {
    /// On a free port, logging what is wrong and nothing else unless `more` says so. However little of the disk is free.
    pub(crate) async fn start(data: &Path, more: &[&str]) -> Self {
        Self::spawn(data, more, Stdio::inherit()).await
    }

    /// As [`Process::start`]; what it logs is for [`Process::stop_and_read_log`].
    pub(crate) async fn start_logged(data: &Path, more: &[&str]) -> Self {
        Self::spawn(data, more, Stdio::piped()).await
    }

    async fn spawn(data: &Path, more: &[&str], log: Stdio) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_millrace"))
            .args(["serve", "--data"])
            .arg(data)
            .envs([("MILLRACE_LISTEN", "127.0.0.1:0"), ("MILLRACE_LOG", "warn"), ("MILLRACE_DISK_FREE_MIN", "0")])
            .env("MILLRACE_AUTH", "none")
            .args(more)
            .stdout(Stdio::piped())
            .stderr(log)
            .kill_on_drop(true)
            .spawn()
            .expect("the program starts");
        // From the first line on: it may log more than the pipe holds before it says that it has started.
        let log = child.stderr.take().map(|mut log| {
            tokio::spawn(async move {
                let mut text = String::new();
                log.read_to_string(&mut text).await.expect("its log is text");
                text
            })
        });
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let mut greeting = String::new();
        while !greeting.contains("Ctrl-C") {
            greeting += &lines.next_line().await.unwrap().expect("it says where it listens");
            greeting.push('\n');
        }
        let (_, address) = greeting.split_once("http://").expect("an address");
        let base = format!("http://{}", address.split(['/', ' ']).next().unwrap());
        Self { child, log, greeting, client: Client::new(base) }
    }

    /// SIGKILL: nothing of the program runs any more.
    pub(crate) async fn kill(mut self) {
        self.child.kill().await.expect("killed");
    }

    /// SIGTERM: it ends in good order.
    pub(crate) async fn stop(mut self) -> ExitStatus {
        self.terminate().await;
        self.child.wait().await.expect("it ends")
    }

    /// The same, and what it has logged.
    pub(crate) async fn stop_and_read_log(mut self) -> String {
        let log = self.log.take().expect("started logged");
        self.terminate().await;
        let text = log.await.expect("read to its end");
        assert!(self.child.wait().await.expect("it ends").success(), "{text}");
        text
    }

    async fn terminate(&self) {
        let id = self.child.id().expect("it runs");
        let told = Command::new("sh").args(["-c", &format!("kill -TERM {id}")]).status().await.expect("a shell");
        assert!(told.success());
    }
}

/// What a command of the program said.
#[derive(Debug)]
pub(crate) struct Said {
    pub(crate) done: bool,
    pub(crate) out: String,
    pub(crate) errors: String,
}

/// Runs a command to its end.
pub(crate) async fn command(args: &[&std::ffi::OsStr]) -> Said {
    let output = Command::new(env!("CARGO_BIN_EXE_millrace")).args(args).output().await.expect("the program starts");
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("text");
    Said { done: output.status.success(), out: text(output.stdout), errors: text(output.stderr) }
}
