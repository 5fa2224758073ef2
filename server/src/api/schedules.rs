//! `/schedules`

use app::backend::Backend as _;
use axum::Json as Answer;
use model::schedule::{Preview, PreviewRequest};

use super::{extract::Json, openapi::Needs};
use crate::{backend::Asked, problem::Result};

/// When a schedule would run
///
/// The next occurrences, and the schedule in words.
#[utoipa::path(
    post,
    path = "/schedules/preview",
    tag = "schedules",
    request_body = PreviewRequest,
    responses((status = 200, description = "The occurrences", body = Preview)),
    extensions(("x-role" = json!(Needs::AnyRole))),
)]
pub(super) async fn preview_schedule(asker: Asked, body: Json<PreviewRequest>) -> Result<Answer<Preview>> {
    Ok(Answer(asker.preview_schedule(body.value).await?))
}
