//! What the browser tests need on the machine, set up as far as this task may: Node.js, Playwright, Chromium.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::{Result, command, debian};

/// The oldest Node.js that Playwright and the tests run on.
const NODE_MAJOR_MIN: u32 = 20;

/// Finds or installs everything, and gives the system's Chromium if that is the one to use.
pub(super) fn set_up(end2end: &Path) -> Result<Option<PathBuf>> {
    node()?;
    packages(end2end)?;
    let mut found = chromium();
    if found.is_none() && debian::is_root() {
        debian::install(&["chromium"])?;
        found = chromium();
    }
    if found.is_none() {
        command::run(super::npx(end2end).args(["playwright", "install", "chromium"])).map_err(|error| {
            format!("{error}\nInstall Chromium or Chrome, or name one in MILLRACE_CHROMIUM, and run this again.")
        })?;
    }
    Ok(found)
}

fn node() -> Result<()> {
    if node_major().is_none() && debian::is_root() {
        debian::install(&["nodejs", "npm"])?;
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
