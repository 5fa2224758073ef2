//! `/maintenance`

use app::backend::Backend as _;
use axum::{Json as Answer, extract::State};
use model::maintenance::Maintenance;
use serde::Deserialize;

use super::{actor, extract::Json};
use crate::{problem::Result, services::Services};

/// What is wanted.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Switch {
    on: bool,
}

pub(super) async fn read(State(services): State<Services>) -> Result<Answer<Maintenance>> {
    Ok(Answer(services.backend.maintenance().await?))
}

pub(super) async fn switch(State(services): State<Services>, body: Json<Switch>) -> Result<Answer<Maintenance>> {
    Ok(Answer(services.backend.set_maintenance(&actor(), body.value.on).await?))
}
