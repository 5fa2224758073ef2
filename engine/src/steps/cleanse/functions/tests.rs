//! Operations by example.

use std::sync::Arc;

use datafusion::arrow::array::{Array as _, ArrayRef, AsArray as _, StringArray};
use serde_json::json;

use super::*;

/// The value that an operation, written as JSON, makes of a text.
fn check_operation(operation: serde_json::Value, examples: &[(&str, Option<&str>)]) {
    let operation: Operation = serde_json::from_value(operation).expect("an operation");
    check(&operation).expect("sound parameters");
    let dictionary = "st\tstreet\t0\nst.\tstreet\t0\nst john\tSaint John\t5\nbob\tRobert\t0\n";
    let dictionaries = Dictionaries::from([("words.tsv".to_owned(), dictionary.to_owned())]);
    let Call::Text(name, arguments) = call(&operation, &dictionaries) else { panic!("a function of text") };
    let kernel = prepared(&FUNCTIONS, name)(&arguments).expect("prepares");
    for (text, expected) in examples {
        let values: ArrayRef = Arc::new(StringArray::from(vec![Some(*text), None]));
        let results = text_function::map(&values, &kernel).expect("maps");
        let results = results.as_string::<i32>();
        assert_eq!(results.is_valid(0).then(|| results.value(0)), *expected, "{operation:?} of {text:?}");
        assert!(results.is_null(1), "empty stays empty");
    }
}

#[test]
fn operations_by_example() {
    check_operation(json!({"operation": "trim"}), &[(" a b ", Some("a b")), ("\u{a0}x\t", Some("x")), ("  ", None)]);
    check_operation(json!({"operation": "collapse"}), &[(" a \t\n b ", Some("a b")), ("ab", Some("ab"))]);
    check_operation(json!({"operation": "upper"}), &[("straße é", Some("STRASSE É"))]);
    check_operation(json!({"operation": "lower"}), &[("ÀB c", Some("àb c"))]);
    check_operation(
        json!({"operation": "title"}),
        &[
            ("ann-marie O'BRIEN", Some("Ann-Marie O'brien")),
            ("élan vital", Some("Élan Vital")),
            ("2nd st", Some("2nd St")),
        ],
    );
    let remove = |what: &str| json!({"operation": "remove", "what": what});
    check_operation(remove("digits"), &[("a1b٣", Some("ab")), ("12", None), ("1 2", None)]);
    check_operation(remove("letters"), &[("a1é2", Some("12"))]);
    check_operation(remove("special"), &[("a-b c!", Some("ab c"))]);
    check_operation(remove("non_alphanumeric"), &[("a-b c!1", Some("abc1"))]);
    check_operation(remove("non_printable"), &[("a\u{200b}b\u{7}c\u{feff}", Some("abc"))]);
    check_operation(remove("whitespace"), &[("a b\tc", Some("abc"))]);
    check_operation(
        json!({"operation": "replace", "from": "st.", "to": "street"}),
        &[("main st.", Some("main street"))],
    );
    check_operation(json!({"operation": "replace", "from": "x"}), &[("xx", None), ("axb", Some("ab"))]);
    check_operation(json!({"operation": "trim_start"}), &[("  a ", Some("a "))]);
    check_operation(json!({"operation": "trim_end"}), &[(" a  ", Some(" a"))]);
    check_operation(json!({"operation": "swap_case"}), &[("Ann LEE é", Some("aNN lee É"))]);
    check_operation(
        json!({"operation": "proper"}),
        &[
            ("RONALD MCDONALD", Some("Ronald McDonald")),
            ("sean o'brien", Some("Sean O'Brien")),
            ("VAN DER BERG", Some("van der Berg")),
            ("anna VON der LEYEN-smith", Some("Anna von der Leyen-Smith")),
            ("DE NIRO", Some("De Niro")),
            ("maria DE LA cruz", Some("Maria de la Cruz")),
            ("Angus MacDonald", Some("Angus MacDonald")),
            ("henry viii", Some("Henry VIII")),
            ("ann's  bar", Some("Ann's  Bar")),
            ("j.r. smith", Some("J.R. Smith")),
            ("élan d'angelo", Some("Élan D'Angelo")),
            ("mc", Some("Mc")),
        ],
    );
    check_operation(
        json!({"operation": "unicode_nfc"}),
        &[("e\u{301}", Some("é")), ("é", Some("é")), ("plain", Some("plain"))],
    );
    check_operation(
        json!({"operation": "to_ascii"}),
        &[
            ("Müller", Some("Muller")),
            ("u\u{308}", Some("u")),
            ("Σωκράτης", Some("Sokrates")),
            ("plain ~", Some("plain ~")),
        ],
    );
    let values = json!([{"from": "M", "to": "male"}, {"from": "f", "to": "female"}, {"from": "?"}]);
    check_operation(
        json!({"operation": "map_values", "values": values}),
        &[(" m", Some("male")), ("F", Some("female")), ("x", Some("x")), ("?", None)],
    );
    check_operation(
        json!({"operation": "map_values", "values": values, "case_sensitive": true, "otherwise": "empty"}),
        &[("M", Some("male")), ("m", None), ("x", None)],
    );
    check_operation(
        json!({"operation": "dictionary", "file": "words.tsv"}),
        &[
            ("Main St", Some("Main street")),
            ("MAIN ST.", Some("MAIN street")),
            ("St. John St", Some("Saint John street")),
            ("St  John, St", Some("Saint John, street")),
            ("bobby, Bob!", Some("bobby, Robert!")),
        ],
    );
    check_operation(
        json!({"operation": "email"}),
        &[
            (" Ann.Lee@Example.ORG ", Some("ann.lee@example.org")),
            ("Ann Lee <ann+x@example.org>", Some("ann+x@example.org")),
            ("mailto:ann@example.org", Some("ann@example.org")),
            ("ann@home", None),
            ("ann@@x.org", None),
            ("a b@x.org", None),
            ("ann@x..org", None),
            (".ann@x.org", None),
            ("ann@10.0.0.1", None),
        ],
    );
    check_operation(
        json!({"operation": "email", "drop_tag": true}),
        &[("ann+x@x.org", Some("ann@x.org")), ("+x@x.org", None)],
    );
    check_operation(
        json!({"operation": "number"}),
        &[
            ("1,234.50", Some("1234.5")),
            ("$ 1,234,567", Some("1234567")),
            ("12,34,567.5", Some("1234567.5")),
            ("(1'000.00)", Some("-1000")),
            ("-€5.10", Some("-5.1")),
            ("EUR 7-", Some("-7")),
            ("1 000 000", Some("1000000")),
            ("007", Some("7")),
            (".5", Some("0.5")),
            ("-0.0", Some("0")),
            ("123456789012345678901234567890.1", Some("123456789012345678901234567890.1")),
            ("1,2", None),
            ("1,23,4", None),
            ("1.2.3", None),
            ("12a", None),
            ("-", None),
            ("USD", None),
        ],
    );
    check_operation(
        json!({"operation": "number", "decimal": "comma"}),
        &[("1.234,50 €", Some("1234.5")), ("1234", Some("1234")), ("1.5", None)],
    );
    check_operation(
        json!({"operation": "regex_replace", "pattern": r"^(\w+), (\w+)$", "to": "$2 $1"}),
        &[("Doe, Ann", Some("Ann Doe")), ("Ann", Some("Ann"))],
    );
    check_operation(
        json!({"operation": "date"}),
        &[("31.12.2020", Some("2020-12-31")), ("19560409", Some("1956-04-09")), ("05/06/2020", None), ("soon", None)],
    );
    check_operation(
        json!({"operation": "date", "formats": ["%m/%d/%Y", "%d.%m.%y"]}),
        &[("05/06/2020", Some("2020-05-06")), ("06.05.20", Some("2020-05-06")), ("2020-05-06", None)],
    );
    check_operation(
        json!({"operation": "phone", "country": "US"}),
        &[
            ("(415) 555-2671", Some("+14155552671")),
            ("+49 30 123456", Some("+4930123456")),
            ("call me", None),
            ("12", None),
        ],
    );
}

#[test]
fn unsound_parameters_are_named() {
    for (operation, expected) in [
        (json!({"operation": "regex_replace", "pattern": "(a"}), "is not a regular expression"),
        (json!({"operation": "replace", "from": ""}), "say which text to replace"),
        (json!({"operation": "regex_replace", "pattern": "(\\w{100}){100}"}), "is too large a regular expression"),
        (json!({"operation": "fill_empty", "value": " "}), "give a text for values that are empty"),
        (json!({"operation": "split", "separator": "", "into": ["a"]}), "say what stands between"),
        (json!({"operation": "dictionary", "file": ""}), "choose an uploaded file"),
        (json!({"operation": "map_values", "values": []}), "say which values to map"),
        (
            json!({"operation": "map_values", "values": [{"from": "a", "to": "x"}, {"from": "A", "to": "y"}]}),
            "mapped twice",
        ),
        (json!({"operation": "date", "formats": ["%Y-%Q"]}), "“%Y-%Q” is not a date format"),
        (json!({"operation": "date", "formats": ["%Y"]}), "“%Y” does not give year, month and day"),
        (json!({"operation": "phone", "country": "XX"}), "“XX” is not an ISO 3166 country code"),
    ] {
        let operation: Operation = serde_json::from_value(operation).expect("an operation");
        let (_, problem) = check(&operation).expect_err("unsound");
        assert!(problem.contains(expected), "{problem}");
    }
}

#[test]
fn a_value_that_is_multiplied_ends_the_step() {
    let operation = json!({"operation": "replace", "from": "a", "to": "a".repeat(10_000)});
    let operation: Operation = serde_json::from_value(operation).expect("an operation");
    let Call::Text(name, arguments) = call(&operation, &Dictionaries::new()) else { panic!("a function of text") };
    let kernel = prepared(&FUNCTIONS, name)(&arguments).expect("prepares");
    let values: ArrayRef = Arc::new(StringArray::from(vec!["a".repeat(1_000)]));
    let failure = crate::Failure::from(text_function::map(&values, &kernel).expect_err("too long"));
    assert!(failure.to_string().contains("longer than 1 MiB"), "{failure}");
}

proptest::proptest! {
    /// Cleansed once is cleansed: what an operation makes it leaves as it is. And nothing panics.
    #[test]
    fn cleansing_twice_changes_nothing_more(value in "\\PC{0,40}") {
        for name in [
            "millrace_trim", "millrace_trim_start", "millrace_trim_end", "millrace_collapse", "millrace_lower",
            "millrace_unicode_nfc", "millrace_to_ascii", "millrace_email", "millrace_number", "millrace_date",
        ] {
            let kernel = prepared(&FUNCTIONS, name)(&[]).expect("prepares");
            let (mut once, mut twice) = (String::new(), String::new());
            if kernel(&value, &mut once) {
                proptest::prop_assert!(kernel(&once, &mut twice), "{} of {:?} gives {:?}", name, value, once);
                proptest::prop_assert_eq!(&once, &twice, "{} of {:?}", name, value);
            }
        }
    }

    #[test]
    fn names_in_their_spelling_keep_it(value in "[a-zA-Zé' .,-]{0,30}") {
        let kernel = prepared(&FUNCTIONS, "millrace_proper")(&[]).expect("prepares");
        let (mut once, mut twice) = (String::new(), String::new());
        proptest::prop_assert!(kernel(&value, &mut once) && kernel(&once, &mut twice));
        proptest::prop_assert_eq!(once, twice);
    }

    /// Every plain number is left as it is, and is the same with groups.
    #[test]
    fn numbers_with_groups_are_the_same(number in 1_000_u32..4_000_000_000) {
        let kernel = prepared(&FUNCTIONS, "millrace_number")(&[]).expect("prepares");
        for text in [number.to_string(), crate::steps::grouped(number.into())] {
            let mut plain = String::new();
            proptest::prop_assert!(kernel(&text, &mut plain));
            proptest::prop_assert_eq!(plain, number.to_string());
        }
    }
}
