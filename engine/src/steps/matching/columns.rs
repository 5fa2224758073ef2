//! Reads what the definitions compare from the records: the features and each record's source.

use std::{cmp::Reverse, path::Path, sync::Arc};

use datafusion::{
    arrow::array::{Array, StringArray},
    execution::memory_pool::MemoryReservation,
};
use futures::StreamExt;
use model::results::SourceMatches;

use super::{
    definitions::Definitions,
    features::{Feature, FeatureBuilder, FeatureKey, Features},
    grouping::Member,
};
use crate::{
    Failure,
    context::{Checkpoint, StepContext},
    read::{SOURCE, texts},
    results::Version,
    table,
};

/// Bytes that reading a column takes for each record, its values being all different and some twenty letters long.
const BUILDING_BYTES: usize = 200;

/// The published records that are matched.
pub(crate) const RECORDS_FILE: &str = "records.parquet";

/// Which source each record comes from.
#[derive(Debug, Default)]
pub(super) struct Sources {
    /// In the order in which records name them.
    pub(super) names: Vec<String>,
    /// By record: the place of its source in `names`.
    pub(super) of_record: Vec<u8>,
}

impl Sources {
    /// How many records of each source found a partner.
    pub(super) fn matched(&self, members: &[Member]) -> Vec<SourceMatches> {
        let named = |name: &String| SourceMatches { name: name.clone(), records: 0, grouped: 0 };
        let mut counts: Vec<SourceMatches> = self.names.iter().map(named).collect();
        self.of_record.iter().for_each(|&source| counts[usize::from(source)].records += 1);
        for member in members {
            counts[usize::from(self.of_record[member.record as usize])].grouped += 1;
        }
        counts
    }
}

pub(super) async fn sources(version: &Version, context: &StepContext<'_>) -> Result<Sources, Failure> {
    let mut sources = Sources::default();
    let checkpoint = context.checkpoints();
    let add = |values: &[Option<&str>]| {
        let name = values[0].unwrap_or_default();
        let number = sources.names.iter().position(|known| known == name).unwrap_or_else(|| {
            sources.names.push(name.to_owned());
            sources.names.len() - 1
        });
        sources.of_record.push(number as u8);
        Ok(())
    };
    tokio::task::block_in_place(|| each_value(&version.file(RECORDS_FILE), &[SOURCE], &checkpoint, add))?;
    Ok(sources)
}

/// Reads the columns, as many at a time as there is memory for, those with the most bytes first: what takes long must not
/// be begun last. Only columns that are being read are held twice.
pub(super) async fn features(
    definitions: &Definitions,
    records: usize,
    version: &Version,
    account: &MemoryReservation,
    context: &StepContext<'_>,
) -> Result<Arc<Features>, Failure> {
    let engine = Arc::clone(context.engine());
    account.try_resize(Features::bytes_of(definitions.features.len(), records))?;
    let mut features = Features::new(definitions.at_least.clone(), records);
    let free = engine.config().memory_bytes.saturating_sub(engine.memory_used_bytes());
    let at_a_time = (free / (records * BUILDING_BYTES).max(1)).clamp(1, engine.config().threads);
    let bytes = table::column_bytes(&version.file(RECORDS_FILE))?;
    let mut order: Vec<(usize, FeatureKey)> = definitions.features.iter().cloned().enumerate().collect();
    order.sort_by_key(|(_, key)| Reverse(key.columns.iter().filter_map(|column| bytes.get(column)).sum::<u64>()));
    let (checkpoint, _stop_others) = context.checkpoints().guarded();
    let read = order.into_iter().map(move |(place, key)| {
        let (path, checkpoint) = (version.file(RECORDS_FILE), checkpoint.clone());
        let account = engine.reserve("match: a compared column");
        let read = engine.spawn_blocking(move || feature(&key, &path, account, &checkpoint));
        async move { (place, read.await) }
    });
    let mut read = futures::stream::iter(read).buffer_unordered(at_a_time);
    let mut count = 0;
    while let Some((place, read)) = context.unless_cancelled(read.next()).await? {
        let (feature, memory) =
            read.map_err(|error| Failure::Internal(format!("preparing a compared column: {error}")))??;
        features.put(place, feature);
        drop(memory);
        account.try_resize(features.bytes())?;
        count += 1;
        context.advanced(None, 0, &format!("Initializing: {count} of {} columns", definitions.features.len()));
    }
    Ok(Arc::new(features))
}

/// One feature, and the account of its memory.
fn feature(
    key: &FeatureKey,
    records: &Path,
    account: MemoryReservation,
    checkpoint: &Checkpoint,
) -> Result<(Feature, MemoryReservation), Failure> {
    let mut builder = FeatureBuilder::new(key);
    let mut rows = 0_usize;
    let columns: Vec<&str> = key.columns.iter().map(String::as_str).collect();
    each_value(records, &columns, checkpoint, |values| {
        builder.push(values);
        rows += 1;
        if rows.is_multiple_of(256) {
            // Phonetic codes of many languages take a good part of a millisecond each.
            checkpoint.check()?;
        }
        if rows.is_multiple_of(8192) {
            account.try_resize(builder.bytes())?;
        }
        Ok(())
    })?;
    account.try_resize(builder.bytes() + builder.building_bytes())?;
    let feature = builder.build();
    account.try_resize(feature.bytes())?;
    Ok((feature, account))
}

/// The values of some columns in the order of the records.
fn each_value(
    records: &Path,
    columns: &[&str],
    checkpoint: &Checkpoint,
    mut each: impl FnMut(&[Option<&str>]) -> Result<(), Failure>,
) -> Result<(), Failure> {
    for batch in table::scan(records, Some(columns))? {
        let batch = batch?;
        checkpoint.check()?;
        let text = |column: &&str| -> Result<StringArray, Failure> {
            let place = batch.schema_ref().index_of(column)?;
            texts(batch.column(place))
        };
        let arrays: Vec<StringArray> = columns.iter().map(text).collect::<Result<_, _>>()?;
        let mut values = Vec::with_capacity(arrays.len());
        for row in 0..batch.num_rows() {
            values.clear();
            values.extend(arrays.iter().map(|array| array.is_valid(row).then(|| array.value(row))));
            each(&values)?;
        }
    }
    Ok(())
}
