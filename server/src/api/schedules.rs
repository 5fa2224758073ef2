//! `/schedules`

use app::backend::Backend as _;
use axum::{Json as Answer, extract::State};
use model::schedule::{Preview, PreviewRequest};

use super::extract::Json;
use crate::{problem::Result, services::Services};

pub(super) async fn preview(State(services): State<Services>, body: Json<PreviewRequest>) -> Result<Answer<Preview>> {
    Ok(Answer(services.backend.preview_schedule(body.value).await?))
}
