//! Cleanse: the configured operations on the imported records, one after another, as one DataFusion plan.
//!
//! Rows and columns stay as they are; only values change. The plan also computes, for each operation, which cells it
//! changed and which it found invalid, so that nothing happens silently.

use std::{fs, sync::Arc};

use datafusion::{
    arrow::array::{AsArray, RecordBatch},
    dataframe::DataFrame,
    logical_expr::{BinaryExpr, Expr, Operator, ident, lit, when},
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

use crate::{
    Failure, StepContext, StepCounts,
    read::{SOURCE, say_columns},
    steps::{StepOutcome, grouped},
    table::{self, TableWriter},
};

pub(crate) mod functions;

pub struct Options<'a> {
    pub config: &'a CleanseConfig,
}

pub async fn run(options: Options<'_>, context: &StepContext<'_>) -> Result<StepOutcome, Failure> {
    let version = context.published(Step::Import)?;
    let records = version.file("records.parquet");
    let (schema, rows) = table::describe(&records)?;
    let columns: Vec<&str> = schema.fields().iter().map(|field| field.name().as_str()).collect();
    let operations: Vec<&CleanseOperation> =
        options.config.operations.iter().filter(|operation| operation.enabled).collect();
    check(&operations, &columns)?;

    let mut summary = CleanseSummary { rows, ..CleanseSummary::default() };
    if operations.is_empty() {
        // Published files never change, so both results may share one.
        let target = context.file("records.parquet");
        let shared = fs::hard_link(&records, &target).or_else(|_| fs::copy(&records, &target).map(drop));
        shared.map_err(|error| Failure::io("cannot write the result", &error))?;
    } else {
        // One partition: the rows stay in their order.
        let session = context.engine().session_with_partitions(1);
        let table = context.table(&session, &version, "records.parquet").await?;
        let plan = plan(table, &operations, &columns)?;
        let counts = write(plan, columns.len(), context, rows).await?;
        let (cells, counts) = counts.split_last().expect("the changed cells come last");
        summary.cells_changed = *cells;
        summary.operations = operations
            .iter()
            .zip(counts.chunks(2))
            .map(|(operation, counts)| {
                let operation_name = word(&operation.operation).to_owned();
                OperationCount {
                    column: operation.column.clone(),
                    operation: operation_name,
                    changed: counts[0],
                    invalid: counts[1],
                }
            })
            .collect();
    }
    report_invalid(&summary, context);
    let sentence = sentence(&summary);
    let counts = StepCounts { rows_in: rows, rows_out: rows };
    Ok(StepOutcome { counts, summary: Summary::Cleanse(summary), sentence })
}

fn check(operations: &[&CleanseOperation], columns: &[&str]) -> Result<(), Failure> {
    for (place, operation) in operations.iter().enumerate() {
        let fail = |problem: String| {
            let word = word(&operation.operation);
            Err(Failure::Input(format!("operation {} ({word} of “{}”): {problem}", place + 1, operation.column)))
        };
        if !columns.contains(&operation.column.as_str()) {
            return fail(format!("there is no such column; the records have {}", say_columns(columns)));
        }
        if let Err((_, problem)) = functions::check(&operation.operation) {
            return fail(problem);
        }
    }
    Ok(())
}

/// The records' columns, then for each operation a column "changed" and a column "invalid", and at last for each cleansed
/// column whether its value is another one than before.
fn plan(table: DataFrame, operations: &[&CleanseOperation], columns: &[&str]) -> Result<DataFrame, Failure> {
    let mut plan = table;
    let mut flags: Vec<String> = Vec::new();
    let mut cleansed: Vec<&str> = operations.iter().map(|operation| operation.column.as_str()).collect();
    cleansed.sort_unstable();
    cleansed.dedup();
    let carried = |flags: &[String]| -> Vec<Expr> {
        let originals = cleansed.iter().map(|column| original(column));
        flags.iter().cloned().chain(originals).map(ident).collect()
    };
    let mut first: Vec<Expr> = columns.iter().map(|column| ident(*column)).collect();
    first.extend(cleansed.iter().map(|column| ident(*column).alias(original(column))));
    plan = plan.select(first)?;
    for (place, operation) in operations.iter().enumerate() {
        // The value is computed in one projection and compared in the next: a projection that held both would compute
        // it twice.
        let column = operation.column.as_str();
        let value = functions::apply(&operation.operation, ident(column));
        let value = match &operation.source {
            None => value,
            Some(source) => when(ident(SOURCE).eq(lit(source.as_str())), value).otherwise(ident(column))?,
        };
        let mut computed: Vec<Expr> = columns.iter().map(|column| ident(*column)).collect();
        computed.extend(carried(&flags));
        computed.push(value.alias("__value"));
        plan = plan.select(computed)?;

        let (changed, invalid) = (format!("__changed_{place}"), format!("__invalid_{place}"));
        let mut compared: Vec<Expr> = columns
            .iter()
            .map(|name| if *name == column { ident("__value").alias(column) } else { ident(*name) })
            .collect();
        compared.extend(carried(&flags));
        compared.push(differs(ident(column), ident("__value")).alias(changed.clone()));
        let lost = ident(column).is_not_null().and(ident("__value").is_null());
        compared.push(if expects_a_form(&operation.operation) { lost } else { lit(false) }.alias(invalid.clone()));
        plan = plan.select(compared)?;
        flags.extend([changed, invalid]);
    }
    let mut last: Vec<Expr> = columns.iter().map(|column| ident(*column)).collect();
    last.extend(flags.into_iter().map(ident));
    last.extend(
        cleansed
            .iter()
            .map(|column| differs(ident(*column), ident(original(column))).alias(format!("__cells_{column}"))),
    );
    Ok(plan.select(last)?)
}

fn original(column: &str) -> String {
    format!("__original_{column}")
}

fn differs(left: Expr, right: Expr) -> Expr {
    Expr::BinaryExpr(BinaryExpr::new(Box::new(left), Operator::IsDistinctFrom, Box::new(right)))
}

/// Whether values that are not of the operation's form become empty.
fn expects_a_form(operation: &Operation) -> bool {
    matches!(operation, Operation::Date { .. } | Operation::Phone { .. })
}

/// Writes the first `width` columns; gives the number of cells that each flag after them marks, those of the changed cells
/// summed up at the end.
async fn write(plan: DataFrame, width: usize, context: &StepContext<'_>, rows: u64) -> Result<Vec<u64>, Failure> {
    let mut stream = plan.execute_stream().await?;
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
    let flags = marked.iter().enumerate();
    let operations =
        stream.schema().fields().iter().skip(width).filter(|field| !field.name().starts_with("__cells_")).count();
    let mut counts: Vec<u64> = flags.clone().take(operations).map(|(_, count)| *count).collect();
    counts.push(flags.skip(operations).map(|(_, count)| *count).sum());
    Ok(counts)
}

fn report_invalid(summary: &CleanseSummary, context: &StepContext<'_>) {
    for operation in summary.operations.iter().filter(|operation| operation.invalid > 0) {
        context.warn(format!(
            "{} values of “{}” are no {} and became empty",
            grouped(operation.invalid),
            operation.column,
            if operation.operation == "phone" { "phone numbers" } else { "dates" }
        ));
    }
}

fn sentence(summary: &CleanseSummary) -> String {
    let invalid: u64 = summary.operations.iter().map(|operation| operation.invalid).sum();
    match invalid {
        0 => format!("{} cells changed", grouped(summary.cells_changed)),
        _ => format!("{} cells changed; {} invalid values emptied", grouped(summary.cells_changed), grouped(invalid)),
    }
}

/// The word for an operation in documents and messages.
pub(crate) fn word(operation: &Operation) -> &'static str {
    match operation {
        Operation::Trim => "trim",
        Operation::Collapse => "collapse",
        Operation::Upper => "upper",
        Operation::Lower => "lower",
        Operation::Title => "title",
        Operation::Remove { .. } => "remove",
        Operation::Replace { .. } => "replace",
        Operation::RegexReplace { .. } => "regex_replace",
        Operation::Date { .. } => "date",
        Operation::Phone { .. } => "phone",
    }
}
