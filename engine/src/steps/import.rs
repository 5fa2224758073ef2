//! Import: the sources' files become one table of records; rows that cannot be read become rejects.
//!
//! Wherever a file is (`places`) and whatever its format (`format`), it becomes rows of texts ([`rows`]), so that all that
//! follows is the same for all. Files are streamed: memory is bounded by the batches in flight, whatever the size of a
//! file, a row or a cell; what a format needs beyond that is asked for from the engine's memory.

mod batches;
mod columnar;
mod database;
mod delimited;
pub(crate) mod dialect;
mod encoding;
mod file;
mod format;
#[cfg(test)]
mod fuzz;
mod header;
mod json_lines;
mod keys;
mod packed;
pub(crate) mod places;
mod records;
mod rejects;
mod rows;
mod source;
mod text;
mod workbook;

use std::{collections::BTreeMap, path::PathBuf};

use datafusion::arrow::datatypes::SchemaRef;
use model::{
    config::{SourceConfig, source::Location},
    limits,
    results::{ImportSummary, ImportedSource, Summary},
};

use crate::{
    Failure, Secrets, StepContext, StepCounts,
    steps::{StepOutcome, grouped},
    table::TableWriter,
};

use self::{
    batches::BatchBuilder,
    file::SourceFile,
    places::ImportSettings,
    rejects::{Reject, Rejects, checked},
    rows::Reached,
    source::OpenSource,
};

/// Rows between two checkpoints.
const CHECK_ROWS: u64 = 1_024;

pub struct Options<'a> {
    pub sources: &'a [SourceConfig],
    /// Uploaded files by name.
    pub files: &'a BTreeMap<String, PathBuf>,
    pub settings: &'a ImportSettings,
    pub secrets: &'a Secrets,
}

/// What a source turned out to be.
enum Found {
    File(SourceFile),
    Table(Box<database::Table>),
}

/// Writes `records.parquet` and, when there are rejects, `rejects.csv`.
pub async fn run(options: Options<'_>, context: &StepContext<'_>) -> Result<StepOutcome, Failure> {
    if options.sources.is_empty() {
        return Err(Failure::Input("the project has no source; upload a file first".to_owned()));
    }
    let mut found = Vec::new();
    for source in options.sources {
        found.push(match &source.location {
            Some(Location::Database(table)) => {
                let opened = database::open(table, &options, context).await;
                Found::Table(Box::new(opened.map_err(|failure| source::named(source, failure))?))
            }
            _ => Found::File(places::open(source, &options, context).await?),
        });
    }
    tokio::task::block_in_place(|| import(options.sources, found, context))
}

fn import(sources: &[SourceConfig], found: Vec<Found>, context: &StepContext<'_>) -> Result<StepOutcome, Failure> {
    let sources = open(sources, found, context)?;
    let schema = batches::schema(&union(&sources), sources.iter().any(|source| source.key.is_some()));
    let writer = TableWriter::create(&context.file("records.parquet"), SchemaRef::clone(&schema), context.engine())?;
    let mut import = Import::new(context, schema, writer, &sources);
    for mut source in sources {
        import.rows_later -= source.rows_max;
        import.read(&mut source)?;
    }
    let summary = import.finish()?;
    let sentence = sentence(&summary);
    let counts = StepCounts { rows_in: summary.rows + summary.rejected, rows_out: summary.rows };
    Ok(StepOutcome { counts, summary: Summary::Import(summary), sentence })
}

fn open<'a>(
    configs: &'a [SourceConfig],
    found: Vec<Found>,
    context: &StepContext<'_>,
) -> Result<Vec<OpenSource<'a>>, Failure> {
    // One that cannot be read is replaced by this run.
    let before = context.previous().ok().flatten().and_then(|version| version.result().ok());
    let before = match before.map(|result| result.summary) {
        Some(Summary::Import(before)) => before.sources,
        _ => Vec::new(),
    };
    let mut sources = Vec::new();
    for (config, found) in configs.iter().zip(found) {
        let mut source = match found {
            Found::File(file) => OpenSource::open(config, &file, context)?,
            Found::Table(table) => OpenSource::of(config, table.opened())?,
        };
        for remark in source.remarks.drain(..) {
            context.warn(format!("{}: {remark}", config.called()));
        }
        if let Some(change) = before.iter().find(|before| before.name == config.name).and_then(|before| {
            let now: Vec<&str> = source.columns.iter().map(|column| column.name.as_str()).collect();
            header::change(&before.columns, &now)
        }) {
            context.warn(format!("file “{}”: since the last run {change}", config.place()));
        }
        let found = [
            source.facts.packing.map(|packing| format!("packed by {packing}")),
            Some(source.facts.kind.words().to_owned()),
            source.facts.sheet.as_ref().map(|sheet| format!("sheet “{sheet}”")),
            source.facts.encoding.map(|encoding| encoding::name(encoding).to_owned()),
            source.facts.delimiter.map(|delimiter| format!("fields separated by {delimiter:?}")),
            Some(format!("{} columns", source.columns.len())),
        ];
        let found = found.into_iter().flatten().collect::<Vec<_>>().join(", ");
        context.info(format!("{}: {found}", config.called()));
        sources.push(source);
    }
    Ok(sources)
}

/// The columns of all sources, each name once, in the order in which they first occur.
fn union(sources: &[OpenSource<'_>]) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    for column in sources.iter().flat_map(|source| &source.columns) {
        if !names.contains(&column.name) {
            names.push(column.name.clone());
        }
    }
    names
}

fn sentence(summary: &ImportSummary) -> String {
    let sources = match summary.sources.as_slice() {
        [one] => format!("source “{}”", one.name),
        many => format!("{} sources", many.len()),
    };
    let rejected = match summary.rejected {
        0 => String::new(),
        count => format!("; {} rows rejected", grouped(count)),
    };
    format!("{} records from {sources}{rejected}", grouped(summary.rows))
}

/// One run over all sources.
struct Import<'a> {
    context: &'a StepContext<'a>,
    schema: SchemaRef,
    writer: TableWriter,
    rejects: Rejects,
    summary: ImportSummary,
    /// Bytes of all files, and of those that are done.
    bytes: u64,
    bytes_done: u64,
    /// Rows that the sources may have, at most, that have not been begun.
    rows_later: u64,
}

impl<'a> Import<'a> {
    fn new(context: &'a StepContext<'a>, schema: SchemaRef, writer: TableWriter, sources: &[OpenSource<'_>]) -> Self {
        let rejects = Rejects::new(context.file("rejects.csv"));
        let bytes = sources.iter().map(|source| source.bytes).sum();
        let rows_later = sources.iter().map(|source| source.rows_max).sum();
        Self { context, schema, writer, rejects, summary: ImportSummary::default(), bytes, bytes_done: 0, rows_later }
    }

    fn read(&mut self, source: &mut OpenSource<'_>) -> Result<(), Failure> {
        let config = source.config;
        self.rejects.begin(&config.name, config.called(), source.facts.place_word());
        let first = u32::try_from(self.summary.rows).expect("the number of records is checked below");
        let (schema, engine) = (SchemaRef::clone(&self.schema), self.context.engine());
        // What is read and what is known of it are borrowed apart.
        let mut reader = std::mem::replace(&mut source.rows, Box::new(rows::Nothing));
        let mut batch = BatchBuilder::new(schema, source, first, engine);
        let (mut rows, mut items) = (0_u64, 0_u64);
        // Why this side of the reading stopped it, unless the file did.
        let mut stopped = None;
        let read = reader.each(&mut |item, reached| {
            let take = || -> Result<(), Failure> {
                let taken = match checked(item, source.width) {
                    Ok(row) => match batch.push(&row).map_err(|failure| source::named(config, failure))? {
                        Ok(()) => Ok(()),
                        Err(reason) => Err(self.rejects.add(row.place(), &reason, &row.shown())),
                    },
                    Err(Reject { place, reason, text }) => Err(self.rejects.add(place, &reason, &text)),
                };
                match taken {
                    Ok(()) => rows += 1,
                    Err(written) => written?,
                }
                items += 1;
                let full = batch.is_full();
                if full {
                    self.writer.write(&batch.finish()?)?;
                }
                if full || items % CHECK_ROWS == 0 {
                    self.pause(rows, reached)?;
                }
                Ok(())
            };
            take().map_err(|failure| {
                stopped = Some(failure);
                Failure::Cancelled
            })
        });
        match (stopped, read) {
            (Some(failure), _) => return Err(failure),
            (None, read) => read.map_err(|failure| source::named(config, failure))?,
        }
        if batch.len() > 0 {
            self.writer.write(&batch.finish()?)?;
        }
        for remark in reader.remarks() {
            self.context.warn(format!("{}: {remark}", config.called()));
        }
        self.refuse_unusable(source, rows, batch.any_value())?;
        self.summary.rows += rows;
        self.bytes_done += source.bytes;
        self.summary.sources.push(ImportedSource {
            name: config.name.clone(),
            rows,
            rejected: self.rejects.of_source().0,
            columns: source.columns.iter().map(|column| column.name.clone()).collect(),
            format: source.facts.kind,
            encoding: source.facts.encoding,
            delimiter: source.facts.delimiter,
            sheet: source.facts.sheet.clone(),
        });
        Ok(())
    }

    /// Between batches: stop if told so, or if what is left of the files cannot excuse the rejects any more.
    fn pause(&mut self, rows: u64, reached: Reached) -> Result<(), Failure> {
        self.context.checkpoint()?;
        let rows = self.summary.rows + rows;
        let done = self.bytes_done + reached.bytes;
        let fraction = (self.bytes > 0).then(|| (done as f64 / self.bytes as f64).min(1.0));
        self.context.advanced(fraction, rows, "reading");
        if rows + self.rejects.count() > limits::RECORDS_MAX {
            return Err(Failure::Input(format!(
                "more than {} records are not supported",
                grouped(limits::RECORDS_MAX)
            )));
        }
        self.rejects.check(rows.saturating_add(reached.rows_left).saturating_add(self.rows_later))
    }

    fn refuse_unusable(&self, source: &OpenSource<'_>, rows: u64, any: bool) -> Result<(), Failure> {
        let file = source.config.called();
        // CSV has a header to stand in line 1.
        let header = if source.facts.delimiter.is_some() { ", line 1" } else { "" };
        match self.rejects.of_source() {
            (0, _) if rows == 0 => {
                Err(Failure::Input(format!("{file}{header}: it has a header but no records after it")))
            }
            (rejected, first) if rows == 0 => Err(Failure::Input(format!(
                "{}. None of its {} rows can be read",
                first.unwrap_or_default(),
                grouped(rejected)
            ))),
            _ if !any => Err(Failure::Input(format!(
                "{file}: it has no usable column: every value of its {} rows is empty",
                grouped(rows)
            ))),
            _ => Ok(()),
        }
    }

    fn finish(mut self) -> Result<ImportSummary, Failure> {
        self.rejects.check(self.summary.rows)?;
        self.summary.rejected = self.rejects.count();
        if let Some(first) = self.rejects.first() {
            self.context.warn(format!("{} rows rejected, the first: {first}", grouped(self.summary.rejected)));
        }
        self.rejects.finish()?;
        self.writer.finish()?;
        Ok(self.summary)
    }
}
