//! One-time links.

use model::limits;

use super::*;
use crate::store::NewUser;

impl Hall {
    /// Someone new, and the link with which they choose a password.
    async fn invited(&self, name: &str) -> (UserId, Secret) {
        let new = NewUser {
            name: name.to_owned(),
            access: Access::everywhere(Role::Viewer),
            password: None,
            provider: None,
            created_by: "Root".to_owned(),
        };
        let id = self.bench.store.create_user(new, by("Root")).await.unwrap().id;
        (id, self.invite(id).await)
    }

    async fn invite(&self, id: UserId) -> Secret {
        let link = Secret::new();
        let ends_at = self.bench.now().plus(Duration::from_secs(limits::INVITATION_LASTS_S));
        self.bench.store.invite(id, link.hash(), ends_at, by("Root")).await.unwrap();
        link
    }

    async fn accept(&self, link: &Secret) -> Result<Secret, SignInError> {
        self.gate.accept(link, "", PASSWORD, place(HOME)).await
    }
}

#[track_caller]
fn check_gone(accepted: &Result<Secret, SignInError>) {
    let Err(SignInError::Refused(refusal)) = accepted else { panic!("{accepted:?}") };
    assert_eq!(refusal.to_string(), "There is no such link, or it was used already. It may have been deleted.");
}

#[tokio::test]
async fn a_link_is_good_once() {
    let hall = Hall::new().await;
    let (_, link) = hall.invited("Ann").await;
    assert!(hall.is_known(&hall.accept(&link).await.unwrap()).await);
    check_gone(&hall.accept(&link).await);
}

#[tokio::test]
async fn of_two_who_follow_a_link_at_the_same_time_one_gets_in() {
    let hall = Hall::new().await;
    let (_, link) = hall.invited("Ann").await;
    let (one, other) = tokio::join!(hall.accept(&link), hall.accept(&link));
    let (inside, outside) = if one.is_ok() { (one, other) } else { (other, one) };
    assert!(hall.is_known(&inside.unwrap()).await);
    check_gone(&outside);
}

#[tokio::test]
async fn of_two_first_administrators_there_is_one() {
    let bench = Bench::new().await;
    let times = SessionTimes { idle: minutes(30), lasts: minutes(60) };
    let gate = Gate::open(bench.store.clone(), bench.clock.clone(), Auth::SignIn, times).await.unwrap();
    let setup = gate.setup.clone().unwrap();
    let accept = |name| gate.accept(&setup, name, PASSWORD, place(HOME));
    let (one, other) = tokio::join!(accept("Ann"), accept("Mallory"));
    assert!(one.is_ok() != other.is_ok(), "{one:?} {other:?}");
    assert_eq!(bench.store.users().await.unwrap().len(), 1);
    check_gone(&accept("Bob").await);
}

#[tokio::test]
async fn a_link_ends_is_replaced_and_is_nothing_to_someone_disabled() {
    let hall = Hall::new().await;
    let (ann, old) = hall.invited("Ann").await;
    let link = hall.invite(ann).await;
    check_gone(&hall.accept(&old).await);
    hall.bench.clock.advance(Duration::from_secs(limits::INVITATION_LASTS_S));
    check_gone(&hall.accept(&link).await);

    let link = hall.invite(ann).await;
    let draft = UserDraft { name: "Ann".to_owned(), access: Access::default(), disabled: true };
    hall.bench.store.replace_user(ann, draft, by("Root")).await.unwrap();
    check_gone(&hall.accept(&link).await);
}

/// A password that is too short uses up no link.
#[tokio::test]
async fn a_link_survives_a_mistake() {
    let hall = Hall::new().await;
    let (_, link) = hall.invited("Ann").await;
    let refused = hall.gate.accept(&link, "", "short", place(HOME)).await;
    assert!(matches!(refused, Err(SignInError::Refused(Error::Invalid { .. }))), "{refused:?}");
    assert!(hall.accept(&link).await.is_ok());
}
