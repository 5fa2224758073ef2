//! Where the server listens, under which names, behind which proxies, and whom it lets in there.

use std::{
    net::{IpAddr, SocketAddr},
    path::PathBuf,
};

use axum::http::{Uri, uri::Authority};
use ipnet::IpNet;

/// Who may come in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Auth {
    /// Whoever signs in, and programs with a token.
    SignIn,
    /// Everybody who reaches the address.
    None,
}

impl Auth {
    /// The word of the setting.
    pub const fn as_str(self) -> &'static str {
        match self {
            Auth::SignIn => "sign-in",
            Auth::None => "none",
        }
    }
}

/// The PEM files of the server's own TLS.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TlsFiles {
    /// The server's certificate, then those that lead to a known authority.
    pub certificate: PathBuf,
    pub key: PathBuf,
}

pub(super) fn auth(text: &str) -> Result<Auth, String> {
    match text {
        "sign-in" => Ok(Auth::SignIn),
        "none" => Ok(Auth::None),
        _ => Err("say sign-in, or none (on a loopback address only)".to_owned()),
    }
}

/// Without sign-in, whoever reaches the address may do everything; so then only this machine may reach it.
pub(super) fn address(text: &str, auth: Auth) -> Result<SocketAddr, String> {
    let address: SocketAddr =
        text.parse().map_err(|_| "say an address and a port, such as 127.0.0.1:3000".to_owned())?;
    match auth {
        Auth::None if !address.ip().is_loopback() => {
            Err("other machines could reach this address, and with auth = none anyone there could change and delete \
             everything. Set auth to sign-in, or listen on 127.0.0.1 or [::1]"
                .to_owned())
        }
        Auth::None | Auth::SignIn => Ok(address),
    }
}

/// `none`, or a file.
pub(super) fn file(text: &str) -> Result<Option<PathBuf>, String> {
    match text {
        "" => Err("say none, or name a PEM file".to_owned()),
        "none" => Ok(None),
        path => Ok(Some(PathBuf::from(path))),
    }
}

/// `none`, or addresses and networks.
pub(super) fn networks(text: &str) -> Result<Vec<IpNet>, String> {
    let network = |text: &str| text.parse().ok().or_else(|| text.parse::<IpAddr>().ok().map(IpNet::from));
    items(text)
        .map(|item| {
            network(item).ok_or_else(|| {
                format!("“{item}” is neither an address nor a network; say for example 127.0.0.1,10.0.0.0/8, or none")
            })
        })
        .collect()
}

/// `none`, or host names, each with or without a port.
pub(super) fn hosts(text: &str) -> Result<Vec<String>, String> {
    items(text)
        .map(|item| match item.parse::<Authority>() {
            Ok(host) if !item.contains(['@', '*']) && (host.as_str() == host.host() || host.port_u16().is_some()) => {
                Ok(item.to_owned())
            }
            _ => Err(format!("“{item}” is not a host; say for example millrace.example.com,10.0.0.5:3000, or none")),
        })
        .collect()
}

fn items(text: &str) -> impl Iterator<Item = &str> {
    text.split(',').map(str::trim).filter(|item| !matches!(*item, "" | "none"))
}

/// `auto`, or where the pages are. They are at the root of a host, whatever stands in front of it.
pub(super) fn public_url(text: &str) -> Result<Option<String>, String> {
    if text == "auto" {
        return Ok(None);
    }
    let url: Option<Uri> = text.parse().ok();
    let is_root = url.is_some_and(|url| {
        let host = url.authority().is_some_and(|authority| !authority.as_str().contains('@'));
        host && matches!(url.scheme_str(), Some("https" | "http")) && url.path() == "/" && url.query().is_none()
    });
    match is_root {
        true => Ok(Some(text.trim_end_matches('/').to_owned())),
        false => Err("say auto, or a scheme and a host such as https://millrace.example.com".to_owned()),
    }
}
