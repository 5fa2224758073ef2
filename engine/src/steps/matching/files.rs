//! Parquet files of the match step: results and what it needs only while it runs.

use std::{fs, io::ErrorKind, sync::Arc};

use datafusion::{
    arrow::{array::RecordBatch, compute::concat_batches, datatypes::SchemaRef},
    prelude::{DataFrame, ParquetReadOptions},
};

use crate::{Failure, context::StepContext, table::TableWriter};

/// Rows that are written in one go. Pages are cut by what is written at once, so batches of one size make the bytes of a
/// file depend on its rows alone.
const ROWS_AT_ONCE: usize = 65_536;

/// Writes batches of any size.
pub(super) struct BatchWriter {
    writer: TableWriter,
    schema: SchemaRef,
    waiting: Vec<RecordBatch>,
    rows_waiting: usize,
}

impl BatchWriter {
    pub(super) fn create(name: &str, schema: SchemaRef, context: &StepContext<'_>) -> Result<Self, Failure> {
        let writer = TableWriter::create(&context.file(name), Arc::clone(&schema), context.engine())?;
        Ok(Self { writer, schema, waiting: Vec::new(), rows_waiting: 0 })
    }

    /// A file that is gone when the step ends.
    pub(super) fn scratch(name: &str, schema: SchemaRef, context: &StepContext<'_>) -> Result<Self, Failure> {
        let writer = TableWriter::scratch(&context.file(name), Arc::clone(&schema), context.engine())?;
        Ok(Self { writer, schema, waiting: Vec::new(), rows_waiting: 0 })
    }

    pub(super) fn write(&mut self, batch: &RecordBatch) -> Result<(), Failure> {
        self.rows_waiting += batch.num_rows();
        self.waiting.push(batch.clone());
        if self.rows_waiting >= ROWS_AT_ONCE {
            let all = concat_batches(&self.schema, &self.waiting)?;
            let whole = all.num_rows() - all.num_rows() % ROWS_AT_ONCE;
            for start in (0..whole).step_by(ROWS_AT_ONCE) {
                self.writer.write(&all.slice(start, ROWS_AT_ONCE))?;
            }
            self.rows_waiting = all.num_rows() - whole;
            self.waiting = vec![all.slice(whole, self.rows_waiting)];
        }
        Ok(())
    }

    pub(super) fn finish(mut self) -> Result<(), Failure> {
        if self.rows_waiting > 0 {
            self.writer.write(&concat_batches(&self.schema, &self.waiting)?)?;
        }
        self.writer.finish()?;
        Ok(())
    }
}

/// A file of this step as a table.
pub(super) async fn table(name: &str, context: &StepContext<'_>) -> Result<DataFrame, Failure> {
    let path = context.file(name);
    let path = path.to_str().ok_or_else(|| Failure::Input("the data directory's name is not UTF-8".to_owned()))?;
    Ok(context.unless_cancelled(context.session().read_parquet(path, ParquetReadOptions::default())).await??)
}

pub(super) fn remove(name: &str, context: &StepContext<'_>) -> Result<(), Failure> {
    match fs::remove_file(context.file(name)) {
        Err(error) if error.kind() != ErrorKind::NotFound => {
            Err(Failure::io("cannot remove a file that match needed while it ran", &error))
        }
        _ => Ok(()),
    }
}
