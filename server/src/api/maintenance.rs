//! `/maintenance`

use app::backend::Backend as _;
use axum::Json as Answer;
use model::maintenance::Maintenance;
use serde::Deserialize;
use utoipa::ToSchema;

use super::{
    extract::Json,
    openapi::{ADMINISTRATOR, Needs},
};
use crate::{backend::Asked, problem::Result};

/// What is wanted.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Switch {
    on: bool,
}

/// Maintenance mode
#[utoipa::path(
    get,
    path = "/maintenance",
    tag = "server",
    responses((status = 200, description = "Whether it is on", body = Maintenance)),
    extensions(("x-role" = json!(Needs::AnyRole))),
)]
pub(super) async fn maintenance(asker: Asked) -> Result<Answer<Maintenance>> {
    Ok(Answer(asker.maintenance().await?))
}

/// Switch maintenance mode
///
/// While it is on, nothing starts; what runs goes on. Run Now and schedules are accepted and wait.
#[utoipa::path(
    put,
    path = "/maintenance",
    tag = "server",
    request_body = Switch,
    responses((status = 200, description = "As it is now", body = Maintenance)),
    extensions(("x-role" = json!(ADMINISTRATOR))),
)]
pub(super) async fn set_maintenance(asker: Asked, body: Json<Switch>) -> Result<Answer<Maintenance>> {
    Ok(Answer(asker.set_maintenance(body.value.on).await?))
}
