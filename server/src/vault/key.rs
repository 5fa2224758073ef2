//! The key that secrets are sealed with: 32 random bytes, written as base64.

use std::{
    fmt,
    fs::File,
    io::{self, Write as _},
    path::{Path, PathBuf},
    str::FromStr,
};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use ring::aead::{AES_256_GCM, LessSafeKey, UnboundKey};

const KEY_BYTES: usize = 32;

/// Why there is no key.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    #[error(
        "there is no key for the secrets at {}, and secrets are kept that need it: put the file back, from a backup, or \
         remove the secrets and set them anew",
        .0.display()
    )]
    Missing(PathBuf),
    #[error("the key for the secrets, {}: {source}", path.display())]
    Io { path: PathBuf, source: io::Error },
    #[error("the key for the secrets is not {KEY_BYTES} bytes in base64")]
    Form,
    #[error("no random bytes: {0}")]
    Random(String),
}

/// The key as it is written; nothing shows it.
#[derive(Clone, PartialEq, Eq)]
pub struct KeyText([u8; KEY_BYTES]);

impl KeyText {
    pub(super) fn key(&self) -> Result<LessSafeKey, KeyError> {
        UnboundKey::new(&AES_256_GCM, &self.0).map(LessSafeKey::new).map_err(|_| KeyError::Form)
    }
}

impl FromStr for KeyText {
    type Err = KeyError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let bytes = STANDARD.decode(text.trim()).map_err(|_| KeyError::Form)?;
        bytes.try_into().map(Self).map_err(|_| KeyError::Form)
    }
}

impl fmt::Debug for KeyText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("…")
    }
}

/// The key in a file; `may_make`: when there is none, a new one.
pub(super) fn read(path: &Path, may_make: bool) -> Result<KeyText, KeyError> {
    let at = |source| KeyError::Io { path: path.to_owned(), source };
    match std::fs::read_to_string(path) {
        Ok(text) => text.parse(),
        Err(error) if error.kind() == io::ErrorKind::NotFound => match may_make {
            true => make(path).map_err(|error| match error {
                KeyError::Io { source, .. } => at(source),
                other => other,
            }),
            false => Err(KeyError::Missing(path.to_owned())),
        },
        Err(error) => Err(at(error)),
    }
}

/// A new key, on the disk before anything is sealed with it: a secret whose key is lost is lost.
fn make(path: &Path) -> Result<KeyText, KeyError> {
    let at = |source| KeyError::Io { path: path.to_owned(), source };
    let mut bytes = [0; KEY_BYTES];
    getrandom::fill(&mut bytes).map_err(|error| KeyError::Random(error.to_string()))?;
    let home = path.parent().unwrap_or(Path::new("."));
    // Whole under another name first: a key that is there is a whole one.
    let mut file = tempfile::Builder::new().prefix(".secrets-").tempfile_in(home).map_err(at)?;
    private(file.as_file()).map_err(at)?;
    writeln!(file, "{}", STANDARD.encode(bytes)).map_err(at)?;
    file.as_file().sync_all().map_err(at)?;
    file.persist_noclobber(path).map_err(|error| at(error.error))?;
    #[cfg(unix)]
    File::open(home).and_then(|home| home.sync_all()).map_err(at)?;
    Ok(KeyText(bytes))
}

/// For its owner alone.
#[cfg(unix)]
pub(crate) fn private(file: &File) -> io::Result<()> {
    file.set_permissions(std::os::unix::fs::PermissionsExt::from_mode(0o600))
}

/// Where files have no such permissions, the directory's count.
#[cfg(not(unix))]
pub(crate) fn private(_: &File) -> io::Result<()> {
    Ok(())
}
