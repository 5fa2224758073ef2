//! Which addresses a webhook or a source may lead to. Whoever edits a workflow or a project names one, and the server calls
//! it from inside the network: so addresses of private networks are refused unless the operator allows them.
//!
//! **Architecture invariant:** the address that is connected to is the one that was looked at. A host that is written as a
//! number is looked at as it is parsed, and parsed once. A name is resolved once for a connection, here, and only what may
//! be called is handed on: what the name says a moment later does not matter.

use std::{
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
    sync::Arc,
};

use async_trait::async_trait;
use reqwest::{
    Url,
    dns::{Addrs, Name, Resolve, Resolving},
};

/// Asks for the addresses of a name.
#[async_trait]
pub(crate) trait Lookup: Send + Sync + 'static {
    async fn addresses(&self, name: &str) -> std::io::Result<Vec<IpAddr>>;
}

/// As the machine is set up to.
pub(crate) struct SystemLookup;

#[async_trait]
impl Lookup for SystemLookup {
    async fn addresses(&self, name: &str) -> std::io::Result<Vec<IpAddr>> {
        Ok(tokio::net::lookup_host((name, 0)).await?.map(|at| at.ip()).collect())
    }
}

/// Lets through what may be called.
#[derive(Clone)]
pub(crate) struct Guard {
    pub(crate) lookup: Arc<dyn Lookup>,
    pub(crate) refuses: fn(IpAddr) -> bool,
    /// What leads there, and the setting that allows it.
    pub(crate) what: (&'static str, &'static str),
}

impl Guard {
    pub(super) fn new(private_allowed: bool) -> Self {
        Self::of(("webhooks", "webhook_private"), private_allowed)
    }

    /// For sources, which are fetched.
    pub(crate) fn of_sources(private_allowed: bool) -> Self {
        Self::of(("sources", "source_private"), private_allowed)
    }

    fn of(what: (&'static str, &'static str), private_allowed: bool) -> Self {
        Self { lookup: Arc::new(SystemLookup), refuses: if private_allowed { |_| false } else { is_private }, what }
    }

    /// The address as it is called, unless its host is a number that is refused. Names are looked at when they are
    /// resolved.
    ///
    /// # Errors
    /// In words.
    pub(crate) fn check(&self, address: &str) -> Result<Url, String> {
        let url: Url = address.parse().map_err(|error| format!("“{address}” is no address: {error}"))?;
        // Every way to write a number is one number by now: 127.1, 0x7f000001, 2130706433.
        let host = url.host_str().unwrap_or_default().trim_matches(['[', ']']);
        match host.parse::<IpAddr>() {
            Ok(ip) if (self.refuses)(ip) => Err(refusal(host, self.what)),
            _ => Ok(url),
        }
    }
}

impl Resolve for Guard {
    fn resolve(&self, name: Name) -> Resolving {
        let Guard { lookup, refuses, what } = self.clone();
        Box::pin(async move {
            let found = lookup.addresses(name.as_str()).await?;
            let allowed: Vec<SocketAddr> =
                found.into_iter().filter(|ip| !refuses(*ip)).map(|ip| SocketAddr::new(ip, 0)).collect();
            if allowed.is_empty() {
                return Err(refusal(name.as_str(), what).into());
            }
            Ok(Box::new(allowed.into_iter()) as Addrs)
        })
    }
}

fn refusal(host: &str, (what, setting): (&str, &str)) -> String {
    format!("{host} is in a private network. Such {what} are allowed by the setting {setting} = true.")
}

/// Whether an address belongs to this machine, its network, or no network at all (the special-purpose registries of IANA).
pub(super) fn is_private(ip: IpAddr) -> bool {
    match ip.to_canonical() {
        IpAddr::V4(ip) => is_private_v4(ip),
        IpAddr::V6(ip) => is_private_v6(ip),
    }
}

fn is_private_v4(ip: Ipv4Addr) -> bool {
    let [a, b, c, _] = ip.octets();
    ip.is_private()
        || ip.is_loopback()
        || ip.is_link_local()
        || ip.is_multicast()
        || ip.is_documentation()
        || a == 0
        // Shared by a provider's customers, protocol assignments, benchmarks, reserved with broadcast.
        || (a == 100 && (64..128).contains(&b))
        || (a, b, c) == (192, 0, 0)
        || (a == 198 && (18..20).contains(&b))
        || a >= 240
}

fn is_private_v6(ip: Ipv6Addr) -> bool {
    let [first, second, ..] = ip.segments();
    // Only 2000::/3 is global. That leaves out loopback, unspecified, unique and link local, multicast, and the gates to IPv4
    // that lie elsewhere: compatible addresses and NAT64.
    (first & 0xe000) != 0x2000
        // Protocol assignments with Teredo, documentation, 6to4.
        || (first == 0x2001 && (second < 0x0200 || second == 0x0db8))
        || (first == 0x3fff && second < 0x1000)
        || first == 0x2002
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn public_addresses_are_not_private() {
        for public in ["1.1.1.1", "93.184.215.14", "192.0.43.8", "2606:4700::1111", "2001:4860:4860::8888"] {
            assert!(!is_private(public.parse().unwrap()), "{public}");
        }
    }

    #[test]
    fn ssrf_in_webhooks_every_private_network_is_known_as_one() {
        let private = [
            "0.0.0.0",
            "10.0.0.1",
            "100.64.0.1",
            "127.0.0.1",
            "127.255.255.254",
            "169.254.169.254",
            "172.16.0.1",
            "192.0.0.1",
            "192.0.2.1",
            "192.168.1.1",
            "198.18.0.1",
            "224.0.0.1",
            "240.0.0.1",
            "255.255.255.255",
            "::",
            "::1",
            "::ffff:10.0.0.1",
            "::127.0.0.1",
            "64:ff9b::a00:1",
            "fc00::1",
            "fd00:ec2::254",
            "fe80::1",
            "fec0::1",
            "ff02::1",
            "2001::1",
            "2001:db8::1",
            "2002:a00:1::",
            "3fff::1",
        ];
        for address in private {
            assert!(is_private(address.parse().unwrap()), "{address}");
        }
    }
}
