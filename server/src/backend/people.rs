//! People, their sessions, and what programs show: made, changed and taken back. Secrets are made here and shown once.

use std::time::Duration;

use model::{
    Actor, Error, SessionId, TokenId, UserId, WorkflowId, limits,
    people::{Invitation, NewToken, NewTriggerUrl, Session, Token, TokenDraft, TriggerUrl, User, UserDraft},
};

use super::LocalBackend;
use crate::{
    gate::Secret,
    store::{NewUser, StoredTokenDraft},
};

impl LocalBackend {
    pub(super) async fn users(&self) -> Result<Vec<User>, Error> {
        self.told(self.parts.store.users().await)
    }

    pub(super) async fn user(&self, id: UserId) -> Result<User, Error> {
        Ok(self.told(self.parts.store.user(id).await)?.user)
    }

    pub(super) async fn create_user(&self, actor: &Actor, draft: UserDraft) -> Result<Invitation, Error> {
        let UserDraft { name, access, disabled } = draft.checked()?;
        if disabled {
            return Err(Error::invalid("disabled", "someone new can always sign in; disable them afterwards"));
        }
        let new = NewUser { name, access, password: None, provider: None, created_by: actor.name.clone() };
        let user = self.told(self.parts.store.create_user(new, actor.author()).await)?;
        self.invitation(actor, user).await
    }

    pub(super) async fn replace_user(&self, actor: &Actor, id: UserId, draft: UserDraft) -> Result<User, Error> {
        self.told(self.parts.store.replace_user(id, draft.checked()?, actor.author()).await)
    }

    pub(super) async fn delete_user(&self, actor: &Actor, id: UserId) -> Result<(), Error> {
        self.told(self.parts.store.delete_user(id, actor.author()).await)
    }

    pub(super) async fn invite_user(&self, actor: &Actor, id: UserId) -> Result<Invitation, Error> {
        let user = self.user(id).await?;
        self.invitation(actor, user).await
    }

    async fn invitation(&self, actor: &Actor, user: User) -> Result<Invitation, Error> {
        let secret = Secret::new();
        let ends_at = self.parts.clock.now().plus(Duration::from_secs(limits::INVITATION_LASTS_S));
        self.told(self.parts.store.invite(user.id, secret.hash(), ends_at, actor.author()).await)?;
        Ok(Invitation { user, link: format!("/welcome/{secret}"), ends_at })
    }

    pub(super) async fn sessions(&self, user: UserId) -> Result<Vec<Session>, Error> {
        self.told(self.parts.store.sessions(user, self.parts.clock.now()).await)
    }

    pub(super) async fn end_session(&self, actor: &Actor, user: UserId, id: SessionId) -> Result<(), Error> {
        self.told(self.parts.store.end_session_of(user, id, actor.author()).await)
    }

    pub(super) async fn end_sessions(&self, actor: &Actor, user: UserId) -> Result<(), Error> {
        self.told(self.parts.store.end_sessions(user, actor.author()).await)
    }

    pub(super) async fn tokens(&self, of: Option<UserId>) -> Result<Vec<Token>, Error> {
        self.told(self.parts.store.tokens(of).await)
    }

    pub(super) async fn create_token(&self, actor: &Actor, draft: TokenDraft) -> Result<NewToken, Error> {
        let secret = Secret::new();
        let new = StoredTokenDraft {
            id: TokenId::from_uuid(self.parts.clock.new_uuid()),
            hash: secret.hash(),
            draft: draft.checked()?,
            owner: actor.user(),
            created_at: self.parts.clock.now(),
        };
        let details = self.told(self.parts.store.create_token(new, actor.author()).await)?;
        Ok(NewToken { token: secret.to_string(), details })
    }

    pub(super) async fn delete_token(&self, actor: &Actor, id: TokenId, of: Option<UserId>) -> Result<(), Error> {
        self.told(self.parts.store.delete_token(id, of, actor.author()).await)
    }

    pub(super) async fn trigger_url(&self, workflow: WorkflowId) -> Result<Option<TriggerUrl>, Error> {
        self.told(self.parts.store.trigger_url(workflow).await)
    }

    pub(super) async fn create_trigger_url(&self, actor: &Actor, workflow: WorkflowId) -> Result<NewTriggerUrl, Error> {
        let secret = Secret::new();
        let put = self.parts.store.put_trigger_url(workflow, secret.hash(), actor.author()).await;
        Ok(NewTriggerUrl { path: format!("/trigger/{workflow}/{secret}"), details: self.told(put)? })
    }

    pub(super) async fn delete_trigger_url(&self, actor: &Actor, workflow: WorkflowId) -> Result<(), Error> {
        self.told(self.parts.store.delete_trigger_url(workflow, actor.author()).await)
    }

    /// Whether the secret is that of the workflow's address; remembers that it was called.
    pub(crate) async fn is_trigger(&self, workflow: WorkflowId, secret: &Secret) -> Result<bool, Error> {
        let is_right = self.told(self.parts.store.is_trigger_of(workflow, secret.hash()).await)?;
        if is_right {
            self.told(self.parts.store.use_trigger_url(workflow).await)?;
        }
        Ok(is_right)
    }
}
