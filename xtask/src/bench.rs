//! `cargo xtask bench …`: figures of the built binary, each as a table with the machine it was measured on.

mod pipeline;

use std::path::PathBuf;

use clap::ValueEnum;

use crate::browser::Playwright;
use crate::build::{self, cargo};
use crate::phases::Phases;
use crate::workspace::{NATIVE, Profile, Workspace};
use crate::{Result, command};

/// What can be measured.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Bench {
    /// Five hundred requests a second for five minutes, with sign-in: latency of each kind, errors, memory.
    Api,
    /// Run Now: time to the answer and to Running, the gaps in a queue, and how many are accepted in a second.
    Latency,
    /// Thousands of open pages: what each gets of a hundred changes a second, and how late.
    Live,
    /// A million people, CSV in and golden records out: wall and processor time, memory, accuracy; `-- --vs-splink`.
    Pipeline,
    /// What the store, the scheduler and the executor do in a second, pages of ten million executions, and starts of the server.
    Scheduler,
    /// In Chromium: a list of a hundred cards until it is painted and hydrated, and how late another browser shows a change.
    Web,
}

/// Measures the release build, or the binary that is given. The measuring side is optimised, too: what it spends the
/// server does not have.
pub(crate) fn run(
    workspace: &Workspace,
    bench: Bench,
    binary: Option<PathBuf>,
    arguments: &[String],
    phases: &mut Phases,
) -> Result<()> {
    let (binary, build) = match binary {
        Some(binary) => (binary.canonicalize()?, "the binary given"),
        None => (build::binary(workspace, Profile::Release, phases)?, "release build"),
    };
    if bench == Bench::Web {
        let playwright = Playwright::set_up(workspace, binary, phases)?;
        println!("{build}");
        return command::run(&mut playwright.test("bench.config.ts"));
    }
    if bench == Bench::Pipeline {
        return pipeline::run(workspace, &binary, build, arguments);
    }
    let name = bench.to_possible_value().expect("none is skipped").get_name().to_owned();
    command::run(
        cargo(workspace, "bench", &NATIVE).args(["--bench", &name, "--"]).arg(binary).arg(build).args(arguments),
    )
}
