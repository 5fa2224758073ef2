//! Tools that are written in Python: each in an environment of its own under the target directory.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::workspace::Workspace;
use crate::{Result, command, debian};

/// The Python of an environment that has `packages` (`name==version`), the first of which is imported as `module`; it is
/// made if it is not there.
pub(crate) fn with_packages(workspace: &Workspace, packages: &[&str], module: &str) -> Result<PathBuf> {
    let home = workspace.target.join("tools").join(module);
    let python = home.join("bin").join("python");
    if !packages.iter().all(|package| has(&python, package, module)) {
        install(&home, &python, packages)?;
    }
    Ok(python)
}

/// In this version, with something of that name to import.
fn has(python: &Path, package: &str, module: &str) -> bool {
    let (name, version) = package.split_once("==").unwrap_or((package, ""));
    // Without its extras: `moto[server]`.
    let name = name.split('[').next().unwrap_or(name);
    let look = format!("import {module}, importlib.metadata as known; assert known.version('{name}') == '{version}'");
    let found = Command::new(python).args(["-c", &look]).stderr(Stdio::null()).status();
    found.is_ok_and(|status| status.success())
}

fn install(home: &Path, python: &Path, packages: &[&str]) -> Result<()> {
    let environment = || command::run(Command::new("python3").args(["-m", "venv", "--clear"]).arg(home));
    if let Err(error) = environment() {
        if !debian::is_root() {
            return Err(error);
        }
        debian::install(&["python3", "python3-venv"])?;
        environment()?;
    }
    command::run(
        Command::new(python).args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check"]).args(packages),
    )
}
