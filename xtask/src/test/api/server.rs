//! The built server as a child, with sign-in and a token.

use std::fs::{self, File};
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use serde_json::Value;

use crate::{Result, command};

pub(super) struct Server {
    /// `http://127.0.0.1:port`
    pub(super) url: String,
    pub(super) token: String,
    child: Child,
    log: PathBuf,
}

impl Server {
    /// Starts it with its data and its log in `home`, and makes the tokens.
    pub(super) fn start(binary: &Path, home: &Path) -> Result<Self> {
        let (data, log) = (home.join("data"), home.join("server.log"));
        let mut serve = Command::new(binary);
        serve.args(["serve", "--listen", "127.0.0.1:0", "--auth", "sign-in", "--log", "warn", "--data"]).arg(&data);
        let mut child = serve.stdout(Stdio::piped()).stderr(File::create(&log)?).spawn()?;
        let stdout = child.stdout.take().expect("asked for just above");
        let mut server = Self { url: String::new(), token: String::new(), child, log };
        server.url = address(stdout)?;
        server.token = token(binary, &data, "schemathesis")?;
        for _ in 0..20 {
            token(binary, &data, "spare")?;
        }
        Ok(server)
    }

    /// What became of a round: the server still runs, and its log tells of no fault of its own.
    pub(super) fn check(&mut self, round: Result<()>) -> Result<()> {
        if let Some(status) = self.child.try_wait()? {
            return Err(format!("the server ended with {status}; its log is {}", self.log.display()).into());
        }
        let log = fs::read_to_string(&self.log)?;
        let faults: Vec<&str> =
            log.lines().filter(|line| line.contains("ERROR") || line.contains("panicked")).collect();
        if faults.is_empty() {
            return round;
        }
        Err(format!("the server's log tells of faults ({}):\n{}", self.log.display(), faults.join("\n")).into())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It has nothing to lose: the data directory is made anew each time.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Where it says that it is. What it says later is read, too, or it would block on a full pipe.
fn address(stdout: impl std::io::Read + Send + 'static) -> Result<String> {
    let mut lines = BufReader::new(stdout).lines();
    for line in lines.by_ref() {
        if let Some(at) = line?.split_once("http://").map(|(_, rest)| rest.to_owned()) {
            std::thread::spawn(move || lines.for_each(drop));
            let host = at.split(|c: char| c == '/' || c.is_whitespace()).next().unwrap_or_default();
            return Ok(format!("http://{host}"));
        }
    }
    Err("the server did not start".into())
}

fn token(binary: &Path, data: &Path, name: &str) -> Result<String> {
    let mut create = Command::new(binary);
    create.args(["token", "create", "--role", "administrator", "--json", "--name", name, "--data"]).arg(data);
    let made: Value = serde_json::from_str(&command::output(&mut create)?)?;
    Ok(made["token"].as_str().ok_or("`token create --json` prints the token")?.to_owned())
}
