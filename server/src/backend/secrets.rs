//! Secrets of projects: kept, listed by name, removed.

use model::{Actor, Error, ProjectId, secret::KeptSecret};

use super::LocalBackend;
use crate::vault::VaultError;

impl LocalBackend {
    pub(crate) async fn secrets(&self, id: ProjectId) -> Result<Vec<KeptSecret>, Error> {
        self.told(self.parts.store.secret_names(id).await)
    }

    pub(crate) async fn keep_secret(
        &self,
        actor: &Actor,
        id: ProjectId,
        name: String,
        value: String,
    ) -> Result<(), Error> {
        match self.parts.vault.keep(id, &name, &value, actor.author()).await {
            Ok(()) => Ok(()),
            Err(VaultError::Refused(refusal)) => Err(refusal),
            Err(VaultError::Store(error)) => self.told(Err(error)),
            Err(VaultError::Key(error)) => {
                tracing::error!(%error, "a secret cannot be sealed");
                let message = "The server cannot seal secrets; its log says why.".to_owned();
                Err(Error::Unavailable { message })
            }
        }
    }

    pub(crate) async fn remove_secret(&self, actor: &Actor, id: ProjectId, name: String) -> Result<(), Error> {
        self.told(self.parts.store.remove_secret(id, name, actor.author()).await)
    }
}
