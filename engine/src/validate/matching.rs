//! The section `match`: something must say which records are compared, and something how.

use model::config::{
    ProjectConfig,
    matching::{BlockingKey, Comparison, Definition, ProbabilisticDefinition, Strategy, Transform},
};

use super::Problems;

pub(super) fn check(config: &ProjectConfig, problems: &mut Problems) {
    let section = &config.matching;
    if section.definitions.is_empty() && section.probabilistic.is_empty() {
        problems
            .add("match.definitions", "say what makes two records the same: add a definition, or let one be suggested");
    }
    if !section.blocking.iter().any(|key| key.enabled) {
        problems.add("match.blocking", "say which records are compared: add a blocking key, or let one be suggested");
    }
    if section.strategy == Strategy::AcrossSources && config.sources.len() == 1 {
        problems.add("match.strategy", "there is one source only, so no pair is across sources");
    }
    if section.pairs_max == Some(0) {
        problems.add("match.pairs_max", "must be at least 1");
    }
    for (place, (left, right)) in section.excluded_source_pairs.iter().enumerate() {
        for (side, name) in [left, right].into_iter().enumerate() {
            problems.source(format!("match.excluded_source_pairs[{place}][{side}]"), name, config);
        }
    }
    for (place, key) in section.blocking.iter().enumerate().filter(|(_, key)| key.enabled) {
        check_key(key, &format!("match.blocking[{place}]"), problems);
    }
    for (place, definition) in section.definitions.iter().enumerate() {
        check_definition(definition, &format!("match.definitions[{place}]"), problems);
    }
    for (place, definition) in section.probabilistic.iter().enumerate() {
        check_probabilistic(definition, &format!("match.probabilistic[{place}]"), problems);
    }
}

fn check_key(key: &BlockingKey, at: &str, problems: &mut Problems) {
    if key.parts.is_empty() {
        problems.add(format!("{at}.parts"), "name at least one column");
    }
    for (place, part) in key.parts.iter().enumerate() {
        problems.column(format!("{at}.parts[{place}].column"), &part.column);
        if let Transform::Prefix { length: 0 } | Transform::Suffix { length: 0 } = part.transform {
            problems.add(format!("{at}.parts[{place}].length"), "must be at least 1");
        }
    }
}

fn check_definition(definition: &Definition, at: &str, problems: &mut Problems) {
    check_threshold(definition.threshold, at, problems);
    if definition.criteria.is_empty() {
        problems.add(format!("{at}.criteria"), "add at least one criterion");
    }
    if !(0.0..=1.0).contains(&definition.evidence_min) {
        problems.add(format!("{at}.evidence_min"), "must be from 0 to 1");
    }
    for (place, criterion) in definition.criteria.iter().enumerate() {
        let at = format!("{at}.criteria[{place}]");
        problems.column(format!("{at}.column"), &criterion.column);
        if !(criterion.weight > 0.0 && criterion.weight.is_finite()) {
            problems.add(format!("{at}.weight"), "must be greater than 0");
        }
        for (place, column) in criterion.combined_with.iter().enumerate() {
            problems.column(format!("{at}.combined_with[{place}]"), column);
        }
        if !criterion.combined_with.is_empty() && matches!(criterion.comparison, Comparison::Geo { .. }) {
            problems.add(format!("{at}.combined_with"), "a place has a latitude and a longitude and no further column");
        }
        if let Comparison::Geo { longitude, .. } = &criterion.comparison {
            problems.column(format!("{at}.longitude"), longitude);
        }
        match criterion.comparison {
            Comparison::Date { within, .. } if !(within >= 0.0 && within.is_finite()) => {
                problems.add(format!("{at}.within"), "must be 0 or more");
            }
            Comparison::Geo { within_km, .. } if !(within_km >= 0.0 && within_km.is_finite()) => {
                problems.add(format!("{at}.within_km"), "must be 0 or more");
            }
            Comparison::ArrayOverlap { separator, .. } if separator.is_alphanumeric() => {
                problems.add(format!("{at}.separator"), "must be a character that is no letter and no digit");
            }
            Comparison::SimilarText { level, .. } | Comparison::ArrayOverlap { level, .. }
                if !(0.0..=1.0).contains(&level) =>
            {
                problems.add(format!("{at}.level"), "must be from 0 to 1");
            }
            Comparison::NumericRange { lower, upper, .. } => {
                for (name, value) in [("lower", lower), ("upper", upper)] {
                    if !(value >= 0.0 && value.is_finite()) {
                        problems.add(format!("{at}.{name}"), "must be 0 or more");
                    }
                }
            }
            Comparison::Exact { .. }
            | Comparison::SimilarText { .. }
            | Comparison::SoundsAlike { .. }
            | Comparison::Date { .. }
            | Comparison::Geo { .. }
            | Comparison::ArrayOverlap { .. } => {}
        }
    }
}

fn check_probabilistic(definition: &ProbabilisticDefinition, at: &str, problems: &mut Problems) {
    check_threshold(definition.threshold, at, problems);
    if definition.comparisons.is_empty() {
        problems.add(format!("{at}.comparisons"), "add at least one comparison");
    }
    for (place, comparison) in definition.comparisons.iter().enumerate() {
        let at = format!("{at}.comparisons[{place}]");
        problems.column(format!("{at}.column"), &comparison.column);
        for (place, column) in comparison.combined_with.iter().enumerate() {
            problems.column(format!("{at}.combined_with[{place}]"), column);
        }
        let within = comparison.levels.iter().all(|level| (0.0..=1.0).contains(level));
        if !within || !comparison.levels.is_sorted_by(|higher, lower| higher > lower) {
            problems.add(format!("{at}.levels"), "must fall from level to level, each from 0 to 1");
        }
    }
}

fn check_threshold(threshold: f64, at: &str, problems: &mut Problems) {
    if !(0.0..=100.0).contains(&threshold) {
        problems.add(format!("{at}.threshold"), "must be from 0 to 100");
    }
}
