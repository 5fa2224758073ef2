//! Secrets of projects: sealed before they are kept, opened for a run of their project and for nothing else.
//!
//! They are sealed by AES-256-GCM with a key that is not in the database: in the file `secrets.key` beside it, readable by its
//! owner alone, or in the setting `secrets_key`. What a secret is sealed with names its project and itself, so none can be put
//! in the place of another.

mod key;

use std::{
    path::PathBuf,
    sync::{Arc, Mutex, PoisonError},
};

use engine::Secrets;
use model::{Author, Error, ProjectId};
use ring::aead::{Aad, LessSafeKey, NONCE_LEN, Nonce};

pub(crate) use key::private;
pub use key::{KeyError, KeyText};

use crate::store::{SealedSecret, Store, StoreError};

/// Why a secret cannot be opened, behind its name.
const LOCKED: &str = "cannot be opened: it was kept with another key than the server’s; set it anew under that name, or give \
                      the server its key back";

/// Where the key is.
#[derive(Clone, Debug)]
pub enum KeyPlace {
    /// In this file, which is made with the first secret.
    File(PathBuf),
    Setting(KeyText),
}

/// Keeps secrets and opens them.
pub struct Vault {
    store: Store,
    place: KeyPlace,
    key: Mutex<Option<Arc<LessSafeKey>>>,
}

/// Why a secret is not kept, or not opened.
#[derive(Debug, thiserror::Error)]
pub enum VaultError {
    #[error(transparent)]
    Refused(#[from] Error),
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Key(#[from] KeyError),
}

impl Vault {
    pub fn new(store: Store, place: KeyPlace) -> Self {
        Self { store, place, key: Mutex::new(None) }
    }

    /// Keeps a secret of a project, in place of the one of that name.
    ///
    /// # Errors
    /// When there is no such project, or no key to seal it with.
    pub async fn keep(&self, project: ProjectId, name: &str, value: &str, by: Author) -> Result<(), VaultError> {
        model::secret::check_name(name)?;
        model::secret::check_value(value)?;
        let may_make = !self.store.has_secrets().await?;
        let key = self.key(may_make)?;
        let sealed = seal(&key, project, name, value)?;
        Ok(self.store.put_secret(project, SealedSecret { name: name.to_owned(), sealed }, by).await?)
    }

    /// All secrets of a project, for a run. One that cannot be opened is named as such, so that only a run that needs it
    /// fails.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn open(&self, project: ProjectId) -> Result<Secrets, StoreError> {
        let kept = self.store.sealed_secrets(project).await?;
        if kept.is_empty() {
            return Ok(Secrets::default());
        }
        let key = self.key(false);
        if let Err(error) = &key {
            tracing::error!(%error, %project, "the secrets of a project cannot be opened");
        }
        let opened = kept.into_iter().map(|SealedSecret { name, sealed }| {
            let value = key.as_ref().ok().and_then(|key| unseal(key, project, &name, sealed));
            (name, value.ok_or_else(|| LOCKED.to_owned()))
        });
        Ok(Secrets::opened(opened))
    }

    fn key(&self, may_make: bool) -> Result<Arc<LessSafeKey>, KeyError> {
        let mut known = self.key.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(key) = &*known {
            return Ok(Arc::clone(key));
        }
        let text = match &self.place {
            KeyPlace::Setting(text) => text.clone(),
            KeyPlace::File(path) => key::read(path, may_make)?,
        };
        let key = Arc::new(text.key()?);
        *known = Some(Arc::clone(&key));
        Ok(key)
    }
}

/// What a secret belongs to.
fn belonging(project: ProjectId, name: &str) -> Vec<u8> {
    [project.as_uuid().as_bytes(), name.as_bytes()].concat()
}

fn seal(key: &LessSafeKey, project: ProjectId, name: &str, value: &str) -> Result<Vec<u8>, KeyError> {
    let mut nonce = [0; NONCE_LEN];
    getrandom::fill(&mut nonce).map_err(|error| KeyError::Random(error.to_string()))?;
    let mut sealed = value.as_bytes().to_vec();
    let aad = Aad::from(belonging(project, name));
    key.seal_in_place_append_tag(Nonce::assume_unique_for_key(nonce), aad, &mut sealed)
        .map_err(|_| KeyError::Random("the secret could not be sealed".to_owned()))?;
    Ok([&nonce[..], &sealed].concat())
}

/// `None` when it was sealed with another key, or is not what was sealed.
fn unseal(key: &LessSafeKey, project: ProjectId, name: &str, sealed: Vec<u8>) -> Option<String> {
    let (nonce, sealed) = sealed.split_at_checked(NONCE_LEN)?;
    let nonce = Nonce::try_assume_unique_for_key(nonce).ok()?;
    let mut value = sealed.to_vec();
    let opened = key.open_in_place(nonce, Aad::from(belonging(project, name)), &mut value).ok()?;
    String::from_utf8(opened.to_vec()).ok()
}

#[cfg(test)]
mod tests;
