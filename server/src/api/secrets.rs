//! `/projects/{id}/secrets`

use app::backend::Backend as _;
use axum::{Json as Answer, extract::Path, http::StatusCode};
use model::{ProjectId, secret::KeptSecret};
use serde::Deserialize;
use utoipa::ToSchema;

use super::{
    List,
    extract::{Id, Json},
    openapi::EDITOR,
};
use crate::{backend::Asked, problem::Result};

/// What a secret is to be.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = Secret)]
pub(super) struct Value {
    #[schema(schema_with = model::openapi::secret)]
    value: String,
}

/// Secrets of a project
///
/// By name, all of them. What they are is told to nobody.
#[utoipa::path(
    get,
    path = "/projects/{id}/secrets",
    tag = "projects",
    params(("id" = ProjectId, Path, description = "Of the project")),
    responses((status = 200, description = "Their names", body = List<KeptSecret>)),
    extensions(("x-role" = json!(EDITOR))),
)]
pub(super) async fn secrets(asker: Asked, Id(id): Id<ProjectId>) -> Result<Answer<List<KeptSecret>>> {
    Ok(Answer(List { items: asker.secrets(id).await?, next_cursor: None }))
}

/// Keep a secret
///
/// In place of the one of that name, if there is one. It is kept encrypted and told to nobody; runs of this project alone are
/// given it. A name has letters, digits, `-`, `_` and `.`.
#[utoipa::path(
    put,
    path = "/projects/{id}/secrets/{name}",
    tag = "projects",
    params(("id" = ProjectId, Path, description = "Of the project"), ("name" = String, Path, description = "What the configuration calls it")),
    request_body = Value,
    responses(
        (status = 204, description = "It is kept"),
        (status = 409, description = "The project has as many secrets as it can"),
    ),
    extensions(("x-role" = json!(EDITOR))),
)]
pub(super) async fn keep_secret(
    asker: Asked,
    Id(id): Id<ProjectId>,
    Path((_, name)): Path<(String, String)>,
    body: Json<Value>,
) -> Result<StatusCode> {
    asker.keep_secret(id, name, body.value.value).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Remove a secret
#[utoipa::path(
    delete,
    path = "/projects/{id}/secrets/{name}",
    tag = "projects",
    params(("id" = ProjectId, Path, description = "Of the project"), ("name" = String, Path, description = "What the configuration calls it")),
    responses((status = 204, description = "It is gone")),
    extensions(("x-role" = json!(EDITOR))),
)]
pub(super) async fn remove_secret(
    asker: Asked,
    Id(id): Id<ProjectId>,
    Path((_, name)): Path<(String, String)>,
) -> Result<StatusCode> {
    asker.remove_secret(id, name).await?;
    Ok(StatusCode::NO_CONTENT)
}
