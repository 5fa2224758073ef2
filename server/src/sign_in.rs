//! The way in and out, as forms post it: sign-in, the one-time link, a new password, sign-out. Each answers by leading on,
//! with the cookie of the session.

mod provider;

use app::components::notice::cookie_of;
use axum::{
    Form, Router,
    extract::{FromRequestParts, Path, State},
    http::{HeaderMap, HeaderValue, StatusCode, header, request::Parts},
    response::{IntoResponse, Response},
    routing::post,
};
use form_urlencoded::Serializer;
use model::{Error, UserId};
use serde::Deserialize;

use crate::{
    backend::Asked,
    gate::{Gate, Place, Secret, SignInError},
    peer::Peer,
    problem::Problem,
    services::Services,
};

pub fn router() -> Router<Services> {
    Router::new()
        .route("/sign-in", post(sign_in))
        .route("/sign-out", post(sign_out))
        .route("/welcome/{secret}", post(accept))
        .route("/account/password", post(change_password))
        .merge(provider::router())
}

#[derive(Deserialize)]
struct SignIn {
    name: String,
    password: String,
    #[serde(default)]
    next: String,
}

async fn sign_in(State(services): State<Services>, visit: Visit, Form(form): Form<SignIn>) -> Response {
    match services.gate.sign_in(&form.name, &form.password, visit.place()).await {
        Ok(secret) => signed_in(&services.gate, &visit, &secret, local(&form.next)),
        Err(error) => {
            let query = Serializer::new(String::new())
                .append_pair("next", local(&form.next))
                .append_pair("name", &form.name)
                .finish();
            back(error, &format!("/sign-in?{query}"))
        }
    }
}

#[derive(Deserialize)]
struct Accept {
    #[serde(default)]
    name: String,
    password: String,
}

async fn accept(
    State(services): State<Services>,
    visit: Visit,
    Path(secret): Path<String>,
    Form(form): Form<Accept>,
) -> Response {
    let invitation = Secret::shown(&secret);
    match services.gate.accept(&invitation, &form.name, &form.password, visit.place()).await {
        Ok(session) => signed_in(&services.gate, &visit, &session, "/"),
        Err(error) => {
            let query = Serializer::new(String::new()).append_pair("name", &form.name).finish();
            back(error, &format!("/welcome/{invitation}?{query}"))
        }
    }
}

#[derive(Deserialize)]
struct ChangePassword {
    current: String,
    password: String,
}

async fn change_password(
    State(services): State<Services>,
    visit: Visit,
    asker: Asked,
    Form(form): Form<ChangePassword>,
) -> Response {
    let changed = async {
        let user: UserId = asker
            .actor
            .user()
            .ok_or(Error::Forbidden { message: "Only someone who is signed in has a password.".to_owned() })?;
        services.gate.change_password(user, &form.current, &form.password, visit.place()).await
    };
    match changed.await {
        Ok(session) => {
            let mut response = signed_in(&services.gate, &visit, &session, "/account");
            let words = "Your password is changed. You are signed out everywhere else.".to_owned();
            response.headers_mut().append(header::SET_COOKIE, cookie_of(Ok(words)));
            response
        }
        Err(error) => back(error, "/account"),
    }
}

async fn sign_out(State(services): State<Services>, visit: Visit) -> Response {
    if let Err(error) = services.gate.sign_out(&visit.headers).await {
        return Problem::internal(&error).into_response();
    }
    let cookie = services.gate.cookie(None, visit.peer.secure);
    let mut response = led("/sign-in", cookie);
    // What was shown to whoever was signed in is not kept for whoever comes next.
    response.headers_mut().insert("clear-site-data", HeaderValue::from_static("\"cache\""));
    response
}

/// What a request shows of the one who makes it.
pub(crate) struct Visit {
    pub(crate) headers: HeaderMap,
    pub(crate) peer: Peer,
}

impl Visit {
    pub(crate) fn place(&self) -> Place {
        Gate::place(&self.headers, self.peer.address)
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Visit {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        let peer = parts.extensions.get::<Peer>().copied();
        let peer = peer.ok_or_else(|| Problem::internal(&"a request came without its peer"))?;
        Ok(Self { headers: parts.headers.clone(), peer })
    }
}

pub(crate) fn signed_in(gate: &Gate, visit: &Visit, secret: &Secret, to: &str) -> Response {
    led(to, gate.cookie(Some(secret), visit.peer.secure))
}

fn led(to: &str, cookie: HeaderValue) -> Response {
    let mut response = (StatusCode::SEE_OTHER, [(header::SET_COOKIE, cookie)]).into_response();
    let to = HeaderValue::try_from(to).unwrap_or(HeaderValue::from_static("/"));
    response.headers_mut().insert(header::LOCATION, to);
    response
}

/// Back to the form, with what was wrong.
pub(crate) fn back(error: SignInError, to: &str) -> Response {
    let words = match error {
        SignInError::Refused(refusal) => refusal.to_string(),
        SignInError::Store(error) => Problem::internal(&error).detail().to_owned(),
    };
    led(to, cookie_of(Err(words)))
}

/// A path of this server: a form that was tampered with leads nobody elsewhere.
pub(crate) fn local(next: &str) -> &str {
    let is_path = next.starts_with('/') && !next.starts_with("//") && !next.contains(['\\', '\r', '\n', '\t']);
    if is_path { next } else { "/" }
}

#[cfg(test)]
mod tests {
    use super::local;

    #[test]
    fn nobody_is_led_to_another_site() {
        assert_eq!(local("/workflows?state=paused"), "/workflows?state=paused");
        for elsewhere in
            ["", "https://evil.example", "//evil.example", "/\\evil.example", "/\t/evil.example", "javascript:x"]
        {
            assert_eq!(local(elsewhere), "/", "{elsewhere}");
        }
    }
}
