mod conforming;

use std::{collections::HashMap, net::Ipv4Addr, time::Duration};

use axum::http::StatusCode;
use expect_test::{Expect, expect};
use hmac::{Hmac, KeyInit as _, Mac as _};
use model::Role;
use openidconnect::{ClientId, ClientSecret, IssuerUrl, url::Url};
use serde_json::{Value, json};
use sha2::Sha256;

use super::*;
use crate::{
    clock::{Clock as _, ManualClock},
    config::RoleRule,
};
use conforming::{Conforming, Fails, content, signed};

struct Bench {
    provider: Provider,
    remote: Conforming,
    clock: Arc<ManualClock>,
}

impl Bench {
    async fn new() -> Self {
        Self::with(None).await
    }

    async fn with(groups: Option<RoleRule>) -> Self {
        let clock = ManualClock::new("2026-01-05T10:00:00Z".parse().unwrap());
        let remote = Conforming::start().await;
        let settings = ProviderSettings {
            issuer: IssuerUrl::new(remote.issuer.clone()).unwrap(),
            client_id: ClientId::new("millrace".to_owned()),
            client_secret: Some(ClientSecret::new("secret".to_owned())),
            name: "Example".to_owned(),
            scopes: Vec::new(),
            role: Some(Role::Viewer),
            groups,
        };
        let provider = Provider::new(settings, "http://127.0.0.1:3000", clock.clone());
        Self { provider, remote, clock }
    }

    /// Begins, and lets the provider answer with what `token` makes of the claims that would be right.
    async fn sign_in(&self, token: impl FnOnce(Value) -> String) -> Result<ProvidedUser, Error> {
        let begun = self.provider.begin("/", Ipv4Addr::LOCALHOST.into()).await?;
        let address: Url = begun.address.parse().unwrap();
        let sent: HashMap<String, String> = address.query_pairs().into_owned().collect();
        let now = self.clock.now().as_micros() / 1_000_000;
        self.remote.doing().id_token = token(json!({
            "iss": self.remote.issuer,
            "aud": "millrace",
            "sub": "248289761001",
            "iat": now,
            "exp": now + 60,
            "nonce": sent["nonce"],
            "preferred_username": "ann",
        }));
        let flow = self.provider.resume(&sent["state"], Some(&begun.browser)).expect("it has begun in this browser");
        self.provider.prove(flow, "a code".to_owned()).await
    }

    async fn sign_in_as(&self, changes: Value) -> Result<ProvidedUser, Error> {
        self.sign_in(|claims| signed(1, &changed(claims, &changes))).await
    }
}

fn changed(mut claims: Value, changes: &Value) -> Value {
    for (claim, value) in changes.as_object().unwrap() {
        claims[claim] = value.clone();
    }
    claims
}

fn check(outcome: Result<ProvidedUser, Error>, expected: Expect) {
    let words = match outcome {
        Ok(who) => format!("{} {} {:?}", who.name, who.subject, who.role),
        Err(error) => error.to_string(),
    };
    expected.assert_eq(&words);
}

#[tokio::test]
async fn a_browser_is_led_away_with_all_that_protects_the_way_back() {
    let bench = Bench::new().await;
    let begun = bench.provider.begin("/", Ipv4Addr::LOCALHOST.into()).await.unwrap();
    let address: Url = begun.address.parse().unwrap();
    let mut sent: Vec<String> = address.query_pairs().map(|(name, _)| name.into_owned()).collect();
    sent.sort();
    expect!["client_id code_challenge code_challenge_method nonce redirect_uri response_type scope state"]
        .assert_eq(&sent.join(" "));
    assert!(begun.address.contains("code_challenge_method=S256"), "{}", begun.address);
    assert!(begun.address.contains("redirect_uri=http%3A%2F%2F127.0.0.1%3A3000%2Fsign-in%2Fcallback"));
}

#[tokio::test]
async fn what_the_token_leaves_out_is_asked_for() {
    let bench = Bench::new().await;
    check(bench.sign_in_as(json!({})).await, expect!["ann 248289761001 AtFirst(Some(Viewer))"]);
    assert_eq!(bench.remote.asked("/user-info"), 0);

    let nameless = json!({"preferred_username": null});
    bench.remote.doing().user_info =
        json!({"sub": "248289761001", "email": "ann@example.com", "email_verified": "true"});
    check(bench.sign_in_as(nameless.clone()).await, expect!["ann@example.com 248289761001 AtFirst(Some(Viewer))"]);
    bench.remote.doing().user_info = json!({"sub": "someone else", "email": "bob@example.com"});
    check(
        bench.sign_in_as(nameless.clone()).await,
        expect!["What Example answered does not prove who you are. The server's log says why."],
    );
    bench.remote.doing().user_info = json!({"sub": "248289761001"});
    check(bench.sign_in_as(nameless).await, expect!["248289761001 248289761001 AtFirst(Some(Viewer))"]);
}

#[tokio::test]
async fn groups_decide_the_role_at_each_sign_in() {
    let roles = vec![("admins".to_owned(), Role::Administrator), ("data".to_owned(), Role::Editor)];
    let bench = Bench::with(Some(RoleRule { claim: "groups".to_owned(), roles })).await;
    let groups = json!({"groups": ["all", "data"]});
    check(bench.sign_in_as(groups).await, expect!["ann 248289761001 Always(Some(Editor))"]);
    bench.remote.doing().user_info = json!({"sub": "248289761001", "groups": ["admins", "data"]});
    check(bench.sign_in_as(json!({})).await, expect!["ann 248289761001 Always(Some(Administrator))"]);
    bench.remote.doing().user_info = json!({"sub": "248289761001"});
    check(bench.sign_in_as(json!({})).await, expect!["ann 248289761001 Always(Some(Viewer))"]);
}

#[tokio::test]
async fn a_token_that_is_not_for_this_sign_in_proves_nothing() {
    let bench = Bench::new().await;
    check(bench.sign_in_as(json!({})).await, expect!["ann 248289761001 AtFirst(Some(Viewer))"]);
    let now = bench.clock.now().as_micros() / 1_000_000;
    for wrong in [
        json!({"exp": now}),
        json!({"nonce": "of another sign-in"}),
        json!({"nonce": null}),
        json!({"aud": "another client"}),
        json!({"aud": ["millrace", "another client"]}),
        json!({"iss": "https://evil.example"}),
        // Of another access token than the one beside it.
        json!({"at_hash": "77QmUPtjPfzWtF2AnpK9RQ"}),
    ] {
        let refused = bench.sign_in_as(wrong.clone()).await;
        assert!(matches!(refused, Err(Error::Forbidden { .. })), "{wrong}: {refused:?}");
    }
}

#[tokio::test]
async fn a_token_that_the_provider_did_not_sign_proves_nothing() {
    let bench = Bench::new().await;
    let by_another_key = bench.sign_in(|claims| signed(2, &claims)).await;
    let by_nobody = bench.sign_in(|claims| format!("{}.", content(&json!({"alg": "none"}), &claims))).await;
    let altered = bench
        .sign_in(|claims| {
            let token = signed(1, &claims);
            let (_, signature) = token.rsplit_once('.').unwrap();
            let other = content(&json!({"alg": "EdDSA", "kid": "key 1"}), &changed(claims, &json!({"sub": "admin"})));
            format!("{other}.{signature}")
        })
        .await;
    // By whoever knows what the settings of the client say, which is not the provider alone.
    let by_the_client = bench
        .sign_in(|claims| {
            let content = content(&json!({"alg": "HS256"}), &claims);
            let mut mac = Hmac::<Sha256>::new_from_slice(b"secret").unwrap();
            mac.update(content.as_bytes());
            let signature =
                base64::Engine::encode(&base64::prelude::BASE64_URL_SAFE_NO_PAD, mac.finalize().into_bytes());
            format!("{content}.{signature}")
        })
        .await;
    for refused in [by_another_key, by_nobody, altered, by_the_client] {
        assert!(matches!(refused, Err(Error::Forbidden { .. })), "{refused:?}");
    }
}

#[tokio::test]
async fn what_the_provider_says_of_itself_is_kept_for_an_hour_and_new_keys_are_found_at_once() {
    let bench = Bench::new().await;
    let signed_in_with = async |seed| bench.sign_in(|claims| signed(seed, &claims)).await.is_ok();
    assert!(signed_in_with(1).await && signed_in_with(1).await);
    assert_eq!(bench.remote.asked("/keys"), 1);
    bench.remote.doing().keys = vec![2];
    assert!(signed_in_with(2).await);
    assert_eq!(bench.remote.asked("/keys"), 2);
    assert!(!signed_in_with(1).await, "the old key was withdrawn");
    assert_eq!(bench.remote.asked("/keys"), 3);
    bench.clock.advance(Duration::from_secs(3600));
    assert!(signed_in_with(2).await);
    assert_eq!(bench.remote.asked("/keys"), 4);
}

#[tokio::test]
async fn a_provider_that_fails_is_named_and_asked_again_soon() {
    let bench = Bench::new().await;
    bench.remote.doing().fails = Some(Fails::Status(StatusCode::BAD_GATEWAY));
    let failed = bench.sign_in_as(json!({})).await.unwrap_err().to_string().replace(&bench.remote.issuer, "ISSUER");
    expect!["Example cannot be reached: it answered 502 Bad Gateway. Try again later."].assert_eq(&failed);
    bench.remote.doing().fails = None;
    assert!(bench.sign_in_as(json!({})).await.is_err(), "everyone who comes at once is told the same");
    assert_eq!(bench.remote.doing().asked.len(), 1);
    bench.clock.advance(discovery::FAILURE_KEPT);
    check(bench.sign_in_as(json!({})).await, expect!["ann 248289761001 AtFirst(Some(Viewer))"]);
}

#[tokio::test]
async fn an_answer_that_is_none_is_not_followed_and_not_swallowed() {
    for (fails, expected) in [
        (Fails::LeadsElsewhere, expect!["Example cannot be reached: it answered 302 Found. Try again later."]),
        (
            Fails::NeverEnds,
            expect!["Example cannot be reached: the answer is larger than 1048576 bytes. Try again later."],
        ),
    ] {
        let bench = Bench::new().await;
        bench.remote.doing().fails = Some(fails);
        let failed = bench.sign_in_as(json!({})).await.unwrap_err().to_string().replace(&bench.remote.issuer, "ISSUER");
        expected.assert_eq(&failed);
        assert_eq!(bench.remote.doing().asked.len(), 1);
    }
    let bench = Bench::new().await;
    bench.remote.doing().configuration = json!({"issuer": "https://evil.example"});
    let failed = bench.sign_in_as(json!({})).await.unwrap_err().to_string().replace(&bench.remote.issuer, "ISSUER");
    expect!["Example cannot be reached: it does not call itself as oidc_issuer does (unexpected issuer URI `https://evil.example` (expected `ISSUER`)). Try again later."].assert_eq(&failed);
}

#[tokio::test]
async fn of_what_a_provider_says_little_is_shown() {
    let bench = Bench::new().await;
    let shown = |code: &str| bench.provider.refused(code, Some("<b>words</b>")).to_string();
    expect!["Example did not let you in, or you did not let it tell who you are."].assert_eq(&shown("access_denied"));
    expect!["Example did not sign you in (temporarily_unavailable). Try again."]
        .assert_eq(&shown("temporarily_unavailable"));
    expect!["Example did not sign you in (scriptalertscript). Try again."]
        .assert_eq(&shown("<script>alert(1)</script>"));
    expect!["Example did not sign you in, and did not say why."].assert_eq(&shown("!"));
    assert!(shown(&"x".repeat(10_000)).len() < 100);
}
