use std::{collections::VecDeque, net::IpAddr, sync::Mutex};

use async_trait::async_trait;

use super::*;
use crate::{
    clock::SystemClock,
    outbox::{
        address::{Lookup, is_private},
        testing::{PAGES, Receiver, Trouble},
        tests::letter_to,
    },
};

fn webhooks(private_allowed: bool) -> Webhooks {
    Webhooks::new(Arc::new(SystemClock), Some("secret".to_owned()), private_allowed)
}

async fn sent(webhooks: &Webhooks, recipient: &str) -> Result<(), SendError> {
    webhooks.send(&letter_to(recipient), PAGES).await
}

#[tokio::test]
async fn a_call_is_signed_and_says_what_happened() {
    let receiver = Receiver::anywhere().await;
    assert_eq!(sent(&webhooks(true), &receiver.url("/")).await, Ok(()));
    let calls = receiver.calls();
    let call = &calls[0];
    let at = call.header("webhook-timestamp").parse().expect("seconds");
    assert_eq!(call.header("webhook-signature"), signature("secret", call.header("webhook-id"), at, &call.body));
    let payload = call.payload();
    assert_eq!(payload["type"], "workflow.failure");
    assert_eq!(
        payload["text"],
        "“Nightly” failed in Import: https://millrace.example.com/executions/00000000-0000-0000-0000-000000000000"
    );
    assert_eq!(payload["data"]["reason"], "no such file");
}

/// Against openssl.
#[test]
fn the_signature_is_that_of_the_standard() {
    let payload = r#"{"event_type":"ping","data":{"success":true}}"#;
    let ours = signature("secret", "msg_loFOjxBNrRLzqYUf", 1_731_705_121, payload);
    // printf '%s' 'msg_loFOjxBNrRLzqYUf.1731705121.{…}' | openssl dgst -sha256 -hmac secret -binary | base64
    assert_eq!(ours, "v1,DCqnORwSVKUMtF+BzzaYsNyRMcVO50893gbdihQHwv4=");
}

#[tokio::test]
async fn what_was_refused_is_tried_again() {
    let receiver = Receiver::anywhere().await;
    receiver.troubled_by(Some(Trouble::Refuses));
    let broken = sent(&webhooks(true), &receiver.url("/")).await.unwrap_err();
    assert_eq!(broken, SendError::NotSent("The answer was 500 Internal Server Error. no disk".to_owned()));
    let nobody = sent(&webhooks(true), "http://127.0.0.1:1/").await.unwrap_err();
    assert!(matches!(nobody, SendError::NotSent(_)), "{nobody}");
}

#[tokio::test]
async fn of_an_answer_without_end_only_the_beginning_is_read() {
    let receiver = Receiver::anywhere().await;
    let refused = sent(&webhooks(true), &receiver.url("/endless")).await.unwrap_err();
    assert!(
        refused.to_string().starts_with("The answer was 500 Internal Server Error. no disk, no disk, "),
        "{refused}"
    );
    assert!(refused.to_string().chars().count() < 300, "{refused}");
}

#[tokio::test]
async fn a_connection_that_breaks_after_the_call_leaves_the_outcome_unknown() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = listener.local_addr().expect("it has one");
    std::thread::spawn(move || {
        let (mut socket, _) = listener.accept().expect("a connection");
        // All of it is read, nothing is said.
        let mut read = Vec::new();
        while !String::from_utf8_lossy(&read).contains("no such file") {
            let mut part = [0; 1024];
            let count = std::io::Read::read(&mut socket, &mut part).expect("it is sent");
            read.extend_from_slice(&part[..count]);
        }
    });
    let outcome = sent(&webhooks(true), &format!("http://{address}/")).await.unwrap_err();
    assert!(matches!(outcome, SendError::Unknown(_)), "{outcome}");
}

fn is_refused(outcome: Result<(), SendError>) -> bool {
    matches!(&outcome, Err(SendError::NotSent(text)) if text.contains("private network"))
}

#[tokio::test]
async fn ssrf_in_webhooks_private_addresses_are_refused_however_they_are_written() {
    let receiver = Receiver::anywhere().await;
    let port = receiver.address.port();
    for recipient in [
        receiver.url("/"),
        format!("http://localhost:{port}/"),
        format!("http://127.1:{port}/"),
        format!("http://2130706433:{port}/"),
        format!("http://0x7f000001:{port}/"),
        format!("http://0177.0.0.1:{port}/"),
        format!("http://0.0.0.0:{port}/"),
        format!("http://0:{port}/"),
        format!("http://127.0.0.1.:{port}/"),
        format!("http://[::1]:{port}/"),
        format!("http://[::]:{port}/"),
        format!("http://[::ffff:127.0.0.1]:{port}/"),
        format!("http://[::ffff:7f00:1]:{port}/"),
        format!("http://[::127.0.0.1]:{port}/"),
        format!("http://[64:ff9b::127.0.0.1]:{port}/"),
        format!("http://hooks.example.com@127.0.0.1:{port}/"),
        format!("http://hooks.example.com:80@127.0.0.1:{port}/"),
        format!("http:\\\\127.0.0.1:{port}/"),
        "http://169.254.169.254/latest/meta-data".to_owned(),
        "http://[fd00:ec2::254]/latest/meta-data".to_owned(),
        "http://10.0.0.1/".to_owned(),
        "http://[fe80::1]/".to_owned(),
    ] {
        assert!(is_refused(sent(&webhooks(false), &recipient).await), "{recipient}");
    }
    assert!(receiver.calls().is_empty());
    assert_eq!(sent(&webhooks(true), &receiver.url("/")).await, Ok(()), "allowed by a setting");
}

/// Gives each set of addresses once.
#[derive(Default)]
struct Changing(Mutex<VecDeque<Vec<IpAddr>>>);

#[async_trait]
impl Lookup for Changing {
    async fn addresses(&self, _: &str) -> std::io::Result<Vec<IpAddr>> {
        self.0.lock().unwrap().pop_front().ok_or_else(|| std::io::Error::other("asked too often"))
    }
}

/// A name server that answers so, one set after the other; of this machine's addresses one stands for a public one, and
/// the others for a private network.
fn guarded(answers: &[&[&str]]) -> Webhooks {
    let answers = answers.iter().map(|set| set.iter().map(|ip| ip.parse().expect("an address")).collect());
    let refuses = |ip: IpAddr| is_private(ip) && ip != IpAddr::from([127, 0, 0, 1]);
    let guard = Guard {
        lookup: Arc::new(Changing(Mutex::new(answers.collect()))),
        refuses,
        what: ("webhooks", "webhook_private"),
    };
    Webhooks::guarded(Arc::new(SystemClock), None, guard)
}

/// A receiver on the public address, and one at the same port of the private network.
async fn public_and_private() -> (Receiver, Receiver) {
    let public = Receiver::anywhere().await;
    let private = Receiver::start(([127, 0, 0, 2], public.address.port()).into()).await;
    (public, private)
}

#[tokio::test]
async fn ssrf_in_webhooks_a_redirect_leads_nowhere() {
    let (public, private) = public_and_private().await;
    for path in ["/moved", "/moved-away"] {
        let outcome = sent(&guarded(&[]), &public.url(path)).await.unwrap_err();
        assert!(matches!(outcome, SendError::NotSent(_)), "{outcome}");
    }
    assert!(public.calls().is_empty() && private.calls().is_empty());
}

#[tokio::test]
async fn ssrf_in_webhooks_a_name_that_leads_to_a_private_network_is_refused() {
    let (public, private) = public_and_private().await;
    let url = format!("http://hooks.example.com:{}/", public.address.port());
    for addresses in [&["127.0.0.2"][..], &["10.0.0.1", "169.254.169.254", "::1", "::ffff:127.0.0.2"], &[]] {
        assert!(is_refused(sent(&guarded(&[addresses]), &url).await), "{addresses:?}");
    }
    // Of a name with both, only the public one is called.
    assert_eq!(sent(&guarded(&[&["127.0.0.2", "127.0.0.1"]]), &url).await, Ok(()));
    assert_eq!((public.calls().len(), private.calls().len()), (1, 0));
}

/// DNS rebinding: the name leads to a public address when it is looked at, and to a private one a moment later.
#[tokio::test]
async fn ssrf_in_webhooks_the_address_connected_to_is_the_one_that_was_looked_at() {
    let (public, private) = public_and_private().await;
    let url = format!("http://rebind.example.com:{}/", public.address.port());
    let webhooks = guarded(&[&["127.0.0.1"], &["127.0.0.2"], &["127.0.0.1"]]);
    // It is resolved once, and the connection goes there.
    assert_eq!(sent(&webhooks, &url).await, Ok(()));
    assert!(is_refused(sent(&webhooks, &url).await), "it is looked at again for the next call");
    assert_eq!(sent(&webhooks, &url).await, Ok(()));
    assert_eq!((public.calls().len(), private.calls().len()), (2, 0));
}
