//! Any document as a configuration: read, or refused in words; what is read can be looked at for problems and comes back when it
//! is written.

use engine::{KnownColumns, validate};
use model::{Step, StepRange, config::ProjectConfig};
use proptest::{collection::vec, prelude::*, sample::select};
use serde_json::{Value, json};

/// Every kind of setting.
fn everything() -> Value {
    json!({
        "sources": [
            {"name": "crm", "file": "crm.csv", "format": {"type": "csv", "delimiter": ";", "quote": "'", "encoding": "latin-1"},
             "columns": [{"column": "Nachname", "rename": "name", "enabled": true}]},
            {"name": "shop", "file": "shop.csv", "format": {"type": "csv"}}
        ],
        "profile": {
            "patterns": [{"name": "article", "pattern": "[A-Z]{2}-\\d+"}],
            "validity": [{"source": "crm", "column": "name", "pattern": "article"}],
            "drift": [{"column": "mail", "measure": "completeness", "change": "falls", "by": 10.0, "action": "fail", "enabled": true}]
        },
        "cleanse": {"operations": [
            {"column": "name", "operation": "map_values", "values": [{"from": "m", "to": "male"}], "otherwise": "empty"},
            {"column": "name", "operation": "split", "separator": " ", "into": ["first", "last"]},
            {"column": "first", "operation": "concatenate", "columns": ["last"], "separator": "_", "into": "key"},
            {"column": "name", "operation": "dictionary", "file": "words.tsv"},
            {"column": "name", "operation": "address", "prefix": "a "},
            {"column": "name", "operation": "number", "decimal": "comma"},
            {"column": "name", "operation": "regex_replace", "pattern": "a+", "to": "b"},
            {"column": "name", "operation": "remove", "what": "digits"},
            {"column": "name", "operation": "fill_empty", "value": "?"},
            {"source": "crm", "column": "name", "operation": "phone", "country": "BE"},
            {"column": "name", "operation": "date", "formats": ["%d.%m.%Y"]}
        ]},
        "match": {
            "strategy": "across_sources",
            "excluded_source_pairs": [["crm", "shop"]],
            "pairs_max": 1000,
            "blocking": [{"parts": [{"column": "name", "transform": "prefix", "length": 3}], "largest_block": 500}],
            "definitions": [{"name": "by name", "threshold": 82.5, "criteria": [
                {"column": "name", "comparison": "similar_text", "algorithm": "jaro_winkler", "level": 0.8, "weight": 1.0},
                {"column": "name", "comparison": "numeric_range", "lower": 1, "upper": 2, "weight": 1},
                {"column": "name", "comparison": "date", "within": 2, "weight": 1},
                {"column": "name", "comparison": "geo", "longitude": "mail", "within_km": 2, "weight": 1},
                {"column": "name", "comparison": "array_overlap", "separator": ";", "weight": 1}
            ]}],
            "probabilistic": [{"name": "learned", "threshold": 90.0, "comparisons": [
                {"column": "name", "measure": "text", "algorithm": "levenshtein", "levels": [0.92, 0.8], "term_frequencies": true}
            ]}],
            "grouping": "one_per_source"
        },
        "merge": {
            "master_rules": [{"column": "name", "prefer": "longest", "sources": ["crm"]}],
            "overwrite_rules": [{"column": "name", "take": "most_popular", "condition": "field_is_empty"}]
        },
        "export": {"action": "flag_duplicates", "include_scores": true,
            "targets": [{"type": "file", "name": "golden.csv", "format": {"type": "csv", "delimiter": ","}}]}
    })
}

/// The places of all values in a document.
fn places(value: &Value, at: String, found: &mut Vec<String>) {
    match value {
        Value::Object(fields) => fields.iter().for_each(|(name, value)| places(value, format!("{at}/{name}"), found)),
        Value::Array(items) => {
            items.iter().enumerate().for_each(|(n, value)| places(value, format!("{at}/{n}"), found))
        }
        _ => {}
    }
    found.push(at);
}

fn any_value() -> impl Strategy<Value = Value> {
    let texts = [
        "",
        " ",
        "\0",
        "name",
        "crm",
        "../x",
        "(",
        "(?i)(a{1000}){1000}",
        "%",
        "%%",
        "%d",
        "%Y-%m-%d",
        "é",
        "\"",
        "exact",
    ];
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        select(vec![0, 1, -1, 3, 64, 65_536, i64::MAX, i64::MIN]).prop_map(Value::from),
        select(vec![0.0, -0.5, 0.5, 1e-300, 1e300, 99.9, 100.1]).prop_map(Value::from),
        select(texts.to_vec()).prop_map(Value::from),
        "\\PC{0,20}".prop_map(Value::from),
        (1_000_usize..20_000).prop_map(|length| Value::from("x".repeat(length))),
    ];
    leaf.prop_recursive(2, 8, 3, |inner| {
        prop_oneof![
            vec(inner.clone(), 0..3).prop_map(Value::from),
            vec(("[a-z_]{1,8}", inner), 0..3).prop_map(|fields| Value::Object(fields.into_iter().collect())),
        ]
    })
}

/// What is done to one value.
#[derive(Clone, Debug)]
enum Change {
    Put(Value),
    Remove,
    AddField(String, Value),
    Repeat(usize),
}

fn any_change() -> impl Strategy<Value = Change> {
    prop_oneof![
        5 => any_value().prop_map(Change::Put),
        1 => Just(Change::Remove),
        1 => ("[a-z_]{1,10}", any_value()).prop_map(|(name, value)| Change::AddField(name, value)),
        1 => (1_usize..700).prop_map(Change::Repeat),
    ]
}

fn change(document: &mut Value, at: &str, change: Change) {
    let (above, name) = at.rsplit_once('/').unwrap_or(("", ""));
    match change {
        Change::Put(value) => {
            if let Some(place) = document.pointer_mut(at) {
                *place = value;
            }
        }
        Change::Remove => match document.pointer_mut(above) {
            Some(Value::Object(fields)) => drop(fields.remove(name)),
            Some(Value::Array(items)) => drop(items.pop()),
            _ => {}
        },
        Change::AddField(name, value) => {
            if let Some(Value::Object(fields)) = document.pointer_mut(at) {
                fields.insert(name, value);
            }
        }
        Change::Repeat(times) => {
            if let Some(Value::Array(items)) = document.pointer_mut(at)
                && let Some(first) = items.first().cloned()
            {
                items.extend(std::iter::repeat_n(first, times));
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 250, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_changed_document_is_sound_or_refused_with_the_place(
        changes in vec((any::<proptest::sample::Index>(), any_change()), 1..4),
        names_known in any::<bool>(),
    ) {
        let mut document = everything();
        for (place, what) in changes {
            let mut found = Vec::new();
            places(&document, String::new(), &mut found);
            let at = place.get(&found).clone();
            change(&mut document, &at, what);
        }
        match serde_json::from_value::<ProjectConfig>(document.clone()) {
            Err(problem) => prop_assert!(!problem.to_string().is_empty()),
            Ok(config) => {
                let columns = KnownColumns::from([("crm".to_owned(), vec!["name".to_owned(), "mail".to_owned()])]);
                let steps = StepRange::new(Step::Import, Step::Export).expect("a range");
                for problem in validate(&config, steps, names_known.then_some(&columns)) {
                    prop_assert!(!problem.field.is_empty() && !problem.message.is_empty());
                    prop_assert!(problem.message.chars().count() < 3_000, "{}: {}", problem.field, problem.message.len());
                }
                let written = serde_json::to_value(&config).expect("JSON");
                prop_assert_eq!(serde_json::from_value::<ProjectConfig>(written).expect("reads again"), config);
            }
        }
    }
}

#[test]
fn the_document_itself_is_sound_but_for_what_it_leaves_open() {
    let config: ProjectConfig = serde_json::from_value(everything()).expect("a configuration");
    let columns = [("crm", vec!["name", "mail"]), ("shop", vec!["name", "mail"])];
    let columns = columns.map(|(name, columns)| (name.to_owned(), columns.into_iter().map(str::to_owned).collect()));
    let steps = StepRange::new(Step::Import, Step::Export).expect("a range");
    let found = validate(&config, steps, Some(&KnownColumns::from(columns)));
    let fields: Vec<&str> = found.iter().map(|problem| problem.field.as_str()).collect();
    assert_eq!(fields, Vec::<&str>::new(), "{found:?}");
}
