//! The one error that crosses the port: pages, server functions and the REST API all speak it.

use serde::{Deserialize, Serialize};

pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Why a request could not be done, in words for the person who made it.
///
/// Internal causes never appear here: they are logged under the id that `internal` carries.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(tag = "code", rename_all = "snake_case")]
pub enum Error {
    /// 404
    #[error("There is no such {what}. It may have been deleted.")]
    NotFound { what: String },
    /// 422: every problem at once, each at its field.
    #[error("{}", summary(fields))]
    Invalid { fields: Vec<FieldError> },
    /// 409: the thing is not in a state that allows this.
    #[error("{message}")]
    Conflict { message: String },
    /// 409: someone else saved meanwhile; `current` is the version that is stored now.
    #[error("This was changed meanwhile: version {current} is stored now. Look at both and save again.")]
    OutdatedVersion { current: i64 },
    /// 429
    #[error("{message}")]
    TooMany { message: String },
    /// 413
    #[error("{message}")]
    TooLarge { message: String },
    /// 503: try again shortly.
    #[error("{message}")]
    Unavailable { message: String },
    /// 403
    #[error("{message}")]
    Forbidden { message: String },
    /// 500
    #[error("Something went wrong on the server. Its log has the cause under {id}.")]
    Internal { id: String },
}

impl Error {
    pub fn not_found(what: impl Into<String>) -> Self {
        Self::NotFound { what: what.into() }
    }

    pub fn conflict(message: impl Into<String>) -> Self {
        Self::Conflict { message: message.into() }
    }

    /// One problem at one field.
    pub fn invalid(field: impl Into<String>, message: impl Into<String>) -> Self {
        Self::Invalid { fields: vec![FieldError::new(field, message)] }
    }

    /// `Ok` when there are no problems.
    pub fn from_fields(fields: Vec<FieldError>) -> Result<()> {
        if fields.is_empty() { Ok(()) } else { Err(Self::Invalid { fields }) }
    }
}

/// A problem with one input. `field` is the path in the JSON document, such as `match.definitions[0].threshold`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct FieldError {
    pub field: String,
    pub message: String,
}

impl FieldError {
    pub fn new(field: impl Into<String>, message: impl Into<String>) -> Self {
        Self { field: field.into(), message: message.into() }
    }
}

fn summary(fields: &[FieldError]) -> String {
    let problems: Vec<String> =
        fields.iter().map(|problem| format!("{}: {}", problem.field, problem.message)).collect();
    problems.join("; ")
}
