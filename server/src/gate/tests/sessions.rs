//! How long sessions and tokens last.

use model::{TokenId, people::TokenDraft};

use super::*;
use crate::{clock::Clock as _, store::StoredTokenDraft};

#[tokio::test]
async fn a_session_that_is_not_used_ends() {
    let hall = Hall::new().await;
    let session = hall.sign_in().await;
    assert!(hall.is_known(&session).await);
    hall.bench.clock.advance(minutes(29));
    assert!(hall.is_known(&session).await);
    hall.bench.clock.advance(minutes(29));
    assert!(hall.is_known(&session).await, "it was used half an hour ago at the most");
    hall.bench.clock.advance(minutes(30));
    assert!(!hall.is_known(&session).await);
}

#[tokio::test]
async fn a_session_that_is_used_all_the_time_ends_as_well() {
    let hall = Hall::new().await;
    let session = hall.sign_in().await;
    for _ in 0..8 * 6 - 1 {
        hall.bench.clock.advance(minutes(10));
        assert!(hall.is_known(&session).await);
    }
    hall.bench.clock.advance(minutes(10));
    assert!(!hall.is_known(&session).await);
}

/// However short the time is, whoever goes on is not signed out in between.
#[tokio::test]
async fn a_short_idle_time_is_kept_as_exactly_as_a_long_one() {
    let hall = Hall::with(SessionTimes { idle: minutes(1), lasts: minutes(60) }).await;
    let session = hall.sign_in().await;
    for _ in 0..20 {
        hall.bench.clock.advance(Duration::from_secs(20));
        assert!(hall.is_known(&session).await);
    }
    hall.bench.clock.advance(minutes(1));
    assert!(!hall.is_known(&session).await);
}

/// An open page is fetched again and again by itself, and its live feed asks, too.
#[tokio::test]
async fn a_page_that_is_only_kept_up_to_date_keeps_nobody_signed_in() {
    let hall = Hall::new().await;
    let session = hall.sign_in().await;
    for _ in 0..2 {
        hall.bench.clock.advance(minutes(10));
        assert!(hall.known(&session, Look::Glance).await.is_some());
    }
    hall.bench.clock.advance(minutes(10));
    assert!(hall.known(&session, Look::Glance).await.is_none());
}

#[tokio::test]
async fn whoever_signs_out_is_gone_and_so_is_whoever_is_disabled_or_deleted() {
    let hall = Hall::new().await;
    let session = hall.sign_in().await;
    hall.gate.sign_out(Gate::place(&cookie(&session), HOME)).await.unwrap();
    assert!(!hall.is_known(&session).await);

    let session = hall.sign_in().await;
    hall.change_root(true).await;
    assert!(!hall.is_known(&session).await);
    assert!(hall.gate.sign_in("Root", PASSWORD, place(HOME)).await.is_err());

    hall.bench.store.delete_user(hall.root, by("Other")).await.unwrap();
    assert!(!hall.is_known(&session).await);
}

#[tokio::test]
async fn a_changed_password_signs_out_everywhere_else() {
    let hall = Hall::new().await;
    let (here, elsewhere) = (hall.sign_in().await, hall.sign_in().await);
    let place = Gate::place(&cookie(&here), HOME);
    let new = hall.gate.change_password(hall.root, PASSWORD, "another long password", place).await.unwrap();
    assert!(!hall.is_known(&here).await, "its secret changes");
    assert!(!hall.is_known(&elsewhere).await);
    assert!(hall.is_known(&new).await);
}

#[tokio::test]
async fn of_many_sign_ins_the_oldest_end_and_those_who_follow_are_told() {
    let hall = Hall::new().await;
    let first = hall.sign_in().await;
    let changed = hall.gate.access_changed();
    for _ in 0..model::limits::SESSIONS_PER_USER_MAX {
        hall.bench.clock.advance(Duration::from_secs(1));
        hall.gate.open_session(hall.root, place(HOME)).await.unwrap();
    }
    assert!(!hall.is_known(&first).await);
    assert!(changed.has_changed().unwrap());
}

#[tokio::test]
async fn a_token_ends_when_it_was_said_to() {
    let hall = Hall::new().await;
    let secret = Secret::new();
    let draft = TokenDraft { name: "deploy".to_owned(), role: Role::Viewer, project_id: None, days: Some(1) };
    let id = TokenId::from_uuid(hall.bench.clock.new_uuid());
    let new = StoredTokenDraft { id, hash: secret.hash(), draft, owner: Some(hall.root), created_at: hall.bench.now() };
    hall.bench.store.create_token(new, by("Root")).await.unwrap();
    let bearer = HeaderValue::try_from(format!("Bearer {secret}")).unwrap();
    let shown = HeaderMap::from_iter([(header::AUTHORIZATION, bearer)]);
    let known = async || hall.gate.identify(&shown, Door::Api, HOME, Look::Use).await.unwrap();
    assert_eq!(known().await.expect("it is good").access, Access::everywhere(Role::Viewer));
    hall.bench.clock.advance(minutes(24 * 60 - 1));
    assert!(known().await.is_some());
    hall.bench.clock.advance(minutes(1));
    assert!(known().await.is_none());
}
