//! A file behind an address of the web.
//!
//! Where it may lead, also by the answers of servers that send one elsewhere, is the part of the client that was given.

use base64::{Engine as _, prelude::BASE64_STANDARD};
use object_store::client::{HttpClient, HttpRequest, HttpRequestBody};
use url::Url;

use super::{
    super::file::SourceFile,
    fetched::{answer, keep},
    fields::Fields,
};
use crate::{Failure, StepContext};

/// What is wrong with an address, without asking anybody.
pub(crate) fn problem(url: &str) -> Option<String> {
    let parsed = match Url::parse(url) {
        Ok(parsed) => parsed,
        Err(error) => return Some(format!("is no URL: {error}")),
    };
    if !matches!(parsed.scheme(), "http" | "https") {
        return Some("has to begin with https:// or http://".to_owned());
    }
    let plain = parsed.username().is_empty() && parsed.password().is_none();
    (!plain).then(|| "may hold no password; it belongs into a secret".to_owned())
}

/// Errors do not name the address.
pub(super) async fn fetch(
    url: &str,
    secret: Option<&str>,
    client: &HttpClient,
    context: &StepContext<'_>,
) -> Result<SourceFile, Failure> {
    let wrong = |problem: String| Failure::Input(format!("its address {problem}"));
    if let Some(problem) = problem(url) {
        return Err(wrong(problem));
    }
    let mut parsed = Url::parse(url).map_err(|error| wrong(format!("is no URL: {error}")))?;
    parsed.set_fragment(None);
    let mut request = HttpRequest::new(HttpRequestBody::empty());
    *request.uri_mut() = parsed.as_str().parse().map_err(|error| wrong(format!("cannot be asked for: {error}")))?;
    if let Some(secret) = secret {
        let value = authorization(secret).map_err(Failure::Input)?;
        request.headers_mut().insert("authorization", value);
    }
    let response = answer(context, client.execute(request)).await?;
    if !response.status().is_success() {
        return Err(Failure::Input(format!("it cannot be fetched: the server answered {}", response.status())));
    }
    let announced = response.headers().get("content-length").and_then(|length| length.to_str().ok()?.parse().ok());
    keep(response.into_body().bytes_stream(), announced, context).await
}

/// `name=value` a line: `username` and `password`, or `token`. Errors do not repeat it.
fn authorization(secret: &str) -> Result<object_store::HeaderValue, String> {
    let expected = "its secret has to set username and password, or token, one name=value a line";
    let fields = Fields::of(secret).ok_or(expected)?;
    let text = if let Some([token]) = fields.exactly(["token"]) {
        format!("Bearer {token}")
    } else {
        let [username, password] = fields.exactly(["username", "password"]).ok_or(expected)?;
        format!("Basic {}", BASE64_STANDARD.encode(format!("{username}:{password}")))
    };
    let mut value = object_store::HeaderValue::from_str(&text).map_err(|_| expected.to_owned())?;
    value.set_sensitive(true);
    Ok(value)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn any_secret_is_a_header_or_refused_without_a_word_of_it(
            before in "(token|username|password)?=?\\PC{0,4}",
            after in "\\PC{0,4}(\n(token|username|password)=\\PC{0,6}){0,2}",
        ) {
            match authorization(&format!("{before}TOPSECRET{after}")) {
                Err(refused) => prop_assert!(refused.starts_with("its secret") && !refused.contains("TOP"), "{}", refused),
                Ok(value) => prop_assert!(value.is_sensitive()),
            }
        }
    }

    #[test]
    fn addresses_are_of_the_web_and_hold_no_password() {
        assert_eq!(problem("https://example.org/people.csv?day=1"), None);
        for url in ["people.csv", "file:///etc/passwd", "ftp://host/a.csv", "https://ann:secret@host/a.csv"] {
            assert!(problem(url).is_some(), "{url}");
        }
    }

    #[test]
    fn secrets_become_a_header_and_are_never_repeated() {
        assert_eq!(authorization("token=abc=").expect("a token"), "Bearer abc=");
        assert_eq!(authorization("username=ann\npassword=p w\n").expect("a password"), "Basic YW5uOnAgdw==");
        for secret in ["TOPSECRET", "token=TOPSECRET\nusername=x", "username=TOPSECRET", "token=TOP\u{7}SECRET", ""] {
            let refused = authorization(secret).expect_err("refused");
            assert!(refused.starts_with("its secret") && !refused.contains("TOP"), "{refused}");
        }
    }
}
