//! The browser tests, which are in `end2end/tests`, and their sums.

use std::fs;

use serde_json::Value;

use crate::browser::Playwright;
use crate::totals::Totals;
use crate::workspace::Workspace;
use crate::{Result, command};

pub(super) fn run(
    workspace: &Workspace,
    playwright: &Playwright,
    arguments: &[String],
    totals: &mut Totals,
) -> Result<()> {
    let report = workspace.target.join("end2end.json");
    let _absent = fs::remove_file(&report);
    let mut tests = playwright.test("playwright.config.ts");
    let result = command::run(tests.args(arguments).env("PLAYWRIGHT_JSON_OUTPUT_FILE", &report));
    *totals += counts(&serde_json::from_str(&fs::read_to_string(&report)?)?);
    result
}

/// The sums of Playwright's JSON report. A test that passed only when tried again counts as failed here: its first
/// answer was wrong.
fn counts(report: &Value) -> Totals {
    let count = |name: &str| report["stats"][name].as_u64().unwrap_or_default();
    Totals { passed: count("expected"), failed: count("unexpected") + count("flaky"), skipped: count("skipped") }
}
