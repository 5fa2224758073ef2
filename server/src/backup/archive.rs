//! Writing an archive: entries in order, each noted in the list that comes last.

use std::{
    fs::File,
    io::{self, BufReader, BufWriter, Read, Seek as _, Write as _},
    path::Path,
};

use model::Timestamp;
use serde::{Deserialize, Serialize};
use tokio_util::sync::CancellationToken;

use super::{BackupError, Result, at, names};

/// What this program writes, and the only one that it reads.
pub(super) const FORMAT: u32 = 1;
/// zstd's own choice: as fast as a disk writes, and most of what can be saved.
const LEVEL: i32 = 3;

/// The first entry.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Head {
    pub(super) format: u32,
    /// Version of the program that wrote it.
    pub(super) millrace: String,
    pub(super) made_at: Timestamp,
    pub(super) database_only: bool,
}

/// A line of the last entry.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Line {
    pub(super) path: String,
    /// `None`: the database names it, and it was gone.
    pub(super) bytes: Option<u64>,
}

impl Line {
    pub(super) fn to_json(&self) -> Vec<u8> {
        let mut json = serde_json::to_vec(self).expect("a line holds text and numbers only");
        json.push(b'\n');
        json
    }
}

/// An archive that is being written.
pub(super) struct Archive {
    tar: tar::Builder<zstd::Encoder<'static, BufWriter<File>>>,
    made_at: Timestamp,
    /// The list so far, in a file of its own: there may be millions.
    list: BufWriter<File>,
    stop: CancellationToken,
}

impl Archive {
    /// Begins an archive in `file`, with its list beside it in `list`.
    pub(super) fn begin(file: File, list: File, head: &Head, stop: CancellationToken) -> io::Result<Self> {
        let mut compressed = zstd::Encoder::new(BufWriter::new(file), LEVEL)?;
        compressed.include_checksum(true)?;
        let mut archive =
            Self { tar: tar::Builder::new(compressed), made_at: head.made_at, list: BufWriter::new(list), stop };
        let head = serde_json::to_vec_pretty(head).expect("a head holds text and numbers only");
        archive.append(names::HEAD, head.len() as u64, &head[..])?;
        Ok(archive)
    }

    /// Adds the copy of the database. It is no file of the list.
    pub(super) fn add_database(&mut self, path: &Path) -> Result<()> {
        let file = File::open(path).map_err(at(path))?;
        let bytes = file.metadata().map_err(at(path))?.len();
        self.append(names::DATABASE, bytes, file).map_err(at(path))
    }

    /// Adds a file as long as it is now: a log that grows meanwhile is cut there.
    pub(super) fn add(&mut self, name: String, path: &Path, mut file: File) -> Result<u64> {
        if self.stop.is_cancelled() {
            return Err(BackupError::Stopped);
        }
        let bytes = file.metadata().map_err(at(path))?.len();
        self.append(&name, bytes, &mut file).map_err(at(path))?;
        self.note(&Line { path: name, bytes: Some(bytes) }).map_err(at(path))?;
        Ok(bytes)
    }

    /// Adds a file that is only a few words.
    pub(super) fn add_text(&mut self, name: String, text: &str) -> io::Result<()> {
        let bytes = text.len() as u64;
        self.append(&name, bytes, text.as_bytes())?;
        self.note(&Line { path: name, bytes: Some(bytes) })
    }

    /// Notes a file that the database names and that is gone.
    pub(super) fn add_gone(&mut self, name: String) -> io::Result<()> {
        self.note(&Line { path: name, bytes: None })
    }

    /// Adds the list, and brings all of it onto the disk.
    pub(super) fn finish(mut self) -> io::Result<()> {
        self.list.flush()?;
        let mut list = self.list.get_ref().try_clone()?;
        list.rewind()?;
        let bytes = list.metadata()?.len();
        self.append(names::CONTENTS, bytes, BufReader::new(list))?;
        let file = self.tar.into_inner()?.finish()?;
        file.into_inner().map_err(io::IntoInnerError::into_error)?.sync_all()
    }

    fn append(&mut self, name: &str, bytes: u64, content: impl Read) -> io::Result<()> {
        let mut header = tar::Header::new_gnu();
        header.set_entry_type(tar::EntryType::Regular);
        header.set_size(bytes);
        header.set_mode(0o600);
        header.set_mtime(u64::try_from(self.made_at.as_micros() / 1_000_000).unwrap_or_default());
        let content = Exactly { content: content.take(bytes), left: bytes, stop: &self.stop };
        self.tar.append_data(&mut header, name, content)
    }

    fn note(&mut self, line: &Line) -> io::Result<()> {
        self.list.write_all(&line.to_json())
    }
}

/// Refuses to end early: the entry's size is written already.
struct Exactly<'a, R> {
    content: io::Take<R>,
    left: u64,
    stop: &'a CancellationToken,
}

impl<R: Read> Read for Exactly<'_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.stop.is_cancelled() {
            return Err(stopped());
        }
        let read = self.content.read(buffer)?;
        if read == 0 && self.left > 0 && !buffer.is_empty() {
            return Err(io::Error::new(io::ErrorKind::UnexpectedEof, "it became shorter while it was read"));
        }
        self.left -= read as u64;
        Ok(read)
    }
}

/// Reads until the process is asked to end.
pub(super) struct UntilStopped<R> {
    pub(super) content: R,
    pub(super) stop: CancellationToken,
}

impl<R: Read> Read for UntilStopped<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.stop.is_cancelled() { Err(stopped()) } else { self.content.read(buffer) }
    }
}

fn stopped() -> io::Error {
    io::Error::other("stopped")
}
