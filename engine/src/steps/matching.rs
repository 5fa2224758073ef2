//! Match: which records describe the same thing.
//!
//! ```text
//! keys ─▶ blocks ─▶ score ─▶ pairs at or above the threshold ─▶ groups
//! ```
//!
//! Candidate pairs are those within blocks and go through one fused scoring function; only pairs that match are kept.
//! **Architecture invariant:** the same records and configuration give the same bytes, whatever the number of threads.

mod blocking;
pub(crate) mod columns;
mod criteria;
mod definitions;
mod echo;
mod estimate;
mod expectation;
pub(crate) mod explain;
mod features;
mod files;
mod fitting;
pub(crate) mod functions;
mod group_ids;
pub(crate) mod grouping;
pub(crate) mod kept;
mod linkage;
mod model;
mod pairs;
mod rarity;
mod record_ids;
mod relatives;
mod scoring;
mod source_pairs;
mod training;
pub(crate) mod transforms;
pub(crate) mod weak_links;

use std::{sync::Arc, thread};

use ::model::{
    Step, Timestamp,
    config::{MatchConfig, matching::Grouping},
    results::{MatchSummary, Summary},
};

use crate::{
    Failure, StepCounts,
    context::StepContext,
    steps::{StepOutcome, grouped},
};
use blocking::{Blocking, Candidates};
use columns::{RECORDS_FILE, Sources};
use definitions::Definitions;
pub use estimate::estimate_blocking;
pub use explain::{explain_pair, models};
use features::Features;
use grouping::Groups;
use kept::{Found, Kept, Order};
use linkage::AverageLinkage;
use pairs::Visitor;
use scoring::{Likenesses, Scorer};
use source_pairs::SourcePairs;

pub struct Options<'a> {
    pub config: &'a MatchConfig,
}

/// What is held of each record besides the compared columns and the groups: its source (1), and its value and source while
/// chance agreement is counted (8).
const RECORD_BYTES: usize = 9;
/// What is held of each grouped record besides its id: the member (12), its number (4), and its part of the maps by group (a
/// group has two records or more).
const MEMBER_BYTES: usize = 64;

/// Writes `pairs.parquet`, `groups.parquet`, `group-list.parquet`, `weak-links.parquet`, and what explains a pair.
pub async fn run(options: Options<'_>, context: &StepContext<'_>) -> Result<StepOutcome, Failure> {
    let config = options.config;
    context.advanced(Some(0.0), 0, "Initializing");
    let version = context.published(Step::Cleanse)?;
    let records = context.table(&context.session(), &version, RECORDS_FILE).await?;
    let names: Vec<&str> = records.schema().fields().iter().map(|field| field.name().as_str()).collect();
    let definitions = Definitions::new(config, &names)?;
    let sources = Arc::new(columns::sources(&version, context).await?);
    let memory = context.engine().reserve("match: sources and groups of the records");
    // Also for the groups: a run that could not make them need not score anything.
    memory.try_resize(sources.of_record.len() * (RECORD_BYTES + Groups::record_bytes(config.grouping)))?;

    // What has too many pairs is refused before anything is prepared for comparing.
    context.advanced(Some(0.02), 0, "Initializing: the pairs of each blocking key");
    let mut blocking = Blocking::prepare(config, &sources, &records, context).await?;
    blocking.refuse_too_many()?;
    let account = context.engine().reserve("match: the compared columns");
    let features = columns::features(&definitions, sources.of_record.len(), &version, &account, context).await?;

    context.advanced(Some(0.1), 0, "Blocking");
    let candidates = blocking.candidates()?;
    let (kept, scorer, pairs_of_keys) =
        score(definitions, Arc::clone(&features), &sources, config, blocking.source_pairs(), &candidates, context)
            .await?;
    let counts: Vec<_> =
        pairs_of_keys.iter().enumerate().map(|(number, &pairs)| blocking.count(number, pairs)).collect();
    drop((candidates, blocking));

    context.advanced(Some(0.95), 0, "Grouping");
    let (mut groups, order) = match config.grouping {
        Grouping::Transitive => (Groups::transitive(sources.of_record.len()), Order::Records),
        Grouping::Direct => (Groups::direct(sources.of_record.len()), Order::Records),
        Grouping::OnePerSource => (Groups::one_per_source(&sources.of_record), Order::Evidence),
        Grouping::AverageLinkage => {
            let records = sources.of_record.len();
            (Groups::average_linkage(records, AverageLinkage::new(records, scorer, features)), Order::Evidence)
        }
    };
    let pairs = kept.finish(&mut groups, order, context).await?;
    let mut members = groups.members();
    memory.try_resize(sources.of_record.len() + members.len() * MEMBER_BYTES)?;
    context.advanced(Some(0.98), 0, "Finalizing");
    let ids = record_ids::of_members(&members, &version, context).await?;
    let (members, weak_links) = tokio::task::block_in_place(|| {
        group_ids::keep(&mut members, &ids, context)?;
        let weak_links = thread::scope(|scope| {
            let weak_links = scope.spawn(|| weak_links::write(&members, context));
            grouping::write(&members, &ids, context)?;
            grouping::write_list(&members, context)?;
            weak_links.join().map_err(|_| Failure::Internal("looking for weak links panicked".to_owned()))?
        })?;
        Ok::<_, Failure>((members, weak_links))
    })?;
    let groups = grouping::sizes(&members);
    let summary = MatchSummary {
        records: sources.of_record.len() as u64,
        candidate_pairs: pairs_of_keys.iter().sum(),
        matching_pairs: pairs.pairs,
        groups: groups.len() as u64,
        grouped_records: members.len() as u64,
        largest_group: groups.values().copied().max().map_or(0, u64::from),
        blocking: counts,
        scores: pairs.scores,
        bands: pairs.bands,
        weak_links,
        sources: sources.matched(&members),
    };
    Ok(outcome(summary))
}

fn outcome(summary: MatchSummary) -> StepOutcome {
    let sentence = format!(
        "{} pairs compared, {} matched: {} of {} records are in {} groups",
        grouped(summary.candidate_pairs),
        grouped(summary.matching_pairs),
        grouped(summary.grouped_records),
        grouped(summary.records),
        grouped(summary.groups),
    );
    let counts = StepCounts { rows_in: summary.records, rows_out: summary.grouped_records };
    StepOutcome { counts, summary: Summary::Match(summary), sentence }
}

/// Trains what has to be learned and scores the pairs of every key; gives how many those are.
async fn score(
    definitions: Definitions,
    features: Arc<Features>,
    sources: &Arc<Sources>,
    config: &MatchConfig,
    source_pairs: &SourcePairs,
    candidates: &Arc<Candidates>,
    context: &StepContext<'_>,
) -> Result<(Kept, Arc<Scorer>, Vec<u64>), Failure> {
    let estimated = candidates.pairs_at_most();
    let tell = |stage: &str, (start, done): (Timestamp, u64), (from, to): (f64, f64)| {
        let share = (done as f64 / estimated.max(1) as f64).min(1.0);
        let stage = format!("{stage} {} of at most {} pairs", grouped(done), grouped(estimated));
        context.advanced_since(start, Some(from + (to - from) * share), done, &stage);
    };
    // Pairs that weights are learned from are scored once more.
    let (start, mut learned) = (context.now(), 0);
    let learning = |pairs| {
        learned += pairs;
        tell("Scoring, learning weights:", (start, learned), (0.1, 0.2));
    };
    let models =
        fitting::fit(&definitions.probabilistic, &features, sources, source_pairs, candidates, context, learning)
            .await?;
    explain::publish(config, &models, context)?;
    let scorer = Arc::new(Scorer { weighted: definitions.weighted, models });
    let kept = Kept::create(context)?;
    let (start, mut scored) = (context.now(), 0);
    let mut scoring = |pairs| {
        scored += pairs;
        tell("Scoring", (start, scored), (0.2, 0.95));
    };
    let mut counts = Vec::new();
    for number in 0..candidates.keys() {
        let keeper = || Keeper {
            scorer: Arc::clone(&scorer),
            likenesses: Likenesses::new(Arc::clone(&features)),
            found: Found::default(),
            scores: Vec::new(),
            kept: kept.clone(),
        };
        let (_, pairs) = pairs::visit(candidates, number, 1, context, keeper, &mut scoring).await?;
        counts.push(pairs);
    }
    Ok((kept, scorer, counts))
}

/// Scores pairs and keeps those that match.
struct Keeper {
    scorer: Arc<Scorer>,
    likenesses: Likenesses,
    found: Found,
    /// Of one pair, under each definition.
    scores: Vec<f32>,
    kept: Kept,
}

impl Visitor for Keeper {
    fn pair(&mut self, left: u32, right: u32) {
        if let Some(found) = self.scorer.score(left, right, &mut self.likenesses) {
            if self.scorer.definitions() == 1 {
                self.found.push(left, right, found, &[found.score]);
            } else {
                self.scorer.scores(&mut self.likenesses, &mut self.scores);
                self.found.push(left, right, found, &self.scores);
            }
        }
    }

    fn portion_done(&mut self) -> Result<(), Failure> {
        self.kept.add(&mut self.found)
    }
}
