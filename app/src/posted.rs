//! Forms that are posted to their own page.
//!
//! The server hands the body of such a post to the page that it renders in answer (`server::router`). The page then does
//! what was asked: it leads on when that worked, and otherwise comes back with everything that was typed.

use std::{borrow::Cow, str::FromStr};

use axum::http::{StatusCode, request::Parts};
use leptos::prelude::use_context;
use leptos_axum::ResponseOptions;
use model::{Error, Role};

use crate::api::request::{set_status, status_of};

/// The body of the post, `application/x-www-form-urlencoded`.
#[derive(Clone, Debug)]
pub struct Posted(pub String);

/// What was posted to the page that is being rendered; `None` for a page that was only opened.
pub fn posted() -> Option<String> {
    use_context::<Parts>()?.extensions.get::<Posted>().map(|posted| posted.0.clone())
}

/// Does what the form on this page asked for, if it was posted. A refusal sets the status of the answer, too.
pub async fn answered<T>(act: impl AsyncFnOnce(&Fields<'_>) -> Result<T, Error>) -> Option<Result<T, Error>> {
    let body = posted()?;
    let done = act(&Fields::read(&body)).await;
    if let Err(error) = &done {
        refuse_with(error);
    }
    Some(done)
}

/// What was typed into a field of a form that came to nothing, to be typed no second time.
pub fn typed<T>(done: Option<&Result<T, Error>>, name: &str) -> String {
    let body = if matches!(done, Some(Err(_))) { posted() } else { None };
    body.map(|body| Fields::read(&body).text(name).to_owned()).unwrap_or_default()
}

/// Answers with 422: the page comes back because something in the form has to be mended.
pub fn refuse() {
    if let Some(response) = use_context::<ResponseOptions>() {
        response.set_status(StatusCode::UNPROCESSABLE_ENTITY);
    }
}

/// The same for what was refused by the backend: whoever may not do it is told so by the status, too.
fn refuse_with(error: &Error) {
    match error {
        Error::Forbidden { .. } | Error::NotFound { .. } => set_status(status_of(error)),
        _ => refuse(),
    }
}

/// The fields of a short form, by name. A field that was left empty is one that was not filled in.
pub struct Fields<'b>(Vec<(Cow<'b, str>, Cow<'b, str>)>);

impl<'b> Fields<'b> {
    pub fn read(body: &'b str) -> Self {
        Self(form_urlencoded::parse(body.as_bytes()).collect())
    }

    /// Empty when there is none.
    pub fn text(&self, name: &str) -> &str {
        self.0.iter().find(|(field, _)| field == name).map_or("", |(_, value)| value.trim())
    }

    /// All whose names begin so: the rest of the name, and the value.
    pub fn beginning<'f>(&'f self, prefix: &'f str) -> impl Iterator<Item = (&'f str, &'f str)> {
        self.0.iter().filter_map(move |(field, value)| Some((field.strip_prefix(prefix)?, value.trim())))
    }

    /// # Errors
    /// `Invalid` at the field.
    pub fn number<T: FromStr>(&self, name: &str) -> Result<Option<T>, Error> {
        self.parsed(name, "is not a whole number that can be used here")
    }

    /// # Errors
    /// `Invalid` at the field.
    pub fn id<T: FromStr>(&self, name: &str) -> Result<Option<T>, Error> {
        self.parsed(name, "is not one of those to choose from")
    }

    /// # Errors
    /// `Invalid` at the field.
    pub fn role(&self, name: &str) -> Result<Option<Role>, Error> {
        match self.text(name) {
            "" => Ok(None),
            text => Role::parse(text).map(Some).ok_or_else(|| Error::invalid(name, "is not a role")),
        }
    }

    fn parsed<T: FromStr>(&self, name: &str, problem: &str) -> Result<Option<T>, Error> {
        match self.text(name) {
            "" => Ok(None),
            text => text.parse().map(Some).map_err(|_| Error::invalid(name, problem)),
        }
    }
}
