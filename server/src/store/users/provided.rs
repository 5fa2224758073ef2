//! People whom the identity provider sends. They are known by issuer and subject and by nothing else: whoever has the
//! name of someone here, or their address, is still somebody else.

use std::net::IpAddr;

use futures::FutureExt;
use model::{
    Access, Author, Error, Role,
    activity::{ActivityKind, AuthorIdentity},
    limits,
    people::User,
};
use sqlx::SqliteConnection;

use super::{
    BY_NAME, BY_SUBJECT, Maker, NewUser, SET_ACCESS, Store, StoreResult, StoredUser, administrators, create, document,
    find, read,
};
use crate::store::{
    activity::{Entry, changes::Changes},
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
    pub async fn user_from_provider(&self, provided: ProvidedUser, address: Option<IpAddr>) -> StoreResult<User> {
        self.write(move |tx| come_in(tx, provided, address).boxed()).await
    }
}

async fn come_in(tx: &mut Tx, provided: ProvidedUser, address: Option<IpAddr>) -> StoreResult<User> {
    let by = Author { name: provided.provider.clone(), identity: AuthorIdentity::Provider, address };
    let Some(known) = by_subject(&mut tx.connection, &provided).await? else {
        return come_first(tx, provided, by).await;
    };
    match provided.role {
        ProvidedRole::Always(role) if role != known.user.access.everywhere && !known.user.disabled => {
            set_role(tx, known.user, role, by).await
        }
        ProvidedRole::Always(_) | ProvidedRole::AtFirst(_) => Ok(known.user),
    }
}

async fn by_subject(connection: &mut SqliteConnection, who: &ProvidedUser) -> StoreResult<Option<StoredUser>> {
    let row = sqlx::query(BY_SUBJECT).bind(&who.issuer).bind(&who.subject).fetch_optional(connection).await?;
    row.as_ref().map(read).transpose()
}

async fn come_first(tx: &mut Tx, provided: ProvidedUser, by: Author) -> StoreResult<User> {
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
    create(tx, new, Maker::Someone(by)).await
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

async fn set_role(tx: &mut Tx, user: User, role: Option<Role>, by: Author) -> StoreResult<User> {
    let was_administrator = user.access.everywhere == Some(Role::Administrator);
    let before = document::of(tx, &user).await?;
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
    let after = find(&mut tx.connection, user.id).await?.user;
    let changes = Changes::between(&before, &document::of(tx, &after).await?);
    let edited = ActivityKind::Edited { version: None };
    tx.record(Entry::user(after.id, &after.name, edited).by(by).changing(changes));
    Ok(after)
}

#[cfg(test)]
mod tests;
