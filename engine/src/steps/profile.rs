//! Profile: what each column of each source holds, in one pass over the imported records.
//!
//! It publishes figures only. `suggest` proposes settings from them alone.

mod column;
mod containment;
mod drift;
pub(crate) mod formats;
mod glance;
mod lengths;
mod numbers;
mod sketch;
mod values;

use std::{
    path::Path,
    sync::atomic::{AtomicU64, Ordering},
    thread,
};

use datafusion::arrow::array::{Array, RecordBatch, StringArray};
use model::{
    Step,
    config::ProfileConfig,
    results::{ColumnProfile, Grade, ImportSummary, ProfileSummary, QualityPart, SourceProfile, Summary},
};

use crate::{
    Failure, StepContext, StepCounts, column_names,
    read::{self, SOURCE},
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

/// For each column, for each source that has it: what was gathered. Threads share the columns among them, each reading
/// only its own.
fn gather(
    context: &StepContext<'_>,
    work: &Work<'_>,
    columns: &[String],
) -> Result<Vec<Vec<Option<GatheredColumn>>>, Failure> {
    let threads = context.engine().config().threads.clamp(1, columns.len());
    let cells_done = AtomicU64::new(0);
    let cells = work.import.rows * columns.len() as u64;
    let progress = |batch_cells: u64| {
        let done = cells_done.fetch_add(batch_cells, Ordering::Relaxed) + batch_cells;
        let fraction = if cells == 0 { 1.0 } else { done as f64 / cells as f64 };
        context.advanced(Some(fraction), done / columns.len().max(1) as u64, "looking at values");
        context.checkpoint()
    };
    let share = columns.len().div_ceil(threads);
    thread::scope(|scope| {
        let workers: Vec<_> =
            columns.chunks(share).map(|mine| scope.spawn(|| gather_columns(work, mine, &progress))).collect();
        let mut all = Vec::new();
        for worker in workers {
            let gathered = worker.join().map_err(|_| Failure::Internal("a profiling thread panicked".to_owned()))?;
            all.extend(gathered?);
        }
        Ok(all)
    })
}

fn gather_columns(
    work: &Work<'_>,
    columns: &[String],
    progress: &(dyn Fn(u64) -> Result<(), Failure> + Sync),
) -> Result<Vec<Vec<Option<GatheredColumn>>>, Failure> {
    let import = work.import;
    let formats = work.formats.clone();
    let mut gatherers: Vec<Vec<Option<ColumnGatherer>>> = columns
        .iter()
        .map(|name| {
            let gatherer = |source: &str| ColumnGatherer::new(source, name, work.column_bytes, &formats);
            let sources = import.sources.iter();
            sources.map(|source| source.columns.contains(name).then(|| gatherer(&source.name))).collect()
        })
        .collect();
    let wanted: Vec<&str> = std::iter::once(SOURCE).chain(columns.iter().map(String::as_str)).collect();
    for batch in table::scan(work.path, Some(&wanted))? {
        let batch = batch?;
        for (start, end, source) in segments(&batch, import)? {
            for (name, gatherers) in columns.iter().zip(&mut gatherers) {
                let Some(gatherer) = &mut gatherers[source] else { continue };
                let values = read::column::<StringArray>(&batch, name)?;
                let filled = (start..end).filter(|row| values.is_valid(*row));
                filled.for_each(|row| gatherer.add(values.value(row), &formats));
            }
        }
        progress(batch.num_rows() as u64 * columns.len() as u64)?;
    }
    let finish = |name: &String, of_sources: Vec<Option<ColumnGatherer>>| {
        let sources = of_sources.into_iter().zip(&import.sources);
        sources
            .map(|(gatherer, source)| gatherer.map(|gatherer| gatherer.finish(name.clone(), source.rows, &formats)))
            .collect()
    };
    Ok(columns.iter().zip(gatherers).map(|(name, of_sources)| finish(name, of_sources)).collect())
}

/// The runs of rows of one source: first row, row behind the last, index of the source.
fn segments(batch: &RecordBatch, import: &ImportSummary) -> Result<Vec<(usize, usize, usize)>, Failure> {
    let names = read::column::<StringArray>(batch, SOURCE)?;
    let mut segments: Vec<(usize, usize, usize)> = Vec::new();
    for row in 0..batch.num_rows() {
        let name = names.value(row);
        if let Some((_, end, source)) = segments.last_mut()
            && import.sources[*source].name == name
        {
            *end = row + 1;
            continue;
        }
        let source = import.sources.iter().position(|source| source.name == name);
        let source = source.ok_or_else(|| Failure::Internal(format!("records of an unknown source “{name}”")))?;
        segments.push((row, row + 1, source));
    }
    Ok(segments)
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
