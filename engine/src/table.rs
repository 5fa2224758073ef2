//! Writing and reading the Parquet files of results, in order and within the engine's memory.

mod writer;

use std::{
    collections::HashMap,
    fs::File,
    path::Path,
    sync::{Arc, mpsc},
    thread,
};

use datafusion::{
    arrow::{array::RecordBatch, datatypes::SchemaRef, error::ArrowError},
    execution::SendableRecordBatchStream,
    parquet::{
        arrow::{
            ProjectionMask,
            arrow_reader::{ParquetRecordBatchReader, ParquetRecordBatchReaderBuilder, RowSelection, RowSelector},
        },
        file::metadata::{ParquetMetaData, RowGroupMetaData},
    },
    physical_plan::stream::{RecordBatchReceiverStream, RecordBatchStreamAdapter},
};
use futures::{StreamExt as _, future, stream};

pub(crate) use self::writer::TableWriter;
use crate::{Engine, Failure};

/// Rows read at a time, and fewest where they are long.
pub(crate) const BATCH_ROWS: usize = 8_192;
const BATCH_ROWS_MIN: usize = 16;
/// Batches that wait for who takes them.
const BATCHES_AHEAD: usize = 2;
/// Batches of a row group, mostly.
const BATCHES_OF_GROUP: usize = writer::ROW_GROUP_ROWS / BATCH_ROWS;
/// Bytes that a partition may be ahead of who takes its batches.
const BYTES_AHEAD: usize = 64 * 1024 * 1024;
/// Bytes of text that a batch has, as far as the mean length of the rows tells.
const BATCH_TEXT_BYTES: usize = 16 * 1024 * 1024;

/// Reads a file from its first row to its last: all columns, or those of `columns` in the file's order.
pub(crate) fn scan(path: &Path, columns: Option<&[&str]>) -> Result<ParquetRecordBatchReader, Failure> {
    Ok(reader(path, columns)?.build()?)
}

/// The same, decoded by another thread ahead of who takes the batches.
pub(crate) fn scan_ahead(path: &Path, columns: Option<&[&str]>) -> Result<ScanAhead, Failure> {
    let mut reader = scan(path, columns)?;
    let (sender, batches) = mpsc::sync_channel(BATCHES_AHEAD);
    // It ends with the file, or when nobody takes batches any more.
    let reading = thread::spawn(move || {
        let _ = reader.try_for_each(|batch| sender.send(batch));
    });
    Ok(ScanAhead { batches, reading: Some(reading) })
}

/// The batches of a file; see [`scan_ahead`].
pub(crate) struct ScanAhead {
    batches: mpsc::Receiver<Result<RecordBatch, ArrowError>>,
    /// Until it has ended.
    reading: Option<thread::JoinHandle<()>>,
}

impl Iterator for ScanAhead {
    type Item = Result<RecordBatch, ArrowError>;

    fn next(&mut self) -> Option<Self::Item> {
        if let Ok(batch) = self.batches.recv() {
            return Some(batch);
        }
        // A reader that panicked has not come to the end of the file.
        let panicked = self.reading.take()?.join().is_err();
        panicked.then(|| Err(ArrowError::ParquetError("reading a result panicked".to_owned())))
    }
}

/// The batches of a plan, made by another thread ahead of who takes them.
pub(crate) fn ahead(plan: SendableRecordBatchStream) -> SendableRecordBatchStream {
    ahead_by(BATCHES_AHEAD, plan)
}

/// The batches of the partitions of a plan over `file`, those of the first before those of the second. Several are computed
/// side by side, as far ahead as the memory allows.
pub(crate) fn one_after_another(
    partitions: Vec<SendableRecordBatchStream>,
    file: &ParquetMetaData,
    engine: &Engine,
) -> Result<SendableRecordBatchStream, Failure> {
    let schema = partitions.first().map(|first| first.schema());
    let schema = schema.ok_or_else(|| Failure::Internal("a plan has no partition".to_owned()))?;
    // One is being taken, and the others shall not wait for that.
    let at_once = engine.config().threads + 1;
    let batch_bytes = (mean_bytes(file, |_| true) * batch_rows(file)).max(1);
    let mut ahead = (BYTES_AHEAD / batch_bytes).clamp(BATCHES_AHEAD, BATCHES_OF_GROUP);
    let memory = engine.reserve("parts of a file that are computed ahead");
    if memory.try_resize(at_once * ahead * batch_bytes).is_err() {
        ahead = BATCHES_AHEAD;
    }
    let begun = stream::iter(partitions).map(move |partition| {
        // Until the last was begun.
        let _held = &memory;
        future::ready(ahead_by(ahead, partition))
    });
    Ok(Box::pin(RecordBatchStreamAdapter::new(schema, begun.buffered(at_once).flatten())))
}

fn ahead_by(batches: usize, mut plan: SendableRecordBatchStream) -> SendableRecordBatchStream {
    let mut ahead = RecordBatchReceiverStream::builder(plan.schema(), batches);
    let sender = ahead.tx();
    ahead.spawn(async move {
        while let Some(batch) = plan.next().await {
            if sender.send(batch).await.is_err() {
                break;
            }
        }
        Ok(())
    });
    ahead.build()
}

fn reader(path: &Path, columns: Option<&[&str]>) -> Result<ParquetRecordBatchReaderBuilder<File>, Failure> {
    let file = File::open(path).map_err(|error| Failure::io("cannot read a published result", &error))?;
    let builder = ParquetRecordBatchReaderBuilder::try_new(file)?;
    let builder = match columns {
        None => builder,
        Some(wanted) => {
            let fields = builder.schema().fields();
            let places: Vec<usize> =
                (0..fields.len()).filter(|place| wanted.contains(&fields[*place].name().as_str())).collect();
            let mask = ProjectionMask::roots(builder.parquet_schema(), places);
            builder.with_projection(mask)
        }
    };
    let rows = batch_rows(builder.metadata());
    Ok(builder.with_batch_size(rows))
}

/// Rows to read of a file at a time: [`BATCH_ROWS`], or fewer where its values are long. A file that does not say how long
/// its texts are says at least how many bytes it has; what it says may be anything.
pub(crate) fn batch_rows(file: &ParquetMetaData) -> usize {
    (BATCH_TEXT_BYTES / mean_bytes(file, |_| true).max(1)).clamp(BATCH_ROWS_MIN, BATCH_ROWS)
}

/// Bytes that a row has in some columns, in the row group where that is most.
pub(crate) fn mean_bytes(file: &ParquetMetaData, is_wanted: impl Fn(&str) -> bool) -> usize {
    let positive = |bytes: i64| usize::try_from(bytes).unwrap_or(0);
    let row_bytes = |group: &RowGroupMetaData| {
        let columns = group.columns().iter().filter(|column| is_wanted(column.column_descr().name()));
        let bytes = columns.map(|column| {
            let texts = positive(column.unencoded_byte_array_data_bytes().unwrap_or(0));
            texts.max(positive(column.uncompressed_size()))
        });
        bytes.fold(0, usize::saturating_add) / positive(group.num_rows()).max(1)
    };
    file.row_groups().iter().map(row_bytes).max().unwrap_or(0)
}

/// Bytes that each column has in the file, before packing.
pub(crate) fn column_bytes(path: &Path) -> Result<HashMap<String, u64>, Failure> {
    let file = metadata(path)?;
    let mut bytes = HashMap::new();
    for column in file.row_groups().iter().flat_map(|group| group.columns()) {
        let of_column: &mut u64 = bytes.entry(column.column_descr().name().to_owned()).or_default();
        *of_column += u64::try_from(column.uncompressed_size()).unwrap_or(0);
    }
    Ok(bytes)
}

/// What a file tells of itself.
pub(crate) fn metadata(path: &Path) -> Result<Arc<ParquetMetaData>, Failure> {
    let file = File::open(path).map_err(|error| Failure::io("cannot read a published result", &error))?;
    Ok(Arc::clone(ParquetRecordBatchReaderBuilder::try_new(file)?.metadata()))
}

/// Reads `rows` rows of some columns from row `start` on, and decodes no others.
pub(crate) fn scan_rows(
    path: &Path,
    columns: &[&str],
    start: u64,
    rows: u64,
) -> Result<ParquetRecordBatchReader, Failure> {
    let [start, rows] = [start, rows].map(|rows| usize::try_from(rows).unwrap_or(usize::MAX));
    let selection = RowSelection::from(vec![RowSelector::skip(start), RowSelector::select(rows)]);
    Ok(reader(path, Some(columns))?.with_row_selection(selection).build()?)
}

/// Schema and number of rows of a file.
pub(crate) fn describe(path: &Path) -> Result<(SchemaRef, u64), Failure> {
    let file = File::open(path).map_err(|error| Failure::io("cannot read a published result", &error))?;
    let builder = ParquetRecordBatchReaderBuilder::try_new(file)?;
    let rows = builder.metadata().file_metadata().num_rows();
    Ok((builder.schema().clone(), u64::try_from(rows).unwrap_or(0)))
}
