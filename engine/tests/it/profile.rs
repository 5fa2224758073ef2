//! Profile of imported records.

use model::{
    Step,
    results::{ColumnProfile, ColumnType, ProfileSummary, Summary},
};

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
