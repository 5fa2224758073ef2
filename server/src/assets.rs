//! The browser's files, embedded by `build.rs`: script, WASM and style under `/pkg`, and the mark for the tab.
//!
//! Their addresses carry `?v=` with the hash of all of them, so the answer never changes and is kept for ever; without
//! the current hash it is checked again each time.

use axum::{
    extract::{Path, RawQuery},
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};

use crate::problem::Problem;

struct File {
    name: &'static str,
    plain: &'static [u8],
    brotli: Option<&'static [u8]>,
}

include!(concat!(env!("OUT_DIR"), "/assets.rs"));

/// A millstone: the mark in the browser's tab.
const ICON: &str = concat!(
    r##"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><circle cx="16" cy="16" r="15" fill="#1d5c63"/>"##,
    r##"<g fill="none" stroke="#fff" stroke-width="2.5" stroke-linecap="round"><circle cx="16" cy="16" r="3.5"/>"##,
    r##"<path d="M16 12.500V4M19 17.800l7.400 4.200M13 17.800 5.600 22"/></g></svg>"##
);

/// `GET /pkg/{name}`
pub async fn file(Path(name): Path<String>, RawQuery(query): RawQuery, headers: HeaderMap) -> Response {
    let Some(file) = FILES.iter().find(|file| file.name == name) else {
        return Problem::no_such_path(&format!("/pkg/{name}")).into_response();
    };
    let current = query.as_deref().is_some_and(|query| query.strip_prefix("v=") == Some(VERSION));
    let cached = headers.get(header::IF_NONE_MATCH).is_some_and(|tag| tag.as_bytes() == etag().as_bytes());
    if cached {
        return (StatusCode::NOT_MODIFIED, cache_headers(current)).into_response();
    }
    let kind = [(header::CONTENT_TYPE, content_type(file.name)), (header::VARY, "accept-encoding")];
    match file.brotli.filter(|_| accepts_brotli(&headers)) {
        Some(brotli) => (cache_headers(current), kind, [(header::CONTENT_ENCODING, "br")], brotli).into_response(),
        None => (cache_headers(current), kind, file.plain).into_response(),
    }
}

/// `GET /favicon.ico`, `GET /favicon.svg`
pub async fn icon() -> Response {
    let headers = [(header::CONTENT_TYPE, "image/svg+xml"), (header::CACHE_CONTROL, "public, max-age=86400")];
    (headers, ICON).into_response()
}

fn etag() -> String {
    format!("\"{VERSION}\"")
}

fn cache_headers(current: bool) -> HeaderMap {
    let cache = if current { "public, max-age=31536000, immutable" } else { "no-cache" };
    let tag = HeaderValue::try_from(etag()).expect("hexadecimal digits are valid in a header");
    HeaderMap::from_iter([(header::CACHE_CONTROL, HeaderValue::from_static(cache)), (header::ETAG, tag)])
}

fn content_type(name: &str) -> &'static str {
    match name.rsplit_once('.').map(|(_, extension)| extension) {
        Some("js") => "text/javascript; charset=utf-8",
        Some("wasm") => "application/wasm",
        Some("css") => "text/css; charset=utf-8",
        Some("svg") => "image/svg+xml",
        Some("woff2") => "font/woff2",
        _ => "application/octet-stream",
    }
}

/// RFC 9110, section 12.5.3; a weight of 0 means "not this one".
fn accepts_brotli(headers: &HeaderMap) -> bool {
    let accepted = headers.get(header::ACCEPT_ENCODING).and_then(|value| value.to_str().ok()).unwrap_or_default();
    accepted.split(',').any(|coding| {
        let (name, weight) = coding.split_once(';').unwrap_or((coding, ""));
        let refused = weight.trim().strip_prefix("q=").is_some_and(|q| q.parse() == Ok(0.0));
        name.trim().eq_ignore_ascii_case("br") && !refused
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(accept_encoding: &str, expected: bool) {
        let headers = HeaderMap::from_iter([(
            header::ACCEPT_ENCODING,
            HeaderValue::from_str(accept_encoding).expect("a header value"),
        )]);
        assert_eq!(accepts_brotli(&headers), expected, "{accept_encoding}");
    }

    #[test]
    fn brotli_is_sent_to_those_who_take_it() {
        check("gzip, deflate, br, zstd", true);
        check("gzip;q=1.0, BR;q=0.5", true);
        check("gzip, br;q=0", false);
        check("gzip", false);
        check("", false);
    }
}
