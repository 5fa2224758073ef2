//! What another site makes a browser send that is signed in here.

use model::WorkflowId;
use reqwest::Method;
use serde_json::json;
use tokio_tungstenite::tungstenite;

use crate::support::{
    Client, Feed, TestServer,
    people::{PASSWORD, session_of},
};

/// How browsers tell that a request is another site's.
const FOREIGN: [(&str, &str); 5] = [
    ("origin", "https://evil.example"),
    ("origin", "null"),
    ("origin", "http://localhost:1"),
    ("sec-fetch-site", "cross-site"),
    ("sec-fetch-site", "same-site"),
];

/// A path of the list with something in its placeholders.
fn filled(path: &str, workflow: WorkflowId) -> String {
    path.replace("{id}", &workflow.to_string())
        .replace("{name}", "x")
        .replace("{step}", "import")
        .replace("{secret}", "x")
}

/// Every path of the router that takes anything but GET.
#[tokio::test(flavor = "multi_thread")]
async fn csrf_a_foreign_form_does_nothing_with_the_session_of_whoever_sends_it() {
    let (server, root) = TestServer::with_administrator().await;
    let project = root.project("Customers").await;
    let workflow = model::WorkflowId::from_uuid(uuid::Uuid::nil());
    let writing = ::server::router::routes().into_iter().filter(|route| route.method != Method::GET);
    let mut tried = 0;
    for route in writing {
        for (name, value) in FOREIGN {
            for kind in ["application/x-www-form-urlencoded", "text/plain", "multipart/form-data; boundary=x"] {
                let request = root.request(route.method.clone(), &filled(&route.path, workflow));
                let request = request.header(name, value).header("content-type", kind).header("accept", "text/html");
                let answer = root.send(request.body("name=Stolen&on=true")).await;
                assert_eq!(session_of(&answer), None, "{route}");
                answer.problem(403);
                tried += 1;
            }
        }
    }
    assert!(tried > 500, "{tried}");
    let projects = root.get("/api/v1/projects").await.expect(200).json();
    assert_eq!(projects["items"].as_array().unwrap().len(), 1);
    assert_eq!(root.get("/api/v1/maintenance").await.expect(200).json()["on"], false);
    root.get(&format!("/api/v1/projects/{project}")).await.expect(200);
    drop(server);
}

/// The victim would work on as the attacker.
#[tokio::test(flavor = "multi_thread")]
async fn csrf_a_foreign_form_signs_nobody_in() {
    let (server, _) = TestServer::with_administrator().await;
    let body = format!("name=Root&password={}", PASSWORD.replace(' ', "+"));
    for (name, value) in FOREIGN {
        let request = server.request(Method::POST, "/sign-in").header(name, value);
        let request = request.header("content-type", "application/x-www-form-urlencoded").body(body.clone());
        let answer = server.send(request).await;
        assert_eq!(session_of(&answer), None);
        answer.problem(403);
    }
    server.signed_in(server.sign_in("Root", PASSWORD).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn csrf_a_foreign_form_signs_nobody_out() {
    let (_server, root) = TestServer::with_administrator().await;
    for (name, value) in FOREIGN {
        root.send(root.request(Method::POST, "/sign-out").header(name, value)).await.problem(403);
    }
    root.get("/api/v1/me").await.expect(200);
    // Nor does a picture or a link.
    root.get("/sign-out").await.problem(405);
}

/// The second defence: a browser does not send the cookie with what another site posts, and no page can read it.
#[tokio::test(flavor = "multi_thread")]
async fn csrf_the_cookie_stays_at_home() {
    let (server, _) = TestServer::with_administrator().await;
    let answer = server.sign_in("Root", PASSWORD).await.expect(303);
    let cookies = answer.headers.get_all("set-cookie").iter().map(|cookie| cookie.to_str().unwrap());
    let session = cookies.into_iter().find(|cookie| cookie.starts_with("millrace-session=")).expect("a session");
    for attribute in ["Path=/", "HttpOnly", "SameSite=Lax"] {
        assert!(session.split("; ").any(|part| part == attribute), "{session}");
    }
    assert!(!session.contains("Domain"), "{session}");
}

async fn upgrade(client: &Client, name: &'static str, value: &str) -> Result<Feed, tungstenite::Error> {
    Feed::try_open(&client.showing(name, value), json!({"watch": ["workflows"], "after": 0})).await
}

#[tokio::test(flavor = "multi_thread")]
async fn cross_site_websocket_hijacking_is_refused_with_a_session_and_with_a_token() {
    let (server, root) = TestServer::with_administrator().await;
    let (_, program) = root.token(&server, json!({"name": "deploy", "role": "administrator"})).await;
    for client in [&root, &program] {
        for (name, value) in FOREIGN {
            match upgrade(client, name, value).await {
                Err(tungstenite::Error::Http(answer)) => assert_eq!(answer.status(), 403, "{value}"),
                Err(error) => panic!("{error}"),
                Ok(_) => panic!("{value} may follow the feed"),
            }
        }
        // One of our own pages may.
        let own = server.base.clone();
        upgrade(client, "origin", &own).await.expect("an upgrade").live().await;
    }
}
