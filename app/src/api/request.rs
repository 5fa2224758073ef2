//! What a server function finds in the context of its request. Only on the server, and only inside server functions:
//! component bodies also run when the routes are listed, without a request.

use axum::http::{StatusCode, header, request::Parts};
use leptos::prelude::{expect_context, use_context};
use leptos_axum::ResponseOptions;
use model::{Actor, Error};

use crate::{api::ApiError, backend::SharedBackend};

pub fn backend() -> SharedBackend {
    expect_context::<SharedBackend>()
}

pub fn actor() -> Actor {
    expect_context::<Actor>()
}

/// The port's answer as a server function gives it, with the fitting HTTP status when it is an error.
pub fn answer<T>(result: Result<T, Error>) -> Result<T, ApiError> {
    result.map_err(|error| {
        set_status(status_of(&error));
        ApiError::Refused(error)
    })
}

/// The HTTP status of the answer. A plain form post keeps its redirect back to the page, which shows the error.
pub fn set_status(status: StatusCode) {
    let is_form_post = use_context::<Parts>().is_some_and(|parts| {
        let wants_page = parts.headers.get(header::ACCEPT).and_then(|accept| accept.to_str().ok());
        parts.method == axum::http::Method::POST && wants_page.is_some_and(|accept| accept.contains("text/html"))
    });
    if let Some(response) = use_context::<ResponseOptions>().filter(|_| !is_form_post) {
        response.set_status(status);
    }
}

pub fn status_of(error: &Error) -> StatusCode {
    match error {
        Error::NotFound { .. } => StatusCode::NOT_FOUND,
        Error::Invalid { .. } => StatusCode::UNPROCESSABLE_ENTITY,
        Error::Conflict { .. } | Error::OutdatedVersion { .. } => StatusCode::CONFLICT,
        Error::TooMany { .. } => StatusCode::TOO_MANY_REQUESTS,
        Error::TooLarge { .. } => StatusCode::PAYLOAD_TOO_LARGE,
        Error::Unavailable { .. } => StatusCode::SERVICE_UNAVAILABLE,
        Error::Forbidden { .. } => StatusCode::FORBIDDEN,
        Error::Internal { .. } => StatusCode::INTERNAL_SERVER_ERROR,
    }
}
