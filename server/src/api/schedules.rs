//! `/schedules`

use app::backend::Backend as _;
use axum::Json as Answer;
use model::schedule::{Preview, PreviewRequest};

use super::extract::Json;
use crate::{backend::Asked, problem::Result};

pub(super) async fn preview(asker: Asked, body: Json<PreviewRequest>) -> Result<Answer<Preview>> {
    Ok(Answer(asker.preview_schedule(body.value).await?))
}
