//! Pairs that matched: gathered in any order from all threads, then sorted into `pairs.parquet`.

use std::sync::{Arc, Mutex, PoisonError};

use datafusion::{
    arrow::{
        array::{ArrayRef, AsArray, Float32Array, Float32Builder, ListBuilder, RecordBatch, UInt16Array, UInt32Array},
        datatypes::{DataType, Field, Float32Type, Schema, SchemaRef, UInt32Type},
    },
    prelude::ident,
};
use futures::StreamExt;
use model::results::Band;

use super::{
    files::{self, BatchWriter},
    grouping::Groups,
    scoring::Match,
};
use crate::{Failure, context::StepContext, table};

/// Pairs that join groups between two looks at the cancel token.
const PAIRS_BETWEEN_CHECKS: usize = 256;

const UNSORTED_FILE: &str = "pairs-unsorted.parquet";
pub(crate) const PAIRS_FILE: &str = "pairs.parquet";

/// Takes matching pairs from several threads and writes them to a file as they come.
#[derive(Clone)]
pub(super) struct Kept(Arc<Mutex<Option<BatchWriter>>>);

/// Matching pairs of one thread, until the batch is done.
#[derive(Debug, Default)]
pub(super) struct Found {
    left: Vec<u32>,
    right: Vec<u32>,
    score: Vec<f32>,
    definition: Vec<u16>,
    evidence: Vec<f32>,
    scores: ListBuilder<Float32Builder>,
}

impl Found {
    /// `scores` are those under each definition.
    pub(super) fn push(&mut self, left: u32, right: u32, found: Match, scores: &[f32]) {
        self.left.push(left);
        self.right.push(right);
        self.score.push(found.score);
        self.definition.push(found.definition);
        self.evidence.push(found.evidence);
        self.scores.values().append_slice(scores);
        self.scores.append(true);
    }

    fn take(&mut self) -> Result<RecordBatch, Failure> {
        let mut found = std::mem::take(self);
        let columns: Vec<ArrayRef> = vec![
            Arc::new(UInt32Array::from(found.left)),
            Arc::new(UInt32Array::from(found.right)),
            Arc::new(Float32Array::from(found.score)),
            Arc::new(UInt16Array::from(found.definition)),
            Arc::new(Float32Array::from(found.evidence)),
            Arc::new(found.scores.finish()),
        ];
        Ok(RecordBatch::try_new(unsorted_schema(), columns)?)
    }
}

fn unsorted_schema() -> SchemaRef {
    Arc::new(Schema::new(vec![
        Field::new("left", DataType::UInt32, false),
        Field::new("right", DataType::UInt32, false),
        Field::new("score", DataType::Float32, false),
        Field::new("definition", DataType::UInt16, false),
        Field::new("evidence", DataType::Float32, false),
        Field::new("scores", DataType::new_list(DataType::Float32, true), false),
    ]))
}

/// What the pairs came to.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct KeptCounts {
    pub(super) pairs: u64,
    /// By score: 0–10 … 90–100.
    pub(super) scores: Vec<u64>,
    /// By [`Band`], the highest first.
    pub(super) bands: Vec<u64>,
}

/// In which order pairs join groups.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Order {
    /// As they are written: by (left, right).
    Records,
    /// The surest first.
    Evidence,
}

impl Kept {
    pub(super) fn create(context: &StepContext<'_>) -> Result<Self, Failure> {
        let writer = BatchWriter::scratch(UNSORTED_FILE, unsorted_schema(), context)?;
        Ok(Self(Arc::new(Mutex::new(Some(writer)))))
    }

    /// Empties `found` into the file.
    pub(super) fn add(&self, found: &mut Found) -> Result<(), Failure> {
        if found.left.is_empty() {
            return Ok(());
        }
        let batch = found.take()?;
        let mut writer = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match writer.as_mut() {
            Some(writer) => writer.write(&batch),
            None => Err(Failure::Internal("a pair matched after scoring had ended".to_owned())),
        }
    }

    /// Sorts the pairs into `pairs.parquet` and gives each to `groups` in the order that it needs.
    pub(super) async fn finish(
        self,
        groups: &mut Groups,
        order: Order,
        context: &StepContext<'_>,
    ) -> Result<KeptCounts, Failure> {
        let writer = self.0.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(writer) = writer {
            writer.finish()?;
        }
        let counts = match order {
            Order::Records => write_sorted(Some(groups), context).await?,
            Order::Evidence => {
                let (counts, ()) = tokio::try_join!(write_sorted(None, context), group_surest_first(groups, context))?;
                counts
            }
        };
        files::remove(UNSORTED_FILE, context)?;
        Ok(counts)
    }
}

/// Writes the pairs by (left, right), and gives them to `groups` if they are to be grouped in that order.
async fn write_sorted(mut groups: Option<&mut Groups>, context: &StepContext<'_>) -> Result<KeptCounts, Failure> {
    let columns = ["left", "right", "score", "definition", "scores"];
    let sorted = files::table(UNSORTED_FILE, context)
        .await?
        .select(columns.map(ident).to_vec())?
        .sort(vec![ident("left").sort(true, true), ident("right").sort(true, true)])?;
    let mut stream = table::ahead(context.unless_cancelled(sorted.execute_stream()).await??);
    let mut writer = BatchWriter::create(PAIRS_FILE, stream.schema(), context)?;
    let mut counts = KeptCounts { pairs: 0, scores: vec![0; 10], bands: vec![0; Band::ALL.len()] };
    while let Some(batch) = context.unless_cancelled(stream.next()).await? {
        let batch = batch?;
        for (left, right, score) in pairs(&batch) {
            counts.pairs += 1;
            counts.scores[((score / 10.0) as usize).min(9)] += 1;
            counts.bands[Band::of(f64::from(score)) as usize] += 1;
            if let Some(groups) = &mut groups {
                groups.add(left, right, score);
            }
        }
        writer.write(&batch)?;
    }
    writer.finish()?;
    Ok(counts)
}

async fn group_surest_first(groups: &mut Groups, context: &StepContext<'_>) -> Result<(), Failure> {
    let by = |column: &str, rising: bool| ident(column).sort(rising, false);
    let columns = ["left", "right", "score", "evidence"];
    let sorted = files::table(UNSORTED_FILE, context).await?.select(columns.map(ident).to_vec())?.sort(vec![
        by("evidence", false),
        by("left", true),
        by("right", true),
    ])?;
    let mut stream = table::ahead(context.unless_cancelled(sorted.execute_stream()).await??);
    while let Some(batch) = context.unless_cancelled(stream.next()).await? {
        let batch = batch?;
        // Each may ask for dozens of comparisons.
        tokio::task::block_in_place(|| {
            for (place, (left, right, score)) in pairs(&batch).enumerate() {
                if place.is_multiple_of(PAIRS_BETWEEN_CHECKS) {
                    context.checkpoint()?;
                }
                groups.add(left, right, score);
            }
            Ok::<_, Failure>(())
        })?;
    }
    Ok(())
}

/// The first three columns.
fn pairs(batch: &RecordBatch) -> impl Iterator<Item = (u32, u32, f32)> {
    let numbers = |column: usize| batch.column(column).as_primitive::<UInt32Type>().values().iter().copied();
    let scores = batch.column(2).as_primitive::<Float32Type>().values().iter().copied();
    numbers(0).zip(numbers(1)).zip(scores).map(|((left, right), score)| (left, right, score))
}
