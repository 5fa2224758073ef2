//! `cargo xtask sim` and `cargo xtask crash`: the long versions of two tests of the scheduler.
//!
//! Both are tests like others, left out of a usual run; how long they are is told through the environment, because
//! libtest hands no arguments on.

use std::process::Command;

use crate::build::cargo;
use crate::workspace::{NATIVE, Profile, Workspace};
use crate::{Result, command};

/// `count` seeds from `first` on, or one.
pub(crate) fn simulation(
    workspace: &Workspace,
    count: u64,
    first: u64,
    seed: Option<u64>,
    profile: Profile,
) -> Result<()> {
    let mut test = test(workspace, profile, &["--lib"], "simulation::as_told")?;
    test.env("MILLRACE_SIM_SEEDS", count.to_string()).env("MILLRACE_SIM_FIRST", first.to_string());
    if let Some(seed) = seed {
        test.env("MILLRACE_SIM_SEED", seed.to_string());
    }
    command::run(&mut test)
}

/// So many kills of the real program.
pub(crate) fn crashes(workspace: &Workspace, kills: u64) -> Result<()> {
    let mut test = test(workspace, Profile::Dev, &["--test", "it"], "crash::as_often_as_told")?;
    command::run(test.env("MILLRACE_KILLS", kills.to_string()))
}

/// One test of the server. Neither needs the browser's files, so they are embedded as they are, even if there are none.
fn test(workspace: &Workspace, profile: Profile, target: &[&str], name: &str) -> Result<Command> {
    std::fs::create_dir_all(workspace.site())?;
    let mut test = cargo(workspace, "test", &NATIVE);
    if profile == Profile::Release {
        test.arg("--release");
    }
    test.args(target).args(["--", name, "--ignored", "--exact", "--nocapture"]);
    Ok(test)
}
