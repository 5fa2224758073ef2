//! Runs the blocking joins and hands their pairs, batch by batch, to visitors on the engine's threads.
//!
//! Pairs are never collected: a visitor sees a batch and lets it go. Which thread sees which pairs is up to chance, so
//! what visitors make must not depend on it.

use datafusion::{
    arrow::{array::AsArray, datatypes::UInt32Type},
    execution::SendableRecordBatchStream,
};
use futures::StreamExt;
use tokio::{sync::mpsc, task::JoinSet};

use super::blocking::Blocking;
use crate::{
    Failure,
    context::{Checkpoint, StepContext},
};

/// Pairs between two looks at the cancel token: a few milliseconds even when values are long.
const PAIRS_BETWEEN_CHECKS: usize = 512;

/// Sees pairs of records.
pub(super) trait Visitor: Send + 'static {
    fn pair(&mut self, left: u32, right: u32);

    /// After each batch.
    fn batch_done(&mut self) -> Result<(), Failure>;
}

/// Gives the candidate pairs of key `number` to the visitors that `visitor` makes, each pair to one of them; returns the
/// visitors and the number of pairs. Of `every` blocks one is visited, always the same. `seen` is told the pairs as they
/// are done.
pub(super) async fn visit<V: Visitor>(
    blocking: &Blocking<'_>,
    number: usize,
    every: u64,
    context: &StepContext<'_>,
    visitor: impl Fn() -> V,
    mut seen: impl FnMut(u64),
) -> Result<(Vec<V>, u64), Failure> {
    let (mut visitors, mut pairs) = (Vec::new(), 0);
    let slices = blocking.slices(number, context);
    for slice in 0..slices {
        let plan = blocking.pairs(number, slice, slices * every, context).await?;
        let streams = context.unless_cancelled(plan.execute_stream_partitioned()).await??;
        let (done, mut news) = mpsc::unbounded_channel();
        let mut tasks = JoinSet::new();
        for stream in streams {
            tasks.spawn(visit_stream(stream, visitor(), context.checkpoints(), done.clone()));
        }
        drop(done);
        while let Some(count) = context.unless_cancelled(news.recv()).await? {
            pairs += count;
            seen(count);
        }
        while let Some(ended) = context.unless_cancelled(tasks.join_next()).await? {
            let visited = ended.map_err(|error| Failure::Internal(format!("scoring pairs stopped: {error}")))?;
            visitors.push(visited?);
        }
    }
    Ok((visitors, pairs))
}

async fn visit_stream<V: Visitor>(
    mut stream: SendableRecordBatchStream,
    mut visitor: V,
    checkpoint: Checkpoint,
    done: mpsc::UnboundedSender<u64>,
) -> Result<V, Failure> {
    while let Some(batch) = stream.next().await {
        let batch = batch?;
        let (left, right) =
            (batch.column(0).as_primitive::<UInt32Type>(), batch.column(1).as_primitive::<UInt32Type>());
        for (lefts, rights) in
            left.values().chunks(PAIRS_BETWEEN_CHECKS).zip(right.values().chunks(PAIRS_BETWEEN_CHECKS))
        {
            checkpoint.check()?;
            lefts.iter().zip(rights).for_each(|(&left, &right)| visitor.pair(left, right));
        }
        visitor.batch_done()?;
        // Nobody listens any more when the step has been cancelled.
        let _ = done.send(batch.num_rows() as u64);
        // The scheduler of the engine's threads is shared with other executions.
        tokio::task::yield_now().await;
    }
    Ok(visitor)
}
