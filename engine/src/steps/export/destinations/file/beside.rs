//! A file in a directory of the server: written beside its name, then renamed.
//!
//! The directory is walked to from an allowed root, part by part, and never through a symbolic link; from then on files are
//! named relative to the open directory, so nothing that is exchanged on the way leads elsewhere. A file that is being
//! written is locked: one that nobody holds belongs to a process that died, and goes.

mod directories;

use std::{
    ffi::OsStr,
    fs::{File, TryLockError},
    io,
    os::{fd::OwnedFd, unix::ffi::OsStrExt as _},
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use regex::Regex;
use rustix::{
    fs::{
        AtFlags, Dir, FileType, Mode, OFlags, fstat, fsync, linkat, mkdirat, open, openat, renameat, statat, unlinkat,
    },
    io::Errno,
};

use self::directories::under;
use crate::Failure;

pub(crate) use self::directories::Made;

const PART_BEGINS: &str = ".millrace-";
const PART_ENDS: &str = ".part";
/// Attempts to find a free name for what is written.
const NAMES_TRIED_MAX: u32 = 10_000;

/// Of the next file that this process begins.
static NUMBER: AtomicU64 = AtomicU64::new(0);

const DIRECTORY: OFlags = OFlags::RDONLY.union(OFlags::DIRECTORY).union(OFlags::CLOEXEC);
const DIRECTORY_MODE: Mode = Mode::from_raw_mode(0o755);
const FILE_MODE: Mode = Mode::from_raw_mode(0o644);

/// A file on its way. Dropped before it is placed, it is removed, with the directories that were made for it.
pub(super) struct Beside {
    directory: OwnedFd,
    path: PathBuf,
    name: String,
    /// What the file is called until it has its name.
    part: Option<String>,
    file: File,
    made: Arc<Made>,
    earlier: Earlier,
    placed: bool,
}

/// The file that had the name before.
enum Earlier {
    NotThere,
    /// It has this second name until the export is done. Locked, so that nobody takes it for abandoned.
    Kept {
        name: String,
        _lock: Option<File>,
    },
    /// The file system gives no second names.
    Gone,
}

impl Beside {
    /// Begins the file `name` in the directory `path`, which must lie under one of `roots`.
    pub(super) fn create(roots: &[PathBuf], path: &Path, name: &str, made: &Arc<Made>) -> Result<Self, Failure> {
        let (root, rest) = under(roots, path)?;
        let cannot = |what: &str, error: Errno| {
            Failure::io(&format!("cannot {what} the export directory {}", path.display()), &error.into())
        };
        let mut directory = open(root, DIRECTORY, Mode::empty()).map_err(|error| cannot("open", error))?;
        for part in rest {
            let step = openat(&directory, part, DIRECTORY | OFlags::NOFOLLOW, Mode::empty());
            let next = match step {
                Ok(next) => next,
                Err(Errno::LOOP | Errno::NOTDIR) => {
                    return Err(Failure::Input(format!(
                        "the export directory {}: “{part}” is a symbolic link or no directory",
                        path.display()
                    )));
                }
                Err(Errno::NOENT) => {
                    match mkdirat(&directory, part, DIRECTORY_MODE) {
                        Ok(()) => {
                            let parent = directory.try_clone();
                            made.push(parent.map_err(|error| Failure::io("cannot open a directory", &error))?, part);
                        }
                        Err(Errno::EXIST) => {}
                        Err(error) => return Err(cannot("create", error)),
                    }
                    openat(&directory, part, DIRECTORY | OFlags::NOFOLLOW, Mode::empty())
                        .map_err(|error| cannot("open", error))?
                }
                Err(error) => return Err(cannot("open", error)),
            };
            directory = next;
        }
        refuse_odd(&directory, path, name)?;
        remove_abandoned(&directory).map_err(|error| cannot("tidy", error))?;
        let (part, file) = begin(&directory).map_err(|error| cannot("write to", error))?;
        let (path, name, part, made) = (path.to_owned(), name.to_owned(), Some(part), Arc::clone(made));
        Ok(Self { directory, path, name, part, file, made, earlier: Earlier::NotThere, placed: false })
    }

    /// The file, to be written.
    pub(super) fn file(&self) -> Result<File, Failure> {
        self.file.try_clone().map_err(|error| Failure::io("cannot open the export's file", &error))
    }

    /// Gives the earlier file a second name, from which it comes back when the export fails after all.
    pub(super) fn keep_earlier(&mut self) -> Result<(), Failure> {
        let looked =
            openat(&self.directory, &self.name, OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::CLOEXEC, Mode::empty());
        // One that may not be read can be kept all the same.
        let lock = looked.ok().map(File::from).filter(|file| file.try_lock().is_ok());
        for _ in 0..NAMES_TRIED_MAX {
            let name = free_name();
            match linkat(&self.directory, &self.name, &self.directory, &name, AtFlags::empty()) {
                Ok(()) => {
                    self.earlier = Earlier::Kept { name, _lock: lock };
                    return Ok(());
                }
                Err(Errno::NOENT) => return Ok(()),
                Err(Errno::EXIST) => {}
                Err(Errno::PERM | Errno::OPNOTSUPP | Errno::NOSYS | Errno::MLINK) => {
                    self.earlier = Earlier::Gone;
                    return Ok(());
                }
                Err(error) => return Err(self.failure("keep the earlier file", error)),
            }
        }
        Err(self.failure("keep the earlier file", Errno::EXIST))
    }

    /// Renames the complete file and tells where it is.
    pub(super) fn place(&mut self) -> Result<String, Failure> {
        let Some(part) = &self.part else {
            return Err(Failure::Internal("a file that is placed twice".to_owned()));
        };
        let renamed = renameat(&self.directory, part, &self.directory, &self.name);
        renamed.map_err(|error| self.failure("rename the complete file", error))?;
        (self.part, self.placed) = (None, true);
        if let Err(error) = fsync(&self.directory) {
            let failure = self.failure("bring the complete file to the disk", error);
            return Err(match self.take_back() {
                Ok(()) => failure,
                Err(stays) => Failure::Input(format!("{failure}; {stays}")),
            });
        }
        Ok(self.location())
    }

    /// Puts the earlier file back, or none where there was none.
    pub(super) fn take_back(&mut self) -> Result<(), Failure> {
        let done = match std::mem::replace(&mut self.earlier, Earlier::NotThere) {
            Earlier::NotThere => unlinkat(&self.directory, &self.name, AtFlags::empty()),
            Earlier::Kept { name, .. } => renameat(&self.directory, &name, &self.directory, &self.name),
            Earlier::Gone => {
                let location = self.location();
                return Err(Failure::Input(format!("{location} is complete and new already")));
            }
        };
        done.and_then(|()| fsync(&self.directory)).map_err(|error| self.failure("put the earlier file back", error))?;
        self.placed = false;
        Ok(())
    }

    /// Lets go of the earlier file, and of those that are not kept; tells which.
    pub(super) fn settle(&mut self, kept: Option<&(Regex, usize)>) -> Vec<String> {
        if let Earlier::Kept { name, .. } = std::mem::replace(&mut self.earlier, Earlier::NotThere) {
            remove_quietly(&self.directory, &name, &self.path);
        }
        let Some((names, keep)) = kept else { return Vec::new() };
        self.remove_older(names, *keep).unwrap_or_else(|error| {
            tracing::warn!(%error, directory = %self.path.display(), "earlier exports could not be removed");
            Vec::new()
        })
    }

    fn location(&self) -> String {
        self.path.join(&self.name).display().to_string()
    }

    fn failure(&self, doing: &str, error: Errno) -> Failure {
        Failure::io(&format!("{}: cannot {doing}", self.location()), &error.into())
    }

    fn remove_older(&self, names: &Regex, keep: usize) -> Result<Vec<String>, Errno> {
        let mut found = Vec::new();
        for name in entries(&self.directory)? {
            if name == self.name || !names.is_match(&name) {
                continue;
            }
            let about = statat(&self.directory, &name, AtFlags::SYMLINK_NOFOLLOW)?;
            if FileType::from_raw_mode(about.st_mode) == FileType::RegularFile {
                found.push(((about.st_mtime, about.st_mtime_nsec), name));
            }
        }
        found.sort_by(|one, other| other.cmp(one));
        let older: Vec<String> = found.into_iter().skip(keep.saturating_sub(1)).map(|(_, name)| name).collect();
        for name in &older {
            unlinkat(&self.directory, name, AtFlags::empty())?;
        }
        Ok(older)
    }
}

impl Drop for Beside {
    fn drop(&mut self) {
        let earlier = match std::mem::replace(&mut self.earlier, Earlier::NotThere) {
            Earlier::Kept { name, .. } => Some(name),
            Earlier::NotThere | Earlier::Gone => None,
        };
        for name in self.part.take().into_iter().chain(earlier) {
            remove_quietly(&self.directory, &name, &self.path);
        }
        if !self.placed {
            self.made.remove_empty();
        }
    }
}

fn remove_quietly(directory: &OwnedFd, name: &str, path: &Path) {
    if let Err(error) = unlinkat(directory, name, AtFlags::empty()) {
        tracing::warn!(%error, directory = %path.display(), name, "a working file of an export could not be removed");
    }
}

/// A name that something else than a file has is left alone.
fn refuse_odd(directory: &OwnedFd, path: &Path, name: &str) -> Result<(), Failure> {
    let about = match statat(directory, name, AtFlags::SYMLINK_NOFOLLOW) {
        Err(Errno::NOENT) => return Ok(()),
        about => about.map_err(|error| Failure::io("cannot look at the export's earlier file", &error.into()))?,
    };
    match FileType::from_raw_mode(about.st_mode) {
        FileType::RegularFile => Ok(()),
        _ => Err(Failure::Input(format!(
            "{} is a symbolic link or no file; an export does not replace it",
            path.join(name).display()
        ))),
    }
}

fn entries(directory: &OwnedFd) -> Result<Vec<String>, Errno> {
    let mut names = Vec::new();
    for entry in Dir::read_from(directory)? {
        // Names that are not UTF-8 are none of ours.
        if let Some(name) = OsStr::from_bytes(entry?.file_name().to_bytes()).to_str() {
            names.push(name.to_owned());
        }
    }
    Ok(names)
}

/// Removes what processes that died were writing.
fn remove_abandoned(directory: &OwnedFd) -> Result<(), Errno> {
    let parts = entries(directory)?.into_iter();
    for name in parts.filter(|name| name.starts_with(PART_BEGINS) && name.ends_with(PART_ENDS)) {
        let flags = OFlags::NOFOLLOW | OFlags::CLOEXEC;
        // An earlier file that was kept may be one that can only be read; a network's locks may need more than that.
        let opened = openat(directory, &name, flags | OFlags::RDWR, Mode::empty())
            .or_else(|_| openat(directory, &name, flags | OFlags::RDONLY, Mode::empty()));
        let Ok(file) = opened else { continue };
        if File::from(file).try_lock().is_ok() {
            match unlinkat(directory, &name, AtFlags::empty()) {
                Err(Errno::NOENT) | Ok(()) => {}
                Err(error) => return Err(error),
            }
        }
    }
    Ok(())
}

/// Never the same name twice, or what is tidied up could be another's new file.
fn free_name() -> String {
    let number = NUMBER.fetch_add(1, Ordering::Relaxed);
    format!("{PART_BEGINS}{}-{number}{PART_ENDS}", std::process::id())
}

/// Creates a file under a free name and locks it.
fn begin(directory: &OwnedFd) -> Result<(String, File), Errno> {
    let flags = OFlags::CREATE | OFlags::EXCL | OFlags::RDWR | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    for _ in 0..NAMES_TRIED_MAX {
        let name = free_name();
        let file = match openat(directory, &name, flags, FILE_MODE) {
            Ok(file) => File::from(file),
            Err(Errno::EXIST) => continue,
            Err(error) => return Err(error),
        };
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => continue,
            Err(TryLockError::Error(error)) => return Err(errno(&error)),
        }
        // Somebody who tidied between the two steps has taken it for abandoned.
        if fstat(&file)?.st_nlink > 0 {
            return Ok((name, file));
        }
    }
    Err(Errno::EXIST)
}

fn errno(error: &io::Error) -> Errno {
    Errno::from_io_error(error).unwrap_or(Errno::IO)
}

#[cfg(test)]
mod tests;
