//! Export: the records that the action chooses, in load order, to one or more files. All or nothing: everything is written
//! where nobody looks, and only when all of it is complete and on disk does each destination get it ([`placing`]).

pub(crate) mod destinations;
pub(crate) mod names;
pub(crate) mod settings;

mod formats;
pub mod placing;
mod reports;
mod selection;

use std::{fs, io, path::Path, sync::Arc};

use datafusion::arrow::datatypes::SchemaRef;
use model::{
    Step,
    config::ExportConfig,
    execution::Output,
    results::{ExportSummary, MergeSummary, Summary},
};

use crate::{
    Failure, Secrets, StepContext, StepCounts, results,
    steps::{StepOutcome, grouped},
    table,
};

use self::{
    destinations::{Destination, Surroundings},
    names::pattern::Filling,
    placing::Partial,
    reports::Counts,
    selection::Selection,
    settings::ExportSettings,
};

pub struct Options<'a> {
    pub config: &'a ExportConfig,
    pub settings: &'a ExportSettings,
    pub secrets: &'a Secrets,
}

pub async fn run(options: Options<'_>, context: &StepContext<'_>) -> Result<StepOutcome, Failure> {
    tokio::task::block_in_place(|| export(&options, context))
}

fn export(options: &Options<'_>, context: &StepContext<'_>) -> Result<StepOutcome, Failure> {
    check(options.config)?;
    let version = context.published(Step::Merge)?;
    let Summary::Merge(merged) = version.result()?.summary else {
        return Err(Failure::Internal("the result of Merge has another step's summary".to_owned()));
    };
    let records = version.file("records.parquet");
    let partial = Partial::create(context)?;
    let selection = Selection::new(options.config, &records, context.engine(), &context.checkpoints())?;
    let mut destinations = open(options, &partial.directory, selection.schema(), context)?;
    let counts = write(&selection, &records, &merged, &mut destinations, context)?;
    for destination in &mut destinations {
        context.advanced(Some(1.0), counts.records, &format!("completing {}", destination.name()));
        destination.make_ready(context)?;
        context.checkpoint()?;
    }
    let mut beside = Vec::new();
    if options.config.reports {
        beside.extend(reports::write(&partial.directory, &merged, counts, context)?);
    }
    beside.extend(copy_rejects(context, &partial.directory)?);
    results::sync_files(&partial.directory).map_err(|error| Failure::io("cannot publish the outputs", &error))?;
    context.checkpoint()?;

    let (mut outputs, delivered) = placing::place(destinations, &partial, counts.records, context)?;
    outputs.extend(beside);
    let summary = ExportSummary {
        records: counts.records,
        exported: counts.exported,
        skipped: counts.skipped,
        groups: merged.groups,
        outputs,
        delivered,
        elapsed_ms: u64::try_from(context.elapsed().as_millis()).unwrap_or(u64::MAX),
    };
    Ok(outcome(summary))
}

fn outcome(summary: ExportSummary) -> StepOutcome {
    let delivered = summary.delivered.iter().map(|delivered| delivered.location.as_str());
    let files: Vec<&str> = summary.outputs.iter().map(|output| output.name.as_str()).chain(delivered).collect();
    let sentence =
        format!("{} of {} records to {}", grouped(summary.exported), grouped(summary.records), files.join(", "));
    let counts = StepCounts { rows_in: summary.records, rows_out: summary.exported };
    StepOutcome { counts, summary: Summary::Export(summary), sentence }
}

fn check(config: &ExportConfig) -> Result<(), Failure> {
    if config.targets.is_empty() {
        return Err(Failure::Input("the export has no target; add a file to write".to_owned()));
    }
    match names::problems(config).first() {
        Some((place, problem)) => {
            Err(Failure::Input(format!("the file name of export target {}: {problem}", place + 1)))
        }
        None => Ok(()),
    }
}

fn open(
    options: &Options<'_>,
    downloads: &Path,
    schema: &SchemaRef,
    context: &StepContext<'_>,
) -> Result<Vec<Box<dyn Destination>>, Failure> {
    let filling = Filling::new(options.settings, context.started(), context.run_name());
    let (settings, secrets) = (options.settings, options.secrets);
    let made = Arc::default();
    let around = Surroundings { settings, secrets, filling: &filling, downloads, schema, made, context };
    let targets = options.config.targets.iter().enumerate();
    targets.map(|(number, target)| destinations::open(number, target, &around)).collect()
}

fn write(
    selection: &Selection,
    records: &Path,
    merged: &MergeSummary,
    destinations: &mut [Box<dyn Destination>],
    context: &StepContext<'_>,
) -> Result<Counts, Failure> {
    let (mut seen, mut exported) = (0, 0);
    for batch in table::scan_ahead(records, Some(&selection.reads()))? {
        let batch = batch?;
        let chosen = selection.apply(&batch)?;
        for destination in destinations.iter_mut() {
            destination.write(&chosen)?;
            context.checkpoint()?;
        }
        seen += batch.num_rows() as u64;
        exported += chosen.num_rows() as u64;
        context.advanced(Some(seen as f64 / merged.records.max(1) as f64), seen, "writing");
        context.checkpoint()?;
    }
    Ok(Counts { records: seen, exported, skipped: seen - exported })
}

/// Puts the rows that Import rejected beside the outputs.
fn copy_rejects(context: &StepContext<'_>, directory: &Path) -> Result<Option<Output>, Failure> {
    let rejects = context.published(Step::Import)?.file("rejects.csv");
    match fs::copy(&rejects, directory.join(names::REJECTS)) {
        Ok(bytes) => Ok(Some(Output { name: names::REJECTS.to_owned(), bytes, rows: None })),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(Failure::io("cannot copy the rejected rows", &error)),
    }
}
