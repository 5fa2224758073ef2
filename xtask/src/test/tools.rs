//! What the browser tests need on the machine, set up as far as this task may: Node.js, Playwright, Chromium.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::workspace::Workspace;
use crate::{Result, command};

/// The oldest Node.js that Playwright and the tests run on.
const NODE_MAJOR_MIN: u32 = 20;

/// What was found or installed.
pub(super) struct Tools {
    /// The system's Chromium; `None` is Playwright's own.
    pub(super) chromium: Option<PathBuf>,
}

impl Tools {
    /// `npx` in `end2end/`, for the packages that are installed there only.
    pub(super) fn npx(&self, workspace: &Workspace) -> Command {
        let mut npx = Command::new("npx");
        npx.current_dir(workspace.root.join("end2end")).arg("--no-install");
        npx
    }
}

/// Finds or installs everything.
pub(super) fn set_up(workspace: &Workspace) -> Result<Tools> {
    node()?;
    packages(&workspace.root.join("end2end"))?;
    let mut tools = Tools { chromium: chromium() };
    if tools.chromium.is_none() && debian_root() {
        apt_install(&["chromium"])?;
        tools.chromium = chromium();
    }
    if tools.chromium.is_none() {
        command::run(tools.npx(workspace).args(["playwright", "install", "chromium"])).map_err(|error| {
            format!("{error}\nInstall Chromium or Chrome, or name one in MILLRACE_CHROMIUM, and run this again.")
        })?;
    }
    Ok(tools)
}

fn node() -> Result<()> {
    if node_major().is_none() && debian_root() {
        apt_install(&["nodejs", "npm"])?;
    }
    match node_major() {
        Some(major) if major >= NODE_MAJOR_MIN => Ok(()),
        Some(major) => Err(format!(
            "The browser tests need Node.js {NODE_MAJOR_MIN} or newer; this machine has {major}. \
             Install a newer one (https://nodejs.org) and run this again."
        )
        .into()),
        None => Err(format!(
            "The browser tests need Node.js {NODE_MAJOR_MIN} or newer with npm, and found none. \
             Install it (https://nodejs.org) and run this again."
        )
        .into()),
    }
}

/// 20 of `v20.20.2`.
fn node_major() -> Option<u32> {
    let version = command::version("node")?;
    version.trim_start_matches('v').split('.').next()?.parse().ok()
}

/// `npm ci`, unless what it installed is newer than what is asked for.
fn packages(end2end: &Path) -> Result<()> {
    let modified = |name: &str| fs::metadata(end2end.join(name)).and_then(|file| file.modified());
    let asked = modified("package-lock.json")?;
    if modified("node_modules/.package-lock.json").is_ok_and(|installed| installed >= asked) {
        return Ok(());
    }
    let mut npm = Command::new("npm");
    command::run(npm.current_dir(end2end).args(["ci", "--no-audit", "--no-fund"]))
}

/// The one named in MILLRACE_CHROMIUM, or the first of the usual names.
fn chromium() -> Option<PathBuf> {
    if let Some(named) = std::env::var_os("MILLRACE_CHROMIUM") {
        return Some(named.into());
    }
    let names = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];
    let directories: Vec<PathBuf> = std::env::split_paths(&std::env::var_os("PATH")?).collect();
    let mut candidates = names.iter().flat_map(|name| directories.iter().map(move |directory| directory.join(name)));
    candidates.find(|candidate| candidate.is_file())
}

/// Whether packages can be installed without asking anyone.
fn debian_root() -> bool {
    let root = command::output(Command::new("id").arg("-u").stderr(Stdio::null())).is_ok_and(|id| id.trim() == "0");
    root && command::version("apt-get").is_some()
}

fn apt_install(packages: &[&str]) -> Result<()> {
    let apt = || {
        let mut apt = Command::new("apt-get");
        apt.env("DEBIAN_FRONTEND", "noninteractive");
        apt
    };
    command::run(apt().args(["update", "-qq"]))?;
    command::run(apt().args(["install", "-y", "-qq", "--no-install-recommends"]).args(packages))
}
