//! A run that is cancelled leaves everything as it was.

use std::{collections::BTreeMap, fs, path::Path};

use engine::Failure;
use model::Step;
use serde_json::json;

use crate::{export::people, support::Watcher};

/// Every file under a directory with its bytes.
fn files(directory: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut found = BTreeMap::new();
    for entry in fs::read_dir(directory).into_iter().flatten() {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            found.extend(files(&path));
        } else {
            found.insert(path.display().to_string(), fs::read(&path).expect("readable"));
        }
    }
    found
}

#[test]
fn a_cancelled_step_changes_nothing() {
    let export =
        json!({"action": "flag_duplicates", "targets": [{"type": "file", "name": "a.csv", "format": {"type": "csv"}}]});
    let mut project = people(export);
    let operations = json!({"operations": [{"column": "name", "operation": "trim"}]});
    project = project.with("cleanse", operations);
    let mut text = "id,mail,name\n".to_owned();
    for number in 0..20_000 {
        text.push_str(&format!("{number},m{}@x.org,Name {number}\n", number / 2));
    }
    let path = project.home.path().join("more.csv");
    fs::write(&path, text).expect("written");
    project.spec.files.insert("people.csv".to_owned(), path);
    project.run(Step::Import, Step::Export).expect("runs");
    fs::remove_dir_all(project.outputs()).expect("removed for the next run");
    let before = files(&project.workspace());
    assert!(before.len() >= 12);
    for step in Step::ALL {
        let watcher = Watcher { cancel_in: Some(step), ..Watcher::default() };
        match project.run_watched(step, step, watcher) {
            Err(Failure::Cancelled) => {}
            other => panic!("{step} was not cancelled: {:?}", other.err()),
        }
        assert_eq!(files(&project.workspace()), before, "{step} changed a published result");
        assert!(files(&project.outputs()).is_empty());
        assert!(!project.home.path().join("outputs.partial").exists(), "{step}");
    }
}

#[test]
fn a_step_without_its_input_says_what_to_run() {
    let project = people(json!({"targets": [{"type": "file", "name": "a.csv", "format": {"type": "csv"}}]}));
    assert_eq!(
        project.failure(Step::Cleanse, Step::Export),
        "there is no result of Import yet; run Import before Cleanse"
    );
}

#[test]
fn merge_refuses_groups_of_other_records() {
    let project = people(json!({}));
    project.run(Step::Import, Step::Match).expect("runs");
    project.run(Step::Import, Step::Cleanse).expect("runs");
    let message = project.failure(Step::Merge, Step::Merge);
    assert_eq!(message, "the result of Match is older than that of Cleanse; run Match again before Merge");
}
