//! With which keys a bucket is reached. The process's own environment and the machine's own roles are never used: an import
//! or export may do what its secret allows, not what the server may.

use url::Url;

/// What a secret may set, by the scheme of the URL. Anything else in a secret is a mistake.
fn keys(scheme: &str) -> Option<&'static [&'static str]> {
    match scheme {
        "s3" | "s3a" => Some(&["access_key_id", "secret_access_key", "session_token"]),
        "gs" => Some(&["service_account_key"]),
        "az" | "abfs" | "abfss" => Some(&["account_name", "account_key", "sas_token"]),
        _ => None,
    }
}

/// What a secret has to set, or the machine's own roles would take its place: all of one line.
fn complete(scheme: &str) -> &'static [&'static [&'static str]] {
    match scheme {
        "s3" | "s3a" => &[&["access_key_id", "secret_access_key"]],
        "gs" => &[&["service_account_key"]],
        _ => &[&["account_name", "account_key"], &["account_name", "sas_token"]],
    }
}

/// What is wrong with a bucket's URL, without asking anybody.
pub(crate) fn problem(url: &str) -> Option<String> {
    let url = match Url::parse(url) {
        Ok(url) => url,
        Err(error) => return Some(format!("is no URL: {error}")),
    };
    if keys(url.scheme()).is_none() {
        return Some("has to begin with s3://, gs:// or az://".to_owned());
    }
    if url.host_str().is_none_or(str::is_empty) {
        return Some("names no bucket".to_owned());
    }
    let plain = url.username().is_empty() && url.password().is_none() && url.query().is_none();
    (!plain || url.fragment().is_some())
        .then(|| "may hold a bucket and a path only; keys belong into a secret".to_owned())
}

/// The options of the store, or what is wrong.
pub(super) fn options(
    url: &Url,
    endpoint: Option<&str>,
    region: Option<&str>,
    secret: Option<&str>,
) -> Result<Vec<(String, String)>, String> {
    if let Some(problem) = problem(url.as_str()) {
        return Err(problem);
    }
    let known = keys(url.scheme()).unwrap_or_default();
    let mut options = match secret {
        Some(secret) => {
            let options = of_secret(url.scheme(), secret, known)?;
            let has = |name: &&str| options.iter().any(|(known, value)| known == name && !value.is_empty());
            if !complete(url.scheme()).iter().any(|names| names.iter().all(has)) {
                let wanted: Vec<String> = complete(url.scheme()).iter().map(|names| names.join(" and ")).collect();
                return Err(format!("its secret has to set {}", wanted.join(", or ")));
            }
            options
        }
        None => vec![("skip_signature".to_owned(), "true".to_owned())],
    };
    if let Some(endpoint) = endpoint {
        let parsed = Url::parse(endpoint).map_err(|error| format!("the endpoint is no URL: {error}"))?;
        match parsed.scheme() {
            "https" => {}
            "http" => options.push(("allow_http".to_owned(), "true".to_owned())),
            _ => return Err("the endpoint has to begin with https:// or http://".to_owned()),
        }
        let name = if url.scheme() == "gs" { "base_url" } else { "endpoint" };
        options.push((name.to_owned(), endpoint.trim_end_matches('/').to_owned()));
    }
    // Without a secret, an account is known by its address: https://account.blob.core.windows.net
    if secret.is_none() && scheme_is_azure(url) {
        let host =
            endpoint.and_then(|endpoint| Url::parse(endpoint).ok()).and_then(|url| url.host_str().map(str::to_owned));
        let account = host.as_deref().and_then(|host| host.split('.').next()).unwrap_or_default();
        options.push(("account_name".to_owned(), account.to_owned()));
    }
    if url.scheme().starts_with("s3") {
        options.push(("region".to_owned(), region.unwrap_or("us-east-1").to_owned()));
    }
    Ok(options)
}

fn scheme_is_azure(url: &Url) -> bool {
    matches!(url.scheme(), "az" | "abfs" | "abfss")
}

/// `name=value` a line; for Google also the key file itself, which is JSON.
fn of_secret(scheme: &str, secret: &str, known: &[&str]) -> Result<Vec<(String, String)>, String> {
    let secret = secret.trim();
    if scheme == "gs" && secret.starts_with('{') {
        return Ok(vec![("service_account_key".to_owned(), secret.to_owned())]);
    }
    let lines = secret.lines().map(str::trim).filter(|line| !line.is_empty());
    lines
        .enumerate()
        .map(|(place, line)| match line.split_once('=') {
            Some((name, value)) if known.contains(&name.trim()) => {
                Ok((name.trim().to_owned(), value.trim().to_owned()))
            }
            // The line itself may be a key.
            _ => Err(format!("line {} of its secret is none of {}", place + 1, known.join("=…, ") + "=…")),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use proptest::{collection::vec, prelude::*, sample::select};

    use super::*;

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        /// Whatever a secret holds, no refusal repeats it; and what it sets is what the store knows as a key.
        #[test]
        fn no_secret_is_repeated_and_none_sets_anything_else(
            scheme in select(vec!["s3", "s3a", "gs", "az", "abfss"]),
            lines in vec(prop_oneof![
                select(vec![
                    "access_key_id", "secret_access_key", "session_token", "service_account_key", "account_name", "account_key",
                    "sas_token", "endpoint", "region", "allow_http", "",
                ]).prop_map(|name| format!("{name}=TOPSECRET")),
                "[a-z= {}\"]{0,8}TOPSECRET\\PC{0,3}",
                "\\PC{0,5}",
            ], 0..5),
        ) {
            let url = Url::parse(&format!("{scheme}://bucket/a")).expect("a URL");
            match options(&url, None, None, Some(&lines.join("\n"))) {
                Err(problem) => prop_assert!(!problem.contains("TOPSECRET"), "{}", problem),
                Ok(options) => {
                    let known = keys(scheme).expect("a scheme that is known");
                    let ours = |name: &str| known.contains(&name) || name == "region";
                    prop_assert!(options.iter().all(|(name, _)| ours(name)), "{:?}", options);
                }
            }
        }

        #[test]
        fn any_text_is_a_bucket_or_refused(text in "(s3|gs|az|http|S3)?:?/{0,3}[a-z@:?#%.é]{0,12}|\\PC{0,20}") {
            match problem(&text) {
                Some(problem) => prop_assert!(!problem.is_empty()),
                None => prop_assert!(Url::parse(&text).is_ok_and(|url| url.host_str().is_some_and(|host| !host.is_empty()))),
            }
        }
    }

    #[test]
    fn urls_name_a_bucket_and_nothing_secret() {
        for url in ["s3://bucket", "s3://bucket/a/b/", "gs://bucket/a", "az://container/x"] {
            assert_eq!(problem(url), None, "{url}");
        }
        for url in ["", "bucket/a", "file:///etc", "http://host/a", "s3://", "s3://key:secret@bucket/a", "s3://b/a?x=1"]
        {
            assert!(problem(url).is_some(), "{url}");
        }
    }

    #[test]
    fn secrets_set_keys_and_are_never_repeated() {
        let s3 = Url::parse("s3://bucket/a").expect("a URL");
        let found =
            options(&s3, Some("http://127.0.0.1:9000"), None, Some("access_key_id=A\n secret_access_key = B=\n"));
        let expected = [
            ("access_key_id", "A"),
            ("secret_access_key", "B="),
            ("allow_http", "true"),
            ("endpoint", "http://127.0.0.1:9000"),
            ("region", "us-east-1"),
        ];
        assert_eq!(found, Ok(expected.map(|(name, value)| (name.to_owned(), value.to_owned())).to_vec()));
        let gs = Url::parse("gs://bucket/a").expect("a URL");
        let found = options(&gs, Some("https://storage.example.org/"), None, None).expect("options");
        assert!(found.contains(&("base_url".to_owned(), "https://storage.example.org".to_owned())), "{found:?}");
        let refused = options(&s3, None, None, Some("access_key_id=A\nTOPSECRET")).expect_err("no name");
        assert!(refused.starts_with("line 2 of its secret") && !refused.contains("TOPSECRET"), "{refused}");
        assert!(options(&s3, None, None, Some("endpoint=http://10.0.0.1")).is_err());
        for incomplete in ["", "access_key_id=A", "access_key_id=A\nsecret_access_key="] {
            let refused = options(&s3, None, None, Some(incomplete)).expect_err("incomplete");
            assert_eq!(refused, "its secret has to set access_key_id and secret_access_key");
        }
    }
}
