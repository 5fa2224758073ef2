//! `cargo xtask test api`: schemathesis asks the built server for whatever its description allows, and for what it does
//! not, and compares every answer with the description.
//!
//! The server is on loopback, with sign-in and a token, on a data directory of its own. What schemathesis is told not to
//! do is in `api/hooks.py`, what there is to be asked about in `api/prepare.py`.

mod server;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use server::Server;

use crate::totals::Totals;
use crate::workspace::Workspace;
use crate::{Result, command, python};

const PACKAGE: &str = "schemathesis==4.32.5";

/// Requests of `test api`.
pub(super) const REQUESTS: u64 = 10_000;
/// Requests when it is a part of `test`.
pub(super) const REQUESTS_OF_ALL: u64 = 1_500;

/// Each round has the next one.
const FIRST_SEED: u64 = 20_261;
/// A round asks some thousand times; a server that takes far more rounds answers nothing.
const ROUNDS_MAX: u64 = 40;
/// Cases of each operation in one of schemathesis' phases.
const EXAMPLES: u64 = 60;

/// The files that schemathesis and the preparation are run from.
const FILES: [(&str, &str); 3] = [
    ("schemathesis.toml", include_str!("api/schemathesis.toml")),
    ("hooks.py", include_str!("api/hooks.py")),
    ("prepare.py", include_str!("api/prepare.py")),
];

/// Asks at least `requests` times.
pub(super) fn run(workspace: &Workspace, binary: &Path, requests: u64, totals: &mut Totals) -> Result<()> {
    let python = match python::with_packages(workspace, &[PACKAGE], "schemathesis") {
        Ok(python) => python,
        Err(error) => {
            eprintln!("The description of the API is not tried out, for schemathesis cannot be had: {error}");
            totals.skipped += 1;
            return Ok(());
        }
    };
    let outcome = Attempt::begin(workspace, binary, python).and_then(|attempt| attempt.ask(requests));
    match outcome {
        Ok(()) => totals.passed += 1,
        Err(_) => totals.failed += 1,
    }
    outcome
}

struct Attempt {
    python: PathBuf,
    /// Holds the files that are read and written.
    home: PathBuf,
    server: Server,
    own_token: String,
}

impl Attempt {
    fn begin(workspace: &Workspace, binary: &Path, python: PathBuf) -> Result<Self> {
        let home = workspace.target.join("api");
        if home.exists() {
            fs::remove_dir_all(&home)?;
        }
        fs::create_dir_all(&home)?;
        for (name, text) in FILES {
            fs::write(home.join(name), text)?;
        }
        let server = Server::start(binary, &home)?;
        let attempt = Self { python, home, server, own_token: String::new() };
        command::run(attempt.python().arg("prepare.py"))?;
        let own_token = fs::read_to_string(attempt.home.join("own.txt"))?.trim().to_owned();
        Ok(Self { own_token, ..attempt })
    }

    fn ask(mut self, requests: u64) -> Result<()> {
        let mut answers = BTreeMap::new();
        let mut rounds = 0;
        while sum(&answers) < requests {
            if rounds == ROUNDS_MAX {
                return Err(format!("only {} requests in {rounds} rounds", sum(&answers)).into());
            }
            let left = requests - sum(&answers);
            let done = self.round(FIRST_SEED + rounds, left, &mut answers);
            self.server.check(done)?;
            rounds += 1;
        }
        let by_status: Vec<String> = answers.iter().map(|(status, count)| format!("{count} times {status}")).collect();
        println!("\n{} requests in {rounds} rounds, answered {}.", sum(&answers), by_status.join(", "));
        Ok(())
    }

    /// One run of schemathesis, with fewer cases when few are left.
    fn round(&self, seed: u64, left: u64, answers: &mut BTreeMap<String, u64>) -> Result<()> {
        let counts = self.home.join("counts.json");
        let examples = (left / 100).clamp(5, EXAMPLES).to_string();
        let mut schemathesis = self.python();
        schemathesis.env("MILLRACE_COUNTS", &counts).env("MILLRACE_TOKEN_ID", &self.own_token);
        schemathesis.args(["-m", "schemathesis.cli", "--config-file", "schemathesis.toml", "--no-color", "run"]);
        schemathesis.args(["--seed", &seed.to_string(), "--max-examples", &examples, "--checks", "all"]);
        schemathesis.arg(format!("{}/api/v1/openapi.json", self.server.url));
        schemathesis.args(["--header", &format!("Authorization: Bearer {}", self.server.token)]);
        let done = command::run(&mut schemathesis);
        let counted: BTreeMap<String, u64> = serde_json::from_str(&fs::read_to_string(&counts)?)?;
        for (status, count) in counted {
            *answers.entry(status).or_default() += count;
        }
        done
    }

    fn python(&self) -> Command {
        let mut python = Command::new(&self.python);
        python.current_dir(&self.home).env("PYTHONPATH", &self.home).env("PYTHONDONTWRITEBYTECODE", "1");
        python.env("MILLRACE_URL", &self.server.url).env("MILLRACE_TOKEN", &self.server.token);
        python
    }
}

fn sum(answers: &BTreeMap<String, u64>) -> u64 {
    answers.values().sum()
}
