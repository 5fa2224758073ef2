//! Leaves out columns that repeat what others hold: agreement on a full name and on its first and last name are one
//! piece of evidence, not three.

use std::collections::HashSet;

use model::results::{Containment, ProfileSummary};

use super::columns::{Column, Kind};

/// Share of the rows from which a column is taken to hold another one's words.
const ROWS_SHARE_MIN: f64 = 0.8;
/// Share of a column's words from which the columns in it can stand for it.
const COVERED_MIN: f64 = 0.7;

/// The columns without those that repeat others. Of a column and its parts the parts stay where they are most of it, for
/// they can agree one by one; else the whole stays.
pub(super) fn left_out(columns: Vec<Column>, profile: &ProfileSummary) -> Vec<Column> {
    let place = |name: &str| columns.iter().position(|column| column.name == name);
    let mut holds: Vec<Vec<(usize, f64)>> = vec![Vec::new(); columns.len()];
    for (whole, part, words_share) in everywhere(profile) {
        if let (Some(whole), Some(part)) = (place(whole), place(part))
            && is_text(&columns[whole])
            && is_text(&columns[part])
        {
            holds[whole].push((part, words_share));
        }
    }
    let mut out: HashSet<usize> = HashSet::new();
    let mut wholes: Vec<usize> = (0..columns.len()).filter(|&whole| !holds[whole].is_empty()).collect();
    wholes.sort_by(|&a, &b| columns[b].words_mean.total_cmp(&columns[a].words_mean).then(b.cmp(&a)));
    for whole in wholes {
        let parts: Vec<(usize, f64)> = holds[whole].iter().copied().filter(|(part, _)| !out.contains(part)).collect();
        // A part of a part covers nothing more.
        let outermost = parts.iter().filter(|(part, _)| {
            !parts.iter().any(|(other, _)| other != part && holds[*other].iter().any(|(inner, _)| inner == part))
        });
        let covered: f64 = outermost
            .map(|(part, words_share)| {
                words_share * (columns[*part].completeness / columns[whole].completeness).min(1.0)
            })
            .sum();
        if covered >= COVERED_MIN && !parts.is_empty() {
            out.insert(whole);
        } else {
            out.extend(parts.iter().map(|(part, _)| part));
        }
    }
    let kept = columns.into_iter().enumerate().filter(|(place, _)| !out.contains(place));
    kept.map(|(_, column)| column).collect()
}

/// What holds in every source that has both columns: the column, the one in it, and the least share of words.
fn everywhere(profile: &ProfileSummary) -> Vec<(&str, &str, f64)> {
    let same = |containment: &Containment, other: &Containment| {
        containment.column == other.column && containment.contained == other.contained
    };
    let mut found: Vec<(&str, &str, f64)> = Vec::new();
    for containment in profile.sources.iter().flat_map(|source| &source.contained) {
        let (column, contained) = (containment.column.as_str(), containment.contained.as_str());
        if found.iter().any(|(known, inner, _)| (*known, *inner) == (column, contained)) {
            continue;
        }
        let has = |source: &&model::results::SourceProfile| {
            let named = |name: &str| source.columns.iter().any(|column| column.name == name && column.filled > 0);
            named(column) && named(contained)
        };
        let of_sources: Vec<Option<&Containment>> = profile
            .sources
            .iter()
            .filter(has)
            .map(|source| source.contained.iter().find(|other| same(containment, other)))
            .collect();
        let held = |told: &Option<&Containment>| told.is_some_and(|told| told.rows_share >= ROWS_SHARE_MIN);
        if of_sources.iter().all(held) {
            let least = of_sources.iter().flatten().map(|told| told.words_share).fold(1.0, f64::min);
            found.push((column, contained, least));
        }
    }
    found
}

fn is_text(column: &Column) -> bool {
    matches!(column.kind, Kind::Name | Kind::Phrase | Kind::Text)
}
