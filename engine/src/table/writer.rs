//! Writes the Parquet files of results. The columns of a batch are encoded side by side, for encoding takes longer than
//! most of what steps do with a record.

use std::{
    collections::HashSet,
    fs::File,
    path::Path,
    sync::{
        Arc, Mutex, PoisonError,
        mpsc::{self, SyncSender},
    },
    thread::{self, JoinHandle},
};

use datafusion::{
    arrow::{
        array::{Array, ArrayRef, AsArray, RecordBatch},
        datatypes::{DataType, SchemaRef},
    },
    execution::memory_pool::MemoryReservation,
    parquet::{
        arrow::{
            ArrowWriter,
            arrow_writer::{ArrowColumnWriter, ArrowRowGroupWriterFactory, compute_leaves},
        },
        basic::Compression,
        errors::ParquetError,
        file::{
            properties::{EnabledStatistics, WriterProperties, WriterPropertiesBuilder},
            writer::SerializedFileWriter,
        },
        schema::types::ColumnPath,
    },
};

use crate::{Engine, Failure};

/// Batches that wait to be encoded.
const BATCHES_BEHIND: usize = 2;
/// Rows of a row group: the unit in which plans read in parallel.
pub(super) const ROW_GROUP_ROWS: usize = 128 * 1024;
/// A row group ends earlier when it holds this much.
const ROW_GROUP_BYTES: usize = 64 * 1024 * 1024;
/// A row group ends earlier, too, when its texts have this many bytes, however little is left of them when equal ones are
/// written once.
const ROW_GROUP_TEXT_BYTES: usize = 256 * 1024 * 1024;
/// Rows that tell whether values repeat.
const ROWS_TELLING: usize = 1_024;
/// How often a value comes at least, on average of a batch, for a dictionary to be worth making.
const TIMES_WORTH_DICTIONARY: usize = 4;
/// Batches with fewer rows are encoded by one thread: starting another takes as long.
const ROWS_SIDE_BY_SIDE_MIN: usize = 1_024;

/// Writes one Parquet file, by a thread of its own behind whoever makes the batches. What it holds in memory is accounted for
/// in the engine's pool, but for the few batches that wait.
pub(crate) struct TableWriter {
    /// Until the last batch.
    batches: Option<SyncSender<RecordBatch>>,
    /// Until it has been heard.
    encoding: Option<JoinHandle<Result<u64, Failure>>>,
}

impl TableWriter {
    /// A result: not packed, for the next step reads it at once and the next run replaces it. Packing and unpacking took
    /// a ninth of a whole run, and what repeats is written once all the same.
    pub(crate) fn create(path: &Path, schema: SchemaRef, engine: &Engine) -> Result<Self, Failure> {
        let file = File::create(path).map_err(|error| Failure::io("cannot create a file for the result", &error))?;
        let properties = WriterProperties::builder().set_statistics_enabled(EnabledStatistics::Chunk);
        Ok(Self::start(Encoder::new(file, schema, properties, engine)))
    }

    /// A file that leaves Millrace: packed, for it is kept and sent.
    pub(crate) fn packed(file: File, schema: SchemaRef, engine: &Engine) -> Self {
        let properties = WriterProperties::builder()
            .set_compression(Compression::SNAPPY)
            .set_statistics_enabled(EnabledStatistics::Chunk);
        Self::start(Encoder::new(file, schema, properties, engine))
    }

    /// A file that only the step itself reads.
    pub(crate) fn scratch(path: &Path, schema: SchemaRef, engine: &Engine) -> Result<Self, Failure> {
        let file = File::create(path).map_err(|error| Failure::io("cannot create a file beside the result", &error))?;
        let properties =
            WriterProperties::builder().set_statistics_enabled(EnabledStatistics::None).set_dictionary_enabled(false);
        Ok(Self::start(Encoder::new(file, schema, properties, engine)))
    }

    fn start(mut encoder: Encoder) -> Self {
        let (sender, batches) = mpsc::sync_channel::<RecordBatch>(BATCHES_BEHIND);
        let encoding = thread::spawn(move || {
            for batch in batches {
                encoder.write(&batch)?;
            }
            encoder.finish()
        });
        Self { batches: Some(sender), encoding: Some(encoding) }
    }

    /// Hands rows over; waits while too many others wait.
    ///
    /// # Errors
    /// When rows that were handed over before could not be written.
    pub(crate) fn write(&mut self, batch: &RecordBatch) -> Result<(), Failure> {
        match &self.batches {
            Some(batches) if batches.send(batch.clone()).is_ok() => Ok(()),
            _ => Err(self.ended().err().unwrap_or_else(written_after_error)),
        }
    }

    /// Completes the file; gives the rows in it.
    pub(crate) fn finish(mut self) -> Result<u64, Failure> {
        self.ended()
    }

    /// Waits for the file to be completed, or for why it is not.
    fn ended(&mut self) -> Result<u64, Failure> {
        drop(self.batches.take());
        let encoding = self.encoding.take().ok_or_else(written_after_error)?;
        encoding.join().map_err(|_| Failure::Internal("encoding a table panicked".to_owned()))?
    }
}

impl Drop for TableWriter {
    fn drop(&mut self) {
        // Whoever gives the file up may remove it: nothing is written to it any more then.
        let _ = self.ended();
    }
}

fn written_after_error() -> Failure {
    Failure::Internal("a table was written after an error".to_owned())
}

/// The file, as the thread that writes it sees it.
struct Encoder {
    schema: SchemaRef,
    /// Until the first rows tell which columns are worth a dictionary.
    unopened: Option<(File, WriterPropertiesBuilder)>,
    open: Option<Open>,
    threads: usize,
    reservation: MemoryReservation,
    rows: u64,
    /// Rows of this row group.
    group_rows: usize,
    /// Bytes that the batches of this row group had.
    batch_bytes: usize,
}

/// A file that has rows.
struct Open {
    file: SerializedFileWriter<File>,
    factory: ArrowRowGroupWriterFactory,
    /// Of this row group; none between two.
    columns: Vec<ArrowColumnWriter>,
    groups: usize,
}

impl Encoder {
    fn new(file: File, schema: SchemaRef, properties: WriterPropertiesBuilder, engine: &Engine) -> Self {
        Self {
            schema,
            unopened: Some((file, properties)),
            open: None,
            threads: engine.config().threads.max(1),
            reservation: engine.reserve("Parquet writer"),
            rows: 0,
            group_rows: 0,
            batch_bytes: 0,
        }
    }

    fn write(&mut self, batch: &RecordBatch) -> Result<(), Failure> {
        let mut written = 0;
        while written < batch.num_rows() {
            let rows = (batch.num_rows() - written).min(ROW_GROUP_ROWS - self.group_rows);
            self.write_to_group(&batch.slice(written, rows))?;
            written += rows;
        }
        Ok(())
    }

    /// Writes rows for which the row group has room.
    fn write_to_group(&mut self, batch: &RecordBatch) -> Result<(), Failure> {
        let threads = self.threads;
        let open = self.opened(Some(batch))?;
        open.encode(batch, threads)?;
        let (size, memory) = (open.size(), open.memory());
        self.rows += batch.num_rows() as u64;
        self.group_rows += batch.num_rows();
        self.batch_bytes += batch.columns().iter().map(text_bytes).sum::<usize>();
        let full = self.group_rows == ROW_GROUP_ROWS
            || size > ROW_GROUP_BYTES
            || self.batch_bytes > ROW_GROUP_TEXT_BYTES
            || self.reservation.try_resize(memory).is_err();
        if full {
            self.opened(None)?.flush()?;
            (self.group_rows, self.batch_bytes) = (0, 0);
            self.reservation.try_resize(0)?;
        }
        Ok(())
    }

    /// The file, opened for columns like those of `first` if it is not open yet.
    fn opened(&mut self, first: Option<&RecordBatch>) -> Result<&mut Open, Failure> {
        if let Some((file, mut properties)) = self.unopened.take() {
            for (place, field) in self.schema.fields().iter().enumerate() {
                let has_dictionary = first.is_some_and(|batch| repeats(batch.column(place)));
                properties =
                    properties.set_column_dictionary_enabled(ColumnPath::from(field.name().as_str()), has_dictionary);
            }
            let writer = ArrowWriter::try_new(file, Arc::clone(&self.schema), Some(properties.build()))?;
            let (file, factory) = writer.into_serialized_writer()?;
            self.open = Some(Open { file, factory, columns: Vec::new(), groups: 0 });
        }
        self.open.as_mut().ok_or_else(written_after_error)
    }

    fn finish(mut self) -> Result<u64, Failure> {
        self.opened(None)?.flush()?;
        if let Some(open) = self.open {
            open.file.close()?;
        }
        Ok(self.rows)
    }
}

impl Open {
    fn encode(&mut self, batch: &RecordBatch, threads: usize) -> Result<(), ParquetError> {
        if self.columns.is_empty() {
            self.columns = self.factory.create_column_writers(self.groups)?;
        }
        let mut leaves = Vec::with_capacity(self.columns.len());
        for (field, column) in batch.schema_ref().fields().iter().zip(batch.columns()) {
            leaves.extend(compute_leaves(field, column)?);
        }
        let work = Mutex::new(self.columns.iter_mut().zip(&leaves));
        let encode = || {
            loop {
                let next = work.lock().unwrap_or_else(PoisonError::into_inner).next();
                let Some((writer, leaf)) = next else { return Ok(()) };
                writer.write(leaf)?;
            }
        };
        let others = if batch.num_rows() < ROWS_SIDE_BY_SIDE_MIN { 0 } else { threads.min(leaves.len()).max(1) - 1 };
        thread::scope(|scope| {
            let others: Vec<_> = (0..others).map(|_| scope.spawn(encode)).collect();
            let own = encode();
            let ended = others.into_iter().map(|other| {
                other.join().map_err(|_| ParquetError::General("encoding a column panicked".to_owned()))?
            });
            ended.fold(own, Result::and)
        })
    }

    fn flush(&mut self) -> Result<(), ParquetError> {
        if self.columns.is_empty() {
            return Ok(());
        }
        let mut group = self.file.next_row_group()?;
        for column in self.columns.drain(..) {
            column.close()?.append_to_row_group(&mut group)?;
        }
        group.close()?;
        self.groups += 1;
        Ok(())
    }

    /// Bytes that the row group will have.
    fn size(&self) -> usize {
        self.columns.iter().map(ArrowColumnWriter::get_estimated_total_bytes).sum()
    }

    fn memory(&self) -> usize {
        self.columns.iter().map(ArrowColumnWriter::memory_size).sum()
    }
}

/// Whether the values of a column come again often enough for a dictionary: it costs more than anything else to make, and
/// gains nothing where most values differ.
fn repeats(column: &ArrayRef) -> bool {
    let Some(texts) = column.as_string_opt::<i32>() else {
        return matches!(column.data_type(), DataType::LargeUtf8 | DataType::Utf8View);
    };
    if texts.len() < ROWS_TELLING {
        // Nobody knows yet; a dictionary that grows too large is given up by itself.
        return true;
    }
    let distinct: HashSet<&str> = texts.iter().flatten().collect();
    distinct.len() * TIMES_WORTH_DICTIONARY <= texts.len() - texts.null_count()
}

/// Bytes of a column's texts.
fn text_bytes(column: &ArrayRef) -> usize {
    let Some(texts) = column.as_string_opt::<i32>() else { return 0 };
    let offsets = texts.value_offsets();
    let bytes = offsets.last().zip(offsets.first()).map_or(0, |(last, first)| last - first);
    usize::try_from(bytes).unwrap_or(0)
}
