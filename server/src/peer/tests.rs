use proptest::prelude::*;

use super::*;

fn headers(pairs: &[(&'static str, &str)]) -> HeaderMap {
    pairs.iter().map(|(name, value)| (HeaderName::from_static(name), value.parse().unwrap())).collect()
}

fn trusted() -> Vec<IpNet> {
    ["10.0.0.0/8", "127.0.0.1/32", "fd00::/8"].map(|network| network.parse().unwrap()).to_vec()
}

fn socket(address: &str, encrypted: bool) -> Socket {
    let port = if address.contains(':') { format!("[{address}]:40000") } else { format!("{address}:40000") };
    Socket { address: port.parse().unwrap(), encrypted }
}

/// From a plain connection of `from`, with these headers.
fn check(from: &str, given: &[(&'static str, &str)], address: &str, secure: bool, host: Option<&str>) {
    let (peer, forwarded) = ask(&trusted(), socket(from, false), &headers(given));
    let expected = Peer { address: address.parse().unwrap(), secure };
    assert_eq!((peer, forwarded), (expected, host.map(|host| ForwardedHost(host.to_owned()))), "{from} {given:?}");
}

#[test]
fn a_trusted_proxy_says_for_whom_it_speaks() {
    let said = [
        ("x-forwarded-for", "198.51.100.7"),
        ("x-forwarded-proto", "https"),
        ("x-forwarded-host", "millrace.example.com"),
    ];
    check("10.1.2.3", &said, "198.51.100.7", true, Some("millrace.example.com"));
    check("::ffff:10.1.2.3", &said, "198.51.100.7", true, Some("millrace.example.com"));
    check("fd00::1", &[("x-forwarded-for", "2001:db8::7")], "2001:db8::7", false, None);
    check("10.1.2.3", &[("x-forwarded-proto", "WSS")], "10.1.2.3", true, None);
    check("10.1.2.3", &[("x-forwarded-proto", "http")], "10.1.2.3", false, None);
}

#[test]
fn the_client_is_the_right_most_address_that_is_no_proxy() {
    for (list, client) in [
        // What the client itself wrote stands further left.
        ("127.0.0.1, 198.51.100.7", "198.51.100.7"),
        ("192.0.2.66, 198.51.100.7, 10.0.0.9", "198.51.100.7"),
        ("198.51.100.7:51234", "198.51.100.7"),
        ("[2001:db8::7]:51234, [fd00::2]", "2001:db8::7"),
        ("::ffff:198.51.100.7", "198.51.100.7"),
        // Someone inside the trusted network.
        ("10.9.9.9, 10.0.0.9", "10.9.9.9"),
        // Nobody knows who is behind the one that wrote this.
        ("198.51.100.7, unknown, 10.0.0.9", "10.0.0.9"),
        ("198.51.100.7,", "10.1.2.3"),
    ] {
        check("10.1.2.3", &[("x-forwarded-for", list)], client, false, None);
    }
    let two = [("x-forwarded-for", "192.0.2.66, 198.51.100.7"), ("x-forwarded-for", "10.0.0.9")];
    check("10.1.2.3", &two, "198.51.100.7", false, None);
}

#[test]
fn the_nearest_proxy_has_the_last_word() {
    let said = [("x-forwarded-proto", "https, http"), ("x-forwarded-host", "evil.example, millrace.example.com")];
    check("10.1.2.3", &said, "10.1.2.3", false, Some("millrace.example.com"));
}

#[test]
fn the_servers_own_tls_counts_where_the_proxy_says_nothing() {
    for (given, secure) in [(&[][..], true), (&[("x-forwarded-proto", "http")], false)] {
        let (peer, _) = ask(&trusted(), socket("10.1.2.3", true), &headers(given));
        assert_eq!(peer.secure, secure, "{given:?}");
    }
}

proptest! {
    /// Whatever an untrusted peer writes into these headers, it stays who it is.
    #[test]
    fn header_spoofing_of_an_untrusted_peer_changes_nothing(
        list in "[ -~]{0,60}", scheme in "[ -~]{0,10}", host in "[ -~]{0,20}", encrypted: bool,
    ) {
        let given = [("x-forwarded-for", list.as_str()), ("x-forwarded-proto", &scheme), ("x-forwarded-host", &host)];
        for from in ["198.51.100.7", "2001:db8::7", "11.0.0.1", "127.0.0.2"] {
            let (peer, forwarded) = ask(&trusted(), socket(from, encrypted), &headers(&given));
            prop_assert_eq!(peer, Peer { address: from.parse().unwrap(), secure: encrypted });
            prop_assert_eq!(forwarded, None);
        }
    }

    /// What a client writes itself cannot hide the address that the trusted proxy saw.
    #[test]
    fn a_client_cannot_hide_behind_what_it_wrote(list in "[ -~]{0,60}") {
        let given = format!("{list}, 198.51.100.7");
        let (peer, _) = ask(&trusted(), socket("10.1.2.3", false), &headers(&[("x-forwarded-for", &given)]));
        prop_assert_eq!(peer.address, "198.51.100.7".parse::<IpAddr>().unwrap());
    }
}
