//! What programs show in place of signing in: tokens, and addresses that start one workflow.

use std::path::Path;

use futures::FutureExt;
use model::{
    Access, Author, Error, Role, Timestamp, TokenId, UserId, WorkflowId,
    activity::{ActivityKind, AuthorIdentity},
    limits,
    people::{Token, TokenDraft, TriggerUrl},
};
use serde_json::json;
use sqlx::{ConnectOptions, Connection, SqliteConnection, sqlite::SqliteRow};

use super::{
    Store, StoreResult,
    activity::{self, Entry, changes::Changes},
    options,
    row::{Bytes, Columns},
    statements::statements,
    users::{self, SecretHash},
    workflows,
    writer::Tx,
};

macro_rules! select_tokens {
    ($rest:literal) => {
        concat!(
            "SELECT t.id, t.name, t.role, t.project_id, t.user_id, t.created_at, t.ends_at, t.used_at, ",
            "(SELECT u.name FROM users u WHERE u.id = t.user_id) AS owner FROM tokens t ",
            $rest
        )
    };
}

statements! {
    BY_HASH = select_tokens!("WHERE t.hash = ? AND (t.ends_at IS NULL OR t.ends_at > ?)");
    ALL = select_tokens!("ORDER BY t.created_at DESC, t.id");
    OF_USER = select_tokens!("WHERE t.user_id = ? ORDER BY t.created_at DESC, t.id");
    COUNT_OF = "SELECT count(*) FROM tokens WHERE user_id IS ?";
    INSERT = "INSERT INTO tokens (id, hash, name, role, project_id, user_id, created_at, ends_at)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?)";
    USE = "UPDATE tokens SET used_at = ? WHERE id = ?";
    DELETE = "DELETE FROM tokens WHERE id = ?1 AND (?2 IS NULL OR user_id = ?2) RETURNING name";
    TRIGGER_URL = "SELECT workflow_id, created_at, created_by, used_at FROM trigger_urls WHERE workflow_id = ?";
    TRIGGERED = "SELECT t.workflow_id FROM trigger_urls t JOIN workflows w ON w.id = t.workflow_id
        WHERE t.workflow_id = ? AND t.hash = ? AND w.deleted_at IS NULL";
    PUT_TRIGGER_URL = "INSERT INTO trigger_urls (workflow_id, hash, created_at, created_by) VALUES (?, ?, ?, ?)
        ON CONFLICT (workflow_id) DO UPDATE SET hash = excluded.hash, created_at = excluded.created_at,
        created_by = excluded.created_by, used_at = NULL";
    DELETE_TRIGGER_URL = "DELETE FROM trigger_urls WHERE workflow_id = ?";
    USE_TRIGGER_URL = "UPDATE trigger_urls SET used_at = ? WHERE workflow_id = ?";
}

/// A token that is to be kept.
#[derive(Clone, Debug)]
pub struct StoredTokenDraft {
    pub id: TokenId,
    pub hash: SecretHash,
    pub draft: TokenDraft,
    /// `None`: of the server.
    pub owner: Option<UserId>,
    pub created_at: Timestamp,
}

/// A token that was shown and has not ended.
#[derive(Clone, Debug)]
pub struct ShownToken {
    pub token: Token,
    /// What it may do now: no more than its owner.
    pub access: Access,
}

impl Store {
    /// The token with this secret. `None` also when its owner may not sign in any more.
    pub async fn shown_token(&self, hash: SecretHash, now: Timestamp) -> StoreResult<Option<ShownToken>> {
        let mut snapshot = self.read().await?;
        let row = sqlx::query(BY_HASH).bind(&hash[..]).bind(now.as_micros()).fetch_optional(&mut *snapshot).await?;
        let Some(row) = row else { return Ok(None) };
        let token = read(&row)?;
        let own = match token.project_id {
            Some(project) => Access::in_project(project, token.role),
            None => Access::everywhere(token.role),
        };
        let Some(owner) = row.uuid_or_null("user_id")?.map(UserId::from_uuid) else {
            return Ok(Some(ShownToken { token, access: own }));
        };
        let owner = users::find(&mut snapshot, owner).await?.user;
        Ok((!owner.disabled).then(|| ShownToken { token, access: own.and(&owner.access) }))
    }

    /// Those of one person, or all; the newest first.
    pub async fn tokens(&self, of: Option<UserId>) -> StoreResult<Vec<Token>> {
        let mut snapshot = self.read().await?;
        let rows = match of {
            Some(user) => sqlx::query(OF_USER).bind(user.bytes()).fetch_all(&mut *snapshot).await?,
            None => sqlx::query(ALL).fetch_all(&mut *snapshot).await?,
        };
        rows.iter().map(read).collect()
    }

    /// # Errors
    /// `TooMany`.
    pub async fn create_token(&self, new: StoredTokenDraft, by: Author) -> StoreResult<Token> {
        self.write(move |tx| {
            async move {
                let hash = new.hash;
                tx.record(created(&new).by(by));
                insert(&mut tx.connection, new).await?;
                let row = sqlx::query(BY_HASH).bind(&hash[..]).bind(i64::MIN).fetch_one(&mut tx.connection).await?;
                read(&row)
            }
            .boxed()
        })
        .await
    }

    /// Remembers that it was used now.
    pub async fn use_token(&self, id: TokenId) -> StoreResult<()> {
        self.write(move |tx| {
            async move {
                let now = tx.now().as_micros();
                sqlx::query(USE).bind(now).bind(id.bytes()).execute(&mut tx.connection).await?;
                Ok(())
            }
            .boxed()
        })
        .await
    }

    /// From now on it opens nothing. `of`: only if it is theirs.
    ///
    /// # Errors
    /// `NotFound`.
    pub async fn delete_token(&self, id: TokenId, of: Option<UserId>, by: Author) -> StoreResult<()> {
        self.write(move |tx| {
            async move {
                let deleted = sqlx::query(DELETE).bind(id.bytes()).bind(of.map(|user| user.bytes()));
                let row = deleted.fetch_optional(&mut tx.connection).await?;
                let name = row.ok_or_else(|| Error::not_found("token"))?.text("name")?;
                tx.record(Entry::token(id, &name, ActivityKind::Deleted).by(by));
                tx.effects.access = true;
                Ok(())
            }
            .boxed()
        })
        .await
    }

    pub async fn trigger_url(&self, workflow: WorkflowId) -> StoreResult<Option<TriggerUrl>> {
        let mut snapshot = self.read().await?;
        find_trigger_url(&mut snapshot, workflow).await
    }

    /// Whether this is the secret of the workflow's address, and the workflow is there.
    pub async fn is_trigger_of(&self, workflow: WorkflowId, hash: SecretHash) -> StoreResult<bool> {
        let mut snapshot = self.read().await?;
        let row = sqlx::query(TRIGGERED).bind(workflow.bytes()).bind(&hash[..]).fetch_optional(&mut *snapshot).await?;
        Ok(row.is_some())
    }

    /// Takes the place of the one before.
    pub async fn put_trigger_url(&self, workflow: WorkflowId, hash: SecretHash, by: Author) -> StoreResult<TriggerUrl> {
        self.write(move |tx| put_trigger_url(tx, workflow, hash, by).boxed()).await
    }

    /// From now on the address starts nothing.
    pub async fn delete_trigger_url(&self, workflow: WorkflowId, by: Author) -> StoreResult<()> {
        self.write(move |tx| {
            async move {
                let deleted = sqlx::query(DELETE_TRIGGER_URL).bind(workflow.bytes());
                if deleted.execute(&mut tx.connection).await?.rows_affected() > 0 {
                    let workflow = workflows::find(&mut tx.connection, workflow).await?.workflow;
                    tx.record(Entry::trigger_url(&workflow, ActivityKind::Deleted).by(by));
                }
                Ok(())
            }
            .boxed()
        })
        .await
    }

    /// Remembers that it was called now.
    pub async fn use_trigger_url(&self, workflow: WorkflowId) -> StoreResult<()> {
        self.write(move |tx| {
            async move {
                let now = tx.now().as_micros();
                sqlx::query(USE_TRIGGER_URL).bind(now).bind(workflow.bytes()).execute(&mut tx.connection).await?;
                Ok(())
            }
            .boxed()
        })
        .await
    }
}

/// Makes a token of the server from its command line, beside the process that serves if there is one. It is no new
/// start of the server, so what that process has begun stays its own.
///
/// # Errors
/// When the database cannot be opened or written.
pub async fn create_beside(database: &Path, new: StoredTokenDraft) -> StoreResult<()> {
    let mut connection = options(database).connect().await?;
    sqlx::migrate!("./migrations").run(&mut connection).await?;
    let author = Author { name: "command line".to_owned(), identity: AuthorIdentity::CommandLine, address: None };
    let entry = created(&new).by(author).at(new.created_at);
    let mut together = connection.begin().await?;
    insert(&mut together, new).await?;
    activity::insert(&mut together, &[entry]).await?;
    together.commit().await?;
    Ok(connection.close().await?)
}

/// The entry of a token that is made, without its secret.
fn created(new: &StoredTokenDraft) -> Entry {
    let draft = &new.draft;
    let document = json!({ "role": draft.role, "project_id": draft.project_id, "days": draft.days });
    Entry::token(new.id, &draft.name, ActivityKind::Created).changing(Changes::created(document))
}

async fn insert(connection: &mut SqliteConnection, new: StoredTokenDraft) -> StoreResult<()> {
    let owner = new.owner.map(|user| user.bytes());
    let count: i64 = sqlx::query_scalar(COUNT_OF).bind(&owner).fetch_one(&mut *connection).await?;
    if count >= limits::TOKENS_MAX {
        let message = format!("There are {count} tokens already, the limit. Delete those that are not used any more.");
        return Err(Error::TooMany { message }.into());
    }
    let StoredTokenDraft { id, hash, draft, created_at, .. } = new;
    let lasts = draft.days.map(|days| std::time::Duration::from_secs(u64::from(days) * 86_400));
    sqlx::query(INSERT)
        .bind(id.bytes())
        .bind(&hash[..])
        .bind(draft.name)
        .bind(draft.role.as_str())
        .bind(draft.project_id.map(|project| project.bytes()))
        .bind(owner)
        .bind(created_at.as_micros())
        .bind(lasts.map(|lasts| created_at.plus(lasts).as_micros()))
        .execute(connection)
        .await?;
    Ok(())
}

async fn put_trigger_url(tx: &mut Tx, workflow: WorkflowId, hash: SecretHash, by: Author) -> StoreResult<TriggerUrl> {
    let found = workflows::find(&mut tx.connection, workflow).await?.workflow;
    sqlx::query(PUT_TRIGGER_URL)
        .bind(workflow.bytes())
        .bind(&hash[..])
        .bind(tx.now().as_micros())
        .bind(&by.name)
        .execute(&mut tx.connection)
        .await?;
    tx.record(Entry::trigger_url(&found, ActivityKind::Created).by(by));
    let put = find_trigger_url(&mut tx.connection, workflow).await?;
    Ok(put.expect("was put just above"))
}

async fn find_trigger_url(connection: &mut SqliteConnection, workflow: WorkflowId) -> StoreResult<Option<TriggerUrl>> {
    let row = sqlx::query(TRIGGER_URL).bind(workflow.bytes()).fetch_optional(connection).await?;
    let read = |row: SqliteRow| {
        Ok(TriggerUrl {
            workflow_id: row.workflow_id("workflow_id")?,
            created_at: row.time("created_at")?,
            created_by: row.text("created_by")?,
            used_at: row.time_or_null("used_at")?,
        })
    };
    row.map(read).transpose()
}

fn read(row: &SqliteRow) -> StoreResult<Token> {
    Ok(Token {
        id: TokenId::from_uuid(row.uuid("id")?),
        name: row.text("name")?,
        role: row.word("role", Role::parse)?,
        project_id: row.uuid_or_null("project_id")?.map(model::ProjectId::from_uuid),
        owner: row.text_or_null("owner")?,
        created_at: row.time("created_at")?,
        ends_at: row.time_or_null("ends_at")?,
        used_at: row.time_or_null("used_at")?,
    })
}
