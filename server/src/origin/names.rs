//! What this server is called, and which pages are its own.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use axum::http::{Uri, uri::Authority};

use crate::config::Config;

/// The names of this server.
#[derive(Clone, Debug)]
pub struct OwnNames {
    pub(super) listen: SocketAddr,
    /// Whether it speaks TLS itself.
    pub(super) encrypted: bool,
    /// Of `public_url`.
    pub(super) public: Option<Origin>,
    pub(super) hosts: Vec<Host>,
}

/// What a browser compares to tell one site from another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Origin {
    secure: bool,
    host: String,
    port: u16,
}

/// A host, with a port where one is written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Host {
    name: String,
    port: Option<u16>,
}

impl OwnNames {
    /// `listen` is the address that came of the setting.
    pub fn new(config: &Config, listen: SocketAddr) -> Self {
        Self {
            listen,
            encrypted: config.tls.is_some(),
            // That both can be read was checked with the other settings.
            public: config.public_url.as_deref().and_then(Origin::parse),
            hosts: config.hosts.iter().filter_map(|host| Host::parse(host)).collect(),
        }
    }

    /// Whether `host` (with or without a port) means this server. Without a port it is the scheme's.
    pub(super) fn answers_to(&self, host: &str, secure: bool) -> bool {
        let Some(host) = Host::parse(host) else { return false };
        let is_public = self.public.as_ref().is_some_and(|public| public.host == host.name);
        let is_named = |own: &Host| own.name == host.name && own.port.is_none_or(|port| host.port_or(secure) == port);
        is_public || self.hosts.iter().any(is_named) || self.listens_as(&host, secure)
    }

    /// Whether the address that is listened on goes by this name.
    fn listens_as(&self, host: &Host, secure: bool) -> bool {
        let own = self.listen.ip();
        let literal = host.ip_address();
        let is_loopback = host.name == "localhost" || literal.is_some_and(|ip| LOOPBACK.contains(&ip));
        if own.is_loopback() {
            // Another port of this machine is another server.
            return (is_loopback || literal == Some(own)) && host.port_or(secure) == self.listen.port();
        }
        if !own.is_unspecified() {
            return literal == Some(own);
        }
        // All addresses of the machine, which are not known; ports may be mapped, as containers do. Rebinding needs a name
        // that its owner can point elsewhere, and no owner of anything can do so with a literal address. Once the names
        // are known by which the server is to be reached, it is reached by those alone, or from the machine itself.
        is_loopback || self.has_no_names() && literal.is_some()
    }

    fn has_no_names(&self) -> bool {
        self.public.is_none() && self.hosts.is_empty()
    }

    /// Why `host` is refused, and what to do.
    pub(super) fn refusal(&self, host: &str) -> String {
        let scheme = if self.encrypted { "https" } else { "http" };
        let (own, port) = (self.listen, self.listen.port());
        let open = match &self.public {
            Some(public) => public.to_string(),
            None if own.ip().is_loopback() => format!("{scheme}://{own} or {scheme}://localhost:{port}"),
            None if own.ip().is_unspecified() && self.has_no_names() => format!("{scheme}://ADDRESS:{port}"),
            None if own.ip().is_unspecified() => format!("{scheme}://{}", self.hosts[0]),
            None => format!("{scheme}://{own}"),
        };
        format!(
            "This server does not answer to the name “{host}”. Open it as {open}, or add the name to the setting hosts."
        )
    }

    /// Whether a page of `origin` may change something by a request that asked for `asked`.
    ///
    /// # Errors
    /// Why not.
    pub(super) fn accept_page(&self, origin: &str, asked: Option<&Origin>) -> Result<(), String> {
        // `null` is the origin of sandboxed frames and local files: not one of our pages.
        let page = Origin::parse(origin);
        let is_ours = |page: &Origin| Some(page) == asked || Some(page) == self.public.as_ref();
        match (&page, asked) {
            (Some(page), _) if is_ours(page) => Ok(()),
            // A proxy that ends TLS, or listens on another port, and says nothing of it.
            (Some(page), Some(asked)) if page.host == asked.host && self.public.is_none() => Err(format!(
                "A page of “{origin}” may not change anything at “{asked}”. If both are this server, set public_url to \
                 the first."
            )),
            _ => Err(format!("A page of “{origin}” may not change anything here.")),
        }
    }
}

const LOOPBACK: [IpAddr; 2] = [IpAddr::V4(Ipv4Addr::LOCALHOST), IpAddr::V6(Ipv6Addr::LOCALHOST)];

impl Origin {
    /// Of an `Origin` header or an address of ours: a scheme, a host, and a port if it is not the scheme's.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let uri: Uri = text.parse().ok()?;
        let secure = match uri.scheme_str()? {
            "https" => true,
            "http" => false,
            _ => return None,
        };
        Self::of_host(uri.authority()?.as_str(), secure)
    }

    pub(super) fn of_host(host: &str, secure: bool) -> Option<Self> {
        let host = Host::parse(host)?;
        Some(Self { secure, port: host.port_or(secure), host: host.name })
    }
}

impl std::fmt::Display for Origin {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { secure, host, port } = self;
        let scheme = if *secure { "https" } else { "http" };
        if *port == usual_port(*secure) {
            write!(f, "{scheme}://{host}")
        } else {
            write!(f, "{scheme}://{host}:{port}")
        }
    }
}

impl Host {
    pub(super) fn parse(text: &str) -> Option<Self> {
        let authority: Authority = text.parse().ok().filter(|_| !text.contains('@'))?;
        let port = authority.port_u16();
        let is_whole = port.is_some() || authority.host() == text;
        is_whole.then(|| Self { name: authority.host().to_ascii_lowercase(), port })
    }

    fn port_or(&self, secure: bool) -> u16 {
        self.port.unwrap_or(usual_port(secure))
    }

    fn ip_address(&self) -> Option<IpAddr> {
        self.name.trim_start_matches('[').trim_end_matches(']').parse().ok()
    }
}

impl std::fmt::Display for Host {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.port {
            Some(port) => write!(f, "{}:{port}", self.name),
            None => f.write_str(&self.name),
        }
    }
}

fn usual_port(secure: bool) -> u16 {
    if secure { 443 } else { 80 }
}
