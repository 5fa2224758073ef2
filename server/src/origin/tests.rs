use axum::body::Body;

use super::{names::Host, *};

type Headers<'a> = &'a [(&'static str, &'a str)];

/// A server on `listen` without TLS.
fn on(listen: &str, public_url: Option<&str>, hosts: &[&str]) -> OwnNames {
    OwnNames {
        listen: listen.parse().unwrap(),
        encrypted: false,
        public: public_url.map(|url| Origin::parse(url).expect("an origin")),
        hosts: hosts.iter().map(|host| Host::parse(host).expect("a host")).collect(),
    }
}

fn local() -> OwnNames {
    on("127.0.0.1:3000", None, &[])
}

fn request(method: Method, secure: bool, forwarded: Option<&str>, headers: Headers<'_>) -> Request {
    let mut request = Request::builder().method(method).uri("/");
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let mut request = request.body(Body::empty()).unwrap();
    request.extensions_mut().insert(Peer { address: "192.0.2.7".parse().unwrap(), secure });
    if let Some(host) = forwarded {
        request.extensions_mut().insert(ForwardedHost(host.to_owned()));
    }
    request
}

fn reads(own: &OwnNames, host: &str) -> bool {
    check(own, &request(Method::GET, false, None, &[("host", host)])).is_ok()
}

fn writes(own: &OwnNames, secure: bool, headers: Headers<'_>) -> Result<(), String> {
    check(own, &request(Method::POST, secure, None, headers))
}

#[test]
fn programs_and_own_pages_may_write() {
    for headers in [
        &[("host", "127.0.0.1:3000")][..],
        &[("host", "localhost:3000"), ("origin", "http://localhost:3000"), ("sec-fetch-site", "same-origin")],
        &[("host", "[::1]:3000"), ("origin", "http://[::1]:3000")],
    ] {
        assert_eq!(writes(&local(), false, headers), Ok(()), "{headers:?}");
    }
}

#[test]
fn foreign_pages_may_not() {
    for headers in [
        &[("host", "127.0.0.1:3000"), ("origin", "https://evil.example")][..],
        &[("host", "127.0.0.1:3000"), ("origin", "null")],
        &[("host", "127.0.0.1:3000"), ("origin", "http://127.0.0.1:8080")],
        &[("host", "127.0.0.1:3000"), ("origin", "https://127.0.0.1:3000")],
        // Another server of the same machine under another name of it is still another site.
        &[("host", "127.0.0.1:3000"), ("origin", "http://localhost:3000")],
        &[("host", "127.0.0.1:3000"), ("sec-fetch-site", "cross-site")],
        &[("host", "127.0.0.1:3000"), ("sec-fetch-site", "same-site")],
    ] {
        assert!(writes(&local(), false, headers).is_err(), "{headers:?}");
        let upgrade = [headers, &[("upgrade", "websocket")]].concat();
        assert!(check(&local(), &request(Method::GET, false, None, &upgrade)).is_err(), "{upgrade:?}");
    }
}

#[test]
fn a_rebound_name_reads_nothing() {
    for host in [
        "evil.example:3000",
        "127.0.0.1:http",
        "127.0.0.1",
        "127.0.0.1:3001",
        "localhost.evil.example:3000",
        "a@127.0.0.1:3000",
    ] {
        assert!(!reads(&local(), host), "{host}");
    }
    assert!(check(&local(), &request(Method::GET, false, None, &[])).is_err());
}

#[test]
fn links_from_elsewhere_may_be_followed() {
    let headers = [("host", "127.0.0.1:3000"), ("sec-fetch-site", "cross-site")];
    assert_eq!(check(&local(), &request(Method::GET, false, None, &headers)), Ok(()));
}

/// Which names a server of these settings answers to, and which not.
fn check_names(own: &OwnNames, answers: &[&str], refuses: &[&str]) {
    for host in answers {
        assert!(reads(own, host), "{host} is refused by {own:?}");
    }
    for host in refuses {
        assert!(!reads(own, host), "{host} is answered by {own:?}");
    }
}

#[test]
fn a_server_answers_to_its_names_alone() {
    let public = Some("https://millrace.example.com");
    check_names(
        &on("127.0.0.1:3000", public, &["other.example"]),
        &["127.0.0.1:3000", "millrace.example.com", "MILLRACE.example.com:443", "other.example", "other.example:8080"],
        &["evil.example", "192.0.2.1:3000", "millrace.example.com.evil.example"],
    );
    check_names(
        &on("192.0.2.1:3000", None, &["other.example:8080"]),
        &["192.0.2.1:3000", "192.0.2.1", "other.example:8080"],
        &["192.0.2.2:3000", "localhost:3000", "other.example", "other.example:3000", "evil.example:3000"],
    );
    check_names(&on("[2001:db8::1]:3000", None, &[]), &["[2001:db8:0::1]:3000"], &["[2001:db8::2]:3000"]);
}

#[test]
fn a_server_on_all_addresses_answers_to_any_literal_until_it_has_a_name() {
    for listen in ["0.0.0.0:3000", "[::]:3000"] {
        let (unnamed, named) = (on(listen, None, &[]), on(listen, None, &["millrace.example.com"]));
        check_names(
            &unnamed,
            &["192.0.2.1:3000", "[2001:db8::1]:3000", "10.0.0.5:8080", "localhost:8080"],
            &["evil.example:3000", "millrace.example.com"],
        );
        check_names(
            &named,
            &["millrace.example.com", "localhost:3000", "127.0.0.1:3000"],
            &["192.0.2.1:3000", "evil.example:3000"],
        );
    }
}

#[test]
fn a_refused_name_hears_what_to_do() {
    for (own, expected) in [
        (local(), "Open it as http://127.0.0.1:3000 or http://localhost:3000, or"),
        (on("192.0.2.1:3000", None, &[]), "Open it as http://192.0.2.1:3000, or"),
        (on("0.0.0.0:3000", None, &[]), "Open it as http://ADDRESS:3000, or"),
        (on("0.0.0.0:3000", None, &["one.example:8080"]), "Open it as http://one.example:8080, or"),
        (on("0.0.0.0:3000", Some("https://one.example:443"), &[]), "Open it as https://one.example, or"),
    ] {
        let refusal = check(&own, &request(Method::GET, false, None, &[("host", "evil.example")])).unwrap_err();
        assert!(refusal.starts_with("This server does not answer to the name “evil.example”."), "{refusal}");
        assert!(refusal.contains(expected) && refusal.ends_with("add the name to the setting hosts."), "{refusal}");
    }
}

#[test]
fn own_pages_are_told_by_scheme_host_and_port() {
    let own = OwnNames { encrypted: true, ..on("0.0.0.0:443", None, &["millrace.example.com"]) };
    for (host, origin, is_own) in [
        ("millrace.example.com", "https://millrace.example.com", true),
        ("millrace.example.com:443", "https://MILLRACE.example.com", true),
        ("millrace.example.com", "http://millrace.example.com", false),
        ("millrace.example.com", "https://millrace.example.com:8443", false),
        ("millrace.example.com", "https://evil.example", false),
    ] {
        let answer = writes(&own, true, &[("host", host), ("origin", origin)]);
        assert_eq!(answer.is_ok(), is_own, "{host} {origin}: {answer:?}");
    }
}

/// https outside, http inside, whatever the proxy makes of `Host`.
#[test]
fn pages_behind_a_proxy_may_write() {
    let page = ("origin", "https://millrace.example.com");
    let own = on("127.0.0.1:3000", Some("https://millrace.example.com"), &[]);
    for host in ["millrace.example.com", "127.0.0.1:3000"] {
        for secure in [true, false] {
            assert_eq!(writes(&own, secure, &[("host", host), page]), Ok(()), "{host}");
            for foreign in ["http://millrace.example.com:8080", "https://evil.example", "http://millrace.example.com"] {
                let answer = writes(&own, secure, &[("host", host), ("origin", foreign)]);
                // What is asked for in clear may come from a page that was read in clear.
                let same = !secure && host == "millrace.example.com" && foreign == "http://millrace.example.com";
                assert_eq!(answer.is_ok(), same, "{host} {foreign}: {answer:?}");
            }
        }
    }
}

#[test]
fn a_trusted_proxy_may_say_what_it_was_asked_for() {
    let own = on("127.0.0.1:3000", None, &["millrace.example.com"]);
    let asked = |host, forwarded, origin| {
        let headers = [("host", host), ("origin", origin)];
        check(&own, &request(Method::POST, true, Some(forwarded), &headers))
    };
    assert_eq!(asked("127.0.0.1:3000", "millrace.example.com", "https://millrace.example.com"), Ok(()));
    assert!(asked("127.0.0.1:3000", "millrace.example.com", "https://evil.example").is_err());
    assert!(asked("127.0.0.1:3000", "evil.example", "https://evil.example").is_err());
    // A page of a rebound name, in a browser on the proxy's machine.
    assert!(asked("evil.example:3000", "millrace.example.com", "https://millrace.example.com").is_err());
}

#[test]
fn a_proxy_that_says_nothing_of_its_tls_is_told_apart_from_a_foreign_page() {
    let own = on("127.0.0.1:3000", None, &["millrace.example.com"]);
    let page = [("host", "millrace.example.com"), ("origin", "https://millrace.example.com")];
    let refusal = writes(&own, false, &page).unwrap_err();
    assert!(refusal.ends_with("If both are this server, set public_url to the first."), "{refusal}");
}
