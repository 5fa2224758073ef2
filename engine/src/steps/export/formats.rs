//! A file of records in one of the formats, written batch by batch to wherever it lies.

pub(super) mod cells;
mod csv;
mod json_lines;
mod packed;
mod stoppable;
mod xlsx;

use std::{fs::File, path::Path, sync::Arc};

use datafusion::arrow::{array::RecordBatch, datatypes::SchemaRef};
use model::config::export::FileFormat;

use crate::{Failure, StepContext, context::Checkpoint, table::TableWriter};

use self::{csv::CsvFile, json_lines::JsonLinesFile, xlsx::XlsxFile};

/// A file that is being written.
pub(super) struct FormatWriter {
    rows: u64,
    kind: Kind,
}

enum Kind {
    Csv(Box<CsvFile>),
    JsonLines(Box<JsonLinesFile>),
    Xlsx(Box<XlsxFile>),
    Parquet(Box<TableWriter>),
}

impl FormatWriter {
    /// Writes to `file`, called `name` in messages. What a format needs on disk meanwhile goes to `scratch`.
    pub(super) fn create(
        name: &str,
        format: &FileFormat,
        file: File,
        schema: &SchemaRef,
        scratch: &Path,
        context: &StepContext<'_>,
    ) -> Result<Self, Failure> {
        let checkpoint: Checkpoint = context.checkpoints();
        let kind = match format {
            FileFormat::Csv(options) => Kind::Csv(Box::new(CsvFile::create(name, options, file, schema)?)),
            FileFormat::JsonLines { compression } => {
                Kind::JsonLines(Box::new(JsonLinesFile::create(name, *compression, file, schema)?))
            }
            FileFormat::Xlsx { sheet } => {
                Kind::Xlsx(Box::new(XlsxFile::create(name, sheet, file, schema, scratch, checkpoint)?))
            }
            FileFormat::Parquet => {
                Kind::Parquet(Box::new(TableWriter::packed(file, Arc::clone(schema), context.engine())))
            }
        };
        Ok(Self { rows: 0, kind })
    }

    pub(super) fn write(&mut self, batch: &RecordBatch) -> Result<(), Failure> {
        self.rows += batch.num_rows() as u64;
        match &mut self.kind {
            Kind::Csv(file) => file.write(batch),
            Kind::JsonLines(file) => file.write(batch),
            Kind::Xlsx(file) => file.write(batch),
            Kind::Parquet(file) => file.write(batch),
        }
    }

    /// Completes the file; gives its rows.
    pub(super) fn finish(self) -> Result<u64, Failure> {
        match self.kind {
            Kind::Csv(file) => file.finish()?,
            Kind::JsonLines(file) => file.finish()?,
            Kind::Xlsx(file) => file.finish()?,
            Kind::Parquet(file) => {
                file.finish()?;
            }
        }
        Ok(self.rows)
    }
}

/// "cannot write the output “golden.csv”"
pub(super) fn cannot_write(name: &str) -> String {
    format!("cannot write the output “{name}”")
}
