//! The document holds together: every reference leads somewhere, every operation is described in full.

use std::collections::BTreeSet;

use expect_test::expect;
use serde_json::Value;

use super::{document, methods, operations};

/// Everything that programs may ask for, and what it takes.
#[test]
fn every_operation_says_what_it_needs() {
    let table: String = operations()
        .iter()
        .map(|operation| {
            let needs = serde_json::to_string(&operation.needs).expect("serialises");
            format!("{} {} {} {needs}\n", operation.id, operation.method, operation.path)
        })
        .collect();
    expect![[]].assert_eq(&table);
}

#[test]
fn an_operation_has_one_name_and_a_summary_and_says_what_it_answers() {
    let tags: BTreeSet<&str> = super::TAGS.iter().map(|(name, _)| *name).collect();
    let mut ids = BTreeSet::new();
    for (path, item) in &document().paths.paths {
        for (method, operation) in methods(item) {
            let place = format!("{method} {path}");
            assert!(ids.insert(operation.operation_id.clone().expect("its handler's name")), "{place}");
            assert!(operation.summary.as_ref().is_some_and(|summary| !summary.is_empty()), "{place}");
            let tag = operation.tags.as_ref().and_then(|tags| tags.first()).expect("a group");
            assert!(tags.contains(tag.as_str()), "{place}: {tag}");
            let answers = serde_json::to_value(&operation.responses).expect("serialises");
            for (status, answer) in answers.as_object().expect("by status") {
                assert!(answer["description"].is_string(), "{place} {status}");
            }
        }
    }
}

#[test]
fn every_reference_leads_somewhere() {
    let json = serde_json::to_value(document()).expect("serialises");

    let mut seen = 0;
    references(&json, &mut |reference| {
        let pointer = reference.strip_prefix('#').expect("a place in the document");
        assert!(json.pointer(pointer).is_some(), "{reference}");
        seen += 1;
    });
    assert!(seen > 100, "{seen}");
}

fn references(value: &Value, look: &mut impl FnMut(&str)) {
    match value {
        Value::Object(fields) => {
            if let Some(Value::String(reference)) = fields.get("$ref") {
                look(reference);
            }
            fields.values().for_each(|value| references(value, look));
        }
        Value::Array(items) => items.iter().for_each(|item| references(item, look)),
        _ => {}
    }
}
