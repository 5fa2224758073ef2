//! One-time links; that they end is shown on a clock that can be moved (`gate/tests/links.rs`).

use model::people::Invitation;
use serde_json::json;

use super::notice;
use crate::support::{
    Client, TestServer,
    people::{PASSWORD, everywhere, session_of},
};
use ::server::config::Auth;

const GONE: &str = "There is no such link, or it was used already. It may have been deleted.";

async fn follow(client: &Client, link: &str, name: &str) -> crate::support::Answer {
    client.form(link, &[("name", name), ("password", "a password of mine")]).await.expect(303)
}

#[tokio::test(flavor = "multi_thread")]
async fn one_time_link_is_good_once() {
    let (server, root) = TestServer::with_administrator().await;
    let draft = json!({"name": "Ann", "access": everywhere("viewer")});
    let invitation: Invitation = root.post("/api/v1/users", draft).await.expect(201).read();
    server.signed_in(follow(&server, &invitation.link, "").await);
    let again = follow(&server, &invitation.link, "").await;
    assert_eq!((session_of(&again), notice(&again).as_str()), (None, GONE));
    // A new one takes the place of the last, also of one that nobody used.
    let invite = async || {
        let answer = root.post(&format!("/api/v1/users/{}/invitation", invitation.user.id), json!({})).await;
        answer.expect(200).read::<Invitation>().link
    };
    let (old, new) = (invite().await, invite().await);
    assert_eq!(notice(&follow(&server, &old, "").await), GONE);
    server.signed_in(follow(&server, &new, "").await);
    // A guess is nobody's.
    assert_eq!(notice(&follow(&server, "/welcome/AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", "Mallory").await), GONE);
}

#[tokio::test(flavor = "multi_thread")]
async fn one_time_link_two_who_race_with_it_do_not_both_get_in() {
    let (server, root) = TestServer::with_administrator().await;
    for round in 0..5 {
        let draft = json!({"name": format!("Ann {round}"), "access": everywhere("viewer")});
        let invitation: Invitation = root.post("/api/v1/users", draft).await.expect(201).read();
        let race = futures::future::join_all((0..4).map(|_| follow(&server, &invitation.link, ""))).await;
        assert_eq!(race.iter().filter(|answer| session_of(answer).is_some()).count(), 1);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn one_time_link_two_who_race_to_be_the_first_administrator_do_not_both_become_it() {
    let server = TestServer::with(|config| config.auth = Auth::SignIn).await;
    let link = server.setup_path();
    let names: Vec<String> = (0..4).map(|number| format!("First {number}")).collect();
    let race = futures::future::join_all(names.iter().map(|name| follow(&server, &link, name))).await;
    let mut inside: Vec<String> = race.iter().filter_map(session_of).collect();
    assert_eq!(inside.len(), 1, "{race:?}");
    let root = server.with_session(&inside.remove(0));
    let people = root.get("/api/v1/users").await.expect(200).json();
    assert_eq!(people["items"].as_array().unwrap().len(), 1);
    // From now on the link of the first start is worth nothing, to nobody.
    let late = follow(&server, &link, "Mallory").await;
    assert_eq!((session_of(&late), notice(&late).as_str()), (None, GONE));
}

/// A link sets the password of whom it invites, whatever name is sent along.
#[tokio::test(flavor = "multi_thread")]
async fn one_time_link_is_for_nobody_else() {
    let (server, root) = TestServer::with_administrator().await;
    let draft = json!({"name": "Ann", "access": everywhere("viewer")});
    let invitation: Invitation = root.post("/api/v1/users", draft).await.expect(201).read();
    let inside = server.signed_in(follow(&server, &invitation.link, "Root").await);
    assert_eq!(inside.get("/api/v1/me").await.expect(200).json()["name"], "Ann");
    server.signed_in(server.sign_in("Root", PASSWORD).await);
}
