//! `cargo xtask sim` and `cargo xtask crash`: the long versions of two tests of the scheduler.
//!
//! Both are tests like others, left out of a usual run; how long they are is told through the environment, because
//! libtest hands no arguments on.

use std::process::Command;

use crate::build::{self, cargo};
use crate::phases::Phases;
use crate::workspace::{NATIVE, Workspace};
use crate::{Result, command};

/// `count` seeds from `first` on, or one.
pub(crate) fn simulation(
    workspace: &Workspace,
    count: u64,
    first: u64,
    seed: Option<u64>,
    phases: &mut Phases,
) -> Result<()> {
    build::site(workspace, phases)?;
    let mut test = test(workspace, &["--lib"], "simulation::as_told");
    test.env("MILLRACE_SIM_SEEDS", count.to_string()).env("MILLRACE_SIM_FIRST", first.to_string());
    if let Some(seed) = seed {
        test.env("MILLRACE_SIM_SEED", seed.to_string());
    }
    command::run(&mut test)
}

/// So many kills of the real program.
pub(crate) fn crashes(workspace: &Workspace, kills: u64, phases: &mut Phases) -> Result<()> {
    build::site(workspace, phases)?;
    command::run(test(workspace, &["--test", "it"], "crash::as_often_as_told").env("MILLRACE_KILLS", kills.to_string()))
}

fn test(workspace: &Workspace, target: &[&str], name: &str) -> Command {
    let mut test = cargo(workspace, "test", &NATIVE);
    test.args(target).args(["--", name, "--ignored", "--exact", "--nocapture"]);
    test
}
