//! Directories of the server that its settings allow (`files_roots`), and which of them a path lies under. Sources are read
//! and exports written by the same rule; both then walk from the root, part by part, and never through a symbolic link.

use std::{
    os::unix::ffi::OsStrExt as _,
    path::{Component, Path, PathBuf},
};

/// What a root is used for, in the words of a refusal.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Use {
    Sources,
    Exports,
}

/// The innermost root that `path` lies under, and the names from there, or why it may not be used.
pub(crate) fn under<'a>(roots: &'a [PathBuf], path: &'a Path, used: Use) -> Result<(&'a Path, Vec<&'a Path>), String> {
    // `components` would pass over a dot.
    let mut parts = path.as_os_str().as_bytes().split(|byte| *byte == b'/');
    if parts.any(|part| matches!(part, b"." | b"..")) {
        return Err("may not hold “.” or “..”".to_owned());
    }
    if !path.is_absolute() {
        return Err("has to be absolute".to_owned());
    }
    let root = roots.iter().filter(|root| path.starts_with(root)).max_by_key(|root| root.components().count());
    let (they, may) = match used {
        Use::Sources => ("sources", "may be read from"),
        Use::Exports => ("exports", "may write to"),
    };
    let root = root.ok_or_else(|| match roots {
        [] => format!("is not allowed: the server's settings name no directory that {they} {may} (files_roots)"),
        _ => format!("lies under none of the directories that the server's settings allow for {they} (files_roots)"),
    })?;
    let plain = || "is no plain path".to_owned();
    let rest = path.strip_prefix(root).map_err(|_| plain())?;
    let names = rest.components().map(|part| match part {
        Component::Normal(name) => Ok(Path::new(name)),
        _ => Err(plain()),
    });
    Ok((root, names.collect::<Result<_, _>>()?))
}
