//! Gathers what a probabilistic definition is trained on: comparison patterns of candidate pairs and of random pairs.
//!
//! Both are samples that depend only on the records: candidates are chosen by a hash of their block, random pairs by a
//! fixed sequence. So the same input gives the same model.

use std::sync::Arc;

use futures::future::try_join_all;

use super::{
    blocking::Candidates,
    columns::Sources,
    definitions::{Planned, Probabilistic},
    features::Features,
    model::Model,
    pairs::{self, Visitor},
    scoring::Likenesses,
    source_pairs::{Chance, SourcePairs},
    training::{self, Observed, Patterns, Untrained, pattern},
    transforms::mix,
};
use crate::{
    Failure,
    context::{Checkpoint, StepContext},
};

/// Candidate pairs to learn from; of more, a share is taken.
const CANDIDATES_MAX: u64 = 600_000;
/// Random pairs to learn chance agreement from.
const RANDOM_PAIRS: usize = 400_000;
/// Draws for each random pair: most are in vain where few source pairs are compared.
const DRAWS_PER_PAIR: usize = 20;
const PAIRS_BETWEEN_CHECKS: usize = 512;

/// Trains all probabilistic definitions; `progress` is told the pairs that are done.
pub(super) async fn fit(
    definitions: &[Probabilistic],
    features: &Arc<Features>,
    sources: &Arc<Sources>,
    source_pairs: &SourcePairs,
    candidates: &Arc<Candidates>,
    context: &StepContext<'_>,
    mut progress: impl FnMut(u64),
) -> Result<Vec<Model>, Failure> {
    if definitions.is_empty() {
        return Ok(Vec::new());
    }
    let planned: Vec<Vec<Planned>> = definitions.iter().map(|definition| definition.comparisons.clone()).collect();
    let planned = Arc::new(planned);
    let draw = || random_pairs(sources, source_pairs, &context.checkpoints());
    let drawn = Arc::new(tokio::task::block_in_place(draw)?);
    let threads = context.engine().config().threads.max(1);
    // They are compared beside the candidates.
    let (checkpoint, _stop_comparing) = context.checkpoints().guarded();
    let random = (0..threads).map(|thread| {
        let (drawn, mut counter) = (Arc::clone(&drawn), Counter::new(&planned, features));
        let checkpoint = checkpoint.clone();
        context.engine().spawn_blocking(move || {
            for (number, &(left, right)) in drawn.iter().skip(thread).step_by(threads).enumerate() {
                if number % PAIRS_BETWEEN_CHECKS == 0 {
                    checkpoint.check()?;
                }
                counter.pair(left, right);
            }
            Ok::<_, Failure>(counter)
        })
    });
    let random: Vec<_> = random.collect();
    let every = candidates.pairs_at_most().div_ceil(CANDIDATES_MAX).max(1);
    let mut counted = Counter::new(&planned, features);
    for number in 0..candidates.keys() {
        let counter = || Counter::new(&planned, features);
        let (counters, _) = pairs::visit(candidates, number, every, context, counter, &mut progress).await?;
        counters.iter().for_each(|counter| counted.merge(counter));
    }
    let mut chance = Counter::new(&planned, features);
    let random = context.unless_cancelled(try_join_all(random)).await?;
    for counter in random.map_err(|error| Failure::Internal(format!("comparing random pairs: {error}")))? {
        chance.merge(&counter?);
    }
    let observed = counted.patterns.into_iter().zip(chance.patterns);
    let models = definitions.iter().zip(observed).map(|(definition, (candidates, random))| {
        let pairs = source_pairs.pairs();
        let observed = Observed { candidates, candidate_scale: every as f64, random, pairs };
        let checkpoint = context.checkpoints();
        let train = || train(definition, &observed, features, sources, source_pairs, &checkpoint);
        let model = tokio::task::block_in_place(train)?;
        context.info(format!("{}: {}", definition.name, model.in_words(&definition.columns())));
        Ok(model)
    });
    models.collect()
}

fn train(
    definition: &Probabilistic,
    observed: &Observed,
    features: &Features,
    sources: &Sources,
    source_pairs: &SourcePairs,
    checkpoint: &Checkpoint,
) -> Result<Model, Failure> {
    let untrained = |planned: &Planned| {
        let (values, _) = features.values(planned.feature);
        (source_pairs.chance(features, planned.feature, sources), values.counts())
    };
    let known: Vec<(Chance, &[u32])> = definition.comparisons.iter().map(untrained).collect();
    let untrained: Vec<Untrained<'_>> = definition
        .comparisons
        .iter()
        .zip(known)
        .map(|(planned, (chance, counts))| Untrained {
            feature: planned.feature,
            levels: planned.levels.clone(),
            chance,
            value_counts: planned.term_frequencies.then_some(counts),
        })
        .collect();
    training::train(definition.threshold, &untrained, observed, checkpoint)
}

/// Counts patterns of pairs, one count for each definition.
struct Counter {
    planned: Arc<Vec<Vec<Planned>>>,
    likenesses: Likenesses,
    patterns: Vec<Patterns>,
}

impl Counter {
    fn new(planned: &Arc<Vec<Vec<Planned>>>, features: &Arc<Features>) -> Self {
        Self {
            planned: Arc::clone(planned),
            likenesses: Likenesses::new(Arc::clone(features)),
            patterns: vec![Patterns::default(); planned.len()],
        }
    }

    fn merge(&mut self, other: &Self) {
        self.patterns.iter_mut().zip(&other.patterns).for_each(|(patterns, other)| patterns.merge(other));
    }
}

impl Visitor for Counter {
    fn pair(&mut self, left: u32, right: u32) {
        self.likenesses.start(left, right);
        for (planned, patterns) in self.planned.iter().zip(&mut self.patterns) {
            let likenesses = &mut self.likenesses;
            let level = |planned: &Planned| planned.levels.of(likenesses.of(planned.feature));
            patterns.add(pattern(planned.iter().map(level)), 1);
        }
    }

    fn portion_done(&mut self) -> Result<(), Failure> {
        Ok(())
    }
}

/// Draws pairs of records that may be compared, always the same ones.
fn random_pairs(
    sources: &Sources,
    source_pairs: &SourcePairs,
    checkpoint: &Checkpoint,
) -> Result<Vec<(u32, u32)>, Failure> {
    let records = sources.of_record.len() as u64;
    let mut drawn = Vec::with_capacity(RANDOM_PAIRS);
    for draw in 0..(RANDOM_PAIRS * DRAWS_PER_PAIR) as u64 {
        if draw % PAIRS_BETWEEN_CHECKS as u64 == 0 {
            checkpoint.check()?;
        }
        let (left, right) = ((mix(2 * draw + 1) % records) as u32, (mix(2 * draw + 2) % records) as u32);
        let source = |record: u32| sources.of_record[record as usize];
        if left != right && source_pairs.allow(source(left), source(right)) {
            drawn.push((left.min(right), left.max(right)));
            if drawn.len() == RANDOM_PAIRS {
                break;
            }
        }
    }
    Ok(drawn)
}
