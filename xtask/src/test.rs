//! `cargo xtask test`: everything that must pass, in the order in which it is cheapest to learn of a failure.

mod api;
mod browser;
mod buckets;
mod databases;
mod file_servers;
mod mail;

use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::process::{Command, Stdio};

use clap::ValueEnum;

use crate::browser::Playwright;
use crate::build::{self, cargo};
use crate::phases::Phases;
use crate::totals::Totals;
use crate::workspace::{BROWSER, NATIVE, Workspace};
use crate::{Result, budget, command, layers};

use self::databases::Databases;

/// A part that can be run by itself.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Part {
    /// Format, clippy with warnings denied (the browser's crate for wasm32), layering rules.
    Lint,
    /// Unit, integration and documentation tests.
    Unit,
    /// Size of the browser's files.
    Size,
    /// schemathesis over the description of the API, on the real binary.
    Api,
    /// Playwright on the real binary in real Chromium.
    E2e,
}

/// Runs one part, or all of them; the last line printed sums up the tests.
pub(crate) fn run(
    workspace: &Workspace,
    part: Option<Part>,
    playwright_arguments: &[String],
    phases: &mut Phases,
) -> Result<()> {
    let wanted = |one: Part| part.is_none_or(|part| part == one);
    let mut totals = Totals::default();
    let requests = if part == Some(Part::Api) { api::REQUESTS } else { api::REQUESTS_OF_ALL };
    let result = run_parts(workspace, wanted, requests, playwright_arguments, phases, &mut totals);
    phases.report();
    if result.is_err() && totals.failed == 0 {
        // Something that counts no tests failed: the sum must not look like success.
        totals.failed = 1;
    }
    eprintln!();
    println!("{totals}");
    result
}

fn run_parts(
    workspace: &Workspace,
    wanted: impl Fn(Part) -> bool,
    requests: u64,
    playwright_arguments: &[String],
    phases: &mut Phases,
    totals: &mut Totals,
) -> Result<()> {
    if wanted(Part::Lint) {
        phases.run("format", || command::run(cargo(workspace, "fmt", &[]).args(["--all", "--check"])))?;
        phases.run("layering", || layers::check(workspace))?;
    }
    build::site(workspace, phases)?;
    if wanted(Part::Size) {
        phases.run("size budget", || budget::check(workspace))?;
    }
    if wanted(Part::Lint) {
        phases.run("clippy", || clippy(workspace))?;
    }
    // Both kinds of tests run even if the first fail: one run should tell all.
    let mut unit = Ok(());
    if wanted(Part::Unit) {
        let smtp = phases.run("SMTP server", || Ok(mail::set_up(workspace)))?;
        let s3 = phases.run("S3 server", || Ok(buckets::set_up(workspace)))?;
        let files = phases.run("file servers", || Ok(file_servers::set_up(workspace)))?;
        let databases = phases.run("database servers", || Ok(Databases::set_up()))?;
        let services = [(mail::VARIABLE, smtp), (buckets::VARIABLE, s3), (file_servers::VARIABLE, files)];
        unit = phases
            .run("unit, integration and documentation tests", || cargo_test(workspace, services, &databases, totals));
    }
    let mut api = Ok(());
    if wanted(Part::Api) || wanted(Part::E2e) {
        let binary = build::server(workspace, crate::workspace::Profile::Dev, phases)?;
        if wanted(Part::Api) {
            api = phases.run("description of the API", || api::run(workspace, &binary, requests, totals));
        }
        if wanted(Part::E2e) {
            let playwright = Playwright::set_up(workspace, binary, phases)?;
            phases.run("browser tests", || browser::run(workspace, &playwright, playwright_arguments, totals))?;
        }
    }
    unit.and(api)
}

fn clippy(workspace: &Workspace) -> Result<()> {
    let deny = ["--", "--deny", "warnings"];
    command::run(cargo(workspace, "clippy", &NATIVE).arg("--all-targets").args(deny))?;
    command::run(cargo(workspace, "clippy", &["--package", "xtask"]).arg("--all-targets").args(deny))?;
    command::run(cargo(workspace, "clippy", &BROWSER).args(["--profile", "wasm-release"]).args(deny))
}

/// `services` are servers of others that tests speak to, by the variable that names each.
fn cargo_test(
    workspace: &Workspace,
    services: [(&str, Option<PathBuf>); 3],
    databases: &Databases,
    totals: &mut Totals,
) -> Result<()> {
    let services = services.into_iter().filter_map(|(variable, python)| Some((variable, python?)));
    let mut native = cargo(workspace, "test", &NATIVE);
    let native = counted(native.arg("--no-fail-fast").envs(services).envs(databases.variables()), totals);
    let tasks = counted(&mut cargo(workspace, "test", &["--package", "xtask"]), totals);
    native.and(tasks)
}

/// Runs `cargo test`, shows what it prints, and adds up its results.
fn counted(command: &mut Command, totals: &mut Totals) -> Result<()> {
    let mut child = command.stdout(Stdio::piped()).spawn()?;
    let stdout = child.stdout.take().expect("asked for just above");
    for line in BufReader::new(stdout).lines() {
        let line = line?;
        println!("{line}");
        if let Some(one) = Totals::from_libtest(&line) {
            *totals += one;
        }
    }
    let status = child.wait()?;
    if status.success() { Ok(()) } else { Err("a test failed, or did not compile (see above)".into()) }
}
