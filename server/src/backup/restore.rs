//! The directory that a backup is restored into: empty before, and whole or as before afterwards.

use std::{
    fs::{self, File},
    io::{self, ErrorKind},
    path::{Path, PathBuf},
};

use super::{BackupError, Result, at, names};
use crate::directory::{DataDirectory, Lock, make_private};

/// Where an archive is unpacked, inside the directory: it may be a volume of its own.
const STAGING: &str = "restoring";
/// Moved out of there in this order: while the database is missing, the directory is none that a server works with.
const PARTS: [&str; 4] = ["projects", "executions", names::KEY, names::DATABASE];

/// The directory while it is restored. Dropping it removes everything that was put there.
pub(super) struct Target {
    root: PathBuf,
    /// The topmost directory that was not there.
    made: Option<PathBuf>,
    /// Keeps servers out.
    lock: Option<Lock>,
    is_complete: bool,
}

impl Target {
    /// Makes the directory if it is not there, and takes it.
    pub(super) fn prepare(root: &Path) -> Result<Self> {
        let missing = root.ancestors().take_while(|path| !path.as_os_str().is_empty() && !path.exists()).last();
        let made = missing.map(Path::to_owned);
        if made.is_none() && fs::read_dir(root).map_err(at(root))?.next().is_some() {
            return Err(BackupError::NotEmpty(root.to_owned()));
        }
        let mut target = Self { root: root.to_owned(), made, lock: None, is_complete: false };
        make_private(root).map_err(at(root))?;
        target.lock = Some(DataDirectory::at(root).lock()?);
        fs::create_dir(target.staging()).map_err(at(root))?;
        Ok(target)
    }

    pub(super) fn staging(&self) -> PathBuf {
        self.root.join(STAGING)
    }

    /// Puts what was unpacked and checked in its place.
    pub(super) fn complete(mut self) -> Result<()> {
        self.move_into_place().map_err(at(&self.root))?;
        self.is_complete = true;
        Ok(())
    }

    fn move_into_place(&self) -> io::Result<()> {
        let staging = self.staging();
        bring_to_disk(&staging)?;
        for part in PARTS {
            match fs::rename(staging.join(part), self.root.join(part)) {
                Err(error) if error.kind() == ErrorKind::NotFound && part != names::DATABASE => {}
                renamed => renamed?,
            }
            bring_to_disk(&self.root)?;
        }
        fs::remove_dir_all(&staging)
    }

    fn remove(&self) -> io::Result<()> {
        if let Some(made) = &self.made {
            return fs::remove_dir_all(made);
        }
        for entry in fs::read_dir(&self.root)? {
            let path = entry?.path();
            if path.is_dir() { fs::remove_dir_all(path) } else { fs::remove_file(path) }?;
        }
        Ok(())
    }
}

impl Drop for Target {
    fn drop(&mut self) {
        if !self.is_complete
            && let Err(error) = self.remove()
        {
            eprintln!("millrace: what was restored so far could not be removed from {}: {error}", self.root.display());
        }
    }
}

/// All that was written under this path: one call for a million files.
#[cfg(unix)]
fn bring_to_disk(path: &Path) -> io::Result<()> {
    rustix::fs::sync();
    File::open(path)?.sync_all()
}

/// Where directories cannot be opened, the system does it in its own time.
#[cfg(not(unix))]
fn bring_to_disk(_: &Path) -> io::Result<()> {
    Ok(())
}
