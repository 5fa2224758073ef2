//! Import: the sources' files become one table of records; rows that cannot be read become rejects.
//!
//! Files are streamed: memory is bounded by the batches in flight, whatever the size of a file, a row or a cell.

mod batches;
pub(crate) mod dialect;
mod encoding;
#[cfg(test)]
mod fuzz;
mod records;
mod rejects;
mod source;

use std::{
    collections::BTreeMap,
    path::PathBuf,
    sync::mpsc::{self, SyncSender},
    thread,
};

use datafusion::arrow::{array::RecordBatch, datatypes::SchemaRef};
use model::{
    config::SourceConfig,
    limits,
    results::{ImportSummary, ImportedSource, Summary},
};

use crate::{
    Failure, StepContext, StepCounts,
    steps::{StepOutcome, grouped},
    table::TableWriter,
};

use self::{
    batches::BatchBuilder,
    records::{Item, Record},
    rejects::Rejects,
    source::OpenSource,
};

/// Batches between the thread that reads and the one that writes.
const BATCHES_AHEAD: usize = 2;
/// Rows between two checkpoints.
const CHECK_ROWS: u64 = 1_024;

pub struct Options<'a> {
    pub sources: &'a [SourceConfig],
    pub files: &'a BTreeMap<String, PathBuf>,
}

/// Writes `records.parquet` and, when there are rejects, `rejects.csv`.
pub async fn run(options: Options<'_>, context: &StepContext<'_>) -> Result<StepOutcome, Failure> {
    tokio::task::block_in_place(|| import(&options, context))
}

fn import(options: &Options<'_>, context: &StepContext<'_>) -> Result<StepOutcome, Failure> {
    let sources = open(options, context)?;
    let schema = batches::schema(&union(&sources));
    let (sender, receiver) = mpsc::sync_channel::<RecordBatch>(BATCHES_AHEAD);
    let mut writer =
        TableWriter::create(&context.file("records.parquet"), SchemaRef::clone(&schema), context.engine())?;
    let summary = thread::scope(|scope| {
        // Encoding Parquet costs about as much as reading: each has a thread.
        let writing = scope.spawn(move || {
            for batch in receiver {
                writer.write(&batch)?;
            }
            writer.finish()
        });
        let mut import = Import::new(context, schema, sender, &sources);
        let read = sources.into_iter().try_for_each(|source| import.read(source));
        let finished = read.and_then(|()| import.finish());
        let written = writing.join().map_err(|_| Failure::Internal("the writing thread panicked".to_owned()))?;
        // When the writer failed, the reader only noticed that nobody took its batches.
        written.and(finished)
    })?;
    let sentence = sentence(&summary);
    let counts = StepCounts { rows_in: summary.rows + summary.rejected, rows_out: summary.rows };
    Ok(StepOutcome { counts, summary: Summary::Import(summary), sentence })
}

fn open<'a>(options: &Options<'a>, context: &StepContext<'_>) -> Result<Vec<OpenSource<'a>>, Failure> {
    if options.sources.is_empty() {
        return Err(Failure::Input("the project has no source; upload a file first".to_owned()));
    }
    let checkpoint = context.checkpoints();
    let mut sources = Vec::new();
    for config in options.sources {
        let path = options.files.get(&config.file).ok_or_else(|| {
            Failure::Input(format!("source “{}”: the file “{}” has not been uploaded", config.name, config.file))
        })?;
        let mut source = OpenSource::open(config, path, &checkpoint)?;
        for remark in source.remarks.drain(..) {
            context.warn(format!("file “{}”: {remark}", config.file));
        }
        context.info(format!(
            "file “{}”: {}, fields separated by {:?}, {} columns",
            config.file,
            encoding::name(source.facts.encoding),
            char::from(source.dialect.delimiter),
            source.columns.len()
        ));
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
    sender: SyncSender<RecordBatch>,
    rejects: Rejects,
    summary: ImportSummary,
    /// Bytes of all files, and of those that are done.
    bytes: u64,
    bytes_done: u64,
}

impl<'a> Import<'a> {
    fn new(
        context: &'a StepContext<'a>,
        schema: SchemaRef,
        sender: SyncSender<RecordBatch>,
        sources: &[OpenSource<'_>],
    ) -> Self {
        let rejects = Rejects::new(context.file("rejects.csv"));
        let bytes = sources.iter().map(|source| source.facts.file_bytes).sum();
        Self { context, schema, sender, rejects, summary: ImportSummary::default(), bytes, bytes_done: 0 }
    }

    fn read(&mut self, mut source: OpenSource<'_>) -> Result<(), Failure> {
        let config = source.config;
        self.rejects.begin(&config.name, &config.file);
        let first = u32::try_from(self.summary.rows).expect("the number of records is checked below");
        let mut batch = BatchBuilder::new(SchemaRef::clone(&self.schema), &config.name, &source.columns, first);
        let (mut rows, mut items) = (0_u64, 0_u64);
        loop {
            let item = source.records.next();
            let item = item.map_err(|error| Failure::io(&format!("file “{}” cannot be read", config.file), &error))?;
            let Some(item) = item else { break };
            match checked(item, source.width) {
                Ok(record) => {
                    batch.push(&record);
                    rows += 1;
                }
                Err(reject) => self.rejects.add(reject.line, &reject.reason, reject.text)?,
            }
            items += 1;
            let full = batch.is_full();
            if full {
                self.send(&mut batch)?;
            }
            if full || items % CHECK_ROWS == 0 {
                self.pause(rows, source.records.text().position())?;
            }
        }
        if batch.len() > 0 {
            self.send(&mut batch)?;
        }
        self.refuse_unusable(config, rows, batch.any_value())?;
        self.summary.rows += rows;
        self.bytes_done += source.facts.file_bytes;
        self.summary.sources.push(ImportedSource {
            name: config.name.clone(),
            rows,
            rejected: self.rejects.of_source().0,
            columns: source.columns.iter().map(|column| column.name.clone()).collect(),
            encoding: source.facts.encoding,
            delimiter: char::from(source.dialect.delimiter),
        });
        Ok(())
    }

    fn send(&self, batch: &mut BatchBuilder<'_>) -> Result<(), Failure> {
        self.sender.send(batch.finish()?).map_err(|_| Failure::Internal("the writing thread has ended".to_owned()))
    }

    /// Between batches: stop if told so, or if what is left of the files cannot excuse the rejects any more.
    fn pause(&mut self, rows: u64, position: u64) -> Result<(), Failure> {
        self.context.checkpoint()?;
        let rows = self.summary.rows + rows;
        let done = self.bytes_done + position;
        let fraction = (self.bytes > 0).then(|| (done as f64 / self.bytes as f64).min(1.0));
        self.context.advanced(fraction, rows, "reading");
        if rows + self.rejects.count() > limits::RECORDS_MAX {
            return Err(Failure::Input(format!(
                "more than {} records are not supported",
                grouped(limits::RECORDS_MAX)
            )));
        }
        // A record has at least two bytes: a character and a line end.
        let possible = self.bytes.saturating_sub(done) / 2;
        self.rejects.check(rows + possible)
    }

    fn refuse_unusable(&self, config: &SourceConfig, rows: u64, any: bool) -> Result<(), Failure> {
        let file = &config.file;
        match self.rejects.of_source() {
            (0, _) if rows == 0 => {
                Err(Failure::Input(format!("file “{file}”, line 1: it has a header but no records after it")))
            }
            (rejected, first) if rows == 0 => Err(Failure::Input(format!(
                "{}. None of its {} rows can be read",
                first.unwrap_or_default(),
                grouped(rejected)
            ))),
            _ if !any => Err(Failure::Input(format!(
                "file “{file}”: it has no usable column: every value of its {} rows is empty",
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
        Ok(self.summary)
    }
}

/// A row that is not taken.
struct Reject<'a> {
    line: u64,
    reason: String,
    text: &'a [u8],
}

fn checked(item: Item<'_>, width: usize) -> Result<Record<'_>, Reject<'_>> {
    let record = match item {
        Item::Record(record) => record,
        Item::Malformed { line, reason, text } => return Err(Reject { line, reason, text }),
    };
    let reject = |reason| Reject { line: record.line, reason, text: record.text.as_bytes() };
    if record.count != width {
        let fields = if record.count == 1 { "field" } else { "fields" };
        return Err(reject(format!("{} {fields} where the header has {width}", record.count)));
    }
    let (bytes, index) = record.longest_field();
    if bytes > limits::CELL_MAX_BYTES {
        return Err(reject(format!(
            "the value in column {} has {} bytes; at most {} are allowed",
            index + 1,
            grouped(bytes as u64),
            grouped(limits::CELL_MAX_BYTES as u64)
        )));
    }
    Ok(record)
}
