//! What cleansing would make of the first imported records, with the cells that it changes. Nothing is written.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

use datafusion::{
    arrow::{
        array::{Array, ArrayRef, AsArray, RecordBatch, StringArray, UInt64Array},
        compute::{cast, concat_batches},
        datatypes::DataType,
    },
    logical_expr::{ident, lit},
    prelude::ParquetReadOptions,
};
use model::{
    Step,
    config::CleanseConfig,
    limits,
    results::{CleansePreview, PreviewCell, PreviewRow},
};

use super::{Plan, check, dictionaries, enabled, operation_count, plan};
use crate::{
    Engine, Failure, Workspace,
    read::{self, ROW, SOURCE, is_ours},
    table,
};

/// The enabled operations on the first `rows` records of the latest import, of one `source` if it is named; `None` if nothing was
/// imported yet.
///
/// # Errors
/// `Input` that names the operation, like the step itself.
pub async fn preview(
    engine: &Engine,
    workspace: &Path,
    config: &CleanseConfig,
    files: &BTreeMap<String, PathBuf>,
    source: Option<&str>,
    rows: usize,
) -> Result<Option<CleansePreview>, Failure> {
    let Some(version) = Workspace::new(workspace).published(Step::Import)? else { return Ok(None) };
    let path = version.file("records.parquet");
    let (schema, _) = table::describe(&path)?;
    let imported: Vec<&str> = schema.fields().iter().map(|field| field.name().as_str()).collect();
    let operations = enabled(config);
    check(&operations, &imported)?;
    let dictionaries = dictionaries(&operations, files)?;

    let session = engine.session_in_order(1);
    let path = path.to_str().ok_or_else(|| Failure::Input("the data directory's name is not UTF-8".to_owned()))?;
    let mut table = session.read_parquet(path, ParquetReadOptions::default()).await?;
    if let Some(source) = source {
        table = table.filter(ident(SOURCE).eq(lit(source)))?;
    }
    let table = table.limit(0, Some(rows))?;
    // The same rows for before and after, whatever the file becomes meanwhile.
    let before = table.collect().await?;
    let before = concat_batches(&schema, &before)?;
    let table = session.read_batch(before.clone())?;
    let Plan { records, columns } = plan::plan(table, &operations, &imported, &dictionaries)?;
    let batches = records.collect().await?;
    let Some(first) = batches.first() else { return Ok(Some(CleansePreview::default())) };
    let after = concat_batches(&first.schema(), &batches)?;

    let flags = &after.columns()[columns.len()..columns.len() + 2 * operations.len()];
    let count = |flag: &ArrayRef| flag.as_boolean().true_count() as u64;
    let counts = operations.iter().zip(flags.chunks(2));
    let operations = counts.map(|(operation, flags)| operation_count(operation, count(&flags[0]), count(&flags[1])));
    Ok(Some(CleansePreview {
        new_columns: columns[imported.len()..].to_vec(),
        operations: operations.collect(),
        rows: marked(&before, &after, &columns)?,
        columns: columns.into_iter().filter(|name| !is_ours(name)).collect(),
    }))
}

fn marked(before: &RecordBatch, after: &RecordBatch, columns: &[String]) -> Result<Vec<PreviewRow>, Failure> {
    let texts = |batch: &RecordBatch, name: &str| -> Result<Option<ArrayRef>, Failure> {
        Ok(batch.column_by_name(name).map(|column| cast(column, &DataType::Utf8)).transpose()?)
    };
    let user = columns.iter().filter(|name| !is_ours(name));
    let pairs =
        user.map(|name| Ok((texts(before, name)?, texts(after, name)?))).collect::<Result<Vec<_>, Failure>>()?;
    let text = |column: &Option<ArrayRef>, row: usize| {
        let column = column.as_ref()?.as_string::<i32>();
        column.is_valid(row).then(|| column.value(row).to_owned())
    };
    let sources = read::column::<StringArray>(after, SOURCE)?;
    let number = cast(after.column_by_name(ROW).unwrap_or(after.column(0)), &DataType::UInt64)?;
    let numbers = number.as_any().downcast_ref::<UInt64Array>();
    let row = |row: usize| PreviewRow {
        source: sources.value(row).to_owned(),
        row: numbers.map_or(0, |numbers| numbers.value(row)),
        cells: pairs
            .iter()
            .map(|(before, after)| {
                let (before, after) = (text(before, row), text(after, row));
                PreviewCell { changed: before != after, before: before.map(shown), after: after.map(shown) }
            })
            .collect(),
    };
    Ok((0..after.num_rows()).map(row).collect())
}

/// The beginning of a long value.
fn shown(mut value: String) -> String {
    if let Some((end, _)) = value.char_indices().nth(limits::CLEANSE_PREVIEW_CHARS_MAX) {
        value.truncate(end);
        value.push('…');
    }
    value
}
