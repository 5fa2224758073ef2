//! Blocking: which pairs are compared, as plans over a table of keys.
//!
//! Each record's keys are computed once and written to a table (`_record`, `source`, `k0`, `k1`, …). From it come the
//! size of every block, before any pair is made, and the pairs: one self-join a key, without the pairs that an earlier
//! key gives already. DataFusion's hash join does not spill, so a join runs in slices by key hash, as many as the memory
//! needs. Plans hold only functions known by name; nothing here compares values.

mod joined;
mod sizes;

use std::{collections::HashSet, sync::Arc};

use datafusion::{
    arrow::{
        array::{ArrayRef, AsArray, ListBuilder, RecordBatch, UInt64Array, UInt64Builder},
        datatypes::{DataType, Schema, UInt64Type},
    },
    common::{JoinType, UnnestOptions},
    prelude::{DataFrame, Expr, ident, lit, when},
};
use futures::StreamExt;
use model::{
    config::matching::{BlockingKey, MatchConfig, Strategy, Transform},
    limits,
    results::BlockingCount,
};

use self::{joined::Joined, sizes::Sizes};
use super::{
    columns::Sources,
    files::{self, BatchWriter},
    functions,
    transforms::words,
};
use crate::{
    Failure,
    context::StepContext,
    read::{RECORD, SOURCE},
    steps::grouped,
};

const KEYS_FILE: &str = "blocking-keys.parquet";
const PURGED_FILE: &str = "blocking-keys-purged.parquet";

/// A slice is not made smaller than this.
const SLICE_BYTES_MIN: u64 = 1024 * 1024;

/// The enabled keys of a run, over its table of keys.
pub(super) struct Blocking<'a> {
    config: &'a MatchConfig,
    /// Names in the order of the numbers in the column `source`.
    sources: &'a [String],
    records: u64,
    keys: Vec<&'a BlockingKey>,
    file: &'static str,
    /// By key: pairs before those of earlier keys are taken out, and the largest blocks.
    sizes: Vec<Sizes>,
    joined: Joined,
}

impl<'a> Blocking<'a> {
    /// Computes the keys of all records and the size of their blocks.
    pub(super) async fn prepare(
        config: &'a MatchConfig,
        sources: &'a Sources,
        records: &DataFrame,
        context: &StepContext<'_>,
    ) -> Result<Self, Failure> {
        let keys: Vec<&BlockingKey> = config.blocking.iter().filter(|key| key.enabled).collect();
        let mut blocking = Self {
            config,
            sources: &sources.names,
            records: sources.of_record.len() as u64,
            keys,
            file: KEYS_FILE,
            sizes: Vec::new(),
            joined: Joined::default(),
        };
        blocking.write_keys(records, context).await?;
        for number in 0..blocking.keys.len() {
            let sizes = blocking.measure(number, context).await?;
            blocking.sizes.push(sizes);
        }
        blocking.spell_blocks(records, context).await?;
        Ok(blocking)
    }

    /// # Errors
    /// When there are more pairs than may be scored.
    pub(super) fn refuse_too_many(&self) -> Result<(), Failure> {
        self.refusal().map_or(Ok(()), |reason| Err(Failure::Input(format!("match: {reason}"))))
    }

    /// Makes the pairs ready to be scored.
    pub(super) async fn ready(mut self, context: &StepContext<'_>) -> Result<Self, Failure> {
        if self.sizes.iter().any(|sizes| !sizes.purged.is_empty()) {
            self.purge(context).await?;
        }
        Ok(self)
    }

    /// Pairs that all keys give, those given twice counted twice: an upper bound.
    pub(super) fn pairs_estimated(&self) -> u64 {
        self.sizes.iter().fold(0, |pairs, sizes| pairs.saturating_add(sizes.pairs))
    }

    pub(super) fn keys(&self) -> usize {
        self.keys.len()
    }

    /// What a key did, given the pairs that it added.
    pub(super) fn count(&self, number: usize, pairs: u64) -> BlockingCount {
        let sizes = &self.sizes[number];
        BlockingCount {
            key: words(self.keys[number]),
            pairs,
            largest_block: sizes.largest_block,
            pairs_alone: sizes.pairs,
            blocks_left_out: sizes.purged.len() as u64,
            largest_blocks: sizes.largest.iter().map(sizes::Large::block).collect(),
        }
    }

    /// What a key does on its own.
    pub(super) fn alone(&self, number: usize) -> BlockingCount {
        self.count(number, self.sizes[number].pairs)
    }

    /// Removes the table of keys.
    pub(super) fn clean_up(&self, context: &StepContext<'_>) -> Result<(), Failure> {
        for file in [KEYS_FILE, PURGED_FILE] {
            files::remove(file, context)?;
        }
        Ok(())
    }

    async fn write_keys(&mut self, records: &DataFrame, context: &StepContext<'_>) -> Result<(), Failure> {
        let mut columns = vec![ident(RECORD), self.source_number()?.alias("source")];
        for (number, key) in self.keys.iter().enumerate() {
            let transforms: Vec<Transform> = key.parts.iter().map(|part| part.transform).collect();
            let values = key.parts.iter().map(|part| ident(part.column.as_str())).collect();
            columns.push(functions::blocking_key(&transforms, values)?.alias(name(number)));
        }
        let table = records.clone().select(columns)?;
        let mut stream = context.unless_cancelled(table.execute_stream()).await??;
        let mut writer = BatchWriter::scratch(KEYS_FILE, stream.schema(), context)?;
        while let Some(batch) = context.unless_cancelled(stream.next()).await? {
            let batch = batch?;
            self.joined.add(&batch);
            writer.write(&batch)?;
        }
        for (number, key) in self.keys.iter().enumerate().filter(|(number, _)| self.joined.full(*number) > 0) {
            context.warn(format!(
                "{}: {} records have {} keys or more; further ones are left out",
                words(key),
                grouped(self.joined.full(number)),
                limits::BLOCKING_KEYS_PER_RECORD_MAX
            ));
        }
        writer.finish()
    }

    /// `CASE _source WHEN 'a' THEN 0 WHEN 'b' THEN 1 … END`.
    fn source_number(&self) -> Result<Expr, Failure> {
        let mut numbers = self.sources.iter().enumerate().map(|(number, name)| (lit(name.as_str()), lit(number as u8)));
        let Some((first, number)) = numbers.next() else { return Ok(lit(0_u8)) };
        let mut case = when(ident(SOURCE).eq(first), number);
        for (name, number) in numbers {
            case = case.when(ident(SOURCE).eq(name), number);
        }
        Ok(case.end()?)
    }

    async fn table(&self, context: &StepContext<'_>) -> Result<DataFrame, Failure> {
        files::table(self.file, context).await
    }

    /// Writes the table of keys anew without those of blocks that are too large, so that no later key takes their pairs
    /// for given.
    async fn purge(&mut self, context: &StepContext<'_>) -> Result<(), Failure> {
        let mut stream = context.unless_cancelled(self.table(context).await?.execute_stream()).await??;
        let mut writer = BatchWriter::scratch(PURGED_FILE, stream.schema(), context)?;
        while let Some(batch) = context.unless_cancelled(stream.next()).await? {
            writer.write(&self.purged(&batch?)?)?;
        }
        writer.finish()?;
        self.file = PURGED_FILE;
        Ok(())
    }

    fn purged(&self, batch: &RecordBatch) -> Result<RecordBatch, Failure> {
        let mut columns = batch.columns().to_vec();
        for (number, sizes) in self.sizes.iter().enumerate() {
            if !sizes.purged.is_empty() {
                let column = &mut columns[number + 2];
                *column = without(column, &sizes.purged);
            }
        }
        let fields: Vec<_> =
            batch.schema_ref().fields().iter().map(|field| field.as_ref().clone().with_nullable(true)).collect();
        Ok(RecordBatch::try_new(Arc::new(Schema::new(fields)), columns)?)
    }

    /// Slices in which the join of a key fits into the memory that is left.
    pub(super) fn slices(&self, number: usize, context: &StepContext<'_>) -> u64 {
        let engine = context.engine();
        let free = engine.config().memory_bytes.saturating_sub(engine.memory_used_bytes()) as u64;
        self.joined.bytes(number).div_ceil((free / 3).max(SLICE_BYTES_MIN)).max(1)
    }

    /// The pairs of a key in one slice of several, by the hash of the key: columns `left` and `right`, left < right, none of an earlier key.
    pub(super) async fn pairs(
        &self,
        number: usize,
        slice: u64,
        slices: u64,
        context: &StepContext<'_>,
    ) -> Result<DataFrame, Failure> {
        let session = context.engine().session_with_batches(self.joined.batch_rows(number));
        let table = files::table_of(&session, self.file, context).await?;
        let side = |side: &str| -> Result<DataFrame, Failure> {
            let side_of = |column: &str| format!("{side}_{column}");
            let mut columns = vec![
                ident(RECORD).alias(side),
                ident("source").alias(side_of("source")),
                ident(name(number)).alias(side_of("key")),
                ident(name(number)).alias("k"),
            ];
            columns.extend((0..number).map(|earlier| ident(name(earlier)).alias(side_of(&name(earlier)))));
            let mut keys = unnested(table.clone().select(columns)?)?;
            if slices > 1 {
                keys = keys.filter((ident("k") % lit(slices)).eq(lit(slice)))?;
            }
            Ok(keys.with_column_renamed("k", &side_of("k"))?)
        };
        let (left, right) = (side("left")?, side("right")?);
        let is_list = |number: usize| -> Result<bool, Failure> {
            let field = table.schema().field_with_unqualified_name(&name(number))?;
            Ok(matches!(field.data_type(), DataType::List(_)))
        };
        let mut wanted = ident("left").lt(ident("right"));
        if let Some(condition) = self.source_condition() {
            wanted = wanted.and(condition);
        }
        if is_list(number)? {
            // A pair that shares several keys comes once: with the first of them.
            let first = functions::first_shared_key(ident("left_key"), ident("right_key"));
            wanted = wanted.and(first.eq(ident("left_k")));
        }
        for earlier in 0..number {
            let (left, right) = (ident(format!("left_{}", name(earlier))), ident(format!("right_{}", name(earlier))));
            wanted = wanted.and(if is_list(earlier)? {
                functions::first_shared_key(left, right).is_null()
            } else {
                left.eq(right).is_not_true()
            });
        }
        let pairs = left.join(right, JoinType::Inner, &["left_k"], &["right_k"], Some(wanted))?;
        Ok(pairs.select(vec![ident("left"), ident("right")])?)
    }

    /// Which sources may meet; `None` when all may.
    fn source_condition(&self) -> Option<Expr> {
        let (left, right) = (ident("left_source"), ident("right_source"));
        let strategy = match self.config.strategy {
            Strategy::All => None,
            Strategy::AcrossSources => Some(left.clone().not_eq(right.clone())),
            Strategy::WithinSources => Some(left.clone().eq(right.clone())),
        };
        let number = |name: &String| self.sources.iter().position(|source| source == name).map(|number| number as u8);
        let excluded = self.config.excluded_source_pairs.iter().filter_map(|(a, b)| Some((number(a)?, number(b)?)));
        let allowed = excluded.map(|(a, b)| {
            let is = |a: u8, b: u8| left.clone().eq(lit(a)).and(right.clone().eq(lit(b)));
            datafusion::prelude::not(is(a, b).or(is(b, a)))
        });
        strategy.into_iter().chain(allowed).reduce(Expr::and)
    }
}

fn name(number: usize) -> String {
    format!("k{number}")
}

/// One row for each key in `k`, none for a record without keys.
fn unnested(table: DataFrame) -> Result<DataFrame, Failure> {
    let is_list = matches!(table.schema().field_with_unqualified_name("k")?.data_type(), DataType::List(_));
    let table = if is_list {
        table.unnest_columns_with_options(&["k"], UnnestOptions::new().with_preserve_nulls(false))?
    } else {
        table
    };
    Ok(table.filter(ident("k").is_not_null())?)
}

/// Keys, or lists of keys, without those in `purged`.
fn without(keys: &ArrayRef, purged: &HashSet<u64>) -> ArrayRef {
    let Some(lists) = keys.as_list_opt::<i32>() else {
        let kept = keys.as_primitive::<UInt64Type>().iter().map(|key| key.filter(|key| !purged.contains(key)));
        return Arc::new(kept.collect::<UInt64Array>());
    };
    let mut kept = ListBuilder::new(UInt64Builder::new());
    for list in lists.iter() {
        let mut any = false;
        for key in list.iter().flat_map(|list| list.as_primitive::<UInt64Type>().values().to_vec()) {
            if !purged.contains(&key) {
                kept.values().append_value(key);
                any = true;
            }
        }
        kept.append(any);
    }
    Arc::new(kept.finish())
}
