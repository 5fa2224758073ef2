//! Parquet: its columns as text, batch by batch.

use std::{
    fmt::Write as _,
    io::{BufReader, Read as _, Seek as _, SeekFrom},
    panic::{AssertUnwindSafe, catch_unwind},
};

use bytes::Bytes;
use datafusion::{
    arrow::{
        array::{Array, AsArray, RecordBatch, RecordBatchReader as _},
        datatypes::{DataType, Float16Type, Float32Type, Float64Type},
        util::display::{ArrayFormatter, FormatOptions},
    },
    execution::memory_pool::MemoryReservation,
    parquet::{
        arrow::arrow_reader::{ParquetRecordBatchReader, ParquetRecordBatchReaderBuilder},
        errors::ParquetError,
        file::reader::{ChunkReader, Length},
    },
};
use model::config::source::FormatKind;

use super::{
    file::{FileReader, SourceFile},
    header::Header,
    rows::{Cells, Item, Reached, Row, Rows, Taker},
    source::{Facts, Opened},
    text::{push_bytes, push_number},
};
use crate::{Engine, Failure, table};

/// Rows that are held at a time, at most.
const BATCH_ROWS_MAX: usize = 1_024;

impl Length for SourceFile {
    fn len(&self) -> u64 {
        self.bytes()
    }
}

impl ChunkReader for SourceFile {
    type T = BufReader<FileReader>;

    fn get_read(&self, start: u64) -> Result<Self::T, ParquetError> {
        let mut reader = self.reader();
        reader.seek(SeekFrom::Start(start))?;
        Ok(BufReader::new(reader))
    }

    fn get_bytes(&self, start: u64, length: usize) -> Result<Bytes, ParquetError> {
        // Lengths come from the file and may be anything.
        if start.saturating_add(length as u64) > self.bytes() {
            return Err(ParquetError::EOF(format!("{length} bytes at {start} are not in the file")));
        }
        let mut bytes = vec![0; length];
        let mut reader = self.reader();
        reader.seek(SeekFrom::Start(start))?;
        reader.read_exact(&mut bytes)?;
        Ok(bytes.into())
    }
}

/// Errors do not name the file.
pub(super) fn open(file: SourceFile, engine: &Engine) -> Result<Opened, Failure> {
    let bytes = file.bytes();
    let (rows, reader) = sound(|| {
        let builder = ParquetRecordBatchReaderBuilder::try_new(file).map_err(damaged)?;
        let rows = u64::try_from(builder.metadata().file_metadata().num_rows()).unwrap_or(0);
        let at_a_time = table::batch_rows(builder.metadata()).min(BATCH_ROWS_MAX);
        Ok((rows, builder.with_batch_size(at_a_time).build().map_err(damaged)?))
    })?;
    let names: Vec<String> = reader.schema().fields().iter().map(|field| field.name().trim().to_owned()).collect();
    Header::refuse_too_wide(names.len())?;
    Ok(Opened {
        header: Header { place: String::new(), names },
        facts: Facts::new(FormatKind::Parquet),
        bytes,
        rows_max: rows,
        rows: Box::new(Columnar { reader, rows, bytes, account: engine.reserve("import: a batch of Parquet") }),
    })
}

struct Columnar {
    reader: ParquetRecordBatchReader,
    rows: u64,
    bytes: u64,
    account: MemoryReservation,
}

impl Rows for Columnar {
    fn each(&mut self, take: &mut Taker<'_>) -> Result<(), Failure> {
        let (mut done, mut cells) = (0, Cells::default());
        while let Some(batch) = sound(|| Ok(self.reader.next()))? {
            let batch = batch.map_err(|error| damaged(ParquetError::from(error)))?;
            self.account.try_resize(batch.get_array_memory_size())?;
            let columns = columns(&batch)?;
            for row in 0..batch.num_rows() {
                done += 1;
                cells.begin(done);
                let problem = columns.iter().zip(batch.schema_ref().fields()).find_map(|(column, field)| {
                    let written = cells.push_with(|into| column.write(row, into));
                    written.err().map(|problem| format!("the value of “{}” {problem}", field.name()))
                });
                let item = match problem {
                    None => Item::Row(Row::Cells(&cells)),
                    Some(reason) => Item::Malformed { place: done, reason, text: b"" },
                };
                let bytes = (u128::from(self.bytes) * u128::from(done) / u128::from(self.rows.max(done))) as u64;
                take(item, Reached { bytes, rows_left: self.rows.saturating_sub(done) })?;
            }
        }
        Ok(())
    }
}

/// What a library panics over is a file that it should have refused.
fn sound<T>(read: impl FnOnce() -> Result<T, Failure>) -> Result<T, Failure> {
    catch_unwind(AssertUnwindSafe(read))
        .unwrap_or_else(|_| Err(Failure::Input("its Parquet data is damaged".to_owned())))
}

fn damaged(error: ParquetError) -> Failure {
    match &error {
        ParquetError::External(cause) if cause.is::<std::io::Error>() => Failure::from(error),
        _ => Failure::Input(format!("its Parquet data is damaged or of an unknown kind: {error}")),
    }
}

/// How the values of a column become text.
enum Texts<'b> {
    Shown(&'b dyn Array, ArrayFormatter<'b>),
    Half(&'b dyn Array),
    Single(&'b dyn Array),
    Double(&'b dyn Array),
    Bytes(&'b dyn Array),
}

fn columns(batch: &RecordBatch) -> Result<Vec<Texts<'_>>, Failure> {
    // An error is an error, and not a text about it.
    const OPTIONS: FormatOptions<'static> = FormatOptions::new().with_display_error(false);
    batch
        .columns()
        .iter()
        .map(|array| {
            let array = array.as_ref();
            Ok(match array.data_type() {
                DataType::Float16 => Texts::Half(array),
                DataType::Float32 => Texts::Single(array),
                DataType::Float64 => Texts::Double(array),
                DataType::Binary | DataType::LargeBinary | DataType::BinaryView | DataType::FixedSizeBinary(_) => {
                    Texts::Bytes(array)
                }
                _ => Texts::Shown(array, ArrayFormatter::try_new(array, &OPTIONS)?),
            })
        })
        .collect()
}

impl Texts<'_> {
    /// Empty for null.
    fn write(&self, row: usize, into: &mut String) -> Result<(), String> {
        let (Self::Shown(array, _)
        | Self::Half(array)
        | Self::Single(array)
        | Self::Double(array)
        | Self::Bytes(array)) = self;
        if array.is_null(row) {
            return Ok(());
        }
        match self {
            Self::Shown(_, formatter) => {
                let before = into.len();
                write!(into, "{}", formatter.value(row)).map_err(|_| "cannot be written as text".to_owned())?;
                if into[before..].contains('\0') {
                    return Err("contains a NUL character, which is no text".to_owned());
                }
                Ok(())
            }
            Self::Half(array) => {
                push_number(array.as_primitive::<Float16Type>().value(row).to_f64(), into);
                Ok(())
            }
            // By its own shortest digits: 0.1 and not 0.10000000149011612.
            Self::Single(array) => {
                let value = array.as_primitive::<Float32Type>().value(row);
                push_number(value.to_string().parse().unwrap_or_else(|_| f64::from(value)), into);
                Ok(())
            }
            Self::Double(array) => {
                push_number(array.as_primitive::<Float64Type>().value(row), into);
                Ok(())
            }
            Self::Bytes(array) => push_bytes(bytes_at(*array, row), into),
        }
    }
}

fn bytes_at(array: &dyn Array, row: usize) -> &[u8] {
    match array.data_type() {
        DataType::Binary => array.as_binary::<i32>().value(row),
        DataType::LargeBinary => array.as_binary::<i64>().value(row),
        DataType::BinaryView => array.as_binary_view().value(row),
        _ => array.as_fixed_size_binary().value(row),
    }
}
