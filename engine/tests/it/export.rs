//! All six steps on a small list whose duplicates are plain, and the five actions.

use std::fs;

use model::{Step, results::Summary};
use serde_json::{Value, json};

use crate::support::{Project, table};

const PEOPLE: &[u8] =
    b"id,mail,name\n1,ann@x.org,Ann\n2,bob@x.org,Bob\n3,ann@x.org,Anna\n4,cid@x.org,Cid\n5,ann@x.org,\n";

/// Records with the same mail are the same; the longest name leads, and empty names are filled.
pub(crate) fn people(export: Value) -> Project {
    Project::new(&[("people.csv", PEOPLE)])
        .with(
            "match",
            json!({
                "blocking": [{"parts": [{"column": "mail", "transform": "exact"}]}],
                "definitions": [{"name": "mail", "criteria": [{"column": "mail", "comparison": "exact"}]}],
            }),
        )
        .with(
            "merge",
            json!({
                "master_rules": [{"column": "name", "prefer": "longest"}],
                "overwrite_rules": [{"column": "name", "take": "longest", "condition": "field_is_empty"}],
            }),
        )
        .with("export", export)
}

fn exported(action: &str, system: bool, scores: bool) -> String {
    let project = people(json!({
        "action": action, "include_system_fields": system, "include_scores": scores,
        "targets": [{"type": "file", "name": "out.csv", "format": {"type": "csv"}}],
    }));
    project.run(Step::Import, Step::Export).expect("runs");
    fs::read_to_string(project.outputs().join("out.csv")).expect("the output is there")
}

#[test]
fn merged_records_carry_group_master_and_score() {
    let project = people(json!({"targets": [{"type": "file", "name": "a.csv", "format": {"type": "csv"}}]}));
    project.run(Step::Import, Step::Merge).expect("runs");
    // What records are known by is for another test.
    let rows = project.rows(Step::Merge, "records.parquet");
    let rows: Vec<String> = rows.iter().map(|row| row.split(" | ").take(9).collect::<Vec<_>>().join(" | ")).collect();
    assert_eq!(
        rows,
        [
            "0 | people | 2 | 1 | ann@x.org | Ann | 1 | false | 100.0",
            "1 | people | 3 | 2 | bob@x.org | Bob | · | false | ·",
            "2 | people | 4 | 3 | ann@x.org | Anna | 1 | true | 100.0",
            "3 | people | 5 | 4 | cid@x.org | Cid | · | false | ·",
            "4 | people | 6 | 5 | ann@x.org | Anna | 1 | false | 100.0",
        ]
    );
    let Summary::Merge(summary) = project.summary(Step::Merge) else { panic!("a merge summary") };
    assert_eq!((summary.records, summary.groups, summary.golden_records, summary.values_overwritten), (5, 1, 3, 1));
    let sample = engine::read::golden_sample(&project.workspace(), 2).expect("readable").expect("merged");
    assert_eq!(sample.columns, ["id", "mail", "name"]);
    let names: Vec<_> = sample.rows.iter().map(|row| row[2].as_deref()).collect();
    assert_eq!(names, [Some("Bob"), Some("Anna")]);
}

#[test]
fn the_five_actions() {
    assert_eq!(
        exported("flag_duplicates", false, false),
        "id,mail,name,_groupId,_isMasterRecord\n1,ann@x.org,Ann,1,false\n2,bob@x.org,Bob,,false\n\
         3,ann@x.org,Anna,1,true\n4,cid@x.org,Cid,,false\n5,ann@x.org,Anna,1,false\n"
    );
    assert_eq!(exported("suppress_duplicates", false, false), "id,mail,name\n2,bob@x.org,Bob\n4,cid@x.org,Cid\n");
    assert_eq!(
        exported("non_duplicates_and_master", true, true),
        "id,mail,name,_source,_groupId,_isMasterRecord,_selected,_notDuplicate,_score\n\
         2,bob@x.org,Bob,people,,false,false,false,\n3,ann@x.org,Anna,people,1,true,false,false,100.00\n\
         4,cid@x.org,Cid,people,,false,false,false,\n"
    );
    assert_eq!(
        exported("duplicates_only", false, false),
        "id,mail,name\n1,ann@x.org,Ann\n3,ann@x.org,Anna\n5,ann@x.org,Anna\n"
    );
    let cross = exported("cross_reference", false, false);
    let mut lines = cross.lines();
    let columns = "_record,_source,_row,_groupId,_masterRecord,_isMasterRecord,_score,_recordId,_masterRecordId";
    assert_eq!(lines.next(), Some(columns));
    let lines: Vec<Vec<&str>> = lines.map(|line| line.split(',').collect()).collect();
    let plain: Vec<String> = lines.iter().map(|line| line[..7].join(",")).collect();
    let expected = ["0,people,2,1,2,false,100.00", "2,people,4,1,2,true,100.00", "4,people,6,1,2,false,100.00"];
    assert_eq!(plain, expected);
    assert!(lines.iter().all(|line| line[8] == lines[1][7]), "the id of the master: {cross}");
}

#[test]
fn several_targets_and_the_rejects_come_out_together() {
    let mut project = people(json!({"targets": [
        {"type": "file", "name": "golden.csv", "format": {"type": "csv", "delimiter": ";"}},
        {"type": "file", "name": "golden.parquet", "format": {"type": "parquet"}},
    ]}));
    let bytes = [PEOPLE, b"6,x\n"].concat();
    let path = project.home.path().join("more.csv");
    fs::write(&path, bytes).expect("written");
    project.spec.files.insert("people.csv".to_owned(), path);
    project.run(Step::Import, Step::Export).expect("runs");
    let Summary::Export(summary) = project.summary(Step::Export) else { panic!("an export summary") };
    let names: Vec<_> = summary.outputs.iter().map(|output| (output.name.as_str(), output.rows)).collect();
    assert_eq!(names, [("golden.csv", Some(3)), ("golden.parquet", Some(3)), ("rejects.csv", None)]);
    assert_eq!((summary.records, summary.exported, summary.skipped, summary.groups), (5, 3, 2, 1));
    let (columns, rows) = table(&project.outputs().join("golden.parquet"));
    assert_eq!((columns.join(","), rows.len()), ("id,mail,name".to_owned(), 3));
    let csv = fs::read_to_string(project.outputs().join("golden.csv")).expect("written");
    assert_eq!(csv.lines().next(), Some("id;mail;name"));
    for name in ["golden.csv", "golden.parquet"] {
        let sample = engine::read::output_sample(&project.outputs().join(name), 2).expect("readable");
        assert_eq!(sample.columns, ["id", "mail", "name"], "{name}");
        let rows: Vec<Vec<_>> =
            sample.rows.iter().map(|row| row.iter().map(|cell| cell.as_deref().unwrap_or("·")).collect()).collect();
        assert_eq!(rows, [["2", "bob@x.org", "Bob"], ["3", "ann@x.org", "Anna"]], "{name}");
    }
}

#[test]
fn the_same_input_gives_the_same_bytes() {
    let export = json!({"action": "flag_duplicates", "targets": [
        {"type": "file", "name": "a.csv", "format": {"type": "csv"}},
        {"type": "file", "name": "a.parquet", "format": {"type": "parquet"}},
    ]});
    let bytes = || {
        let project = people(export.clone());
        project.run(Step::Import, Step::Export).expect("runs");
        let read = |path| fs::read(path).expect("readable");
        [
            read(project.outputs().join("a.csv")),
            read(project.outputs().join("a.parquet")),
            read(project.file(Step::Merge, "records.parquet")),
            read(project.file(Step::Profile, "summary.json")),
        ]
    };
    assert_eq!(bytes(), bytes());
}

#[test]
fn little_memory_is_enough_or_the_reason_is_told() {
    let mut text = "id,mail,name\n".to_owned();
    for number in 0..60_000 {
        text.push_str(&format!("{number},m{}@x.org,Name number {number} which is somewhat long\n", number / 2));
    }
    let target = json!({"targets": [{"type": "file", "name": "a.csv", "format": {"type": "csv"}}]});
    let mut project = people(target);
    let path = project.home.path().join("more.csv");
    fs::write(&path, text).expect("written");
    project.spec.files.insert("people.csv".to_owned(), path);
    for (memory_mb, enough) in [(48, true), (1, false)] {
        project.memory_bytes = memory_mb * 1024 * 1024;
        match project.run(Step::Import, Step::Export) {
            Ok(_) => {
                let Summary::Merge(summary) = project.summary(Step::Merge) else { panic!("a merge summary") };
                assert_eq!((summary.records, summary.groups, summary.golden_records), (60_000, 30_000, 30_000));
                fs::remove_dir_all(project.outputs()).expect("removed for the next run");
            }
            Err(failure) => {
                assert!(!enough, "{memory_mb} MB: {failure}");
                assert!(failure.to_string().contains("raise the memory limit"), "{failure}");
            }
        }
    }
}
