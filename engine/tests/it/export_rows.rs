//! Which records of groups go out, when people have flagged some.

use std::fs;

use model::Step;
use serde_json::json;

use crate::{
    export::people,
    support::{Project, table},
};

/// Five records: 1, 3 and 5 are a group; 3 leads it, 1 is selected, 5 is said to be no duplicate.
fn flagged() -> Project {
    let mut project = people(json!({}));
    project.run(Step::Import, Step::Match).expect("runs");
    let (_, rows) = table(&project.file(Step::Match, "groups.parquet"));
    let ids: Vec<String> = rows.iter().map(|row| row.rsplit(" | ").next().expect("an id").to_owned()).collect();
    project.spec.review.selected.insert(ids[0].clone());
    project.spec.review.not_duplicate.insert(ids[2].clone());
    project.run(Step::Merge, Step::Merge).expect("runs");
    project
}

/// The values of `id` that go out.
fn exported(project: &Project, action: &str, rows: &str) -> String {
    let project = project.again().with(
        "export",
        json!({"action": action, "rows": rows,
            "targets": [{"type": "file", "name": "a.csv", "format": {"type": "csv", "header": false}}]}),
    );
    project.run(Step::Import, Step::Export).expect("runs");
    let text = fs::read_to_string(project.outputs().join("a.csv")).expect("written");
    let first = |line: &str| line.split(',').next().map(str::to_owned);
    text.lines().filter_map(first).collect::<Vec<_>>().join(" ")
}

#[test]
fn rows_inside_groups() {
    let project = flagged();
    for (action, rows, expected) in [
        ("flag_duplicates", "all", "1 2 3 4 5"),
        ("flag_duplicates", "masters", "2 3 4 5"),
        ("flag_duplicates", "selected", "1 2 4 5"),
        ("flag_duplicates", "not_duplicates", "2 4 5"),
        ("suppress_duplicates", "all", "2 4 5"),
        ("non_duplicates_and_master", "all", "2 3 4 5"),
        ("duplicates_only", "all", "1 3"),
        ("duplicates_only", "masters", "3"),
        ("duplicates_only", "selected", "1"),
        ("duplicates_only", "not_duplicates", "5"),
        ("cross_reference", "all", "0 2"),
        ("cross_reference", "not_duplicates", "4"),
    ] {
        assert_eq!(exported(&project, action, rows), expected, "{action}, {rows}");
    }
}
