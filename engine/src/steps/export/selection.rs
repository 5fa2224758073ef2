//! Which records and columns go out, for each action.

use std::{collections::HashMap, path::Path, sync::Arc};

use datafusion::{
    arrow::{
        array::{Array, ArrayRef, BooleanArray, RecordBatch, UInt32Array},
        compute::filter_record_batch,
        datatypes::{DataType, Field, Schema, SchemaRef},
    },
    execution::memory_pool::MemoryReservation,
};
use model::config::{ExportConfig, export::Action};

use crate::{
    Engine, Failure,
    context::Checkpoint,
    read::{self, GROUP, MASTER, RECORD, ROW, SCORE, SOURCE},
    table,
};

/// Names of our columns in outputs.
const GROUP_ID: &str = "_groupId";
const IS_MASTER: &str = "_isMasterRecord";
const MASTER_RECORD: &str = "_masterRecord";
/// Memory of one entry of the map from groups to masters.
const MASTER_ENTRY_BYTES: usize = 16;

/// A column of the outputs.
struct Column {
    name: String,
    from: Origin,
}

enum Origin {
    /// A column of the merged records.
    Merged(String),
    /// The record that is the master of the record's group.
    MasterOfGroup,
}

/// What goes out of the merged records.
pub(super) struct Selection {
    action: Action,
    columns: Vec<Column>,
    schema: SchemaRef,
    masters: HashMap<u32, u32>,
    _account: MemoryReservation,
}

impl Selection {
    pub(super) fn new(
        config: &ExportConfig,
        merged: &Path,
        engine: &Engine,
        checkpoint: &Checkpoint,
    ) -> Result<Self, Failure> {
        let (input, _) = table::describe(merged)?;
        let columns = columns(config, &input);
        let fields = columns.iter().map(|column| match &column.from {
            Origin::Merged(name) => Ok(input.field_with_name(name)?.clone().with_name(&column.name)),
            Origin::MasterOfGroup => Ok(Field::new(&column.name, DataType::UInt32, true)),
        });
        let schema = Arc::new(Schema::new(fields.collect::<Result<Vec<_>, Failure>>()?));
        let account = engine.reserve("masters of groups");
        let masters = match config.action {
            Action::CrossReference => masters(merged, &account, checkpoint)?,
            _ => HashMap::new(),
        };
        Ok(Self { action: config.action, columns, schema, masters, _account: account })
    }

    pub(super) fn schema(&self) -> &SchemaRef {
        &self.schema
    }

    /// The records of a batch that go out, with the columns of the outputs.
    pub(super) fn apply(&self, batch: &RecordBatch) -> Result<RecordBatch, Failure> {
        let groups = read::column::<UInt32Array>(batch, GROUP)?;
        let masters = read::column::<BooleanArray>(batch, MASTER)?;
        let goes = |row: usize| match self.action {
            Action::FlagDuplicates => true,
            Action::SuppressDuplicates => groups.is_null(row),
            Action::NonDuplicatesAndMaster => groups.is_null(row) || masters.value(row),
            Action::DuplicatesOnly | Action::CrossReference => groups.is_valid(row),
        };
        let chosen: BooleanArray = (0..batch.num_rows()).map(|row| Some(goes(row))).collect();
        let batch = filter_record_batch(batch, &chosen)?;
        let columns = self.columns.iter().map(|column| match &column.from {
            Origin::Merged(name) => Ok(Arc::clone(batch.column(batch.schema_ref().index_of(name)?))),
            Origin::MasterOfGroup => {
                let groups = read::column::<UInt32Array>(&batch, GROUP)?;
                let masters = groups.iter().map(|group| self.masters.get(&group?).copied());
                Ok(Arc::new(masters.collect::<UInt32Array>()) as ArrayRef)
            }
        });
        let columns = columns.collect::<Result<Vec<_>, Failure>>()?;
        Ok(RecordBatch::try_new(Arc::clone(&self.schema), columns)?)
    }
}

fn columns(config: &ExportConfig, merged: &SchemaRef) -> Vec<Column> {
    let ours = |name: &str, merged: &str| Column { name: name.to_owned(), from: Origin::Merged(merged.to_owned()) };
    if config.action == Action::CrossReference {
        let mut columns = vec![ours(RECORD, RECORD), ours(SOURCE, SOURCE), ours(ROW, ROW), ours(GROUP_ID, GROUP)];
        columns.push(Column { name: MASTER_RECORD.to_owned(), from: Origin::MasterOfGroup });
        columns.extend([ours(IS_MASTER, MASTER), ours(SCORE, SCORE)]);
        return columns;
    }
    let users = merged.fields().iter().filter(|field| !read::is_ours(field.name()));
    let mut columns: Vec<Column> = users.map(|field| ours(field.name(), field.name())).collect();
    if config.include_system_fields {
        columns.push(ours(SOURCE, SOURCE));
    }
    // Flagging is what this action is for.
    if config.include_system_fields || config.action == Action::FlagDuplicates {
        columns.extend([ours(GROUP_ID, GROUP), ours(IS_MASTER, MASTER)]);
    }
    if config.include_scores {
        columns.push(ours(SCORE, SCORE));
    }
    columns
}

/// The master of every group.
fn masters(merged: &Path, account: &MemoryReservation, checkpoint: &Checkpoint) -> Result<HashMap<u32, u32>, Failure> {
    let mut found = HashMap::new();
    for batch in table::scan(merged, Some(&[RECORD, GROUP, MASTER]))? {
        checkpoint.check()?;
        let batch = batch?;
        let records = read::column::<UInt32Array>(&batch, RECORD)?;
        let groups = read::column::<UInt32Array>(&batch, GROUP)?;
        let masters = read::column::<BooleanArray>(&batch, MASTER)?;
        let rows = (0..batch.num_rows()).filter(|row| groups.is_valid(*row) && masters.value(*row));
        found.extend(rows.map(|row| (groups.value(row), records.value(row))));
        account.try_resize(found.capacity() * MASTER_ENTRY_BYTES)?;
    }
    Ok(found)
}
