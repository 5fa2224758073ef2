//! How each kind of column is compared.

use model::config::matching::{LevelComparison, Measure, Similarity};

use super::columns::{Column, Kind};

/// Comparisons of one definition; more would say little that these do not.
const COMPARISONS_MAX: usize = 16;

/// One comparison a column; of too many columns those that tell records apart best.
pub(super) fn suggest(columns: &[Column]) -> Vec<LevelComparison> {
    let mut chosen: Vec<&Column> = columns.iter().collect();
    if chosen.len() > COMPARISONS_MAX {
        chosen.sort_by(|a, b| b.information().total_cmp(&a.information()));
        chosen.truncate(COMPARISONS_MAX);
    }
    chosen.into_iter().map(comparison).collect()
}

fn comparison(column: &Column) -> LevelComparison {
    let text = |algorithm, levels: &[f64]| (Measure::Text { algorithm }, levels.to_vec());
    let (measure, levels) = match column.kind {
        Kind::Name => text(Similarity::JaroWinkler, &[0.94, 0.88, 0.8]),
        Kind::Phrase => text(Similarity::QgramCosine, &[0.85, 0.7, 0.55, 0.4]),
        Kind::Text => text(Similarity::TfIdfOverlap, &[0.9, 0.75, 0.6, 0.45, 0.3, 0.15]),
        Kind::Code | Kind::Phone => text(Similarity::Damerau, &[0.85, 0.7, 0.5]),
        Kind::Email => text(Similarity::JaroWinkler, &[0.96, 0.9, 0.8]),
        // Within three days; one digit or within a week; two digits; three.
        Kind::Date => (Measure::Date, vec![0.92, 0.82, 0.75, 0.6]),
        // Within a year, within three.
        Kind::Year => (Measure::Number, vec![0.9994, 0.998]),
        Kind::Amount => (Measure::Number, vec![0.99, 0.95, 0.8, 0.5]),
        // Those that are nearly equal are the next size or another colour, not the same with a slip.
        Kind::PartNumber | Kind::Category => (Measure::Equality, Vec::new()),
    };
    let term_frequencies = !matches!(column.kind, Kind::Amount);
    LevelComparison { column: column.name.clone(), combined_with: Vec::new(), measure, levels, term_frequencies }
}
