//! Who is it? Makes an [`Actor`] of what a request shows: the cookie of a session, or a token.
//!
//! What the actor may do is not decided here but in `backend::asked`. Secrets are compared by their SHA-256, so that a
//! copy of the database lets nobody in.

mod attempts;
mod cookie;
mod middleware;
mod password;
mod provider;
mod secret;

use std::{net::IpAddr, time::Duration};

use app::backend::{Entrance, Invited};
use async_trait::async_trait;
use axum::http::{HeaderMap, header};
use model::{
    Actor, Door, Error, Identity, Timestamp,
    people::{User, check_password, checked_name},
};
use tokio::sync::watch;

pub(crate) use cookie::SESSION_PLAIN as SESSION_COOKIE;
pub use middleware::authenticate;
pub use provider::Provider;
pub use secret::Secret;

use attempts::Attempts;
use password::Passwords;

use crate::{
    clock::SharedClock,
    config::Auth,
    peer::Peer,
    store::{LINK, NewSession, OpenSession, SecretHash, Store, StoreError},
};

/// A session or token that is used again and again is written down once in this time.
const USE_KEPT_TO: Duration = Duration::from_secs(60);

/// How long someone stays signed in.
#[derive(Clone, Copy, Debug)]
pub struct SessionTimes {
    /// Without a request.
    pub idle: Duration,
    /// In all.
    pub lasts: Duration,
}

pub struct Gate {
    store: Store,
    clock: SharedClock,
    auth: Auth,
    times: SessionTimes,
    passwords: Passwords,
    attempts: Attempts,
    /// With whom people may sign in besides passwords.
    provider: Option<Provider>,
    /// What the link of the first start shows, for as long as there is no administrator.
    setup: Option<Secret>,
}

/// Whether a session or token counts as used by this.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Look {
    Use,
    /// A page that is only kept up to date keeps nobody signed in.
    Glance,
}

/// Where a sign-in comes from.
#[derive(Clone, Debug)]
pub struct Place {
    pub address: IpAddr,
    /// What the browser calls itself.
    pub agent: Option<String>,
    /// The session that the browser has.
    pub before: Option<SecretHash>,
}

impl Gate {
    /// # Errors
    /// When the database cannot be read.
    pub async fn open(store: Store, clock: SharedClock, auth: Auth, times: SessionTimes) -> Result<Self, StoreError> {
        let setup = match auth {
            Auth::SignIn if store.has_no_administrator().await? => Some(Secret::new()),
            Auth::SignIn | Auth::None => None,
        };
        let attempts = Attempts::new(clock.clone());
        Ok(Self { store, clock, auth, times, passwords: Passwords::default(), attempts, provider: None, setup })
    }

    pub fn with_provider(self, provider: Option<Provider>) -> Self {
        Self { provider, ..self }
    }

    /// The path of the one-time link of the first start.
    pub fn setup_path(&self) -> Option<String> {
        self.setup.as_ref().map(|secret| format!("/welcome/{secret}"))
    }

    /// Whoever sends these headers. `None`: nobody that is known.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn identify(
        &self,
        headers: &HeaderMap,
        door: Door,
        peer: Peer,
        look: Look,
    ) -> Result<Option<Actor>, StoreError> {
        let address = Some(peer.address);
        if self.auth == Auth::None {
            return Ok(Some(Actor { address, ..Actor::local(door) }));
        }
        let found = match bearer(headers) {
            Some(token) => self.token(token, door, look).await?,
            None => match cookie::shown(headers, cookie::SESSION, peer.secure) {
                Some(secret) => self.session(secret.hash(), door, look).await?,
                None => None,
            },
        };
        Ok(found.map(|actor| Actor { address, ..actor }))
    }

    async fn token(&self, secret: Secret, door: Door, look: Look) -> Result<Option<Actor>, StoreError> {
        let now = self.clock.now();
        let Some(shown) = self.store.shown_token(secret.hash(), now).await? else { return Ok(None) };
        let token = shown.token;
        if look == Look::Use && token.used_at.is_none_or(|used| now.since(used) >= USE_KEPT_TO) {
            self.store.use_token(token.id).await?;
        }
        let name = match token.owner {
            Some(owner) => format!("{owner} (token {})", token.name),
            None => format!("token {}", token.name),
        };
        Ok(Some(Actor { name, door, identity: Identity::Token(token.id), access: shown.access, address: None }))
    }

    async fn session(&self, hash: SecretHash, door: Door, look: Look) -> Result<Option<Actor>, StoreError> {
        let now = self.clock.now();
        let Some(session) = self.store.session(hash, now, self.times.idle).await? else { return Ok(None) };
        // Often enough that whoever is there does not become idle in between.
        if look == Look::Use && now.since(session.used_at) >= USE_KEPT_TO.min(self.times.idle / 4) {
            self.store.use_session(hash).await?;
        }
        let OpenSession { id, user, .. } = session;
        let user = user.user;
        let identity = Identity::User { user: user.id, session: id, has_password: user.has_password };
        Ok((!user.disabled).then_some(Actor { name: user.name, door, identity, access: user.access, address: None }))
    }

    /// A new session for whoever has this name and password; gives the cookie's secret.
    ///
    /// # Errors
    /// `Forbidden` without saying which of the two is wrong; `TooMany` after too many wrong ones.
    pub async fn sign_in(&self, name: &str, password: &str, place: Place) -> Result<Secret, SignInError> {
        let name = name.trim();
        let user = self.store.user_by_name(name).await?;
        // Who signed in from there before is not kept out by what others try elsewhere.
        let is_known = match &user {
            Some(known) => self.store.signed_in_from(known.user.id, &place.address.to_string()).await?,
            None => false,
        };
        self.attempts.begin(place.address, name, is_known)?;
        let hash = user.as_ref().and_then(|user| user.password.clone());
        // The work is the same when there is nobody of that name, so that its time tells nothing.
        let is_right = self.passwords.verify(password, hash).await;
        match user {
            Some(user) if is_right && !user.user.disabled => {
                self.attempts.succeeded(place.address, name);
                Ok(self.open_session(user.user.id, place).await?)
            }
            user => {
                // Only a name that is somebody's: people type their password there, too.
                let known = user.map(|user| user.user);
                let name = known.as_ref().map(|user| &user.name);
                tracing::warn!(?name, address = %place.address, "a sign-in was refused");
                // Whether or not it could be written down, they are not let in.
                if let Err(error) = self.store.record_refused_sign_in(known, place.address).await {
                    tracing::error!(%error, "a sign-in that was refused is not in the log of activity");
                }
                let message = "The name or the password is not right.".to_owned();
                Err(Error::Forbidden { message }.into())
            }
        }
    }

    /// Signs someone in whose identity is proved. The browser gets a new secret each time, so one that was planted
    /// before is worth nothing.
    pub async fn open_session(&self, user: model::UserId, place: Place) -> Result<Secret, StoreError> {
        let secret = Secret::new();
        let agent = place.agent.map(|agent| agent.chars().take(model::limits::AGENT_CHARS_MAX).collect());
        let new = NewSession {
            hash: secret.hash(),
            user,
            lasts: self.times.lasts,
            address: place.address,
            agent,
            replaces: place.before,
        };
        self.store.open_session(new).await?;
        Ok(secret)
    }

    pub async fn sign_out(&self, place: Place) -> Result<(), StoreError> {
        match place.before {
            Some(session) => self.store.end_session(session, place.address).await,
            None => Ok(()),
        }
    }

    /// Whom a one-time link invites. `Ok(None)`: the first of all.
    async fn whom(&self, secret: &Secret) -> Result<Option<User>, SignInError> {
        let nobody = || Error::not_found(LINK);
        if self.setup.as_ref().is_some_and(|setup| setup.hash() == secret.hash()) {
            return if self.store.has_no_administrator().await? { Ok(None) } else { Err(nobody().into()) };
        }
        let invited = self.store.invited(secret.hash(), self.clock.now()).await?;
        let invited = invited.filter(|invited| !invited.user.disabled).ok_or_else(nobody)?;
        Ok(Some(invited.user))
    }

    /// Sets the password of whomever the link invites, and signs them in. `name` counts for the first of all only.
    ///
    /// # Errors
    /// `NotFound` when the link invites nobody any more, also when it was used meanwhile; `Invalid` at `name` and
    /// `password`.
    pub async fn accept(
        &self,
        secret: &Secret,
        name: &str,
        password: &str,
        place: Place,
    ) -> Result<Secret, SignInError> {
        let invited = self.whom(secret).await?;
        let name = checked_name(invited.as_ref().map_or(name, |user| &user.name))?;
        check_password(password)?;
        let hash = self.passwords.hash(password).await;
        let user = match invited {
            None => self.store.create_first_user(name, hash, Some(place.address)).await?.id,
            Some(_) => self.store.accept_invitation(secret.hash(), hash, Some(place.address)).await?,
        };
        Ok(self.open_session(user, place).await?)
    }

    /// Changes a password; all sessions end, and the browser that asked gets a new one.
    ///
    /// # Errors
    /// `Invalid` at `current` or `password`; `TooMany` after too many wrong ones.
    pub async fn change_password(
        &self,
        user: model::UserId,
        current: &str,
        password: &str,
        place: Place,
    ) -> Result<Secret, SignInError> {
        let stored = self.store.user(user).await?;
        self.attempts.begin(place.address, &stored.user.name, true)?;
        if !self.passwords.verify(current, stored.password).await {
            return Err(Error::invalid("current", "is not your password").into());
        }
        self.attempts.succeeded(place.address, &stored.user.name);
        check_password(password)?;
        let hash = self.passwords.hash(password).await;
        self.store.set_password(user, hash, Some(place.address)).await?;
        Ok(self.open_session(user, place).await?)
    }

    /// Changes when someone may have lost access: what stays open for long has to ask again.
    pub fn access_changed(&self) -> watch::Receiver<u64> {
        self.store.access_changed()
    }

    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// The cookie that holds the session, or takes it back.
    pub fn cookie(&self, secret: Option<&Secret>, secure: bool) -> axum::http::HeaderValue {
        cookie::header(cookie::SESSION, secret, self.times.lasts, secure)
    }

    /// Where a request comes from.
    pub fn place(headers: &HeaderMap, peer: Peer) -> Place {
        let agent = headers.get(header::USER_AGENT).and_then(|agent| agent.to_str().ok()).map(str::to_owned);
        let before = cookie::shown(headers, cookie::SESSION, peer.secure).map(|secret| secret.hash());
        Place { address: peer.address, agent, before }
    }
}

#[async_trait]
impl Entrance for Gate {
    fn provider(&self) -> Option<String> {
        self.provider.as_ref().map(|provider| provider.name().to_owned())
    }

    async fn invited(&self, secret: &str) -> Result<Option<Invited>, Error> {
        match self.whom(&Secret::shown(secret)).await {
            Ok(None) => Ok(Some(Invited::First)),
            Ok(Some(user)) => Ok(Some(Invited::User(user.name))),
            Err(SignInError::Refused(_)) => Ok(None),
            Err(SignInError::Store(error)) => {
                let id = self.clock.new_uuid().to_string();
                tracing::error!(%id, %error, "a link could not be looked up");
                Err(Error::Internal { id })
            }
        }
    }
}

/// Why someone was not let in.
#[derive(Debug, thiserror::Error)]
pub enum SignInError {
    #[error(transparent)]
    Refused(#[from] Error),
    #[error(transparent)]
    Store(StoreError),
}

impl From<StoreError> for SignInError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Refused(refusal) => Self::Refused(refusal),
            other => Self::Store(other),
        }
    }
}

/// The token of `Authorization: Bearer …` (RFC 6750).
fn bearer(headers: &HeaderMap) -> Option<Secret> {
    let value = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, token) = value.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| Secret::shown(token.trim()))
}

#[cfg(test)]
mod tests;
