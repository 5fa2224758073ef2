//! Why a server function did not do what it was asked.

use leptos::prelude::{FromServerFnError, ServerFnErrorErr};
use leptos::server_fn::codec::JsonEncoding;
use model::Error;
use serde::{Deserialize, Serialize};

/// The one error of all server functions; `components::notice` says it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ApiError {
    /// The server understood the request and says why it cannot be done.
    #[error(transparent)]
    Refused(#[from] Error),
    /// The form is not one that this server wrote; as a rule the server was upgraded while the page was open.
    #[error("This page is older than the server. Reload it and try again.")]
    Outdated,
}

impl FromServerFnError for ApiError {
    type Encoder = JsonEncoding;

    fn from_server_fn_error(_: ServerFnErrorErr) -> Self {
        Self::Outdated
    }
}
