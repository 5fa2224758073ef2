//! A small provider that conforms to the standard, until a test makes it do what a real one never would. The sign-in of a
//! person at a real provider is tested in `end2end/tests/provider.spec.ts`.

use std::{
    net::Ipv4Addr,
    sync::{Arc, Mutex, MutexGuard},
};

use axum::{
    Json, Router,
    extract::{Request, State},
    http::StatusCode,
    middleware::{Next, from_fn_with_state},
    response::{IntoResponse, Response},
    routing::{get, post},
};
use base64::{
    Engine as _,
    prelude::{BASE64_STANDARD, BASE64_URL_SAFE_NO_PAD},
};
use openidconnect::{
    JsonWebKeyId, PrivateSigningKey as _,
    core::{CoreEdDsaPrivateSigningKey, CoreJsonWebKeySet, CoreJwsSigningAlgorithm},
};
use serde_json::{Value, json};
use tokio::net::TcpListener;

#[derive(Clone)]
pub(super) struct Conforming {
    pub(super) issuer: String,
    state: Arc<Mutex<Doing>>,
}

/// What it does when it is asked.
pub(super) struct Doing {
    /// The seeds of the keys that it publishes.
    pub(super) keys: Vec<u8>,
    /// Fields that take the place of those of its configuration.
    pub(super) configuration: Value,
    pub(super) id_token: String,
    pub(super) user_info: Value,
    /// What it answers to everything, in place of an answer.
    pub(super) fails: Option<Fails>,
    /// The paths that were asked for.
    pub(super) asked: Vec<String>,
}

#[derive(Clone, Copy)]
pub(super) enum Fails {
    Status(StatusCode),
    LeadsElsewhere,
    NeverEnds,
}

impl Conforming {
    pub(super) async fn start() -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let issuer = format!("http://{}", listener.local_addr().unwrap());
        let doing = Doing {
            keys: vec![1],
            configuration: json!({}),
            id_token: String::new(),
            user_info: json!({}),
            fails: None,
            asked: Vec::new(),
        };
        let provider = Self { issuer, state: Arc::new(Mutex::new(doing)) };
        let app = Router::new()
            .route("/.well-known/openid-configuration", get(configuration))
            .route("/keys", get(keys))
            .route("/token", post(token))
            .route("/user-info", get(user_info))
            .layer(from_fn_with_state(provider.clone(), scripted))
            .with_state(provider.clone());
        tokio::spawn(async { axum::serve(listener, app).await });
        provider
    }

    pub(super) fn doing(&self) -> MutexGuard<'_, Doing> {
        self.state.lock().unwrap()
    }

    pub(super) fn asked(&self, path: &str) -> usize {
        self.doing().asked.iter().filter(|asked| *asked == path).count()
    }
}

/// An Ed25519 key that its seed makes, the same in every run.
fn key(seed: u8) -> CoreEdDsaPrivateSigningKey {
    // PKCS #8 (RFC 8410): everything before the 32 bytes of the key is always the same.
    let mut der = vec![0x30, 0x2e, 2, 1, 0, 0x30, 5, 6, 3, 0x2b, 0x65, 0x70, 4, 0x22, 4, 0x20];
    der.extend([seed; 32]);
    let pem = format!("-----BEGIN PRIVATE KEY-----\n{}\n-----END PRIVATE KEY-----\n", BASE64_STANDARD.encode(der));
    CoreEdDsaPrivateSigningKey::from_ed25519_pem(&pem, Some(JsonWebKeyId::new(format!("key {seed}")))).unwrap()
}

/// An ID token that is signed with the key of a seed.
pub(super) fn signed(seed: u8, claims: &Value) -> String {
    let content = content(&json!({"alg": "EdDSA", "kid": format!("key {seed}"), "typ": "JWT"}), claims);
    let signature = key(seed).sign(&CoreJwsSigningAlgorithm::EdDsa, content.as_bytes()).unwrap();
    format!("{content}.{}", BASE64_URL_SAFE_NO_PAD.encode(signature))
}

/// Header and claims as they are signed.
pub(super) fn content(header: &Value, claims: &Value) -> String {
    let encoded = |part: &Value| BASE64_URL_SAFE_NO_PAD.encode(part.to_string());
    format!("{}.{}", encoded(header), encoded(claims))
}

async fn scripted(State(provider): State<Conforming>, request: Request, next: Next) -> Response {
    let path = request.uri().path().to_owned();
    let fails = {
        let mut doing = provider.doing();
        doing.asked.push(path);
        doing.fails
    };
    match fails {
        None => next.run(request).await,
        Some(Fails::Status(status)) => status.into_response(),
        Some(Fails::LeadsElsewhere) => (StatusCode::FOUND, [("location", "/user-info")]).into_response(),
        Some(Fails::NeverEnds) => vec![b' '; 2 << 20].into_response(),
    }
}

async fn configuration(State(provider): State<Conforming>) -> Json<Value> {
    let issuer = &provider.issuer;
    let mut configuration = json!({
        "issuer": issuer,
        "authorization_endpoint": format!("{issuer}/authorize"),
        "token_endpoint": format!("{issuer}/token"),
        "userinfo_endpoint": format!("{issuer}/user-info"),
        "jwks_uri": format!("{issuer}/keys"),
        "response_types_supported": ["code"],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["EdDSA", "HS256", "none"],
    });
    for (field, value) in provider.doing().configuration.as_object().unwrap() {
        configuration[field] = value.clone();
    }
    Json(configuration)
}

async fn keys(State(provider): State<Conforming>) -> Json<CoreJsonWebKeySet> {
    let seeds = provider.doing().keys.clone();
    Json(CoreJsonWebKeySet::new(seeds.into_iter().map(|seed| key(seed).as_verification_key()).collect()))
}

async fn token(State(provider): State<Conforming>) -> Json<Value> {
    let id_token = provider.doing().id_token.clone();
    Json(json!({"access_token": "an access token", "token_type": "Bearer", "id_token": id_token}))
}

async fn user_info(State(provider): State<Conforming>) -> Json<Value> {
    Json(provider.doing().user_info.clone())
}
