//! What a server function finds in the context of its request. Only on the server, and only inside server functions:
//! component bodies also run when the routes are listed, without a request.

use axum::http::{Method, StatusCode, header, request::Parts};
use leptos::prelude::{expect_context, use_context};
use leptos_axum::ResponseOptions;
use model::Error;

use crate::{api::ApiError, backend::SharedBackend, components::notice::refuse_with};

pub fn backend() -> SharedBackend {
    expect_context::<SharedBackend>()
}

/// The port's answer as a server function gives it. An error is said with the fitting HTTP status; to a person who
/// posted a form, on the page that the form is on.
pub fn answer<T>(result: Result<T, Error>) -> Result<T, ApiError> {
    result.map_err(|error| {
        match page_of_form() {
            Some(page) => {
                refuse_with(error.to_string());
                leptos_axum::redirect(&page);
            }
            None => set_status(status_of(&error)),
        }
        ApiError::Refused(error)
    })
}

/// The page that the posted form is on.
fn page_of_form() -> Option<String> {
    let parts = use_context::<Parts>()?;
    let header = |name| parts.headers.get(name).and_then(|value| value.to_str().ok());
    let wants_page = header(header::ACCEPT).is_some_and(|accept| accept.contains("text/html"));
    (wants_page && parts.method == Method::POST).then(|| header(header::REFERER).unwrap_or("/").to_owned())
}

/// A path of this server with the name under which the browser knows the server. Of a posted form the browser tells it.
pub fn page_address(path: &str) -> String {
    let parts = use_context::<Parts>();
    let header = |name| parts.as_ref()?.headers.get(name)?.to_str().ok();
    match (header(header::ORIGIN), header(header::HOST)) {
        (Some(origin), _) => format!("{origin}{path}"),
        (None, Some(host)) => format!("http://{host}{path}"),
        (None, None) => path.to_owned(),
    }
}

/// The HTTP status of the answer.
pub fn set_status(status: StatusCode) {
    if let Some(response) = use_context::<ResponseOptions>() {
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
