//! Which records and columns go out, for each action.

use std::{collections::HashMap, path::Path, sync::Arc};

use datafusion::{
    arrow::{
        array::{Array, ArrayRef, BooleanArray, RecordBatch, StringArray, UInt32Array},
        compute::filter_record_batch,
        datatypes::{DataType, Field, Schema, SchemaRef},
    },
    execution::memory_pool::MemoryReservation,
};
use model::config::{
    ExportConfig,
    export::{Action, Rows},
};

use crate::{
    Engine, Failure,
    context::Checkpoint,
    read::{self, GROUP, MASTER, NOT_DUPLICATE, RECORD, RECORD_ID, ROW, SCORE, SELECTED, SOURCE},
    similarity::Strings,
    table,
};

/// Names of our columns in outputs.
const GROUP_ID: &str = "_groupId";
const IS_MASTER: &str = "_isMasterRecord";
const IS_NO_DUPLICATE: &str = "_notDuplicate";
const MASTER_RECORD: &str = "_masterRecord";
const MASTER_RECORD_ID: &str = "_masterRecordId";
const OUTPUT_RECORD_ID: &str = "_recordId";
/// Memory of one entry of the map from groups to masters.
const MASTER_ENTRY_BYTES: usize = 24;

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
    /// What that record is known by.
    MasterIdOfGroup,
}

/// What goes out of the merged records.
pub(super) struct Selection {
    action: Action,
    rows: Rows,
    columns: Vec<Column>,
    schema: SchemaRef,
    masters: Masters,
    _account: MemoryReservation,
}

/// The master of every group: its number, and where what it is known by is kept.
#[derive(Default)]
struct Masters {
    of_group: HashMap<u32, (u32, u32)>,
    ids: Strings,
}

impl Selection {
    pub(super) fn new(
        config: &ExportConfig,
        merged: &Path,
        engine: &Engine,
        checkpoint: &Checkpoint,
    ) -> Result<Self, Failure> {
        let (input, _) = table::describe(merged)?;
        if [SELECTED, NOT_DUPLICATE, RECORD_ID].iter().any(|name| input.column_with_name(name).is_none()) {
            let reason = "the result of Merge is one of an earlier version of Millrace; run Merge again before Export";
            return Err(Failure::Input(reason.to_owned()));
        }
        let columns = columns(config, &input);
        let fields = columns.iter().map(|column| match &column.from {
            Origin::Merged(name) => Ok(input.field_with_name(name)?.clone().with_name(&column.name)),
            Origin::MasterOfGroup => Ok(Field::new(&column.name, DataType::UInt32, true)),
            Origin::MasterIdOfGroup => Ok(Field::new(&column.name, DataType::Utf8, true)),
        });
        let schema = Arc::new(Schema::new(fields.collect::<Result<Vec<_>, Failure>>()?));
        let account = engine.reserve("masters of groups");
        let masters = match config.action {
            Action::CrossReference => masters(merged, &account, checkpoint)?,
            Action::FlagDuplicates
            | Action::SuppressDuplicates
            | Action::NonDuplicatesAndMaster
            | Action::DuplicatesOnly => Masters::default(),
        };
        Ok(Self { action: config.action, rows: config.rows, columns, schema, masters, _account: account })
    }

    pub(super) fn schema(&self) -> &SchemaRef {
        &self.schema
    }

    /// The columns of the merged records that it looks at.
    pub(super) fn reads(&self) -> Vec<&str> {
        let origins = self.columns.iter().map(|column| match &column.from {
            Origin::Merged(name) => name.as_str(),
            Origin::MasterOfGroup | Origin::MasterIdOfGroup => GROUP,
        });
        origins.chain([GROUP, MASTER, SELECTED, NOT_DUPLICATE]).collect()
    }

    /// The records of a batch that go out, with the columns of the outputs.
    pub(super) fn apply(&self, batch: &RecordBatch) -> Result<RecordBatch, Failure> {
        let chosen = self.chosen(batch)?;
        let batch = filter_record_batch(batch, &chosen)?;
        let columns = self.columns.iter().map(|column| match &column.from {
            Origin::Merged(name) => Ok(Arc::clone(batch.column(batch.schema_ref().index_of(name)?))),
            Origin::MasterOfGroup => {
                let groups = read::column::<UInt32Array>(&batch, GROUP)?;
                let masters = groups.iter().map(|group| Some(self.masters.of_group.get(&group?)?.0));
                Ok(Arc::new(masters.collect::<UInt32Array>()) as ArrayRef)
            }
            Origin::MasterIdOfGroup => {
                let groups = read::column::<UInt32Array>(&batch, GROUP)?;
                let id =
                    |group: Option<u32>| Some(self.masters.ids.get(self.masters.of_group.get(&group?)?.1 as usize));
                Ok(Arc::new(groups.iter().map(id).collect::<StringArray>()) as ArrayRef)
            }
        });
        let columns = columns.collect::<Result<Vec<_>, Failure>>()?;
        Ok(RecordBatch::try_new(Arc::clone(&self.schema), columns)?)
    }

    fn chosen(&self, batch: &RecordBatch) -> Result<BooleanArray, Failure> {
        let groups = read::column::<UInt32Array>(batch, GROUP)?;
        let masters = read::column::<BooleanArray>(batch, MASTER)?;
        let selected = read::column::<BooleanArray>(batch, SELECTED)?;
        let not_duplicate = read::column::<BooleanArray>(batch, NOT_DUPLICATE)?;
        let wanted_of_group = |row: usize| match self.rows {
            Rows::All => true,
            Rows::Masters => masters.value(row),
            Rows::Selected => selected.value(row),
            // These have left their group.
            Rows::NotDuplicates => false,
        };
        let goes = |row: usize| match (self.action, groups.is_valid(row)) {
            (Action::FlagDuplicates, grouped) => !grouped || wanted_of_group(row),
            (Action::SuppressDuplicates, grouped) => !grouped,
            (Action::NonDuplicatesAndMaster, grouped) => !grouped || masters.value(row),
            (Action::DuplicatesOnly | Action::CrossReference, true) => wanted_of_group(row),
            (Action::DuplicatesOnly | Action::CrossReference, false) => {
                self.rows == Rows::NotDuplicates && not_duplicate.value(row)
            }
        };
        Ok((0..batch.num_rows()).map(|row| Some(goes(row))).collect())
    }
}

fn columns(config: &ExportConfig, merged: &SchemaRef) -> Vec<Column> {
    let ours = |name: &str, merged: &str| Column { name: name.to_owned(), from: Origin::Merged(merged.to_owned()) };
    let flags = || [ours(SELECTED, SELECTED), ours(IS_NO_DUPLICATE, NOT_DUPLICATE)];
    if config.action == Action::CrossReference {
        let mut columns = vec![ours(RECORD, RECORD), ours(SOURCE, SOURCE), ours(ROW, ROW), ours(GROUP_ID, GROUP)];
        columns.push(Column { name: MASTER_RECORD.to_owned(), from: Origin::MasterOfGroup });
        columns.extend([ours(IS_MASTER, MASTER), ours(SCORE, SCORE), ours(OUTPUT_RECORD_ID, RECORD_ID)]);
        columns.push(Column { name: MASTER_RECORD_ID.to_owned(), from: Origin::MasterIdOfGroup });
        if config.include_system_fields {
            columns.extend(flags());
        }
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
    if config.include_system_fields {
        columns.extend(flags());
    }
    if config.include_scores {
        columns.push(ours(SCORE, SCORE));
    }
    columns
}

fn masters(merged: &Path, account: &MemoryReservation, checkpoint: &Checkpoint) -> Result<Masters, Failure> {
    let mut found = Masters::default();
    for batch in table::scan(merged, Some(&[RECORD, GROUP, MASTER, RECORD_ID]))? {
        checkpoint.check()?;
        let batch = batch?;
        let records = read::column::<UInt32Array>(&batch, RECORD)?;
        let groups = read::column::<UInt32Array>(&batch, GROUP)?;
        let masters = read::column::<BooleanArray>(&batch, MASTER)?;
        let ids = read::column::<StringArray>(&batch, RECORD_ID)?;
        for row in (0..batch.num_rows()).filter(|row| groups.is_valid(*row) && masters.value(*row)) {
            let place = u32::try_from(found.ids.len()).unwrap_or(u32::MAX);
            found.ids.push(ids.value(row));
            found.of_group.insert(groups.value(row), (records.value(row), place));
        }
        account.try_resize(found.of_group.capacity() * MASTER_ENTRY_BYTES + found.ids.bytes())?;
    }
    Ok(found)
}
