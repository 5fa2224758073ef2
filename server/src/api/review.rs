//! `/projects/{id}/review`

use app::backend::Backend as _;
use axum::Json as Answer;
use model::{
    ProjectId,
    review::{ReviewChange, ReviewFilter, ReviewedRecord},
};
use serde::Deserialize;
use utoipa::ToSchema;

use super::{
    Items, List,
    extract::{Id, Json, Query, page_limit},
    openapi::{EDITOR, VIEWER},
};
use crate::{
    backend::Asked,
    problem::{Problem, Result},
};

/// What was decided by hand
///
/// The records that somebody decided about: the master of a group, selected, not a duplicate. By record.
#[utoipa::path(
    get,
    path = "/projects/{id}/review",
    tag = "projects",
    params(("id" = ProjectId, Path, description = "Of the project"), ReviewFilter),
    responses((status = 200, description = "A page of them", body = List<ReviewedRecord>)),
    extensions(("x-role" = json!(VIEWER))),
)]
pub(super) async fn reviewed(
    asker: Asked,
    Id(id): Id<ProjectId>,
    Query(filter): Query<ReviewFilter>,
) -> Result<Answer<List<ReviewedRecord>>> {
    let filter = ReviewFilter { limit: page_limit(filter.limit)?, ..filter };
    let page = asker.reviewed(id, filter).await.map_err(Problem::of_query)?;
    Ok(Answer(List { items: page.items, next_cursor: page.next_cursor }))
}

/// Decisions about records.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Decisions {
    #[schema(schema_with = model::openapi::review_changes)]
    records: Vec<ReviewChange>,
}

/// Decide about records by hand
///
/// What is decided holds for every run from the next on, until it is decided otherwise: records are known by their `id`, which
/// stays from run to run. A flag that is left out stays as it is. A group has one master: a new one takes the place of the one
/// before. Flags are set on records of the latest groups; they can be taken away from any.
#[utoipa::path(
    post,
    path = "/projects/{id}/review",
    tag = "projects",
    params(("id" = ProjectId, Path, description = "Of the project")),
    request_body = Decisions,
    responses(
        (status = 200, description = "Those of these records that have a flag now", body = Items<ReviewedRecord>),
        (status = 409, description = "The records have changed since they were matched, or the project keeps as many decisions as it can"),
    ),
    extensions(("x-role" = json!(EDITOR))),
)]
pub(super) async fn review(
    asker: Asked,
    Id(id): Id<ProjectId>,
    body: Json<Decisions>,
) -> Result<Answer<Items<ReviewedRecord>>> {
    Ok(Answer(Items { items: asker.review(id, body.value.records).await? }))
}
