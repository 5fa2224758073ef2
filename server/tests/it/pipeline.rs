//! The engine alone, from the command line: suggest, run, evaluate.

use std::{
    fs,
    path::Path,
    process::{Command, Output},
};

use serde_json::Value;
use tempfile::TempDir;

use crate::support::customers;

fn millrace(home: &Path, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_millrace"));
    command.current_dir(home).arg("pipeline").args(arguments).output().expect("the program starts")
}

/// What it says on the standard output when it succeeds.
fn said(output: &Output) -> String {
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout.clone()).expect("text")
}

#[test]
fn files_become_golden_records_and_are_judged() {
    let home = TempDir::new().expect("a directory");
    // Each customer twice: the number that both share is the truth, and kept from the matcher.
    let once = String::from_utf8(customers(300)).expect("text");
    let (header, rows) = once.split_once('\n').expect("a header");
    let twice: String = rows.lines().enumerate().map(|(n, row)| format!("{row},{n}\n{row},{n}\n")).collect();
    fs::write(home.path().join("people.csv"), format!("{header},truth\n{twice}")).expect("written");

    said(&millrace(home.path(), &["suggest", "people.csv", "--without", "truth", "-o", "project.toml"]));
    let document = fs::read_to_string(home.path().join("project.toml")).expect("is there");
    assert!(document.contains("[[match.blocking]]") && !document.contains("\"truth\""), "{document}");

    let run = millrace(home.path(), &["run", "project.toml"]);
    said(&run);
    let log = String::from_utf8(run.stderr).expect("text");
    assert!(log.lines().any(|line| line.starts_with("Export: ")), "{log}");
    let golden = fs::read_to_string(home.path().join("outputs/golden_records.csv")).expect("exported");
    let judged = said(&millrace(home.path(), &["evaluate", "project.toml", "--truth", "truth", "--json"]));
    let judged: Value = serde_json::from_str(&judged).expect("JSON");
    assert_eq!((&judged["records"], &judged["true_pairs"]), (&600.into(), &300.into()));
    assert!(judged["pairs"]["recall"].as_f64() > Some(0.99), "{judged}");
    assert!(golden.lines().count() < 600, "golden records are fewer than records");

    let words = said(&millrace(home.path(), &["evaluate", "project.toml", "--truth", "truth"]));
    assert!(words.starts_with("600 records, 300 true pairs"), "{words}");

    // What it did not write stays, and is named.
    let foreign = home.path().join("outputs/notes.txt");
    fs::write(&foreign, "").expect("written");
    let refused = millrace(home.path(), &["run", "project.toml", "--from", "export"]);
    let refused = String::from_utf8(refused.stderr).expect("text");
    assert!(refused.contains("holds notes.txt, which the last export did not write"), "{refused}");
    fs::remove_file(foreign).expect("it stayed");

    // Run again, it replaces what it exported before.
    said(&millrace(home.path(), &["run", "project.toml"]));
    let exported: Vec<_> = fs::read_dir(home.path().join("outputs")).expect("a directory").collect();
    assert_eq!(exported.len(), 1, "{exported:?}");
    assert_eq!(fs::read_to_string(home.path().join("outputs/golden_records.csv")).expect("exported"), golden);
    assert!(!home.path().join("outputs.replaced").exists());
}

#[test]
fn a_suggested_document_finds_its_files_from_where_it_lies() {
    let home = TempDir::new().expect("a directory");
    fs::write(home.path().join("people.csv"), customers(30)).expect("written");
    fs::create_dir_all(home.path().join("projects/files")).expect("made");
    fs::write(home.path().join("projects/files/more.csv"), customers(30)).expect("written");
    let files = ["people.csv", "projects/files/more.csv"];
    said(&millrace(home.path(), &["suggest", files[0], files[1], "-o", "projects/people.toml"]));
    let document = fs::read_to_string(home.path().join("projects/people.toml")).expect("is there");
    assert!(document.contains("\"files/more.csv\""), "{document}");
    said(&millrace(home.path(), &["run", "projects/people.toml", "--through", "import"]));
}

#[test]
fn a_suggestion_that_finds_no_match_says_so() {
    let home = TempDir::new().expect("a directory");
    fs::write(home.path().join("numbers.csv"), "number,state\n1,on\n2,on\n3,on\n").expect("written");
    let remark = "No column tells records apart";
    let printed = said(&millrace(home.path(), &["suggest", "numbers.csv"]));
    assert!(printed.starts_with(&format!("# {remark}")), "{printed}");
    let written = said(&millrace(home.path(), &["suggest", "numbers.csv", "-o", "project.toml"]));
    assert!(written.contains(remark), "{written}");
}

#[test]
fn what_cannot_be_used_is_named() {
    let home = TempDir::new().expect("a directory");
    let failure = |arguments: &[&str]| {
        let output = millrace(home.path(), arguments);
        assert_eq!(output.status.code().map(|code| code != 0), Some(true));
        String::from_utf8(output.stderr).expect("text")
    };
    assert!(failure(&["run", "nowhere.toml"]).contains("nowhere.toml"));
    fs::write(home.path().join("project.toml"), "[[sources]]\nname = 'a'\nfile = 'a.csv'\n").expect("written");
    let nothing_to_match = failure(&["run", "project.toml"]);
    assert!(nothing_to_match.contains("match"), "{nothing_to_match}");
    let backwards = failure(&["run", "project.toml", "--from", "merge", "--through", "match"]);
    assert!(backwards.contains("nothing would run"), "{backwards}");
    let missing = failure(&["run", "project.toml", "--through", "import"]);
    assert!(missing.contains("a.csv"), "{missing}");
    let unmatched = failure(&["evaluate", "project.toml", "--truth", "x"]);
    assert!(unmatched.contains("a.csv") || unmatched.contains("run the project first"), "{unmatched}");
}
