//! The real program, killed without warning in the middle of its work, again and again.

use std::{
    collections::{BTreeMap, HashSet},
    path::Path,
};

use ::server::{
    audit::Audit,
    clock::{Clock as _, SystemClock},
    directory::DataDirectory,
    random::Random,
    store::audit::Records,
};
use model::{
    ExecutionId, Timestamp, WorkflowId,
    execution::{Execution, Status, Trigger},
    workflow::Workflow,
};
use reqwest::Method;

use crate::support::{Client, Process, customers, draft};

/// Kills in a usual run.
const KILLS: u64 = 20;
/// Executions that may run at once.
const SLOTS: usize = 2;
/// Messages of the live feed after which a process is killed: from before the first start to after the last end.
const MESSAGES_MAX: usize = 60;
const CLICKS: usize = 3;
/// One in so many clicks is taken back at once.
const CANCELLED_ONE_IN: usize = 5;

/// What was promised to whoever clicked.
#[derive(Default)]
struct Accepted {
    executions: BTreeMap<ExecutionId, WorkflowId>,
    clicks: u64,
}

impl Accepted {
    async fn click(&mut self, client: &Client, workflow: WorkflowId) {
        self.clicks += 1;
        let request = client.request(Method::POST, &format!("/api/v1/workflows/{workflow}/executions"));
        let request = request.header("idempotency-key", format!("click {}", self.clicks));
        // Once queued executions pile up to the limit, a click is refused, which promises nothing.
        let answer = client.send(request).await;
        if answer.status == 202 {
            let execution: Execution = answer.read();
            self.executions.insert(execution.id, workflow);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_twenty_times_it_loses_nothing_and_shows_nothing_half() {
    killed(KILLS).await;
}

/// `cargo xtask crash`
#[tokio::test(flavor = "multi_thread")]
#[ignore = "runs for as long as it is told to: cargo xtask crash"]
#[expect(clippy::disallowed_methods, reason = "libtest passes no arguments on to a test")]
async fn as_often_as_told() {
    killed(std::env::var("MILLRACE_KILLS").map_or(KILLS, |kills| kills.parse().expect("a number"))).await;
}

async fn started(data: &Path) -> Process {
    Process::start(data, &["--max-running", &SLOTS.to_string()]).await
}

async fn killed(kills: u64) {
    let seed = u64::try_from(SystemClock.entropy() & u128::from(u64::MAX)).expect("64 bits");
    println!("seed {seed}");
    let mut random = Random::new(seed);
    let directory = tempfile::tempdir().unwrap();
    let data = directory.path().join("data");
    let mut audit = Audit::new(SLOTS);
    let mut process = started(&data).await;
    let mut workflows = Vec::new();
    for name in ["One", "Two"] {
        let project = process.client.project_of(name, customers(400)).await;
        workflows.push(process.client.workflow(name, project).await);
        // On the same project, so the two never run at once.
        let schedule = serde_json::json!({"type": "simple", "every": 1, "unit": "minutes"});
        let mut scheduled = draft(&format!("{name}, by itself"), project, schedule);
        // Kills make failures: each fourth in a row is one.
        scheduled["suspend_after"] = 0.into();
        workflows.push(process.client.post("/api/v1/workflows", scheduled).await.expect(201).read::<Workflow>().id);
    }
    let (mut accepted, mut checked) = (Accepted::default(), HashSet::new());
    for kill in 1..=kills {
        let client = process.client.clone();
        let mut feed = client.feed().await;
        feed.live().await;
        for _ in 0..CLICKS {
            accepted.click(&client, *random.pick(&workflows)).await;
        }
        let cancelled = random.one_in(CANCELLED_ONE_IN);
        if let Some((execution, _)) = accepted.executions.last_key_value().filter(|_| cancelled) {
            // It may be over by now.
            client.post(&format!("/api/v1/executions/{execution}/cancel"), serde_json::json!({})).await;
        }
        let messages = random.below(MESSAGES_MAX);
        let mut idle = false;
        for _ in 0..messages {
            feed.message().await;
            if client.is_idle().await {
                idle = true;
                break;
            }
        }
        println!("kill {kill} after {messages} messages{}", if idle { " (idle)" } else { "" });
        process.kill().await;
        let restarted = SystemClock.now();
        process = started(&data).await;
        let mut records = Records::open(&DataDirectory::open(&data).unwrap().database()).await.unwrap();
        audit.follow(&mut records).await.unwrap();
        check_recovered(&process.client, &accepted, &checked, restarted).await;
        // What was whole when it ended is looked at once more after the last kill.
        check_files(&process.client, &data, &mut checked).await;
    }
    for workflow in &workflows {
        process.client.post(&format!("/api/v1/workflows/{workflow}/pause"), serde_json::json!({})).await.expect(200);
    }
    check_all_end(&process.client, &accepted).await;
    check_files(&process.client, &data, &mut HashSet::new()).await;
    process.kill().await;
    check_database(&data, &mut audit, &accepted).await;
}

/// The rules that the simulation checks, too.
async fn check_database(data: &Path, audit: &mut Audit, accepted: &Accepted) {
    let mut records = Records::open(&DataDirectory::open(data).unwrap().database()).await.unwrap();
    audit.follow(&mut records).await.unwrap();
    audit.compare(&mut records).await.unwrap();
    assert_eq!(records.integrity().await.unwrap(), "ok");
    assert!(accepted.executions.keys().all(|id| audit.execution(*id).is_some()), "an accepted execution is lost");
    let scheduled = audit.executions().filter(|execution| execution.trigger == Trigger::Scheduled).count();
    println!("{} events, {scheduled} scheduled executions", audit.last_event());
}

/// As soon as a restarted server answers: every promise that was open is known, and nothing runs that started in an earlier life.
async fn check_recovered(client: &Client, accepted: &Accepted, ended: &HashSet<ExecutionId>, restarted: Timestamp) {
    for id in accepted.executions.keys().filter(|id| !ended.contains(id)) {
        let execution = client.execution(*id).await;
        if execution.status.is_active() {
            assert!(execution.started_at.is_some_and(|started| started >= restarted), "{execution:?}");
        }
    }
}

/// What can be downloaded is whole, and of what did not succeed there is nothing. Looks at those executions that ended and
/// were not looked at yet.
async fn check_files(client: &Client, data: &Path, checked: &mut HashSet<ExecutionId>) {
    for execution in client.all_executions().await {
        // One that is not over may be writing right now.
        if !execution.status.is_final() || !checked.insert(execution.id) {
            continue;
        }
        if execution.status == Status::Success {
            client.check_whole(&execution).await;
            continue;
        }
        let path = format!("/api/v1/executions/{}/outputs", execution.id);
        let outputs = client.get(&path).await.expect(200).json();
        assert_eq!(outputs["items"], serde_json::json!([]), "{execution:?}");
        let files = data.join("executions").join(execution.id.to_string());
        assert!(!files.join("outputs.partial").exists(), "{execution:?} left half of its outputs");
    }
}

/// Left alone, every promise is kept: it succeeded, or it was interrupted and what recovered it ended. Only the fourth
/// interruption in a row counts as a failure.
async fn check_all_end(client: &Client, accepted: &Accepted) {
    client.idle().await;
    let all = client.all_executions().await;
    let ended: HashSet<ExecutionId> = all.iter().map(|execution| execution.id).collect();
    assert!(accepted.executions.keys().all(|id| ended.contains(id)), "an accepted execution is lost");
    let mut outcomes: BTreeMap<&str, usize> = BTreeMap::new();
    for execution in &all {
        *outcomes.entry(execution.status.as_str()).or_default() += 1;
    }
    println!("{} accepted; in the end {outcomes:?}", accepted.executions.len());
    let recoveries = all.iter().filter(|execution| execution.trigger == Trigger::Recovery).count();
    assert_eq!(recoveries, outcomes.get("interrupted").copied().unwrap_or_default(), "one recovery an interruption");
    for execution in all {
        match execution.status {
            Status::Success | Status::Interrupted => {}
            Status::Cancelled => assert!(execution.cancelled_by.is_some(), "{execution:?}"),
            Status::Failed => {
                let error = execution.error.unwrap_or_default();
                assert!(error.contains("The server stopped while this was running, for the 4th time"), "{error}");
            }
            other => panic!("{other:?}"),
        }
    }
}
