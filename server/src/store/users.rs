//! People who may sign in, and the links with which they choose a password.

pub(super) mod document;
mod provided;

use std::net::IpAddr;

use futures::FutureExt;
use model::{
    Access, Author, Error, Role, Timestamp, UserId,
    activity::ActivityKind,
    limits,
    people::{User, UserDraft},
};
use sqlx::{SqliteConnection, sqlite::SqliteRow};

pub use provided::{ProvidedRole, ProvidedUser};

use super::{
    Store, StoreResult,
    activity::{Entry, changes::Changes},
    row::{Bytes, Columns, to_json},
    statements::statements,
    writer::Tx,
};

macro_rules! select_users {
    ($rest:literal) => {
        concat!(
            "SELECT u.id, u.name, u.password, u.subject, u.access, u.created_at, u.created_by, u.disabled_at, ",
            "(SELECT max(s.used_at) FROM sessions s WHERE s.user_id = u.id) AS seen_at FROM users u ",
            $rest
        )
    };
}

statements! {
    ALL = select_users!("ORDER BY u.name COLLATE NOCASE");
    BY_ID = select_users!("WHERE u.id = ?");
    BY_NAME = select_users!("WHERE u.name = ? COLLATE NOCASE");
    BY_SUBJECT = select_users!("WHERE u.issuer = ? AND u.subject = ?");
    INVITED = select_users!("WHERE u.id = (SELECT user_id FROM invitations WHERE hash = ? AND ends_at > ?)");
    COUNT = "SELECT count(*) FROM users";
    NAME_TAKEN = "SELECT count(*) FROM users WHERE name = ? COLLATE NOCASE AND id <> ?";
    INSERT = "INSERT INTO users (id, name, password, issuer, subject, access, created_at, created_by)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?)";
    REPLACE = "UPDATE users SET name = ?, access = ?, disabled_at = CASE WHEN ? THEN coalesce(disabled_at, ?) END WHERE id = ?";
    SET_ACCESS = "UPDATE users SET access = ? WHERE id = ?";
    SET_PASSWORD = "UPDATE users SET password = ? WHERE id = ?";
    DELETE = "DELETE FROM users WHERE id = ?";
    // Someone must be left who can let others in.
    ADMINISTRATORS = "SELECT count(*) FROM users
        WHERE disabled_at IS NULL AND json_extract(access, '$.everywhere') = 'administrator'";
    INVITE = "INSERT INTO invitations (user_id, hash, ends_at) VALUES (?, ?, ?)
        ON CONFLICT (user_id) DO UPDATE SET hash = excluded.hash, ends_at = excluded.ends_at";
    TAKE_BACK_INVITATION = "DELETE FROM invitations WHERE user_id = ?";
}

/// What there is none of when a one-time link invites nobody any more.
pub const LINK: &str = "link, or it was used already";

/// The SHA-256 of a secret.
pub type SecretHash = [u8; 32];

/// A person with what decides whether they are let in.
#[derive(Clone, Debug)]
pub struct StoredUser {
    pub user: User,
    /// Argon2id as a PHC string.
    pub password: Option<String>,
}

/// A person who is not there yet.
#[derive(Clone, Debug)]
pub struct NewUser {
    pub name: String,
    pub access: Access,
    /// As a PHC string.
    pub password: Option<String>,
    /// Issuer and subject.
    pub provider: Option<(String, String)>,
    pub created_by: String,
}

impl Store {
    /// Whether nobody is there yet who can let others in. People of the identity provider may be there already.
    pub async fn has_no_administrator(&self) -> StoreResult<bool> {
        let mut snapshot = self.read().await?;
        let administrators: i64 = sqlx::query_scalar(ADMINISTRATORS).fetch_one(&mut *snapshot).await?;
        Ok(administrators == 0)
    }

    /// Everyone, by name.
    pub async fn users(&self) -> StoreResult<Vec<User>> {
        let mut snapshot = self.read().await?;
        let rows = sqlx::query(ALL).fetch_all(&mut *snapshot).await?;
        rows.iter().map(|row| Ok(read(row)?.user)).collect()
    }

    /// # Errors
    /// `NotFound`.
    pub async fn user(&self, id: UserId) -> StoreResult<StoredUser> {
        let mut snapshot = self.read().await?;
        find(&mut snapshot, id).await
    }

    /// By name, whatever its case.
    pub async fn user_by_name(&self, name: &str) -> StoreResult<Option<StoredUser>> {
        let mut snapshot = self.read().await?;
        sqlx::query(BY_NAME).bind(name).fetch_optional(&mut *snapshot).await?.as_ref().map(read).transpose()
    }

    /// Whom a link that has not ended invites.
    pub async fn invited(&self, hash: SecretHash, now: Timestamp) -> StoreResult<Option<StoredUser>> {
        let mut snapshot = self.read().await?;
        let row = sqlx::query(INVITED).bind(&hash[..]).bind(now.as_micros()).fetch_optional(&mut *snapshot).await?;
        row.as_ref().map(read).transpose()
    }

    /// # Errors
    /// `Invalid` at `name` when someone has it, whatever its case; `TooMany`.
    pub async fn create_user(&self, new: NewUser, by: Author) -> StoreResult<User> {
        self.write(move |tx| create(tx, new, Maker::Someone(by)).boxed()).await
    }

    /// The first administrator, who may do everything.
    ///
    /// # Errors
    /// `Conflict` when there is one already: two who open the link at the same time do not both become administrators.
    pub async fn create_first_user(
        &self,
        name: String,
        password: String,
        address: Option<IpAddr>,
    ) -> StoreResult<User> {
        let access = Access::everywhere(Role::Administrator);
        let created_by = name.clone();
        let new = NewUser { name, access, password: Some(password), provider: None, created_by };
        self.write(move |tx| create_first(tx, new, address).boxed()).await
    }

    /// # Errors
    /// `NotFound`; `Invalid` at `name`; `Conflict` when no administrator would be left.
    pub async fn replace_user(&self, id: UserId, draft: UserDraft, by: Author) -> StoreResult<User> {
        self.write(move |tx| replace(tx, id, draft, by).boxed()).await
    }

    /// With sessions and tokens.
    ///
    /// # Errors
    /// `NotFound`; `Conflict` when no administrator would be left.
    pub async fn delete_user(&self, id: UserId, by: Author) -> StoreResult<()> {
        self.write(move |tx| {
            async move {
                let user = find(&mut tx.connection, id).await?.user;
                tx.record(Entry::user(id, &user.name, ActivityKind::Deleted).by(by));
                sqlx::query(DELETE).bind(id.bytes()).execute(&mut tx.connection).await?;
                tx.effects.access = true;
                an_administrator_is_left(tx).await
            }
            .boxed()
        })
        .await
    }

    /// Makes the link the only one with which this person can choose a password.
    pub async fn invite(&self, id: UserId, hash: SecretHash, ends_at: Timestamp, by: Author) -> StoreResult<()> {
        self.write(move |tx| {
            async move {
                let user = find(&mut tx.connection, id).await?.user;
                tx.record(Entry::user(id, &user.name, ActivityKind::Invited).by(by));
                let invite = sqlx::query(INVITE).bind(id.bytes()).bind(&hash[..]).bind(ends_at.as_micros());
                invite.execute(&mut tx.connection).await?;
                Ok(())
            }
            .boxed()
        })
        .await
    }

    /// Sets the password and takes back any link. Whoever knew the old one is signed out everywhere.
    pub async fn set_password(&self, id: UserId, password: String, address: Option<IpAddr>) -> StoreResult<()> {
        self.write(move |tx| set_password(tx, id, password, ActivityKind::PasswordChanged, address).boxed()).await
    }

    /// The same for whomever the link invites; of two who use it at the same time the second finds it used.
    ///
    /// # Errors
    /// `NotFound` when it invites nobody any more.
    pub async fn accept_invitation(
        &self,
        link: SecretHash,
        password: String,
        address: Option<IpAddr>,
    ) -> StoreResult<UserId> {
        self.write(move |tx| {
            async move {
                let invited = sqlx::query(INVITED).bind(&link[..]).bind(tx.now().as_micros());
                let row = invited.fetch_optional(&mut tx.connection).await?;
                let user = row.as_ref().map(read).transpose()?.map(|stored| stored.user);
                let user = user.filter(|user| !user.disabled).ok_or_else(|| Error::not_found(LINK))?;
                set_password(tx, user.id, password, ActivityKind::PasswordChosen, address).await?;
                Ok(user.id)
            }
            .boxed()
        })
        .await
    }
}

/// Who makes a person.
enum Maker {
    Someone(Author),
    /// The first of all.
    Themselves {
        address: Option<IpAddr>,
    },
}

pub(super) async fn find(connection: &mut SqliteConnection, id: UserId) -> StoreResult<StoredUser> {
    let row = sqlx::query(BY_ID).bind(id.bytes()).fetch_optional(connection).await?;
    read(&row.ok_or_else(|| Error::not_found("user"))?)
}

async fn create_first(tx: &mut Tx, new: NewUser, address: Option<IpAddr>) -> StoreResult<User> {
    if administrators(tx).await? == 0 {
        return create(tx, new, Maker::Themselves { address }).await;
    }
    Err(Error::conflict("Someone has set this server up already. Sign in, or ask them to let you in.").into())
}

async fn create(tx: &mut Tx, new: NewUser, maker: Maker) -> StoreResult<User> {
    let users: i64 = sqlx::query_scalar(COUNT).fetch_one(&mut tx.connection).await?;
    if users >= limits::USERS_MAX {
        return Err(Error::TooMany { message: format!("There are {users} people already, the limit.") }.into());
    }
    let id = UserId::from_uuid(tx.new_uuid());
    name_is_free(tx, &new.name, id).await?;
    let (issuer, subject) = new.provider.unzip();
    sqlx::query(INSERT)
        .bind(id.bytes())
        .bind(new.name)
        .bind(new.password)
        .bind(issuer)
        .bind(subject)
        .bind(to_json(&new.access))
        .bind(tx.now().as_micros())
        .bind(new.created_by)
        .execute(&mut tx.connection)
        .await?;
    let user = find(&mut tx.connection, id).await?.user;
    let by = match maker {
        Maker::Someone(author) => author,
        Maker::Themselves { address } => user.author(address),
    };
    let access = document::access(tx, &user.access).await?;
    tx.record(Entry::user(id, &user.name, ActivityKind::Created).by(by).changing(Changes::created(access)));
    Ok(user)
}

async fn replace(tx: &mut Tx, id: UserId, draft: UserDraft, by: Author) -> StoreResult<User> {
    let before = find(&mut tx.connection, id).await?.user;
    name_is_free(tx, &draft.name, id).await?;
    sqlx::query(REPLACE)
        .bind(draft.name)
        .bind(to_json(&draft.access))
        .bind(draft.disabled)
        .bind(tx.now().as_micros())
        .bind(id.bytes())
        .execute(&mut tx.connection)
        .await?;
    tx.effects.access = true;
    an_administrator_is_left(tx).await?;
    let after = find(&mut tx.connection, id).await?.user;
    let changes = Changes::between(&document::of(tx, &before).await?, &document::of(tx, &after).await?);
    let edited = ActivityKind::Edited { version: None };
    tx.record(Entry::user(id, &after.name, edited).by(by).changing(changes));
    Ok(after)
}

async fn administrators(tx: &mut Tx) -> StoreResult<i64> {
    Ok(sqlx::query_scalar(ADMINISTRATORS).fetch_one(&mut tx.connection).await?)
}

/// `what` is how they proved who they are.
async fn set_password(
    tx: &mut Tx,
    id: UserId,
    password: String,
    what: ActivityKind,
    address: Option<IpAddr>,
) -> StoreResult<()> {
    let user = find(&mut tx.connection, id).await?.user;
    tx.record(Entry::user(id, &user.name, what).by(user.author(address)));
    sqlx::query(SET_PASSWORD).bind(password).bind(id.bytes()).execute(&mut tx.connection).await?;
    sqlx::query(TAKE_BACK_INVITATION).bind(id.bytes()).execute(&mut tx.connection).await?;
    super::sessions::end_all(tx, id).await
}

async fn name_is_free(tx: &mut Tx, name: &str, except: UserId) -> StoreResult<()> {
    let taken: i64 =
        sqlx::query_scalar(NAME_TAKEN).bind(name).bind(except.bytes()).fetch_one(&mut tx.connection).await?;
    if taken > 0 { Err(Error::invalid("name", "someone else has this name").into()) } else { Ok(()) }
}

async fn an_administrator_is_left(tx: &mut Tx) -> StoreResult<()> {
    if administrators(tx).await? > 0 {
        return Ok(());
    }
    Err(Error::conflict("This is the last administrator. Make someone else one first.").into())
}

fn read(row: &SqliteRow) -> StoreResult<StoredUser> {
    let password = row.text_or_null("password")?;
    let user = User {
        id: row.user_id("id")?,
        name: row.text("name")?,
        access: row.json("access")?,
        disabled: row.time_or_null("disabled_at")?.is_some(),
        has_password: password.is_some(),
        has_provider: row.text_or_null("subject")?.is_some(),
        created_at: row.time("created_at")?,
        created_by: row.text("created_by")?,
        seen_at: row.time_or_null("seen_at")?,
    };
    Ok(StoredUser { user, password })
}
