//! The cookies that hold a session, or the secret of a sign-in that has begun.

use std::time::Duration;

use axum::http::{HeaderMap, HeaderValue, header};

use super::Secret;

/// What a cookie is called without TLS and with it. Over TLS the name itself binds the cookie to this host and path: no
/// other host of the domain can set it (RFC 6265bis, section 4.1.3).
#[derive(Clone, Copy, Debug)]
pub(super) struct Name {
    plain: &'static str,
    secure: &'static str,
}

impl Name {
    const fn over(self, secure: bool) -> &'static str {
        if secure { self.secure } else { self.plain }
    }
}

/// What the session's is called without TLS.
pub(crate) const SESSION_PLAIN: &str = "millrace-session";
/// Of the session.
pub(super) const SESSION: Name = Name { plain: SESSION_PLAIN, secure: "__Host-millrace-session" };
/// Of a sign-in with the identity provider that has begun in this browser.
pub(super) const BEGUN: Name = Name { plain: "millrace-begun", secure: "__Host-millrace-begun" };

/// The secret that a browser shows. Over TLS only the cookie counts that no other host of the domain can have planted.
pub(super) fn shown(headers: &HeaderMap, of: Name, secure: bool) -> Option<Secret> {
    let cookies = headers.get_all(header::COOKIE).iter().filter_map(|cookies| cookies.to_str().ok());
    let mut pairs = cookies.flat_map(|cookies| cookies.split("; ")).filter_map(|cookie| cookie.split_once('='));
    pairs.find(|(name, _)| *name == of.over(secure)).map(|(_, value)| Secret::shown(value))
}

/// Sets it, or takes it back. `Lax`, so that a link in a mail leads to the page and not to the sign-in, and the identity
/// provider back to what has begun here; what changes something is not reached by links.
pub(super) fn header(of: Name, secret: Option<&Secret>, lasts: Duration, secure: bool) -> HeaderValue {
    let (name, more) = (of.over(secure), if secure { "; Secure" } else { "" });
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

    fn sent(cookies: &str, secure: bool) -> Option<String> {
        let headers = HeaderMap::from_iter([(header::COOKIE, HeaderValue::from_str(cookies).unwrap())]);
        shown(&headers, SESSION, secure).map(|secret| secret.to_string())
    }

    #[test]
    fn the_session_is_found_among_other_cookies() {
        assert_eq!(sent("millrace-theme=dark; millrace-session=abc; other=1", false).as_deref(), Some("abc"));
        assert_eq!(sent("not-millrace-session=abc", false), None);
    }

    #[test]
    fn over_tls_a_cookie_counts_that_nobody_else_can_plant() {
        let both = "millrace-session=planted; __Host-millrace-session=own";
        assert_eq!(sent(both, true).as_deref(), Some("own"));
        assert_eq!(sent("millrace-session=planted", true), None);
    }

    #[test]
    fn a_page_cannot_read_it_and_other_sites_cannot_send_it() {
        let secret = Secret::shown("abc");
        let plain = header(SESSION, Some(&secret), Duration::from_secs(60), false);
        assert_eq!(plain, "millrace-session=abc; Path=/; Max-Age=60; HttpOnly; SameSite=Lax");
        let secure = header(SESSION, Some(&secret), Duration::from_secs(60), true);
        assert_eq!(secure, "__Host-millrace-session=abc; Path=/; Max-Age=60; HttpOnly; SameSite=Lax; Secure");
    }
}
