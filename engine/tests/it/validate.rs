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
