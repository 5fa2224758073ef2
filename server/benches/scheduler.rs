//! `cargo xtask bench scheduler`: what the store, the scheduler and the executor do in a second, with runs that do
//! nothing, and how long a page of a long history takes.
//!
//! Runs in one process with what it measures, client included, so that a machine's whole work is in the figure.
//! `scheduler [work]…` measures some of: accept, whole, due, history.

mod scheduler {
    pub(super) mod history;
    pub(super) mod work;
}
mod machine;

use std::{error::Error, fs, path::PathBuf, sync::Arc};

use model::{
    ProjectId, StepRange,
    schedule::{Missed, Schedule},
    workflow::Notifications,
};
use server::{
    clock::SharedClock,
    directory::DataDirectory,
    schedule,
    store::{Plan, Store},
};

type Result<T> = std::result::Result<T, Box<dyn Error + Send + Sync>>;

#[tokio::main]
async fn main() -> Result<()> {
    let mut words: Vec<String> = std::env::args().skip(1).filter(|word| word != "--bench").collect();
    let rows = words.iter().position(|word| word == "--rows").map(|at| words.drain(at..at + 2).nth(1));
    let rows: i64 = rows.flatten().map_or(Ok(10_000_000), |rows| rows.parse())?;
    let wanted = |work: &str| words.is_empty() || words.iter().any(|word| word == work);
    let profile = if cfg!(debug_assertions) { "dev profile" } else { "optimised" };
    println!("\n{}\n{profile}\n", machine::machine()?);
    if wanted("accept") {
        scheduler::work::accept().await?;
    }
    if wanted("whole") {
        scheduler::work::whole_lives().await?;
    }
    if wanted("due") {
        scheduler::work::due().await?;
    }
    if wanted("history") {
        scheduler::history::pages(rows).await?;
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
        Ok(Store::open(&self.database(), Arc::clone(clock), schedule::next_run).await?)
    }
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
