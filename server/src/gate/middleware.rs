//! Before every request: whoever is known is put into it as an [`Asked`]; whoever is not reaches only what is open.
//!
//! **Architecture invariant:** what is not named in [`is_open`] needs a session or a token, whether there is such a path or
//! not. A new route is closed until someone opens it here.

use axum::{
    extract::{Request, State},
    http::{HeaderValue, Method, header},
    middleware::Next,
    response::{IntoResponse, Redirect, Response},
};
use form_urlencoded::byte_serialize;
use model::Door;

use super::Look;
use crate::{
    api,
    backend::Asked,
    peer::{self, Peer},
    problem::Problem,
    services::Services,
};

/// A page that is only fetched again carries this header; it is told, not led away.
const REFRESH: &str = "x-millrace-refresh";

pub async fn authenticate(State(services): State<Services>, mut request: Request, next: Next) -> Response {
    let door = door(request.uri().path());
    let Some(peer) = request.extensions().get::<Peer>().copied() else { return peer::missing().into_response() };
    let look = if request.headers().contains_key(REFRESH) { Look::Glance } else { Look::Use };
    match services.gate.identify(request.headers(), door, peer, look).await {
        Ok(Some(actor)) => {
            request.extensions_mut().insert(Asked::new(services.backend.clone(), actor));
            next.run(request).await
        }
        Ok(None) if is_open(request.uri().path()) => next.run(request).await,
        Ok(None) => refusal(&request),
        Err(error) => Problem::internal(&error).into_response(),
    }
}

/// What everybody may reach: signs of life, the way in with what its pages need, and addresses that hold a secret. Not by
/// a way that leads back out, which only some of those who read a path after us would take.
fn is_open(path: &str) -> bool {
    if path.contains("..") || path.to_ascii_lowercase().contains("%2e") {
        return false;
    }
    matches!(path, "/healthz" | "/readyz" | "/favicon.ico" | "/favicon.svg" | "/sign-in" | "/_fn/set_theme")
        || ["/pkg/", "/sign-in/", "/welcome/", "/trigger/"].iter().any(|open| path.starts_with(open))
}

fn door(path: &str) -> Door {
    let is_api = path.starts_with(api::PREFIX) || path == "/metrics";
    if is_api { Door::Api } else { Door::Browser }
}

/// A person is led to the sign-in and from there to where they wanted to go; a program gets a problem.
fn refusal(request: &Request) -> Response {
    let headers = request.headers();
    let text = |name| headers.get(name).and_then(|value: &HeaderValue| value.to_str().ok());
    let wants_page = text(header::ACCEPT).is_some_and(|accept| accept.contains("text/html"));
    let is_program = door(request.uri().path()) == Door::Api || headers.contains_key(REFRESH) || !wants_page;
    if is_program {
        let mut response = Problem::not_signed_in().into_response();
        response.headers_mut().insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        return response;
    }
    // What was posted is lost with the session; the page that it was posted from is where one comes back to.
    let wanted = match *request.method() {
        Method::GET | Method::HEAD => request.uri().path_and_query().map_or("/", |wanted| wanted.as_str()).to_owned(),
        _ => "/".to_owned(),
    };
    let next: String = byte_serialize(wanted.as_bytes()).collect();
    Redirect::to(&format!("/sign-in?next={next}")).into_response()
}

#[cfg(test)]
mod tests {
    use super::is_open;

    #[test]
    fn little_is_open() {
        for path in ["/healthz", "/sign-in", "/sign-in/provider", "/pkg/millrace.css", "/trigger/x/y"] {
            assert!(is_open(path), "{path}");
        }
        for path in ["/", "/workflows", "/metrics", "/api/v1/nowhere", "/_fn/run_now", "/sign-inside", "/pkg"] {
            assert!(!is_open(path), "{path}");
        }
        for way_out in ["/sign-in/../workflows", "/pkg/%2e%2E/workflows", "/welcome/..%2fworkflows"] {
            assert!(!is_open(way_out), "{way_out}");
        }
    }
}
