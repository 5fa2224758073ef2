//! Records of a published result, found by number, by source or by what they hold.

use std::{
    collections::{BTreeMap, HashSet},
    path::Path,
};

use datafusion::{
    arrow::array::{Array, StringArray, UInt32Array},
    parquet::arrow::arrow_reader::{ParquetRecordBatchReaderBuilder, RowSelection},
};
use model::results::MatchedRecord;

use crate::{
    Failure,
    read::{GROUP, RECORD, RECORD_ID, SOURCE, column, is_ours, texts},
    results::Version,
    steps::matching::{columns::RECORDS_FILE, grouping::GROUPS_FILE},
    table,
};

/// Whether each record is one of those that are looked for, by number.
pub(super) type Wanted = Vec<bool>;

/// Records of a source.
pub(super) fn of_source(records: &Version, source: &str) -> Result<Wanted, Failure> {
    let mut wanted = Wanted::new();
    for batch in table::scan(&records.file(RECORDS_FILE), Some(&[SOURCE]))? {
        let batch = batch?;
        let sources: &StringArray = column(&batch, SOURCE)?;
        wanted.extend((0..batch.num_rows()).map(|row| sources.value(row) == source));
    }
    Ok(wanted)
}

/// Records that hold a text in any column, in whatever case.
pub(super) fn with_text(records: &Version, text: &str) -> Result<Wanted, Failure> {
    let text = text.to_lowercase();
    let mut wanted = Wanted::new();
    for batch in table::scan(&records.file(RECORDS_FILE), None)? {
        let batch = batch?;
        let start = wanted.len();
        wanted.resize(start + batch.num_rows(), false);
        for (field, values) in batch.schema_ref().fields().iter().zip(batch.columns()) {
            if is_ours(field.name()) {
                continue;
            }
            let values = texts(values)?;
            for row in (0..values.len()).filter(|&row| values.is_valid(row)) {
                if !wanted[start + row] && values.value(row).to_lowercase().contains(&text) {
                    wanted[start + row] = true;
                }
            }
        }
    }
    Ok(wanted)
}

/// The groups that hold a wanted record.
pub(super) fn groups_of(result: &Version, wanted: &Wanted) -> Result<HashSet<u32>, Failure> {
    let mut groups = HashSet::new();
    for batch in table::scan(&result.file(GROUPS_FILE), Some(&[RECORD, GROUP]))? {
        let batch = batch?;
        let (records, of): (&UInt32Array, &UInt32Array) = (column(&batch, RECORD)?, column(&batch, GROUP)?);
        let pairs = records.values().iter().zip(of.values());
        groups.extend(pairs.filter(|(record, _)| wanted[**record as usize]).map(|(_, group)| *group));
    }
    Ok(groups)
}

/// The first `each` records of these groups, by group.
pub(crate) fn members(
    result: &Version,
    groups: &HashSet<u32>,
    each: usize,
) -> Result<BTreeMap<u32, Vec<u32>>, Failure> {
    let mut members: BTreeMap<u32, Vec<u32>> = BTreeMap::new();
    for batch in table::scan(&result.file(GROUPS_FILE), Some(&[RECORD, GROUP]))? {
        let batch = batch?;
        let (records, of): (&UInt32Array, &UInt32Array) = (column(&batch, RECORD)?, column(&batch, GROUP)?);
        for (record, group) in records.values().iter().zip(of.values()).filter(|(_, group)| groups.contains(group)) {
            let members = members.entry(*group).or_default();
            if members.len() < each {
                members.push(*record);
            }
        }
    }
    Ok(members)
}

/// The user's columns, and these records with their values, by number. Those in no group have no id and the group 0.
pub(crate) fn read(
    result: &Version,
    records: &Version,
    numbers: impl IntoIterator<Item = u32>,
) -> Result<(Vec<String>, BTreeMap<u32, MatchedRecord>), Failure> {
    let mut found: BTreeMap<u32, MatchedRecord> = numbers
        .into_iter()
        .map(|record| {
            let nothing = (String::new(), String::new(), Vec::new());
            (record, MatchedRecord { record, id: nothing.0, group: 0, source: nothing.1, values: nothing.2 })
        })
        .collect();
    let columns = read_values(&records.file(RECORDS_FILE), &mut found)?;
    for batch in table::scan(&result.file(GROUPS_FILE), Some(&[RECORD, GROUP, RECORD_ID]))? {
        let batch = batch?;
        let (numbers, groups): (&UInt32Array, &UInt32Array) = (column(&batch, RECORD)?, column(&batch, GROUP)?);
        let ids: &StringArray = column(&batch, RECORD_ID)?;
        for row in 0..batch.num_rows() {
            if let Some(record) = found.get_mut(&numbers.value(row)) {
                record.group = groups.value(row);
                ids.value(row).clone_into(&mut record.id);
            }
        }
    }
    Ok((columns, found))
}

fn read_values(path: &Path, found: &mut BTreeMap<u32, MatchedRecord>) -> Result<Vec<String>, Failure> {
    let file = std::fs::File::open(path).map_err(|error| Failure::io("cannot read the records", &error))?;
    let builder = ParquetRecordBatchReaderBuilder::try_new(file)?;
    let names = builder.schema().fields().iter().map(|field| field.name().clone());
    let columns: Vec<String> = names.filter(|name| !is_ours(name)).collect();
    let rows = usize::try_from(builder.metadata().file_metadata().num_rows()).unwrap_or(0);
    let wanted = found.keys().map(|&record| record as usize..record as usize + 1);
    let selection = RowSelection::from_consecutive_ranges(wanted, rows);
    for batch in builder.with_row_selection(selection).build()? {
        let batch = batch?;
        let (numbers, sources): (&UInt32Array, &StringArray) = (column(&batch, RECORD)?, column(&batch, SOURCE)?);
        let values = columns.iter().filter_map(|name| batch.column_by_name(name)).map(|values| texts(values));
        let values = values.collect::<Result<Vec<_>, _>>()?;
        for row in 0..batch.num_rows() {
            if let Some(record) = found.get_mut(&numbers.value(row)) {
                sources.value(row).clone_into(&mut record.source);
                let value = |column: &StringArray| column.is_valid(row).then(|| column.value(row).to_owned());
                record.values = values.iter().map(value).collect();
            }
        }
    }
    Ok(columns)
}
