//! Reading an archive: every entry is one of a backup's, is a plain file, and is in the list that comes last.

use std::{
    fs::{self, File},
    io::{self, BufRead as _, BufReader, Read},
    path::Path,
};

use sha2::{Digest as _, Sha256};
use tokio_util::sync::CancellationToken;

use super::{
    archive::{FORMAT, Head, Line, UntilStopped},
    names::{self, Meaning},
};
use crate::vault::private;

/// A head that is longer is none.
const HEAD_BYTES_MAX: u64 = 64 << 10;

/// Why an archive cannot be used, in words.
#[derive(Debug, thiserror::Error)]
pub(super) enum UnpackError {
    #[error("{0}")]
    Refused(String),
    /// Of reading the archive, or of writing what is in it.
    #[error(transparent)]
    Io(#[from] io::Error),
}

/// What of an archive is written down.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kept {
    Everything,
    /// The database and the list: the rest is only read.
    ForChecking,
}

/// Reads the whole archive into `to`, an empty directory.
pub(super) fn unpack(archive: &Path, to: &Path, kept: Kept, stop: &CancellationToken) -> Result<Head, UnpackError> {
    let compressed = BufReader::new(UntilStopped { content: File::open(archive)?, stop: stop.clone() });
    let mut tar = tar::Archive::new(zstd::Decoder::with_buffer(compressed)?);
    let (mut head, mut last) = (None, None);
    let mut seen = Sha256::new();
    for entry in tar.entries()? {
        let mut entry = entry?;
        let (name, meaning) = identify(&entry)?;
        check_order(head.as_ref(), last, &name, meaning)?;
        last = Some(meaning);
        match meaning {
            Meaning::Head => head = Some(read_head(&mut entry)?),
            Meaning::Database | Meaning::Contents => write(&mut entry, &to.join(&name))?,
            Meaning::Key | Meaning::Named | Meaning::Log | Meaning::Result => {
                match kept {
                    Kept::Everything => write(&mut entry, &to.join(&name))?,
                    Kept::ForChecking => drop(io::copy(&mut entry, &mut io::sink())?),
                }
                seen.update(Line { path: name, bytes: Some(entry.size()) }.to_json());
            }
        }
    }
    // To the very end: there lies the checksum.
    io::copy(&mut tar.into_inner(), &mut io::sink())?;
    let head = head.filter(|_| last == Some(Meaning::Contents));
    let head = head.ok_or_else(|| UnpackError::Refused("it ends before its list of contents".to_owned()))?;
    if listed(&to.join(names::CONTENTS))? != seen.finalize()[..] {
        return Err(UnpackError::Refused("its files are not those of its list".to_owned()));
    }
    Ok(head)
}

fn identify(entry: &tar::Entry<'_, impl Read>) -> Result<(String, Meaning), UnpackError> {
    let name = String::from_utf8_lossy(&entry.path_bytes()).into_owned();
    let kind = entry.header().entry_type();
    if kind != tar::EntryType::Regular {
        let problem = format!("“{}” in it is not a plain file ({kind:?})", name.escape_debug());
        return Err(UnpackError::Refused(problem));
    }
    match names::meaning(&name) {
        Some(meaning) => Ok((name, meaning)),
        None => Err(UnpackError::Refused(format!("“{}” in it is not of a backup", name.escape_debug()))),
    }
}

/// Head, database, files, contents; nothing after.
fn check_order(head: Option<&Head>, last: Option<Meaning>, name: &str, meaning: Meaning) -> Result<(), UnpackError> {
    let in_order = match (last, meaning) {
        (None, Meaning::Head) | (Some(Meaning::Head), Meaning::Database) => true,
        (None | Some(Meaning::Head | Meaning::Contents), _) | (_, Meaning::Head | Meaning::Database) => false,
        (Some(_), Meaning::Contents) => true,
        (Some(last), Meaning::Key) => last == Meaning::Database,
        (Some(_), Meaning::Named | Meaning::Log | Meaning::Result) => head.is_some_and(|head| !head.database_only),
    };
    if in_order { Ok(()) } else { Err(UnpackError::Refused(format!("{name} in it is out of place"))) }
}

fn read_head(entry: &mut impl Read) -> Result<Head, UnpackError> {
    let mut text = Vec::new();
    entry.take(HEAD_BYTES_MAX).read_to_end(&mut text)?;
    let head: Head = serde_json::from_slice(&text)
        .map_err(|error| UnpackError::Refused(format!("its {} cannot be read: {error}", names::HEAD)))?;
    if head.format != FORMAT {
        let problem =
            format!("it has format {}, by Millrace {}; this program reads {FORMAT}", head.format, head.millrace);
        return Err(UnpackError::Refused(problem));
    }
    Ok(head)
}

/// A new file, whatever directories it needs. A name that comes twice is an error.
fn write(content: &mut impl Read, path: &Path) -> io::Result<()> {
    if let Some(directory) = path.parent() {
        fs::create_dir_all(directory)?;
    }
    let mut file = File::create_new(path)?;
    if path.file_name().is_some_and(|name| name == names::KEY) {
        private(&file)?;
    }
    io::copy(content, &mut file)?;
    Ok(())
}

/// Digest of the lines of the list that are files of the archive.
fn listed(contents: &Path) -> Result<[u8; 32], UnpackError> {
    let mut digest = Sha256::new();
    for line in lines(contents)? {
        let line = line?;
        if line.bytes.is_some() {
            digest.update(line.to_json());
        }
    }
    Ok(digest.finalize().into())
}

/// The lines of the list.
pub(super) fn lines(contents: &Path) -> io::Result<impl Iterator<Item = io::Result<Line>> + use<>> {
    let file = BufReader::new(File::open(contents)?);
    Ok(file.lines().map(|line| serde_json::from_str(&line?).map_err(io::Error::from)))
}
