//! Guessing passwords and names.

use std::net::{IpAddr, Ipv4Addr};

use super::notice;
use crate::support::{
    Client, TestServer,
    people::{PASSWORD, everywhere, session_of},
};

/// A client at another address of this machine.
fn at(server: &TestServer, host: u8) -> Client {
    let address = IpAddr::V4(Ipv4Addr::new(127, 0, 0, host));
    Client::of(server.base.clone(), reqwest::Client::builder().local_address(address))
}

#[tokio::test(flavor = "multi_thread")]
async fn password_guessing_slows_the_guesser_and_locks_nobody_out() {
    let (server, root) = TestServer::with_administrator().await;
    root.person(&server, "Ann", everywhere("viewer")).await;
    let guesser = at(&server, 2);
    let mut told = Vec::new();
    for guess in 0..15 {
        told.push(notice(&guesser.sign_in("Ann", &format!("guess number {guess}")).await.expect(303)));
    }
    assert!(told[..10].iter().all(|words| words == "The name or the password is not right."), "{told:?}");
    assert!(told[10..].iter().all(|words| words.starts_with("There were too many wrong passwords.")), "{told:?}");
    // Now the right one is not even looked at.
    assert_eq!(session_of(&guesser.sign_in("Ann", PASSWORD).await), None);
    // Ann herself is somewhere else, and so is everybody.
    server.signed_in(server.sign_in("Ann", PASSWORD).await);
    server.signed_in(at(&server, 3).sign_in("Root", PASSWORD).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn password_guessing_all_at_once_tries_no_more_than_one_after_the_other() {
    let (server, _) = TestServer::with_administrator().await;
    let guesser = at(&server, 2);
    let guesses = (0..40).map(|guess| {
        let guesser = guesser.clone();
        async move { notice(&guesser.sign_in("Root", &format!("guess number {guess}")).await.expect(303)) }
    });
    let told = futures::future::join_all(guesses).await;
    let looked_at = told.iter().filter(|words| *words == "The name or the password is not right.").count();
    assert_eq!(looked_at, 10, "{told:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn password_guessing_an_account_of_ones_own_washes_nothing_away() {
    let (server, root) = TestServer::with_administrator().await;
    root.person(&server, "Mallory", everywhere("viewer")).await;
    let guesser = at(&server, 2);
    let mut tried = 0;
    for guess in 0..30 {
        let words = notice(&guesser.sign_in("Root", &format!("guess number {guess}")).await.expect(303));
        tried += u32::from(!words.starts_with("There were too many"));
        guesser.sign_in("Mallory", PASSWORD).await.expect(303);
    }
    assert_eq!(tried, 10);
}

/// Everything that an answer says, but for the name that was typed.
async fn answer_to(server: &TestServer, name: &str, password: &str) -> String {
    let answer = server.sign_in(name, password).await.expect(303);
    let location = answer.header("location").replace(&name.replace(' ', "+"), "NAME");
    let mut headers: Vec<String> = answer.headers.keys().map(ToString::to_string).collect();
    headers.sort();
    format!("{location} {} {headers:?} {}", notice(&answer), answer.text())
}

/// That the work is the same, too, is shown where it is done (`gate/tests/guesses.rs`).
#[tokio::test(flavor = "multi_thread")]
async fn user_enumeration_an_unknown_name_is_answered_like_a_wrong_password() {
    let (server, root) = TestServer::with_administrator().await;
    let disabled = root.person(&server, "Gone Away", everywhere("viewer")).await;
    root.change_person(&disabled, everywhere("viewer"), true).await.expect(200);
    root.post("/api/v1/users", serde_json::json!({"name": "Not Yet"})).await.expect(201);
    let wrong = answer_to(&server, "Root", "a wrong password").await;
    assert!(wrong.starts_with("/sign-in?next=%2F&name=NAME "), "{wrong}");
    for (name, password) in
        [("Nobody", PASSWORD), ("Gone Away", PASSWORD), ("Not Yet", PASSWORD), ("root", "a wrong password")]
    {
        assert_eq!(answer_to(&server, name, password).await, wrong, "{name}");
    }
}

/// Neither does a link, a token or an address that starts a workflow tell what there is.
#[tokio::test(flavor = "multi_thread")]
async fn user_enumeration_a_secret_that_is_wrong_says_nothing_of_what_it_was_for() {
    let (server, root) = TestServer::with_administrator().await;
    let project = root.project_of("Customers", crate::support::customers(40)).await;
    let with = root.workflow("With an address", project).await;
    let without = root.workflow("Without one", project).await;
    root.post(&format!("/api/v1/workflows/{with}/trigger-url"), serde_json::json!({})).await.expect(201);
    let unknown = uuid::Uuid::from_u128(7);
    let mut told = Vec::new();
    for id in [with.to_string(), without.to_string(), unknown.to_string(), "nonsense".to_owned()] {
        told.push(server.post(&format!("/trigger/{id}/not-the-secret"), serde_json::json!({})).await.problem(404));
    }
    told.dedup();
    assert_eq!(told.len(), 1, "{told:?}");
}
