//! Reading published results for pages and API. Nothing here runs a plan or waits.

mod output;

use std::{fs::File, path::Path};

use datafusion::{
    arrow::{
        array::{Array, AsArray, BooleanArray, RecordBatch, StringArray, UInt32Array},
        compute::cast,
        datatypes::DataType,
        util::display::{ArrayFormatter, FormatOptions},
    },
    parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder,
};
use model::{
    Step,
    results::{Sample, StepResult},
};

pub use self::output::output_sample;
use crate::{Failure, results::Workspace};

/// Columns of records that are ours and not the user's.
pub const RECORD: &str = "_record";
pub const SOURCE: &str = "_source";
pub const ROW: &str = "_row";
pub const GROUP: &str = "_group";
pub const MASTER: &str = "_master";
pub const SCORE: &str = "_score";
/// What a record is known by from run to run.
pub const RECORD_ID: &str = "_record_id";
/// Flags that people set.
pub const SELECTED: &str = "_selected";
pub const NOT_DUPLICATE: &str = "_not_duplicate";
/// Names of our columns in results.
const OURS: [&str; 9] = [RECORD, SOURCE, ROW, GROUP, MASTER, SCORE, RECORD_ID, SELECTED, NOT_DUPLICATE];
/// Names that records have beside the user's columns, in results or in exports; a file may not bring its own.
pub const RESERVED: [&str; 15] = [
    RECORD,
    SOURCE,
    ROW,
    GROUP,
    MASTER,
    SCORE,
    RECORD_ID,
    SELECTED,
    NOT_DUPLICATE,
    "_groupId",
    "_isMasterRecord",
    "_masterRecord",
    "_masterRecordId",
    "_notDuplicate",
    "_recordId",
];

/// Beginnings of names that plans give to columns of their own.
const RESERVED_BEGINNINGS: [&str; 6] = ["__value_", "__changed_", "__invalid_", "__original_", "__cells_", "__record"];

/// Whether a column of a source may not have this name.
pub fn is_reserved(name: &str) -> bool {
    RESERVED.contains(&name) || RESERVED_BEGINNINGS.iter().any(|beginning| name.starts_with(beginning))
}

/// The latest result of a step; `None` if it never completed.
pub fn step_result(workspace: &Path, step: Step) -> Result<Option<StepResult>, Failure> {
    Workspace::new(workspace).published(step)?.map(|version| version.result()).transpose()
}

pub fn has_result(workspace: &Path, step: Step) -> bool {
    matches!(Workspace::new(workspace).published(step), Ok(Some(_)))
}

/// The first `rows` golden records of the latest merge: records in no group, and the master of each group. Only as much
/// of the file is read as is needed.
pub fn golden_sample(workspace: &Path, rows: usize) -> Result<Option<Sample>, Failure> {
    let Some(version) = Workspace::new(workspace).published(Step::Merge)? else { return Ok(None) };
    let file = File::open(version.file("records.parquet"))
        .map_err(|error| Failure::io("cannot read the golden records", &error))?;
    let reader = ParquetRecordBatchReaderBuilder::try_new(file)?.with_batch_size(1024).build()?;
    let mut sample = Sample::default();
    for batch in reader {
        let batch = batch?;
        if sample.columns.is_empty() {
            sample.columns = user_columns(&batch).map(|(name, _)| name.to_owned()).collect();
        }
        add_golden(&batch, rows, &mut sample)?;
        if sample.rows.len() >= rows {
            break;
        }
    }
    Ok(Some(sample))
}

fn user_columns(batch: &RecordBatch) -> impl Iterator<Item = (&str, usize)> {
    let fields = batch.schema_ref().fields();
    fields
        .iter()
        .enumerate()
        .filter(|(_, field)| !is_ours(field.name()))
        .map(|(place, field)| (field.name().as_str(), place))
}

/// Whether a column of a published result is ours.
pub fn is_ours(name: &str) -> bool {
    OURS.contains(&name)
}

/// The user's columns among these, for a sentence on one that is missing.
pub(crate) fn say_columns(columns: &[&str]) -> String {
    columns.iter().copied().filter(|name| !is_ours(name)).collect::<Vec<_>>().join(", ")
}

fn add_golden(batch: &RecordBatch, rows: usize, sample: &mut Sample) -> Result<(), Failure> {
    let group = column::<UInt32Array>(batch, GROUP)?;
    let master = column::<BooleanArray>(batch, MASTER)?;
    let options = FormatOptions::default();
    let formatters = user_columns(batch)
        .map(|(_, place)| ArrayFormatter::try_new(batch.column(place), &options).map(|format| (place, format)))
        .collect::<Result<Vec<_>, _>>()?;
    for row in 0..batch.num_rows() {
        if sample.rows.len() >= rows {
            break;
        }
        if group.is_null(row) || master.value(row) {
            let cells = formatters
                .iter()
                .map(|(place, format)| batch.column(*place).is_valid(row).then(|| format.value(row).to_string()));
            sample.rows.push(cells.collect());
        }
    }
    Ok(())
}

/// A column of a published result, whose type the layout promises.
pub(crate) fn column<'a, T: 'static>(batch: &'a RecordBatch, name: &str) -> Result<&'a T, Failure> {
    batch
        .column_by_name(name)
        .and_then(|column| column.as_any().downcast_ref::<T>())
        .ok_or_else(|| Failure::Internal(format!("the published result has no column {name} of the expected type")))
}

/// A column as texts, whatever its type: readers of Parquet and plans give several for one.
pub(crate) fn texts(column: &dyn Array) -> Result<StringArray, Failure> {
    Ok(cast(column, &DataType::Utf8)?.as_string::<i32>().clone())
}
