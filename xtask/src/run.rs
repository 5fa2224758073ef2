//! `cargo xtask run`: the product on this machine, with something in it to click on.

use std::path::Path;
use std::process::Command;

use crate::Result;
use crate::workspace::Workspace;

const ADDRESS: &str = "127.0.0.1:3000";

/// Serves until interrupted; the server says where to click. Arguments given by the user come last and stand in for the defaults they repeat.
pub(crate) fn serve(workspace: &Workspace, binary: &Path, arguments: &[String]) -> Result<()> {
    let given = |flag: &str| arguments.iter().any(|argument| argument.split('=').next() == Some(flag));
    let mut serve = Command::new(binary);
    serve.current_dir(&workspace.root).args(["serve", "--demo"]);
    if !given("--listen") {
        serve.args(["--listen", ADDRESS]);
    }
    if !given("--auth") {
        serve.args(["--auth", "none"]);
    }
    if !given("--data") {
        serve.args(["--data", "data"]);
    }
    become_process(serve.args(arguments))
}

/// Puts the server in this process's place, so that signals reach it and nothing stands between.
#[cfg(unix)]
fn become_process(command: &mut Command) -> Result<()> {
    Err(std::os::unix::process::CommandExt::exec(command).into())
}

#[cfg(not(unix))]
fn become_process(command: &mut Command) -> Result<()> {
    crate::command::run(command)
}
