//! `cargo xtask build`: the browser's files first, then the server that embeds them.

use std::path::PathBuf;
use std::process::Command;

use crate::phases::Phases;
use crate::workspace::{BROWSER, NATIVE, Profile, SITE_VARIABLE, Workspace};
use crate::{Result, command, site};

/// Builds everything and gives the path of the one binary.
pub(crate) fn binary(workspace: &Workspace, profile: Profile, phases: &mut Phases) -> Result<PathBuf> {
    site(workspace, phases)?;
    server(workspace, profile, phases)
}

/// Builds the server around browser files that are there.
pub(crate) fn server(workspace: &Workspace, profile: Profile, phases: &mut Phases) -> Result<PathBuf> {
    phases.run("server", || {
        let mut build = cargo(workspace, "build", &NATIVE);
        build.args(["--bins", "--profile", profile.name()]);
        // A target that uses the tests' dependencies: with it, features resolve as for `cargo test` and `cargo bench`, and one
        // build serves all.
        build.args(["--bench", "latency"]);
        command::run(&mut build)
    })?;
    Ok(workspace.binary(profile))
}

/// Builds the browser's files alone.
pub(crate) fn site(workspace: &Workspace, phases: &mut Phases) -> Result<()> {
    phases.run("browser code", || {
        add_browser_target(workspace)?;
        command::run(cargo(workspace, "build", &BROWSER).args(["--profile", "wasm-release"]))
    })?;
    phases.run("browser files", || site::assemble(workspace))
}

/// `cargo <task>` on the given members, with the browser's files to embed named in the environment. Every cargo
/// command on the server's code names them, or each would undo the other's build.
pub(crate) fn cargo(workspace: &Workspace, task: &str, members: &[&str]) -> Command {
    let mut cargo = command::cargo();
    cargo.current_dir(&workspace.root).arg(task).args(members).env(SITE_VARIABLE, workspace.site());
    cargo
}

/// rust-toolchain.toml names the target, but rustup adds it only where it may install by itself.
fn add_browser_target(workspace: &Workspace) -> Result<()> {
    let mut rustc = Command::new("rustc");
    let sysroot = command::output(rustc.current_dir(&workspace.root).args(["--print", "sysroot"]))?;
    let target = std::path::Path::new(sysroot.trim()).join("lib/rustlib/wasm32-unknown-unknown");
    if target.exists() {
        return Ok(());
    }
    let mut rustup = Command::new("rustup");
    command::run(rustup.current_dir(&workspace.root).args(["target", "add", "wasm32-unknown-unknown"])).map_err(
        |error| format!("{error}\nthe compiler lacks the browser's target: install wasm32-unknown-unknown").into(),
    )
}
