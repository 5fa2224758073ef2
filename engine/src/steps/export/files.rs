//! Writing the output files: CSV and Parquet, row by row as they come.

use std::{fs, fs::File, io::BufWriter, path::Path, sync::Arc};

use datafusion::arrow::{
    array::{Array, ArrayRef, AsArray, RecordBatch},
    datatypes::{DataType, Float32Type, SchemaRef, UInt32Type, UInt64Type},
};
use model::{
    config::export::{FileFormat, Target},
    execution::Output,
};

use crate::{Engine, Failure, table::TableWriter};

const BUFFER_BYTES: usize = 256 * 1024;

/// One file that is being written.
pub(super) struct OutputFile {
    name: String,
    rows: u64,
    writer: Writer,
}

enum Writer {
    Csv(Box<csv::Writer<BufWriter<File>>>),
    Parquet(Box<TableWriter>),
}

impl OutputFile {
    pub(super) fn create(
        target: &Target,
        directory: &Path,
        schema: &SchemaRef,
        engine: &Engine,
    ) -> Result<Self, Failure> {
        let Target::File { name, format } = target;
        let path = directory.join(name);
        let writer = match format {
            FileFormat::Parquet => Writer::Parquet(Box::new(TableWriter::create(&path, Arc::clone(schema), engine)?)),
            FileFormat::Csv { delimiter } => {
                let file = File::create(&path).map_err(|error| Failure::io(&cannot_write(name), &error))?;
                let delimiter = u8::try_from(*delimiter).ok().filter(u8::is_ascii).ok_or_else(|| {
                    Failure::Input(format!("output “{name}”: the delimiter {delimiter:?} is not an ASCII character"))
                })?;
                let file = BufWriter::with_capacity(BUFFER_BYTES, file);
                let mut writer = csv::WriterBuilder::new().delimiter(delimiter).from_writer(file);
                let header = schema.fields().iter().map(|field| field.name());
                writer.write_record(header).map_err(|error| csv_error(name, error))?;
                Writer::Csv(Box::new(writer))
            }
        };
        Ok(Self { name: name.clone(), rows: 0, writer })
    }

    pub(super) fn write(&mut self, batch: &RecordBatch) -> Result<(), Failure> {
        self.rows += batch.num_rows() as u64;
        match &mut self.writer {
            Writer::Parquet(writer) => writer.write(batch),
            Writer::Csv(writer) => {
                let columns: Vec<Cells<'_>> = batch.columns().iter().map(Cells::new).collect::<Result<_, _>>()?;
                let mut text = String::new();
                let mut write_rows = || -> csv::Result<()> {
                    for row in 0..batch.num_rows() {
                        for column in &columns {
                            writer.write_field(column.text(row, &mut text))?;
                        }
                        writer.write_record(None::<&[u8]>)?;
                    }
                    Ok(())
                };
                write_rows().map_err(|error| csv_error(&self.name, error))
            }
        }
    }

    /// Completes the file in `directory`.
    pub(super) fn finish(self, directory: &Path) -> Result<Output, Failure> {
        match self.writer {
            Writer::Parquet(writer) => {
                writer.finish()?;
            }
            Writer::Csv(mut writer) => {
                writer.flush().map_err(|error| Failure::io(&cannot_write(&self.name), &error))?
            }
        }
        output(directory, self.name, Some(self.rows))
    }
}

/// A complete file as an output of the execution.
pub(super) fn output(directory: &Path, name: String, rows: Option<u64>) -> Result<Output, Failure> {
    let found = fs::metadata(directory.join(&name)).map_err(|error| Failure::io(&cannot_write(&name), &error))?;
    Ok(Output { name, bytes: found.len(), rows })
}

fn cannot_write(name: &str) -> String {
    format!("cannot write the output “{name}”")
}

fn csv_error(name: &str, error: csv::Error) -> Failure {
    Failure::Input(format!("{}: {error}", cannot_write(name)))
}

/// A column whose cells are written as text; empty ones as nothing.
enum Cells<'a> {
    Text(&'a datafusion::arrow::array::StringArray),
    U32(&'a datafusion::arrow::array::UInt32Array),
    U64(&'a datafusion::arrow::array::UInt64Array),
    F32(&'a datafusion::arrow::array::Float32Array),
    Bool(&'a datafusion::arrow::array::BooleanArray),
}

impl<'a> Cells<'a> {
    fn new(column: &'a ArrayRef) -> Result<Self, Failure> {
        Ok(match column.data_type() {
            DataType::Utf8 => Cells::Text(column.as_string()),
            DataType::UInt32 => Cells::U32(column.as_primitive::<UInt32Type>()),
            DataType::UInt64 => Cells::U64(column.as_primitive::<UInt64Type>()),
            DataType::Float32 => Cells::F32(column.as_primitive::<Float32Type>()),
            DataType::Boolean => Cells::Bool(column.as_boolean()),
            other => return Err(Failure::Internal(format!("a column of type {other} cannot be written as CSV"))),
        })
    }

    fn text<'t>(&'t self, row: usize, buffer: &'t mut String) -> &'t str {
        use std::fmt::Write as _;
        buffer.clear();
        // Writing to a String cannot fail.
        let _ = match self {
            Cells::Text(values) if values.is_valid(row) => return values.value(row),
            Cells::U32(values) if values.is_valid(row) => write!(buffer, "{}", values.value(row)),
            Cells::U64(values) if values.is_valid(row) => write!(buffer, "{}", values.value(row)),
            Cells::F32(values) if values.is_valid(row) => write!(buffer, "{:.2}", values.value(row)),
            Cells::Bool(values) if values.is_valid(row) => write!(buffer, "{}", values.value(row)),
            _ => Ok(()),
        };
        buffer
    }
}
