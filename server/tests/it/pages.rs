//! What a browser loads.

use reqwest::Method;

use crate::support::TestServer;

#[tokio::test(flavor = "multi_thread")]
async fn a_page_runs_only_the_scripts_that_carry_its_nonce() {
    let server = TestServer::start().await;
    let mut nonces = Vec::new();
    for _ in 0..2 {
        let answer =
            server.send(server.request(Method::GET, "/workflows").header("accept", "text/html")).await.expect(200);
        let policy = answer.header("content-security-policy").to_owned();
        let nonce =
            policy.split("'nonce-").nth(1).and_then(|rest| rest.split('\'').next()).expect("a nonce").to_owned();
        let page = String::from_utf8(answer.body).unwrap();
        assert!(page.contains("<html"), "{page}");
        let scripts = page.matches("<script").count();
        assert_eq!(page.matches(&format!("nonce=\"{nonce}\"")).count(), scripts, "{page}");
        nonces.push(nonce);
    }
    assert_ne!(nonces[0], nonces[1]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_person_gets_a_page_for_an_unknown_address() {
    let server = TestServer::start().await;
    let answer = server.send(server.request(Method::GET, "/nowhere").header("accept", "text/html")).await.expect(404);
    assert!(answer.header("content-type").starts_with("text/html"));
}
