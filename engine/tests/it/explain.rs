//! Why a pair matches: what is said adds up to the score that the run gave.

use model::{
    Step,
    results::{Explanation, How},
};
use serde_json::json;

use crate::support::Project;

fn explained(project: &Project, left: u32, right: u32) -> Explanation {
    engine::explain_pair(&project.workspace(), left, right).expect("readable").expect("published")
}

#[test]
fn a_weighted_score_is_the_sum_of_its_criteria() {
    let text =
        "name,town,lat,lon,born\nJonathan,York,51.5,0,2020-05-07\nJonathon,,51.5,0.001,2020-07-05\nZoe,Hull,1,1,x\n";
    let matching = json!({
        "blocking": [{"parts": [{"column": "name", "transform": "prefix", "length": 3}]}],
        "definitions": [
            {"name": "all", "threshold": 60, "criteria": [
                {"column": "name", "comparison": "similar_text", "weight": 3},
                {"column": "town", "comparison": "exact", "when_empty": "leave_out"},
                {"column": "lat", "comparison": "geo", "longitude": "lon", "within_km": 1},
                {"column": "born", "comparison": "date", "within": 3},
            ]},
            {"name": "name and town", "threshold": 100, "criteria": [
                {"column": "name", "combined_with": ["town"], "comparison": "exact"},
            ]},
        ],
    });
    let project = Project::new(&[("people.csv", text.as_bytes())]).with("match", matching);
    project.run(Step::Import, Step::Match).expect("matches");
    let rows = project.rows(Step::Match, "pairs.parquet");
    assert_eq!(rows.len(), 1, "{rows:?}");
    let explanation = explained(&project, 1, 0);
    let [all, exact] = &explanation.definitions[..] else { panic!("two definitions: {explanation:?}") };
    let How::Weighted { criteria, divisor, .. } = &all.how else { panic!("weighted") };
    assert_eq!(*divisor, 5.0);
    let scores: Vec<Option<f64>> = criteria.iter().map(|part| part.score.map(f64::round)).collect();
    assert_eq!(scores, [Some(88.0), None, Some(97.0), Some(90.0)]);
    assert!((criteria.iter().map(|part| part.adds).sum::<f64>() - all.score).abs() < 1e-9);
    assert_eq!((all.accepts, exact.accepts, exact.score), (true, false, 0.0));
    let How::Weighted { criteria, .. } = &exact.how else { panic!("weighted") };
    assert_eq!((criteria[0].columns.as_str(), criteria[0].left.as_deref()), ("name + town", Some("Jonathan York")));
    // The table of pairs holds the score under each definition.
    let expected = format!("0 | 1 | {score} | 0 | [{score}, 0.0]", score = all.score as f32);
    assert_eq!(rows[0], expected);
}

#[test]
fn bits_add_up_to_the_probability_that_the_run_gave() {
    let mut text = "name,town,title,born\n".to_owned();
    for number in 0..2_000 {
        let person = number % 1_200;
        text.push_str(&format!(
            "Ann {}{},Town {},The {} of word{},19{:02}-01-02\n",
            person,
            if number >= 1_200 && number % 7 == 0 { "x" } else { "" },
            person % 37,
            if person % 2 == 0 { "house" } else { "street" },
            person % 211,
            person % 89
        ));
    }
    let matching = json!({
        "blocking": [{"parts": [{"column": "title", "transform": "exact"}]}],
        "probabilistic": [{"name": "learned", "threshold": 50, "comparisons": [
            {"column": "name", "measure": "text", "algorithm": "jaro_winkler", "levels": [0.9, 0.7], "term_frequencies": true},
            {"column": "town", "combined_with": ["born"], "measure": "equality", "term_frequencies": true},
            {"column": "title", "measure": "text", "algorithm": "tf_idf_cosine", "levels": [0.5]},
            {"column": "town", "measure": "text", "levels": [0.8]},
        ]}],
    });
    let project = Project::new(&[("people.csv", text.as_bytes())]).with("match", matching);
    project.run(Step::Import, Step::Match).expect("matches");
    let rows = project.rows(Step::Match, "pairs.parquet");
    assert!(rows.len() > 500, "{} pairs", rows.len());
    for row in rows.iter().step_by(97) {
        let cells: Vec<&str> = row.split(" | ").collect();
        let number = |place: usize| cells[place].parse::<u32>().expect("a record");
        let explanation = explained(&project, number(0), number(1));
        let learned = &explanation.definitions[0];
        let score: f64 = cells[2].parse().expect("a score");
        assert!((learned.score - score).abs() < 1e-3, "{row}: {learned:?}");
        let How::Probabilistic { prior_bits, comparisons, relatives_bits, bits } = &learned.how else {
            panic!("probabilistic")
        };
        let sum = prior_bits + comparisons.iter().map(|part| part.bits).sum::<f64>() + relatives_bits;
        assert!(learned.accepts && (sum - bits).abs() < 1e-9);
        for part in comparisons.iter().filter_map(|part| part.level.as_ref().map(|level| (level, part.bits))) {
            let (level, bits) = part;
            assert!((level.bits + level.frequency_bits - level.repeated_bits - bits).abs() < 1e-9, "{level:?}");
        }
    }
    let models = engine::models(&project.workspace()).expect("readable").expect("published");
    let [learned] = &models[..] else { panic!("one definition is probabilistic: {models:?}") };
    assert_eq!((learned.name.as_str(), learned.threshold, learned.comparisons.len()), ("learned", 50.0, 4));
    assert!(learned.threshold_bits.abs() < 1e-9 && learned.prior_bits < 0.0, "{learned:?}");
    let name = learned.comparisons.iter().find(|comparison| comparison.columns == "name").expect("it is compared");
    assert_eq!(name.levels.iter().map(|level| level.similarity).collect::<Vec<_>>(), [0.0, 0.7, 0.9, 1.0]);
    assert!(name.by_frequency && name.levels.is_sorted_by(|low, high| low.bits <= high.bits), "{name:?}");
    for comparison in &learned.comparisons {
        let share = |of: fn(&model::results::ModelLevel) -> f64| comparison.levels.iter().map(of).sum::<f64>();
        assert!((share(|level| level.m) - 1.0).abs() < 1e-6 && (share(|level| level.u) - 1.0).abs() < 1e-6);
    }
    // Two that nothing brings together.
    assert!(!explained(&project, 0, 1).definitions[0].accepts);
}

#[test]
fn what_cannot_be_explained_is_said() {
    let matching = json!({
        "blocking": [{"parts": [{"column": "name", "transform": "exact"}]}],
        "definitions": [{"name": "name", "criteria": [{"column": "name", "comparison": "exact"}]}],
    });
    let project = Project::new(&[("people.csv", b"name\nAnn\nAnn\n")]).with("match", matching);
    assert_eq!(engine::explain_pair(&project.workspace(), 0, 1).expect("readable"), None);
    project.run(Step::Import, Step::Match).expect("matches");
    let refusal =
        |left, right| engine::explain_pair(&project.workspace(), left, right).expect_err("refused").to_string();
    assert_eq!(refusal(0, 2), "0 and 2 are not two of the 2 records");
    project.run(Step::Import, Step::Cleanse).expect("cleanses again");
    assert_eq!(refusal(0, 1), "the records have changed since Match ran; run Match again");
}
