//! Merge: each group gets its master, and records take values from each other by the overwrite rules. What comes out are
//! all records, in load order; the golden ones are those in no group and the masters.
//!
//! The work is in proportion to the grouped records; all others pass through.

mod apply;
mod changes;
mod decide;
pub(crate) mod group;
mod held;
pub(crate) mod lineage;
pub(crate) mod preview;
pub(crate) mod rules;

use std::fs;

use model::{
    Step,
    config::MergeConfig,
    results::{MergeSummary, Summary},
};

use crate::{
    Failure, ReviewFlags, StepContext, StepCounts,
    results::Version,
    steps::{StepOutcome, grouped},
    table,
};

use self::rules::Rules;

pub struct Options<'a> {
    pub config: &'a MergeConfig,
    /// What people decided about records by hand.
    pub review: &'a ReviewFlags,
}

pub async fn run(options: Options<'_>, context: &StepContext<'_>) -> Result<StepOutcome, Failure> {
    let records = context.published(Step::Cleanse)?;
    let groups = context.published(Step::Match)?;
    refuse_outdated(&groups, &records)?;
    let path = records.file("records.parquet");
    let rules = Rules::new(options.config);
    check(options.config, &rules, &path)?;
    let (decisions, applied) = tokio::task::block_in_place(|| {
        let groups = groups.file("groups.parquet");
        let decisions = decide::decide((&path, &groups), (options.config, &rules), options.review, context)?;
        let applied = apply::apply(&path, &decisions, rules.overwritten(), options.review, context)?;
        Ok::<_, Failure>((decisions, applied))
    })?;
    for file in &decisions.changes {
        fs::remove_file(file).map_err(|error| Failure::io("cannot remove a working file", &error))?;
    }

    let summary = MergeSummary {
        records: applied.records,
        groups: decisions.groups,
        golden_records: applied.records - applied.grouped + decisions.groups,
        values_overwritten: applied.values_overwritten,
        not_duplicates: decisions.not_duplicates,
    };
    let sentence = format!(
        "{} golden records from {} records, {} values overwritten",
        grouped(summary.golden_records),
        grouped(summary.records),
        grouped(summary.values_overwritten)
    );
    let counts = StepCounts { rows_in: summary.records, rows_out: summary.golden_records };
    Ok(StepOutcome { counts, summary: Summary::Merge(summary), sentence })
}

/// Groups speak of records by number; the numbers of another version mean other records.
fn refuse_outdated(groups: &Version, records: &Version) -> Result<(), Failure> {
    let matched = groups.inputs()?;
    match matched.get(Step::Cleanse.as_str()) {
        Some(version) if *version != records.name => Err(Failure::Input(
            "the result of Match is older than that of Cleanse; run Match again before Merge".to_owned(),
        )),
        _ => Ok(()),
    }
}

fn check(config: &MergeConfig, rules: &Rules<'_>, records: &std::path::Path) -> Result<(), Failure> {
    let (schema, _) = table::describe(records)?;
    for column in rules.columns() {
        if schema.column_with_name(column).is_none() {
            let names = |named: &str, by: Option<&String>| named == column || by == Some(column);
            let of_master = config.master_rules.iter().any(|rule| names(&rule.column, rule.by.as_ref()));
            let of = if of_master { "master" } else { "overwrite" };
            return Err(Failure::Input(format!(
                "a rule ({of}) names the column “{column}”, which the records do not have"
            )));
        }
    }
    Ok(())
}
