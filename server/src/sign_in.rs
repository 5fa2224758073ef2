//! The way in and out, as forms post it: sign-in, the one-time link, a new password, sign-out. Each answers by leading on,
//! with the cookie of the session.

mod provider;

use app::components::notice::cookie_of;
use axum::{
    Form,
    extract::{FromRequest, FromRequestParts, Path, Request, State},
    http::{HeaderMap, HeaderValue, StatusCode, header, request::Parts},
    response::{IntoResponse, Response},
};
use form_urlencoded::Serializer;
use model::{Error, UserId, limits};
use serde::{Deserialize, de::DeserializeOwned};

use crate::{
    backend::Asked,
    gate::{Gate, Place, Secret, SignInError},
    paths::Paths,
    peer::{self, Peer},
    problem::Problem,
    services::Services,
};

pub fn paths() -> Paths {
    Paths::default()
        .post("/sign-in", sign_in)
        .post("/sign-out", sign_out)
        .post("/welcome/{secret}", accept)
        .post("/account/password", change_password)
        .merge(provider::paths())
}

#[derive(Deserialize)]
struct SignIn {
    name: String,
    password: String,
    #[serde(default)]
    next: String,
}

async fn sign_in(State(services): State<Services>, visit: Visit, Fields(form): Fields<SignIn>) -> Response {
    match services.gate.sign_in(&form.name, &form.password, visit.place()).await {
        Ok(secret) => signed_in(&services.gate, &visit, &secret, local(&form.next)),
        Err(error) => {
            let query = Serializer::new(String::new())
                .append_pair("next", local(&form.next))
                .append_pair("name", short(&form.name))
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
    Fields(form): Fields<Accept>,
) -> Response {
    let invitation = Secret::shown(&secret);
    match services.gate.accept(&invitation, &form.name, &form.password, visit.place()).await {
        Ok(session) => signed_in(&services.gate, &visit, &session, "/"),
        Err(error) => {
            let query = Serializer::new(String::new()).append_pair("name", short(&form.name)).finish();
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
    Fields(form): Fields<ChangePassword>,
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
    if let Err(error) = services.gate.sign_out(visit.place()).await {
        return Problem::internal(&error).into_response();
    }
    let cookie = services.gate.cookie(None, visit.peer.secure);
    let mut response = led("/sign-in", cookie);
    // What was shown to whoever was signed in is not kept for whoever comes next.
    response.headers_mut().insert("clear-site-data", HeaderValue::from_static("\"cache\""));
    response
}

/// The inputs of a form.
struct Fields<T>(T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for Fields<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        let read = Form::from_request(request, state).await;
        read.map(|Form(fields)| Self(fields))
            .map_err(|unreadable| Problem::malformed(format!("The form cannot be read: {}.", unreadable.body_text())))
    }
}

/// What a request shows of the one who makes it.
pub struct Visit {
    pub headers: HeaderMap,
    pub peer: Peer,
}

impl Visit {
    pub(crate) fn place(&self) -> Place {
        Gate::place(&self.headers, self.peer)
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Visit {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        let peer = parts.extensions.get::<Peer>().copied().ok_or_else(peer::missing)?;
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

/// Characters of an address that someone is led to.
const NEXT_CHARS_MAX: usize = 2_000;

/// A path of this server: a form that was tampered with leads nobody elsewhere.
pub(crate) fn local(next: &str) -> &str {
    let is_path = next.starts_with('/') && !next.starts_with("//") && !next.contains(['\\', '\r', '\n', '\t']);
    if is_path && next.len() <= NEXT_CHARS_MAX { next } else { "/" }
}

/// What was typed as a name, as far as names go: it becomes part of an address.
fn short(name: &str) -> &str {
    name.char_indices().nth(limits::NAME_CHARS_MAX).map_or(name, |(end, _)| &name[..end])
}

#[cfg(test)]
mod tests {
    use super::{local, short};

    #[test]
    fn nobody_is_led_to_another_site() {
        assert_eq!(local("/workflows?state=paused"), "/workflows?state=paused");
        for elsewhere in
            ["", "https://evil.example", "//evil.example", "/\\evil.example", "/\t/evil.example", "javascript:x"]
        {
            assert_eq!(local(elsewhere), "/", "{elsewhere}");
        }
    }

    #[test]
    fn what_was_typed_is_led_back_as_far_as_a_name_goes() {
        assert_eq!(short("Ann"), "Ann");
        assert_eq!(short(&"ä".repeat(1_000)).chars().count(), 100);
        assert_eq!(local(&format!("/{}", "x".repeat(10_000))), "/");
    }
}
