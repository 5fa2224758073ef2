//! Passwords and keys that a configuration names and never holds.

use std::{collections::BTreeMap, fmt};

use crate::Failure;

/// Secrets by name. Their values show up in no log and no error.
#[derive(Clone, Default)]
pub struct Secrets(BTreeMap<String, String>);

impl Secrets {
    /// # Errors
    /// When there is no secret of this name.
    pub fn get(&self, name: &str) -> Result<&str, Failure> {
        self.0.get(name).map(String::as_str).ok_or_else(|| {
            Failure::Input(format!("there is no secret {name:?}: this version has no place to keep secrets yet"))
        })
    }
}

impl FromIterator<(String, String)> for Secrets {
    fn from_iter<I: IntoIterator<Item = (String, String)>>(secrets: I) -> Self {
        Self(secrets.into_iter().collect())
    }
}

impl fmt::Debug for Secrets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.0.keys()).finish()
    }
}
