//! Writing and reading the Parquet files of results, in order and within the engine's memory.

use std::{fs::File, path::Path, sync::Arc};

use datafusion::{
    arrow::{
        array::{ArrayRef, AsArray, RecordBatch},
        datatypes::SchemaRef,
    },
    execution::memory_pool::MemoryReservation,
    parquet::{
        arrow::{
            ArrowWriter, ProjectionMask,
            arrow_reader::{ParquetRecordBatchReader, ParquetRecordBatchReaderBuilder, RowSelection, RowSelector},
        },
        basic::Compression,
        file::{
            metadata::{ParquetMetaData, RowGroupMetaData},
            properties::{EnabledStatistics, WriterProperties, WriterPropertiesBuilder},
        },
    },
};

use crate::{Engine, Failure};

/// Rows of a row group: the unit in which plans read in parallel.
const ROW_GROUP_ROWS: usize = 128 * 1024;
/// A row group ends earlier when it holds this much.
const ROW_GROUP_BYTES: usize = 64 * 1024 * 1024;
/// A row group ends earlier, too, when its texts have this many bytes, however little is left of them when equal ones are
/// written once.
const ROW_GROUP_TEXT_BYTES: usize = 256 * 1024 * 1024;
/// Rows read at a time, and fewest where they are long.
pub(crate) const BATCH_ROWS: usize = 8_192;
const BATCH_ROWS_MIN: usize = 16;
/// Bytes of text that a batch has, as far as the mean length of the rows tells.
const BATCH_TEXT_BYTES: usize = 16 * 1024 * 1024;

/// Writes one Parquet file. What it holds in memory is accounted for in the engine's pool.
pub(crate) struct TableWriter {
    writer: ArrowWriter<File>,
    reservation: MemoryReservation,
    rows: u64,
    /// Bytes that the batches of this row group had.
    batch_bytes: usize,
}

impl TableWriter {
    pub(crate) fn create(path: &Path, schema: SchemaRef, engine: &Engine) -> Result<Self, Failure> {
        let file = File::create(path).map_err(|error| Failure::io("cannot create a file for the result", &error))?;
        Self::on(file, schema, engine)
    }

    /// Writes to a file that is open.
    pub(crate) fn on(file: File, schema: SchemaRef, engine: &Engine) -> Result<Self, Failure> {
        // Snappy costs little beside the encoding; results are read at once and replaced by the next run.
        let properties = WriterProperties::builder()
            .set_compression(Compression::SNAPPY)
            .set_statistics_enabled(EnabledStatistics::Chunk);
        Self::with(file, schema, properties, engine)
    }

    /// A file of hashes and scores that only the step itself reads: neither a dictionary nor compression makes those shorter.
    pub(crate) fn scratch(path: &Path, schema: SchemaRef, engine: &Engine) -> Result<Self, Failure> {
        let file = File::create(path).map_err(|error| Failure::io("cannot create a file beside the result", &error))?;
        let properties = WriterProperties::builder()
            .set_compression(Compression::UNCOMPRESSED)
            .set_dictionary_enabled(false)
            .set_statistics_enabled(EnabledStatistics::None);
        Self::with(file, schema, properties, engine)
    }

    fn with(
        file: File,
        schema: SchemaRef,
        properties: WriterPropertiesBuilder,
        engine: &Engine,
    ) -> Result<Self, Failure> {
        let properties = properties.set_max_row_group_row_count(Some(ROW_GROUP_ROWS)).build();
        let writer = ArrowWriter::try_new(file, schema, Some(properties))?;
        Ok(Self { writer, reservation: engine.reserve("Parquet writer"), rows: 0, batch_bytes: 0 })
    }

    pub(crate) fn write(&mut self, batch: &RecordBatch) -> Result<(), Failure> {
        self.writer.write(batch)?;
        self.rows += batch.num_rows() as u64;
        self.batch_bytes += batch.columns().iter().map(text_bytes).sum::<usize>();
        let full = self.writer.in_progress_size() > ROW_GROUP_BYTES || self.batch_bytes > ROW_GROUP_TEXT_BYTES;
        if full || self.reservation.try_resize(self.writer.memory_size()).is_err() {
            self.batch_bytes = 0;
            self.writer.flush()?;
            self.reservation.try_resize(self.writer.memory_size())?;
        }
        Ok(())
    }

    /// Completes the file; gives the rows in it.
    pub(crate) fn finish(self) -> Result<u64, Failure> {
        self.writer.close()?;
        Ok(self.rows)
    }
}

/// Reads a file from its first row to its last: all columns, or those of `columns` in the file's order.
pub(crate) fn scan(path: &Path, columns: Option<&[&str]>) -> Result<ParquetRecordBatchReader, Failure> {
    Ok(reader(path, columns)?.build()?)
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
    let positive = |bytes: i64| usize::try_from(bytes).unwrap_or(0);
    let row_bytes = |group: &RowGroupMetaData| {
        let columns = group.columns().iter().map(|column| {
            let texts = positive(column.unencoded_byte_array_data_bytes().unwrap_or(0));
            texts.max(positive(column.uncompressed_size()))
        });
        columns.fold(0, usize::saturating_add) / positive(group.num_rows()).max(1)
    };
    let longest = file.row_groups().iter().map(row_bytes).max().unwrap_or(0);
    (BATCH_TEXT_BYTES / longest.max(1)).clamp(BATCH_ROWS_MIN, BATCH_ROWS)
}

/// Bytes of a column's texts.
fn text_bytes(column: &ArrayRef) -> usize {
    let Some(texts) = column.as_string_opt::<i32>() else { return 0 };
    let offsets = texts.value_offsets();
    let bytes = offsets.last().zip(offsets.first()).map_or(0, |(last, first)| last - first);
    usize::try_from(bytes).unwrap_or(0)
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
