//! `cargo xtask bench latency`: from a click to Running, over HTTP on the real binary, with nothing else to do; and how many
//! clicks of many clients are accepted in a second.
//!
//! Started as `latency <binary> <words about the build>`; it knows the server only from outside. The pipeline is an
//! Import of three rows, so that the measured part is the scheduler's and two hundred clicks end soon.

mod latency {
    pub(super) mod accept;
}
mod client;
mod machine;
mod remote;
mod table;

use std::path::Path;
use std::time::{Duration, Instant};

use futures::{SinkExt, StreamExt, future};
use model::event::{Change, Event, ServerMessage, Topic, Watch};
use model::execution::{Execution, Status};
use serde_json::{Value, json};
use tokio::sync::mpsc;
use tokio_tungstenite::tungstenite::Message;

use client::create;
use remote::{PATIENCE, Result, start};
use table::print_row;

const CLICKS: usize = 200;
const QUEUED_AT_ONCE: usize = 20;
#[tokio::main]
async fn main() -> Result<()> {
    let mut arguments = std::env::args().skip(1).filter(|argument| argument != "--bench");
    let (Some(binary), Some(build)) = (arguments.next(), arguments.next()) else {
        return Err("start it as `cargo xtask bench latency`".into());
    };
    let directory = tempfile::tempdir()?;
    let (_server, address) = start(Path::new(&binary), directory.path(), "none").await?;
    let mut session = Session::open(&address).await?;

    println!("\n{}\n{build}; idle server, SQLite on {}\n", machine::machine()?, directory.path().display());
    println!("{:58} {:>9} {:>9} {:>9}", "", "median", "p99", "worst");
    for door in [Door::Browser, Door::Rest] {
        let clicks = session.clicks(door).await?;
        let row = |what: &str, of: fn(&Click) -> f64| {
            print_row(&format!("{}, {CLICKS} clicks: {what}", door.name()), clicks.iter().map(of).collect());
        };
        row("answered", |click| click.answered_ms);
        row("queued to Running, as recorded", |click| click.recorded_ms);
        row("click to Running, on the websocket", |click| click.seen_ms);
    }
    let gaps = session.queued_at_once().await?;
    print_row(&format!("{QUEUED_AT_ONCE} queued at once: end of one to start of next"), gaps);
    latency::accept::measure(&session).await
}

/// How a click reaches the server.
#[derive(Clone, Copy)]
enum Door {
    /// The page's form, as the hydrated page posts it.
    Browser,
    Rest,
}

impl Door {
    fn name(self) -> &'static str {
        match self {
            Self::Browser => "page",
            Self::Rest => "REST",
        }
    }
}

/// What one click measured, in milliseconds.
struct Click {
    answered_ms: f64,
    recorded_ms: f64,
    seen_ms: f64,
}

/// A workflow to click on and the feed that tells what came of it.
struct Session {
    http: reqwest::Client,
    address: String,
    project: String,
    workflow: String,
    feed: mpsc::UnboundedReceiver<(Instant, Execution)>,
}

impl Session {
    /// Makes a project with one small file and an On-Demand workflow on it, and opens the live feed.
    async fn open(address: &str) -> Result<Self> {
        let http = reqwest::Client::new();
        let api = format!("http://{address}/api/v1");
        let project = create(&http, &format!("{api}/projects"), &json!({"name": "Latency"})).await?;
        let upload = http.post(format!("{api}/projects/{project}/files?name=three.csv"));
        upload.body("name,city\nAda,London\nGrace,New York\nEdsger,Rotterdam\n").send().await?.error_for_status()?;
        let workflow = json!({
            "name": "Latency", "project_id": project, "steps": ["import"], "schedule": {"type": "on_demand"},
        });
        let workflow = create(&http, &format!("{api}/workflows"), &workflow).await?;
        Ok(Self { http, address: address.to_owned(), project, workflow, feed: watch(address).await? })
    }

    async fn clicks(&mut self, door: Door) -> Result<Vec<Click>> {
        let mut clicks = Vec::with_capacity(CLICKS);
        for _ in 0..CLICKS {
            let clicked = Instant::now();
            let execution = self.run_now(door).await?;
            let answered = clicked.elapsed();
            let (seen, running) = self.next(&execution, |status| status == Status::Running).await?;
            let (_, ended) = self.next(&execution, Status::is_final).await?;
            succeeded(&ended)?;
            let started_at = running.started_at.ok_or("a running execution has a start")?;
            clicks.push(Click {
                answered_ms: milliseconds(answered),
                recorded_ms: since(running.queued_at, started_at),
                seen_ms: milliseconds(seen.duration_since(clicked)),
            });
        }
        Ok(clicks)
    }

    /// Queues all at once and gives the milliseconds between the end of one and the start of the next.
    async fn queued_at_once(&mut self) -> Result<Vec<f64>> {
        let session = &*self;
        let queued = future::try_join_all((0..QUEUED_AT_ONCE).map(|_| session.run_now(Door::Rest))).await?;
        let mut ended = Vec::with_capacity(queued.len());
        while ended.len() < queued.len() {
            let (_, execution) = self.received().await?;
            if execution.status.is_final() {
                succeeded(&execution)?;
                ended.push(execution);
            }
        }
        ended.sort_by_key(|execution| execution.queued_at);
        let mut gaps = Vec::new();
        for pair in ended.windows(2) {
            let (Some(finished_at), Some(started_at)) = (pair[0].finished_at, pair[1].started_at) else {
                return Err("an execution that ended has both times".into());
            };
            if started_at < finished_at {
                return Err(format!("{} started before {} ended", pair[1].id, pair[0].id).into());
            }
            gaps.push(since(finished_at, started_at));
        }
        Ok(gaps)
    }

    /// One click; gives the queued execution's id.
    async fn run_now(&self, door: Door) -> Result<String> {
        let address = &self.address;
        let request = match door {
            Door::Browser => {
                let form = self.http.post(format!("http://{address}/_fn/run_now")).header("accept", "application/json");
                form.form(&[("workflow", &self.workflow)])
            }
            Door::Rest => self.http.post(format!("http://{address}/api/v1/workflows/{}/executions", self.workflow)),
        };
        let answer: Value = request.send().await?.error_for_status()?.json().await?;
        Ok(answer["id"].as_str().ok_or("the answer is the execution")?.to_owned())
    }

    /// The first event on this execution whose status is wanted, and when it was received.
    async fn next(&mut self, id: &str, wanted: impl Fn(Status) -> bool) -> Result<(Instant, Execution)> {
        loop {
            let (at, execution) = self.received().await?;
            if execution.id.to_string() == id && wanted(execution.status) {
                return Ok((at, execution));
            }
        }
    }

    async fn received(&mut self) -> Result<(Instant, Execution)> {
        let event = tokio::time::timeout(PATIENCE, self.feed.recv()).await;
        event.map_err(|_| "the live feed fell silent")?.ok_or_else(|| "the live feed closed".into())
    }
}

/// Follows the live feed; each event on an execution is stamped when it arrives.
async fn watch(address: &str) -> Result<mpsc::UnboundedReceiver<(Instant, Execution)>> {
    let (mut socket, _) = tokio_tungstenite::connect_async(format!("ws://{address}/api/v1/events")).await?;
    let first = Watch { watch: vec![Topic::Workflows], after: None };
    socket.send(Message::text(serde_json::to_string(&first)?)).await?;
    let (events, feed) = mpsc::unbounded_channel();
    tokio::spawn(async move {
        while let Some(Ok(message)) = socket.next().await {
            let at = Instant::now();
            let Message::Text(text) = message else { continue };
            let Ok(ServerMessage::Event(Event { change: Change::Execution { execution }, .. })) =
                serde_json::from_str(&text)
            else {
                continue;
            };
            if events.send((at, *execution)).is_err() {
                break;
            }
        }
    });
    Ok(feed)
}

fn succeeded(execution: &Execution) -> Result<()> {
    match execution.status {
        Status::Success => Ok(()),
        status => Err(format!("execution {} ended as {}: {:?}", execution.id, status.label(), execution.error).into()),
    }
}

fn milliseconds(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1000.0
}

fn since(earlier: model::Timestamp, later: model::Timestamp) -> f64 {
    (later.as_micros() - earlier.as_micros()) as f64 / 1000.0
}
