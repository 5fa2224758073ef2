//! Who is on the other end of a connection.

use std::net::IpAddr;

/// Where a request came from, as an extension of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Peer {
    /// Of the client.
    pub address: IpAddr,
    /// Whether the browser speaks TLS.
    pub secure: bool,
}
