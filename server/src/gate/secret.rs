//! Secrets that the server makes: 256 random bits as text. They are random enough that one round of SHA-256 is all that
//! has to stand between the database and them.

use std::fmt;

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use sha2::{Digest as _, Sha256};

use crate::store::SecretHash;

/// One that was just made, or that someone shows. Its debug form does not tell it.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    #[expect(clippy::new_without_default, reason = "each is another one, which is no default")]
    pub fn new() -> Self {
        let mut bytes = [0; 32];
        getrandom::fill(&mut bytes).expect("the operating system always has random bytes after boot");
        Self(URL_SAFE_NO_PAD.encode(bytes))
    }

    /// What someone shows as a secret.
    pub fn shown(text: &str) -> Self {
        Self(text.to_owned())
    }

    pub fn hash(&self) -> SecretHash {
        Sha256::digest(self.0.as_bytes()).into()
    }
}

impl fmt::Display for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::Secret;

    #[test]
    fn a_secret_is_new_each_time_and_is_not_told_by_accident() {
        let (one, other) = (Secret::new(), Secret::new());
        assert_ne!(one.hash(), other.hash());
        assert_eq!(one.to_string().len(), 43);
        assert_eq!(format!("{one:?}"), "Secret(…)");
        assert_eq!(Secret::shown(&one.to_string()).hash(), one.hash());
    }
}
