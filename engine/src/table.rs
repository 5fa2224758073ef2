//! Writing and reading the Parquet files of results, in order and within the engine's memory.

use std::{fs::File, path::Path};

use datafusion::{
    arrow::{array::RecordBatch, datatypes::SchemaRef},
    execution::memory_pool::MemoryReservation,
    parquet::{
        arrow::{
            ArrowWriter, ProjectionMask,
            arrow_reader::{ParquetRecordBatchReader, ParquetRecordBatchReaderBuilder, RowSelection, RowSelector},
        },
        basic::Compression,
        file::properties::{EnabledStatistics, WriterProperties, WriterPropertiesBuilder},
    },
};

use crate::{Engine, Failure};

/// Rows of a row group: the unit in which plans read in parallel.
const ROW_GROUP_ROWS: usize = 128 * 1024;
/// A row group ends earlier when it holds this much.
const ROW_GROUP_BYTES: usize = 64 * 1024 * 1024;
/// Rows read at a time.
pub(crate) const BATCH_ROWS: usize = 8_192;

/// Writes one Parquet file. What it holds in memory is accounted for in the engine's pool.
pub(crate) struct TableWriter {
    writer: ArrowWriter<File>,
    reservation: MemoryReservation,
    rows: u64,
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
        Ok(Self { writer, reservation: engine.reserve("Parquet writer"), rows: 0 })
    }

    pub(crate) fn write(&mut self, batch: &RecordBatch) -> Result<(), Failure> {
        self.writer.write(batch)?;
        self.rows += batch.num_rows() as u64;
        let full = self.writer.in_progress_size() > ROW_GROUP_BYTES;
        if full || self.reservation.try_resize(self.writer.memory_size()).is_err() {
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
    Ok(builder.with_batch_size(BATCH_ROWS))
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
