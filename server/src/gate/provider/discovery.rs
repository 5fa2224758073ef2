//! What the provider says of itself: its addresses, and the keys that it signs with. Fetched when first needed and kept
//! for a while, so the server starts without it, and a key that was withdrawn is not trusted for long.

use std::{sync::Arc, time::Duration};

use axum::http::StatusCode;
use model::Timestamp;
use openidconnect::{
    AuthType, DiscoveryError, EmptyExtraTokenFields, EndpointMaybeSet, EndpointNotSet, EndpointSet, IdTokenClaims,
    IdTokenFields, JwsSigningAlgorithm as _, RedirectUrl, StandardErrorResponse, StandardTokenResponse, UserInfoClaims,
    core::{
        CoreAuthDisplay, CoreAuthPrompt, CoreClientAuthMethod, CoreErrorResponseType, CoreGenderClaim, CoreJsonWebKey,
        CoreJweContentEncryptionAlgorithm, CoreJwsSigningAlgorithm, CoreProviderMetadata, CoreRevocableToken,
        CoreRevocationErrorResponse, CoreTokenIntrospectionResponse, CoreTokenType,
    },
};
use tokio::sync::Mutex;

use super::{
    calls::{CallError, Calls, causes},
    claims::Further,
};
use crate::{clock::SharedClock, config::ProviderSettings};

pub(super) type IdClaims = IdTokenClaims<Further, CoreGenderClaim>;
pub(super) type IdToken =
    openidconnect::IdToken<Further, CoreGenderClaim, CoreJweContentEncryptionAlgorithm, CoreJwsSigningAlgorithm>;
pub(super) type UserInfo = UserInfoClaims<Further, CoreGenderClaim>;

type TokenFields = IdTokenFields<
    Further,
    EmptyExtraTokenFields,
    CoreGenderClaim,
    CoreJweContentEncryptionAlgorithm,
    CoreJwsSigningAlgorithm,
>;

/// A client of the provider that knows where to ask for codes and tokens.
pub(super) type Client = openidconnect::Client<
    Further,
    CoreAuthDisplay,
    CoreGenderClaim,
    CoreJweContentEncryptionAlgorithm,
    CoreJsonWebKey,
    CoreAuthPrompt,
    StandardErrorResponse<CoreErrorResponseType>,
    StandardTokenResponse<TokenFields, CoreTokenType>,
    CoreTokenIntrospectionResponse,
    CoreRevocableToken,
    CoreRevocationErrorResponse,
    EndpointSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointSet,
    EndpointMaybeSet,
>;

/// Time after which it is fetched again.
const KEPT: Duration = Duration::from_secs(3600);
/// Time after a failure in which nobody tries again: everyone who comes meanwhile is told the same at once.
pub(super) const FAILURE_KEPT: Duration = Duration::from_secs(5);

pub(super) struct Discovery {
    settings: ProviderSettings,
    redirect: RedirectUrl,
    clock: SharedClock,
    /// Held while it is fetched: who needs it at the same time waits for the one who fetches.
    known: Mutex<Known>,
}

enum Known {
    Nothing,
    Client { client: Arc<Client>, at: Timestamp },
    Failure { reason: String, at: Timestamp },
}

impl Discovery {
    pub(super) fn new(settings: ProviderSettings, redirect: RedirectUrl, clock: SharedClock) -> Self {
        Self { settings, redirect, clock, known: Mutex::new(Known::Nothing) }
    }

    /// # Errors
    /// Why it cannot be fetched, in words.
    pub(super) async fn client(&self, calls: &Calls) -> Result<Arc<Client>, String> {
        let mut known = self.known.lock().await;
        let now = self.clock.now();
        match &*known {
            Known::Client { client, at } if now.since(*at) < KEPT => Ok(Arc::clone(client)),
            Known::Failure { reason, at } if now.since(*at) < FAILURE_KEPT => Err(reason.clone()),
            Known::Nothing | Known::Client { .. } | Known::Failure { .. } => self.fetch(calls, &mut known).await,
        }
    }

    /// The client with the provider's keys as they are now, when `outdated` lacks one.
    pub(super) async fn renewed(&self, calls: &Calls, outdated: &Arc<Client>) -> Result<Arc<Client>, String> {
        let mut known = self.known.lock().await;
        match &*known {
            Known::Client { client, .. } if !Arc::ptr_eq(client, outdated) => Ok(Arc::clone(client)),
            Known::Nothing | Known::Client { .. } | Known::Failure { .. } => self.fetch(calls, &mut known).await,
        }
    }

    async fn fetch(&self, calls: &Calls, known: &mut Known) -> Result<Arc<Client>, String> {
        let fetched = self.ask(calls).await.map(Arc::new);
        let at = self.clock.now();
        *known = match &fetched {
            Ok(client) => Known::Client { client: Arc::clone(client), at },
            Err(reason) => Known::Failure { reason: reason.clone(), at },
        };
        fetched
    }

    async fn ask(&self, calls: &Calls) -> Result<Client, String> {
        let ProviderSettings { issuer, client_id, client_secret, .. } = self.settings.clone();
        let metadata = CoreProviderMetadata::discover_async(issuer, calls).await.map_err(words)?;
        let token = metadata.token_endpoint().cloned().ok_or("it names no token endpoint")?;
        // A signature that the client's own secret makes would be one that anyone with a copy of the settings can make.
        let algorithms = metadata.id_token_signing_alg_values_supported().iter().cloned();
        let algorithms: Vec<_> =
            algorithms.filter(|one| !one.uses_shared_secret() && *one != CoreJwsSigningAlgorithm::None).collect();
        let auth_type = auth_type(&metadata);
        let metadata = metadata.set_id_token_signing_alg_values_supported(algorithms);
        let client = openidconnect::Client::from_provider_metadata(metadata, client_id, client_secret);
        Ok(client.set_token_uri(token).set_redirect_uri(self.redirect.clone()).set_auth_type(auth_type))
    }
}

fn words(error: DiscoveryError<CallError>) -> String {
    match error {
        DiscoveryError::Request(error) => error.to_string(),
        DiscoveryError::Response(status, ..) if status != StatusCode::OK => format!("it answered {status}"),
        DiscoveryError::Parse(error) => format!("what it says of itself cannot be read ({error})"),
        DiscoveryError::Validation(problem) => format!("it does not call itself as oidc_issuer does ({problem})"),
        other => causes(&other),
    }
}

/// How the client shows its secret: as the standard has it, unless the provider takes it in the body alone.
fn auth_type(metadata: &CoreProviderMetadata) -> AuthType {
    let takes = metadata.token_endpoint_auth_methods_supported();
    let takes = |method| takes.is_some_and(|methods| methods.contains(&method));
    let in_body = takes(CoreClientAuthMethod::ClientSecretPost) && !takes(CoreClientAuthMethod::ClientSecretBasic);
    if in_body { AuthType::RequestBody } else { AuthType::BasicAuth }
}
