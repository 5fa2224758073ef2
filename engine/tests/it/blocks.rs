//! Blocking keys that would compare everything with everything: refused before anything is compared, with the reason.

use engine::Failure;
use model::Step;
use serde_json::{Value, json};

use crate::support::{Project, Watcher};

/// A project whose records have gone through Cleanse.
fn cleansed(text: String, keys: Value) -> Project {
    let project = Project::new(&[("people.csv", text.as_bytes())]).with("match", json!({
        "blocking": keys,
        "definitions": [{"name": "d", "threshold": 90, "criteria": [{"column": "id", "comparison": "exact", "weight": 1}]}],
    }));
    project.run(Step::Import, Step::Import).expect("imports");
    project.run(Step::Cleanse, Step::Cleanse).expect("cleanses");
    project
}

fn key(column: &str) -> Value {
    json!({"parts": [{"column": column, "transform": "exact"}]})
}

/// The reason, if the step ends before it has prepared a column for comparing.
fn refused(project: &Project) -> String {
    let before = Watcher { cancel_at_stage: Some("Initializing: 1 of"), ..Watcher::default() };
    match project.run_watched(Step::Match, Step::Match, before) {
        Err(Failure::Input(message)) => message,
        Err(Failure::Cancelled) => panic!("columns were prepared before the pairs were counted"),
        other => panic!("not refused: {:?}", other.map(|_| ())),
    }
}

#[test]
fn one_value_in_a_hundred_thousand_records_is_five_billion_pairs() {
    let mut text = "id,town\n".to_owned();
    (0..100_000).for_each(|number| text.push_str(&format!("{number},York\n")));
    let project = cleansed(text, json!([key("id"), key("town")]));
    let message = refused(&project);
    assert_eq!(
        message,
        "match: blocking proposes 4,999,950,000 pairs, and at most 100,000,000 are to be scored. The blocking key town alone \
         gives 4,999,950,000; its largest block holds 100,000 records (“york”). Add a part to that key, switch it off, set \
         its largest_block, or raise pairs_max"
    );
    let estimate = project.estimate_blocking().expect("an estimate");
    assert_eq!(estimate.refusal.map(|reason| format!("match: {reason}")), Some(message));
    assert_eq!((estimate.pairs, estimate.pairs_max), (4_999_950_000, 100_000_000));
    assert!(!project.workspace().join("match").join("current").exists(), "nothing is published");
}

#[test]
fn keys_that_are_small_enough_alone_are_refused_together() {
    let mut text = "id,a,b,c\n".to_owned();
    (0..30_000)
        .for_each(|number| text.push_str(&format!("{number},x{},y{},z{}\n", number % 7, number % 8, number % 9)));
    let project = cleansed(text, json!([key("a"), key("b"), key("c")]));
    let message = refused(&project);
    let pairs = |blocks: u64| {
        let sizes = (0..blocks).map(|block| (30_000 - block).div_ceil(blocks));
        sizes.map(|size| size * (size - 1) / 2).sum::<u64>()
    };
    let all: Vec<u64> = [7, 8, 9].map(pairs).to_vec();
    assert!(all.iter().all(|pairs| *pairs < 100_000_000));
    let estimate = project.estimate_blocking().expect("an estimate");
    assert_eq!(estimate.pairs, all.iter().sum::<u64>());
    assert_eq!(estimate.keys.iter().map(|key| key.pairs).collect::<Vec<_>>(), all);
    assert!(message.contains("at most 100,000,000 are to be scored. The blocking key a alone gives 64,"), "{message}");
}

/// Each record has a hundred words in both columns: ten thousand keys if every two were one.
#[test]
fn keys_of_two_long_texts_are_bounded_and_the_run_says_so() {
    let words = |from: usize| (from..from + 100).map(|word| format!("word{word}")).collect::<Vec<_>>().join(" ");
    let mut text = "id,title,note\n".to_owned();
    for number in 0..60 {
        // Two and two are nearly alike.
        let from = number / 2 * 1_000 + number % 2;
        text.push_str(&format!("{},{},{}\n", number / 2, words(from), words(from + 500)));
    }
    let any = |column: &str| json!({"column": column, "transform": "any_word", "length": 4});
    let project = cleansed(text, json!([{"parts": [any("title"), any("note")]}]));
    let watcher = project.run(Step::Match, Step::Match).expect("matches");
    let log = watcher.log.lock().expect("not poisoned").clone();
    assert!(
        log.iter().any(|line| line.contains("60 records have 512 keys or more; further ones are left out")),
        "{log:?}"
    );
    assert_eq!(project.rows(Step::Match, "pairs.parquet").len(), 30);
}
