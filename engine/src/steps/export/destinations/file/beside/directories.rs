//! The directory that a file goes to: which root it lies under, and what of it did not exist before.

use std::{
    os::fd::OwnedFd,
    path::{Path, PathBuf},
    sync::{Mutex, PoisonError},
};

use rustix::fs::{AtFlags, unlinkat};

use crate::{
    Failure,
    roots::{self, Use},
};

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
    let (root, names) = roots::under(roots, path, Use::Exports).map_err(|why| refused(&why))?;
    let names = names.into_iter().map(|name| name.to_str().ok_or_else(|| refused("is not UTF-8")));
    Ok((root, names.collect::<Result<_, _>>()?))
}
