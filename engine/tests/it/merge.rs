//! Merge on groups whose records a person has flagged, the lineage of golden values, and the preview of rules.

use engine::{PreviewGroups, group_lineage, preview_merge};
use model::{Step, config::MergeConfig, results::Summary};
use serde_json::json;

use crate::support::{Project, table};

const PEOPLE: &[u8] = b"id,mail,name,city,seen\n\
    1,ann@x.org,Ann,,2020-01-01\n\
    2,bob@x.org,Bob,Rome,\n\
    3,ann@x.org,Anna,Oslo,2021-06-30\n\
    4,bob@x.org,Robert,,\n\
    5,ann@x.org,,Bergen,2022-02-02\n\
    6,cid@x.org,Cid,Bonn,\n";

fn people() -> Project {
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
                "master_rules": [{"column": "name", "prefer": "longest"}, {"column": "id", "prefer": "max"}],
                "overwrite_rules": [
                    {"column": "city", "take": "most_recent", "by": "seen"},
                    {"column": "name", "take": "merge_all_values", "condition": "record_is_master"},
                ],
            }),
        )
}

/// What the grouped records are known by, in load order.
fn record_ids(project: &Project) -> Vec<String> {
    let (columns, rows) = table(&project.file(Step::Match, "groups.parquet"));
    assert_eq!(columns[3], "_record_id");
    rows.iter().map(|row| row.rsplit(" | ").next().expect("a column").to_owned()).collect()
}

/// `id`, `name`, `city`, group, master and flags of the merged records.
fn merged(project: &Project) -> Vec<String> {
    let (columns, rows) = table(&project.file(Step::Merge, "records.parquet"));
    let wanted = ["id", "name", "city", "_group", "_master", "_selected", "_not_duplicate"];
    let places = wanted.map(|name| columns.iter().position(|column| column == name).expect(name));
    let chosen = |row: &String| {
        let cells: Vec<&str> = row.split(" | ").collect();
        places.map(|place| cells[place]).join(" ")
    };
    rows.iter().map(chosen).collect()
}

#[test]
fn rules_make_golden_records() {
    let project = people();
    project.run(Step::Import, Step::Merge).expect("runs");
    // Anna has the longest name and 5 the greatest id: one win each, so the earlier leads.
    assert_eq!(
        merged(&project),
        [
            "1 Ann Bergen 1 false false false",
            "2 Bob Rome 2 false false false",
            "3 Ann|Anna Bergen 1 true false false",
            "4 Bob|Robert · 2 true false false",
            "5 · Bergen 1 false false false",
            "6 Cid Bonn · false false false",
        ]
    );
}

#[test]
fn what_people_flagged_counts_before_the_rules() {
    let mut project = people();
    project.run(Step::Import, Step::Match).expect("runs");
    let ids = record_ids(&project);
    project.spec.review.master.insert(ids[0].clone());
    project.spec.review.selected.insert(ids[4].clone());
    project.spec.review.not_duplicate.insert(ids[1].clone());
    project.run(Step::Merge, Step::Merge).expect("runs");
    assert_eq!(
        merged(&project),
        [
            "1 Ann|Anna Bergen 1 true false false",
            "2 Bob Rome · false false true",
            "3 Anna Bergen 1 false false false",
            "4 Robert · · false false false",
            "5 · Bergen 1 false true false",
            "6 Cid Bonn · false false false",
        ]
    );
    let Summary::Merge(summary) = project.summary(Step::Merge) else { panic!("a merge summary") };
    assert_eq!((summary.groups, summary.golden_records, summary.not_duplicates), (1, 4, 1));
}

#[test]
fn every_golden_value_names_its_records_and_its_rule() {
    let project = people();
    project.run(Step::Import, Step::Merge).expect("runs");
    let (columns, rows) = table(&project.file(Step::Merge, "lineage.parquet"));
    assert_eq!(columns, ["_group", "column", "_record", "_record_id", "_source", "rule"]);
    let ids = record_ids(&project);
    let line = |group: u32, column: &str, record: usize, rule: &str| {
        format!("{group} | {column} | {record} | {} | people | {rule}", ids[record])
    };
    assert_eq!(
        rows,
        [
            line(1, "·", 2, "won 1 of 2 master rules"),
            line(1, "city", 4, "overwrite rule 1: most recent"),
            line(1, "name", 0, "overwrite rule 2: merge all values"),
            line(1, "name", 2, "overwrite rule 2: merge all values"),
            line(2, "·", 3, "won 2 of 2 master rules"),
            line(2, "name", 1, "overwrite rule 2: merge all values"),
            line(2, "name", 3, "overwrite rule 2: merge all values"),
        ]
    );
    let lineage = group_lineage(&project.workspace(), 1).expect("readable").expect("a group");
    assert_eq!((lineage.size, lineage.master.record, lineage.master.row), (3, 2, 4));
    let value = |column: &str| lineage.values.iter().find(|value| value.column == column).expect("a column").clone();
    let city = value("city");
    assert_eq!((city.value.as_deref(), city.from[0].row), (Some("Bergen"), 6));
    assert_eq!(city.rule, "overwrite rule 1: most recent");
    assert_eq!(value("name").from.len(), 2);
    let mail = value("mail");
    assert_eq!((mail.from, mail.rule.as_str()), (vec![lineage.master.clone()], "the master's own"));
    assert_eq!(lineage.values.len(), 5);
    assert_eq!(group_lineage(&project.workspace(), 99).expect("readable"), None);
}

#[test]
fn a_preview_shows_what_the_step_would_make() {
    let mut project = people();
    project.run(Step::Import, Step::Match).expect("runs");
    let ids = record_ids(&project);
    project.spec.review.not_duplicate.insert(ids[1].clone());
    let preview = |config: &MergeConfig, groups| {
        let preview = preview_merge(&project.workspace(), config, &project.spec.review, &groups);
        preview.map(|preview| preview.expect("matched"))
    };
    let shown = preview(&project.spec.config.merge, PreviewGroups::Sample(10)).expect("fine");
    assert_eq!(shown.groups.iter().map(|group| group.group).collect::<Vec<_>>(), [1, 2]);
    let bobs = &shown.groups[1];
    assert!(bobs.lineage.is_none() && bobs.records.iter().all(|record| record.leaves && !record.master));
    project.run(Step::Merge, Step::Merge).expect("runs");
    // The step says the same, but for the place in the file, which a preview does not tell.
    let mut made = group_lineage(&project.workspace(), 1).expect("readable").expect("a group");
    made.master.row = 0;
    made.values.iter_mut().flat_map(|value| &mut value.from).for_each(|record| record.row = 0);
    assert_eq!(shown.groups[0].lineage.as_ref(), Some(&made));
    let one = preview(&project.spec.config.merge, PreviewGroups::Named(vec![1, 77])).expect("fine");
    assert_eq!(one.groups, shown.groups[..1]);
    let wrong = serde_json::from_value(json!({"master_rules": [{"column": "nme", "prefer": "max"}]})).expect("rules");
    let refused = preview(&wrong, PreviewGroups::Sample(1)).expect_err("no such column").to_string();
    assert_eq!(refused, "a rule names the column “nme”, which the records do not have");
}
