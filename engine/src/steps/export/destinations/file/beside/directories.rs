//! The directory that a file goes to: which root it lies under, and what of it did not exist before.

use std::{
    os::{fd::OwnedFd, unix::ffi::OsStrExt as _},
    path::{Component, Path, PathBuf},
    sync::{Mutex, PoisonError},
};

use rustix::fs::{AtFlags, unlinkat};

use crate::Failure;

/// Directories that did not exist before this run, with what they lie in. Several files may lie in one.
#[derive(Default)]
pub(crate) struct Made(Mutex<Vec<(OwnedFd, String)>>);

impl Made {
    pub(super) fn push(&self, parent: OwnedFd, name: &str) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push((parent, name.to_owned()));
    }

    /// One that holds a file, of this run or of somebody else, stays.
    pub(super) fn remove_empty(&self) {
        for (parent, name) in self.0.lock().unwrap_or_else(PoisonError::into_inner).iter().rev() {
            let _ = unlinkat(parent, name, AtFlags::REMOVEDIR);
        }
    }
}

impl Drop for Made {
    fn drop(&mut self) {
        self.remove_empty();
    }
}

/// The root that a path lies under, and the names of the directories from there.
pub(super) fn under<'a>(roots: &'a [PathBuf], path: &'a Path) -> Result<(&'a Path, Vec<&'a str>), Failure> {
    let refused = |why: &str| Failure::Input(format!("the export directory {} {why}", path.display()));
    // `components` would pass over a dot.
    let parts = path.as_os_str().as_bytes().split(|byte| *byte == b'/');
    if parts.into_iter().any(|part| matches!(part, b"." | b"..")) {
        return Err(refused("may not hold “.” or “..”"));
    }
    if !path.is_absolute() {
        return Err(refused("has to be absolute"));
    }
    let root = roots.iter().filter(|root| path.starts_with(root)).max_by_key(|root| root.components().count());
    let root = root.ok_or_else(|| {
        refused(match roots {
            [] => "is not allowed: the server's settings name no directory that exports may write to (files_roots)",
            _ => "lies under none of the directories that the server's settings allow for exports (files_roots)",
        })
    })?;
    let rest = path.strip_prefix(root).expect("it begins so");
    let names = rest.components().map(|part| match part {
        Component::Normal(name) => name.to_str().ok_or_else(|| refused("is not UTF-8")),
        _ => Err(refused("is no plain path")),
    });
    Ok((root, names.collect::<Result<_, _>>()?))
}
