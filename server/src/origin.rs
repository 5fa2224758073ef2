//! Refuses what another site makes a browser send, and names that do not belong to this server.
//!
//! Browsers apply no CORS to form posts and websocket upgrades, and a page can be served under a name that its owner
//! later points at this server's address (DNS rebinding). So every request must name a host that is the server's own,
//! and whatever changes something or opens a websocket must come from one of our own pages — or from a program, which
//! sends neither `Origin` nor `Sec-Fetch-Site`.

mod names;

use std::sync::Arc;

use axum::{
    extract::{Request, State},
    http::{HeaderMap, Method, header},
    middleware::Next,
    response::{IntoResponse, Response},
};
use model::Error;

pub use names::OwnNames;

use crate::{
    peer::{ForwardedHost, Peer},
    problem::Problem,
};
use names::Origin;

/// Middleware around everything that is served; needs what [`crate::peer::tell`] adds.
pub async fn guard(State(own): State<Arc<OwnNames>>, request: Request, next: Next) -> Response {
    match check(&own, &request) {
        Ok(()) => next.run(request).await,
        Err(reason) => {
            tracing::warn!(%reason, "refused");
            Problem::from(Error::Forbidden { message: reason }).into_response()
        }
    }
}

fn check(own: &OwnNames, request: &Request) -> Result<(), String> {
    let headers = request.headers();
    let secure = request.extensions().get::<Peer>().is_some_and(|peer| peer.secure);
    let host = match request.uri().authority() {
        // Absolute-form targets override the Host header (RFC 9112, section 3.2.2).
        Some(authority) => Some(authority.as_str()),
        None => text(headers, header::HOST),
    };
    let host = host.ok_or("The request names no host.")?;
    // Both must be ours: what a trusted proxy forwards can also be written by a page in a browser on the proxy's machine,
    // but then the page's own name stands in Host.
    let forwarded = request.extensions().get::<ForwardedHost>().map(|ForwardedHost(host)| host.as_str());
    for name in [Some(host), forwarded].into_iter().flatten() {
        if !own.answers_to(name, secure) {
            return Err(own.refusal(name));
        }
    }
    let upgrades = headers.contains_key(header::UPGRADE);
    if is_safe(request.method()) && !upgrades {
        return Ok(());
    }
    if let Some(origin) = text(headers, header::ORIGIN) {
        let asked = Origin::of_host(forwarded.unwrap_or(host), secure);
        own.accept_page(origin, asked.as_ref())?;
    }
    match headers.get("sec-fetch-site").map(|site| site.as_bytes()) {
        // `none` is the address bar; it cannot be forged by a page.
        None | Some(b"same-origin" | b"none") => Ok(()),
        Some(_) => Err("A page of another site may not change anything here.".to_owned()),
    }
}

fn is_safe(method: &Method) -> bool {
    matches!(*method, Method::GET | Method::HEAD | Method::OPTIONS)
}

/// A header that cannot be read as text is treated as one that matches nothing.
fn text(headers: &HeaderMap, name: header::HeaderName) -> Option<&str> {
    headers.get(name).map(|value| value.to_str().unwrap_or("?"))
}

#[cfg(test)]
mod tests;
