//! The cookie that holds a session.

use std::time::Duration;

use axum::http::{HeaderMap, HeaderValue, header};

use super::Secret;

/// Over TLS the name itself binds the cookie to this host and path: no other host of the domain can set it
/// (RFC 6265bis, section 4.1.3).
const SECURE_NAME: &str = "__Host-millrace-session";
const NAME: &str = "millrace-session";

/// The session that a browser shows.
pub(super) fn session(headers: &HeaderMap) -> Option<Secret> {
    let cookies = headers.get_all(header::COOKIE).iter().filter_map(|cookies| cookies.to_str().ok());
    let pairs = cookies.flat_map(|cookies| cookies.split("; ")).filter_map(|cookie| cookie.split_once('='));
    let mut found = None;
    for (name, value) in pairs {
        match name {
            SECURE_NAME => return Some(Secret::shown(value)),
            NAME => found = Some(Secret::shown(value)),
            _ => {}
        }
    }
    found
}

/// Sets the session, or takes it back. `Lax`, so that a link in a mail leads to the page and not to the sign-in; what
/// changes something is not reached by links.
pub(super) fn header(secret: Option<&Secret>, lasts: Duration, secure: bool) -> HeaderValue {
    let (name, more) = if secure { (SECURE_NAME, "; Secure") } else { (NAME, "") };
    let text = match secret {
        Some(secret) => {
            format!("{name}={secret}; Path=/; Max-Age={}; HttpOnly; SameSite=Lax{more}", lasts.as_secs())
        }
        None => format!("{name}=; Path=/; Max-Age=0; HttpOnly; SameSite=Lax{more}"),
    };
    HeaderValue::try_from(text).expect("a secret is base64")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sent(cookies: &str) -> Option<String> {
        let headers = HeaderMap::from_iter([(header::COOKIE, HeaderValue::from_str(cookies).unwrap())]);
        session(&headers).map(|secret| secret.to_string())
    }

    #[test]
    fn the_session_is_found_among_other_cookies() {
        assert_eq!(sent("millrace-theme=dark; millrace-session=abc; other=1").as_deref(), Some("abc"));
        assert_eq!(sent("not-millrace-session=abc"), None);
        assert_eq!(sent("millrace-session=planted; __Host-millrace-session=own").as_deref(), Some("own"));
    }

    #[test]
    fn a_page_cannot_read_it_and_other_sites_cannot_send_it() {
        let secret = Secret::shown("abc");
        let plain = header(Some(&secret), Duration::from_secs(60), false);
        assert_eq!(plain, "millrace-session=abc; Path=/; Max-Age=60; HttpOnly; SameSite=Lax");
        let secure = header(Some(&secret), Duration::from_secs(60), true);
        assert_eq!(secure, "__Host-millrace-session=abc; Path=/; Max-Age=60; HttpOnly; SameSite=Lax; Secure");
    }
}
