//! Hands the pairs of the blocks to visitors on the engine's threads.
//!
//! Pairs are never collected: a visitor sees some and lets them go. Which thread sees which pairs is up to chance, so
//! what visitors make must not depend on it.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use tokio::{sync::mpsc, task::JoinSet};

use super::blocking::{Candidates, Portion};
use crate::{
    Failure,
    context::{Checkpoint, StepContext},
};

/// Sees pairs of records.
pub(super) trait Visitor: Send + 'static {
    fn pair(&mut self, left: u32, right: u32);

    /// Between portions.
    fn portion_done(&mut self) -> Result<(), Failure>;
}

/// The pairs of one key, and who takes which.
struct Work {
    candidates: Arc<Candidates>,
    number: usize,
    portions: Vec<Portion>,
    next: AtomicUsize,
}

/// Gives the candidate pairs of key `number` to the visitors that `visitor` makes, each pair to one of them; returns the
/// visitors and the number of pairs. Of `every` blocks one is visited, always the same. `seen` is told the pairs as they
/// are done.
pub(super) async fn visit<V: Visitor>(
    candidates: &Arc<Candidates>,
    number: usize,
    every: u64,
    context: &StepContext<'_>,
    visitor: impl Fn() -> V,
    mut seen: impl FnMut(u64),
) -> Result<(Vec<V>, u64), Failure> {
    let portions = candidates.portions(number, every);
    let threads = context.engine().config().threads.clamp(1, portions.len().max(1));
    let work = Arc::new(Work { candidates: Arc::clone(candidates), number, portions, next: AtomicUsize::new(0) });
    let (done, mut news) = mpsc::unbounded_channel();
    let mut tasks = JoinSet::new();
    for _ in 0..threads {
        tasks.spawn(take_portions(Arc::clone(&work), visitor(), context.checkpoints(), done.clone()));
    }
    drop(done);
    let (mut visitors, mut pairs) = (Vec::new(), 0);
    while let Some(count) = context.unless_cancelled(news.recv()).await? {
        pairs += count;
        seen(count);
    }
    while let Some(ended) = context.unless_cancelled(tasks.join_next()).await? {
        visitors.push(ended.map_err(|error| Failure::Internal(format!("scoring pairs stopped: {error}")))??);
    }
    Ok((visitors, pairs))
}

async fn take_portions<V: Visitor>(
    work: Arc<Work>,
    mut visitor: V,
    checkpoint: Checkpoint,
    done: mpsc::UnboundedSender<u64>,
) -> Result<V, Failure> {
    while let Some(portion) = work.portions.get(work.next.fetch_add(1, Ordering::Relaxed)) {
        let mut pairs = 0;
        let each = work.candidates.each(work.number, portion, &checkpoint, |left, right| {
            visitor.pair(left, right);
            pairs += 1;
        });
        if let Err(failure) = each.and_then(|()| visitor.portion_done()) {
            // The others need not go on.
            work.next.store(work.portions.len(), Ordering::Relaxed);
            return Err(failure);
        }
        // Nobody listens any more when the step has been cancelled.
        let _ = done.send(pairs);
        // The scheduler of the engine's threads is shared with other executions.
        tokio::task::yield_now().await;
    }
    Ok(visitor)
}
