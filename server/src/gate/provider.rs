//! Sign-in with an OpenID Connect provider: authorization code with PKCE (S256), state and nonce.
//!
//! A browser is led to the provider and comes back with a code. The code counts only in the browser that was led away,
//! once, and within a few minutes; what it is worth, the provider says to the server itself, signed. Tokens of the
//! provider are read and forgotten: from then on a session of this server counts.

mod calls;
mod claims;
mod discovery;
mod pending;

use std::{net::IpAddr, sync::Arc};

use axum::http::{HeaderMap, HeaderValue};
use chrono::{DateTime, Utc};
use model::Error;
use openidconnect::{
    AccessToken, AccessTokenHash, AuthorizationCode, ClaimsVerificationError, CsrfToken, Nonce,
    OAuth2TokenResponse as _, PkceCodeChallenge, RedirectUrl, RequestTokenError, SignatureVerificationError,
    TokenResponse as _, UserInfoError, core::CoreAuthenticationFlow,
};

use super::{Gate, Place, Secret, SignInError, cookie};
use crate::{
    clock::SharedClock,
    config::ProviderSettings,
    peer::Peer,
    store::{ProvidedRole, ProvidedUser},
};

use calls::{CallError, Calls, causes};
use claims::Told;
use discovery::{Client, Discovery, IdClaims, IdToken, UserInfo};
use pending::{Flow, Pending};

/// Where the provider leads back to, from the address of the pages.
const CALLBACK: &str = "/sign-in/callback";
/// Characters of an error code of the provider that are shown.
const CODE_CHARS_MAX: usize = 40;
/// Characters of its words that are logged.
const WORDS_CHARS_MAX: usize = 300;

pub struct Provider {
    settings: ProviderSettings,
    clock: SharedClock,
    calls: Calls,
    discovery: Discovery,
    pending: Pending,
}

/// A sign-in that has begun.
#[derive(Debug)]
pub struct Begun {
    /// Where the browser goes.
    pub address: String,
    /// What it shows when it comes back.
    pub browser: Secret,
}

impl Provider {
    /// `pages` is the address under which people open this server.
    pub fn new(settings: ProviderSettings, pages: &str, clock: SharedClock) -> Self {
        let redirect = RedirectUrl::new(format!("{pages}{CALLBACK}")).expect("the settings take only addresses");
        tracing::info!(issuer = %settings.issuer.as_str(), redirect_uri = %redirect.as_str(), "people may sign in with a provider");
        Self {
            discovery: Discovery::new(settings.clone(), redirect, clock.clone()),
            pending: Pending::new(clock.clone()),
            calls: Calls::new(),
            settings,
            clock,
        }
    }

    /// For people.
    pub fn name(&self) -> &str {
        &self.settings.name
    }

    /// Leads a browser to the provider, and afterwards to `next`.
    ///
    /// # Errors
    /// `Unavailable` when the provider cannot be reached.
    pub async fn begin(&self, next: &str, address: IpAddr) -> Result<Begun, Error> {
        let client = self.client().await?;
        let (state, browser) = (Secret::new(), Secret::new());
        let (challenge, verifier) = PkceCodeChallenge::new_random_sha256();
        let sent = CsrfToken::new(state.to_string());
        let request = client.authorize_url(
            CoreAuthenticationFlow::AuthorizationCode,
            move || sent,
            || Nonce::new(Secret::new().to_string()),
        );
        let request = request.add_scopes(self.settings.scopes.iter().cloned()).set_pkce_challenge(challenge);
        let (url, _, nonce) = request.url();
        self.pending.add(&state, &browser, address, Flow { nonce, verifier, next: next.to_owned() });
        Ok(Begun { address: url.into(), browser })
    }

    /// The sign-in that a browser comes back from, once. `None`: it did not begin in this browser, took too long, or came
    /// back already.
    pub fn resume(&self, state: &str, browser: Option<&Secret>) -> Option<Flow> {
        self.pending.take(&Secret::shown(state), browser?)
    }

    /// Whom the code that a browser came back with stands for.
    ///
    /// # Errors
    /// `Unavailable` when the provider cannot be reached; `Forbidden` when what it answers proves nothing.
    pub async fn prove(&self, flow: Flow, code: String) -> Result<ProvidedUser, Error> {
        let Flow { nonce, verifier, .. } = flow;
        let client = self.client().await?;
        let request = client.exchange_code(AuthorizationCode::new(code)).set_pkce_verifier(verifier);
        let answer = request.request_async(&self.calls).await.map_err(|error| match error {
            RequestTokenError::ServerResponse(refusal) => {
                self.refused(refusal.error().as_ref(), refusal.error_description().map(String::as_str))
            }
            RequestTokenError::Request(error) => self.unreachable(&error),
            other => self.unproved(&causes(&other)),
        })?;
        let token = answer.id_token().ok_or_else(|| self.unproved("the answer has no ID token"))?;
        let (client, claims) = self.verified(client, token, &nonce).await?;
        self.belongs(&client, token, claims, answer.access_token())
            .map_err(|error| self.unproved(&format!("the access token: {error}")))?;
        let told = self.told(&client, claims, answer.access_token()).await?;
        Ok(self.person(claims, told))
    }

    /// What to say of an error that the provider gave in place of an answer: its code, as far as it is one. Its words are
    /// for the log.
    pub fn refused(&self, code: &str, words: Option<&str>) -> Error {
        let words: String = words.unwrap_or_default().chars().take(WORDS_CHARS_MAX).collect();
        let is_of_code = |c: &char| c.is_ascii_lowercase() || *c == '_';
        let code: String = code.chars().take(CODE_CHARS_MAX).filter(is_of_code).collect();
        tracing::warn!(provider = self.name(), %code, ?words, "a sign-in was refused by the provider");
        let name = self.name();
        let message = match code.as_str() {
            "access_denied" => format!("{name} did not let you in, or you did not let it tell who you are."),
            "" => format!("{name} did not sign you in, and did not say why."),
            code => format!("{name} did not sign you in ({code}). Try again."),
        };
        Error::Forbidden { message }
    }

    async fn client(&self) -> Result<Arc<Client>, Error> {
        self.discovery.client(&self.calls).await.map_err(|reason| self.unavailable(&reason))
    }

    /// A key that is not known may be new: the provider is asked for its keys once more.
    async fn verified<'t>(
        &self,
        client: Arc<Client>,
        token: &'t IdToken,
        nonce: &Nonce,
    ) -> Result<(Arc<Client>, &'t IdClaims), Error> {
        let unproved = |error: ClaimsVerificationError| self.unproved(&causes(&error));
        match self.verify(&client, token, nonce) {
            Ok(claims) => Ok((client, claims)),
            Err(ClaimsVerificationError::SignatureVerification(_)) => {
                let renewed = self.discovery.renewed(&self.calls, &client).await;
                let client = renewed.map_err(|reason| self.unavailable(&reason))?;
                let claims = self.verify(&client, token, nonce).map_err(unproved)?;
                Ok((client, claims))
            }
            Err(error) => Err(unproved(error)),
        }
    }

    /// Signature, issuer, audience, end and nonce (OpenID Connect Core 1.0, section 3.1.3.7).
    fn verify<'t>(
        &self,
        client: &Client,
        token: &'t IdToken,
        nonce: &Nonce,
    ) -> Result<&'t IdClaims, ClaimsVerificationError> {
        token.claims(&client.id_token_verifier().set_time_fn(|| self.now()), nonce)
    }

    fn now(&self) -> DateTime<Utc> {
        DateTime::from_timestamp_micros(self.clock.now().as_micros()).unwrap_or(DateTime::<Utc>::MAX_UTC)
    }

    /// Whether the access token is the one that was given out with the ID token, if that says so.
    fn belongs(
        &self,
        client: &Client,
        token: &IdToken,
        claims: &IdClaims,
        access: &AccessToken,
    ) -> Result<(), SignatureVerificationError> {
        let Some(expected) = claims.access_token_hash() else { return Ok(()) };
        let verifier = client.id_token_verifier();
        let wrong = |error: String| SignatureVerificationError::Other(error);
        let hash = AccessTokenHash::from_token(access, token.signing_alg()?, token.signing_key(&verifier)?)
            .map_err(|error| wrong(causes(&error)))?;
        if hash == *expected { Ok(()) } else { Err(wrong("is another one".to_owned())) }
    }

    /// What the ID token says of the person; what it leaves out is asked for.
    async fn told(&self, client: &Client, claims: &IdClaims, access: &AccessToken) -> Result<Told, Error> {
        let rule = self.settings.groups.as_ref();
        let told = Told::of_token(claims, rule);
        let is_enough = told.name.is_some() && (rule.is_none() || told.groups.is_some());
        if is_enough || client.user_info_url().is_none() {
            return Ok(told);
        }
        let request = client.user_info(access.clone(), Some(claims.subject().clone()));
        let request = request.map_err(|error| self.unproved(&causes(&error)))?;
        let more: UserInfo = request.request_async(&self.calls).await.map_err(|error| match error {
            UserInfoError::Request(error) => self.unreachable(&error),
            other => self.unproved(&causes(&other)),
        })?;
        Ok(told.or(Told::of_user_info(&more, rule)))
    }

    fn person(&self, claims: &IdClaims, told: Told) -> ProvidedUser {
        let subject = claims.subject().as_str().to_owned();
        let role = match &self.settings.groups {
            Some(rule) => ProvidedRole::Always(told.role(rule).or(self.settings.role)),
            None => ProvidedRole::AtFirst(self.settings.role),
        };
        ProvidedUser {
            issuer: self.settings.issuer.as_str().to_owned(),
            name: told.name.or_else(|| claims::cleaned(&subject)).unwrap_or_else(|| self.name().to_owned()),
            subject,
            role,
            provider: self.name().to_owned(),
        }
    }

    fn unreachable(&self, error: &CallError) -> Error {
        self.unavailable(&error.to_string())
    }

    fn unavailable(&self, reason: &str) -> Error {
        tracing::warn!(provider = self.name(), %reason, "the provider cannot be reached");
        let message = format!("{} cannot be reached: {reason}. Try again later.", self.name());
        Error::Unavailable { message }
    }

    fn unproved(&self, reason: &str) -> Error {
        tracing::warn!(provider = self.name(), %reason, "the answer of the provider proves nothing");
        let message = format!("What {} answered does not prove who you are. The server's log says why.", self.name());
        Error::Forbidden { message }
    }

    /// Binds a sign-in that has begun to the browser, or ends that.
    pub fn cookie(browser: Option<&Secret>, secure: bool) -> HeaderValue {
        cookie::header(cookie::BEGUN, browser, pending::LASTS, secure)
    }

    /// What a browser shows of a sign-in that has begun in it.
    pub fn begun_in(headers: &HeaderMap, peer: Peer) -> Option<Secret> {
        cookie::shown(headers, cookie::BEGUN, peer.secure)
    }
}

impl Gate {
    pub fn identity_provider(&self) -> Option<&Provider> {
        self.provider.as_ref()
    }

    /// A new session for someone whom the provider has proved; gives the cookie's secret.
    ///
    /// # Errors
    /// `Forbidden` for someone who is disabled here; `Conflict` and `TooMany` as in the store.
    pub async fn let_in(&self, who: ProvidedUser, place: Place) -> Result<Secret, SignInError> {
        let user = self.store.user_from_provider(who, Some(place.address)).await?;
        if user.disabled {
            tracing::warn!(name = %user.name, address = %place.address, "someone who is disabled tried to sign in");
            self.store.record_refused_sign_in(Some(user), place.address).await?;
            let message = "An administrator of this server has disabled you here.".to_owned();
            return Err(SignInError::Refused(Error::Forbidden { message }));
        }
        Ok(self.open_session(user.id, place).await?)
    }
}

#[cfg(test)]
mod tests;
