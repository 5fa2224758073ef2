//! Profile: what each column of each source holds, in one pass over the imported records.
//!
//! It publishes figures only. `suggest` proposes settings from them alone.

mod column;
mod containment;
mod drift;
pub(crate) mod formats;
mod glance;
mod lengths;
mod makeup;
mod numbers;
mod sketch;
mod values;

use std::{
    cmp::Reverse,
    path::Path,
    sync::atomic::{AtomicU64, AtomicUsize, Ordering},
    thread,
};

use datafusion::arrow::array::{Array, StringArray};
use model::{
    Step,
    config::ProfileConfig,
    results::{
        ColumnProfile, Grade, ImportSummary, ImportedSource, ProfileSummary, QualityPart, SourceProfile, Summary,
    },
};

use crate::{
    Failure, StepContext, StepCounts, column_names, read,
    steps::{StepOutcome, grouped},
    table,
};

use self::{
    column::{ColumnGatherer, GatheredColumn},
    formats::Formats,
};

/// Memory for counting values: this part of the engine's, shared by all columns.
const MEMORY_PART: usize = 4;
/// Bounds for one column of one source.
const COLUMN_BYTES_MIN: usize = 64 * 1024;
const COLUMN_BYTES_MAX: usize = 16 * 1024 * 1024;
/// What a source's quality is made of.
const WEIGHTS: [(&str, f64); 3] = [("completeness", 0.4), ("validity", 0.4), ("uniqueness", 0.2)];

pub struct Options<'a> {
    pub config: &'a ProfileConfig,
}

pub async fn run(options: Options<'_>, context: &StepContext<'_>) -> Result<StepOutcome, Failure> {
    tokio::task::block_in_place(|| profile(options.config, context))
}

fn profile(config: &ProfileConfig, context: &StepContext<'_>) -> Result<StepOutcome, Failure> {
    let formats = Formats::new(config)
        .map_err(|(field, problem)| Failure::Input(format!("the setting profile.{field} {problem}")))?;
    let version = context.published(Step::Import)?;
    let Summary::Import(import) = version.result()?.summary else {
        return Err(Failure::Internal("the result of Import has another step's summary".to_owned()));
    };
    let pairs: usize = import.sources.iter().map(|source| source.columns.len()).sum();
    let memory = context.engine().config().memory_bytes / MEMORY_PART;
    let column_bytes = (memory / pairs.max(1)).clamp(COLUMN_BYTES_MIN, COLUMN_BYTES_MAX);
    let account = context.engine().reserve("profile");
    account.try_grow(column_bytes * pairs)?;

    let columns = columns(&import);
    let work = Work { path: &version.file("records.parquet"), import: &import, column_bytes, formats: &formats };
    let gathered = gather(context, &work, &columns)?;
    let mut summary = summarize(&import, &columns, gathered);
    let contained = containment::of_sources(work.path, &import, context)?;
    summary.sources.iter_mut().zip(contained).for_each(|(source, contained)| source.contained = contained);
    drift::compare(&mut summary, config, context)?;
    let sentence = sentence(&summary, columns.len());
    let counts = StepCounts { rows_in: import.rows, rows_out: import.rows };
    Ok(StepOutcome { counts, summary: Summary::Profile(summary), sentence })
}

/// The columns of all sources, each once.
fn columns(import: &ImportSummary) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    for name in import.sources.iter().flat_map(|source| &source.columns) {
        if !names.contains(name) {
            names.push(name.clone());
        }
    }
    names
}

/// What every thread works with.
struct Work<'a> {
    path: &'a Path,
    import: &'a ImportSummary,
    column_bytes: usize,
    formats: &'a Formats,
}

/// For each column, for each source that has it: what was gathered. Threads take one column after the other, each reading
/// only its own.
fn gather(
    context: &StepContext<'_>,
    work: &Work<'_>,
    columns: &[String],
) -> Result<Vec<Vec<Option<GatheredColumn>>>, Failure> {
    let threads = context.engine().config().threads.clamp(1, columns.len().max(1));
    let cells_done = AtomicU64::new(0);
    let cells = work.import.rows * columns.len() as u64;
    let progress = |batch_cells: u64| {
        let done = cells_done.fetch_add(batch_cells, Ordering::Relaxed) + batch_cells;
        let fraction = if cells == 0 { 1.0 } else { done as f64 / cells as f64 };
        context.advanced(Some(fraction), done / columns.len().max(1) as u64, "looking at values");
        context.checkpoint()
    };
    // What takes long must not be begun last.
    let bytes = table::column_bytes(work.path)?;
    let mut order: Vec<usize> = (0..columns.len()).collect();
    order.sort_by_key(|place| Reverse(bytes.get(&columns[*place]).copied()));
    let next = AtomicUsize::new(0);
    let take_columns = || {
        let formats = work.formats.clone();
        let mut gathered = Vec::new();
        while let Some(&place) = order.get(next.fetch_add(1, Ordering::Relaxed)) {
            gathered.push((place, gather_column(work, &columns[place], &formats, &progress)?));
        }
        Ok::<_, Failure>(gathered)
    };
    thread::scope(|scope| {
        let workers: Vec<_> = (0..threads).map(|_| scope.spawn(take_columns)).collect();
        let mut all: Vec<Vec<Option<GatheredColumn>>> = columns.iter().map(|_| Vec::new()).collect();
        for worker in workers {
            let gathered = worker.join().map_err(|_| Failure::Internal("a profiling thread panicked".to_owned()))?;
            for (place, column) in gathered? {
                all[place] = column;
            }
        }
        Ok::<_, Failure>(all)
    })
}

fn gather_column(
    work: &Work<'_>,
    name: &String,
    formats: &Formats,
    progress: &(dyn Fn(u64) -> Result<(), Failure> + Sync),
) -> Result<Vec<Option<GatheredColumn>>, Failure> {
    let sources = &work.import.sources;
    let gatherer = |source: &ImportedSource| {
        let has_it = source.columns.contains(name);
        has_it.then(|| ColumnGatherer::new(&source.name, name, work.column_bytes, formats))
    };
    let mut gatherers: Vec<Option<ColumnGatherer>> = sources.iter().map(gatherer).collect();
    // The records of one source come after those of the other.
    let (mut source, mut left) = (0, sources.first().map_or(0, |source| source.rows));
    for batch in table::scan(work.path, Some(&[name]))? {
        let batch = batch?;
        let values = read::column::<StringArray>(&batch, name)?;
        for row in 0..batch.num_rows() {
            while left == 0 {
                source += 1;
                left = sources.get(source).map(|source| source.rows).ok_or_else(more_records)?;
            }
            left -= 1;
            if let Some(gatherer) = gatherers[source].as_mut().filter(|_| values.is_valid(row)) {
                gatherer.add(values.value(row), formats);
            }
        }
        progress(batch.num_rows() as u64)?;
    }
    let finished = gatherers
        .into_iter()
        .zip(sources)
        .map(|(gatherer, source)| gatherer.map(|gatherer| gatherer.finish(name.clone(), source.rows, formats)));
    Ok(finished.collect())
}

fn more_records() -> Failure {
    Failure::Internal("there are more records than Import counted".to_owned())
}

fn summarize(
    import: &ImportSummary,
    columns: &[String],
    mut gathered: Vec<Vec<Option<GatheredColumn>>>,
) -> ProfileSummary {
    let keys: Vec<String> = columns.iter().map(|name| column_names::key(name)).collect();
    for place in 0..columns.len() {
        for source in 0..import.sources.len() {
            let Some(mine) = &gathered[place][source] else { continue };
            // Another source may spell the name differently.
            let same = keys.iter().zip(&gathered).filter(|(key, _)| **key == keys[place]).map(|(_, column)| column);
            let sketches = same.flat_map(|of_sources| of_sources.iter().enumerate());
            let others = sketches.filter(|(other, _)| *other != source);
            let others: Vec<_> = others.filter_map(|(_, other)| other.as_ref().map(|other| &other.distinct)).collect();
            let shared = mine.distinct.shared(&others);
            if let Some(mine) = &mut gathered[place][source] {
                mine.profile.shared = shared;
            }
        }
    }
    let sources = import.sources.iter().enumerate().map(|(index, source)| {
        let profiles: Vec<ColumnProfile> = source
            .columns
            .iter()
            .filter_map(|name| {
                let place = columns.iter().position(|known| known == name)?;
                gathered[place][index].as_ref().map(|column| column.profile.clone())
            })
            .collect();
        let parts = quality_parts(&profiles);
        let quality = parts.iter().map(|part| part.score * part.weight).sum();
        let grade = Some(Grade::of(quality));
        let (name, rows) = (source.name.clone(), source.rows);
        SourceProfile { name, rows, quality, grade, quality_parts: parts, columns: profiles, contained: Vec::new() }
    });
    ProfileSummary { sources: sources.collect(), drift: None }
}

/// Means over the columns; empty columns count for completeness only.
fn quality_parts(columns: &[ColumnProfile]) -> Vec<QualityPart> {
    let mean = |figures: Vec<f64>| match figures.len() {
        0 => 0.0,
        count => 100.0 * figures.iter().sum::<f64>() / count as f64,
    };
    let filled = || columns.iter().filter(|column| column.filled > 0);
    let scores = [
        mean(columns.iter().map(|column| column.completeness).collect()),
        mean(filled().map(|column| column.validity).collect()),
        mean(filled().map(|column| column.uniqueness).collect()),
    ];
    let named = WEIGHTS.iter().zip(scores);
    named.map(|((name, weight), score)| QualityPart { name: (*name).to_owned(), score, weight: *weight }).collect()
}

fn sentence(summary: &ProfileSummary, columns: usize) -> String {
    let rows = summary.sources.iter().map(|source| source.rows).sum();
    let quality: Vec<String> =
        summary.sources.iter().map(|source| format!("“{}” {:.0}", source.name, source.quality)).collect();
    let warned = summary.drift.iter().flat_map(|drift| &drift.changes).filter(|change| change.action.is_some()).count();
    let drift = match warned {
        0 => String::new(),
        1 => "; 1 change that a rule does not allow".to_owned(),
        count => format!("; {count} changes that rules do not allow"),
    };
    format!("{columns} columns of {} records; quality {}{drift}", grouped(rows), quality.join(", "))
}
