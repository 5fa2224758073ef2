//! Passwords and keys that a configuration names and never holds.

use std::{collections::BTreeMap, fmt};

use crate::Failure;

/// Secrets by name. Their values show up in no log and no error.
#[derive(Clone, Default)]
pub struct Secrets(BTreeMap<String, Option<String>>);

impl Secrets {
    /// Secrets of which some, those without a value, are kept and could not be opened.
    pub fn opened(secrets: impl IntoIterator<Item = (String, Option<String>)>) -> Self {
        Self(secrets.into_iter().collect())
    }

    /// # Errors
    /// When there is no secret of this name, or it could not be opened.
    pub fn get(&self, name: &str) -> Result<&str, Failure> {
        match self.0.get(name) {
            Some(Some(value)) => Ok(value),
            Some(None) => Err(Failure::Input(format!(
                "the secret {name:?} cannot be opened: it was kept with another key than the server’s; keep it anew under that \
                 name, or give the server its key back"
            ))),
            None => Err(Failure::Input(format!(
                "there is no secret {name:?}; keep it under that name first, then run again"
            ))),
        }
    }
}

impl FromIterator<(String, String)> for Secrets {
    fn from_iter<I: IntoIterator<Item = (String, String)>>(secrets: I) -> Self {
        Self::opened(secrets.into_iter().map(|(name, value)| (name, Some(value))))
    }
}

impl fmt::Debug for Secrets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.0.keys()).finish()
    }
}
