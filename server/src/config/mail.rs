//! Where mail is handed over: the settings `smtp` and `mail_from`.

use std::fmt;

/// A mail server, as `smtp://user:password@host:port` names it.
#[derive(Clone, PartialEq, Eq)]
pub struct MailServer {
    pub host: String,
    pub port: u16,
    pub tls: Tls,
    /// User and password.
    pub credentials: Option<(String, String)>,
}

/// How the way to the mail server is kept secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tls {
    /// `smtps://`: from the first byte.
    FromTheStart,
    /// `smtp://`: by STARTTLS, or nothing is sent.
    StartTls,
    /// `smtp+plain://`: not at all, for a server on the same machine or in the same closed network.
    Never,
}

impl fmt::Debug for MailServer {
    /// Without the password: settings are printed in logs.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{} ({:?})", self.host, self.port, self.tls)
    }
}

/// `none`, or a server.
pub(super) fn server(text: &str) -> Result<Option<MailServer>, String> {
    const TAKES: &str = "say none, or a server such as smtp://user:password@mail.example.com:587 (STARTTLS), smtps://… (TLS) \
                         or smtp+plain://… (neither)";
    if text == "none" {
        return Ok(None);
    }
    let (scheme, rest) = text.split_once("://").ok_or(TAKES)?;
    let (tls, usual_port) = match scheme {
        "smtps" => (Tls::FromTheStart, 465),
        "smtp" => (Tls::StartTls, 587),
        "smtp+plain" => (Tls::Never, 25),
        _ => return Err(TAKES.to_owned()),
    };
    // A password may have any character, an `@` too; a host has none.
    let (credentials, address) = match rest.rsplit_once('@') {
        Some((credentials, address)) => {
            let (user, password) =
                credentials.split_once(':').ok_or("the user comes with a password: user:password@")?;
            (Some((user.to_owned(), password.to_owned())), address)
        }
        None => (None, rest),
    };
    let address = address.trim_end_matches('/');
    let (host, port) = match address.rsplit_once(':') {
        Some((host, port)) if !port.ends_with(']') => (host, port.parse().map_err(|_| TAKES)?),
        _ => (address, usual_port),
    };
    let is_host = |c: char| c.is_ascii_alphanumeric() || ".-:[]".contains(c);
    if host.is_empty() || !host.chars().all(is_host) {
        return Err(TAKES.to_owned());
    }
    let host = host.trim_matches(['[', ']']).to_owned();
    Ok(Some(MailServer { host, port, tls, credentials }))
}

/// The setting as it may be shown: its password is not.
pub(super) fn without_password(text: &str) -> String {
    let parts = text.split_once("://").and_then(|(scheme, rest)| Some((scheme, rest.rsplit_once('@')?)));
    match parts {
        Some((scheme, (credentials, address))) => {
            let user = credentials.split_once(':').map_or(credentials, |(user, _)| user);
            format!("{scheme}://{user}:…@{address}")
        }
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, host: &str, port: u16, tls: Tls, credentials: Option<(&str, &str)>) {
        let credentials = credentials.map(|(user, password)| (user.to_owned(), password.to_owned()));
        let expected = MailServer { host: host.to_owned(), port, tls, credentials };
        assert_eq!(server(text), Ok(Some(expected)), "{text}");
    }

    #[test]
    fn a_server_is_named_by_an_address() {
        check("smtp://mail.example.com", "mail.example.com", 587, Tls::StartTls, None);
        check(
            "smtps://bob:p@ss:w/rd@mail.example.com:2465/",
            "mail.example.com",
            2465,
            Tls::FromTheStart,
            Some(("bob", "p@ss:w/rd")),
        );
        check("smtp+plain://[::1]:2525", "::1", 2525, Tls::Never, None);
        check("smtp+plain://[::1]", "::1", 25, Tls::Never, None);
        assert_eq!(server("none"), Ok(None));
        for wrong in
            ["", "mail.example.com", "http://mail", "smtp://", "smtp://bob@mail", "smtp://mail:many", "smtp://a b"]
        {
            assert!(server(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_password_is_never_shown() {
        let text = "smtps://bob:secret@mail.example.com:465";
        assert_eq!(without_password(text), "smtps://bob:…@mail.example.com:465");
        assert_eq!(without_password("none"), "none");
        let server = server(text).unwrap().unwrap();
        assert_eq!(format!("{server:?}"), "mail.example.com:465 (FromTheStart)");
    }
}
