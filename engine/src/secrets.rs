//! Passwords and keys that a configuration names and never holds.

use std::{collections::BTreeMap, fmt};

use crate::Failure;

/// Secrets by name. Their values show up in no log and no error.
#[derive(Clone, Default)]
pub struct Secrets(BTreeMap<String, Result<String, String>>);

impl Secrets {
    /// Secrets of which some are known and cannot be had: those have a reason in place of a value, such as “was kept with
    /// another key”.
    pub fn opened(secrets: impl IntoIterator<Item = (String, Result<String, String>)>) -> Self {
        Self(secrets.into_iter().collect())
    }

    /// # Errors
    /// When there is no secret of this name, or it cannot be had.
    pub fn get(&self, name: &str) -> Result<&str, Failure> {
        match self.0.get(name) {
            Some(Ok(value)) => Ok(value),
            Some(Err(reason)) => Err(Failure::Input(format!("the secret {name:?} {reason}"))),
            None => Err(Failure::Input(format!(
                "there is no secret {name:?} in the project; set it under that name, then run again"
            ))),
        }
    }
}

impl FromIterator<(String, String)> for Secrets {
    fn from_iter<I: IntoIterator<Item = (String, String)>>(secrets: I) -> Self {
        Self::opened(secrets.into_iter().map(|(name, value)| (name, Ok(value))))
    }
}

impl fmt::Debug for Secrets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.0.keys()).finish()
    }
}

/// A password or a key, which nothing shows.
#[derive(Clone, PartialEq, Eq)]
pub struct Password(pub String);

impl fmt::Debug for Password {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("…")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_shows_up_nowhere() {
        assert_eq!(format!("{:?}", Password("hunter2".to_owned())), "…");
    }
}
