//! Where the server listens, and whom it lets in there: the settings `listen` and `auth`.

use std::net::SocketAddr;

/// Who may come in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Auth {
    /// Whoever signs in, and programs with a token.
    SignIn,
    /// Everybody who reaches the address.
    None,
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
