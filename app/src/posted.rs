//! Forms that a browser posts to a page itself, because JavaScript is off or has not arrived yet.
//!
//! The server hands the body of such a post to the page that it renders in answer (`server::router`). The page then does
//! what was asked: it leads on when that worked, and otherwise comes back with everything that was typed.

/// The body of the post, `application/x-www-form-urlencoded`.
#[derive(Clone, Debug)]
pub struct Posted(pub String);

/// What was posted to the page that is being rendered; `None` for a page that was only opened, and for calls from the
/// browser's own code.
pub fn posted() -> Option<String> {
    use axum::http::request::Parts;
    use leptos::prelude::use_context;

    use_context::<Parts>()?.extensions.get::<Posted>().map(|posted| posted.0.clone())
}

/// Answers with 422: the page comes back because something in the form has to be mended.
pub fn refuse() {
    use leptos::prelude::use_context;

    if let Some(response) = use_context::<leptos_axum::ResponseOptions>() {
        response.set_status(axum::http::StatusCode::UNPROCESSABLE_ENTITY);
    }
}
