//! Cleanse: the configured operations on the imported records, one after another, as one DataFusion plan.
//!
//! Rows stay as they are; values change, and operations may add columns. The plan also computes, for each operation, which
//! rows it changed and which values it found invalid, so that nothing happens silently.

pub(crate) mod functions;
mod plan;
mod preview;

use std::{collections::BTreeMap, fs, path::PathBuf, sync::Arc};

use datafusion::{
    arrow::array::{AsArray, RecordBatch},
    execution::SendableRecordBatchStream,
};
use futures::StreamExt;
use model::{
    Step,
    config::{
        CleanseConfig,
        cleanse::{CleanseOperation, Operation},
    },
    results::{CleanseSummary, OperationCount, Summary},
};

use self::{
    functions::{Dictionaries, mapping::read_dictionary},
    plan::Plan,
};
use crate::{
    Failure, StepContext, StepCounts,
    read::say_columns,
    steps::{StepOutcome, grouped},
    table::{self, TableWriter},
};

pub use preview::preview;

pub struct Options<'a> {
    pub config: &'a CleanseConfig,
    /// Where each uploaded file of the project lies, for dictionaries.
    pub files: &'a BTreeMap<String, PathBuf>,
}

pub async fn run(options: Options<'_>, context: &StepContext<'_>) -> Result<StepOutcome, Failure> {
    let version = context.published(Step::Import)?;
    let records = version.file("records.parquet");
    let (schema, rows) = table::describe(&records)?;
    let columns: Vec<&str> = schema.fields().iter().map(|field| field.name().as_str()).collect();
    let operations: Vec<&CleanseOperation> = enabled(options.config);
    check(&operations, &columns)?;

    let mut summary = CleanseSummary { rows, ..CleanseSummary::default() };
    if operations.is_empty() {
        // Published files never change, so both results may share one.
        let target = context.file("records.parquet");
        let shared = fs::hard_link(&records, &target).or_else(|_| fs::copy(&records, &target).map(drop));
        shared.map_err(|error| Failure::io("cannot write the result", &error))?;
    } else {
        let file = table::metadata(&records)?;
        let session = context.engine().session_in_order(file.num_row_groups());
        let table = context.table(&session, &version, "records.parquet").await?;
        let dictionaries = dictionaries(&operations, options.files)?;
        let Plan { records, columns: cleansed } = plan::plan(table, &operations, &columns, &dictionaries)?;
        let partitions = records.execute_stream_partitioned().await?;
        let records = table::one_after_another(partitions, &file, context.engine())?;
        let marked = write(records, cleansed.len(), context, rows).await?;
        let (of_operations, of_cells) = marked.split_at(2 * operations.len());
        summary.cells_changed = of_cells.iter().sum();
        summary.new_columns = cleansed[columns.len()..].to_vec();
        let counts = operations.iter().zip(of_operations.chunks(2));
        summary.operations =
            counts.map(|(operation, counts)| operation_count(operation, counts[0], counts[1])).collect();
    }
    report_invalid(&summary, context);
    let sentence = sentence(&summary);
    let counts = StepCounts { rows_in: rows, rows_out: rows };
    Ok(StepOutcome { counts, summary: Summary::Cleanse(summary), sentence })
}

fn enabled(config: &CleanseConfig) -> Vec<&CleanseOperation> {
    config.operations.iter().filter(|operation| operation.enabled).collect()
}

fn operation_count(operation: &CleanseOperation, changed: u64, invalid: u64) -> OperationCount {
    OperationCount {
        source: operation.source.clone(),
        column: operation.column.clone(),
        operation: word(&operation.operation).to_owned(),
        changed,
        invalid,
    }
}

/// What the dictionaries that operations name hold.
fn dictionaries(operations: &[&CleanseOperation], files: &BTreeMap<String, PathBuf>) -> Result<Dictionaries, Failure> {
    let mut dictionaries = Dictionaries::new();
    for (place, operation) in operations.iter().enumerate() {
        if let Operation::Dictionary { file } = &operation.operation
            && !dictionaries.contains_key(file)
        {
            let path = files.get(file).ok_or_else(|| {
                let column = &operation.column;
                Failure::Input(format!(
                    "operation {} (dictionary of “{column}”): the project has no uploaded file “{file}”",
                    place + 1
                ))
            })?;
            dictionaries.insert(file.clone(), read_dictionary(path, file)?);
        }
    }
    Ok(dictionaries)
}

fn check(operations: &[&CleanseOperation], columns: &[&str]) -> Result<(), Failure> {
    let mut known: Vec<String> = columns.iter().map(|column| (*column).to_owned()).collect();
    for (place, operation) in operations.iter().enumerate() {
        let fail = |problem: String| {
            let word = word(&operation.operation);
            Err(Failure::Input(format!("operation {} ({word} of “{}”): {problem}", place + 1, operation.column)))
        };
        for column in std::iter::once(&operation.column).chain(operation.reads()) {
            if !known.contains(column) {
                let known: Vec<&str> = known.iter().map(String::as_str).collect();
                return fail(format!("there is no column “{column}”; the records have {}", say_columns(&known)));
            }
        }
        if let Err((_, problem)) = functions::check(&operation.operation) {
            return fail(problem);
        }
        for column in operation.writes() {
            if !known.contains(&column) {
                known.push(column);
            }
        }
    }
    Ok(())
}

/// Writes the first `width` columns; gives the number of rows that each flag behind them marks.
async fn write(
    mut stream: SendableRecordBatchStream,
    width: usize,
    context: &StepContext<'_>,
    rows: u64,
) -> Result<Vec<u64>, Failure> {
    let kept: Vec<usize> = (0..width).collect();
    let schema = Arc::new(stream.schema().project(&kept)?);
    let mut writer = TableWriter::create(&context.file("records.parquet"), Arc::clone(&schema), context.engine())?;
    let mut marked = vec![0; stream.schema().fields().len() - width];
    let mut done = 0;
    while let Some(batch) = context.unless_cancelled(stream.next()).await? {
        let batch = batch?;
        for (count, flag) in marked.iter_mut().zip(&batch.columns()[width..]) {
            *count += flag.as_boolean().true_count() as u64;
        }
        let records = RecordBatch::try_new(Arc::clone(&schema), batch.columns()[..width].to_vec())?;
        tokio::task::block_in_place(|| writer.write(&records))?;
        done += batch.num_rows() as u64;
        context.advanced(Some(done as f64 / rows.max(1) as f64), done, "cleansing");
        context.checkpoint()?;
    }
    tokio::task::block_in_place(|| writer.finish())?;
    Ok(marked)
}

fn report_invalid(summary: &CleanseSummary, context: &StepContext<'_>) {
    for operation in summary.operations.iter().filter(|operation| operation.invalid > 0) {
        let (what, became) = match operation.operation.as_str() {
            "phone" => ("are no phone numbers", "became empty"),
            "email" => ("are no e-mail addresses", "became empty"),
            "number" => ("are no numbers", "became empty"),
            "map_values" => ("are not in the map", "became empty"),
            "person_name" => ("are no names", "gave no parts"),
            "address" => ("are no addresses", "gave no parts"),
            _ => ("are no dates", "became empty"),
        };
        let source = operation.source.as_ref().map(|source| format!(" in “{source}”")).unwrap_or_default();
        context.warn(format!(
            "{} values of “{}”{source} {what} and {became}",
            grouped(operation.invalid),
            operation.column
        ));
    }
}

fn sentence(summary: &CleanseSummary) -> String {
    let invalid: u64 = summary.operations.iter().map(|operation| operation.invalid).sum();
    let mut sentence = format!("{} cells changed", grouped(summary.cells_changed));
    match summary.new_columns.len() {
        0 => {}
        1 => sentence.push_str("; 1 new column"),
        count => sentence.push_str(&format!("; {count} new columns")),
    }
    if invalid > 0 {
        sentence.push_str(&format!("; {} invalid values", grouped(invalid)));
    }
    sentence
}

/// The word for an operation in documents and messages.
pub(crate) fn word(operation: &Operation) -> &'static str {
    match operation {
        Operation::Trim => "trim",
        Operation::TrimStart => "trim_start",
        Operation::TrimEnd => "trim_end",
        Operation::Collapse => "collapse",
        Operation::Upper => "upper",
        Operation::Lower => "lower",
        Operation::Title => "title",
        Operation::Proper => "proper",
        Operation::SwapCase => "swap_case",
        Operation::Remove { .. } => "remove",
        Operation::Replace { .. } => "replace",
        Operation::RegexReplace { .. } => "regex_replace",
        Operation::Copy { .. } => "copy",
        Operation::Split { .. } => "split",
        Operation::Concatenate { .. } => "concatenate",
        Operation::FillEmpty { .. } => "fill_empty",
        Operation::MapValues { .. } => "map_values",
        Operation::UnicodeNfc => "unicode_nfc",
        Operation::ToAscii => "to_ascii",
        Operation::Dictionary { .. } => "dictionary",
        Operation::PersonName { .. } => "person_name",
        Operation::Address { .. } => "address",
        Operation::Email { .. } => "email",
        Operation::Number { .. } => "number",
        Operation::Date { .. } => "date",
        Operation::Phone { .. } => "phone",
    }
}
