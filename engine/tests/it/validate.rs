//! Configurations that cannot run, and what they are told.

use engine::{KnownColumns, validate};
use model::{Step, StepRange, config::ProjectConfig};
use serde_json::{Value, json};

fn problems(config: Value, from: Step, through: Step) -> Vec<String> {
    let config: ProjectConfig = serde_json::from_value(config).expect("a configuration");
    let columns = KnownColumns::from([("people".to_owned(), vec!["name".to_owned(), "mail".to_owned()])]);
    let steps = StepRange::new(from, through).expect("a range");
    let found = validate(&config, steps, Some(&columns));
    found.into_iter().map(|problem| format!("{}: {}", problem.field, problem.message)).collect()
}

#[test]
fn an_empty_project_is_told_everything_that_is_missing() {
    let found = problems(json!({}), Step::Import, Step::Export);
    assert_eq!(
        found,
        [
            "sources: add a source: upload a file",
            "match.definitions: say what makes two records the same: add a definition, or let one be suggested",
            "match.blocking: say which records are compared: add a blocking key, or let one be suggested",
            "export.targets: add a file to write",
        ]
    );
    assert_eq!(problems(json!({}), Step::Profile, Step::Profile), Vec::<String>::new());
}

#[test]
fn problems_are_at_their_place() {
    let found = problems(
        json!({
            "sources": [{"name": "people", "file": "people.csv"}],
            "cleanse": {"operations": [
                {"column": "nam", "operation": "trim"},
                {"column": "name", "operation": "regex_replace", "pattern": "("},
                {"column": "mail", "operation": "phone", "country": "XX"},
            ]},
            "match": {
                "blocking": [{"parts": [{"column": "town", "transform": "exact"}]}],
                "definitions": [{"name": "d", "threshold": 120, "criteria": [
                    {"column": "name", "comparison": "similar_text", "level": 2, "weight": 0},
                ]}],
            },
            "merge": {"master_rules": [{"column": "name", "prefer": "longest", "sources": ["crm"]}]},
            "export": {"targets": [{"type": "file", "name": "../a.csv", "format": {"type": "csv"}}]},
        }),
        Step::Import,
        Step::Export,
    );
    let fields: Vec<&str> = found.iter().map(|problem| problem.split(": ").next().expect("a field")).collect();
    assert_eq!(
        fields,
        [
            "cleanse.operations[0].column",
            "cleanse.operations[1].pattern",
            "cleanse.operations[2].country",
            "match.blocking[0].parts[0].column",
            "match.definitions[0].threshold",
            "match.definitions[0].criteria[0].weight",
            "match.definitions[0].criteria[0].level",
            "merge.master_rules[0].sources[0]",
            "export.targets[0].name",
        ]
    );
}

#[test]
fn columns_that_operations_make_are_known_from_there_on() {
    let found = problems(
        json!({
            "sources": [{"name": "people", "file": "people.csv"}],
            "cleanse": {"operations": [
                {"column": "family", "operation": "upper"},
                {"column": "name", "operation": "split", "separator": " ", "into": ["first", "family"]},
                {"column": "family", "operation": "upper"},
                {"column": "mail", "operation": "copy", "into": "_record"},
                {"column": "mail", "operation": "concatenate", "columns": ["off"]},
                {"column": "mail", "operation": "copy", "into": "off", "enabled": false},
                {"column": "name", "operation": "split", "separator": "", "into": ["a", "a"]},
                {"column": "name", "operation": "dictionary", "file": ""},
            ]},
            "match": {
                "blocking": [{"parts": [{"column": "family", "transform": "exact"}]}],
                "definitions": [{"name": "d", "criteria": [{"column": "first", "comparison": "exact", "weight": 1}]}],
            },
        }),
        Step::Import,
        Step::Match,
    );
    assert_eq!(
        found,
        [
            "cleanse.operations[0].column: there is no column “family” in any source",
            "cleanse.operations[3].into: “_record” is used by Millrace itself; choose another name",
            "cleanse.operations[4].columns[0]: there is no column “off” in any source",
            "cleanse.operations[6].into[1]: “a” is named twice",
            "cleanse.operations[6].separator: say what stands between the parts",
            "cleanse.operations[7].file: choose an uploaded file",
        ]
    );
}

#[test]
fn settings_of_the_profile_are_looked_at() {
    let found = problems(
        json!({
            "sources": [{"name": "people", "file": "people.csv"}],
            "profile": {
                "patterns": [{"name": "e-mail", "pattern": "x"}, {"name": "own", "pattern": "(x"}],
                "validity": [{"column": "town", "pattern": "own"}],
                "drift": [
                    {"measure": "rows", "column": "name"},
                    {"measure": "mean", "column": "town", "by": -1},
                    {"measure": "presence", "column": "town", "source": "crm"},
                ],
            },
        }),
        Step::Import,
        Step::Profile,
    );
    let fields: Vec<&str> = found.iter().map(|problem| problem.split(": ").next().expect("a field")).collect();
    assert_eq!(
        fields,
        [
            "profile.patterns[0].name",
            "profile.validity[0].column",
            "profile.patterns[1].pattern",
            "profile.drift[0].column",
            "profile.drift[1].column",
            "profile.drift[1].by",
            "profile.drift[2].source",
        ]
    );
}

#[test]
fn many_large_regular_expressions_are_refused_together() {
    let large: Vec<Value> =
        (0..80).map(|_| json!({"column": "name", "operation": "regex_replace", "pattern": r"\w{8}"})).collect();
    let config = json!({"sources": [{"name": "people", "file": "people.csv"}], "cleanse": {"operations": large}});
    let found = problems(config, Step::Cleanse, Step::Cleanse);
    assert_eq!(found.len(), 80 - 64, "{found:?}");
    assert!(
        found[0].starts_with("cleanse.operations[64].pattern: is one more large regular expression"),
        "{}",
        found[0]
    );
}

#[test]
fn merge_rules_that_cannot_work_are_told() {
    let found = problems(
        json!({
            "sources": [{"name": "people", "file": "people.csv"}],
            "merge": {
                "master_rules": [
                    {"column": "name", "prefer": "most_recent"},
                    {"column": "name", "prefer": "longest", "by": "mail"},
                    {"column": "name", "prefer": "most_recent", "by": "seen"},
                    {"column": "name", "prefer": "source_priority"},
                    {"column": "nme", "prefer": "max", "enabled": false},
                ],
                "overwrite_rules": [
                    {"column": "town", "take": "longest"},
                    {"column": "name", "take": "source_priority", "sources": ["people", "crm", "people"]},
                ],
            },
        }),
        Step::Merge,
        Step::Merge,
    );
    assert_eq!(
        found,
        [
            "merge.master_rules[0].by: choose the column whose date says which record is the most recent",
            "merge.master_rules[1].by: is for “most_recent” only; leave it out",
            "merge.master_rules[2].by: there is no column “seen” in any source",
            "merge.master_rules[3].sources: name the sources in their order, the best first",
            "merge.overwrite_rules[0].column: there is no column “town” in any source",
            "merge.overwrite_rules[1].sources[1]: there is no source “crm”",
            "merge.overwrite_rules[1].sources[2]: “people” is named already",
        ]
    );
}

#[test]
fn targets_that_cannot_be_written_are_told() {
    let csv = json!({"type": "csv"});
    let found = problems(
        json!({"export": {"action": "suppress_duplicates", "rows": "masters", "targets": [
            {"type": "file", "name": "a.csv", "format": {"type": "csv", "delimiter": "\"", "bom": true, "encoding": "latin-1"}},
            {"type": "file", "name": "b.xlsx", "format": {"type": "xlsx", "sheet": "a/b"}},
            {"type": "directory", "path": "exports", "name": "a.csv", "format": csv},
            {"type": "directory", "path": "/srv/../etc", "name": "{day}.csv", "format": csv, "keep": 0},
            {"type": "directory", "path": "/srv", "name": "a.csv", "format": csv, "keep": 3},
            {"type": "object_storage", "url": "s3://key:secret@bucket", "name": "a.csv", "format": csv, "credentials": ""},
        ]}}),
        Step::Export,
        Step::Export,
    );
    assert_eq!(
        found,
        [
            "export.rows: leaves nothing to choose: this action takes no record of a group",
            "export.targets[3].name: has “{day}”, which is none of {workflow} {project} {date} {time} {execution}",
            "export.targets[0].format.delimiter: must differ from the quote",
            "export.targets[0].format.bom: is a mark of UTF-8; leave it out with another encoding",
            "export.targets[1].format.sheet: may not hold [ ] : * ? / \\ nor begin or end with '",
            "export.targets[2].path: has to be an absolute path on the server",
            "export.targets[3].path: may not hold “.” or “..”",
            "export.targets[3].keep: has to be at least 1: the file that is written stays",
            "export.targets[4].keep: is for names that differ from run to run: put {date}, {time} or {execution} into the name",
            "export.targets[5].url: may hold a bucket and a path only; keys belong into a secret",
            "export.targets[5].credentials: name a secret, or leave it out for requests without a key",
        ]
    );
}

#[test]
fn a_source_behind_an_address_is_told_what_it_lacks() {
    let of = |location: Value| {
        let source = json!({"name": "people", "location": location});
        problems(json!({"sources": [source]}), Step::Import, Step::Import)
    };
    let at = |url: &str| json!({"type": "url", "url": url});
    let key = "SHA256:uNiVztksCsDhcc0u9e8BrrH4XzDY0uEkJuO4QTTZ8bo";
    for (mut location, host_key, expected) in [
        (at("sftp://files/a.csv"), None, "host_key: has to be the fingerprint"),
        (at("sftp://files/a.csv"), Some(key), "credentials: name a secret"),
        (at("sftp://files"), Some(key), "url: names no file"),
        (at("https://files/a.csv"), Some(key), "host_key: is for sftp:// only"),
        (at("scp://files/a.csv"), None, "url: has to begin with https://, http://, sftp://"),
        (at("people.csv"), None, "url: is no URL"),
    ] {
        location["host_key"] = json!(host_key);
        let found = of(location);
        assert!(found.len() == 1 && found[0].starts_with(&format!("sources[0].location.{expected}")), "{found:?}");
    }
}
