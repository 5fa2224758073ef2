//! Proposes a configuration from the profile alone, good enough to run unattended on data never seen before.
//!
//! It reads what the columns hold — how unique, how full, how long, of which shape, how values repeat — and never goes
//! by what a column's name means; names only tell which columns of two sources are the same. Columns that number rows
//! are left out of matching; the others become comparisons of one probabilistic definition, whose weights the match step
//! learns from the records themselves, so that a column which says nothing about duplicates ends with no weight. It must
//! not read records or results of other steps.

mod alignment;
mod blocking;
mod cleansing;
mod columns;
mod comparisons;
mod repeats;
#[cfg(test)]
mod tests;

use model::{
    config::{
        ExportConfig, MatchConfig, MergeConfig, ProfileConfig, ProjectConfig,
        export::{CsvOptions, FileFormat, Target},
        matching::{Grouping, ProbabilisticDefinition, Strategy},
        merge::{MasterRule, Preference},
    },
    results::{ImportSummary, ProfileSummary},
};

use columns::{Column, Kind};

/// The match probability, in percent, from which pairs are taken unattended: what is more likely the same than not. Where
/// probabilities are right, half of the F1 that can be reached is the threshold that reaches it (Lipton, Elkan and
/// Narayanaswamy, ECML PKDD 2014).
const THRESHOLD: f64 = 50.0;

/// The cleanse, match, merge and export sections for the profiled sources; `sources` of the answer is empty.
///
/// With several sources only columns that two of them share are compared, be the name spelled in two ways.
pub fn suggest(import: &ImportSummary, profile: &ProfileSummary) -> ProjectConfig {
    let (profile, alignment) = alignment::aligned(profile);
    let profile = &profile;
    let columns = repeats::left_out(columns::evidence(profile), profile);
    let clean_sources = profile.sources.len() > 1 && columns::sources_are_duplicate_free(profile, &columns);
    ProjectConfig {
        sources: Vec::new(),
        profile: ProfileConfig::default(),
        cleanse: cleansing::suggest(profile, alignment),
        matching: matching(import.rows, &columns, profile, clean_sources),
        merge: merge(&columns),
        export: export(),
    }
}

fn matching(rows: u64, columns: &[Column], profile: &ProfileSummary, clean_sources: bool) -> MatchConfig {
    let pairs = if clean_sources {
        let squares: f64 = profile.sources.iter().map(|source| (source.rows as f64).powi(2)).sum();
        ((rows as f64).powi(2) - squares) / 2.0
    } else {
        (rows as f64).powi(2) / 2.0
    };
    let comparisons = comparisons::suggest(columns);
    let probabilistic = if comparisons.is_empty() {
        Vec::new()
    } else {
        vec![ProbabilisticDefinition { name: "Likely the same".to_owned(), threshold: THRESHOLD, comparisons }]
    };
    MatchConfig {
        strategy: if clean_sources { Strategy::AcrossSources } else { Strategy::All },
        excluded_source_pairs: Vec::new(),
        pairs_max: None,
        blocking: blocking::suggest(columns, rows as f64, pairs),
        definitions: Vec::new(),
        probabilistic,
        grouping: if clean_sources { Grouping::OnePerSource } else { Grouping::AverageLinkage },
    }
}

/// The record with the fullest values leads its group: long texts win where length is a sign of completeness, the most
/// frequent value where it is not.
fn merge(columns: &[Column]) -> MergeConfig {
    let rule = |column: &Column| {
        let prefer = match column.kind {
            Kind::Name | Kind::Phrase | Kind::Text | Kind::Email => Preference::Longest,
            Kind::Code | Kind::PartNumber | Kind::Phone | Kind::Date | Kind::Year | Kind::Amount | Kind::Category => {
                Preference::MostPopular
            }
        };
        MasterRule { column: column.name.clone(), prefer, by: None, sources: Vec::new(), enabled: true }
    };
    MergeConfig { master_rules: columns.iter().map(rule).collect(), overwrite_rules: Vec::new() }
}

fn export() -> ExportConfig {
    ExportConfig {
        targets: vec![Target::File {
            name: "golden_records.csv".to_owned(),
            format: FileFormat::Csv(CsvOptions::default()),
        }],
        ..ExportConfig::default()
    }
}
