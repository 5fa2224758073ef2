//! Forms that are posted to their own page.
//!
//! The server hands the body of such a post to the page that it renders in answer (`server::router`). The page then does
//! what was asked: it leads on when that worked, and otherwise comes back with everything that was typed.

use axum::http::{StatusCode, request::Parts};
use leptos::prelude::use_context;
use leptos_axum::ResponseOptions;

/// The body of the post, `application/x-www-form-urlencoded`.
#[derive(Clone, Debug)]
pub struct Posted(pub String);

/// What was posted to the page that is being rendered; `None` for a page that was only opened.
pub fn posted() -> Option<String> {
    use_context::<Parts>()?.extensions.get::<Posted>().map(|posted| posted.0.clone())
}

/// Answers with 422: the page comes back because something in the form has to be mended.
pub fn refuse() {
    if let Some(response) = use_context::<ResponseOptions>() {
        response.set_status(StatusCode::UNPROCESSABLE_ENTITY);
    }
}
