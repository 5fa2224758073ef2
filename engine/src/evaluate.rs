//! How well the groups of a run agree with a known truth, for people who choose settings or compare engines.
//!
//! The truth is a column of the imported files that the project itself does not take. It is read on its own, into a
//! workspace of its own, so it can never reach the matcher.

use std::{
    collections::{BTreeMap, HashMap},
    fs::File,
};

use datafusion::{
    arrow::array::{Array, RecordBatch, StringArray, UInt32Array},
    parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder,
};
use model::{
    Step, StepRange,
    config::{ProjectConfig, SourceConfig, matching::Strategy, source::ColumnMapping},
};
use regex::Regex;
use serde::Serialize;

use crate::{
    Context, Failure, PipelineError, PipelineSpec, Workspace,
    pipeline::run,
    read::{GROUP, RECORD, SOURCE, column},
};

/// Where the truth stands.
#[derive(Clone, Debug)]
pub struct Truth {
    /// A column of every source's file; records with the same value describe the same thing.
    pub column: String,
    /// Takes the first group of this expression, or its whole match, instead of the whole value.
    pub pattern: Option<Regex>,
}

/// Precision, recall and their harmonic mean, each 0–1.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Scores {
    /// Of what was found, the share that is true.
    pub precision: f64,
    /// Of what is true, the share that was found.
    pub recall: f64,
    pub f1: f64,
}

/// What was found against what is true.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Evaluation {
    /// Records with a truth.
    pub records: u64,
    pub true_pairs: u64,
    /// Over pairs of records in one group. Where a project compares across sources only, so does this.
    pub pairs: Scores,
    /// B-cubed: the same for each record's group, averaged over records (Bagga and Baldwin, COLING 1998).
    pub groups: Scores,
    pub largest_group: u64,
}

impl Scores {
    fn new(precision: f64, recall: f64) -> Self {
        let sum = precision + recall;
        Self { precision, recall, f1: if sum > 0.0 { 2.0 * precision * recall / sum } else { 0.0 } }
    }
}

/// One record, with numbers for texts.
struct Labelled {
    truth: u32,
    group: u32,
    source: u32,
}

/// Compares the published groups of `context.workspace` with the truth; `scratch` is a directory for the truth alone.
///
/// # Errors
/// When nothing has been matched yet, or a source's file has no such column.
pub async fn evaluate(
    spec: &PipelineSpec,
    context: &Context,
    scratch: Context,
    truth: &Truth,
) -> Result<Evaluation, PipelineError> {
    let only_truth = |source: &SourceConfig| SourceConfig {
        columns: vec![ColumnMapping::of(truth.column.clone())],
        key: None,
        ..source.clone()
    };
    let sources = spec.config.sources.iter().map(only_truth).collect();
    let config = ProjectConfig { sources, ..ProjectConfig::default() };
    let reading = PipelineSpec { config, ..spec.clone() };
    run(&reading, &scratch, StepRange::new(Step::Import, Step::Import).expect("one step")).await?;
    let across = spec.config.matching.strategy == Strategy::AcrossSources;
    let (results, truth) = (Workspace::new(&context.workspace), truth.clone());
    let compare = move || {
        let records = labelled(&results, &Workspace::new(&scratch.workspace), &truth)?;
        Ok(compare(&records, across))
    };
    let compared = context.engine.spawn_blocking(compare).await;
    compared
        .map_err(|stopped| Failure::Internal(stopped.to_string()))
        .and_then(|compared| compared)
        .map_err(|failure| PipelineError { step: Step::Match, failure })
}

fn labelled(results: &Workspace, scratch: &Workspace, truth: &Truth) -> Result<Vec<Labelled>, Failure> {
    let missing = || Failure::Input("there is no result of match yet; run the project first".to_owned());
    let groups = results.published(Step::Match)?.ok_or_else(missing)?.file("groups.parquet");
    let records = scratch.published(Step::Import)?.ok_or_else(missing)?.file("records.parquet");
    let mut group_of = HashMap::new();
    each_batch(&groups, |batch| {
        let (records, groups): (&UInt32Array, &UInt32Array) = (column(batch, RECORD)?, column(batch, GROUP)?);
        group_of.extend(records.values().iter().copied().zip(groups.values().iter().copied()));
        Ok(())
    })?;
    let (mut truths, mut sources, mut groups) = (Numbers::default(), Numbers::default(), Numbers::default());
    let mut all = Vec::new();
    each_batch(&records, |batch| {
        let records: &UInt32Array = column(batch, RECORD)?;
        let (values, names): (&StringArray, &StringArray) = (column(batch, &truth.column)?, column(batch, SOURCE)?);
        for row in (0..batch.num_rows()).filter(|&row| values.is_valid(row)) {
            let record = records.value(row);
            all.push(Labelled {
                truth: truths.of(truth.of(values.value(row))),
                group: groups.of(&match group_of.get(&record) {
                    Some(group) => format!("group {group}"),
                    // A record in no group is a group of its own.
                    None => format!("record {record}"),
                }),
                source: sources.of(names.value(row)),
            });
        }
        Ok(())
    })?;
    Ok(all)
}

impl Truth {
    fn of<'v>(&self, value: &'v str) -> &'v str {
        let found = self.pattern.as_ref().and_then(|pattern| pattern.captures(value));
        found.and_then(|found| found.get(1).or_else(|| found.get(0))).map_or(value, |part| part.as_str())
    }
}

fn each_batch(
    path: &std::path::Path,
    mut each: impl FnMut(&RecordBatch) -> Result<(), Failure>,
) -> Result<(), Failure> {
    let file = File::open(path).map_err(|error| Failure::io("cannot read the published result", &error))?;
    for batch in ParquetRecordBatchReaderBuilder::try_new(file)?.build()? {
        each(&batch?)?;
    }
    Ok(())
}

/// Numbers texts in the order in which they are met.
#[derive(Default)]
struct Numbers(HashMap<String, u32>);

impl Numbers {
    fn of(&mut self, text: &str) -> u32 {
        if let Some(&number) = self.0.get(text) {
            return number;
        }
        let number = self.0.len() as u32;
        self.0.insert(text.to_owned(), number);
        number
    }
}

fn compare(records: &[Labelled], across: bool) -> Evaluation {
    let pairs = |label: fn(&Labelled) -> (u32, u32)| {
        let all = pairs_of(records.iter().map(label));
        let within = pairs_of(records.iter().map(|record| (label(record), record.source)));
        if across { all - within } else { all }
    };
    let found = pairs(|record| (record.group, 0));
    let true_pairs = pairs(|record| (record.truth, 0));
    let both = pairs(|record| (record.group, record.truth)) as f64;
    let groups = counts(records.iter().map(|record| record.group));
    let truths = counts(records.iter().map(|record| record.truth));
    let shared = counts(records.iter().map(|record| (record.group, record.truth)));
    let records_count = records.len().max(1) as f64;
    let b_cubed = |of: &dyn Fn(&(u32, u32)) -> u64| {
        shared.iter().map(|(label, &count)| (count * count) as f64 / of(label) as f64).sum::<f64>() / records_count
    };
    Evaluation {
        records: records.len() as u64,
        true_pairs,
        pairs: Scores::new(both / found.max(1) as f64, both / true_pairs.max(1) as f64),
        groups: Scores::new(b_cubed(&|(group, _)| groups[group]), b_cubed(&|(_, truth)| truths[truth])),
        largest_group: groups.values().copied().max().unwrap_or(0),
    }
}

/// In an order of its own, so that sums over it are the same each time.
fn counts<L: Ord>(labels: impl Iterator<Item = L>) -> BTreeMap<L, u64> {
    let mut counts = BTreeMap::new();
    labels.for_each(|label| *counts.entry(label).or_default() += 1);
    counts
}

fn pairs_of<L: Ord>(labels: impl Iterator<Item = L>) -> u64 {
    counts(labels).values().map(|count| count * (count - 1) / 2).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn records(labels: &[(u32, u32, u32)]) -> Vec<Labelled> {
        labels.iter().map(|&(truth, group, source)| Labelled { truth, group, source }).collect()
    }

    #[test]
    fn pairs_and_groups_are_judged() {
        // Truth {a b c} {d}, found {a b} {c d}.
        let evaluation = compare(&records(&[(0, 0, 0), (0, 0, 1), (0, 2, 0), (1, 2, 1)]), false);
        assert_eq!((evaluation.true_pairs, evaluation.largest_group), (3, 2));
        assert_eq!((evaluation.pairs.precision, evaluation.pairs.recall), (0.5, 1.0 / 3.0));
        assert_eq!(evaluation.groups.precision, (1.0 + 1.0 + 0.5 + 0.5) / 4.0);
        assert_eq!(evaluation.groups.recall, (2.0 / 3.0 + 2.0 / 3.0 + 1.0 / 3.0 + 1.0) / 4.0);
    }

    #[test]
    fn across_sources_counts_only_such_pairs() {
        let evaluation = compare(&records(&[(0, 0, 0), (0, 0, 0), (0, 0, 1)]), true);
        assert_eq!((evaluation.true_pairs, evaluation.pairs.f1), (2, 1.0));
    }

    #[test]
    fn a_pattern_takes_the_part_that_names_the_entity() {
        let truth = Truth { column: "id".to_owned(), pattern: Some(Regex::new(r"^rec-(\d+)-").expect("a pattern")) };
        assert_eq!(truth.of("rec-17-dup-0"), "17");
        assert_eq!(truth.of("other"), "other");
    }
}
