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
            "sources: add a source: upload a CSV file",
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
