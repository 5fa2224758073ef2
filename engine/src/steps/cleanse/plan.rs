//! The plan of a cleansing: the records after all operations, and beside them what each operation did to which row.

use datafusion::{
    common::ScalarValue,
    dataframe::DataFrame,
    logical_expr::{BinaryExpr, Expr, Operator, ident, lit, when},
};
use model::config::cleanse::{CleanseOperation, Operation, Otherwise};

use super::functions::{self, Dictionaries};
use crate::{Failure, read::SOURCE};

/// A plan and what its columns are.
pub(super) struct Plan {
    pub(super) records: DataFrame,
    /// The records' columns in order, the new ones behind those that were imported. Behind them are, as booleans: for each
    /// operation whether it changed something in the row and whether it found the value invalid; then for each imported column
    /// that an operation writes whether the cell is another one than before.
    pub(super) columns: Vec<String>,
}

/// All operations on a table with these columns, one after another. Each computes its value in one projection and compares it in
/// the next: a projection that held both would compute it twice.
pub(super) fn plan(
    table: DataFrame,
    operations: &[&CleanseOperation],
    imported: &[&str],
    dictionaries: &Dictionaries,
) -> Result<Plan, Failure> {
    let mut columns: Vec<String> = imported.iter().map(|column| (*column).to_owned()).collect();
    let written: Vec<String> = operations.iter().flat_map(|operation| operation.writes()).collect();
    let cells: Vec<String> = columns.iter().filter(|column| written.contains(column)).cloned().collect();
    let mut first: Vec<Expr> = columns.iter().map(ident).collect();
    first.extend(cells.iter().map(|column| ident(column).alias(original(column))));
    let mut plan = table.select(first)?;
    let mut flags: Vec<String> = Vec::new();
    for (place, operation) in operations.iter().enumerate() {
        // A name of its own: the optimiser moves projections past each other.
        let value = format!("__value_{place}");
        let carried = || flags.iter().cloned().chain(cells.iter().map(|column| original(column))).map(ident);
        let mut computed: Vec<Expr> = columns.iter().map(ident).chain(carried()).collect();
        computed.push(functions::apply(operation, dictionaries)?.alias(&value));
        plan = plan.select(computed)?;

        let steps = writes(operation, &columns, &value)?;
        let [changed, invalid] = [format!("__changed_{place}"), format!("__invalid_{place}")];
        let anything = steps.iter().map(|step| differs(step.before.clone(), step.after.clone())).reduce(Expr::or);
        let mut compared: Vec<Expr> = Vec::new();
        for name in &columns {
            let step = steps.iter().find(|step| step.column == *name);
            compared.push(step.map_or_else(|| ident(name), |step| step.after.clone().alias(name)));
        }
        for step in steps {
            if !columns.contains(&step.column) {
                compared.push(step.after.alias(&step.column));
                columns.push(step.column);
            }
        }
        compared.extend(carried());
        compared.push(anything.unwrap_or_else(|| lit(false)).alias(&changed));
        compared.push(lost(operation, &value).alias(&invalid));
        plan = plan.select(compared)?;
        flags.extend([changed, invalid]);
    }
    let mut last: Vec<Expr> = columns.iter().map(ident).collect();
    last.extend(flags.into_iter().map(ident));
    last.extend(
        cells.iter().map(|column| differs(ident(column), ident(original(column))).alias(format!("__cells_{column}"))),
    );
    Ok(Plan { records: plan.select(last)?, columns })
}

/// One column that an operation writes.
struct Write {
    column: String,
    before: Expr,
    after: Expr,
}

fn writes(operation: &CleanseOperation, columns: &[String], computed: &str) -> Result<Vec<Write>, Failure> {
    let write = |(place, column): (usize, String)| {
        let before = if columns.contains(&column) { ident(&column) } else { lit(ScalarValue::Utf8(None)) };
        let value = functions::written(&operation.operation, ident(computed), place);
        let after = match of_its_source(operation) {
            None => value,
            Some(condition) => when(condition, value).otherwise(before.clone())?,
        };
        Ok(Write { column, before, after })
    };
    operation.writes().into_iter().enumerate().map(write).collect()
}

/// Whether a row is of the operation's source, if it has one.
fn of_its_source(operation: &CleanseOperation) -> Option<Expr> {
    operation.source.as_ref().map(|source| ident(SOURCE).eq(lit(source.as_str())))
}

/// Whether a value was not of the form that the operation expects.
fn lost(operation: &CleanseOperation, computed: &str) -> Expr {
    if !expects_a_form(&operation.operation) {
        return lit(false);
    }
    let lost = ident(&operation.column).is_not_null().and(ident(computed).is_null());
    match of_its_source(operation) {
        None => lost,
        Some(condition) => lost.and(condition),
    }
}

/// Whether values that are not of the operation's form give nothing.
fn expects_a_form(operation: &Operation) -> bool {
    match operation {
        Operation::Date { .. }
        | Operation::Phone { .. }
        | Operation::Email { .. }
        | Operation::Number { .. }
        | Operation::PersonName { .. }
        | Operation::Address { .. } => true,
        Operation::MapValues { otherwise, .. } => *otherwise == Otherwise::Empty,
        _ => false,
    }
}

fn original(column: &str) -> String {
    format!("__original_{column}")
}

fn differs(left: Expr, right: Expr) -> Expr {
    Expr::BinaryExpr(BinaryExpr::new(Box::new(left), Operator::IsDistinctFrom, Box::new(right)))
}
