//! Who asks, as the server's handlers are told: over real connections, with and without a proxy that is trusted.

use std::net::SocketAddr;

use ::server::{
    peer::{self, Peer, TrustedProxies},
    serve::{Listening, Patience, Places, serve},
};
use axum::{Extension, Router, middleware::from_fn_with_state, routing::get};
use reqwest::Method;
use tokio::net::TcpListener;
use tokio_util::sync::{CancellationToken, DropGuard};

use crate::support::{Client, TestServer};

/// A server that answers with who asks; it ends with the guard.
async fn echo(trusted: &[&str]) -> (Client, DropGuard) {
    let trusted: TrustedProxies = trusted.iter().map(|network| network.parse().unwrap()).collect();
    let answer = async |Extension(peer): Extension<Peer>| format!("{} {}", peer.address, peer.secure);
    let app = Router::new().route("/", get(answer)).layer(from_fn_with_state(trusted, peer::tell));
    let listener = TcpListener::bind(SocketAddr::from(([127, 0, 0, 1], 0))).await.unwrap();
    let client = Client::new(format!("http://{}", listener.local_addr().unwrap()));
    let (places, patience) = (Places::new(10, 10, Vec::new()), Patience::default());
    let stop = CancellationToken::new();
    tokio::spawn(serve(Listening { listener, tls: None, places, patience }, app, stop.clone()));
    (client, stop.drop_guard())
}

async fn asks(client: &Client) -> String {
    let request = client.request(Method::GET, "/").header("x-forwarded-for", "192.0.2.66, 198.51.100.7");
    let answer = client.send(request.header("x-forwarded-proto", "https")).await.expect(200);
    String::from_utf8(answer.body).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn header_spoofing_of_an_untrusted_peer_changes_nothing() {
    for trusted in [&[][..], &["10.0.0.0/8", "198.51.100.0/24"]] {
        let (client, _server) = echo(trusted).await;
        assert_eq!(asks(&client).await, "127.0.0.1 false");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_trusted_proxy_is_believed() {
    let (client, _server) = echo(&["127.0.0.0/8"]).await;
    assert_eq!(asks(&client).await, "198.51.100.7 true");
}

/// What a proxy is asked for must be the server's own name, and so is what it asks for itself.
#[tokio::test(flavor = "multi_thread")]
async fn a_proxy_that_is_trusted_or_not_forwards_names() {
    let page = "https://millrace.example.com";
    for (trusted, forwarded, origin, status) in [
        (true, "millrace.example.com", page, 201),
        (true, "millrace.example.com", "https://evil.example", 403),
        (true, "evil.example", "https://evil.example", 403),
        (false, "millrace.example.com", page, 403),
    ] {
        let server = TestServer::with(|config| {
            config.hosts = vec!["millrace.example.com".to_owned()];
            config.trusted_proxies = if trusted { vec!["127.0.0.1/32".parse().unwrap()] } else { Vec::new() };
        })
        .await;
        let request = server.request(Method::POST, "/api/v1/projects").json(&serde_json::json!({"name": "Customers"}));
        let request = request.header("x-forwarded-host", forwarded).header("x-forwarded-proto", "https");
        let answer = server.send(request.header("origin", origin)).await;
        assert_eq!(answer.status.as_u16(), status, "{trusted} {forwarded} {origin}: {answer:?}");
    }
}
