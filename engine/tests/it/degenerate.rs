//! Records that say nothing, or nearly: every step comes to a sensible end with settings that were suggested for them.

use engine::{KnownColumns, suggest, validate};
use model::{
    Step, StepRange,
    config::ProjectConfig,
    results::{MatchSummary, Summary},
};
use serde_json::json;

use crate::support::Project;

/// A project with suggested settings; `None` where nothing can be matched by, so that the settings are refused.
fn suggested(text: &str) -> (Project, Option<ProjectConfig>) {
    let project = Project::new(&[("t.csv", text.as_bytes())]);
    project.run(Step::Import, Step::Profile).expect("imports and profiles");
    let (Summary::Import(import), Summary::Profile(profile)) =
        (project.summary(Step::Import), project.summary(Step::Profile))
    else {
        panic!("the summaries of import and profile");
    };
    let config = ProjectConfig { sources: project.spec.config.sources.clone(), ..suggest(&import, &profile) };
    let columns = KnownColumns::from([("t".to_owned(), import.sources[0].columns.clone())]);
    let all = StepRange::new(Step::Import, Step::Export).expect("a range");
    let problems = validate(&config, all, Some(&columns));
    if problems.is_empty() {
        return (project, Some(config));
    }
    // Only that there is nothing to match by may be missing.
    assert!(problems.iter().all(|problem| problem.field.starts_with("match.")), "{problems:?}");
    (project, None)
}

/// Groups and records in groups after a run through all steps.
fn run(text: &str) -> Option<(u64, u64)> {
    let (project, config) = suggested(text);
    Some(run_with(project, config?))
}

fn run_with(mut project: Project, config: ProjectConfig) -> (u64, u64) {
    project.spec.config = config;
    project.run(Step::Cleanse, Step::Export).expect("runs to its end");
    let Summary::Match(MatchSummary { groups, grouped_records, .. }) = project.summary(Step::Match) else {
        panic!("a summary of match");
    };
    let out = std::fs::read(project.outputs().join("golden_records.csv")).expect("is there");
    assert!(csv::Reader::from_reader(out.as_slice()).records().all(|record| record.is_ok()));
    (groups, grouped_records)
}

#[test]
fn one_record_is_in_no_group() {
    assert!(matches!(run("name,town\nAnn,York\n"), None | Some((0, 0))));
    assert!(matches!(run("name\nAnn\n"), None | Some((0, 0))));
    assert!(matches!(run("name,town\nAnn,York\nBob,Rome\n"), None | Some((0, 0))));
}

#[test]
fn records_that_are_all_equal_do_not_take_for_ever() {
    let text = format!("name,town,born\n{}", "Ann,York,1980-01-02\n".repeat(20_000));
    // Nothing tells them apart, so nothing may be concluded; or they are one group.
    assert!(matches!(run(&text), None | Some((0, 0) | (1, 20_000))));
}

#[test]
fn records_that_are_all_different_have_no_duplicates() {
    let mut text = "id,name,mail\n".to_owned();
    for number in 0_u32..2_000 {
        let mixed = number.wrapping_mul(2_654_435_761);
        text.push_str(&format!("{number},{},{:x}@example.org\n", word(mixed), mixed.rotate_left(7)));
    }
    let grouped = run(&text).map_or(0, |(_, records)| records);
    assert!(grouped < 20, "{grouped}");
}

/// Letters that hardly any two numbers share.
fn word(number: u32) -> String {
    (0..7).map(|place| char::from(b'a' + ((number >> (place * 4)) % 26) as u8)).collect()
}

#[test]
fn columns_without_a_value_are_left_alone() {
    let mut text = "empty,name,also empty\n".to_owned();
    (0..200).for_each(|number| text.push_str(&format!(",{},\n", word(number / 2 * 2_654_435))));
    let (_, config) = suggested(&text);
    let document = serde_json::to_string(&config).expect("JSON");
    assert!(!document.contains("empty\""), "{document}");
    run(&text);
    run("name,born\nAnn,\nAnn,\nBob,\n");
}

#[test]
fn a_single_column_is_enough() {
    let mut text = "name\n".to_owned();
    (0..600_u32).for_each(|number| text.push_str(&format!("{}\n", word((number / 2).wrapping_mul(2_654_435_761)))));
    if let Some((groups, records)) = run(&text) {
        assert!(records == 2 * groups, "{groups} groups of {records} records");
    }
}

#[test]
fn a_thousand_columns_are_profiled_and_matched() {
    let names: Vec<String> = (0..1_000).map(|column| format!("c{column}")).collect();
    let mut text = names.join(",") + "\n";
    for number in 0..60_u32 {
        let values = (0..1_000_u32).map(|column| word((number / 2 + column * 31).wrapping_mul(2_654_435_761)));
        text.push_str(&(values.collect::<Vec<_>>().join(",") + "\n"));
    }
    let (project, config) = suggested(&text);
    let Summary::Profile(profile) = project.summary(Step::Profile) else { panic!("a profile") };
    assert_eq!(profile.sources[0].columns.len(), 1_000);
    if let Some((groups, records)) = config.map(|config| run_with(project, config)) {
        assert!(groups <= 30 && records <= 60, "{groups} groups of {records} records");
    }
}

/// Matching by a column that is empty, or equal everywhere, under every kind of comparison.
#[test]
fn comparisons_of_nothing_and_of_the_same_score_nothing_or_everything() {
    let comparisons = [
        json!({"comparison": "exact"}),
        json!({"comparison": "similar_text", "algorithm": "levenshtein"}),
        json!({"comparison": "similar_text", "algorithm": "qgram_cosine"}),
        json!({"comparison": "similar_text", "algorithm": "tf_idf_cosine"}),
        json!({"comparison": "similar_text", "algorithm": "token_set"}),
        json!({"comparison": "sounds_alike", "algorithm": "beider_morse"}),
        json!({"comparison": "numeric_range", "lower": 0, "upper": 0}),
        json!({"comparison": "date", "within": 0}),
        json!({"comparison": "array_overlap", "separator": ";"}),
    ];
    for comparison in comparisons {
        let mut criterion = comparison.clone();
        criterion["weight"] = json!(1);
        for (column, value, pairs) in [("empty", "", 0), ("same", "2020-01-01", 6)] {
            criterion["column"] = json!(column);
            let text = format!(
                "id,empty,same\n{}",
                (0..4).map(|id| format!("{id},,{}\n", if value.is_empty() { "x" } else { value })).collect::<String>()
            );
            let project = Project::new(&[("t.csv", text.as_bytes())]).with(
                "match",
                json!({
                    "blocking": [{"parts": [{"column": "same", "transform": "exact"}]}],
                    "definitions": [{"name": "d", "threshold": 50, "criteria": [criterion]}],
                }),
            );
            project.run(Step::Import, Step::Import).expect("imports");
            project.run(Step::Cleanse, Step::Match).expect("matches");
            let Summary::Match(found) = project.summary(Step::Match) else { panic!("a summary of match") };
            // A day is no number, and has no sound.
            let nothing = comparison["comparison"] == "numeric_range" || comparison["comparison"] == "sounds_alike";
            let expected = if nothing { 0 } else { pairs };
            assert_eq!(found.matching_pairs, expected, "{column}: {comparison}");
            assert_eq!(found.candidate_pairs, 6);
        }
    }
}
