//! Any text as an expression: it is refused in one sentence, or has a next time that is later, and words.

use chrono_tz::Tz;
use model::Timestamp;
use proptest::{collection::vec, prelude::*, sample::select};

use super::*;

/// Pieces of expressions, sound and not.
fn expression() -> impl Strategy<Value = String> {
    let pieces = [
        "*",
        "*/",
        "/",
        "-",
        ",",
        " ",
        "  ",
        "\t",
        "0",
        "1",
        "5",
        "7",
        "15",
        "29",
        "30",
        "31",
        "59",
        "60",
        "99999999999",
        "+3",
        "mon",
        "SUN",
        "feb",
        "@daily",
        "@",
        "é",
        "L",
        "#",
        "?",
    ];
    let any = prop_oneof![8 => select(pieces.to_vec()).prop_map(str::to_owned), 1 => "\\PC{0,3}"];
    let field = vec(any.clone(), 1..4).prop_map(|pieces| pieces.concat());
    let simple = select(vec!["*", "0", "*/7", "1-5", "2,4", "mon-fri", "1"]).prop_map(str::to_owned);
    let fields = vec(prop_oneof![3 => simple, 1 => field], 5).prop_map(|fields| fields.join(" "));
    prop_oneof![3 => fields, 1 => vec(any, 0..12).prop_map(|pieces| pieces.concat()), 1 => "\\PC{0,300}"]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 500, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_text_is_refused_or_fires_later(text in expression(), zone in select(vec!["UTC", "Europe/Brussels", "Africa/Cairo"])) {
        let zone: Tz = zone.parse().expect("a zone");
        match Cron::parse(&text) {
            Err(error) => {
                prop_assert_eq!(error.field.as_str(), "schedule.expression");
                prop_assert!(!error.message.is_empty() && !error.message.contains('\n'), "{}", error.message);
            }
            Ok(cron) => {
                prop_assert!(!cron.words().is_empty());
                let mut at: Timestamp = "2026-03-28T23:59:30Z".parse().expect("a time");
                for _ in 0..3 {
                    let next = cron.next(zone, at).expect("an expression that can fire").at;
                    prop_assert!(next > at, "{}: {:?} is not after {:?}", text, next, at);
                    at = next;
                }
                // The fields that were read say the same when they are written with single blanks.
                let again = Cron::parse(&text.split_whitespace().collect::<Vec<_>>().join(" "));
                prop_assert_eq!(again, Ok(cron));
            }
        }
    }
}

#[test]
fn a_step_is_digits_and_nothing_else() {
    assert!(Cron::parse("*/+5 * * * *").is_err());
}
