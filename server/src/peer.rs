//! Who is asking: the client's address, whether it speaks TLS, and under which name it knows the server.
//!
//! A reverse proxy speaks for others and says for whom in `X-Forwarded-For`, `X-Forwarded-Proto` and `X-Forwarded-Host`,
//! which all proxies send; RFC 7239's `Forwarded` is not read. Anybody can send these headers, so they are believed only
//! of peers that the setting `trusted_proxies` names. Each proxy adds itself on the right; so of a list the right-most
//! entry is what the nearest proxy saw, and of the addresses the right-most that is no trusted proxy is the client.

use std::{
    net::{IpAddr, SocketAddr},
    sync::Arc,
};

use axum::{
    Extension,
    extract::{Request, State},
    http::{HeaderMap, HeaderName},
    middleware::Next,
    response::Response,
};
use ipnet::IpNet;

use crate::problem::Problem;

const FOR: HeaderName = HeaderName::from_static("x-forwarded-for");
const PROTO: HeaderName = HeaderName::from_static("x-forwarded-proto");
const HOST: HeaderName = HeaderName::from_static("x-forwarded-host");

/// The other end of a connection; every request carries it.
#[derive(Clone, Copy, Debug)]
pub struct Socket {
    pub address: SocketAddr,
    pub encrypted: bool,
}

/// Who is asking; every request carries it from [`tell`] on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Peer {
    /// Of the client itself, as far as the proxies can be trusted.
    pub address: IpAddr,
    /// Whether the client speaks TLS: with this server, or with a trusted proxy in front of it.
    pub secure: bool,
}

/// The host that the client asked a trusted proxy for, where the proxy says so.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ForwardedHost(pub String);

/// The proxies that are believed.
pub type TrustedProxies = Arc<[IpNet]>;

/// Middleware around everything that is served: adds [`Peer`], and [`ForwardedHost`] where there is one.
pub async fn tell(
    State(trusted): State<TrustedProxies>,
    Extension(socket): Extension<Socket>,
    mut request: Request,
    next: Next,
) -> Response {
    let (peer, host) = ask(&trusted, socket, request.headers());
    request.extensions_mut().insert(peer);
    if let Some(host) = host {
        request.extensions_mut().insert(host);
    }
    next.run(request).await
}

fn ask(trusted: &[IpNet], socket: Socket, headers: &HeaderMap) -> (Peer, Option<ForwardedHost>) {
    let is_trusted = |address: IpAddr| trusted.iter().any(|network| network.contains(&address));
    // An IPv4 client of a listener on [::] comes as ::ffff:192.0.2.1.
    let mut address = socket.address.ip().to_canonical();
    if !is_trusted(address) {
        return (Peer { address, secure: socket.encrypted }, None);
    }
    for entry in from_the_right(headers, &FOR) {
        // What cannot be read was written by nobody who can be trusted.
        let Some(before) = ip_address(entry) else { break };
        address = before;
        if !is_trusted(address) {
            break;
        }
    }
    let secure = match from_the_right(headers, &PROTO).next() {
        // Some proxies name the websocket's own scheme.
        Some(scheme) => ["https", "wss"].iter().any(|secure| scheme.eq_ignore_ascii_case(secure)),
        None => socket.encrypted,
    };
    let host = from_the_right(headers, &HOST).next().map(|host| ForwardedHost(host.to_owned()));
    (Peer { address, secure }, host)
}

/// The entries of a list that may be spread over several headers, the last first. One that is no text is an empty entry.
fn from_the_right<'a>(headers: &'a HeaderMap, name: &HeaderName) -> impl Iterator<Item = &'a str> {
    let values: Vec<&str> = headers.get_all(name).iter().map(|value| value.to_str().unwrap_or_default()).collect();
    values.into_iter().rev().flat_map(|value| value.rsplit(',')).map(str::trim)
}

/// An address; some proxies add the port.
fn ip_address(entry: &str) -> Option<IpAddr> {
    let bare = entry.trim_start_matches('[').trim_end_matches(']');
    let address = bare.parse().ok().or_else(|| entry.parse().ok().map(|socket: SocketAddr| socket.ip()));
    address.map(|address: IpAddr| address.to_canonical())
}

/// What a request is answered that came past the connections: only a bug of ours sends one.
pub(crate) fn missing() -> Problem {
    Problem::internal(&"a request came without its peer")
}

#[cfg(test)]
mod tests;
