//! `millrace backup` beside a server that works, and `millrace restore`.

mod bad_archives;

use std::{
    collections::{BTreeMap, BTreeSet},
    path::{Path, PathBuf},
    sync::{Arc, Mutex},
};

use ::server::{audit::Audit, directory::DataDirectory, random::Random, store::audit::Records};
use model::{
    ExecutionId, WorkflowId,
    event::{Change, Event},
    execution::{Execution, Status, Trigger},
    workflow::Workflow,
};
use serde_json::json;

use crate::support::{
    Client, Process, customers, draft,
    process::{Said, command},
};

/// Executions that may run at once.
const SLOTS: usize = 2;
const BACKUPS: usize = 3;
/// Executions that run or wait while backups are made.
const WAITING: usize = 12;

async fn back_up(data: &Path, file: &Path, more: &[&str]) -> Said {
    let mut args = vec!["backup".as_ref(), file.as_os_str(), "--data".as_ref(), data.as_os_str()];
    args.extend(more.iter().map(AsRef::<std::ffi::OsStr>::as_ref));
    command(&args).await
}

async fn restore(file: &Path, data: &Path) -> Said {
    command(&["restore".as_ref(), file.as_os_str(), "--data".as_ref(), data.as_os_str()]).await
}

async fn started(data: &Path) -> Process {
    Process::start(data, &["--max-running", &SLOTS.to_string()]).await
}

/// The rules that the simulation and the crash test check, too.
async fn audited(data: &Path) -> Audit {
    let mut records = Records::open(&DataDirectory::at(data).database()).await.unwrap();
    let mut audit = Audit::new(SLOTS);
    audit.follow(&mut records).await.unwrap();
    audit.compare(&mut records).await.unwrap();
    assert_eq!(records.integrity().await.unwrap(), "ok");
    audit
}

/// Names in a directory.
fn names(directory: &Path) -> BTreeSet<String> {
    let entries = std::fs::read_dir(directory).unwrap();
    entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
}

/// Two projects with two workflows each, of which one runs by itself.
async fn workflows(client: &Client) -> Vec<WorkflowId> {
    let mut workflows = Vec::new();
    for name in ["One", "Two"] {
        let project = client.project_of(name, customers(400)).await;
        workflows.push(client.workflow(name, project).await);
        let schedule = json!({"type": "simple", "every": 1, "unit": "minutes"});
        let scheduled = draft(&format!("{name}, by itself"), project, schedule);
        workflows.push(client.post("/api/v1/workflows", scheduled).await.expect(201).read::<Workflow>().id);
    }
    workflows
}

/// Keeps a few waiting for each slot: a click for each that ended. Notes what was accepted.
async fn click_for_ever(client: Client, workflows: Vec<WorkflowId>, accepted: Arc<Mutex<BTreeSet<ExecutionId>>>) {
    let mut random = Random::new(7);
    let mut feed = client.feed().await;
    feed.live().await;
    for click in 0.. {
        let path = format!("/api/v1/workflows/{}/executions", random.pick(&workflows));
        let answer = client.post(&path, json!({})).await;
        // A queue that is full promises nothing.
        if answer.status == 202 {
            accepted.lock().unwrap().insert(answer.read::<Execution>().id);
        }
        if click >= WAITING {
            let ended =
                |event: Event| matches!(event.change, Change::Execution { execution } if execution.status.is_final());
            while !ended(feed.event().await) {}
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn taken_under_load_it_restores_to_a_database_that_passes_the_audit() {
    let directory = tempfile::tempdir().unwrap();
    let data = directory.path().join("data");
    let process = started(&data).await;
    let workflows = workflows(&process.client).await;
    process.client.succeeds(workflows[0]).await;
    let accepted = Arc::new(Mutex::new(BTreeSet::new()));
    let load = tokio::spawn(click_for_ever(process.client.clone(), workflows.clone(), Arc::clone(&accepted)));
    let mut backups = Vec::new();
    for number in 1..=BACKUPS {
        let promised = accepted.lock().unwrap().clone();
        let file = directory.path().join(format!("{number}.tar.zst"));
        let said = back_up(&data, &file, &[]).await;
        assert!(said.done, "{said:?}");
        println!("{} promised; {}", promised.len(), said.out);
        backups.push((file, promised));
    }
    load.abort();
    // The server did not notice: nothing was taken out of its hands.
    let interrupted = process.client.all_executions().await.into_iter().find(|it| it.status == Status::Interrupted);
    assert_eq!(interrupted.map(|it| it.id), None);
    process.kill().await;
    assert_eq!(names(directory.path()).len(), BACKUPS + 1, "{:?}", names(directory.path()));
    for (file, promised) in backups {
        check_restored(&file, &promised).await;
    }
}

/// Restores into a new directory, audits it, and lets a server finish what was queued.
async fn check_restored(file: &Path, promised: &BTreeSet<ExecutionId>) {
    let data = PathBuf::from(format!("{}.restored", file.display()));
    let said = restore(file, &data).await;
    assert!(said.done, "{said:?}");
    assert_eq!(names(&data), ["executions", "lock", "millrace.db", "projects"].map(str::to_owned).into());
    let audit = audited(&data).await;
    assert!(promised.iter().all(|id| audit.execution(*id).is_some()), "an accepted execution is lost");
    let open: BTreeSet<ExecutionId> = audit.open().map(|execution| execution.id).collect();
    let running = audit.open().filter(|execution| execution.status.is_active()).count();
    let process = started(&data).await;
    for workflow in audit.workflows() {
        let path = format!("/api/v1/workflows/{}/pause", workflow.id);
        process.client.post(&path, json!({})).await.expect(200);
    }
    process.client.idle().await;
    let all = process.client.all_executions().await;
    let mut outcomes: BTreeMap<&str, usize> = BTreeMap::new();
    for execution in &all {
        *outcomes.entry(execution.status.as_str()).or_default() += 1;
        if execution.status == Status::Success {
            process.client.check_whole(execution).await;
        }
    }
    println!("{} were open, {running} of them running; in the end {outcomes:?}", open.len());
    assert_eq!(outcomes.get("interrupted").copied().unwrap_or_default(), running, "what ran is interrupted");
    let recoveries = all.iter().filter(|execution| execution.trigger == Trigger::Recovery).count();
    assert_eq!(recoveries, running, "and recovered");
    assert_eq!(outcomes.get("failed"), None, "{all:?}");
    process.kill().await;
    audited(&data).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn results_outputs_and_logs_come_back_and_what_is_gone_is_said() {
    let directory = tempfile::tempdir().unwrap();
    let (data, restored) = (directory.path().join("data"), directory.path().join("restored"));
    let process = started(&data).await;
    let project = process.client.project_of("Customers", customers(400)).await;
    let workflow = process.client.workflow("Nightly", project).await;
    let (first, second) = (process.client.succeeds(workflow).await, process.client.succeeds(workflow).await);
    let paths = [
        format!("/api/v1/projects/{project}"),
        format!("/api/v1/projects/{project}/results/match"),
        format!("/api/v1/executions/{}/logs", second.id),
        format!("/api/v1/executions/{}/outputs", second.id),
    ];
    let mut before = Vec::new();
    for path in &paths {
        before.push(process.client.get(path).await.expect(200).json());
    }
    // What it left in the write-ahead log is backed up, too.
    process.kill().await;
    let outputs = DataDirectory::at(&data).outputs(first.id);
    std::fs::remove_dir_all(&outputs).unwrap();
    let file = directory.path().join("backup.tar.zst");
    let said = back_up(&data, &file, &[]).await;
    assert!(said.done && said.out.contains("gone when it was made"), "{said:?}");
    assert!(said.out.contains(&format!("executions/{}/outputs/", first.id)), "{said:?}");
    assert!(restore(&file, &restored).await.done);
    let process = started(&restored).await;
    for (path, before) in paths.iter().zip(before) {
        assert_eq!(process.client.get(path).await.expect(200).json(), before, "{path}");
    }
    process.client.check_whole(&second).await;
    process.client.succeeds(workflow).await;
    process.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_backup_without_files_is_the_database_alone() {
    let directory = tempfile::tempdir().unwrap();
    let (data, restored) = (directory.path().join("data"), directory.path().join("restored"));
    let process = started(&data).await;
    let project = process.client.project_of("Customers", customers(400)).await;
    process.client.workflow("Nightly", project).await;
    let file = directory.path().join("backup.tar.zst");
    let said = back_up(&data, &file, &["--database-only"]).await;
    assert!(said.done && said.out.contains("without files"), "{said:?}");
    assert!(restore(&file, &restored).await.done);
    assert_eq!(names(&restored), ["lock", "millrace.db"].map(str::to_owned).into());
    let restarted = started(&restored).await;
    restarted.client.get(&format!("/api/v1/projects/{project}")).await.expect(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_done_is_refused_and_leaves_nothing() {
    let directory = tempfile::tempdir().unwrap();
    let (data, file) = (directory.path().join("data"), directory.path().join("backup.tar.zst"));
    let said = back_up(&data, &file, &[]).await;
    assert!(!said.done && said.errors.contains("there is no database in"), "{said:?}");
    assert_eq!(names(directory.path()).len(), 0);

    let process = started(&data).await;
    process.client.project("Customers").await;
    assert!(back_up(&data, &file, &[]).await.done);
    let again = back_up(&data, &file, &[]).await;
    assert!(!again.done && again.errors.contains("exists already"), "{again:?}");
    // Of a server that runs, and of one that does not.
    for _ in 0..2 {
        let before = names(&data);
        let said = restore(&file, &data).await;
        assert!(!said.done && said.errors.contains("is not empty"), "{said:?}");
        assert_eq!(names(&data), before);
    }
    let nowhere = restore(Path::new("/nowhere/backup.tar.zst"), &directory.path().join("new")).await;
    assert!(!nowhere.done && nowhere.errors.contains("/nowhere/backup.tar.zst"), "{nowhere:?}");
    assert!(!directory.path().join("new").exists());
    let empty = directory.path().join("empty");
    std::fs::create_dir(&empty).unwrap();
    assert!(restore(&file, &empty).await.done);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_damaged_file_is_found_when_it_is_backed_up() {
    let directory = tempfile::tempdir().unwrap();
    let data = directory.path().join("data");
    let process = started(&data).await;
    let project = process.client.project_of("Customers", customers(400)).await;
    process.stop().await;
    let files = DataDirectory::at(&data).files(project);
    let uploaded = files.join(names(&files).first().unwrap());
    std::fs::write(&uploaded, "half of it").unwrap();
    let said = back_up(&data, &directory.path().join("backup.tar.zst"), &[]).await;
    assert!(!said.done && said.errors.contains("has 10 bytes, but the database says"), "{said:?}");
    assert_eq!(names(directory.path()), ["data".to_owned()].into());
}
