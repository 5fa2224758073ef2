//! `millrace backup` and `millrace restore`: everything that a server knows, in one file, taken while it works.
//!
//! ```text
//! backup.json                                       format, when, whether files are in it
//! millrace.db                                       a copy as the last commit left it
//! secrets.key                                       what its secrets are sealed with, unless a setting holds it
//! projects/<id>/files/<uuid>                        uploaded files        ┐
//! projects/<id>/workspace/<step>/…                  latest results        │ what that copy names,
//! executions/<id>/log.jsonl                         logs                  │ in its order
//! executions/<id>/outputs/<name>                    files for download    ┘
//! contents.jsonl                                    every file with its size, and those that were gone
//! ```
//!
//! It is a tar, compressed by zstd with a checksum. The database comes first: files are never changed once the database
//! names them, so what is read later belongs to that copy, and what retention removed meanwhile is said to be gone.
//!
//! **Architecture invariants:** a backup is complete and was read back before it has its name. A restored directory is
//! complete and was checked before the database lies in it. Whatever goes wrong leaves nothing behind. Nothing of an
//! archive is believed: names that are none of the above, links and devices are refused.

mod archive;
mod check;
mod collect;
pub(crate) mod command;
mod names;
mod restore;
mod run;
mod unpack;

use std::{
    io,
    path::{Path, PathBuf},
};

use crate::{directory::DirectoryError, store::StoreError};

pub use run::{back_up, restore};

/// What to back up, and to where.
#[derive(Clone, Debug)]
pub struct BackupOrder {
    pub data: PathBuf,
    /// The archive; must not be there yet.
    pub file: PathBuf,
    /// Leave all files out.
    pub database_only: bool,
}

/// What to restore, and to where.
#[derive(Clone, Debug)]
pub struct RestoreOrder {
    pub file: PathBuf,
    /// Must not be there yet, or be empty.
    pub data: PathBuf,
}

/// Why there is no backup, or nothing was restored.
#[derive(Debug, thiserror::Error)]
pub enum BackupError {
    #[error("{}: {source}", path.display())]
    Io { path: PathBuf, source: io::Error },
    #[error("{} exists already. Name a file that does not.", .0.display())]
    Exists(PathBuf),
    #[error("there is no database in {}. Say where the data is with --data DIR.", .0.display())]
    NoDatabase(PathBuf),
    #[error("{} is not empty. A backup is restored into a new or an empty directory: name one with --data DIR.", .0.display())]
    NotEmpty(PathBuf),
    #[error("{} is no backup that can be used: {problem}. Nothing was restored.", file.display())]
    Unusable { file: PathBuf, problem: String },
    #[error("the backup that was written cannot be used: {0}. It was removed.")]
    NotVerified(String),
    #[error("{path}: {problem}")]
    Damaged { path: String, problem: String },
    #[error("the results of a project: {0}")]
    Results(#[from] engine::Failure),
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Directory(#[from] DirectoryError),
    #[error("stopped before the end; nothing is left of it")]
    Stopped,
}

pub type Result<T, E = BackupError> = std::result::Result<T, E>;

/// An error at a path.
fn at(path: &Path) -> impl FnOnce(io::Error) -> BackupError {
    let path = path.to_owned();
    move |source| BackupError::Io { path, source }
}
