//! Profile of imported records.

use model::{
    Step,
    config::profile::{DriftAction, Measure},
    results::{ColumnProfile, ColumnType, Counted, Grade, ProfileSummary, Summary},
};
use serde_json::json;

use crate::support::Project;

fn profile(project: &Project) -> ProfileSummary {
    project.run(Step::Import, Step::Profile).expect("profiles");
    let Summary::Profile(summary) = project.summary(Step::Profile) else { panic!("a profile summary") };
    summary
}

fn column<'a>(summary: &'a ProfileSummary, source: usize, name: &str) -> &'a ColumnProfile {
    summary.sources[source].columns.iter().find(|column| column.name == name).expect("the column")
}

#[test]
fn figures_of_a_column() {
    let project = Project::new(&[("a.csv", b"town,size\nRome,3\nParis,5\nRome,4\n,\n")]);
    let summary = profile(&project);
    let town = column(&summary, 0, "town");
    assert_eq!((town.filled, town.distinct, town.length_min, town.length_max), (3, 2, 4, 5));
    assert_eq!((town.completeness, town.approximate), (0.75, false));
    assert_eq!((town.top_values[0].value.as_str(), town.top_values[0].count), ("Rome", 2));
    assert_eq!((town.patterns[0].value.as_str(), town.patterns[0].count), ("AAAA", 2));
    assert!((town.entropy - 0.918).abs() < 0.001);
    let size = column(&summary, 0, "size");
    assert_eq!(size.column_type, ColumnType::Number);
    assert_eq!((size.min.as_deref(), size.max.as_deref(), size.mean), (Some("3"), Some("5"), Some(4.0)));
    let weights: f64 = summary.sources[0].quality_parts.iter().map(|part| part.weight).sum();
    assert!((weights - 1.0).abs() < 1e-9);
}

#[test]
fn types_are_recognised() {
    let mut text = "id,born,mail,phone,member,amount,name,empty\n".to_owned();
    for number in 0..50 {
        text.push_str(&format!(
            "C-{number:04},{}{:02}12,p{number}@example.org,+4930{number:06},{},{number}.5,Ann Lee,\n",
            1950 + number,
            1 + number % 12,
            if number % 2 == 0 { "yes" } else { "no" },
        ));
    }
    let summary = profile(&Project::new(&[("people.csv", text.as_bytes())]));
    for (name, expected) in [
        ("id", ColumnType::Identifier),
        ("born", ColumnType::Date),
        ("mail", ColumnType::Email),
        ("phone", ColumnType::Phone),
        ("member", ColumnType::Boolean),
        ("amount", ColumnType::Number),
        ("name", ColumnType::Text),
        ("empty", ColumnType::Text),
    ] {
        assert_eq!(column(&summary, 0, name).column_type, expected, "{name}");
    }
    assert_eq!(column(&summary, 0, "born").min.as_deref(), Some("1950-01-12"));
}

#[test]
fn what_sources_share_is_measured() {
    let files: [(&str, &[u8]); 2] = [("a.csv", b"id,x\n1,p\n2,q\n3,r\n4,s\n"), ("b.csv", b"id\n3\n4\n5\n")];
    let summary = profile(&Project::new(&files));
    assert_eq!(column(&summary, 0, "id").shared, Some(0.5));
    assert_eq!(column(&summary, 1, "id").shared, Some(2.0 / 3.0));
    assert_eq!(column(&summary, 0, "x").shared, None);
    assert!(summary.sources[1].columns.iter().all(|column| column.name != "x"));
}

#[test]
fn many_values_are_estimated_and_marked_so() {
    let mut text = "id,few\n".to_owned();
    for number in 0..200_000 {
        text.push_str(&format!("{number},{}\n", number % 7));
    }
    let mut project = Project::new(&[("a.csv", text.as_bytes())]);
    project.memory_bytes = 64 * 1024 * 1024;
    let summary = profile(&project);
    let id = column(&summary, 0, "id");
    assert!(id.approximate);
    assert!((id.uniqueness - 1.0).abs() < 0.02, "{}", id.uniqueness);
    assert_eq!(id.column_type, ColumnType::Identifier);
    let few = column(&summary, 0, "few");
    assert_eq!((few.distinct, few.approximate), (7, false));
}

#[test]
fn numbers_dates_and_lengths_are_measured() {
    let mut text = "amount,born,note\n".to_owned();
    for number in 0..99 {
        text.push_str(&format!("{},{:02}.01.2000,ab-{}\n", number % 10, 1 + number % 9, number % 10));
    }
    text.push_str(&format!("-500,2050-01-01,{}\n", "é".repeat(300)));
    let summary = profile(&Project::new(&[("a.csv", text.as_bytes())]));
    let amount = column(&summary, 0, "amount");
    assert_eq!(
        (amount.median.as_deref(), amount.min.as_deref(), amount.max.as_deref()),
        (Some("4"), Some("-500"), Some("9"))
    );
    let mean = (f64::from((0..99).map(|number| number % 10).sum::<i32>()) - 500.0) / 100.0;
    assert!((amount.mean.expect("numbers") - mean).abs() < 1e-9);
    assert!((amount.std_dev.expect("numbers") - 50.4).abs() < 0.2, "{:?}", amount.std_dev);
    assert_eq!(
        (amount.outliers.values, amount.outliers.examples.as_slice()),
        (Some(1), ["-500".to_owned()].as_slice())
    );
    let born = column(&summary, 0, "born");
    assert_eq!(born.column_type, ColumnType::Date);
    assert_eq!((born.min.as_deref(), born.max.as_deref()), (Some("2000-01-01"), Some("2050-01-01")));
    assert_eq!((born.median.as_deref(), born.outliers.values), (Some("2000-01-05"), Some(1)));
    assert!(born.mean_date.as_deref().is_some_and(|date| date.starts_with("2000-07")), "{:?}", born.mean_date);
    let note = column(&summary, 0, "note");
    assert_eq!((note.length_min, note.length_max, note.length_median), (4, 300, 4.0));
    assert_eq!((note.outliers.lengths, note.outliers.values), (1, None));
    assert!(note.outliers.length_examples[0].starts_with("ééé"));
    let [letters, digits, other] = [498.0, 99.0, 99.0].map(|part| part / 696.0);
    let shares = note.characters;
    assert!((shares.letters - letters).abs() + (shares.digits - digits).abs() + (shares.other - other).abs() < 1e-9);
    assert!((shares.non_ascii - 300.0 / 696.0).abs() < 1e-9);
    assert!(amount.estimates.is_empty() && (amount.confidence - 1.0).abs() < 1e-9);
}

#[test]
fn known_and_own_forms_are_counted_and_a_chosen_one_is_the_validity() {
    let text = "code,mail\nAB-1,a@x.org\nAB-22,b@x.org\nxx,10.0.0.1\n,c@x\n";
    let project = Project::new(&[("a.csv", text.as_bytes())]).with(
        "profile",
        json!({
            "patterns": [{"name": "article", "pattern": "[A-Z]{2}-\\d+"}],
            "validity": [{"column": "code", "pattern": "article"}, {"column": "mail", "pattern": ".*@x\\.org"}],
        }),
    );
    let summary = profile(&project);
    let code = column(&summary, 0, "code");
    assert_eq!(code.formats, [Counted { value: "article".to_owned(), count: 2 }]);
    assert_eq!((code.validity_pattern.as_deref(), code.validity), (Some("article"), 2.0 / 3.0));
    let mail = column(&summary, 0, "mail");
    let forms: Vec<_> = mail.formats.iter().map(|form| (form.value.as_str(), form.count)).collect();
    assert_eq!(forms, [("e-mail", 2), ("phone", 1), ("IPv4 address", 1)]);
    assert_eq!((mail.validity_pattern.as_deref(), mail.validity), (Some(".*@x\\.org"), 0.5));
    let source = &summary.sources[0];
    assert_eq!(source.grade, Some(Grade::of(source.quality)));
}

const BEFORE: &[u8] = b"email,town\na@x.org,Rome\nb@x.org,Rome\nc@x.org,Paris\nd@x.org,Paris\n";
const AFTER: &[u8] = b"email,size\na@x.org,1\n,2\n,3\nd@x.org,4\n";

/// Profiles one file, then another one in its place, with these rules; what is told of the second.
fn drift(rules: serde_json::Value) -> (Project, Result<ProfileSummary, String>) {
    let project = Project::new(&[("people.csv", BEFORE)]).with("profile", json!({"drift": rules}));
    assert_eq!(profile(&project).drift, None);
    std::fs::write(project.home.path().join("people.csv"), AFTER).expect("written");
    match project.run(Step::Import, Step::Profile) {
        Ok(_) => {
            let Summary::Profile(summary) = project.summary(Step::Profile) else { panic!("a profile summary") };
            (project, Ok(summary))
        }
        Err(failure) => (project, Err(failure.to_string())),
    }
}

#[test]
fn what_changed_since_the_last_run_is_told() {
    let (_, summary) = drift(json!([]));
    let drift = summary.expect("no rule forbids it").drift.expect("there was a run before");
    let sentences: Vec<&str> = drift.changes.iter().map(|change| change.sentence.as_str()).collect();
    assert!(sentences.contains(&"completeness of “email” in “people” fell from 100 % to 50 %"), "{sentences:?}");
    assert!(sentences.contains(&"column “town” in “people” is gone"), "{sentences:?}");
    assert!(sentences.contains(&"column “size” in “people” is new"), "{sentences:?}");
    assert!(sentences.contains(&"number of distinct values of “email” in “people” fell from 4 to 2"), "{sentences:?}");
    assert!(!sentences.iter().any(|sentence| sentence.starts_with("uniqueness of “email”")), "{sentences:?}");
    assert!(drift.changes.iter().all(|change| change.action.is_none()));
}

#[test]
fn a_rule_warns_or_fails() {
    let (_, summary) = drift(json!([
        {"measure": "completeness", "change": "falls", "by": 10},
        {"measure": "completeness", "change": "falls", "by": 60, "action": "fail"},
        {"measure": "presence", "column": "gone long ago", "action": "fail"},
        {"measure": "rows", "by": 0, "action": "fail"},
        {"measure": "completeness", "by": 10, "action": "fail", "enabled": false},
    ]));
    let first = summary.expect("only warned").drift.expect("there was a run before").changes.swap_remove(0);
    assert_eq!((first.measure, first.action), (Measure::Completeness, Some(DriftAction::Warn)));
    assert_eq!((first.before, first.after), (Some(1.0), Some(0.5)));

    let (project, summary) =
        drift(json!([{"measure": "completeness", "column": "email", "by": 49.9, "action": "fail"}]));
    assert_eq!(
        summary.expect_err("forbidden"),
        "the data changed more than a rule allows since the last run: completeness of “email” in “people” fell from 100 % to \
         50 %"
    );
    let Summary::Profile(kept) = project.summary(Step::Profile) else { panic!("a profile summary") };
    assert!(column(&kept, 0, "town").filled == 4, "the profile from before is still there");
}

#[test]
fn a_column_that_holds_another_ones_words_is_told() {
    let mut text = "full,first,last,town\n".to_owned();
    for number in 0..40 {
        let town = if number % 4 == 0 { "Lee".to_owned() } else { format!("Town {number}") };
        text.push_str(&format!("Dr. ANN{number} Lee,ann{number},Lee,{town}\n"));
    }
    let summary = profile(&Project::new(&[("people.csv", text.as_bytes())]));
    let told: Vec<(&str, &str, f64)> = summary.sources[0]
        .contained
        .iter()
        .map(|held| (held.column.as_str(), held.contained.as_str(), (held.words_share * 100.0).round()))
        .collect();
    assert_eq!(told, [("full", "first", 33.0), ("full", "last", 33.0)]);
    assert!(summary.sources[0].contained.iter().all(|held| held.rows_share == 1.0));
}

#[test]
fn numbers_without_gaps_show_their_range() {
    let lines: String = (1..=60).map(|number| format!("{number},x\n")).collect();
    let summary = profile(&Project::new(&[("a.csv", format!("id,name\n{lines}").as_bytes())]));
    let id = column(&summary, 0, "id");
    assert_eq!((id.column_type, id.min.as_deref(), id.max.as_deref()), (ColumnType::Identifier, Some("1"), Some("60")));
}
