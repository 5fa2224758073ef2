//! What a browser, a cache or a header in between can be made to do.

use reqwest::Method;
use serde_json::json;
use uuid::Uuid;

use super::notice;
use crate::support::{
    Answer, TestServer,
    people::{PASSWORD, session_of},
};

#[tokio::test(flavor = "multi_thread")]
async fn open_redirect_the_sign_in_leads_to_no_other_site() {
    let (server, _) = TestServer::with_administrator().await;
    let after = async |next: &str| {
        let fields = [("name", "Root"), ("password", PASSWORD), ("next", next)];
        server.form("/sign-in", &fields).await.expect(303).header("location").to_owned()
    };
    assert_eq!(after("/workflows?state=paused").await, "/workflows?state=paused");
    for elsewhere in [
        "https://evil.example",
        "//evil.example",
        "///evil.example",
        "/\\evil.example",
        "\\\\evil.example",
        "/\t/evil.example",
        "/\n/evil.example",
        "javascript:alert(1)",
        "evil.example",
        "/x\r\nset-cookie: planted=1",
        "",
    ] {
        assert_eq!(after(elsewhere).await, "/", "{elsewhere:?}");
    }
    // Nor the way back from a wrong password, nor the way to the sign-in.
    let fields = [("name", "Root"), ("password", "wrong password"), ("next", "//evil.example")];
    assert_eq!(server.form("/sign-in", &fields).await.header("location"), "/sign-in?next=%2F&name=Root");
    let request = server.request(Method::GET, "/x?next=https://evil.example").header("accept", "text/html");
    let led = server.send(request).await.expect(303);
    assert_eq!(led.header("location"), "/sign-in?next=%2Fx%3Fnext%3Dhttps%3A%2F%2Fevil.example");
}

/// Every page, and every answer of any other kind.
#[tokio::test(flavor = "multi_thread")]
async fn clickjacking_nothing_is_shown_in_a_frame_of_another_site() {
    let (server, root) = TestServer::with_administrator().await;
    for (client, route) in everything(&server, &root) {
        let answer = client.send(client.request(Method::GET, &route).header("accept", "text/html")).await;
        let policy = answer.header("content-security-policy");
        assert!(policy.split("; ").any(|part| part == "frame-ancestors 'none'"), "{route}: {policy}");
    }
}

/// Every path that is read, by nobody and by an administrator.
fn everything<'c>(
    server: &'c TestServer,
    root: &'c crate::support::Client,
) -> impl Iterator<Item = (&'c crate::support::Client, String)> {
    let id = Uuid::nil().to_string();
    let routes = ::server::router::routes().into_iter().filter(|route| route.method == Method::GET);
    let paths = routes.map(move |route| route.path.replace("{id}", &id).replace(['{', '}'], ""));
    let more = ["/nowhere", "/api/v1/nowhere", "/sign-in"].map(str::to_owned);
    paths.chain(more).flat_map(move |path| [(&**server, path.clone()), (root, path)])
}

/// What is for one person is kept for nobody else; of data nothing is kept at all.
#[tokio::test(flavor = "multi_thread")]
async fn cache_nothing_of_a_session_is_kept_for_others() {
    let (server, root) = TestServer::with_administrator().await;
    for (client, route) in everything(&server, &root) {
        if ["/pkg/", "/favicon"].iter().any(|public| route.starts_with(public)) {
            continue;
        }
        let answer = client.send(client.request(Method::GET, &route).header("accept", "text/html")).await;
        let cache = answer.header("cache-control");
        match route.starts_with("/api/v1") {
            true => assert_eq!(cache, "no-store", "{route}"),
            false => assert_eq!(cache, "private, no-cache", "{route}"),
        }
    }
    // What is shown once: sessions, tokens, links, addresses.
    let shown_once: [Answer; 3] = [
        server.sign_in("Root", PASSWORD).await,
        root.post("/api/v1/tokens", json!({"name": "deploy", "role": "viewer"})).await.expect(201),
        root.post("/api/v1/users", json!({"name": "Ann"})).await.expect(201),
    ];
    for answer in shown_once {
        assert_eq!(answer.header("cache-control"), "no-store");
    }
}

/// Nobody is believed to be who a header says.
#[tokio::test(flavor = "multi_thread")]
async fn header_spoofing_says_nothing_of_who_asks() {
    let (server, root) = TestServer::with_administrator().await;
    for (name, value) in [
        ("x-remote-user", "Root"),
        ("x-forwarded-user", "Root"),
        ("remote-user", "Root"),
        ("x-auth-request-user", "Root"),
        ("x-forwarded-for", "127.0.0.1"),
        ("x-real-ip", "127.0.0.1"),
        ("forwarded", "for=127.0.0.1;proto=https"),
        ("x-original-url", "/healthz"),
        ("x-rewrite-url", "/healthz"),
        ("x-forwarded-prefix", "/healthz"),
        ("x-http-method-override", "GET"),
        ("x-millrace-refresh", "1"),
        ("sec-fetch-site", "same-origin"),
        ("authorization", "Bearer"),
        ("authorization", "Bearer "),
        ("authorization", "Bearer null"),
        ("cookie", "millrace-session="),
        ("cookie", "millrace-session=null; millrace-user=Root"),
    ] {
        for path in ["/api/v1/me", "/api/v1/users", "/metrics", "/workflows"] {
            server.send(server.request(Method::GET, path).header(name, value)).await.problem(401);
        }
    }
    // Another method is not taken for the one that was sent.
    let project = root.project("Customers").await;
    let request = root.request(Method::GET, &format!("/api/v1/projects/{project}"));
    root.send(request.header("x-http-method-override", "DELETE")).await.expect(200);
    root.get(&format!("/api/v1/projects/{project}")).await.expect(200);
}

/// Whoever guesses cannot say that they are somewhere else each time, nor that somebody else is guessing.
#[tokio::test(flavor = "multi_thread")]
async fn header_spoofing_says_nothing_of_where_one_is() {
    let (server, _) = TestServer::with_administrator().await;
    let mut told = String::new();
    for guess in 0..12 {
        let elsewhere = server.showing("x-forwarded-for", &format!("198.51.100.{guess}"));
        told = notice(&elsewhere.sign_in("Root", "a wrong password").await.expect(303));
    }
    assert!(told.starts_with("There were too many wrong passwords."), "{told}");
    let asked = server.showing("x-forwarded-host", "evil.example").showing("x-forwarded-proto", "https");
    let request = asked.request(Method::GET, "/workflows").header("accept", "text/html");
    assert_eq!(asked.send(request).await.expect(303).header("location"), "/sign-in?next=%2Fworkflows");
}

/// A session that is not sent by TLS is not told to be: the cookie's name would promise what is not so.
#[tokio::test(flavor = "multi_thread")]
async fn header_spoofing_makes_no_cookie_secure() {
    let (server, _) = TestServer::with_administrator().await;
    let asked = server.showing("x-forwarded-proto", "https");
    assert!(session_of(&asked.sign_in("Root", PASSWORD).await).is_some());
}
