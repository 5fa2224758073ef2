//! `cargo xtask bench scheduler`: what the store, the scheduler and the executor do in a second, with runs that do
//! nothing, and how long a page of a long history takes.
//!
//! Runs in one process with what it measures, client included, so that a machine's whole work is in the figure; only the
//! start of the server is that of the built binary. `scheduler <binary> <words about the build> [work]…` measures some of:
//! accept, whole, due, history.

mod scheduler {
    pub(super) mod history;
    pub(super) mod work;
}
mod machine;
mod remote;

use std::{
    fs,
    path::{Path, PathBuf},
    sync::Arc,
    time::Instant,
};

use model::{
    Author, ProjectId, StepRange,
    activity::AuthorIdentity,
    schedule::{Missed, Schedule},
    workflow::Notifications,
};
use server::{
    clock::SharedClock,
    directory::DataDirectory,
    schedule,
    store::{Plan, Store},
};

use remote::Result;

#[tokio::main]
async fn main() -> Result<()> {
    let mut words: Vec<String> = std::env::args().skip(1).filter(|word| word != "--bench").collect();
    if words.len() < 2 {
        return Err("start it as `cargo xtask bench scheduler`".into());
    }
    let (binary, build) = (PathBuf::from(words.remove(0)), words.remove(0));
    let rows = words.iter().position(|word| word == "--rows").map(|at| words.drain(at..at + 2).nth(1));
    let rows: i64 = rows.flatten().map_or(Ok(10_000_000), |rows| rows.parse())?;
    let wanted = |work: &str| words.is_empty() || words.iter().any(|word| word == work);
    let profile = if cfg!(debug_assertions) { "dev profile" } else { "optimised" };
    println!("\n{}\n{profile}; server: {build}\n", machine::machine()?);
    if wanted("accept") {
        scheduler::work::accept().await?;
    }
    if wanted("whole") {
        scheduler::work::whole_lives().await?;
    }
    if wanted("due") {
        scheduler::work::due(&binary).await?;
    }
    if wanted("history") {
        scheduler::history::pages(&binary, rows).await?;
    }
    Ok(())
}

/// A data directory that is gone when this is dropped, in the directory for temporary files.
struct Data {
    directory: DataDirectory,
    _temporary: tempfile::TempDir,
}

impl Data {
    fn new() -> Result<Self> {
        let temporary = tempfile::tempdir()?;
        Ok(Self { directory: DataDirectory::open(temporary.path())?, _temporary: temporary })
    }

    fn database(&self) -> PathBuf {
        self.directory.database()
    }

    async fn store(&self, clock: &SharedClock) -> Result<Store> {
        Ok(Store::open(&self.database(), Arc::clone(clock), schedule::occurrences).await?)
    }
}

/// The time from the start of the program until it is ready, and until it has shown a page of its history.
async fn start(binary: &Path, data: &Data, with: &str) -> Result<()> {
    let started = Instant::now();
    let (_server, address) = remote::start(binary, data.directory.root(), "none").await?;
    reqwest::get(format!("http://{address}/readyz")).await?.error_for_status()?;
    let ready = started.elapsed();
    reqwest::get(format!("http://{address}/executions")).await?.error_for_status()?.bytes().await?;
    row(&format!("Start of the server with {with}, ready"), format!("{:.2} s", ready.as_secs_f64()));
    row("… first page of the history read", format!("{:.2} s", started.elapsed().as_secs_f64()));
    Ok(())
}

/// All steps, no retries, no notifications.
fn plan(name: String, project_id: ProjectId, schedule: Schedule) -> Plan {
    Plan {
        name,
        project_id,
        steps: StepRange::ALL,
        schedule_words: schedule::words(&schedule),
        schedule,
        time_zone: "UTC".to_owned(),
        retries: 0,
        retry_delays_s: vec![60, 300, 900],
        suspend_after: 0,
        missed: Missed::CatchUp,
        timeout_s: 0,
        notifications: Notifications::default(),
    }
}

/// Who asks for it all.
fn ann() -> Author {
    Author { name: "ann".to_owned(), identity: AuthorIdentity::Local, address: None }
}

fn row(work: &str, figure: String) {
    println!("{work:72} {figure:>24}");
}

/// Resident memory of this process, where Linux tells it.
fn memory_mib() -> Option<u64> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let kib: u64 =
        status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?.split_whitespace().next()?.parse().ok()?;
    Some(kib / 1024)
}
