//! The browsers in which someone is signed in.

use std::{net::IpAddr, time::Duration};

use futures::FutureExt;
use model::{
    Author, Error, SessionId, Timestamp, UserId,
    activity::ActivityKind,
    limits,
    people::{Session, User},
};

use super::{
    Store, StoreResult,
    activity::Entry,
    row::{Bytes, Columns},
    statements::statements,
    users::{self, SecretHash, StoredUser},
    writer::Tx,
};

statements! {
    FIND = "SELECT id, user_id, used_at FROM sessions WHERE hash = ? AND ends_at > ? AND used_at > ?";
    OF_USER = "SELECT id, created_at, used_at, ends_at, address, agent FROM sessions
        WHERE user_id = ? AND ends_at > ? ORDER BY used_at DESC, id";
    KNOWN_ADDRESS = "SELECT count(*) FROM sessions WHERE user_id = ? AND address = ?";
    INSERT = "INSERT INTO sessions (hash, id, user_id, created_at, used_at, ends_at, address, agent)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?)";
    KEEP_NEWEST = "DELETE FROM sessions WHERE user_id = ?1 AND hash NOT IN
        (SELECT hash FROM sessions WHERE user_id = ?1 ORDER BY used_at DESC LIMIT ?2)";
    USER_OF = "SELECT user_id FROM sessions WHERE hash = ?";
    USE = "UPDATE sessions SET used_at = ? WHERE hash = ?";
    END = "DELETE FROM sessions WHERE hash = ?";
    END_ONE_OF = "DELETE FROM sessions WHERE user_id = ? AND id = ?";
    END_ALL = "DELETE FROM sessions WHERE user_id = ?";
    PRUNE = "DELETE FROM sessions WHERE ends_at <= ?";
}

/// A sign-in.
#[derive(Clone, Debug)]
pub struct NewSession {
    pub hash: SecretHash,
    pub user: UserId,
    pub lasts: Duration,
    pub address: IpAddr,
    pub agent: Option<String>,
    /// The one that the browser had before: it ends with this.
    pub replaces: Option<SecretHash>,
}

/// A session that has not ended.
#[derive(Clone, Debug)]
pub struct OpenSession {
    pub id: SessionId,
    pub used_at: Timestamp,
    pub user: StoredUser,
}

impl Store {
    /// A session that was used within `idle` and has not ended, with its person as they are now.
    pub async fn session(&self, hash: SecretHash, now: Timestamp, idle: Duration) -> StoreResult<Option<OpenSession>> {
        let mut snapshot = self.read().await?;
        let row = sqlx::query(FIND)
            .bind(&hash[..])
            .bind(now.as_micros())
            .bind(now.minus(idle).as_micros())
            .fetch_optional(&mut *snapshot)
            .await?;
        let Some(row) = row else { return Ok(None) };
        let user = users::find(&mut snapshot, row.user_id("user_id")?).await?;
        Ok(Some(OpenSession { id: SessionId::from_uuid(row.uuid("id")?), used_at: row.time("used_at")?, user }))
    }

    /// A person's sessions, the last used first.
    pub async fn sessions(&self, user: UserId, now: Timestamp) -> StoreResult<Vec<Session>> {
        let mut snapshot = self.read().await?;
        let rows = sqlx::query(OF_USER).bind(user.bytes()).bind(now.as_micros()).fetch_all(&mut *snapshot).await?;
        let sessions = rows.iter().map(|row| {
            Ok(Session {
                id: SessionId::from_uuid(row.uuid("id")?),
                current: false,
                created_at: row.time("created_at")?,
                used_at: row.time("used_at")?,
                ends_at: row.time("ends_at")?,
                address: row.text_or_null("address")?,
                agent: row.text_or_null("agent")?,
            })
        });
        sessions.collect()
    }

    /// Whether this person signed in from there before, and has not signed out since.
    pub async fn signed_in_from(&self, user: UserId, address: &str) -> StoreResult<bool> {
        let mut snapshot = self.read().await?;
        let known: i64 =
            sqlx::query_scalar(KNOWN_ADDRESS).bind(user.bytes()).bind(address).fetch_one(&mut *snapshot).await?;
        Ok(known > 0)
    }

    pub async fn open_session(&self, new: NewSession) -> StoreResult<()> {
        self.write(move |tx| open(tx, new).boxed()).await
    }

    /// Remembers that it was used now.
    pub async fn use_session(&self, hash: SecretHash) -> StoreResult<()> {
        self.write(move |tx| {
            async move {
                let now = tx.now().as_micros();
                sqlx::query(USE).bind(now).bind(&hash[..]).execute(&mut tx.connection).await?;
                Ok(())
            }
            .boxed()
        })
        .await
    }

    /// Signs out.
    pub async fn end_session(&self, hash: SecretHash, address: IpAddr) -> StoreResult<()> {
        self.write(move |tx| {
            async move {
                let row = sqlx::query(USER_OF).bind(&hash[..]).fetch_optional(&mut tx.connection).await?;
                if let Some(row) = row {
                    let user = users::find(&mut tx.connection, row.user_id("user_id")?).await?.user;
                    record(tx, user.id, user.author(Some(address)), ActivityKind::SignedOut);
                }
                end(tx, hash).await
            }
            .boxed()
        })
        .await
    }

    /// Writes down that someone was not let in: `user` if the name that they gave is that of one, and nothing of what they
    /// typed if it is not, since that may be a password.
    pub async fn record_refused_sign_in(&self, user: Option<User>, address: IpAddr) -> StoreResult<()> {
        self.write(move |tx| {
            async move {
                let whom = user.as_ref().map(|user| (user.id, user.name.as_str()));
                tx.record(Entry::sign_in(whom, ActivityKind::SignInRefused).from(address));
                Ok(())
            }
            .boxed()
        })
        .await
    }

    /// Signs out in one other browser.
    ///
    /// # Errors
    /// `NotFound` when this person has no such session.
    pub async fn end_session_of(&self, user: UserId, id: SessionId, by: Author) -> StoreResult<()> {
        self.write(move |tx| {
            async move {
                let ended = sqlx::query(END_ONE_OF).bind(user.bytes()).bind(id.as_uuid().as_bytes().to_vec());
                if ended.execute(&mut tx.connection).await?.rows_affected() == 0 {
                    return Err(Error::not_found("session").into());
                }
                record(tx, user, by, ActivityKind::SessionEnded);
                tx.effects.access = true;
                Ok(())
            }
            .boxed()
        })
        .await
    }

    /// Signs out everywhere.
    pub async fn end_sessions(&self, user: UserId, by: Author) -> StoreResult<()> {
        self.write(move |tx| {
            record(tx, user, by, ActivityKind::SignedOutEverywhere);
            end_all(tx, user).boxed()
        })
        .await
    }

    /// Deletes those that have ended.
    pub async fn prune_sessions(&self) -> StoreResult<()> {
        self.write(move |tx| {
            async move {
                sqlx::query(PRUNE).bind(tx.now().as_micros()).execute(&mut tx.connection).await?;
                Ok(())
            }
            .boxed()
        })
        .await
    }
}

async fn open(tx: &mut Tx, new: NewSession) -> StoreResult<()> {
    let now = tx.now();
    if let Some(old) = new.replaces {
        end(tx, old).await?;
    }
    sqlx::query(INSERT)
        .bind(&new.hash[..])
        .bind(tx.new_uuid().as_bytes().to_vec())
        .bind(new.user.bytes())
        .bind(now.as_micros())
        .bind(now.as_micros())
        .bind(now.plus(new.lasts).as_micros())
        .bind(new.address.to_string())
        .bind(new.agent)
        .execute(&mut tx.connection)
        .await?;
    let user = users::find(&mut tx.connection, new.user).await?.user;
    record(tx, user.id, user.author(Some(new.address)), ActivityKind::SignedIn);
    let most = limits::SESSIONS_PER_USER_MAX;
    let ended = sqlx::query(KEEP_NEWEST).bind(new.user.bytes()).bind(most).execute(&mut tx.connection).await?;
    tx.effects.access |= ended.rows_affected() > 0;
    Ok(())
}

/// What someone did with their own sessions.
fn record(tx: &mut Tx, user: UserId, by: Author, what: ActivityKind) {
    let entry = Entry::sign_in(Some((user, &by.name)), what);
    tx.record(entry.by(by));
}

async fn end(tx: &mut Tx, hash: SecretHash) -> StoreResult<()> {
    sqlx::query(END).bind(&hash[..]).execute(&mut tx.connection).await?;
    tx.effects.access = true;
    Ok(())
}

pub(super) async fn end_all(tx: &mut Tx, user: UserId) -> StoreResult<()> {
    sqlx::query(END_ALL).bind(user.bytes()).execute(&mut tx.connection).await?;
    tx.effects.access = true;
    Ok(())
}
