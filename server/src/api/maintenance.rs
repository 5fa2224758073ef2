//! `/maintenance`

use app::backend::Backend as _;
use axum::Json as Answer;
use model::maintenance::Maintenance;
use serde::Deserialize;

use super::extract::Json;
use crate::{backend::Asked, problem::Result};

/// What is wanted.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Switch {
    on: bool,
}

pub(super) async fn read(asker: Asked) -> Result<Answer<Maintenance>> {
    Ok(Answer(asker.maintenance().await?))
}

pub(super) async fn switch(asker: Asked, body: Json<Switch>) -> Result<Answer<Maintenance>> {
    Ok(Answer(asker.set_maintenance(body.value.on).await?))
}
