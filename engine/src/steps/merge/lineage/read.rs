//! Reads where the golden record of one group comes from.

use std::{collections::BTreeMap, fs::File, path::Path};

use datafusion::{
    arrow::array::{Array, RecordBatch, StringArray, UInt32Array, UInt64Array},
    parquet::{
        arrow::arrow_reader::{ParquetRecordBatchReaderBuilder, RowSelection},
        file::{metadata::RowGroupMetaData, statistics::Statistics},
    },
};
use model::{
    Step,
    results::{GoldenValue, GroupLineage, LineageRecord},
};

use super::{COLUMN, LINEAGE_FILE, OWN_VALUE, RULE};
use crate::{
    Failure,
    read::{GROUP, RECORD, RECORD_ID, ROW, SOURCE, column, is_ours, texts},
    results::Workspace,
    table,
};

const RECORDS_FILE: &str = "records.parquet";

/// Where each value of a group's golden record comes from, by the latest result of Merge; `None` before the first, and
/// for a number that is no group's. Only the rows of the group are read in full.
pub fn group_lineage(workspace: &Path, group: u32) -> Result<Option<GroupLineage>, Failure> {
    let Some(result) = Workspace::new(workspace).published(Step::Merge)? else { return Ok(None) };
    let lines = lines(&result.file(LINEAGE_FILE), group)?;
    let Some((master, own)) =
        lines.iter().find_map(|line| Some((line.record?, line)).filter(|_| line.column.is_none()))
    else {
        return Ok(None);
    };
    let members = members(&result.file(RECORDS_FILE), group)?;
    let golden = members.get(&master).ok_or_else(|| missing(master))?;
    let known = |record: u32| members.get(&record).map(|member| member.known.clone()).ok_or_else(|| missing(record));
    let values = golden.values.iter().map(|(name, value)| {
        let given: Vec<&Line> = lines.iter().filter(|line| line.column.as_ref() == Some(name)).collect();
        let (from, rule) = match given.first() {
            None => (vec![golden.known.clone()], OWN_VALUE.to_owned()),
            Some(first) => {
                let records = given.iter().filter_map(|line| line.record).map(known);
                (records.collect::<Result<_, _>>()?, first.rule.clone())
            }
        };
        Ok(GoldenValue { column: name.clone(), value: value.clone(), from, rule })
    });
    Ok(Some(GroupLineage {
        group,
        size: members.len() as u64,
        master: golden.known.clone(),
        master_rule: own.rule.clone(),
        values: values.collect::<Result<_, Failure>>()?,
    }))
}

fn missing(record: u32) -> Failure {
    Failure::Internal(format!("the lineage names record {record}, which is not in its group"))
}

struct Line {
    column: Option<String>,
    record: Option<u32>,
    rule: String,
}

/// The lines of a group. The file is in the order of groups, so most of it is passed over by its statistics.
fn lines(path: &Path, group: u32) -> Result<Vec<Line>, Failure> {
    let builder = ParquetRecordBatchReaderBuilder::try_new(open(path)?)?;
    let row_groups = builder.metadata().row_groups().iter().enumerate();
    let wanted = row_groups.filter(|(_, rows)| may_hold(rows, group)).map(|(place, _)| place).collect();
    let mut lines = Vec::new();
    for batch in builder.with_row_groups(wanted).build()? {
        let batch = batch?;
        let groups: &UInt32Array = column(&batch, GROUP)?;
        let records: &UInt32Array = column(&batch, RECORD)?;
        let (columns, rules): (&StringArray, &StringArray) = (column(&batch, COLUMN)?, column(&batch, RULE)?);
        for row in (0..batch.num_rows()).filter(|row| groups.value(*row) == group) {
            lines.push(Line {
                column: columns.is_valid(row).then(|| columns.value(row).to_owned()),
                record: records.is_valid(row).then(|| records.value(row)),
                rule: rules.value(row).to_owned(),
            });
        }
    }
    Ok(lines)
}

/// Whether the group's number, the first column, is within what a row group holds.
fn may_hold(rows: &RowGroupMetaData, group: u32) -> bool {
    match rows.column(0).statistics() {
        // Unsigned numbers are kept with the bits of signed ones.
        Some(Statistics::Int32(range)) => match (range.min_opt(), range.max_opt()) {
            (Some(min), Some(max)) => (min.cast_unsigned()..=max.cast_unsigned()).contains(&group),
            _ => true,
        },
        _ => true,
    }
}

struct Golden {
    known: LineageRecord,
    /// Of the user's columns.
    values: Vec<(String, Option<String>)>,
}

/// The merged records of a group, by number.
fn members(path: &Path, group: u32) -> Result<BTreeMap<u32, Golden>, Failure> {
    let mut places = Vec::new();
    let mut start = 0;
    for batch in table::scan(path, Some(&[GROUP]))? {
        let batch = batch?;
        let groups: &UInt32Array = column(&batch, GROUP)?;
        let of_group = (0..batch.num_rows()).filter(|row| groups.is_valid(*row) && groups.value(*row) == group);
        places.extend(of_group.map(|row| start + row));
        start += batch.num_rows();
    }
    let builder = ParquetRecordBatchReaderBuilder::try_new(open(path)?)?;
    let selection = RowSelection::from_consecutive_ranges(places.into_iter().map(|place| place..place + 1), start);
    let mut members = BTreeMap::new();
    for batch in builder.with_row_selection(selection).build()? {
        let batch = batch?;
        let (numbers, rows): (&UInt32Array, &UInt64Array) = (column(&batch, RECORD)?, column(&batch, ROW)?);
        let (ids, sources): (&StringArray, &StringArray) = (column(&batch, RECORD_ID)?, column(&batch, SOURCE)?);
        let values = user_values(&batch)?;
        for row in 0..batch.num_rows() {
            let record = LineageRecord {
                record: numbers.value(row),
                id: ids.value(row).to_owned(),
                source: sources.value(row).to_owned(),
                row: rows.value(row),
            };
            let value = |(name, values): &(String, StringArray)| {
                (name.clone(), values.is_valid(row).then(|| values.value(row).to_owned()))
            };
            let values = values.iter().map(value).collect();
            members.insert(record.record, Golden { known: record, values });
        }
    }
    Ok(members)
}

fn user_values(batch: &RecordBatch) -> Result<Vec<(String, StringArray)>, Failure> {
    let fields = batch.schema_ref().fields().iter().zip(batch.columns());
    let users = fields.filter(|(field, _)| !is_ours(field.name()));
    users.map(|(field, values)| Ok((field.name().clone(), texts(values)?))).collect()
}

fn open(path: &Path) -> Result<File, Failure> {
    File::open(path).map_err(|error| Failure::io("cannot read the result of Merge", &error))
}
