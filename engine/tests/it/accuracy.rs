//! How well the pipeline does unattended on public data with truth: import, profile, `suggest`, then all steps.
//!
//! The data lies beside the checkout (`../shared/data`); where it is absent the tests say so and pass. Figures are
//! pairwise on the final groups, all true pairs counted.

use std::{
    collections::{HashMap, HashSet},
    fs,
    path::{Path, PathBuf},
};

use engine::suggest;
use model::{Step, config::ProjectConfig, config::source::ColumnMapping, results::Summary};

use crate::support::{Project, table};

/// What came out for one record.
struct Labelled {
    source: String,
    /// The value of the column that names the truth.
    key: String,
    /// `None` for a record in no group.
    group: Option<String>,
}

/// Pairs that are in one group, pairs that should be, and those that are both.
struct Accuracy {
    found: u64,
    truth: u64,
    both: u64,
}

impl Accuracy {
    fn precision(&self) -> f64 {
        self.both as f64 / self.found.max(1) as f64
    }

    fn recall(&self) -> f64 {
        self.both as f64 / self.truth.max(1) as f64
    }

    fn f1(&self) -> f64 {
        2.0 * self.both as f64 / (self.found + self.truth).max(1) as f64
    }

    fn print(&self, name: &str) {
        let (precision, recall, f1) = (self.precision(), self.recall(), self.f1());
        println!("{name:<16} precision {precision:.4}  recall {recall:.4}  F1 {f1:.4}  ({} true pairs)", self.truth);
    }
}

/// Counts pairs with the same label by sorting, never listing them. `Some` labels only.
fn pairs_by<L: std::hash::Hash + Eq>(labels: impl Iterator<Item = Option<L>>) -> u64 {
    let mut sizes = HashMap::<L, u64>::new();
    labels.flatten().for_each(|label| *sizes.entry(label).or_default() += 1);
    sizes.values().map(|size| size * (size - 1) / 2).sum()
}

/// Against a truth that gives each record its entity. With `across`, only pairs of two sources count.
fn by_entity(records: &[Labelled], entity: impl Fn(&Labelled) -> String, across: bool) -> Accuracy {
    let count = |label: &dyn Fn(&Labelled) -> Option<String>| {
        let all = pairs_by(records.iter().map(label));
        let within = pairs_by(records.iter().map(|record| Some((record.source.clone(), label(record)?))));
        if across { all - within } else { all }
    };
    Accuracy {
        found: count(&|record| record.group.clone()),
        truth: count(&|record| Some(entity(record))),
        both: count(&|record| Some(format!("{} {}", record.group.as_ref()?, entity(record)))),
    }
}

/// Against a truth that lists pairs of keys, of the first source and of the second.
fn by_pairs(records: &[Labelled], truth: &HashSet<(String, String)>) -> Accuracy {
    let first = &records[0].source;
    let (left, right): (Vec<&Labelled>, Vec<&Labelled>) = records.iter().partition(|record| record.source == *first);
    let mut groups = HashMap::<&str, Vec<&Labelled>>::new();
    for record in right {
        groups.entry(record.group.as_deref().unwrap_or("")).or_default().push(record);
    }
    let (mut found, mut both) = (0, 0);
    for record in left {
        let Some(group) = &record.group else { continue };
        for other in groups.get(group.as_str()).into_iter().flatten() {
            found += 1;
            both += u64::from(truth.contains(&(record.key.clone(), other.key.clone())));
        }
    }
    Accuracy { found, truth: truth.len() as u64, both }
}

fn data(file: &str) -> Option<PathBuf> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/data").join(file);
    if path.exists() {
        return Some(path);
    }
    println!("skipped: {} is not there", path.display());
    None
}

/// A project of these files of the shared data; columns in `withheld` are never given to it.
fn project(files: &[&str], withheld: &[&str]) -> Option<Project> {
    let contents: Vec<(String, Vec<u8>)> = files.iter().map(|file| content(file)).collect::<Option<_>>()?;
    Some(project_of(&contents, withheld))
}

/// Name and bytes of a file of the shared data.
fn content(file: &str) -> Option<(String, Vec<u8>)> {
    let path = data(file)?;
    Some((path.file_name()?.to_str()?.to_owned(), fs::read(&path).expect("readable")))
}

fn project_of(contents: &[(String, Vec<u8>)], withheld: &[&str]) -> Project {
    let contents: Vec<(&str, &[u8])> = contents.iter().map(|(name, bytes)| (name.as_str(), bytes.as_slice())).collect();
    let mut project = Project::new(&contents);
    for (source, (_, bytes)) in project.spec.config.sources.iter_mut().zip(&contents) {
        let header = String::from_utf8_lossy(bytes).lines().next().expect("a header").to_owned();
        let columns = header.split(',').map(|column| column.trim().trim_matches('"').to_owned());
        let mapping = |column: String| ColumnMapping {
            enabled: !withheld.contains(&column.as_str()),
            ..ColumnMapping::of(column)
        };
        source.columns = columns.map(mapping).collect();
    }
    project
}

/// Runs the project as a user who changes nothing; every record with its group.
fn unattended(mut project: Project, key: &str) -> Vec<Labelled> {
    project.run(Step::Import, Step::Profile).expect("imports and profiles");
    let (Summary::Import(import), Summary::Profile(profile)) =
        (project.summary(Step::Import), project.summary(Step::Profile))
    else {
        panic!("the summaries of import and profile");
    };
    let sources = std::mem::take(&mut project.spec.config.sources);
    project.spec.config = ProjectConfig { sources, ..suggest(&import, &profile) };
    let watcher = project.run(Step::Import, Step::Merge).expect("runs unattended");
    for (step, _, sentence) in watcher.finished.lock().expect("not poisoned").iter() {
        println!("  {step}: {sentence}");
    }
    labelled(&project, key)
}

/// Reads the merged records.
fn labelled(project: &Project, key: &str) -> Vec<Labelled> {
    let (names, rows) = table(&project.file(Step::Merge, "records.parquet"));
    let place = |name: &str| names.iter().position(|header| header == name);
    let (source, group) = (place("_source").expect("_source"), place("_group").expect("_group"));
    let key = place(key);
    let label = |row: &String| {
        let values: Vec<&str> = row.split(" | ").collect();
        Labelled {
            source: values[source].to_owned(),
            key: key.map(|key| values[key].to_owned()).unwrap_or_default(),
            group: (values[group] != "·").then(|| values[group].to_owned()),
        }
    };
    rows.iter().map(label).collect()
}

/// `rec-<n>-org` and `rec-<n>-dup-<k>` are the same person n.
fn person(record: &Labelled) -> String {
    record.key.split('-').nth(1).expect("a number").to_owned()
}

fn febrl(name: &str, files: &[&str]) -> Option<Accuracy> {
    let records = unattended(project(files, &[])?, "rec_id");
    let accuracy = by_entity(&records, person, files.len() > 1);
    accuracy.print(name);
    Some(accuracy)
}

#[test]
fn febrl_3_is_found_unattended() {
    if let Some(accuracy) = febrl("febrl 3", &["febrl/dataset3.csv"]) {
        assert!(accuracy.truth == 6_538 && accuracy.f1() >= 0.997);
    }
}

#[test]
fn febrl_1_and_2_are_found_unattended() {
    for (name, file, truth) in [("febrl 1", "febrl/dataset1.csv", 500), ("febrl 2", "febrl/dataset2.csv", 1_934)] {
        if let Some(accuracy) = febrl(name, &[file]) {
            assert!(accuracy.truth == truth && accuracy.f1() >= 0.99);
        }
    }
}

#[test]
fn febrl_4_is_found_across_its_two_sources() {
    if let Some(accuracy) = febrl("febrl 4a + 4b", &["febrl/dataset4a.csv", "febrl/dataset4b.csv"]) {
        assert!(accuracy.truth == 5_000 && accuracy.f1() >= 0.999);
    }
}

/// Who has no partner must stay alone: every second record of the second source is taken away.
#[test]
fn febrl_4_is_found_when_half_of_the_partners_are_gone() {
    let (Some(first), Some((name, second))) = (content("febrl/dataset4a.csv"), content("febrl/dataset4b.csv")) else {
        return;
    };
    let second = String::from_utf8(second).expect("ASCII");
    let kept = second.lines().enumerate().filter(|(line, _)| *line == 0 || line % 2 == 1).map(|(_, text)| text);
    let second = kept.collect::<Vec<_>>().join("\n").into_bytes();
    let records = unattended(project_of(&[first, (name, second)], &[]), "rec_id");
    let accuracy = by_entity(&records, person, true);
    accuracy.print("febrl 4a + ½ 4b");
    assert!(accuracy.truth == 2_500 && accuracy.f1() >= 0.96);
}

/// The column that holds the truth looks like a row number and must not matter: without it the groups are the same.
#[test]
fn row_numbers_are_not_evidence() {
    let (Some(with), Some(without)) =
        (project(&["febrl/dataset3.csv"], &[]), project(&["febrl/dataset3.csv"], &["rec_id"]))
    else {
        return;
    };
    let groups = |records: Vec<Labelled>| -> Vec<_> { records.into_iter().map(|record| record.group).collect() };
    assert_eq!(groups(unattended(with, "rec_id")), groups(unattended(without, "rec_id")));
}

#[test]
fn dblp_and_acm_are_matched_across() {
    let files = ["dblp_acm/DBLP2.csv", "dblp_acm/ACM.csv"];
    let (Some(project), Some(mapping)) = (project(&files, &[]), data("dblp_acm/DBLP-ACM_perfectMapping.csv")) else {
        return;
    };
    let mut truth = csv::Reader::from_path(mapping).expect("the mapping is there");
    let pairs = truth.records().map(|pair| pair.expect("a pair")).map(|pair| (pair[0].to_owned(), pair[1].to_owned()));
    let accuracy = by_pairs(&unattended(project, "id"), &pairs.collect());
    accuracy.print("DBLP–ACM");
    assert!(accuracy.truth == 2_224 && accuracy.f1() >= 0.965);
}

/// Its errors are heavy and its fields few, so that no figure is asked for; it has to stay well above chance.
#[test]
fn fake_1000_is_reported() {
    let file = "fake_1000/fake_1000.csv";
    let (Some(project), Some(path)) = (project(&[file], &["cluster"]), data(file)) else { return };
    let mut rows = csv::Reader::from_path(path).expect("the file is there");
    let cluster = |row: csv::StringRecord| (row[0].to_owned(), row[6].to_owned());
    let clusters: HashMap<String, String> = rows.records().map(|row| cluster(row.expect("a row"))).collect();
    let accuracy = by_entity(&unattended(project, "unique_id"), |record| clusters[&record.key].clone(), false);
    accuracy.print("fake 1000");
    assert!(accuracy.truth == 2_031 && accuracy.f1() >= 0.85);
}

#[test]
fn pairs_are_counted_from_labels() {
    let record = |source: &str, key: &str, group: Option<&str>| Labelled {
        source: source.to_owned(),
        key: key.to_owned(),
        group: group.map(str::to_owned),
    };
    let records =
        [record("a", "1", Some("g")), record("a", "1", Some("g")), record("b", "2", Some("g")), record("b", "1", None)];
    let all = by_entity(&records, |record| record.key.clone(), false);
    assert_eq!((all.found, all.truth, all.both), (3, 3, 1));
    let across = by_entity(&records, |record| record.key.clone(), true);
    assert_eq!((across.found, across.truth, across.both), (2, 2, 0));
    let truth = HashSet::from([("1".to_owned(), "2".to_owned())]);
    let pairs = by_pairs(&records, &truth);
    assert_eq!((pairs.found, pairs.truth, pairs.both), (2, 1, 2));
}
