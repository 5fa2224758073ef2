//! `/projects/{id}/merge/preview`

use app::backend::Backend as _;
use axum::Json as Answer;
use model::{Error, FieldError, ProjectId, config::MergeConfig, limits, results::MergePreview};
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
pub(super) struct PreviewMerge {
    /// The rules to try; those that are stored when left out.
    #[serde(default)]
    merge: Option<MergeConfig>,
    /// How many groups; 10 when left out.
    #[serde(default)]
    #[schema(minimum = 1, maximum = 100)]
    groups: Option<usize>,
}

/// Try merge rules
///
/// What they make of some groups of the latest match, spread over all: each record before and after, the master, and where
/// every golden value is from. Groups of more than 200 records are left out. Nothing is saved. 404 also when nothing was matched
/// yet.
#[utoipa::path(
    post,
    path = "/projects/{id}/merge/preview",
    tag = "projects",
    params(("id" = ProjectId, Path, description = "Of the project")),
    request_body = PreviewMerge,
    responses(
        (status = 200, description = "The groups, before and after", body = MergePreview),
        (status = 409, description = "The matched records cannot be merged so, or are not the cleansed ones any more"),
    ),
    extensions(("x-role" = json!(VIEWER))),
)]
pub(super) async fn preview_merge(
    asker: Asked,
    Id(id): Id<ProjectId>,
    body: Json<PreviewMerge>,
) -> Result<Answer<MergePreview>> {
    let PreviewMerge { merge, groups } = body.value;
    let groups = groups.unwrap_or(limits::MERGE_PREVIEW_GROUPS_DEFAULT);
    if !(1..=limits::MERGE_PREVIEW_GROUPS_MAX).contains(&groups) {
        let problem = format!("must be from 1 to {}", limits::MERGE_PREVIEW_GROUPS_MAX);
        return Err(Error::Invalid { fields: vec![FieldError::new("groups", problem)] }.into());
    }
    let config = match merge {
        Some(config) => config,
        None => asker.project(id).await?.config.merge,
    };
    let preview = asker.preview_merge(id, config, groups).await?;
    preview.map(Answer).ok_or_else(|| Error::not_found("result of Match in this project yet").into())
}
