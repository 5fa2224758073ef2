//! The six steps of a project in a figure and a few words each: what they did, or what they would do.

use model::{
    Step, Timestamp,
    config::{
        ProjectConfig,
        export::{Action, Target},
    },
    results::{ProfileSummary, StepResult, Summary},
};

use super::{StepFact, quality_word};
use crate::format::{counted, number};

/// What the latest run of the step left.
pub(super) fn done(result: &StepResult) -> StepFact {
    let at = Some(result.finished_at);
    match &result.summary {
        Summary::Import(import) => {
            let rejected =
                if import.rejected == 0 { String::new() } else { format!(", {} rejected", number(import.rejected)) };
            let sources = counted(import.sources.len() as u64, "source");
            fact(Step::Import, import.rows, format!("records from {sources}{rejected}"), at)
        }
        Summary::Profile(profile) => match quality(profile) {
            Some(score) => StepFact {
                step: Step::Profile,
                figure: Some(format!("{score:.0} %")),
                words: format!("quality: {}", quality_word(score)),
                at,
            },
            None => StepFact { step: Step::Profile, figure: None, words: "nothing to profile".to_owned(), at },
        },
        Summary::Cleanse(cleanse) => fact(Step::Cleanse, cleanse.cells_changed, "cells changed".to_owned(), at),
        Summary::Match(matching) => {
            let words = format!(
                "matching pairs of {} compared; {}",
                number(matching.candidate_pairs),
                counted(matching.groups, "group")
            );
            fact(Step::Match, matching.matching_pairs, words, at)
        }
        Summary::Merge(merge) => {
            let words = format!("golden records from {}", counted(merge.records, "record"));
            fact(Step::Merge, merge.golden_records, words, at)
        }
        Summary::Export(export) => {
            let places = export.outputs.len() + export.delivered.len();
            let words = format!("records written to {}", counted(places as u64, "file"));
            fact(Step::Export, export.exported, words, at)
        }
    }
}

fn fact(step: Step, figure: u64, words: String, at: Option<Timestamp>) -> StepFact {
    StepFact { step, figure: Some(number(figure)), words, at }
}

/// The mean of the sources' quality scores, weighted by their rows.
fn quality(profile: &ProfileSummary) -> Option<f64> {
    let rows: f64 = profile.sources.iter().map(|source| source.rows as f64).sum();
    let weighted: f64 = profile.sources.iter().map(|source| source.quality * source.rows as f64).sum();
    (rows > 0.0).then(|| weighted / rows)
}

/// What the step would do with these settings.
pub(super) fn planned(step: Step, config: &ProjectConfig) -> StepFact {
    let words = match step {
        Step::Import => counted(config.sources.len() as u64, "source"),
        Step::Profile => "completeness, types and patterns of every column".to_owned(),
        Step::Cleanse => {
            let enabled = config.cleanse.operations.iter().filter(|operation| operation.enabled).count();
            if enabled == 0 { "changes nothing".to_owned() } else { counted(enabled as u64, "operation") }
        }
        Step::Match => {
            let definitions = config.matching.definitions.len() as u64;
            let keys = config.matching.blocking.iter().filter(|key| key.enabled).count() as u64;
            if definitions == 0 {
                "no match definitions yet".to_owned()
            } else {
                format!("{}, {}", counted(definitions, "definition"), counted(keys, "blocking key"))
            }
        }
        Step::Merge => {
            let master = config.merge.master_rules.iter().filter(|rule| rule.enabled).count() as u64;
            let overwrite = config.merge.overwrite_rules.iter().filter(|rule| rule.enabled).count() as u64;
            format!("{}, {}", counted(master, "master rule"), counted(overwrite, "overwrite rule"))
        }
        Step::Export => {
            let names: Vec<String> = config.export.targets.iter().map(Target::place).collect();
            let files = if names.is_empty() { "no target yet".to_owned() } else { names.join(", ") };
            format!("{} to {files}", action_words(config.export.action))
        }
    };
    StepFact { step, figure: None, words, at: None }
}

const fn action_words(action: Action) -> &'static str {
    match action {
        Action::FlagDuplicates => "all records, duplicates flagged,",
        Action::SuppressDuplicates => "records without duplicates",
        Action::NonDuplicatesAndMaster => "golden records",
        Action::DuplicatesOnly => "duplicates",
        Action::CrossReference => "cross reference",
    }
}

#[cfg(test)]
mod tests {
    use model::results::{ImportSummary, SourceProfile};

    use super::*;

    fn words(summary: Summary) -> String {
        let result = StepResult { execution: None, finished_at: Timestamp::from_micros(0), summary };
        let fact = done(&result);
        format!("{} {}", fact.figure.unwrap_or_default(), fact.words)
    }

    #[test]
    fn what_was_rejected_is_said_and_nothing_is_said_of_nothing() {
        let import = ImportSummary { rows: 5_000, rejected: 3, sources: Vec::new() };
        assert_eq!(words(Summary::Import(import.clone())), "5,000 records from 0 sources, 3 rejected");
        assert_eq!(words(Summary::Import(ImportSummary { rejected: 0, ..import })), "5,000 records from 0 sources");
    }

    #[test]
    fn a_large_source_weighs_more_than_a_small_one() {
        let source = |rows, quality| SourceProfile {
            name: String::new(),
            rows,
            quality,
            grade: None,
            quality_parts: Vec::new(),
            columns: Vec::new(),
            contained: Vec::new(),
        };
        let profile = ProfileSummary { sources: vec![source(900, 90.0), source(100, 50.0)], drift: None };
        assert_eq!(words(Summary::Profile(profile)), "86 % quality: good");
    }
}
