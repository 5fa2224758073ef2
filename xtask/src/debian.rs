//! Installing what is missing on a Debian machine, where that can be done without asking anyone.

use std::process::{Command, Stdio};

use crate::{Result, command};

/// Whether packages can be installed without asking anyone.
pub(crate) fn is_root() -> bool {
    let root = command::output(Command::new("id").arg("-u").stderr(Stdio::null())).is_ok_and(|id| id.trim() == "0");
    root && command::version("apt-get").is_some()
}

pub(crate) fn install(packages: &[&str]) -> Result<()> {
    let apt = || {
        let mut apt = Command::new("apt-get");
        apt.env("DEBIAN_FRONTEND", "noninteractive");
        apt
    };
    command::run(apt().args(["update", "-qq"]))?;
    command::run(apt().args(["install", "-y", "-qq", "--no-install-recommends"]).args(packages))
}
