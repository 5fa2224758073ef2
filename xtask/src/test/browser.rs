//! Playwright on the real binary. The tests themselves are in `end2end/`.

use std::fs;
use std::path::Path;

use serde_json::Value;

use crate::test::tools::Tools;
use crate::totals::Totals;
use crate::workspace::Workspace;
use crate::{Result, command};

/// Runs the tests with what they need named in the environment; see `end2end/playwright.config.ts`.
pub(super) fn run(
    workspace: &Workspace,
    binary: &Path,
    tools: &Tools,
    arguments: &[String],
    totals: &mut Totals,
) -> Result<()> {
    command::run(tools.npx(workspace).args(["tsc", "--noEmit"]))?;
    let report = workspace.target.join("end2end.json");
    let _absent = fs::remove_file(&report);
    let mut playwright = tools.npx(workspace);
    playwright.args(["playwright", "test"]).args(arguments);
    playwright.env("MILLRACE_BINARY", binary).env("PLAYWRIGHT_JSON_OUTPUT_FILE", &report);
    if let Some(chromium) = &tools.chromium {
        playwright.env("MILLRACE_CHROMIUM", chromium);
    }
    let result = command::run(&mut playwright);
    *totals += counts(&serde_json::from_str(&fs::read_to_string(&report)?)?);
    result
}

/// The sums of Playwright's JSON report. A test that passed only when tried again counts as failed here: its first
/// answer was wrong.
fn counts(report: &Value) -> Totals {
    let count = |name: &str| report["stats"][name].as_u64().unwrap_or_default();
    Totals { passed: count("expected"), failed: count("unexpected") + count("flaky"), skipped: count("skipped") }
}
