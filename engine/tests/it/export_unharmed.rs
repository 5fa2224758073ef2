//! A destination is the old file, whole, or the new one, whole: whenever a run is cancelled, and whenever its process is
//! killed. What a killed process leaves beside it, the next run removes.

use std::{
    env, fs,
    io::{BufRead as _, BufReader},
    path::{Path, PathBuf},
    process::{Command, Stdio},
    sync::Mutex,
};

use engine::{Failure, export_mark};
use model::Step;
use proptest::prelude::*;
use serde_json::json;

use crate::{
    export::people,
    support::{Project, Watcher},
};

const RECORDS: usize = 9_000;
/// Where a child finds its project.
const HOME: &str = "MILLRACE_TEST_EXPORT_HOME";
/// Whether it waits to be killed.
const STAYS: &str = "MILLRACE_TEST_EXPORT_STAYS";
const KILLS: u32 = 12;
const FULL_DISKS: u32 = 24;
/// That a run makes at most.
const REPORTS: u32 = 17;

/// Merged, with targets of every kind that is on disk.
fn project() -> Project {
    let mut text = "id,mail,name\n".to_owned();
    for number in 0..RECORDS {
        text.push_str(&format!("{number},m{}@x.org,Name {number}\n", number / 2));
    }
    let mut project = people(json!({}));
    let path = project.home.path().join("people.csv");
    fs::write(&path, text).expect("written");
    let root = project.home.path().join("exports");
    fs::create_dir_all(root.join("there")).expect("made");
    project.spec.export.roots.push(root.clone());
    project = with_targets(project, &root);
    project.run(Step::Import, Step::Merge).expect("runs");
    project
}

fn with_targets(project: Project, root: &Path) -> Project {
    let to = |name: &str, format: serde_json::Value| json!({"type": "directory", "path": root.join("there"), "name": name, "format": format});
    project.with(
        "export",
        json!({"action": "flag_duplicates", "reports": true, "targets": [
            {"type": "file", "name": "download.csv", "format": {"type": "csv"}},
            to("a.csv", json!({"type": "csv"})),
            to("b.jsonl", json!({"type": "json_lines", "compression": "zstd"})),
            to("c.xlsx", json!({"type": "xlsx"})),
            to("d.parquet", json!({"type": "parquet"})),
        ]}),
    )
}

fn there(project: &Project) -> PathBuf {
    project.spec.export.roots[0].join("there")
}

/// Every file of the destination with its bytes.
fn files(directory: &Path) -> Vec<(String, Vec<u8>)> {
    let entries = fs::read_dir(directory).expect("readable").map(|entry| entry.expect("an entry").path());
    let name = |path: &Path| path.file_name().expect("a name").to_str().expect("text").to_owned();
    let mut files: Vec<_> = entries.map(|path| (name(&path), fs::read(&path).expect("readable"))).collect();
    files.sort();
    files
}

/// What a finished run leaves, for comparison; the destination is empty again afterwards.
fn whole(project: &Project) -> Vec<(String, Vec<u8>)> {
    project.run(Step::Export, Step::Export).expect("runs");
    fs::remove_dir_all(project.outputs()).expect("removed for the next run");
    let whole = files(&there(project));
    assert_eq!(whole.len(), 4);
    whole
}

fn put_old(project: &Project, whole: &[(String, Vec<u8>)]) -> Vec<(String, Vec<u8>)> {
    fs::remove_dir_all(there(project)).expect("removed");
    fs::create_dir(there(project)).expect("made");
    let old = |(name, _): &(String, Vec<u8>)| (name.clone(), format!("old {name}").into_bytes());
    let old: Vec<_> = whole.iter().map(old).collect();
    old.iter().for_each(|(name, bytes)| fs::write(there(project).join(name), bytes).expect("written"));
    old
}

#[test]
fn a_run_that_is_cancelled_anywhere_leaves_the_destination_as_it_was() {
    let project = Mutex::new(project());
    let whole = whole(&project.lock().expect("not poisoned"));
    let config = ProptestConfig { cases: 20, failure_persistence: None, ..ProptestConfig::default() };
    proptest!(config, |(reports in 0_u64..17)| {
        let project = project.lock().expect("not poisoned");
        let old = put_old(&project, &whole);
        let result = project.run_watched(Step::Export, Step::Export, Watcher::cancelling_after(reports));
        match result {
            Err(Failure::Cancelled) => {
                prop_assert_eq!(files(&there(&project)), old);
                prop_assert!(!project.outputs().exists());
            }
            Ok(_) => {
                prop_assert_eq!(files(&there(&project)), whole.clone());
                fs::remove_dir_all(project.outputs()).expect("removed for the next run");
            }
            Err(other) => prop_assert!(false, "{other}"),
        }
        prop_assert!(!project.home.path().join("outputs.partial").exists());
        prop_assert!(!export_mark(&project.outputs()).exists());
    });
}

/// The process that is killed, or whose disk is full: exports once and tells how that ended.
#[test]
fn child() {
    let Some(home) = env::var_os(HOME) else { return };
    let home = PathBuf::from(home);
    let mut project = with_targets(people(json!({})), &home.join("exports"));
    project.spec.export.roots.push(home.join("exports"));
    let watcher = Watcher { tell: true, ..Watcher::default() };
    match project.at(&home).run_watched(Step::Export, Step::Export, watcher) {
        Ok(_) => println!("export: done"),
        Err(failure) => println!("export: failed: {failure}"),
    }
    if env::var_os(STAYS).is_some() {
        (0..REPORTS).for_each(|_| println!("export: waits to be killed"));
        loop {
            std::thread::park();
        }
    }
}

/// The next of a fixed sequence (Marsaglia: "Xorshift RNGs").
fn next(seed: &mut u32) -> u32 {
    *seed ^= *seed << 13;
    *seed ^= *seed >> 17;
    *seed ^= *seed << 5;
    *seed
}

#[test]
fn a_process_that_is_killed_anywhere_leaves_whole_files_and_the_next_run_tidies_up() {
    let project = project();
    let whole = whole(&project);
    // A fixed seed: which report the kill follows. Where exactly it strikes is up to the machine.
    let mut seed = 0x2545_f491_u32;
    for kill in 0..KILLS {
        let old = put_old(&project, &whole);
        let mut child = Command::new(env::current_exe().expect("this test"))
            .args(["--exact", "export_unharmed::child", "--nocapture"])
            .env(HOME, project.home.path())
            .env(STAYS, "")
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("started");
        let mut lines = BufReader::new(child.stdout.take().expect("piped")).lines();
        let wanted = next(&mut seed) % REPORTS;
        let mut reports = lines.by_ref().filter(|line| line.as_ref().is_ok_and(|line| line.contains("export: ")));
        let told = reports.nth(wanted as usize);
        assert!(told.is_some(), "the child ended by itself");
        // A part of the way to the next report.
        (0..seed % 50_000).for_each(|turn| {
            std::hint::black_box(turn);
        });
        child.kill().expect("killed");
        child.wait().expect("ended");
        let found = files(&there(&project));
        for (name, bytes) in found.iter().filter(|(name, _)| !name.ends_with(".part")) {
            let is_old = old.iter().any(|file| file == &(name.clone(), bytes.clone()));
            let is_new = whole.iter().any(|file| file == &(name.clone(), bytes.clone()));
            assert!(is_old || is_new, "kill {kill}: {name} is neither the old nor the new file");
        }
        // What a person is told of it: the destination may be half new, or it is as it was.
        let touched = old.iter().any(|file| !found.contains(file));
        assert!(
            !touched || project.outputs().exists() || export_mark(&project.outputs()).exists(),
            "kill {kill}: the destination was touched, and nothing says so"
        );
        assert!(
            old.iter().all(|(name, _)| found.iter().any(|(there, _)| there == name)),
            "kill {kill}: a file is gone"
        );
        let _ = fs::remove_dir_all(project.outputs());
        project.run(Step::Export, Step::Export).expect("runs after the kill");
        assert_eq!(files(&there(&project)), whole, "kill {kill}: the next run leaves the new files and nothing else");
        assert!(!project.home.path().join("outputs.partial").exists(), "kill {kill}");
        assert!(!export_mark(&project.outputs()).exists(), "kill {kill}");
        let versions = fs::read_dir(project.workspace().join("export")).expect("readable");
        assert_eq!(versions.count(), 2, "kill {kill}: one version and its name");
        fs::remove_dir_all(project.outputs()).expect("removed for the next run");
    }
}

/// The disk refuses at some byte of some file, working files among them: no file may become larger than a limit.
#[test]
fn a_disk_that_refuses_at_any_byte_leaves_the_destination_as_it_was() {
    let project = project();
    let whole = whole(&project);
    let (mut seed, mut refused) = (0x9e37_79b9_u32, 0);
    for case in 0..FULL_DISKS {
        let old = put_old(&project, &whole);
        // In blocks of 512 bytes or of 1,024, as the shell pleases; the signal would end the process.
        let blocks = next(&mut seed) % 1_500;
        let child = Command::new("sh")
            .args(["-c", r#"trap '' XFSZ; ulimit -f "$0" && exec "$@""#, &blocks.to_string()])
            .arg(env::current_exe().expect("this test"))
            .args(["--exact", "export_unharmed::child", "--nocapture"])
            .env(HOME, project.home.path())
            .stderr(Stdio::null())
            .output()
            .expect("runs");
        let told = String::from_utf8(child.stdout).expect("text");
        if let Some((_, failure)) = told.split_once("export: failed: ") {
            refused += 1;
            assert!(failure.contains("File too large"), "case {case}, {blocks} blocks: {failure}");
            assert!(files(&there(&project)) == old, "case {case}, {blocks} blocks: {failure}");
            assert!(!project.outputs().exists(), "case {case}");
        } else {
            assert!(told.contains("export: done"), "case {case}, {blocks} blocks: {told}");
            assert!(files(&there(&project)) == whole, "case {case}, {blocks} blocks");
            fs::remove_dir_all(project.outputs()).expect("removed for the next run");
        }
        assert!(!project.home.path().join("outputs.partial").exists(), "case {case}");
        assert!(!export_mark(&project.outputs()).exists(), "case {case}");
    }
    assert!(refused > FULL_DISKS / 4, "{refused} of {FULL_DISKS} disks were full");
}

#[test]
fn when_a_later_destination_refuses_the_earlier_ones_are_as_they_were() {
    let project = project();
    let whole = whole(&project);
    let old = put_old(&project, &whole);
    let last = there(&project).join("d.parquet");
    // In the last moment somebody puts a directory where the last file goes.
    let in_the_way = last.clone();
    let act = move || {
        fs::remove_file(&in_the_way).expect("removed");
        fs::create_dir(&in_the_way).expect("made");
    };
    let watcher = Watcher { at_stage: Some(("placing d.parquet", Box::new(act))), ..Watcher::default() };
    let failure =
        project.run_watched(Step::Export, Step::Export, watcher).map(|_| ()).expect_err("refused").to_string();
    assert!(failure.contains("d.parquet: cannot rename the complete file"), "{failure}");
    fs::remove_dir(&last).expect("the directory is as it was");
    assert_eq!(files(&there(&project)), old[..3]);
    assert!(!project.outputs().exists() && !export_mark(&project.outputs()).exists());
}
