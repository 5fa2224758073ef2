//! Secrets of a project: passwords and keys that its configuration names and does not hold. What one is, is never told.

use serde::{Deserialize, Serialize};

use crate::{Error, Timestamp, limits};

/// A secret that is kept, as it is listed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct KeptSecret {
    /// What the configuration calls it.
    pub name: String,
    pub changed_at: Timestamp,
    pub changed_by: String,
}

/// Whether a secret may be called this.
///
/// # Errors
/// `Invalid` at `name`.
pub fn check_name(name: &str) -> Result<(), Error> {
    let usual = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    let problem = match name.chars().count() {
        0 => "give the secret a name".to_owned(),
        count if count > limits::NAME_CHARS_MAX => {
            format!("has {count} characters; at most {}", limits::NAME_CHARS_MAX)
        }
        _ if !name.chars().all(usual) => "may hold letters, digits, “-”, “_” and “.”, such as crm-password".to_owned(),
        // Neither can stand in a path.
        _ if matches!(name, "." | "..") => "needs a letter or a digit".to_owned(),
        _ => return Ok(()),
    };
    Err(Error::invalid("name", problem))
}

/// Whether this can be kept.
///
/// # Errors
/// `Invalid` at `value`.
pub fn check_value(value: &str) -> Result<(), Error> {
    let problem = match value.len() {
        0 => "is empty; to remove the secret, delete it".to_owned(),
        bytes if bytes > limits::SECRET_MAX_BYTES => {
            format!("has {bytes} bytes; at most {} are allowed", limits::SECRET_MAX_BYTES)
        }
        _ => return Ok(()),
    };
    Err(Error::invalid("value", problem))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_fit_a_path_and_a_document() {
        for name in ["crm-password", "s3.keys", "A_1"] {
            assert_eq!(check_name(name), Ok(()));
        }
        for name in ["", ".", "..", "a b", "a/b", "é", &"x".repeat(101)] {
            assert!(check_name(name).is_err(), "{name}");
        }
    }

    #[test]
    fn a_secret_holds_something() {
        assert!(check_value("x").is_ok());
        assert!(check_value("").is_err());
        assert!(check_value(&"x".repeat(limits::SECRET_MAX_BYTES + 1)).is_err());
    }
}
