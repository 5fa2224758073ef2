//! The SMTP server of the tests: aiosmtpd, in a Python environment of its own under the target directory.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::workspace::Workspace;
use crate::{Result, command, debian};

/// Where the tests look for a Python that has it.
pub(super) const VARIABLE: &str = "MILLRACE_TEST_SMTP";
const PACKAGE: &str = "aiosmtpd==1.4.6";

/// `None` where it cannot be had; the tests that need it say so and pass over.
pub(super) fn set_up(workspace: &Workspace) -> Option<PathBuf> {
    let home = workspace.target.join("tools").join("aiosmtpd");
    let python = home.join("bin").join("python");
    if has_package(&python) {
        return Some(python);
    }
    match install(&home, &python) {
        Ok(()) => Some(python),
        Err(error) => {
            eprintln!("The tests with an SMTP server are skipped, for there is none: {error}");
            None
        }
    }
}

fn has_package(python: &Path) -> bool {
    let imported = Command::new(python).args(["-c", "import aiosmtpd"]).stderr(Stdio::null()).status();
    imported.is_ok_and(|status| status.success())
}

fn install(home: &Path, python: &Path) -> Result<()> {
    let environment = || command::run(Command::new("python3").args(["-m", "venv", "--clear"]).arg(home));
    if let Err(error) = environment() {
        if !debian::is_root() {
            return Err(error);
        }
        debian::install(&["python3", "python3-venv"])?;
        environment()?;
    }
    command::run(Command::new(python).args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check", PACKAGE]))
}
