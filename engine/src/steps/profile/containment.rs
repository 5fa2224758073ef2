//! Columns of which one repeats what another one of the same record holds: a full name beside its first name, an address
//! beside its town. Whoever compares both counts the same agreement twice.
//!
//! Told from a sample: blocks of rows, evenly spaced over each source.

use std::{collections::HashSet, path::Path};

use datafusion::arrow::array::{Array, StringArray};
use model::results::{Containment, ImportSummary, ImportedSource};

use crate::{Failure, StepContext, read, similarity::fold, table};

/// Rows looked at in each source, in so many blocks.
const ROWS_MAX: u64 = 4_096;
const BLOCKS: u64 = 8;
/// Columns of a source that are looked at, the first ones; every pair of them is.
const COLUMNS_MAX: usize = 64;
/// Share of the rows from which a containment is told.
const ROWS_SHARE_MIN: f64 = 0.5;
/// Rows in which both columns have values; of fewer, nothing is told.
const ROWS_MIN: u32 = 20;

/// For each source: which of its columns hold another one's words.
pub(super) fn of_sources(
    path: &Path,
    import: &ImportSummary,
    context: &StepContext<'_>,
) -> Result<Vec<Vec<Containment>>, Failure> {
    let mut first_row = 0;
    let mut all = Vec::new();
    for source in &import.sources {
        all.push(of_source(path, first_row, source, context)?);
        first_row += source.rows;
    }
    Ok(all)
}

fn of_source(
    path: &Path,
    first_row: u64,
    source: &ImportedSource,
    context: &StepContext<'_>,
) -> Result<Vec<Containment>, Failure> {
    let columns: Vec<&str> = source.columns.iter().map(String::as_str).take(COLUMNS_MAX).collect();
    let mut pairs = vec![Pair::default(); columns.len() * columns.len()];
    let blocks = if source.rows <= ROWS_MAX { 1 } else { BLOCKS };
    for block in 0..blocks {
        let start = first_row + source.rows / blocks * block;
        let rows = source.rows.min(ROWS_MAX) / blocks;
        for batch in table::scan_rows(path, &columns, start, rows)? {
            context.checkpoint()?;
            let batch = batch?;
            let values: Vec<&StringArray> =
                columns.iter().map(|name| read::column(&batch, name)).collect::<Result<_, _>>()?;
            (0..batch.num_rows()).for_each(|row| look_at(row, &values, &mut pairs));
        }
    }
    let place = |pair: usize| (columns[pair / columns.len()], columns[pair % columns.len()]);
    let told = pairs
        .iter()
        .enumerate()
        .filter(|(_, pair)| pair.filled >= ROWS_MIN && f64::from(pair.held) >= ROWS_SHARE_MIN * f64::from(pair.filled));
    let containment = |(number, pair): (usize, &Pair)| {
        let (column, contained) = place(number);
        Containment {
            column: column.to_owned(),
            contained: contained.to_owned(),
            rows_share: f64::from(pair.held) / f64::from(pair.filled),
            words_share: pair.words_share / f64::from(pair.held),
        }
    };
    Ok(told.map(containment).collect())
}

/// A column and another one that it may hold.
#[derive(Clone, Debug, Default)]
struct Pair {
    /// Rows with values in both, and those in which the column has all words of the other.
    filled: u32,
    held: u32,
    /// Sum over the latter: the other's words ÷ the column's.
    words_share: f64,
}

fn look_at(row: usize, values: &[&StringArray], pairs: &mut [Pair]) {
    let folded: Vec<Option<String>> =
        values.iter().map(|values| values.is_valid(row).then(|| fold(values.value(row)))).collect();
    let words: Vec<HashSet<&str>> = folded
        .iter()
        .map(|value| value.iter().flat_map(|value| value.split(' ')).filter(|word| !word.is_empty()).collect())
        .collect();
    for (column, holding) in words.iter().enumerate().filter(|(_, words)| !words.is_empty()) {
        for (other, held) in words.iter().enumerate().filter(|(_, words)| !words.is_empty()) {
            if column == other {
                continue;
            }
            let pair = &mut pairs[column * values.len() + other];
            pair.filled += 1;
            if held.is_subset(holding) {
                pair.held += 1;
                pair.words_share += held.len() as f64 / holding.len() as f64;
            }
        }
    }
}
