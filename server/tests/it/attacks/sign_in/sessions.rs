//! Secrets of sessions that someone else knows or chose.

use serde_json::json;

use crate::support::{
    TestServer,
    people::{PASSWORD, everywhere, session_of},
};

#[tokio::test(flavor = "multi_thread")]
async fn session_fixation_a_planted_cookie_is_never_adopted() {
    let (server, _) = TestServer::with_administrator().await;
    let planted = "cGxhbnRlZCBieSBzb21lYm9keSBlbHNlIGluIGFkdmFuY2U";
    let browser = server.with_session(planted);
    let answer = browser.sign_in("Root", PASSWORD).await.expect(303);
    let given = session_of(&answer).expect("a session");
    assert_ne!(given, planted);
    browser.get("/api/v1/me").await.problem(401);
    server.with_session(&given).get("/api/v1/me").await.expect(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn session_fixation_the_secret_changes_with_every_sign_in() {
    let (server, root) = TestServer::with_administrator().await;
    // The attacker has signed in here before, or has planted a session of their own.
    let mallory = root.person(&server, "Mallory", everywhere("viewer")).await.client;
    let answer = mallory.sign_in("Root", PASSWORD).await;
    let root_again = server.signed_in(answer);
    assert_eq!(root_again.get("/api/v1/me").await.expect(200).json()["name"], "Root");
    mallory.get("/api/v1/me").await.problem(401);
    // A further sign-in in the same browser ends the session before.
    let newest = server.signed_in(root_again.sign_in("Root", PASSWORD).await);
    root_again.get("/api/v1/me").await.problem(401);
    newest.get("/api/v1/me").await.expect(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn session_fixation_the_secret_changes_with_the_password() {
    let (server, root) = TestServer::with_administrator().await;
    let elsewhere = server.signed_in(server.sign_in("Root", PASSWORD).await);
    let fields = [("current", PASSWORD), ("password", "another long password")];
    let here = server.signed_in(root.form("/account/password", &fields).await);
    for stale in [&root, &elsewhere] {
        stale.get("/api/v1/me").await.problem(401);
    }
    here.get("/api/v1/me").await.expect(200);
    assert_eq!(session_of(&server.sign_in("Root", PASSWORD).await), None, "the old password is none any more");
}

#[tokio::test(flavor = "multi_thread")]
async fn session_theft_whoever_signs_out_leaves_nothing_behind() {
    let (server, root) = TestServer::with_administrator().await;
    let answer = root.form("/sign-out", &[]).await.expect(303);
    assert_eq!(answer.header("clear-site-data"), "\"cache\"");
    let cookies = answer.headers.get_all("set-cookie").iter().map(|cookie| cookie.to_str().unwrap());
    assert!(cookies.into_iter().any(|cookie| cookie.starts_with("millrace-session=; Path=/; Max-Age=0")));
    // Whoever has copied the cookie has nothing.
    root.get("/api/v1/me").await.problem(401);
    root.post("/api/v1/projects", json!({"name": "Stolen"})).await.problem(401);
    drop(server);
}
