//! Reports beside the exported records: how good the matches are, and what the sources hold. Each as JSON for programs and
//! as one page for people, which needs nothing from anywhere else.

mod match_quality;
mod page;
mod profile;

use std::{fs, path::Path};

use model::{
    Step,
    execution::Output,
    results::{MergeSummary, Summary},
};

use super::names::{MATCH_QUALITY, PROFILE};
use crate::{Failure, StepContext};

/// How many records went where.
#[derive(Clone, Copy, Debug, serde::Serialize)]
pub(super) struct Counts {
    pub(super) records: u64,
    pub(super) exported: u64,
    pub(super) skipped: u64,
}

/// Writes the reports on the latest results of Match and Profile. One that there is no result for is left out.
pub(super) fn write(
    directory: &Path,
    merged: &MergeSummary,
    counts: Counts,
    context: &StepContext<'_>,
) -> Result<Vec<Output>, Failure> {
    let mut outputs = Vec::new();
    if let Some(Summary::Match(matched)) = summary(Step::Match, context)? {
        let json = serde_json::json!({"match": matched, "merge": merged, "export": counts});
        outputs.push(output(directory, MATCH_QUALITY[0], &text(&json)?)?);
        outputs.push(output(directory, MATCH_QUALITY[1], &match_quality::page(&matched, merged, counts))?);
    }
    context.checkpoint()?;
    if let Some(Summary::Profile(profiled)) = summary(Step::Profile, context)? {
        outputs.push(output(directory, PROFILE[0], &text(&profiled)?)?);
        outputs.push(output(directory, PROFILE[1], &profile::page(&profiled))?);
    }
    Ok(outputs)
}

fn summary(step: Step, context: &StepContext<'_>) -> Result<Option<Summary>, Failure> {
    match context.earlier(step)? {
        None => Ok(None),
        Some(_) => Ok(Some(context.published(step)?.result()?.summary)),
    }
}

fn text(value: &impl serde::Serialize) -> Result<String, Failure> {
    serde_json::to_string_pretty(value).map_err(|error| Failure::Internal(format!("a report as JSON: {error}")))
}

fn output(directory: &Path, name: &str, text: &str) -> Result<Output, Failure> {
    let written = fs::write(directory.join(name), text);
    written.map_err(|error| Failure::io(&format!("cannot write the report “{name}”"), &error))?;
    Ok(Output { name: name.to_owned(), bytes: text.len() as u64, rows: None })
}
