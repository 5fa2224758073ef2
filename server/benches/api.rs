//! `cargo xtask bench api`: five hundred requests a second for five minutes, reads and writes mixed as programs mix them,
//! with sign-in and a token; how long each kind takes, what fails, and how the server's memory goes.
//!
//! Started as `api <binary> <words about the build> [--seconds N]`. The load is an open loop: a request is sent when its
//! time has come, whether the ones before it are answered or not, and its latency counts from that time. So a server that
//! stalls is seen to stall. In maintenance mode, so that what is measured is the API and not the runs.

mod api {
    pub(super) mod load;
    pub(super) mod place;
}
mod client;
mod machine;
mod process;
mod remote;
mod table;

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    sync::Arc,
    time::{Duration, Instant},
};

use tokio::{
    sync::mpsc,
    time::{MissedTickBehavior, interval_at},
};

use api::{load::Kind, place::Place};
use process::{memory_mib, processor_s};
use remote::Result;
use table::print_row;

const REQUESTS_PER_S: u64 = 500;
const SECONDS: u64 = 300;
/// Answers that are not there so long after the last request fail the bench.
const LAST_ANSWERS: Duration = Duration::from_secs(30);

#[tokio::main]
async fn main() -> Result<()> {
    let mut words: Vec<String> = std::env::args().skip(1).filter(|word| word != "--bench").collect();
    if words.len() < 2 {
        return Err("start it as `cargo xtask bench api`".into());
    }
    let (binary, build) = (PathBuf::from(words.remove(0)), words.remove(0));
    let seconds = words.iter().position(|word| word == "--seconds").and_then(|at| words.get(at + 1));
    let seconds: u64 = seconds.map_or(Ok(SECONDS), |seconds| seconds.parse())?;

    let directory = tempfile::tempdir()?;
    let (server, address) = remote::start(&binary, directory.path(), "sign-in").await?;
    let process = server.id().ok_or("it runs")?;
    let place = Place::prepare(&address, &token(&binary, directory.path()).await?).await?;
    let used = processor_s(process)?;
    let mut memory = vec![memory_mib(process, "VmRSS:")?];
    let measured = load(Arc::new(place), seconds, process, &mut memory).await?;
    memory.push(memory_mib(process, "VmRSS:")?);
    let used = processor_s(process)? - used;

    println!(
        "\n{}\n{build}; {REQUESTS_PER_S} requests a second for {seconds} s, sign-in on, SQLite on {}\n",
        machine::machine()?,
        directory.path().display()
    );
    report(&measured);
    let memory = memory.iter().map(u64::to_string).collect::<Vec<_>>().join(", ");
    println!("\n{:58} {memory} MiB", "memory: start, middle, end");
    println!("{:58} {used:.1} s of {seconds} s", "processor time of the server");
    Ok(())
}

async fn token(binary: &Path, data: &Path) -> Result<String> {
    let mut create = tokio::process::Command::new(binary);
    create.args(["token", "create", "--role", "administrator", "--json", "--data"]).arg(data);
    let made: serde_json::Value = serde_json::from_slice(&create.output().await?.stdout)?;
    Ok(made["token"].as_str().ok_or("`token create --json` prints the token")?.to_owned())
}

/// What became of one request.
struct Answered {
    kind: Kind,
    took: Duration,
    /// Status and words, if it was not what it should be.
    error: Option<String>,
}

/// Sends each request at its time, and waits for the last answers. Half-way the memory is looked at.
async fn load(place: Arc<Place>, seconds: u64, process: u32, memory: &mut Vec<u64>) -> Result<Vec<Answered>> {
    let (answers, mut answered) = mpsc::unbounded_channel();
    let count = REQUESTS_PER_S * seconds;
    let between = Duration::from_secs(1) / REQUESTS_PER_S as u32;
    let begin = Instant::now() + between;
    let mut tick = interval_at(begin.into(), between);
    tick.set_missed_tick_behavior(MissedTickBehavior::Burst);
    for number in 0..count {
        let planned: Instant = tick.tick().await.into();
        if number == count / 2 {
            memory.push(memory_mib(process, "VmRSS:")?);
        }
        let (place, answers) = (Arc::clone(&place), answers.clone());
        let kind = Kind::of(number);
        tokio::spawn(async move {
            let error = place.ask(kind, number).await.err().map(|error| error.to_string());
            // Nobody listens any more when the bench has given up.
            let _ = answers.send(Answered { kind, took: planned.elapsed(), error });
        });
    }
    drop(answers);
    let mut measured = Vec::with_capacity(count as usize);
    let all = async {
        while let Some(answer) = answered.recv().await {
            measured.push(answer);
        }
    };
    tokio::time::timeout(LAST_ANSWERS, all).await.map_err(|_| "some requests were never answered")?;
    Ok(measured)
}

fn report(measured: &[Answered]) {
    println!("{:40} {:>8} {:>8} {:>9} {:>9} {:>9}", "", "requests", "errors", "median", "p99", "worst");
    let mut kinds: BTreeMap<Kind, Vec<&Answered>> = BTreeMap::new();
    for answer in measured {
        kinds.entry(answer.kind).or_default().push(answer);
    }
    for (kind, answers) in &kinds {
        row(kind.words(), answers);
    }
    row("all", &measured.iter().collect::<Vec<_>>());
    let mut errors: BTreeMap<&str, u64> = BTreeMap::new();
    for error in measured.iter().filter_map(|answer| answer.error.as_deref()) {
        *errors.entry(error).or_default() += 1;
    }
    for (error, count) in errors {
        println!("{count} times {error}");
    }
}

fn row(what: &str, answers: &[&Answered]) {
    let errors = answers.iter().filter(|answer| answer.error.is_some()).count();
    let took = answers.iter().map(|answer| answer.took.as_secs_f64() * 1000.0);
    print_row(&format!("{what:40} {:>8} {errors:>8}", answers.len()), took.collect());
}
