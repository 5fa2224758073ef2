//! What a page keeps in the browser: small values that only the server reads, for the whole site.

use axum::http::{HeaderValue, header, request::Parts};
use leptos::prelude::use_context;
use leptos_axum::ResponseOptions;

/// Seconds that a choice is kept.
pub(crate) const YEAR_S: u32 = 31_536_000;

/// The value of the cookie, as the browser sent it with this request.
pub(crate) fn read(name: &str) -> Option<String> {
    let parts = use_context::<Parts>()?;
    let cookies = parts.headers.get_all(header::COOKIE).iter().filter_map(|cookies| cookies.to_str().ok());
    cookies.flat_map(|cookies| cookies.split("; ")).find_map(|cookie| value(cookie, name)).map(str::to_owned)
}

/// The rest of the names that begin with `prefix`, of the cookies that came with this request.
pub(crate) fn names(prefix: &str) -> Vec<String> {
    let Some(parts) = use_context::<Parts>() else { return Vec::new() };
    let cookies = parts.headers.get_all(header::COOKIE).iter().filter_map(|cookies| cookies.to_str().ok());
    let names = cookies.flat_map(|cookies| cookies.split("; ")).filter_map(|cookie| cookie.split_once('='));
    names.filter_map(|(name, _)| name.strip_prefix(prefix)).map(str::to_owned).collect()
}

fn value<'c>(cookie: &'c str, name: &str) -> Option<&'c str> {
    cookie.strip_prefix(name)?.strip_prefix('=')
}

/// The header that sets a cookie for `lives_s` seconds; 0 takes it back. `value` is of the characters that a form's
/// encoding has. `Lax`, so that it also comes with a page that a link in a mail or the identity provider leads to.
pub(crate) fn header(name: &str, value: &str, lives_s: u32) -> HeaderValue {
    let cookie = format!("{name}={value}; Path=/; Max-Age={lives_s}; HttpOnly; SameSite=Lax");
    HeaderValue::try_from(cookie).expect("a form-encoded text is ASCII")
}

/// Sets it with the answer to this request.
pub(crate) fn set(cookie: HeaderValue) {
    if let Some(response) = use_context::<ResponseOptions>() {
        response.append_header(header::SET_COOKIE, cookie);
    }
}

#[cfg(test)]
mod tests {
    use super::value;

    #[test]
    fn a_cookie_is_read_by_its_whole_name() {
        assert_eq!(value("millrace-theme=dark", "millrace-theme"), Some("dark"));
        assert_eq!(value("millrace-theme-of-another=dark", "millrace-theme"), None);
    }
}
