//! `/me`, `/users` and `/tokens`

use app::backend::Backend as _;
use axum::{
    Json as Answer,
    http::{StatusCode, header},
    response::IntoResponse,
};
use model::{
    TokenId, UserId,
    people::{Invitation, Me, NewToken, Token, TokenDraft, User, UserDraft},
};

use super::{
    Items, PREFIX,
    extract::{Id, Json, NoBody},
};
use crate::{backend::Asked, problem::Result};

/// Whoever asks, as the server knows them.
pub(super) async fn me(asker: Asked) -> Answer<Me> {
    let actor = asker.actor();
    Answer(Me { name: actor.name.clone(), access: actor.access.clone(), signed_in: actor.user().is_some() })
}

pub(super) async fn users(asker: Asked) -> Result<Answer<Items<User>>> {
    Ok(Answer(Items { items: asker.users().await? }))
}

pub(super) async fn create_user(asker: Asked, body: Json<UserDraft>) -> Result<impl IntoResponse> {
    let invitation = asker.create_user(body.value).await?;
    let location = format!("{PREFIX}/users/{}", invitation.user.id);
    Ok((StatusCode::CREATED, [(header::LOCATION, location)], Answer(invitation)))
}

pub(super) async fn user(asker: Asked, Id(id): Id<UserId>) -> Result<Answer<User>> {
    Ok(Answer(asker.user(id).await?))
}

pub(super) async fn replace_user(asker: Asked, Id(id): Id<UserId>, body: Json<UserDraft>) -> Result<Answer<User>> {
    Ok(Answer(asker.replace_user(id, body.value).await?))
}

pub(super) async fn delete_user(asker: Asked, Id(id): Id<UserId>) -> Result<StatusCode> {
    asker.delete_user(id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// A new link with which they choose a password.
pub(super) async fn invite_user(asker: Asked, Id(id): Id<UserId>, _: NoBody) -> Result<Answer<Invitation>> {
    Ok(Answer(asker.invite_user(id).await?))
}

pub(super) async fn tokens(asker: Asked) -> Result<Answer<Items<Token>>> {
    Ok(Answer(Items { items: asker.tokens().await? }))
}

/// The only answer with the token's secret.
pub(super) async fn create_token(asker: Asked, body: Json<TokenDraft>) -> Result<(StatusCode, Answer<NewToken>)> {
    Ok((StatusCode::CREATED, Answer(asker.create_token(body.value).await?)))
}

pub(super) async fn delete_token(asker: Asked, Id(id): Id<TokenId>) -> Result<StatusCode> {
    asker.delete_token(id).await?;
    Ok(StatusCode::NO_CONTENT)
}
