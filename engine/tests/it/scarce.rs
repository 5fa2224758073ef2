//! Too little memory, too little disk: a step ends with the reason, or does its work on disk; what was published stays.

use std::{
    fs::{self, File},
    io::{ErrorKind, Write as _},
    path::{Path, PathBuf},
    process::Command,
    sync::Arc,
};

use datafusion::arrow::array::{ArrayRef, StringArray};
use engine::{Failure, PipelineError, Workspace};
use model::{Step, StepRange};
use serde_json::json;
use tempfile::TempDir;

use crate::{
    files,
    support::{Project, Watcher},
};

const STEPS: [Step; 6] = [Step::Import, Step::Profile, Step::Cleanse, Step::Match, Step::Merge, Step::Export];
const ROWS: u32 = 6_000;

/// People of whom every second is there twice, with settings for all six steps. Their towns are long enough for Merge to
/// decide groups in several shares with 2 MB.
fn people(home: TempDir) -> Project {
    let mut text = "id,name,mail,town\n".to_owned();
    for number in 0..ROWS {
        let person = number / 2 * (1 + number % 4 / 2);
        let mixed = person.wrapping_mul(2_654_435_761);
        let town = format!("Town {} {}", mixed % 500, "upon the river ".repeat(number as usize % 20));
        text.push_str(&format!("{number},Name {mixed:x},{person}@example.org,{town}\n"));
    }
    let exact = |column: &str| json!({"parts": [{"column": column, "transform": "exact"}]});
    Project::within(home, &[("people.csv", text.as_bytes())])
        .with("cleanse", json!({"operations": [{"column": "name", "operation": "upper"}]}))
        .with("match", json!({
            "blocking": [exact("mail"), exact("name")],
            "definitions": [{"name": "d", "threshold": 80, "criteria": [
                {"column": "name", "comparison": "similar_text", "algorithm": "qgram_cosine", "weight": 1},
                {"column": "mail", "comparison": "similar_text", "weight": 1},
            ]}],
        }))
        .with("merge", json!({"overwrite_rules": [{"column": "town", "take": "longest"}]}))
        .with("export", json!({"action": "cross_reference", "targets": [{"type": "file", "name": "out.csv", "format": {"type": "csv"}}]}))
}

fn run(project: &Project, from: Step, through: Step) -> Result<(), PipelineError> {
    let context = project.context(&Arc::new(Watcher::default())).expect("an engine");
    let caller = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
    caller.block_on(engine::run(&project.spec, &context, StepRange::new(from, through).expect("a range")))
}

/// One step anew. Outputs are an execution's own, so those of the run before make room.
fn again(project: &Project, step: Step) -> Result<(), PipelineError> {
    if step == Step::Export {
        fs::remove_dir_all(project.outputs())
            .or_else(|error| if error.kind() == ErrorKind::NotFound { Ok(()) } else { Err(error) })
            .expect("removed");
    }
    run(project, step, step)
}

/// What a step has published, but for the name of the version.
fn published(project: &Project, step: Step) -> Vec<String> {
    let version = Workspace::new(project.workspace()).published(step).expect("readable").expect("published");
    let files = match step {
        Step::Import | Step::Cleanse | Step::Merge => vec!["records.parquet"],
        Step::Match => vec!["pairs.parquet", "groups.parquet", "group-list.parquet"],
        Step::Profile | Step::Export => Vec::new(),
    };
    let mut rows: Vec<String> = files.iter().flat_map(|file| project.rows(step, file)).collect();
    rows.push(serde_json::to_string(&version.result().expect("readable").summary).expect("JSON"));
    if step == Step::Export {
        rows.push(fs::read_to_string(project.outputs().join("out.csv")).unwrap_or_default());
    }
    rows
}

/// The name of the version that counts.
fn version(project: &Project, step: Step) -> Option<String> {
    Workspace::new(project.workspace()).published(step).expect("readable").map(|version| version.name)
}

/// What a failed attempt leaves behind: nothing.
fn check_tidy(project: &Project, step: Step) {
    let home = project.workspace().join(step.as_str());
    let count = fs::read_dir(&home)
        .expect("a directory")
        .filter(|entry| entry.as_ref().is_ok_and(|entry| entry.path().is_dir()));
    assert_eq!(count.count(), 1, "{step}: {}", home.display());
    assert!(!PathBuf::from(format!("{}.partial", project.outputs().display())).exists());
}

/// Each step with less and less: with the most it works, with less it works on disk or says what it lacks, and whatever it
/// gives is the same.
#[test]
fn a_step_with_too_little_memory_says_so_or_uses_the_disk() {
    let mut project = people(TempDir::new().expect("a temporary directory"));
    run(&project, Step::Import, Step::Export).expect("runs");
    for step in STEPS {
        again(&project, step).expect("runs with enough");
        let expected = published(&project, step);
        let (mut refused, mut before) = (0, version(&project, step));
        for memory_kb in [16 * 1024, 2 * 1024, 256, 16, 1] {
            project.memory_bytes = memory_kb * 1024;
            match again(&project, step) {
                Ok(()) => {
                    // With less memory a profile goes over to sketches, and says so.
                    let same = step == Step::Profile || published(&project, step) == expected;
                    assert!(same, "{step} with {memory_kb} kB gives something else");
                    before = version(&project, step);
                }
                Err(PipelineError { step: failed, failure: Failure::Input(message) }) => {
                    refused += 1;
                    let size = |kb: usize| {
                        if kb < 2048 { format!("({kb}.0 KB for all") } else { format!("({}.0 MB for all", kb / 1024) }
                    };
                    assert_eq!(failed, step);
                    assert!(message.contains("needs more memory than the engine may use"), "{step}: {message}");
                    assert!(message.contains(&size(memory_kb)) || memory_kb == 1, "{step}: {message}");
                    assert!(!message.contains('\n') && message.contains("raise the memory limit"), "{step}: {message}");
                    assert_eq!(version(&project, step), before, "{step}: what was published stays");
                    check_tidy(&project, step);
                }
                Err(other) => panic!("{step} with {memory_kb} kB: {other:?}"),
            }
        }
        println!("{step}: refused {refused} of 5 limits");
        // The others hold a batch or two, however many rows there are.
        let asks = matches!(step, Step::Profile | Step::Match | Step::Merge);
        assert!(!asks || refused > 0, "{step} asks for no memory");
        project.memory_bytes = crate::support::MEMORY_BYTES;
        again(&project, step).expect("runs again with enough");
    }
}

/// Whatever the format, import does with the memory that there is or says what it lacks.
#[test]
fn every_format_is_imported_alike_or_refused_for_want_of_memory() {
    let ids: Vec<String> = (0..4_000).map(|number| format!("id {number}")).collect();
    let texts: Vec<&str> = ids.iter().map(String::as_str).collect();
    let column: ArrayRef = Arc::new(StringArray::from(texts.clone()));
    let cells: Vec<String> = (1..)
        .zip(&ids)
        .map(|(row, _)| format!("<row r=\"{row}\"><c r=\"A{row}\" t=\"s\"><v>{}</v></c></row>", row - 1))
        .collect();
    let lines: Vec<&[&str]> = texts.chunks(1).collect();
    let files = [
        ("t.csv", ids.join("\n").into_bytes()),
        ("t.csv.gz", files::gzip(ids.join("\n").as_bytes())),
        ("t.jsonl", ids.iter().map(|id| format!("{{\"id 0\": \"{id}\"}}\n")).collect::<String>().into_bytes()),
        ("t.parquet", files::parquet(vec![("id 0", column)])),
        ("t.xlsx", files::xlsx(&[("T", false, &cells.concat())], &texts)),
        ("t.xls", files::xls(&lines)),
    ];
    for (name, bytes) in files {
        let mut project = Project::new(&[(name, &bytes)]);
        project.run(Step::Import, Step::Import).expect("imports");
        let expected = published(&project, Step::Import);
        for memory_kb in [4 * 1024, 256, 16, 1] {
            project.memory_bytes = memory_kb * 1024;
            let before = version(&project, Step::Import);
            match run(&project, Step::Import, Step::Import) {
                Ok(()) => assert!(published(&project, Step::Import) == expected, "{name} with {memory_kb} kB"),
                Err(PipelineError { failure: Failure::Input(message), .. }) => {
                    assert!(message.contains("needs more memory"), "{name} with {memory_kb} kB: {message}");
                    assert_eq!(version(&project, Step::Import), before);
                    check_tidy(&project, Step::Import);
                }
                Err(other) => panic!("{name} with {memory_kb} kB: {other:?}"),
            }
        }
    }
}

/// A file system of its own that is small; gone at the end. `None` where this may not be done.
struct SmallDisk(TempDir);

impl SmallDisk {
    fn mount(megabytes: u32) -> Option<Self> {
        let place = TempDir::new().expect("a temporary directory");
        let mounted = Command::new("mount")
            .args(["-t", "tmpfs", "-o", &format!("size={megabytes}m"), "tmpfs"])
            .arg(place.path())
            .output()
            .is_ok_and(|done| done.status.success());
        if !mounted {
            println!("skipped: a small file system can be mounted by root only");
        }
        mounted.then_some(Self(place))
    }

    fn home(&self) -> TempDir {
        TempDir::new_in(self.0.path()).expect("a directory")
    }

    /// Takes all space but `left` bytes.
    fn fill(&self, left: u64) -> Filler {
        let path = self.0.path().join("filler");
        let mut file = File::create(&path).expect("a file");
        while file.write_all(&[0; 4096]).is_ok() {}
        let length = file.metadata().expect("a file").len();
        file.set_len(length.saturating_sub(left)).expect("shorter");
        Filler(path)
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("-l").arg(self.0.path()).status();
    }
}

struct Filler(PathBuf);

impl Drop for Filler {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.0);
    }
}

#[test]
fn a_step_on_a_full_disk_says_so_and_leaves_what_there_is() {
    let Some(disk) = SmallDisk::mount(48) else { return };
    let project = people(disk.home());
    run(&project, Step::Import, Step::Export).expect("runs");
    for step in STEPS {
        again(&project, step).expect("runs with enough");
        let (expected, mut before) = (published(&project, step), version(&project, step));
        let mut refused = 0;
        for left_kb in [0, 64] {
            let filler = disk.fill(left_kb * 1024);
            let outcome = again(&project, step);
            drop(filler);
            match outcome {
                Ok(()) => before = version(&project, step),
                Err(PipelineError { step: failed, failure: Failure::Input(message) }) => {
                    refused += 1;
                    assert_eq!(failed, step);
                    assert!(message.contains("No space left on device"), "{step}: {message}");
                    assert_eq!(version(&project, step), before, "{step}: what was published stays");
                    check_tidy(&project, step);
                }
                Err(other) => panic!("{step} with {left_kb} kB: {other:?}"),
            }
            // Outputs went with the attempt, and a profile tells what changed since the one before.
            if !matches!(step, Step::Export | Step::Profile) {
                assert!(published(&project, step) == expected, "{step} with {left_kb} kB");
            }
        }
        assert!(refused > 0, "{step} needs no disk");
        again(&project, step).expect("runs again with enough");
    }
}

/// The spill directory of its own: what does not fit in memory has to go there.
#[test]
fn a_full_spill_directory_ends_the_step_and_nothing_else() {
    let Some(disk) = SmallDisk::mount(4) else { return };
    let mut project = people(TempDir::new().expect("a temporary directory"));
    run(&project, Step::Import, Step::Match).expect("runs");
    fs::remove_dir_all(spill(&project)).expect("is there");
    std::os::unix::fs::symlink(disk.0.path(), spill(&project)).expect("a link");
    let _filler = disk.fill(0);
    let (mut before, mut refused) = (version(&project, Step::Match), 0);
    for memory_kb in [4 * 1024, 1024, 256] {
        project.memory_bytes = memory_kb * 1024;
        match again(&project, Step::Match) {
            Ok(()) => before = version(&project, Step::Match),
            Err(PipelineError { failure: Failure::Input(message), .. }) => {
                refused += 1;
                let told = message.contains("No space left on device") || message.contains("needs more memory");
                assert!(told, "{memory_kb} kB: {message}");
                assert_eq!(version(&project, Step::Match), before);
                check_tidy(&project, Step::Match);
                println!("{memory_kb} kB: {message}");
            }
            Err(other) => panic!("{memory_kb} kB: {other:?}"),
        }
    }
    assert!(refused > 0, "nothing had to be spilled");
}

fn spill(project: &Project) -> PathBuf {
    Path::new(project.home.path()).join("spill")
}
