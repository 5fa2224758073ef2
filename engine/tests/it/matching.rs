//! Match on small records: pairs, groups, blocking and its limits.

use model::{Step, results::Summary};
use serde_json::{Value, json};

use crate::support::{Project, Watcher};

const PEOPLE: &str =
    "id,name,town\n1,Ann Miller,York\n2,Anne Miller,York\n3,Bob Stone,York\n4,Bob Stone,Hull\n5,Ann Miller,\n";

fn project(files: &[(&str, &str)], matching: Value) -> Project {
    let files: Vec<(&str, &[u8])> = files.iter().map(|(name, text)| (*name, text.as_bytes())).collect();
    Project::new(&files).with("match", matching)
}

fn run(project: &Project) -> Result<(), engine::Failure> {
    project.run(Step::Import, Step::Match).map(drop)
}

/// Pairs as `left | right | score | definition`.
fn pairs(project: &Project) -> Vec<String> {
    run(project).expect("matches");
    let rows = project.rows(Step::Match, "pairs.parquet").into_iter();
    rows.map(|row| row.rsplit_once(" | ").expect("the scores come last").0.to_owned()).collect()
}

fn by_name() -> Value {
    json!({
        "blocking": [{"parts": [{"column": "name", "transform": "prefix", "length": 3}]}],
        "definitions": [{"name": "name", "threshold": 80, "criteria": [{"column": "name", "comparison": "similar_text"}]}],
    })
}

#[test]
fn pairs_and_groups_are_sorted_and_scored() {
    let project = project(&[("people.csv", PEOPLE)], by_name());
    assert_eq!(
        pairs(&project),
        ["0 | 1 | 90.90909 | 0", "0 | 4 | 100.0 | 0", "1 | 4 | 90.90909 | 0", "2 | 3 | 100.0 | 0"]
    );
    let groups = project.rows(Step::Match, "groups.parquet");
    let groups: Vec<&str> = groups.iter().filter_map(|row| row.rsplit_once(" | ")).map(|(row, _)| row).collect();
    assert_eq!(groups, ["0 | 1 | 100.0", "1 | 1 | 90.90909", "2 | 2 | 100.0", "3 | 2 | 100.0", "4 | 1 | 100.0"]);
    let Summary::Match(summary) = project.summary(Step::Match) else { panic!("a match summary") };
    assert_eq!((summary.records, summary.candidate_pairs, summary.matching_pairs), (5, 4, 4));
    assert_eq!((summary.groups, summary.grouped_records, summary.largest_group), (2, 5, 3));
    assert_eq!(summary.scores, [0, 0, 0, 0, 0, 0, 0, 0, 0, 4]);
    assert_eq!(summary.bands, [2, 2, 0, 0, 0, 0]);
    assert_eq!((summary.sources[0].records, summary.sources[0].grouped), (5, 5));
    assert_eq!(summary.blocking[0].key, "name (first 3 characters)");
}

/// Record ids and groups.
fn groups_by_id(project: &Project) -> Vec<(String, String)> {
    let rows = project.rows(Step::Match, "groups.parquet").into_iter();
    let mut groups: Vec<(String, String)> = rows
        .map(|row| {
            let cells: Vec<&str> = row.split(" | ").collect();
            (cells[3].to_owned(), cells[1].to_owned())
        })
        .collect();
    groups.sort_unstable();
    groups
}

#[test]
fn group_ids_stay_when_rows_are_added_and_reordered() {
    let project = project(&[("people.csv", PEOPLE)], by_name());
    run(&project).expect("matches");
    let before = groups_by_id(&project);
    assert_eq!(before.len(), 5);
    let rows = "id,name,town\n9,Zoe New,Hull\n4,Bob Stone,Hull\n8,Zoe New,Hull\n5,Ann Miller,\n3,Bob Stone,York\n1,Ann \
                Miller,York\n2,Anne Miller,York\n";
    std::fs::write(project.home.path().join("people.csv"), rows).expect("is written");
    run(&project).expect("matches again");
    let after = groups_by_id(&project);
    assert_eq!(after.len(), 7);
    assert!(before.iter().all(|known| after.contains(known)), "{before:?} {after:?}");
    // Only the new group has a new id, which no other had.
    assert_eq!(after.iter().filter(|(_, group)| group == "3").count(), 2, "{after:?}");
}

#[test]
fn groups_held_together_by_one_pair_are_flagged() {
    let text = "name,mail\nAnn Miller,a\nAnn Miller,a\nAnn Miller,b\nBob Stone,b\nBob Stone,c\nBob Stone,c\n";
    let exact = |column: &str| json!({"name": column, "threshold": 100, "criteria": [{"column": column, "comparison": "exact"}]});
    let matching = json!({
        "blocking": [
            {"parts": [{"column": "name", "transform": "exact"}]}, {"parts": [{"column": "mail", "transform": "exact"}]},
        ],
        "definitions": [exact("name"), exact("mail")],
    });
    let project = project(&[("people.csv", text)], matching);
    run(&project).expect("matches");
    assert_eq!(project.rows(Step::Match, "weak-links.parquet"), ["1 | 2 | 3 | 100.0 | 3"]);
    let Summary::Match(summary) = project.summary(Step::Match) else { panic!("a match summary") };
    assert_eq!((summary.groups, summary.weak_links), (1, 1));
}

#[test]
fn a_pair_of_several_keys_is_compared_once() {
    let mut matching = by_name();
    matching["blocking"] = json!([
        {"parts": [{"column": "name", "transform": "any_word", "length": 3}]},
        {"parts": [{"column": "name", "transform": "exact"}, {"column": "town", "transform": "exact"}]},
        {"parts": [{"column": "town", "transform": "exact"}]},
        {"parts": [{"column": "name", "transform": "soundex"}]},
    ]);
    let project = project(&[("people.csv", PEOPLE)], matching);
    assert_eq!(pairs(&project).len(), 4);
    let Summary::Match(summary) = project.summary(Step::Match) else { panic!("a match summary") };
    let pairs: Vec<u64> = summary.blocking.iter().map(|key| key.pairs).collect();
    // Ann, Ann and Anne share Miller; the two Bobs share two words; York adds Bob of York with Ann and Anne.
    assert_eq!(pairs, [4, 0, 2, 0]);
}

#[test]
fn sources_meet_as_the_strategy_says() {
    let files = [("a.csv", "name\nAnn\nAnn\n"), ("b.csv", "name\nAnn\nAnn\n"), ("c.csv", "name\nAnn\n")];
    let matched = |strategy: &str, excluded: Value| {
        let mut matching = by_name();
        matching["strategy"] = json!(strategy);
        matching["excluded_source_pairs"] = excluded;
        pairs(&project(&files, matching)).len()
    };
    assert_eq!(matched("all", json!([])), 10);
    assert_eq!(matched("across_sources", json!([])), 8);
    assert_eq!(matched("within_sources", json!([])), 2);
    assert_eq!(matched("across_sources", json!([["b", "a"]])), 4);
}

#[test]
fn blocks_that_are_too_large_are_left_out() {
    let mut text = "name,town\n".to_owned();
    for number in 0..20 {
        text.push_str(&format!("Ann,{}\n", if number < 2 { "Hull" } else { "York" }));
    }
    let mut matching = by_name();
    matching["blocking"] = json!([
        {"parts": [{"column": "name", "transform": "exact"}], "largest_block": 10},
        {"parts": [{"column": "town", "transform": "any_word", "length": 1}], "largest_block": 10},
    ]);
    let project = project(&[("people.csv", &text)], matching);
    assert_eq!(pairs(&project), ["0 | 1 | 100.0 | 0"]);
}

#[test]
fn a_key_with_too_many_pairs_is_refused_before_scoring() {
    let mut text = "name,town\n".to_owned();
    for number in 0..70_000 {
        text.push_str(&format!("Ann {number},York\n"));
    }
    let mut matching = by_name();
    matching["blocking"] = json!([{"parts": [{"column": "town", "transform": "exact"}]}]);
    let failure = run(&project(&[("people.csv", &text)], matching)).expect_err("is refused").to_string();
    assert_eq!(
        failure,
        "match: blocking proposes 2,449,965,000 pairs, and at most 100,000,000 are to be scored. The blocking key town \
         alone gives 2,449,965,000; its largest block holds 70,000 records (“york”). Add a part to that key, switch it \
         off, set its largest_block, or raise pairs_max"
    );
}

#[test]
fn a_project_sets_its_own_limit_of_pairs() {
    let mut matching = by_name();
    matching["pairs_max"] = json!(3);
    let failure = run(&project(&[("people.csv", PEOPLE)], matching)).expect_err("is refused").to_string();
    assert!(failure.starts_with("match: blocking proposes 4 pairs, and at most 3 are to be scored"), "{failure}");
}

#[test]
fn blocks_are_told_before_anything_is_compared() {
    let files = [("a.csv", "name,town\nAnn,York\nAnn,Hull\nBob,York\n"), ("b.csv", "name,town\nAnn,York\nBob,York\n")];
    let estimate = |strategy: &str, excluded: Value, largest: Value| {
        let matching = json!({
            "strategy": strategy, "excluded_source_pairs": excluded, "pairs_max": 5,
            "blocking": [
                {"parts": [{"column": "town", "transform": "exact"}], "largest_block": largest},
                {"parts": [{"column": "name", "transform": "any_word", "length": 2}, {"column": "town", "transform": "exact"}]},
            ],
        });
        let project = project(&files, matching);
        project.run(Step::Import, Step::Cleanse).expect("cleanses");
        project.estimate_blocking().expect("an estimate")
    };
    let all = estimate("all", json!([]), json!(null));
    assert_eq!((all.records, all.pairs, all.pairs_max), (5, 8, 5));
    let keys: Vec<u64> = all.keys.iter().map(|key| key.pairs).collect();
    assert_eq!(keys, [6, 2]);
    let blocks: Vec<_> = all.keys[0].largest_blocks.iter().map(|block| (block.value.as_str(), block.records)).collect();
    assert_eq!(blocks, [("york", 4)]);
    let mut values: Vec<&str> = all.keys[1].largest_blocks.iter().map(|block| block.value.as_str()).collect();
    values.sort_unstable();
    assert_eq!(values, ["ann + york", "bob + york"]);
    assert!(all.refusal.is_some_and(|reason| reason.contains("at most 5")));
    assert_eq!(estimate("across_sources", json!([]), json!(null)).keys[0].pairs, 4);
    assert_eq!(estimate("all", json!([["a", "b"]]), json!(null)).keys[0].pairs, 2);
    assert_eq!(estimate("all", json!([["b", "b"], ["b", "b"]]), json!(null)).keys[0].pairs, 5);
    let purged = estimate("all", json!([]), json!(3));
    assert_eq!((purged.keys[0].pairs, purged.keys[0].blocks_left_out), (0, 1));
    assert!(purged.keys[0].largest_blocks[0].left_out);
    assert_eq!(purged.refusal, None);
}

#[test]
fn what_cannot_be_matched_is_said() {
    let failure = |change: fn(&mut Value)| {
        let mut matching = by_name();
        change(&mut matching);
        run(&project(&[("people.csv", PEOPLE)], matching)).expect_err("is refused").to_string()
    };
    assert_eq!(
        failure(|matching| matching["definitions"] = json!([])),
        "match: there is no definition of what a match is; add one, or let suggest propose it"
    );
    assert_eq!(
        failure(|matching| matching["definitions"][0]["criteria"][0]["column"] = json!("nom")),
        "match: there is no column “nom”; the records have id, name, town"
    );
    assert_eq!(
        failure(|matching| matching["blocking"] = json!([])),
        "match: no blocking key is switched on, so no records would be compared; add one"
    );
}

#[test]
fn match_stops_when_it_is_cancelled_and_keeps_the_earlier_result() {
    let mut text = "name,town\n".to_owned();
    for number in 0..5_000 {
        text.push_str(&format!("Ann {number},York\n"));
    }
    let mut matching = by_name();
    matching["blocking"] = json!([{"parts": [{"column": "name", "transform": "exact"}]}]);
    let project = project(&[("people.csv", &text)], matching.clone());
    let pairs = pairs(&project);
    matching["blocking"] = json!([{"parts": [{"column": "town", "transform": "exact"}]}]);
    let project = project.with("match", matching);
    let watcher = Watcher { cancel_at_stage: Some("Scoring"), ..Watcher::default() };
    let failure = project.run_watched(Step::Match, Step::Match, watcher).err();
    assert!(matches!(failure, Some(engine::Failure::Cancelled)), "{failure:?}");
    assert_eq!(project.rows(Step::Match, "pairs.parquet").len(), pairs.len());
}

#[test]
fn the_same_records_give_the_same_bytes() {
    let mut text = "name,town,born\n".to_owned();
    for number in 0..3_000 {
        text.push_str(&format!(
            "Ann {},Town {},19{:02}-01-02\n",
            number % 1_000,
            number % 1_000 % 97,
            number % 1_000 % 89
        ));
    }
    let matching = json!({
        "blocking": [
            {"parts": [{"column": "name", "transform": "any_word", "length": 2}]},
            {"parts": [{"column": "town", "transform": "exact"}]},
        ],
        "probabilistic": [{"name": "learned", "threshold": 60, "comparisons": [
            {"column": "name", "measure": "text", "algorithm": "jaro_winkler", "levels": [0.9, 0.7]},
            {"column": "town", "measure": "text", "algorithm": "tf_idf_cosine", "levels": [0.5], "term_frequencies": true},
            {"column": "born", "measure": "equality"},
        ]}],
    });
    let bytes = || {
        let project = project(&[("people.csv", &text)], matching.clone());
        run(&project).expect("matches");
        ["pairs.parquet", "groups.parquet", "weak-links.parquet"]
            .map(|file| std::fs::read(project.file(Step::Match, file)).expect("published"))
    };
    let first = bytes();
    assert!(first == bytes(), "two runs gave different files");
    assert!(first[0].len() > 1_000, "there are pairs to compare");
}
