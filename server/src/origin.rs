//! Refuses what another site makes a browser send, and names that do not belong to this server.
//!
//! Browsers apply no CORS to form posts and websocket upgrades, and a page can be served under a name that its owner
//! later points at 127.0.0.1 (DNS rebinding). So on loopback every request must name a loopback host, and whatever
//! changes something or opens a websocket must come from one of our own pages — or from a program, which sends neither
//! `Origin` nor `Sec-Fetch-Site`.

use std::net::SocketAddr;

use axum::{
    extract::{Request, State},
    http::{HeaderMap, Method, header, uri::Authority},
    middleware::Next,
    response::{IntoResponse, Response},
};
use model::Error;

use crate::problem::Problem;

/// The address that the server listens on; decides which host names are its own.
#[derive(Clone, Copy, Debug)]
pub struct OwnAddress(pub SocketAddr);

/// Middleware around everything that is served.
pub async fn guard(State(own): State<OwnAddress>, request: Request, next: Next) -> Response {
    match check(own, request.method(), request.uri().authority(), request.headers()) {
        Ok(()) => next.run(request).await,
        Err(reason) => {
            tracing::warn!(method = %request.method(), path = request.uri().path(), %reason, "refused");
            Problem::from(Error::Forbidden { message: reason }).into_response()
        }
    }
}

fn check(own: OwnAddress, method: &Method, target: Option<&Authority>, headers: &HeaderMap) -> Result<(), String> {
    let host = match target {
        // Absolute-form targets override the Host header (RFC 9112, section 3.2.2).
        Some(authority) => Some(authority.as_str()),
        None => text(headers, header::HOST),
    };
    let host = host.ok_or("The request names no host.")?;
    if !own.answers_to(host) {
        return Err(format!(
            "This server does not answer to the name “{host}”. Open it as http://{} or http://localhost:{}.",
            own.0,
            own.0.port()
        ));
    }
    let upgrades = headers.contains_key(header::UPGRADE);
    if is_safe(method) && !upgrades {
        return Ok(());
    }
    if let Some(origin) = text(headers, header::ORIGIN) {
        // `null` is the origin of sandboxed frames and local files: not one of our pages.
        let ours = origin.strip_prefix("http://").is_some_and(|name| own.answers_to(name) && same_name(name, host));
        if !ours {
            return Err(format!("A page of “{origin}” may not change anything here."));
        }
    }
    match headers.get("sec-fetch-site").map(|site| site.as_bytes()) {
        // `none` is the address bar; it cannot be forged by a page.
        None | Some(b"same-origin" | b"none") => Ok(()),
        Some(_) => Err("A page of another site may not change anything here.".to_owned()),
    }
}

impl OwnAddress {
    /// Whether `authority` (`host` or `host:port`) means this server.
    fn answers_to(self, authority: &str) -> bool {
        let Ok(authority) = authority.parse::<Authority>() else { return false };
        if authority.as_str().contains('@') || authority.port_u16().unwrap_or(80) != self.0.port() {
            return false;
        }
        let host = authority.host();
        host.eq_ignore_ascii_case("localhost") || host == "127.0.0.1" || host == "[::1]" || host == self.own_name()
    }

    fn own_name(self) -> String {
        match self.0 {
            SocketAddr::V4(address) => address.ip().to_string(),
            SocketAddr::V6(address) => format!("[{}]", address.ip()),
        }
    }
}

/// An origin leaves out port 80; a `Host` may spell it.
fn same_name(origin: &str, host: &str) -> bool {
    origin.trim_end_matches(":80").eq_ignore_ascii_case(host.trim_end_matches(":80"))
}

fn is_safe(method: &Method) -> bool {
    matches!(*method, Method::GET | Method::HEAD | Method::OPTIONS)
}

/// A header that cannot be read as text is treated as one that matches nothing.
fn text(headers: &HeaderMap, name: header::HeaderName) -> Option<&str> {
    headers.get(name).map(|value| value.to_str().unwrap_or("?"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(method: Method, headers: &[(&'static str, &str)]) -> Result<(), String> {
        let own = OwnAddress("127.0.0.1:3000".parse().expect("an address"));
        let headers = headers
            .iter()
            .map(|(name, value)| (header::HeaderName::from_static(name), value.parse().expect("a header value")));
        check(own, &method, None, &headers.collect())
    }

    #[test]
    fn programs_and_own_pages_may_write() {
        for headers in [
            &[("host", "127.0.0.1:3000")][..],
            &[("host", "localhost:3000"), ("origin", "http://localhost:3000"), ("sec-fetch-site", "same-origin")],
            &[("host", "[::1]:3000"), ("origin", "http://[::1]:3000")],
        ] {
            assert_eq!(asked(Method::POST, headers), Ok(()), "{headers:?}");
        }
    }

    #[test]
    fn foreign_pages_may_not() {
        for headers in [
            &[("host", "127.0.0.1:3000"), ("origin", "https://evil.example")][..],
            &[("host", "127.0.0.1:3000"), ("origin", "null")],
            &[("host", "127.0.0.1:3000"), ("origin", "http://127.0.0.1:8080")],
            // Another server of the same machine under another name of it is still another site.
            &[("host", "127.0.0.1:3000"), ("origin", "http://localhost:3000")],
            &[("host", "127.0.0.1:3000"), ("sec-fetch-site", "cross-site")],
            &[("host", "127.0.0.1:3000"), ("sec-fetch-site", "same-site")],
        ] {
            assert!(asked(Method::POST, headers).is_err(), "{headers:?}");
            let upgrade = [headers, &[("upgrade", "websocket")]].concat();
            assert!(asked(Method::GET, &upgrade).is_err(), "{upgrade:?}");
        }
    }

    #[test]
    fn a_rebound_name_reads_nothing() {
        for host in
            ["evil.example:3000", "127.0.0.1", "127.0.0.1:3001", "localhost.evil.example:3000", "a@127.0.0.1:3000"]
        {
            assert!(asked(Method::GET, &[("host", host)]).is_err(), "{host}");
        }
        assert!(asked(Method::GET, &[]).is_err());
    }

    #[test]
    fn links_from_elsewhere_may_be_followed() {
        assert_eq!(asked(Method::GET, &[("host", "127.0.0.1:3000"), ("sec-fetch-site", "cross-site")]), Ok(()));
    }
}
