//! A file of an SFTP or FTP server: what its address and its secret say. Speaking to the server is somebody else's part
//! ([`FileServers`]).

use percent_encoding::percent_decode_str;
use url::{Host, Url};

use super::{
    super::file::SourceFile,
    fetched::{answer, keep},
    fields::Fields,
};
use crate::{
    Failure, StepContext,
    file_servers::{FileServers, FtpTls, Proof, Protocol, RemoteFile},
    secrets::Password,
};

/// Who signs in to an FTP server when nobody in particular does (RFC 1635).
const ANYBODY: (&str, &str) = ("anonymous", "anonymous@");
/// How private keys begin: PEM as OpenSSH writes it, and PuTTY's own form.
const KEY_BEGINS: [&str; 2] = ["-----BEGIN ", "PuTTY-User-Key-File-"];
/// Characters of a key's SHA-256 in base64 without padding.
const FINGERPRINT_LENGTH: usize = 43;

/// Whether an address is one of a file server, be it right or not.
pub(crate) fn is_meant(url: &str) -> bool {
    let scheme = url.split(':').next().unwrap_or_default();
    matches!(scheme.to_ascii_lowercase().as_str(), "sftp" | "ftp" | "ftps" | "ftpes")
}

/// What is wrong with a source, by the field of its location, without asking anybody.
pub(crate) fn problem(url: &str, host_key: Option<&str>, credentials: Option<&str>) -> Option<(&'static str, String)> {
    let is_sftp = match Address::parse(url) {
        Ok(address) => address.scheme == Scheme::Sftp,
        Err(problem) => return Some(("url", problem)),
    };
    match (is_sftp, host_key) {
        (true, given) => {
            let problem = fingerprint(given).err().map(|problem| ("host_key", problem));
            let unsigned = || ("credentials", "name a secret: SFTP has no sign-in without one".to_owned());
            problem.or_else(|| credentials.is_none().then(unsigned))
        }
        (false, Some(_)) => Some(("host_key", "is for sftp:// only".to_owned())),
        (false, None) => None,
    }
}

/// Errors do not name the address.
pub(super) async fn fetch(
    url: &str,
    host_key: Option<&str>,
    secret: Option<&str>,
    servers: &dyn FileServers,
    context: &StepContext<'_>,
) -> Result<SourceFile, Failure> {
    let file = remote(url, host_key, secret).map_err(Failure::Input)?;
    if secret.is_some() && file.protocol == (Protocol::Ftp { tls: None }) {
        context
            .warn(format!("the password for {} is sent openly, for ftp:// has no encryption; ftpes:// has", file.host));
    }
    let found = answer(context, servers.open(&file)).await?;
    keep(found.chunks, found.bytes, context).await
}

fn remote(url: &str, host_key: Option<&str>, secret: Option<&str>) -> Result<RemoteFile, String> {
    let address = Address::parse(url).map_err(|problem| format!("its address {problem}"))?;
    let protocol = match address.scheme {
        Scheme::Sftp => Protocol::Sftp {
            host_key: fingerprint(host_key).map_err(|problem| format!("its host_key {problem}"))?.to_owned(),
        },
        Scheme::Ftp(tls) => Protocol::Ftp { tls },
    };
    let (user, proof) = match (secret, address.scheme) {
        (Some(secret), scheme) => sign_in(secret, scheme == Scheme::Sftp)?,
        (None, Scheme::Sftp) => return Err("it needs a secret to sign in with".to_owned()),
        (None, Scheme::Ftp(_)) => (ANYBODY.0.to_owned(), Proof::Password(Password(ANYBODY.1.to_owned()))),
    };
    Ok(RemoteFile { protocol, host: address.host, port: address.port, path: address.path, user, proof })
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Scheme {
    Sftp,
    Ftp(Option<FtpTls>),
}

#[derive(Debug, PartialEq, Eq)]
struct Address {
    scheme: Scheme,
    host: String,
    port: u16,
    path: String,
}

impl Address {
    fn parse(url: &str) -> Result<Self, String> {
        let parsed = Url::parse(url).map_err(|error| format!("is no URL: {error}"))?;
        let (scheme, usual_port) = match parsed.scheme() {
            "sftp" => (Scheme::Sftp, 22),
            "ftp" => (Scheme::Ftp(None), 21),
            "ftpes" => (Scheme::Ftp(Some(FtpTls::Explicit)), 21),
            "ftps" => (Scheme::Ftp(Some(FtpTls::Implicit)), 990),
            _ => return Err("has to begin with sftp://, ftp://, ftpes:// or ftps://".to_owned()),
        };
        if !parsed.username().is_empty() || parsed.password().is_some() {
            return Err("may hold neither user nor password; they belong into a secret".to_owned());
        }
        if parsed.query().is_some() || parsed.fragment().is_some() {
            return Err("may hold no “?” and no “#”; in the name of a file they are %3F and %23".to_owned());
        }
        let host = match parsed.host() {
            None | Some(Host::Domain("")) => return Err("names no host".to_owned()),
            Some(Host::Domain(name)) => name.to_owned(),
            Some(Host::Ipv4(ip)) => ip.to_string(),
            Some(Host::Ipv6(ip)) => ip.to_string(),
        };
        Ok(Self { scheme, host, port: parsed.port().unwrap_or(usual_port), path: path(parsed.path(), scheme)? })
    }
}

/// An address of FTP begins where the sign-in leads to (RFC 1738, 3.2.2), one of SFTP at the root unless it says `/~/`.
fn path(written: &str, scheme: Scheme) -> Result<String, String> {
    let start = if scheme == Scheme::Sftp { "/~/" } else { "/" };
    let written = written.strip_prefix(start).unwrap_or(written);
    let path = percent_decode_str(written).decode_utf8().map_err(|_| "has a path that is no UTF-8".to_owned())?;
    if path.is_empty() || path.ends_with('/') {
        return Err("names no file".to_owned());
    }
    // A line end would begin the next command.
    if path.contains(char::is_control) {
        return Err("has a path with a control character".to_owned());
    }
    Ok(path.into_owned())
}

fn fingerprint(host_key: Option<&str>) -> Result<&str, String> {
    let given = host_key.unwrap_or_default().trim();
    let digits = given.strip_prefix("SHA256:").map(|digits| digits.trim_end_matches('='));
    match digits {
        Some(digits) if is_fingerprint(digits) => Ok(given.trim_end_matches('=')),
        _ => Err("has to be the fingerprint of the server's key, SHA256:…, as `ssh-keygen -l` shows it".to_owned()),
    }
}

fn is_fingerprint(digits: &str) -> bool {
    digits.len() == FINGERPRINT_LENGTH
        && digits.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"+/".contains(&byte))
}

/// User and proof. Errors do not repeat the secret.
fn sign_in(secret: &str, keys_count: bool) -> Result<(String, Proof), String> {
    let expected = if keys_count {
        "its secret has to set username and password, one name=value a line; or username, passphrase where the key has one, \
         and below them the private key"
    } else {
        "its secret has to set username and password, one name=value a line"
    };
    let key_at = KEY_BEGINS.iter().filter_map(|begin| secret.find(begin)).min().filter(|_| keys_count);
    let (lines, key) = secret.split_at(key_at.unwrap_or(secret.len()));
    let fields = Fields::of(lines).ok_or(expected)?;
    let hidden = |value: &str| Password(value.to_owned());
    let (user, proof) = if key.is_empty() {
        let [user, password] = fields.exactly(["username", "password"]).ok_or(expected)?;
        (user, Proof::Password(hidden(password)))
    } else if let Some([user]) = fields.exactly(["username"]) {
        (user, Proof::PrivateKey { key: hidden(key), passphrase: None })
    } else {
        let [user, passphrase] = fields.exactly(["username", "passphrase"]).ok_or(expected)?;
        (user, Proof::PrivateKey { key: hidden(key), passphrase: Some(hidden(passphrase)) })
    };
    // Either is part of a line that FTP sends.
    let is_line = |text: &str| !text.contains(char::is_control);
    let whole = match &proof {
        Proof::Password(Password(password)) => is_line(user) && is_line(password),
        Proof::PrivateKey { .. } => is_line(user),
    };
    if whole { Ok((user.to_owned(), proof)) } else { Err(expected.to_owned()) }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const KEY: &str = "SHA256:uNiVztksCsDhcc0u9e8BrrH4XzDY0uEkJuO4QTTZ8bo";

    fn read(url: &str) -> Result<(String, u16, String), String> {
        Address::parse(url).map(|address| (address.host, address.port, address.path))
    }

    #[test]
    fn addresses_name_a_host_and_a_file() {
        for (url, host, port, path) in [
            ("sftp://files.example.org/srv/day%201.csv", "files.example.org", 22, "/srv/day 1.csv"),
            ("sftp://files.example.org:2222/~/people.csv", "files.example.org", 2222, "people.csv"),
            ("ftp://10.0.0.5/crm/people.csv", "10.0.0.5", 21, "crm/people.csv"),
            ("ftp://files/%2Fsrv/people.csv", "files", 21, "/srv/people.csv"),
            ("ftpes://[2606:4700::1111]/a", "2606:4700::1111", 21, "a"),
            ("ftps://files/what%3F.csv", "files", 990, "what?.csv"),
        ] {
            assert_eq!(read(url), Ok((host.to_owned(), port, path.to_owned())), "{url}");
        }
        for (url, expected) in [
            ("sftp://", "names no host"),
            ("ftp://", "empty host"),
            ("sftp:///a", "names no host"),
            ("sftp://files", "names no file"),
            ("ftp://files/crm/", "names no file"),
            ("sftp://ann@files/a", "belong into a secret"),
            ("ftp://ann:hunter2@files/a", "belong into a secret"),
            ("ftp://files/a?b", "%3F"),
            ("ftp://files/a%0D%0ADELE%20b", "control character"),
            ("sftp://files/%FF", "no UTF-8"),
            ("https://files/a", "has to begin with sftp://"),
        ] {
            let problem = read(url).expect_err(url);
            assert!(problem.contains(expected), "{url}: {problem}");
        }
    }

    #[test]
    fn sftp_needs_the_servers_key_and_a_secret_and_ftp_neither() {
        let sftp = "sftp://files/a.csv";
        assert_eq!(problem(sftp, Some(KEY), Some("files")), None);
        assert_eq!(problem(sftp, Some(&format!(" {KEY}=")), Some("files")), None);
        for (host_key, credentials, field) in [
            (None, Some("files"), "host_key"),
            (Some("MD5:16:27:ac:a5"), Some("files"), "host_key"),
            (Some(&KEY[..49]), Some("files"), "host_key"),
            (Some(KEY), None, "credentials"),
        ] {
            assert_eq!(problem(sftp, host_key, credentials).expect("a problem").0, field, "{host_key:?}");
        }
        assert_eq!(problem("ftp://files/a.csv", None, None), None);
        assert_eq!(problem("ftp://files/a.csv", Some(KEY), None).expect("a problem").0, "host_key");
    }

    #[test]
    fn one_signs_in_with_a_password_or_a_key() {
        let hidden = |text: &str| Password(text.to_owned());
        let key = "-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaA==\n-----END OPENSSH PRIVATE KEY-----\n";
        let with_key = |passphrase| Ok(("ann".to_owned(), Proof::PrivateKey { key: hidden(key), passphrase }));
        assert_eq!(sign_in("username=ann\npassword=p=w", true), Ok(("ann".to_owned(), Proof::Password(hidden("p=w")))));
        assert_eq!(sign_in(&format!("username=ann\n{key}"), true), with_key(None));
        assert_eq!(sign_in(&format!("username=ann\npassphrase=p w\n\n{key}"), true), with_key(Some(hidden("p w"))));
        for secret in
            ["hunter2", "username=ann", "token=hunter2", &format!("username=ann\npassword=hunter2\n{key}"), key]
        {
            let refused = sign_in(secret, true).expect_err(secret);
            assert!(refused.starts_with("its secret has to set") && !refused.contains("hunter2"), "{refused}");
        }
        assert!(sign_in(&format!("username=ann\n{key}"), false).is_err(), "FTP knows no keys");
        assert!(remote("ftp://files/a", None, None).is_ok_and(|file| file.user == "anonymous"));
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        /// Whatever is written, what reaches a server is one line; and no refusal repeats a secret.
        #[test]
        fn nothing_ends_a_line_that_ftp_sends(
            path in "[a-z/.%0-9A-F ]{0,12}",
            secret in "(username=)?\\PC{0,4}\r?\n?(password=)?TOPSECRET[\\PC\r\n\u{85}]{0,4}",
        ) {
            match remote(&format!("ftp://files/{path}"), None, Some(&secret)) {
                Err(refused) => prop_assert!(!refused.contains("TOP"), "{}", refused),
                Ok(RemoteFile { path, user, proof: Proof::Password(Password(password)), .. }) => {
                    prop_assert!(![&path, &user, &password].iter().any(|text| text.contains(['\r', '\n'])));
                }
                Ok(other) => prop_assert!(false, "{:?}", other),
            }
        }
    }
}
