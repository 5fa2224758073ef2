//! Examples of what is read from a profile.

use model::{
    config::matching::{Grouping, Measure, Strategy},
    results::{ColumnProfile, Containment, Counted, ImportSummary, ProfileSummary, SourceProfile},
};

use super::suggest;

/// A text column of one word without repeats worth listing.
fn column(name: &str, distinct: u64, pattern: &str) -> ColumnProfile {
    ColumnProfile {
        name: name.to_owned(),
        filled: 1_000,
        completeness: 1.0,
        distinct,
        uniqueness: distinct as f64 / 1_000.0,
        validity: 1.0,
        length_min: pattern.len() as u32,
        length_max: pattern.len() as u32,
        length_mean: pattern.len() as f64,
        words_mean: 1.0,
        entropy: (distinct as f64).log2(),
        patterns: vec![Counted { value: pattern.to_owned(), count: 1_000 }],
        ..ColumnProfile::default()
    }
}

fn profile(sources: Vec<Vec<ColumnProfile>>) -> (ImportSummary, ProfileSummary) {
    let source = |(number, columns)| SourceProfile {
        name: format!("source {number}"),
        rows: 1_000,
        quality: 90.0,
        grade: None,
        quality_parts: Vec::new(),
        columns,
        contained: Vec::new(),
    };
    let import = ImportSummary { rows: sources.len() as u64 * 1_000, ..ImportSummary::default() };
    (import, ProfileSummary { sources: sources.into_iter().enumerate().map(source).collect(), drift: None })
}

fn compared(import: &ImportSummary, profile: &ProfileSummary) -> Vec<String> {
    let definitions = suggest(import, profile).matching.probabilistic;
    definitions.into_iter().flat_map(|definition| definition.comparisons).map(|comparison| comparison.column).collect()
}

#[test]
fn a_row_number_is_left_out_and_a_repeating_number_is_not() {
    let columns = vec![
        column("row", 1_000, "AAA-NNNN"),
        column("tax number", 700, "NNNNNNN"),
        column("name", 400, "AAAAAA"),
        column("country", 1, "AA"),
    ];
    let (import, profile) = profile(vec![columns]);
    assert_eq!(compared(&import, &profile), ["tax number", "name"]);
}

#[test]
fn part_numbers_agree_or_do_not() {
    let of_makers = ["AANNN", "NNNNN", "AAA-NN", "ANNNNA"].map(|value| Counted { value: value.to_owned(), count: 90 });
    let part = ColumnProfile { patterns: of_makers.to_vec(), ..column("part", 900, "AANNN") };
    let (import, profile) = profile(vec![vec![part, column("account", 900, "AANNN")]]);
    let definitions = suggest(&import, &profile).matching.probabilistic;
    let [part, account] = definitions[0].comparisons.as_slice() else { panic!("{definitions:?}") };
    assert_eq!((&part.measure, part.levels.len()), (&Measure::Equality, 0));
    assert!(matches!(account.measure, Measure::Text { .. }) && !account.levels.is_empty(), "{account:?}");
}

#[test]
fn a_unique_number_that_another_source_holds_too_is_evidence() {
    let number = ColumnProfile { shared: Some(0.9), ..column("tax number", 1_000, "NNNNNNN") };
    let key = ColumnProfile { shared: Some(0.0), ..column("key", 1_000, "AAA-NNNN") };
    let columns = || vec![number.clone(), key.clone(), column("only here", 500, "AAAA")];
    let second = vec![number.clone(), key.clone()];
    let (import, profile) = profile(vec![columns(), second]);
    assert_eq!(compared(&import, &profile), ["tax number"]);
}

#[test]
fn sources_without_repeats_are_linked_one_to_one() {
    let title = |distinct| ColumnProfile { words_mean: 7.0, ..column("title", distinct, "AAAA AAA AAAAAA") };
    let proposed = |first, second| {
        let (import, profile) = profile(vec![vec![title(first)], vec![title(second)]]);
        let matching = suggest(&import, &profile).matching;
        (matching.strategy, matching.grouping)
    };
    assert_eq!(proposed(995, 990), (Strategy::AcrossSources, Grouping::OnePerSource));
    assert_eq!(proposed(995, 800), (Strategy::All, Grouping::AverageLinkage));
}

/// Which of the columns "full name", "first name" and "last name" are compared, given what the first holds of the others.
fn compared_of_names(held: &[(&str, f64, f64)]) -> Vec<String> {
    let columns = vec![
        ColumnProfile { words_mean: 2.0, ..column("full name", 900, "AAAA AAAA") },
        column("first name", 300, "AAAA"),
        column("last name", 500, "AAAA"),
    ];
    let (import, mut profile) = profile(vec![columns]);
    let containment = |&(contained, rows_share, words_share): &(&str, f64, f64)| Containment {
        column: "full name".to_owned(),
        contained: contained.to_owned(),
        rows_share,
        words_share,
    };
    profile.sources[0].contained = held.iter().map(containment).collect();
    compared(&import, &profile)
}

#[test]
fn a_column_that_others_make_up_is_left_out() {
    let parts = [("first name", 0.95, 0.5), ("last name", 0.95, 0.45)];
    assert_eq!(compared_of_names(&parts), ["first name", "last name"]);
}

#[test]
fn a_column_that_is_a_small_part_of_another_is_left_out() {
    assert_eq!(compared_of_names(&[("last name", 0.9, 0.4)]), ["full name", "first name"]);
}

#[test]
fn columns_that_hold_each_other_now_and_then_stay() {
    assert_eq!(compared_of_names(&[("last name", 0.6, 0.5)]), ["full name", "first name", "last name"]);
}

#[test]
fn few_values_are_a_category_and_cannot_block_alone() {
    let gender = ColumnProfile {
        top_values: vec![Counted { value: "f".to_owned(), count: 500 }, Counted { value: "m".to_owned(), count: 500 }],
        ..column("gender", 2, "A")
    };
    let (import, profile) = profile(vec![vec![gender, column("name", 400, "AAAAAA")]]);
    let matching = suggest(&import, &profile).matching;
    assert_eq!(matching.probabilistic[0].comparisons[0].measure, Measure::Equality);
    assert!(!matching.blocking.is_empty());
    assert!(matching.blocking.iter().all(|key| key.largest_block.is_some()), "every block is bounded");
}

#[test]
fn the_same_profile_gives_the_same_proposal() {
    let columns = || vec![column("name", 400, "AAAAAA"), column("born", 900, "NNNN-NN-NN"), column("town", 80, "AAAA")];
    let (import, profile) = profile(vec![columns()]);
    assert_eq!(suggest(&import, &profile), suggest(&import, &profile));
}

#[test]
fn nothing_to_compare_proposes_no_definition() {
    let (import, profile) = profile(vec![vec![column("row", 1_000, "NNNN")]]);
    let matching = suggest(&import, &profile).matching;
    assert!(matching.probabilistic.is_empty() && matching.blocking.is_empty());
}

#[test]
fn a_name_in_two_spellings_is_one_column() {
    let one = vec![column("Name", 900, "AAAAAA"), column("http://example.org/a#tax_number", 700, "NNNNNNN")];
    let other = vec![column("name", 900, "AAAAAA"), column("http://example.org/b#taxNumber", 700, "NNNNNNN")];
    let (import, profile) = profile(vec![one, other]);
    assert_eq!(compared(&import, &profile), ["Name", "tax_number"]);
    let operations = suggest(&import, &profile).cleanse.operations;
    let made: Vec<_> = operations.iter().map(|operation| (operation.column.as_str(), operation.writes())).collect();
    let expected = [("Name", "Name"), ("http://example.org/a#tax_number", "tax_number")];
    assert_eq!(made, expected.map(|(column, written)| (column, vec![written.to_owned()])));
}

#[test]
fn two_columns_of_a_source_are_not_made_one() {
    let one = vec![column("name", 900, "AAAAAA"), column("Name", 800, "AAAAAA"), column("town", 300, "AAAAAA")];
    let other = vec![column("NAME", 900, "AAAAAA"), column("town", 300, "AAAAAA")];
    let (import, profile) = profile(vec![one, other]);
    assert_eq!(compared(&import, &profile), ["town"]);
    assert!(suggest(&import, &profile).cleanse.operations.is_empty());
}
