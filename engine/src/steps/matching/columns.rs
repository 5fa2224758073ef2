//! Reads what the definitions compare from the records: the features and each record's source.

use std::{collections::BTreeSet, sync::Arc};

use datafusion::{
    arrow::{
        array::{Array, AsArray, StringArray},
        compute::cast,
        datatypes::DataType,
    },
    execution::memory_pool::MemoryReservation,
    prelude::ident,
};
use futures::StreamExt;
use model::results::SourceMatches;

use super::{
    definitions::Definitions,
    features::{FeatureBuilder, Features},
    grouping::Member,
};
use crate::{Failure, context::StepContext, read::SOURCE, results::Version};

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
    each_value(version, &[SOURCE], context, |values| {
        let name = values[0].unwrap_or_default();
        let number = sources.names.iter().position(|known| known == name).unwrap_or_else(|| {
            sources.names.push(name.to_owned());
            sources.names.len() - 1
        });
        sources.of_record.push(number as u8);
        Ok(())
    })
    .await?;
    Ok(sources)
}

/// Reads the columns one after the other, so that only one is held twice.
pub(super) async fn features(
    definitions: &Definitions,
    records: usize,
    version: &Version,
    account: &MemoryReservation,
    context: &StepContext<'_>,
) -> Result<Arc<Features>, Failure> {
    account.try_resize(Features::bytes_of(definitions.features.len(), records))?;
    let mut features = Features::new(definitions.at_least.clone(), records);
    for key in &definitions.features {
        let held = features.bytes();
        let mut builder = FeatureBuilder::new(key);
        let mut rows = 0_usize;
        let columns: Vec<&str> = key.columns.iter().map(String::as_str).collect();
        each_value(version, &columns, context, |values| {
            builder.push(values);
            rows += 1;
            if rows.is_multiple_of(256) {
                // Phonetic codes of many languages take a good part of a millisecond each.
                context.checkpoint()?;
            }
            if rows.is_multiple_of(8192) {
                account.try_resize(held + builder.bytes())?;
            }
            Ok(())
        })
        .await?;
        account.try_resize(held + builder.bytes() + builder.building_bytes())?;
        // Preparing a million long texts takes seconds: not on the thread that has to notice a cancellation.
        let built = context.engine().spawn_blocking(move || builder.build());
        let built = context.unless_cancelled(built).await?;
        let feature =
            built.map_err(|error| Failure::Internal(format!("preparing {}: {error}", key.columns.join(", "))))?;
        account.try_resize(held + feature.bytes())?;
        features.push(feature);
        account.try_resize(features.bytes())?;
        let count = features.count();
        context.advanced(None, 0, &format!("Initializing: {count} of {} columns", definitions.features.len()));
    }
    Ok(Arc::new(features))
}

/// The values of some columns in the order of the records.
async fn each_value(
    version: &Version,
    columns: &[&str],
    context: &StepContext<'_>,
    mut each: impl FnMut(&[Option<&str>]) -> Result<(), Failure>,
) -> Result<(), Failure> {
    // One partition keeps the order of the file, which is the order of the records.
    let session = context.engine().session_with_partitions(1);
    let table = context.table(&session, version, RECORDS_FILE).await?;
    // A column that is named twice is read once.
    let distinct: BTreeSet<&str> = columns.iter().copied().collect();
    let table = table.select(distinct.iter().map(|column| ident(*column)).collect::<Vec<_>>())?;
    let places: Vec<usize> =
        columns.iter().filter_map(|column| distinct.iter().position(|known| known == column)).collect();
    let mut stream = context.unless_cancelled(table.execute_stream()).await??;
    while let Some(batch) = context.unless_cancelled(stream.next()).await? {
        let batch = batch?;
        let arrays =
            batch.columns().iter().map(|column| cast(column, &DataType::Utf8)).collect::<Result<Vec<_>, _>>()?;
        let arrays: Vec<&StringArray> = places.iter().map(|place| arrays[*place].as_string()).collect();
        let mut values = Vec::with_capacity(arrays.len());
        for row in 0..batch.num_rows() {
            values.clear();
            values.extend(arrays.iter().map(|array| array.is_valid(row).then(|| array.value(row))));
            each(&values)?;
        }
    }
    Ok(())
}
