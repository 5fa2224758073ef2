//! What stands between the network and the router, put together from the settings: TLS, places, names, proxies.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use ipnet::IpNet;
use tokio::net::TcpListener;

use crate::{
    config::Config,
    origin::OwnNames,
    router::Surroundings,
    serve::{Listening, Patience, Places},
    tls::Tls,
};

/// Where this machine finds the server.
pub(super) fn own_url(config: &Config, address: SocketAddr) -> String {
    let scheme = if config.tls.is_some() { "https" } else { "http" };
    match address.ip().is_unspecified() {
        true => format!("{scheme}://localhost:{}", address.port()),
        false => format!("{scheme}://{address}"),
    }
}

pub(super) fn surroundings(config: &Config, address: SocketAddr, patience: Patience) -> Surroundings {
    Surroundings {
        own: OwnNames::new(config, address),
        trusted_proxies: config.trusted_proxies.clone().into(),
        patience,
    }
}

pub(super) fn listening(config: &Config, listener: TcpListener, tls: Option<Tls>, patience: Patience) -> Listening {
    // Behind a proxy are many, and whoever is on this machine has other ways to stop the server.
    let loopback = [IpAddr::from(Ipv4Addr::LOCALHOST), Ipv6Addr::LOCALHOST.into()].map(IpNet::from);
    let not_counted = config.trusted_proxies.iter().copied().chain(loopback).collect();
    let places = Places::new(config.connections_max, config.connections_per_address, not_counted);
    Listening { listener, tls, places, patience }
}

/// Logs what the settings allow but hardly anyone wants.
pub(super) fn warn(config: &Config, address: SocketAddr) {
    let proxied = !config.trusted_proxies.is_empty();
    for warning in warnings(address.ip(), config.tls.is_some(), proxied, config.public_url.as_deref()) {
        tracing::warn!(%address, "{warning}");
    }
}

fn warnings(address: IpAddr, encrypted: bool, proxied: bool, public_url: Option<&str>) -> Vec<&'static str> {
    let mut warnings = Vec::new();
    let ends_tls = encrypted || proxied;
    if !address.is_loopback() && !ends_tls {
        warnings.push(
            "passwords and tokens travel in clear: set tls_certificate and tls_key, or let a reverse proxy speak TLS and \
             name its address in trusted_proxies",
        );
    } else if !ends_tls && public_url.is_some_and(|url| url.starts_with("https:")) {
        warnings.push(
            "public_url is https, but who speaks it is not known: name the reverse proxy in trusted_proxies, or cookies go \
             without Secure and every client has the proxy's address",
        );
    }
    if address.is_unspecified() && public_url.is_none() {
        warnings.push("links in notifications lead to localhost: set public_url to where people open the pages");
    }
    warnings
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(address: &str, encrypted: bool, proxied: bool, public_url: Option<&str>, expected: &[&str]) {
        let warnings = warnings(address.parse().unwrap(), encrypted, proxied, public_url);
        let begins = |(warning, expected): (&&str, &&str)| warning.starts_with(*expected);
        assert!(
            warnings.len() == expected.len() && warnings.iter().zip(expected).all(begins),
            "{address}: {warnings:?}"
        );
    }

    #[test]
    fn what_hardly_anyone_wants_is_said_at_the_start() {
        let public = Some("https://millrace.example.com");
        check("127.0.0.1", false, false, None, &[]);
        check("127.0.0.1", false, true, public, &[]);
        check("127.0.0.1", false, false, public, &["public_url is https"]);
        check("192.0.2.1", false, false, None, &["passwords and tokens travel in clear"]);
        check("192.0.2.1", false, false, public, &["passwords and tokens travel in clear"]);
        check("192.0.2.1", true, false, None, &[]);
        check("192.0.2.1", false, true, None, &[]);
        check("0.0.0.0", true, false, None, &["links in notifications lead to localhost"]);
        check("::", false, true, public, &[]);
    }
}
