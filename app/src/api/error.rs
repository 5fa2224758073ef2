//! Why a server function did not do what it was asked: the port's error, or the way to the server failed.

use leptos::prelude::{FromServerFnError, ServerFnErrorErr};
use model::{Error, FieldError};
use serde::{Deserialize, Serialize};

use super::codec::JsonText;

/// The one error of all server functions; shown by `components::problem`.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ApiError {
    /// The server understood the request and says why it cannot be done.
    #[error(transparent)]
    Refused(#[from] Error),
    /// No answer came. What was asked may or may not have been done.
    #[error("The server did not answer. Check that it is running and try again.")]
    Unreachable,
    /// Page and server do not understand each other; as a rule the server was upgraded while the page was open.
    #[error("This page is older than the server. Reload it and try again.")]
    Outdated,
}

impl ApiError {
    /// What is wrong at the field with this path, when the server refused the input for it.
    pub fn at(&self, field: &str) -> Option<&str> {
        self.fields().iter().find(|problem| problem.field == field).map(|problem| problem.message.as_str())
    }

    /// Every problem that belongs to a field.
    pub fn fields(&self) -> &[FieldError] {
        match self {
            ApiError::Refused(Error::Invalid { fields }) => fields,
            ApiError::Refused(_) | ApiError::Unreachable | ApiError::Outdated => &[],
        }
    }
}

impl FromServerFnError for ApiError {
    type Encoder = JsonText;

    fn from_server_fn_error(value: ServerFnErrorErr) -> Self {
        match value {
            ServerFnErrorErr::Request(_) => Self::Unreachable,
            ServerFnErrorErr::Registration(_)
            | ServerFnErrorErr::UnsupportedRequestMethod(_)
            | ServerFnErrorErr::ServerError(_)
            | ServerFnErrorErr::MiddlewareError(_)
            | ServerFnErrorErr::Deserialization(_)
            | ServerFnErrorErr::Serialization(_)
            | ServerFnErrorErr::Args(_)
            | ServerFnErrorErr::MissingArg(_)
            | ServerFnErrorErr::Response(_) => Self::Outdated,
        }
    }
}
