//! An open file that several passes read, each from the beginning.
//!
//! What was opened is what is read: no name is looked up a second time, so nothing can be put in its place meanwhile, and a
//! file that was fetched needs no name at all.

use std::{
    fs::File,
    io::{self, Read, Seek, SeekFrom, Write as _},
    os::unix::fs::FileExt as _,
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use crate::{Checkpoint, Failure};

/// Of the next nameless file of this process.
static NUMBER: AtomicU64 = AtomicU64::new(0);

/// A regular file that is open for reading.
#[derive(Clone, Debug)]
pub(super) struct SourceFile {
    file: Arc<File>,
    bytes: u64,
}

impl SourceFile {
    pub(super) fn open(path: &Path) -> io::Result<Self> {
        Self::new(File::open(path)?)
    }

    /// # Errors
    /// When it is a directory, a pipe or a device.
    pub(super) fn new(file: File) -> io::Result<Self> {
        let facts = file.metadata()?;
        if !facts.is_file() {
            return Err(io::Error::new(io::ErrorKind::InvalidInput, "it is no regular file"));
        }
        Ok(Self { file: Arc::new(file), bytes: facts.len() })
    }

    pub(super) const fn bytes(&self) -> u64 {
        self.bytes
    }

    /// Its bytes from the first.
    pub(super) fn reader(&self) -> FileReader {
        FileReader { file: Arc::clone(&self.file), at: 0, bytes: self.bytes }
    }
}

/// Reads a file from a place of its own.
#[derive(Clone, Debug)]
pub(super) struct FileReader {
    file: Arc<File>,
    at: u64,
    bytes: u64,
}

impl Read for FileReader {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.file.read_at(buffer, self.at)?;
        self.at += read as u64;
        Ok(read)
    }
}

impl Seek for FileReader {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let at = match to {
            SeekFrom::Start(at) => Some(at),
            SeekFrom::End(by) => self.bytes.checked_add_signed(by),
            SeekFrom::Current(by) => self.at.checked_add_signed(by),
        };
        self.at = at.ok_or_else(|| io::Error::new(io::ErrorKind::InvalidInput, "a place before the beginning"))?;
        Ok(self.at)
    }
}

/// Ends a library's long reading when the run is cancelled.
#[derive(Clone, Debug)]
pub(super) struct Stoppable<R> {
    pub(super) inner: R,
    pub(super) checkpoint: Checkpoint,
}

impl<R: Read> Read for Stoppable<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.checkpoint.check().map_err(|stopped| io::Error::other(stopped.to_string()))?;
        self.inner.read(buffer)
    }
}

impl<R: Seek> Seek for Stoppable<R> {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.inner.seek(to)
    }
}

/// A new file without a name: whatever happens, it is gone when it is closed.
pub(super) struct Nameless {
    file: File,
    written: u64,
    bytes_max: u64,
}

impl Nameless {
    /// On the disk of `directory`.
    pub(super) fn create(directory: &Path, bytes_max: u64) -> Result<Self, Failure> {
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let path: PathBuf = directory.join(format!("source-{}-{number}.part", std::process::id()));
        let create = || {
            let file = File::options().read(true).write(true).create_new(true).open(&path)?;
            std::fs::remove_file(&path)?;
            Ok(file)
        };
        let file =
            create().map_err(|error: io::Error| Failure::io("it cannot be kept on the server's disk", &error))?;
        Ok(Self { file, written: 0, bytes_max })
    }

    /// Appends; more than it may hold is refused.
    pub(super) fn write(&mut self, bytes: &[u8]) -> Result<(), Failure> {
        self.written += bytes.len() as u64;
        self.refuse_too_large(self.written)?;
        self.file.write_all(bytes).map_err(|error| Failure::io("it cannot be kept on the server's disk", &error))
    }

    /// Whether `bytes` are too many for it.
    pub(super) fn refuse_too_large(&self, bytes: u64) -> Result<(), Failure> {
        if bytes <= self.bytes_max {
            return Ok(());
        }
        let limit = self.bytes_max / (1024 * 1024);
        Err(Failure::Input(format!("it has more than {limit} MB, which is the limit")))
    }

    pub(super) fn finish(self) -> Result<SourceFile, Failure> {
        SourceFile::new(self.file).map_err(|error| Failure::io("it cannot be kept on the server's disk", &error))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn readers_have_places_of_their_own() {
        let home = tempfile::tempdir().expect("a temporary directory");
        let mut nameless = Nameless::create(home.path(), 10).expect("a file");
        nameless.write(b"0123456789").expect("fits");
        assert!(nameless.write(b"x").expect_err("too much").to_string().contains("which is the limit"));
        assert_eq!(home.path().read_dir().expect("reads").count(), 0, "it has no name");
        let file = nameless.finish().expect("a file");
        let (mut one, mut other) = (file.reader(), file.reader());
        let mut first = [0; 4];
        one.read_exact(&mut first).expect("reads");
        let mut all = String::new();
        other.read_to_string(&mut all).expect("reads");
        assert_eq!((&first, all.as_str()), (b"0123", "0123456789"));
        assert_eq!(one.seek(SeekFrom::End(-1)).expect("a place"), 9);
        assert!(one.seek(SeekFrom::Current(-20)).is_err());
    }

    #[test]
    fn a_directory_is_no_file() {
        let home = tempfile::tempdir().expect("a temporary directory");
        assert!(SourceFile::open(home.path()).is_err());
    }
}
