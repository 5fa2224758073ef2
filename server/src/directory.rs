//! The data directory: where everything lies, and the lock that keeps a second server out.
//!
//! ```text
//! millrace.db      lock
//! secrets.key                      what the secrets in the database are sealed with; made with the first of them
//! projects/<id>/files/<uuid>       uploaded files, never overwritten
//! projects/<id>/workspace/         latest result of every step
//! executions/<id>/outputs/         files for download, complete or absent
//! executions/<id>/log.jsonl
//! tmp/             uploads on their way      spill/   what the engine puts aside
//! ```

use std::{
    fs::{self, File, TryLockError},
    io::{self, Read, Seek, Write},
    path::{Path, PathBuf},
};

use model::{ExecutionId, ProjectId};
use uuid::Uuid;

/// Paths inside one data directory.
#[derive(Clone, Debug)]
pub struct DataDirectory {
    root: PathBuf,
}

#[derive(Debug, thiserror::Error)]
pub enum DirectoryError {
    #[error("{path}: {source}. Choose a directory that this user may write to with --data DIR.")]
    Io { path: PathBuf, source: io::Error },
    #[error(
        "{path} is in use by another millrace server (process {process}). Stop it, or start this one with another --data DIR."
    )]
    InUse { path: PathBuf, process: String },
}

impl DataDirectory {
    /// The directory as it is.
    pub fn at(root: impl Into<PathBuf>) -> Self {
        Self { root: root.into() }
    }

    /// Makes the directory and those in it that are missing.
    ///
    /// # Errors
    /// When one of them cannot be made.
    pub fn open(root: impl Into<PathBuf>) -> Result<Self, DirectoryError> {
        let directory = Self::at(root);
        make_private(&directory.root).map_err(|source| DirectoryError::Io { path: directory.root.clone(), source })?;
        for path in [directory.projects(), directory.executions(), directory.temporary(), directory.spill()] {
            fs::create_dir_all(&path).map_err(|source| DirectoryError::Io { path, source })?;
        }
        Ok(directory)
    }

    pub fn root(&self) -> &Path {
        &self.root
    }

    pub fn database(&self) -> PathBuf {
        self.root.join("millrace.db")
    }

    pub fn secrets_key(&self) -> PathBuf {
        self.root.join("secrets.key")
    }

    pub fn temporary(&self) -> PathBuf {
        self.root.join("tmp")
    }

    pub fn spill(&self) -> PathBuf {
        self.root.join("spill")
    }

    pub fn projects(&self) -> PathBuf {
        self.root.join("projects")
    }

    pub fn project(&self, id: ProjectId) -> PathBuf {
        self.projects().join(id.to_string())
    }

    pub fn files(&self, id: ProjectId) -> PathBuf {
        self.project(id).join("files")
    }

    pub fn file(&self, id: ProjectId, file: Uuid) -> PathBuf {
        self.files(id).join(file.to_string())
    }

    pub fn workspace(&self, id: ProjectId) -> PathBuf {
        self.project(id).join("workspace")
    }

    pub fn executions(&self) -> PathBuf {
        self.root.join("executions")
    }

    pub fn execution(&self, id: ExecutionId) -> PathBuf {
        self.executions().join(id.to_string())
    }

    pub fn outputs(&self, id: ExecutionId) -> PathBuf {
        self.execution(id).join("outputs")
    }

    /// Where the engine writes outputs that are not complete yet.
    pub fn outputs_partial(&self, id: ExecutionId) -> PathBuf {
        self.execution(id).join("outputs.partial")
    }

    pub fn log(&self, id: ExecutionId) -> PathBuf {
        self.execution(id).join("log.jsonl")
    }

    /// Takes the directory for this process. The operating system lets go of it when the process ends, however it ends.
    ///
    /// # Errors
    /// [`DirectoryError::InUse`] names the process that holds it.
    pub fn lock(&self) -> Result<Lock, DirectoryError> {
        let path = self.root.join("lock");
        let io = |source| DirectoryError::Io { path: path.clone(), source };
        let mut file = File::options().read(true).write(true).create(true).truncate(false).open(&path).map_err(io)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                let mut process = String::new();
                file.read_to_string(&mut process).map_err(io)?;
                return Err(DirectoryError::InUse { path: self.root.clone(), process: process.trim().to_owned() });
            }
            Err(TryLockError::Error(source)) => return Err(io(source)),
        }
        file.set_len(0).map_err(io)?;
        file.rewind().map_err(io)?;
        writeln!(file, "{}", std::process::id()).map_err(io)?;
        Ok(Lock { _file: file })
    }
}

/// Makes a directory for its owner alone, and those above it that are missing: it will hold everybody's records. One that
/// is there stays as it is.
pub fn make_private(path: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path)
}

/// Holds the data directory until it is dropped.
#[derive(Debug)]
pub struct Lock {
    _file: File,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_server_on_the_same_directory_is_refused_and_told_who_holds_it() {
        let temporary = tempfile::tempdir().unwrap();
        let directory = DataDirectory::open(temporary.path().join("data")).unwrap();
        let lock = directory.lock().unwrap();
        let refused = directory.lock().unwrap_err().to_string();
        assert!(refused.contains(&format!("process {}", std::process::id())), "{refused}");
        drop(lock);
        directory.lock().unwrap();
    }
}
