//! `/projects/{id}/cleanse/preview`

use app::backend::Backend as _;
use axum::Json as Answer;
use model::{Error, FieldError, ProjectId, config::CleanseConfig, limits, results::CleansePreview};
use serde::Deserialize;
use utoipa::ToSchema;

use super::{
    extract::{Id, Json},
    openapi::VIEWER,
};
use crate::{backend::Asked, problem::Result};

/// What to show.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct PreviewCleanse {
    /// The settings to try; those that are stored when left out.
    #[serde(default)]
    cleanse: Option<CleanseConfig>,
    /// Only records of this source; every source's, in the sources' order, when left out.
    #[serde(default)]
    source: Option<String>,
    /// How many records; 20 when left out.
    #[serde(default)]
    #[schema(minimum = 1, maximum = 200)]
    rows: Option<usize>,
}

/// Try a cleansing
///
/// What it makes of the first imported records, with the cells that it changes. Nothing is saved. 404 also when nothing was imported
/// yet.
#[utoipa::path(
    post,
    path = "/projects/{id}/cleanse/preview",
    tag = "projects",
    params(("id" = ProjectId, Path, description = "Of the project")),
    request_body = PreviewCleanse,
    responses(
        (status = 200, description = "The records, before and after", body = CleansePreview),
        (status = 409, description = "The records or a dictionary cannot be cleansed so"),
    ),
    extensions(("x-role" = json!(VIEWER))),
)]
pub(super) async fn preview_cleanse(
    asker: Asked,
    Id(id): Id<ProjectId>,
    body: Json<PreviewCleanse>,
) -> Result<Answer<CleansePreview>> {
    let PreviewCleanse { cleanse, source, rows } = body.value;
    let rows = rows.unwrap_or(limits::CLEANSE_PREVIEW_ROWS_DEFAULT);
    if !(1..=limits::CLEANSE_PREVIEW_ROWS_MAX).contains(&rows) {
        let problem = format!("must be from 1 to {}", limits::CLEANSE_PREVIEW_ROWS_MAX);
        return Err(Error::Invalid { fields: vec![FieldError::new("rows", problem)] }.into());
    }
    let config = match cleanse {
        Some(config) => config,
        None => asker.project(id).await?.config.cleanse,
    };
    let preview = asker.preview_cleanse(id, config, source, rows).await?;
    preview.map(Answer).ok_or_else(|| Error::not_found("result of Import in this project yet").into())
}
