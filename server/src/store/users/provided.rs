//! People whom the identity provider sends. They are known by issuer and subject and by nothing else: whoever has the
//! name of someone here, or their address, is still somebody else.

use futures::FutureExt;
use model::{Access, Error, Role, limits, people::User};
use sqlx::SqliteConnection;

use super::{
    BY_NAME, BY_SUBJECT, NewUser, SET_ACCESS, Store, StoreResult, StoredUser, administrators, create, find, read,
};
use crate::store::{
    row::{Bytes, to_json},
    writer::Tx,
};

/// Someone as the provider names them.
#[derive(Clone, Debug)]
pub struct ProvidedUser {
    pub issuer: String,
    pub subject: String,
    /// What they are called here when they come for the first time; numbered when someone has that name.
    pub name: String,
    pub role: ProvidedRole,
    /// What people call the provider.
    pub provider: String,
}

/// The role everywhere. Those in single projects are the administrators' alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ProvidedRole {
    /// For someone new; from then on administrators decide.
    AtFirst(Option<Role>),
    /// At each sign-in.
    Always(Option<Role>),
}

impl Store {
    /// The person of this issuer and subject, made when they come for the first time.
    ///
    /// # Errors
    /// `Conflict` when the last administrator would lose the role; `TooMany`.
    pub async fn user_from_provider(&self, provided: ProvidedUser) -> StoreResult<User> {
        self.write(move |tx| come_in(tx, provided).boxed()).await
    }
}

async fn come_in(tx: &mut Tx, provided: ProvidedUser) -> StoreResult<User> {
    let Some(known) = by_subject(&mut tx.connection, &provided).await? else { return come_first(tx, provided).await };
    match provided.role {
        ProvidedRole::Always(role) if role != known.user.access.everywhere && !known.user.disabled => {
            set_role(tx, known.user, role).await
        }
        ProvidedRole::Always(_) | ProvidedRole::AtFirst(_) => Ok(known.user),
    }
}

async fn by_subject(connection: &mut SqliteConnection, who: &ProvidedUser) -> StoreResult<Option<StoredUser>> {
    let row = sqlx::query(BY_SUBJECT).bind(&who.issuer).bind(&who.subject).fetch_optional(connection).await?;
    row.as_ref().map(read).transpose()
}

async fn come_first(tx: &mut Tx, provided: ProvidedUser) -> StoreResult<User> {
    let name = free_name(tx, &provided.name).await?;
    let (ProvidedRole::AtFirst(role) | ProvidedRole::Always(role)) = provided.role;
    let access = role.map(Access::everywhere).unwrap_or_default();
    let new = NewUser {
        name,
        access,
        password: None,
        provider: Some((provided.issuer, provided.subject)),
        created_by: provided.provider,
    };
    create(tx, new).await
}

async fn free_name(tx: &mut Tx, name: &str) -> StoreResult<String> {
    let mut free = name.to_owned();
    for number in 2..=limits::USERS_MAX + 1 {
        if sqlx::query(BY_NAME).bind(&free).fetch_optional(&mut tx.connection).await?.is_none() {
            return Ok(free);
        }
        free = numbered(name, number);
    }
    Err(Error::invalid("name", "someone else has this name, whatever the number behind it").into())
}

/// `Ann (2)`, within the limit of names.
fn numbered(name: &str, number: i64) -> String {
    let suffix = format!(" ({number})");
    let begin: String = name.chars().take(limits::NAME_CHARS_MAX - suffix.len()).collect();
    format!("{}{suffix}", begin.trim_end())
}

async fn set_role(tx: &mut Tx, user: User, role: Option<Role>) -> StoreResult<User> {
    let was_administrator = user.access.everywhere == Some(Role::Administrator);
    let access = Access { everywhere: role, ..user.access };
    sqlx::query(SET_ACCESS).bind(to_json(&access)).bind(user.id.bytes()).execute(&mut tx.connection).await?;
    tx.effects.access = true;
    if was_administrator && administrators(tx).await? == 0 {
        return Err(Error::conflict(
            "You are the last administrator here, and the identity provider no longer makes you one. Someone else has to \
             become administrator first.",
        )
        .into());
    }
    Ok(find(&mut tx.connection, user.id).await?.user)
}

#[cfg(test)]
mod tests {
    use model::{ProjectId, people::UserDraft};
    use uuid::Uuid;

    use super::*;
    use crate::testing::Bench;

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
        let store = Bench::new().await.store;
        let local = store.create_first_user("Ann".to_owned(), "hash".to_owned()).await.unwrap();
        let first = store.user_from_provider(someone("1", "ann", NEW)).await.unwrap();
        assert_ne!(first.id, local.id);
        assert_eq!((first.name.as_str(), first.created_by.as_str()), ("ann (2)", "Example"));
        assert_eq!((first.access, first.has_password, first.has_provider), (Access::default(), false, true));
        let again = store.user_from_provider(someone("1", "renamed", NEW)).await.unwrap();
        assert_eq!((again.id, again.name.as_str()), (first.id, "ann (2)"));
        let third = store.user_from_provider(someone("2", "ANN", NEW)).await.unwrap();
        assert_eq!(third.name, "ANN (3)");
        let elsewhere = ProvidedUser { issuer: "https://other.example".to_owned(), ..someone("1", "ann", NEW) };
        assert_ne!(store.user_from_provider(elsewhere).await.unwrap().id, first.id);
    }

    #[tokio::test]
    async fn a_name_with_its_number_is_no_longer_than_names_may_be() {
        let store = Bench::new().await.store;
        let long = "x".repeat(limits::NAME_CHARS_MAX);
        store.user_from_provider(someone("1", &long, NEW)).await.unwrap();
        let second = store.user_from_provider(someone("2", &long, NEW)).await.unwrap();
        assert_eq!(second.name, format!("{} (2)", "x".repeat(limits::NAME_CHARS_MAX - 4)));
    }

    #[tokio::test]
    async fn a_role_that_is_given_at_first_is_the_administrators_from_then_on() {
        let store = Bench::new().await.store;
        let viewer = ProvidedRole::AtFirst(Some(Role::Viewer));
        let user = store.user_from_provider(someone("1", "ann", viewer)).await.unwrap();
        assert_eq!(user.access, Access::everywhere(Role::Viewer));
        store.create_first_user("root".to_owned(), "hash".to_owned()).await.unwrap();
        let changed = draft(&user, |draft| draft.access = Access::everywhere(Role::Editor));
        store.replace_user(user.id, changed).await.unwrap();
        let again = store.user_from_provider(someone("1", "ann", viewer)).await.unwrap();
        assert_eq!(again.access, Access::everywhere(Role::Editor));
    }

    #[tokio::test]
    async fn a_role_by_group_follows_the_provider_and_leaves_those_in_projects() {
        let store = Bench::new().await.store;
        store.create_first_user("root".to_owned(), "hash".to_owned()).await.unwrap();
        let sign_in =
            async |role| store.user_from_provider(someone("1", "ann", ProvidedRole::Always(role))).await.unwrap();
        let user = sign_in(Some(Role::Viewer)).await;
        let project = ProjectId::from_uuid(Uuid::from_u128(1));
        let changed = draft(&user, |draft| _ = draft.access.projects.insert(project, Role::Editor));
        store.replace_user(user.id, changed).await.unwrap();
        let raised = sign_in(Some(Role::Operator)).await;
        assert_eq!(
            (raised.access.everywhere, raised.access.role_in(project)),
            (Some(Role::Operator), Some(Role::Editor))
        );
        assert_eq!(sign_in(None).await.access, Access::in_project(project, Role::Editor));
    }

    #[tokio::test]
    async fn the_last_administrator_stays_one() {
        let store = Bench::new().await.store;
        let with = |role| someone("1", "ann", ProvidedRole::Always(Some(role)));
        store.user_from_provider(with(Role::Administrator)).await.unwrap();
        let refused = store.user_from_provider(with(Role::Viewer)).await.unwrap_err();
        assert!(refused.to_string().contains("the last administrator here"), "{refused}");
        let user = store.user_from_provider(with(Role::Administrator)).await.unwrap();
        assert_eq!(user.access, Access::everywhere(Role::Administrator));
        let other = someone("2", "bob", ProvidedRole::Always(Some(Role::Administrator)));
        store.user_from_provider(other).await.unwrap();
        assert_eq!(
            store.user_from_provider(with(Role::Viewer)).await.unwrap().access,
            Access::everywhere(Role::Viewer)
        );
    }

    #[tokio::test]
    async fn people_of_the_provider_do_not_stand_in_the_first_administrators_way() {
        let store = Bench::new().await.store;
        store.user_from_provider(someone("1", "ann", ProvidedRole::AtFirst(Some(Role::Viewer)))).await.unwrap();
        assert!(store.has_no_administrator().await.unwrap());
        store.create_first_user("root".to_owned(), "hash".to_owned()).await.unwrap();
        assert!(!store.has_no_administrator().await.unwrap());
        assert!(store.create_first_user("second".to_owned(), "hash".to_owned()).await.is_err());
    }
}
