//! With whom people may sign in besides passwords: the settings `oidc_…`.

use std::net::{IpAddr, SocketAddr};

use model::Role;
use openidconnect::{ClientId, ClientSecret, IssuerUrl, RedirectUrl, Scope};

use super::{Auth, ConfigError, Resolved, listen::public_url};

/// An OpenID Connect provider, and what it decides here.
#[derive(Clone, Debug)]
pub struct ProviderSettings {
    pub issuer: IssuerUrl,
    pub client_id: ClientId,
    /// `None`: a public client, which PKCE alone protects.
    pub client_secret: Option<ClientSecret>,
    /// For people.
    pub name: String,
    /// Besides `openid`.
    pub scopes: Vec<Scope>,
    /// Of people who come for the first time; `None` = an administrator has to give them one.
    pub role: Option<Role>,
    pub groups: Option<RoleRule>,
}

/// Which group at the provider gives which role here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RoleRule {
    /// The claim that names someone's groups.
    pub claim: String,
    pub roles: Vec<(String, Role)>,
}

/// `None` where people sign in with passwords alone.
pub(super) fn read(
    settings: &Resolved,
    auth: Auth,
    listen: SocketAddr,
) -> Result<Option<ProviderSettings>, ConfigError> {
    let Some(issuer) = settings.get("oidc_issuer", |text| issuer(text, auth))? else { return Ok(None) };
    settings.get("public_url", |text| leads_back(text, listen))?;
    let host = issuer.url().host_str().unwrap_or_default().to_owned();
    let claim = settings.get("oidc_groups_claim", named("name a claim, such as groups"))?;
    let roles = settings.get("oidc_groups", groups)?;
    Ok(Some(ProviderSettings {
        client_id: settings.get("oidc_client_id", |text| match unless_none(text) {
            Some(id) => Ok(ClientId::new(id)),
            None => Err("the provider of oidc_issuer gives this server an id; say which".to_owned()),
        })?,
        client_secret: settings.get("oidc_client_secret", |text| Ok(unless_none(text).map(ClientSecret::new)))?,
        name: settings.get("oidc_name", named("say a name, or auto")).map(|name| match name.as_str() {
            "auto" => host,
            _ => name,
        })?,
        scopes: settings.get("oidc_scopes", |text| {
            let scopes = text.split_whitespace().filter(|scope| *scope != "openid");
            Ok(scopes.map(|scope| Scope::new(scope.to_owned())).collect())
        })?,
        role: settings.get("oidc_role", |text| unless_none(text).map(|text| role(&text)).transpose())?,
        groups: roles.map(|roles| RoleRule { claim, roles }),
        issuer,
    }))
}

fn unless_none(text: &str) -> Option<String> {
    Some(text.trim()).filter(|text| !text.is_empty() && *text != "none").map(str::to_owned)
}

fn named(takes: &'static str) -> impl FnOnce(&str) -> Result<String, String> {
    move |text| Some(text.trim().to_owned()).filter(|text| !text.is_empty()).ok_or_else(|| takes.to_owned())
}

/// Keys and secrets are fetched from there, so nobody on the way may be able to change them.
fn issuer(text: &str, auth: Auth) -> Result<Option<IssuerUrl>, String> {
    const TAKES: &str = "say none, or the address of a provider such as https://login.example.com/realms/main";
    let Some(text) = unless_none(text) else { return Ok(None) };
    let issuer = IssuerUrl::new(text).map_err(|_| TAKES)?;
    match (issuer.url().scheme(), issuer.url().host_str()) {
        ("https", Some(_)) => {}
        ("http", Some(host)) if is_this_machine(host) => {}
        ("http", Some(_)) => return Err("it has to be https, unless the provider is on this machine".to_owned()),
        _ => return Err(TAKES.to_owned()),
    }
    match auth {
        Auth::SignIn => Ok(Some(issuer)),
        Auth::None => Err("with auth = none nobody signs in; set auth to sign-in, or this to none".to_owned()),
    }
}

/// The provider leads browsers back to an address that was registered with it, which has to be one that they reach.
fn leads_back(text: &str, listen: SocketAddr) -> Result<(), String> {
    match public_url(text)? {
        None if !listen.ip().is_loopback() => Err("the provider of oidc_issuer leads people back to this server: say the \
                                                   address under which they open it, such as https://millrace.example.com"
            .to_owned()),
        None => Ok(()),
        Some(url) => RedirectUrl::new(url).map(drop).map_err(|error| format!("is no address: {error}")),
    }
}

fn is_this_machine(host: &str) -> bool {
    let ip = host.trim_matches(['[', ']']).parse::<IpAddr>();
    host == "localhost" || ip.is_ok_and(|ip| ip.is_loopback())
}

fn role(text: &str) -> Result<Role, String> {
    let roles = Role::ALL.map(Role::as_str).join(", ");
    Role::parse(text).ok_or_else(|| format!("“{text}” is not a role; there are {roles}"))
}

/// `group=role`, with commas between them. A group's name may hold any other character, `=` too.
fn groups(text: &str) -> Result<Option<Vec<(String, Role)>>, String> {
    let Some(text) = unless_none(text) else { return Ok(None) };
    let pairs = text.split(',').map(|pair| {
        let (group, named) =
            pair.rsplit_once('=').ok_or("say groups with their roles: admins=administrator, data=editor")?;
        match group.trim() {
            "" => Err("a group has no name".to_owned()),
            group => Ok((group.to_owned(), role(named.trim())?)),
        }
    });
    pairs.collect::<Result<_, String>>().map(Some)
}
