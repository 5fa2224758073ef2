//! A look into a file that an export wrote, whatever its format.

use std::{
    fs::File,
    io::{self, Read, Seek as _},
    path::Path,
};

use datafusion::{
    arrow::{
        array::Array as _,
        util::display::{ArrayFormatter, FormatOptions},
    },
    parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder,
};
use flate2::read::MultiGzDecoder;
use model::results::Sample;
use serde_json::{Map, Value};

use crate::{Failure, steps::import::dialect};

/// Bytes of a text file that are looked at, unpacked.
const TEXT_BYTES: u64 = 64 * 1024;

/// The first `rows` records of a table that an export wrote, fewer when they are long; none of a workbook, which cannot be
/// read from its beginning. Only as much of the file is read as is needed.
pub fn output_sample(path: &Path, rows: usize) -> Result<Sample, Failure> {
    let cannot_read = |error| Failure::io("cannot read the output", &error);
    let mut file = File::open(path).map_err(cannot_read)?;
    let mut magic = [0; 4];
    let known = read_up_to(&mut file, &mut magic).and_then(|read| file.rewind().map(|()| read)).map_err(cannot_read)?;
    let text = match &magic[..known] {
        b"PAR1" => return parquet_sample(file, rows),
        b"PK\x03\x04" => return Ok(Sample::default()),
        [0x1f, 0x8b, ..] => start(MultiGzDecoder::new(file)),
        [0x28, 0xb5, 0x2f, 0xfd] => zstd::Decoder::new(file).and_then(start),
        _ => start(file),
    };
    let (text, is_whole) = text.map_err(cannot_read)?;
    if text.starts_with(b"{") { json_sample(&text, is_whole, rows) } else { csv_sample(&text, is_whole, rows) }
}

fn read_up_to(file: &mut File, bytes: &mut [u8]) -> io::Result<usize> {
    let mut read = 0;
    while read < bytes.len() {
        match file.read(&mut bytes[read..])? {
            0 => break,
            more => read += more,
        }
    }
    Ok(read)
}

/// The beginning of a text, and whether it is all of it.
fn start(text: impl Read) -> io::Result<(Vec<u8>, bool)> {
    let mut start = Vec::new();
    text.take(TEXT_BYTES + 1).read_to_end(&mut start)?;
    let is_whole = start.len() as u64 <= TEXT_BYTES;
    start.truncate(usize::try_from(TEXT_BYTES).unwrap_or(usize::MAX));
    Ok((start, is_whole))
}

fn csv_sample(text: &[u8], is_whole: bool, rows: usize) -> Result<Sample, Failure> {
    let records = dialect::first_records(text, is_whole, rows + 1);
    let mut records = records.map_err(|error| Failure::io("cannot read the output", &error))?.into_iter();
    let columns = records.next().unwrap_or_default();
    let value = |text: String| Some(text).filter(|text| !text.is_empty());
    Ok(Sample { columns, rows: records.map(|record| record.into_iter().map(value).collect()).collect() })
}

/// Each line is an object with the same keys.
fn json_sample(text: &[u8], is_whole: bool, rows: usize) -> Result<Sample, Failure> {
    let mut lines: Vec<&[u8]> = text.split(|byte| *byte == b'\n').collect();
    // The last piece is empty after a line that is whole, or a line that is cut.
    let last = lines.pop();
    lines.extend(last.filter(|line| is_whole && !line.is_empty()));
    let mut sample = Sample::default();
    for line in lines.into_iter().take(rows) {
        let record: Map<String, Value> = serde_json::from_slice(line)
            .map_err(|error| Failure::Input(format!("cannot read the output: a line is no JSON object: {error}")))?;
        if sample.columns.is_empty() {
            // The map sorts keys; the line has them in the order of the columns.
            let place = |name: &String| {
                let key = serde_json::to_vec(name).unwrap_or_default();
                line.windows(key.len() + 1).position(|part| part.starts_with(&key) && part.ends_with(b":"))
            };
            sample.columns = record.keys().cloned().collect();
            sample.columns.sort_by_key(place);
        }
        let cell = |name: &String| match record.get(name) {
            None | Some(Value::Null) => None,
            Some(Value::String(text)) => Some(text.clone()),
            Some(other) => Some(other.to_string()),
        };
        sample.rows.push(sample.columns.iter().map(cell).collect());
    }
    Ok(sample)
}

fn parquet_sample(file: File, rows: usize) -> Result<Sample, Failure> {
    let mut reader = ParquetRecordBatchReaderBuilder::try_new(file)?.with_batch_size(rows).with_limit(rows).build()?;
    let Some(batch) = reader.next().transpose()? else { return Ok(Sample::default()) };
    let options = FormatOptions::default();
    let formatters = batch
        .columns()
        .iter()
        .map(|column| ArrayFormatter::try_new(column, &options))
        .collect::<Result<Vec<_>, _>>()?;
    let cell = |place: usize, row| batch.column(place).is_valid(row).then(|| formatters[place].value(row).to_string());
    let columns = batch.schema_ref().fields().iter().map(|field| field.name().clone()).collect();
    let row = |row| (0..batch.num_columns()).map(|place| cell(place, row)).collect();
    Ok(Sample { columns, rows: (0..batch.num_rows()).map(row).collect() })
}
