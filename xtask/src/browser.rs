//! Playwright in `end2end/`: the built binary in real Chromium. What it does there is told by a configuration file.

mod tools;

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::phases::Phases;
use crate::workspace::Workspace;
use crate::{Result, command};

/// Playwright and its browser, ready to use, and the binary that they are used on.
pub(crate) struct Playwright {
    end2end: PathBuf,
    binary: PathBuf,
    /// The system's Chromium; `None` is Playwright's own.
    chromium: Option<PathBuf>,
}

impl Playwright {
    /// Finds what is needed on the machine or installs it, and checks the types of what is there to run.
    pub(crate) fn set_up(workspace: &Workspace, binary: PathBuf, phases: &mut Phases) -> Result<Self> {
        let end2end = workspace.root.join("end2end");
        let chromium = phases.run("Node.js, Playwright, Chromium", || tools::set_up(&end2end))?;
        command::run(npx(&end2end).args(["tsc", "--noEmit"]))?;
        Ok(Self { end2end, binary, chromium })
    }

    /// `playwright test` with a configuration file of `end2end/`. That names what it needs in the environment.
    pub(crate) fn test(&self, configuration: &str) -> Command {
        let mut playwright = npx(&self.end2end);
        playwright.args(["playwright", "test", "--config", configuration]).env("MILLRACE_BINARY", &self.binary);
        if let Some(chromium) = &self.chromium {
            playwright.env("MILLRACE_CHROMIUM", chromium);
        }
        playwright
    }
}

/// `npx` in `end2end/`, for the packages that are installed there only.
fn npx(end2end: &Path) -> Command {
    let mut npx = Command::new("npx");
    npx.current_dir(end2end).arg("--no-install");
    npx
}
