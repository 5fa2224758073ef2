use expect_test::{Expect, expect};

use super::*;

/// Every kind of setting that a document can hold.
const EVERYTHING: &str = r#"{
  "name": "Customers",
  "sources": [
    {"name": "crm", "file": "crm.csv", "format": {"type": "csv", "delimiter": ";", "encoding": "latin-1"},
     "columns": [{"column": "Nachname", "rename": "last_name", "enabled": true}]},
    {"name": "shop", "file": "shop.csv", "format": {"type": "csv"}}
  ],
  "profile": {
    "patterns": [{"name": "article", "pattern": "[A-Z]{2}-\\d+"}],
    "validity": [{"source": "crm", "column": "code", "pattern": "article"}],
    "drift": [{"column": "mail", "measure": "completeness", "change": "falls", "by": 10.0, "action": "fail", "enabled": true},
              {"measure": "type", "change": "changes", "by": 0.0, "action": "warn", "enabled": false}]
  },
  "cleanse": {"operations": [
    {"column": "sex", "operation": "map_values", "values": [{"from": "m", "to": "male"}, {"from": "?", "to": ""}],
     "case_sensitive": false, "otherwise": "empty", "enabled": true},
    {"column": "name", "operation": "split", "separator": " ", "into": ["first", "last"], "enabled": true},
    {"column": "first", "operation": "concatenate", "columns": ["last"], "separator": "_", "into": "key", "enabled": true},
    {"column": "name", "operation": "dictionary", "file": "words.tsv", "enabled": true},
    {"column": "place", "operation": "address", "prefix": "a ", "enabled": true},
    {"column": "place", "operation": "person_name", "enabled": true},
    {"column": "amount", "operation": "number", "decimal": "comma", "enabled": true},
    {"column": "mail", "operation": "email", "drop_tag": true, "enabled": true},
    {"column": "name", "operation": "trim", "enabled": true},
    {"source": "crm", "column": "phone", "operation": "phone", "country": "BE", "enabled": false},
    {"column": "note", "operation": "replace", "from": "\"a\"\n", "to": "", "enabled": true},
    {"column": "born", "operation": "date", "formats": ["%d.%m.%Y"], "enabled": true}
  ]},
  "match": {
    "strategy": "across_sources",
    "excluded_source_pairs": [["crm", "shop"]],
    "blocking": [{"parts": [{"column": "name", "transform": "prefix", "length": 3}], "largest_block": 500,
                  "enabled": true}],
    "definitions": [{"name": "by name", "threshold": 82.5, "evidence_min": 0.0, "criteria": [
      {"column": "name", "comparison": "similar_text", "algorithm": "jaro_winkler", "level": 0.8, "weight": 1.0,
       "when_empty": "score_zero"}]}],
    "probabilistic": [{"name": "learned", "threshold": 90.0, "comparisons": [
      {"column": "name", "measure": "text", "algorithm": "levenshtein", "levels": [0.92, 0.8],
       "term_frequencies": true}]}],
    "grouping": "one_per_source"
  },
  "merge": {
    "master_rules": [{"column": "name", "prefer": "longest", "sources": ["crm"], "enabled": true}],
    "overwrite_rules": [{"column": "phone", "take": "most_popular", "condition": "field_is_empty", "enabled": true}]
  },
  "export": {"action": "flag_duplicates", "rows": "all", "include_system_fields": true, "include_scores": false, "reports": false,
    "targets": [{"type": "file", "name": "golden.csv", "format": {"type": "csv", "delimiter": ",", "quote": "\"", "header": true, "line_end": "lf",
                  "encoding": "utf-8", "bom": false, "unencodable": "refuse", "compression": "none",
                  "neutralise_formulas": false}},
                {"type": "file", "name": "golden.parquet", "format": {"type": "parquet"}}]}
}"#;

#[test]
fn what_is_written_is_what_is_read() {
    let document = Document::parse(EVERYTHING, Form::Json).expect("reads");
    for form in [Form::Toml, Form::Json] {
        let text = document.write(form).expect("writes");
        assert_eq!(Document::parse(&text, form).as_ref(), Ok(&document), "{text}");
        assert_eq!(Form::guess(&text), form);
    }
    let text: serde_json::Value = serde_json::from_str(EVERYTHING).expect("JSON");
    assert_eq!(serde_json::to_value(&document).expect("JSON"), text, "nothing is lost and nothing is added");
}

#[test]
fn a_document_reads_well() {
    let sources = vec![SourceConfig::uploaded("people".to_owned(), "people.csv".to_owned())];
    let document = Document {
        name: Some("Customers".to_owned()),
        sources,
        profile: ProfileConfig::default(),
        cleanse: CleanseConfig::default(),
        matching: MatchConfig::default(),
        merge: MergeConfig::default(),
        export: ExportConfig::default(),
    };
    expect![[r#"
        name = "Customers"

        [[sources]]
        name = "people"
        file = "people.csv"

        [sources.format]
        type = "detected"

        [cleanse]
        operations = []

        [match]
        strategy = "all"
        blocking = []
        definitions = []
        grouping = "transitive"

        [merge]
        master_rules = []
        overwrite_rules = []

        [export]
        action = "non_duplicates_and_master"
        rows = "all"
        include_system_fields = false
        include_scores = false
        reports = false
        targets = []
    "#]]
    .assert_eq(&document.write(Form::Toml).expect("writes"));
}

fn refused(text: &str, form: Form, expected: Expect) {
    expected.assert_eq(&Document::parse(text, form).expect_err("a problem"));
}

#[test]
fn a_mistake_is_told_with_its_place() {
    refused(
        "name = \"A\"\n\n[match]\nstratgy = \"all\"\n",
        Form::Toml,
        expect![[r#"
        TOML parse error at line 4, column 1
          |
        4 | stratgy = "all"
          | ^^^^^^^
        unknown field `stratgy`, expected one of `strategy`, `excluded_source_pairs`, `blocking`, `pairs_max`, `definitions`, `probabilistic`, `grouping`"#]],
    );
    refused(
        "{\"match\": {\"stratgy\": \"all\"}}",
        Form::Json,
        expect![
            "match.stratgy: unknown field `stratgy`, expected one of `strategy`, `excluded_source_pairs`, `blocking`, `pairs_max`, `definitions`, `probabilistic`, `grouping` at line 1 column 20"
        ],
    );
    refused(
        "{\"name\": 3}",
        Form::Json,
        expect!["name: invalid type: integer `3`, expected a string at line 1 column 10"],
    );
    refused("{} {}", Form::Json, expect!["trailing characters at line 1 column 4"]);
}

#[test]
fn the_ending_of_a_name_says_the_form() {
    assert_eq!(Form::of(Path::new("a/customers.TOML")).expect("known"), Form::Toml);
    assert_eq!(Form::of(Path::new("customers.json")).expect("known"), Form::Json);
    assert!(Form::of(Path::new("customers")).is_err());
}

/// What is done to a document's text: where, how much goes, and what comes in its place.
type Edit = (proptest::sample::Index, usize, String);

fn edited(text: &str, edits: &[Edit]) -> String {
    let mut text: Vec<char> = text.chars().collect();
    for (place, gone, new) in edits {
        let start = place.index(text.len() + 1);
        let end = (start + gone).min(text.len());
        text.splice(start..end, new.chars());
    }
    text.into_iter().collect()
}

proptest::proptest! {
    #![proptest_config(proptest::test_runner::Config { failure_persistence: None, ..Default::default() })]

    /// Any text is a document or refused in words; what is read comes back when it is written.
    #[test]
    fn any_text_is_a_document_or_refused(
        edits in proptest::collection::vec(
            (proptest::prelude::any::<proptest::sample::Index>(), 0_usize..6, "[\\[\\]{}\",:=0-9a-z. \n\u{e9}\u{0}]{0,4}"), 0..4),
        other in "\\PC{0,60}",
    ) {
        let document = Document::parse(EVERYTHING, Form::Json).expect("reads");
        for form in [Form::Toml, Form::Json] {
            let sound = document.write(form).expect("writes");
            for text in [edited(&sound, &edits), other.clone()] {
                match Document::parse(&text, form) {
                    Err(problem) => proptest::prop_assert!(!problem.is_empty()),
                    Ok(read) => {
                        let again = read.write(form).expect("writes");
                        proptest::prop_assert_eq!(Document::parse(&again, form), Ok(read), "{}", again);
                    }
                }
            }
        }
    }
}

/// Deeper than any stack.
#[test]
fn endless_nesting_is_refused() {
    for (form, text) in [
        (Form::Json, "[".repeat(1_000_000)),
        (Form::Json, "{\"a\":".repeat(1_000_000)),
        (Form::Toml, format!("a = {}", "[".repeat(1_000_000))),
        (Form::Toml, format!("a = {}", "{a=".repeat(300_000))),
        (Form::Toml, format!("[{}a]", "a.".repeat(100_000))),
    ] {
        let problem = Document::parse(&text, form).expect_err("refused");
        assert!(problem.len() < 4_000, "{}", problem.len());
    }
}
