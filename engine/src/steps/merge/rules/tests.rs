//! Rules on groups of a few records.

use serde_json::json;

use proptest::prelude::*;

use super::*;

/// A group of one column `v`: source, score, value of each record.
fn group<'a>(records: &[(&'a str, f32, &'a str)]) -> Vec<Member<'a>> {
    let members = records.iter().enumerate().map(|(index, (source, score, value))| Member {
        record: u32::try_from(index).expect("few"),
        source,
        score: *score,
        values: vec![(!value.is_empty()).then_some(Cow::Borrowed(*value))],
        ..Member::default()
    });
    members.collect()
}

fn master(rules: serde_json::Value, members: &[Member<'_>]) -> usize {
    let config: MergeConfig = serde_json::from_value(json!({"master_rules": rules})).expect("rules");
    Rules::new(&config).master(members).place
}

fn overwritten(rules: serde_json::Value, members: &[Member<'_>], master: usize) -> Vec<String> {
    let config: MergeConfig = serde_json::from_value(json!({"overwrite_rules": rules})).expect("rules");
    let mut members = members.to_vec();
    Rules::new(&config).overwrite(&mut members, master);
    members.into_iter().map(|mut member| member.values.remove(0).unwrap_or_default().into_owned()).collect()
}

#[test]
fn the_best_value_wins_and_ties_go_to_the_earliest() {
    let names = group(&[("a", 0.0, ""), ("a", 0.0, "Ann"), ("b", 0.0, "Anna"), ("b", 0.0, "Anne"), ("b", 0.0, "Ann")]);
    for (prefer, expected) in
        [("longest", 2), ("shortest", 1), ("most_popular", 1), ("first_non_null", 1), ("max", 3), ("min", 1)]
    {
        assert_eq!(master(json!([{"column": "v", "prefer": prefer}]), &names), expected, "{prefer}");
    }
    let numbers = group(&[("a", 0.0, "9"), ("a", 0.0, "10"), ("a", 0.0, "-3")]);
    assert_eq!(master(json!([{"column": "v", "prefer": "max"}]), &numbers), 1);
    assert_eq!(master(json!([{"column": "v", "prefer": "min"}]), &numbers), 2);
}

#[test]
fn most_wins_make_the_master_and_without_wins_the_earliest() {
    let members = group(&[("a", 0.0, "x"), ("b", 0.0, "xxx"), ("b", 0.0, "xx")]);
    let longest_twice = json!([{"column": "v", "prefer": "shortest"}, {"column": "v", "prefer": "longest"},
        {"column": "v", "prefer": "longest"}]);
    assert_eq!(master(longest_twice, &members), 1);
    assert_eq!(master(json!([{"column": "v", "prefer": "longest", "sources": ["a"]}]), &members), 0);
    assert_eq!(master(json!([{"column": "v", "prefer": "longest", "enabled": false}]), &members), 0);
    assert_eq!(master(json!([]), &members), 0);
    assert_eq!(master(json!([{"column": "v", "prefer": "longest"}]), &group(&[("a", 0.0, ""), ("a", 0.0, "")])), 0);
}

#[test]
fn overwriting_takes_from_the_group() {
    let members = group(&[("a", 80.0, "Rome"), ("b", 95.0, ""), ("b", 90.0, "Paris"), ("c", 90.0, "Rome")]);
    for (take, expected) in [
        ("longest", "Paris"),
        ("shortest", "Rome"),
        ("max", "Rome"),
        ("min", "Paris"),
        ("most_popular", "Rome"),
        ("first_non_null", "Rome"),
        ("merge_all_values", "Rome|Paris"),
    ] {
        assert_eq!(overwritten(json!([{"column": "v", "take": take}]), &members, 0), [expected; 4], "{take}");
    }
    assert_eq!(overwritten(json!([{"column": "v", "take": "from_master"}]), &members, 2), ["Paris"; 4]);
    let from_best = json!([{"column": "v", "take": "from_best_record", "sources": ["c", "a"]}]);
    assert_eq!(overwritten(from_best, &members, 0), ["Rome"; 4]);
}

#[test]
fn conditions_choose_the_records() {
    let members = group(&[("a", 80.0, "Rome"), ("b", 95.0, ""), ("b", 90.0, "Paris")]);
    let rule = |take: &str, condition: &str| json!([{"column": "v", "take": take, "condition": condition}]);
    assert_eq!(overwritten(rule("longest", "field_is_empty"), &members, 0), ["Rome", "Paris", "Paris"]);
    assert_eq!(overwritten(rule("longest", "record_is_master"), &members, 0), ["Paris", "", "Paris"]);
    // The best record's value is empty: only the condition that says so lets it through.
    assert_eq!(overwritten(rule("from_best_record", "none"), &members, 0), ["Rome", "", "Paris"]);
    assert_eq!(overwritten(rule("from_best_record", "overwrite_by_empty"), &members, 0), ["", "", ""]);
}

#[test]
fn a_later_rule_wins() {
    let members = group(&[("a", 80.0, "Rome"), ("b", 95.0, "Paris")]);
    let rules = json!([{"column": "v", "take": "from_master"}, {"column": "v", "take": "longest"}]);
    assert_eq!(overwritten(rules, &members, 0), ["Paris", "Paris"]);
}

/// Two columns: `v` and the date `d`.
fn dated<'a>(records: &[(&'a str, &'a str)]) -> Vec<Member<'a>> {
    let text = |text: &'a str| (!text.is_empty()).then_some(Cow::Borrowed(text));
    let member =
        |&(value, date): &(&'a str, &'a str)| Member { values: vec![text(value), text(date)], ..Member::default() };
    records.iter().map(member).collect()
}

#[test]
fn the_most_recent_record_with_a_value_wins() {
    let rule = json!([{"column": "v", "prefer": "most_recent", "by": "d"}]);
    for (records, expected) in [
        (&[("old", "2020-01-31"), ("new", "1 Feb 2020")] as &[_], 1),
        (&[("old", "2020-01-31"), ("", "2021-01-01"), ("undated", ""), ("odd", "soon")], 0),
        (&[("a", "2020-01-31 09:00"), ("b", "2020-01-31 10:00"), ("c", "2020-01-31")], 1),
        (&[("a", "31.01.2020"), ("b", "2020-01-31")], 0),
        (&[("undated", ""), ("odd", "soon")], 0),
    ] {
        assert_eq!(master(rule.clone(), &dated(records)), expected, "{records:?}");
    }
    let config = json!({"overwrite_rules": [{"column": "v", "take": "most_recent", "by": "d"}]});
    let config: MergeConfig = serde_json::from_value(config).expect("rules");
    let mut members = dated(&[("old", "2020-01-31"), ("new", "2020-02-01"), ("", "2020-03-01")]);
    let origins = Rules::new(&config).overwrite(&mut members, 0);
    assert!(members.iter().all(|member| member.values[0].as_deref() == Some("new")));
    assert_eq!(origins, [Origin { column: 0, rule: 0, members: vec![1] }]);
    assert_eq!(members[0].values[1].as_deref(), Some("2020-01-31"), "the date itself stays");
}

#[test]
fn sources_win_in_their_order() {
    let members = group(&[("shop", 0.0, "x"), ("crm", 0.0, ""), ("erp", 0.0, "y"), ("erp", 0.0, "z")]);
    for (sources, expected) in [(json!(["crm", "erp", "shop"]), 2), (json!(["shop", "erp"]), 0), (json!(["web"]), 0)] {
        let rule = json!([{"column": "v", "prefer": "source_priority", "sources": sources}]);
        assert_eq!(master(rule, &members), expected, "{sources}");
    }
    let take = json!([{"column": "v", "take": "source_priority", "sources": ["crm", "erp"]}]);
    assert_eq!(overwritten(take, &members, 0), ["y"; 4]);
}

#[test]
fn a_master_set_by_hand_wins_outright() {
    let mut members = group(&[("a", 0.0, "x"), ("a", 0.0, "xxx"), ("a", 0.0, ""), ("a", 0.0, "xx")]);
    let config = json!({"master_rules": [{"column": "v", "prefer": "longest"}]});
    let config: MergeConfig = serde_json::from_value(config).expect("rules");
    let rules = Rules::new(&config);
    assert_eq!(rules.master(&members), Master { place: 1, why: Why::Rules { won: 1, of: 1 } });
    members[3].flags.master = true;
    members[2].flags.master = true;
    assert_eq!(rules.master(&members), Master { place: 2, why: Why::SetByHand });
    assert_eq!(Rules::new(&MergeConfig::default()).master(&members[..2]).why, Why::EarliestLoaded);
}

#[test]
fn rules_for_selected_records_leave_the_others() {
    let mut members = group(&[("a", 0.0, "x"), ("a", 0.0, "xxx"), ("a", 0.0, "")]);
    members[2].flags.selected = true;
    let rule = |condition: &str| json!([{"column": "v", "take": "longest", "condition": condition}]);
    assert_eq!(overwritten(rule("record_is_selected"), &members, 0), ["x", "xxx", "xxx"]);
    members[0].flags.not_duplicate = true;
    assert_eq!(overwritten(rule("not_flagged_not_duplicate"), &members, 0), ["x", "xxx", "xxx"]);
}

#[test]
fn a_golden_value_names_every_record_it_is_from() {
    let config = json!({"overwrite_rules": [
        {"column": "v", "take": "longest"},
        {"column": "v", "take": "merge_all_values", "enabled": false},
        {"column": "v", "take": "merge_all_values"},
    ]});
    let config: MergeConfig = serde_json::from_value(config).expect("rules");
    let mut members = group(&[("a", 0.0, "x"), ("a", 0.0, "y"), ("a", 0.0, "x"), ("a", 0.0, "z")]);
    let origins = Rules::new(&config).overwrite(&mut members, 0);
    assert_eq!(origins, [Origin { column: 0, rule: 2, members: vec![0, 1, 3] }]);
}

const PREFERENCES: [&str; 6] = ["longest", "shortest", "max", "min", "most_popular", "first_non_null"];

proptest! {
    /// The winner is the first of those that no other beats; who is empty or of another source never wins.
    #[test]
    fn the_winner_is_the_earliest_that_nobody_beats(
        records in proptest::collection::vec((0_usize..3, "[0-9]{0,2}|[ab]{0,2}"), 1..12),
        choice in 0..PREFERENCES.len(),
    ) {
        let sources = ["a", "b", "c"];
        let rows: Vec<_> = records.iter().map(|(source, value)| (sources[*source], 0.0, value.as_str())).collect();
        let members = group(&rows);
        let rule = json!([{"column": "v", "prefer": PREFERENCES[choice], "sources": ["a", "b"]}]);
        let open: Vec<usize> = (0..rows.len()).filter(|&at| rows[at].0 != "c" && !rows[at].2.is_empty()).collect();
        let numeric = open.iter().all(|&at| rows[at].2.parse::<f64>().is_ok());
        let count = |at: usize| open.iter().filter(|&&other| rows[other].2 == rows[at].2).count();
        let less = |one: usize, other: usize| match (rows[one].2, rows[other].2) {
            (one, other) if numeric => one.parse::<f64>().expect("a number") < other.parse().expect("a number"),
            (one, other) => one < other,
        };
        let beats = |one: usize, other: usize| match PREFERENCES[choice] {
            "longest" => rows[one].2.len() > rows[other].2.len(),
            "shortest" => rows[one].2.len() < rows[other].2.len(),
            "max" => less(other, one),
            "min" => less(one, other),
            "most_popular" => count(one) > count(other),
            _ => false,
        };
        let expected = open.iter().find(|&&at| !open.iter().any(|&other| beats(other, at)));
        prop_assert_eq!(master(rule, &members), expected.copied().unwrap_or(0));
    }

    /// Whatever the rules, a value of the group is never made up, and a rule without `overwrite_by_empty` empties nothing.
    #[test]
    fn overwriting_takes_only_what_is_there(
        records in proptest::collection::vec((0_usize..3, "[0-9]{0,2}"), 1..8),
        rules in proptest::collection::vec((0_usize..PREFERENCES.len(), any::<bool>()), 1..5),
    ) {
        let rows: Vec<_> = records.iter().map(|(source, value)| (["a", "b", "c"][*source], 1.0, value.as_str())).collect();
        let members = group(&rows);
        let rules: Vec<_> = rules
            .iter()
            .map(|(take, empty)| json!({"column": "v", "take": PREFERENCES[*take],
                "condition": if *empty { "field_is_empty" } else { "none" }}))
            .collect();
        let after = overwritten(json!(rules), &members, 0);
        for (before, after) in members.iter().zip(&after) {
            prop_assert!(after.is_empty() || rows.iter().any(|row| row.2 == after));
            prop_assert!(before.values[0].is_none() || !after.is_empty());
        }
    }
}
