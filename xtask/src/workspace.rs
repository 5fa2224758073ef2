//! Where things are: the repository, cargo's target directory, and what the profiles leave there.

use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::{Result, command};

/// The members that run on the machine. The browser's crate is never built together with them: features would unify
/// and event handlers vanish from the pages. This crate stays out too, so that its own features change nothing.
pub(crate) const NATIVE: [&str; 5] = ["--workspace", "--exclude", "frontend", "--exclude", "xtask"];

/// The browser's crate and how it is compiled.
pub(crate) const BROWSER: [&str; 4] = ["--package", "frontend", "--target", "wasm32-unknown-unknown"];

/// Tells the server's build script which directory of browser files to embed.
pub(crate) const SITE_VARIABLE: &str = "MILLRACE_SITE";

/// The repository's directories.
pub(crate) struct Workspace {
    /// The directory of the workspace's Cargo.toml.
    pub(crate) root: PathBuf,
    /// Where cargo builds.
    pub(crate) target: PathBuf,
}

/// How the server is compiled.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Profile {
    /// Shared by `run` and `test`.
    Dev,
    /// For production and benchmarks.
    Release,
}

impl Workspace {
    /// The workspace that this crate belongs to.
    pub(crate) fn find() -> Result<Self> {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().ok_or("xtask/ is a directory of the workspace")?;
        let metadata = metadata(root, &["--no-deps"])?;
        let directory =
            |name: &str| metadata[name].as_str().map(PathBuf::from).ok_or("cargo metadata names no directory");
        Ok(Self { root: directory("workspace_root")?, target: directory("target_directory")? })
    }

    /// The browser's files as the server embeds them: `millrace.{js,css}`, `millrace_bg.wasm`, each also `.br`.
    pub(crate) fn site(&self) -> PathBuf {
        self.target.join("site").join("pkg")
    }

    /// The built server.
    pub(crate) fn binary(&self, profile: Profile) -> PathBuf {
        self.target.join(profile.directory()).join(format!("millrace{}", std::env::consts::EXE_SUFFIX))
    }
}

/// What `cargo metadata` says, read as plain JSON: the `cargo_metadata` crate would switch on features of serde_json
/// that the product does not use, and every dependency would be built once more.
pub(crate) fn metadata(root: &Path, arguments: &[&str]) -> Result<Value> {
    let mut cargo = command::cargo();
    cargo.current_dir(root).args(["metadata", "--format-version", "1"]).args(arguments);
    Ok(serde_json::from_str(&command::output(&mut cargo)?)?)
}

impl Profile {
    /// `--release` or not.
    pub(crate) fn from_flag(release: bool) -> Self {
        if release { Self::Release } else { Self::Dev }
    }

    /// Cargo's name of the profile.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Dev => "dev",
            Self::Release => "release",
        }
    }

    /// Its directory under the target directory.
    fn directory(self) -> &'static str {
        match self {
            Self::Dev => "debug",
            Self::Release => "release",
        }
    }
}
