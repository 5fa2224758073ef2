//! The pairs and groups of the latest result of Match, page by page, for pages and API. Nothing here runs a plan or waits;
//! what is held in memory is a page, and a byte for each record while a filter looks at what records hold.

mod group;
pub(crate) mod records;

use std::{
    collections::{HashMap, HashSet},
    path::Path,
};

use datafusion::{
    arrow::{
        array::{AsArray, Float32Array, RecordBatch, UInt16Array, UInt32Array},
        datatypes::Float32Type,
    },
    parquet::arrow::arrow_reader::{ParquetRecordBatchReader, ParquetRecordBatchReaderBuilder},
};
use model::results::{Band, GroupPage, MatchFilter, MatchedGroup, MatchedPair, PairExplained, PairPage, WeakLink};

pub use self::group::{group, mates};
use self::records::Wanted;
use crate::{
    Failure,
    read::{GROUP, column},
    results::Version,
    steps::matching::{
        columns::RECORDS_FILE, explain, grouping::GROUP_LIST_FILE, kept::PAIRS_FILE, weak_links::WEAK_LINKS_FILE,
    },
    table::{self, BATCH_ROWS},
};

/// Records of a group that are shown with it.
const RECORDS_SHOWN: usize = 20;

/// A pair as the result holds it.
struct Row {
    left: u32,
    right: u32,
    score: f32,
    definition: u16,
    scores: Vec<f32>,
}

/// At most `limit` matching pairs from row `cursor` of the result on; `None` before the first result.
///
/// # Errors
/// When the records are not those that were matched any more.
pub fn pairs(workspace: &Path, filter: &MatchFilter, cursor: u64, limit: usize) -> Result<Option<PairPage>, Failure> {
    let Some((result, records)) = explain::matched(workspace)? else { return Ok(None) };
    let definitions = explain::definitions(&result)?;
    let wanted = wanted_records(filter, &records)?;
    let (mut rows, mut next_cursor, mut place) = (Vec::new(), None, cursor);
    'file: for batch in from_row(&result.file(PAIRS_FILE), cursor)? {
        for row in rows_of(&batch?)? {
            let wanted = wanted.iter().all(|wanted| wanted[row.left as usize] || wanted[row.right as usize]);
            if wanted && passes(filter, &row) {
                if rows.len() == limit {
                    next_cursor = Some(place);
                    break 'file;
                }
                rows.push(row);
            }
            place += 1;
        }
    }
    let numbers: Vec<u32> = rows.iter().flat_map(|row| [row.left, row.right]).collect();
    let (columns, known) = records::read(&result, &records, numbers)?;
    let pair = |row: Row| {
        let (definition, match_key) = definitions.get(usize::from(row.definition)).cloned().unwrap_or_default();
        MatchedPair {
            left: known[&row.left].clone(),
            right: known[&row.right].clone(),
            score: row.score,
            band: Band::of(f64::from(row.score)),
            definition,
            match_key,
            scores: row.scores,
        }
    };
    Ok(Some(PairPage { columns, pairs: rows.into_iter().map(pair).collect(), next_cursor }))
}

/// At most `limit` groups from row `cursor` of their list on, by their first records; `None` before the first result. A
/// filter of pairs takes groups that hold a record of such a pair.
///
/// # Errors
/// When the records are not those that were matched any more.
pub fn groups(workspace: &Path, filter: &MatchFilter, cursor: u64, limit: usize) -> Result<Option<GroupPage>, Failure> {
    let Some((result, records)) = explain::matched(workspace)? else { return Ok(None) };
    let weak = weak_links(&result)?;
    let mut allowed: Vec<HashSet<u32>> = Vec::new();
    for wanted in wanted_records(filter, &records)? {
        allowed.push(records::groups_of(&result, &wanted)?);
    }
    if filter.definition.is_some() || filter.band.is_some() {
        let (_, count) = table::describe(&records.file(RECORDS_FILE))?;
        let mut wanted: Wanted = vec![false; usize::try_from(count).unwrap_or(usize::MAX)];
        for batch in from_row(&result.file(PAIRS_FILE), 0)? {
            let rows = rows_of(&batch?)?;
            rows.iter().filter(|row| passes(filter, row)).for_each(|row| wanted[row.left as usize] = true);
        }
        allowed.push(records::groups_of(&result, &wanted)?);
    }
    let passes = |group: u32| {
        (!filter.weak || weak.contains_key(&group)) && allowed.iter().all(|allowed| allowed.contains(&group))
    };
    let (mut list, mut next_cursor, mut place) = (Vec::new(), None, cursor);
    'file: for batch in from_row(&result.file(GROUP_LIST_FILE), cursor)? {
        let batch = batch?;
        let (groups, sizes): (&UInt32Array, &UInt32Array) = (column(&batch, GROUP)?, column(&batch, "records")?);
        for (&group, &size) in groups.values().iter().zip(sizes.values()) {
            if passes(group) {
                if list.len() == limit {
                    next_cursor = Some(place);
                    break 'file;
                }
                list.push((group, u64::from(size)));
            }
            place += 1;
        }
    }
    let members = records::members(&result, &list.iter().map(|(group, _)| *group).collect(), RECORDS_SHOWN)?;
    let (columns, known) = records::read(&result, &records, members.values().flatten().copied())?;
    let group = |(group, size): (u32, u64)| MatchedGroup {
        group,
        size,
        records: members[&group].iter().map(|record| known[record].clone()).collect(),
        weak_link: weak.get(&group).cloned(),
    };
    Ok(Some(GroupPage { columns, groups: list.into_iter().map(group).collect(), next_cursor }))
}

/// Two records by their numbers, and what the definitions of the latest result say of them; `None` before the first
/// result, and where there are no such two records. Takes a moment where there are many records.
///
/// # Errors
/// When the records are not those that were matched any more.
pub fn explained(workspace: &Path, one: u32, other: u32) -> Result<Option<PairExplained>, Failure> {
    let Some((result, records)) = explain::matched(workspace)? else { return Ok(None) };
    let (_, count) = table::describe(&records.file(RECORDS_FILE))?;
    let (left, right) = (one.min(other), one.max(other));
    if left == right || u64::from(right) >= count {
        return Ok(None);
    }
    let definitions = explain::explain(&result, &records, left, right)?.definitions;
    let (columns, mut known) = records::read(&result, &records, [left, right])?;
    let both = known.remove(&left).zip(known.remove(&right));
    Ok(both.map(|(left, right)| PairExplained { columns, left, right, definitions }))
}

/// For each filter that looks at records: which of them it wants.
fn wanted_records(filter: &MatchFilter, records: &Version) -> Result<Vec<Wanted>, Failure> {
    let mut wanted = Vec::new();
    if let Some(source) = &filter.source {
        wanted.push(records::of_source(records, source)?);
    }
    if let Some(text) = filter.text.as_deref().map(str::trim).filter(|text| !text.is_empty()) {
        wanted.push(records::with_text(records, text)?);
    }
    Ok(wanted)
}

fn passes(filter: &MatchFilter, row: &Row) -> bool {
    filter.definition.is_none_or(|definition| row.definition == definition)
        && filter.band.is_none_or(|band| Band::of(f64::from(row.score)) == band)
}

fn rows_of(batch: &RecordBatch) -> Result<Vec<Row>, Failure> {
    let (lefts, rights): (&UInt32Array, &UInt32Array) = (column(batch, "left")?, column(batch, "right")?);
    let (scores, of): (&Float32Array, &UInt16Array) = (column(batch, "score")?, column(batch, "definition")?);
    let each = batch.column_by_name("scores").and_then(|scores| scores.as_list_opt::<i32>());
    let row = |row: usize| Row {
        left: lefts.value(row),
        right: rights.value(row),
        score: scores.value(row),
        definition: of.value(row),
        scores: each.map(|each| each.value(row).as_primitive::<Float32Type>().values().to_vec()).unwrap_or_default(),
    };
    Ok((0..batch.num_rows()).map(row).collect())
}

fn weak_links(result: &Version) -> Result<HashMap<u32, WeakLink>, Failure> {
    let mut links = HashMap::new();
    for batch in table::scan(&result.file(WEAK_LINKS_FILE), None)? {
        let batch = batch?;
        let numbers = |name| column::<UInt32Array>(&batch, name);
        let (groups, lefts, rights, sides) = (numbers(GROUP)?, numbers("left")?, numbers("right")?, numbers("side")?);
        let scores: &Float32Array = column(&batch, "score")?;
        let link = |row: usize| WeakLink {
            left: lefts.value(row),
            right: rights.value(row),
            score: scores.value(row),
            side: sides.value(row),
        };
        links.extend((0..batch.num_rows()).map(|row| (groups.value(row), link(row))));
    }
    Ok(links)
}

/// A file of a result from a row on.
fn from_row(path: &Path, row: u64) -> Result<ParquetRecordBatchReader, Failure> {
    let file = std::fs::File::open(path).map_err(|error| Failure::io("cannot read a published result", &error))?;
    let builder = ParquetRecordBatchReaderBuilder::try_new(file)?.with_batch_size(BATCH_ROWS);
    Ok(builder.with_offset(usize::try_from(row).unwrap_or(usize::MAX)).build()?)
}
