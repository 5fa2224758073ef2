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
    extract::{Id, Json, NoBody, Nothing},
    openapi::{ADMINISTRATOR, Needs},
};
use crate::{backend::Asked, problem::Result};

/// Whoever asks, as the server knows them
#[utoipa::path(
    get,
    path = "/me",
    tag = "people",
    responses((status = 200, description = "Name and roles", body = Me)),
    extensions(("x-role" = json!(Needs::Known))),
)]
pub(super) async fn me(asker: Asked) -> Answer<Me> {
    let actor = asker.actor();
    Answer(Me { name: actor.name.clone(), access: actor.access.clone(), signed_in: actor.user().is_some() })
}

/// Everyone who may sign in
///
/// By name.
#[utoipa::path(
    get,
    path = "/users",
    tag = "people",
    responses((status = 200, description = "All of them", body = Items<User>)),
    extensions(("x-role" = json!(ADMINISTRATOR))),
)]
pub(super) async fn users(asker: Asked) -> Result<Answer<Items<User>>> {
    Ok(Answer(Items { items: asker.users().await? }))
}

/// Let someone in
///
/// The answer holds, this once, the link with which they choose their password.
#[utoipa::path(
    post,
    path = "/users",
    tag = "people",
    request_body = UserDraft,
    responses(
        (status = 201, description = "They may sign in", body = Invitation, headers(("location" = String, description = "Where it is"))),
        (status = 429, description = "As many people may sign in as can"),
    ),
    extensions(("x-role" = json!(ADMINISTRATOR))),
)]
pub(super) async fn create_user(asker: Asked, body: Json<UserDraft>) -> Result<impl IntoResponse> {
    let invitation = asker.create_user(body.value).await?;
    let location = format!("{PREFIX}/users/{}", invitation.user.id);
    Ok((StatusCode::CREATED, [(header::LOCATION, location)], Answer(invitation)))
}

/// One person
#[utoipa::path(
    get,
    path = "/users/{id}",
    tag = "people",
    params(("id" = UserId, Path, description = "Of the person")),
    responses((status = 200, description = "As they are stored", body = User)),
    extensions(("x-role" = json!(ADMINISTRATOR))),
)]
pub(super) async fn user(asker: Asked, Id(id): Id<UserId>) -> Result<Answer<User>> {
    Ok(Answer(asker.user(id).await?))
}

/// Change a person
///
/// The whole of them is sent.
#[utoipa::path(
    put,
    path = "/users/{id}",
    tag = "people",
    params(("id" = UserId, Path, description = "Of the person")),
    request_body = UserDraft,
    responses(
        (status = 200, description = "As they are stored now", body = User),
        (status = 409, description = "They are the last administrator"),
    ),
    extensions(("x-role" = json!(ADMINISTRATOR))),
)]
pub(super) async fn replace_user(asker: Asked, Id(id): Id<UserId>, body: Json<UserDraft>) -> Result<Answer<User>> {
    Ok(Answer(asker.replace_user(id, body.value).await?))
}

/// Delete a person
///
/// Their sessions end, and their tokens do nothing any more.
#[utoipa::path(
    delete,
    path = "/users/{id}",
    tag = "people",
    params(("id" = UserId, Path, description = "Of the person")),
    responses(
        (status = 204, description = "They are gone"),
        (status = 409, description = "They are the last administrator"),
    ),
    extensions(("x-role" = json!(ADMINISTRATOR))),
)]
pub(super) async fn delete_user(asker: Asked, Id(id): Id<UserId>) -> Result<StatusCode> {
    asker.delete_user(id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// A new link for a person
///
/// With which they choose a new password. Until they do, the old one holds. The link is shown this once.
#[utoipa::path(
    post,
    path = "/users/{id}/invitation",
    tag = "people",
    params(("id" = UserId, Path, description = "Of the person")),
    request_body = Option<Nothing>,
    responses((status = 200, description = "The person and the link", body = Invitation)),
    extensions(("x-role" = json!(ADMINISTRATOR))),
)]
pub(super) async fn invite_user(asker: Asked, Id(id): Id<UserId>, _: NoBody) -> Result<Answer<Invitation>> {
    Ok(Answer(asker.invite_user(id).await?))
}

/// Tokens
///
/// One's own; an administrator sees all of them. Secrets are not shown.
#[utoipa::path(
    get,
    path = "/tokens",
    tag = "people",
    responses((status = 200, description = "All of them", body = Items<Token>)),
    extensions(("x-role" = json!(Needs::Person))),
)]
pub(super) async fn tokens(asker: Asked) -> Result<Answer<Items<Token>>> {
    Ok(Answer(Items { items: asker.tokens().await? }))
}

/// Make a token
///
/// It may do no more than whoever makes it. The answer holds, this once, its secret. A token cannot make tokens.
#[utoipa::path(
    post,
    path = "/tokens",
    tag = "people",
    request_body = TokenDraft,
    responses(
        (status = 201, description = "The token with its secret", body = NewToken),
        (status = 404, description = "There is no such project, or it may not be seen"),
        (status = 429, description = "One has as many tokens as one can"),
    ),
    extensions(("x-role" = json!(Needs::Person))),
)]
pub(super) async fn create_token(asker: Asked, body: Json<TokenDraft>) -> Result<(StatusCode, Answer<NewToken>)> {
    Ok((StatusCode::CREATED, Answer(asker.create_token(body.value).await?)))
}

/// Delete a token
///
/// It does nothing from now on.
#[utoipa::path(
    delete,
    path = "/tokens/{id}",
    tag = "people",
    params(("id" = TokenId, Path, description = "Of the token")),
    responses((status = 204, description = "It is gone")),
    extensions(("x-role" = json!(Needs::Person))),
)]
pub(super) async fn delete_token(asker: Asked, Id(id): Id<TokenId>) -> Result<StatusCode> {
    asker.delete_token(id).await?;
    Ok(StatusCode::NO_CONTENT)
}
