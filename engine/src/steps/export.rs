//! Export: the records that the action chooses, in load order, to one or more files. All or nothing: the files appear
//! together, complete and on disk, or not at all.

pub(crate) mod names;

mod files;
mod selection;

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use model::{
    Step,
    config::ExportConfig,
    results::{ExportSummary, MergeSummary, Summary},
};

use crate::{
    Failure, StepContext, StepCounts, results,
    steps::{StepOutcome, grouped},
    table,
};

use self::{files::OutputFile, selection::Selection};

pub struct Options<'a> {
    pub config: &'a ExportConfig,
}

pub async fn run(options: Options<'_>, context: &StepContext<'_>) -> Result<StepOutcome, Failure> {
    tokio::task::block_in_place(|| export(options.config, context))
}

fn export(config: &ExportConfig, context: &StepContext<'_>) -> Result<StepOutcome, Failure> {
    check(config)?;
    let version = context.published(Step::Merge)?;
    let Summary::Merge(merged) = version.result()?.summary else {
        return Err(Failure::Internal("the result of Merge has another step's summary".to_owned()));
    };
    let records = version.file("records.parquet");
    let partial = Partial::create(context.outputs())?;
    let mut summary = write(config, &records, &merged, &partial.directory, context)?;
    if let Some(rejects) = copy_rejects(context, &partial.directory)? {
        summary.outputs.push(rejects);
    }
    context.checkpoint()?;
    partial.publish(context.outputs()).map_err(|error| Failure::io("cannot publish the outputs", &error))?;

    let files: Vec<&str> = summary.outputs.iter().map(|output| output.name.as_str()).collect();
    let sentence =
        format!("{} of {} records to {}", grouped(summary.exported), grouped(summary.records), files.join(", "));
    let counts = StepCounts { rows_in: summary.records, rows_out: summary.exported };
    Ok(StepOutcome { counts, summary: Summary::Export(summary), sentence })
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

fn write(
    config: &ExportConfig,
    records: &Path,
    merged: &MergeSummary,
    directory: &Path,
    context: &StepContext<'_>,
) -> Result<ExportSummary, Failure> {
    let selection = Selection::new(config, records, context.engine(), &context.checkpoints())?;
    let targets = config.targets.iter();
    let mut files = targets
        .map(|target| OutputFile::create(target, directory, selection.schema(), context.engine()))
        .collect::<Result<Vec<_>, _>>()?;
    let (mut seen, mut exported) = (0, 0);
    for batch in table::scan(records, None)? {
        let batch = batch?;
        let chosen = selection.apply(&batch)?;
        for file in &mut files {
            file.write(&chosen)?;
            context.checkpoint()?;
        }
        seen += batch.num_rows() as u64;
        exported += chosen.num_rows() as u64;
        context.advanced(Some(seen as f64 / merged.records.max(1) as f64), seen, "writing");
        context.checkpoint()?;
    }
    let outputs = files.into_iter().map(|file| file.finish(directory)).collect::<Result<Vec<_>, _>>()?;
    Ok(ExportSummary { records: seen, exported, skipped: seen - exported, groups: merged.groups, outputs })
}

/// Puts the rows that Import rejected beside the outputs.
fn copy_rejects(context: &StepContext<'_>, directory: &Path) -> Result<Option<model::execution::Output>, Failure> {
    let rejects = context.published(Step::Import)?.file("rejects.csv");
    match fs::copy(&rejects, directory.join(names::REJECTS)) {
        Ok(_) => files::output(directory, names::REJECTS.to_owned(), None).map(Some),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(Failure::io("cannot copy the rejected rows", &error)),
    }
}

/// The outputs while they are being written. Dropped unpublished, it is removed.
struct Partial {
    directory: PathBuf,
}

impl Partial {
    fn create(outputs: &Path) -> Result<Self, Failure> {
        let mut name = outputs.as_os_str().to_owned();
        name.push(".partial");
        let directory = PathBuf::from(name);
        if outputs.exists() {
            return Err(Failure::Internal(format!("the outputs {} exist already", outputs.display())));
        }
        let created = results::remove_if_there(&directory).and_then(|()| fs::create_dir_all(&directory));
        created.map_err(|error| Failure::io("cannot create a directory for the outputs", &error))?;
        Ok(Self { directory })
    }

    fn publish(&self, outputs: &Path) -> io::Result<()> {
        results::sync_files(&self.directory)?;
        fs::rename(&self.directory, outputs)?;
        outputs.parent().map_or(Ok(()), results::sync_directory)
    }
}

impl Drop for Partial {
    fn drop(&mut self) {
        if let Err(error) = results::remove_if_there(&self.directory) {
            tracing::warn!(%error, directory = %self.directory.display(), "unfinished outputs could not be removed");
        }
    }
}
