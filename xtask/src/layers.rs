//! The layering rules of docs/ARCHITECTURE.md, checked over what cargo says of the crates and over the source text.

mod crates;
mod modules;

use crate::Result;
use crate::workspace::{Workspace, metadata};

/// Checks every rule and fails with all that is broken.
pub(crate) fn check(workspace: &Workspace) -> Result<()> {
    let metadata = metadata(&workspace.root, &["--no-deps"])?;
    let mut broken = crates::members(&metadata);
    broken.extend(crates::browser(&workspace.root)?);
    let sources = modules::read(&workspace.root)?;
    broken.extend(modules::check(&sources));
    for long in modules::long(&sources) {
        eprintln!("  warning: {long}");
    }
    if broken.is_empty() { Ok(()) } else { Err(format!("layering:\n  {}", broken.join("\n  ")).into()) }
}
