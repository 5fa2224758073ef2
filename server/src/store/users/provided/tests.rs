use model::{ProjectId, activity::ActivityFilter, people::UserDraft};
use uuid::Uuid;

use super::*;
use crate::testing::{Bench, by};

fn someone(subject: &str, name: &str, role: ProvidedRole) -> ProvidedUser {
    ProvidedUser {
        issuer: "https://login.example.com".to_owned(),
        subject: subject.to_owned(),
        name: name.to_owned(),
        role,
        provider: "Example".to_owned(),
    }
}

const NEW: ProvidedRole = ProvidedRole::AtFirst(None);

fn draft(user: &User, change: impl FnOnce(&mut UserDraft)) -> UserDraft {
    let mut draft = UserDraft { name: user.name.clone(), access: user.access.clone(), disabled: user.disabled };
    change(&mut draft);
    draft
}

#[tokio::test]
async fn a_person_is_known_by_subject_and_by_nothing_else() {
    // The bench holds the directory that the store lives in.
    let bench = Bench::new().await;
    let store = &bench.store;
    let local = store.create_first_user("Ann".to_owned(), "hash".to_owned(), None).await.unwrap();
    let first = store.user_from_provider(someone("1", "ann", NEW), None).await.unwrap();
    assert_ne!(first.id, local.id);
    assert_eq!((first.name.as_str(), first.created_by.as_str()), ("ann (2)", "Example"));
    assert_eq!((first.access, first.has_password, first.has_provider), (Access::default(), false, true));
    let again = store.user_from_provider(someone("1", "renamed", NEW), None).await.unwrap();
    assert_eq!((again.id, again.name.as_str()), (first.id, "ann (2)"));
    let third = store.user_from_provider(someone("2", "ANN", NEW), None).await.unwrap();
    assert_eq!(third.name, "ANN (3)");
    let elsewhere = ProvidedUser { issuer: "https://other.example".to_owned(), ..someone("1", "ann", NEW) };
    assert_ne!(store.user_from_provider(elsewhere, None).await.unwrap().id, first.id);
}

#[tokio::test]
async fn a_name_with_its_number_is_no_longer_than_names_may_be() {
    let bench = Bench::new().await;
    let store = &bench.store;
    let long = "x".repeat(limits::NAME_CHARS_MAX);
    store.user_from_provider(someone("1", &long, NEW), None).await.unwrap();
    let second = store.user_from_provider(someone("2", &long, NEW), None).await.unwrap();
    assert_eq!(second.name, format!("{} (2)", "x".repeat(limits::NAME_CHARS_MAX - 4)));
}

#[tokio::test]
async fn a_role_that_is_given_at_first_is_the_administrators_from_then_on() {
    let bench = Bench::new().await;
    let store = &bench.store;
    let viewer = ProvidedRole::AtFirst(Some(Role::Viewer));
    let user = store.user_from_provider(someone("1", "ann", viewer), None).await.unwrap();
    assert_eq!(user.access, Access::everywhere(Role::Viewer));
    store.create_first_user("root".to_owned(), "hash".to_owned(), None).await.unwrap();
    let changed = draft(&user, |draft| draft.access = Access::everywhere(Role::Editor));
    store.replace_user(user.id, changed, by("root")).await.unwrap();
    let again = store.user_from_provider(someone("1", "ann", viewer), None).await.unwrap();
    assert_eq!(again.access, Access::everywhere(Role::Editor));
}

#[tokio::test]
async fn a_role_by_group_follows_the_provider_and_leaves_those_in_projects() {
    let bench = Bench::new().await;
    let store = &bench.store;
    store.create_first_user("root".to_owned(), "hash".to_owned(), None).await.unwrap();
    let sign_in =
        async |role| store.user_from_provider(someone("1", "ann", ProvidedRole::Always(role)), None).await.unwrap();
    let user = sign_in(Some(Role::Viewer)).await;
    let project = ProjectId::from_uuid(Uuid::from_u128(1));
    let changed = draft(&user, |draft| _ = draft.access.projects.insert(project, Role::Editor));
    store.replace_user(user.id, changed, by("root")).await.unwrap();
    let raised = sign_in(Some(Role::Operator)).await;
    assert_eq!((raised.access.everywhere, raised.access.role_in(project)), (Some(Role::Operator), Some(Role::Editor)));
    assert_eq!(sign_in(None).await.access, Access::in_project(project, Role::Editor));
    let filter = ActivityFilter { actor: Some("Example".to_owned()), ..ActivityFilter::default() };
    let told = store.activity(&filter, &model::Scope::All).await.unwrap().data.items;
    let [lowered, _, made] = &told[..] else { panic!("{told:?}") };
    assert_eq!((&made.what, made.identity), (&ActivityKind::Created, Some(AuthorIdentity::Provider)));
    let change = &lowered.changes[0];
    assert_eq!((change.field.as_str(), change.before.as_str()), ("role", Some("operator")));
}

#[tokio::test]
async fn the_last_administrator_stays_one() {
    let bench = Bench::new().await;
    let store = &bench.store;
    let with = |role| someone("1", "ann", ProvidedRole::Always(Some(role)));
    store.user_from_provider(with(Role::Administrator), None).await.unwrap();
    let refused = store.user_from_provider(with(Role::Viewer), None).await.unwrap_err();
    assert!(refused.to_string().contains("the last administrator here"), "{refused}");
    let user = store.user_from_provider(with(Role::Administrator), None).await.unwrap();
    assert_eq!(user.access, Access::everywhere(Role::Administrator));
    let other = someone("2", "bob", ProvidedRole::Always(Some(Role::Administrator)));
    store.user_from_provider(other, None).await.unwrap();
    assert_eq!(
        store.user_from_provider(with(Role::Viewer), None).await.unwrap().access,
        Access::everywhere(Role::Viewer)
    );
}

#[tokio::test]
async fn people_of_the_provider_do_not_stand_in_the_first_administrators_way() {
    let bench = Bench::new().await;
    let store = &bench.store;
    store.user_from_provider(someone("1", "ann", ProvidedRole::AtFirst(Some(Role::Viewer))), None).await.unwrap();
    assert!(store.has_no_administrator().await.unwrap());
    store.create_first_user("root".to_owned(), "hash".to_owned(), None).await.unwrap();
    assert!(!store.has_no_administrator().await.unwrap());
    assert!(store.create_first_user("second".to_owned(), "hash".to_owned(), None).await.is_err());
}
