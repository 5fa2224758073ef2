//! `/projects/{id}/pairs`, `/groups`, `/models`, and `/match/estimate`

use app::backend::Backend as _;
use axum::{Json as Answer, extract::Path};
use model::{
    Error, ProjectId,
    config::MatchConfig,
    results::{
        BlockingEstimate, GroupInFull, GroupPage, MatchModel, MatchQuery, MatchedGroup, MatchedPair, PairExplained,
        PairPage,
    },
};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::{
    Items,
    extract::{Id, Json, Query, page_limit},
    openapi::VIEWER,
};
use crate::{
    backend::Asked,
    problem::{Problem, Result},
};

/// A page of a result of Match, whose records hold values of these columns.
#[derive(Serialize, ToSchema)]
pub(super) struct MatchList<T> {
    columns: Vec<String>,
    items: Vec<T>,
    /// Sent as `cursor`, it gives the next page; null on the last.
    next_cursor: Option<String>,
}

fn no_result() -> Problem {
    Error::not_found("result of Match in this project yet").into()
}

/// The pairs that match
///
/// Of the latest result of Match, by their records' numbers, with the values of both records. 404 also when there is no result
/// yet. A number of a record is that of this result: what stays from run to run is its `id`.
#[utoipa::path(
    get,
    path = "/projects/{id}/pairs",
    tag = "projects",
    params(("id" = ProjectId, Path, description = "Of the project"), MatchQuery),
    responses(
        (status = 200, description = "A page of them", body = MatchList<MatchedPair>),
        (status = 409, description = "The records have changed since they were matched"),
    ),
    extensions(("x-role" = json!(VIEWER))),
)]
pub(super) async fn match_pairs(
    asker: Asked,
    Id(id): Id<ProjectId>,
    Query(query): Query<MatchQuery>,
) -> Result<Answer<MatchList<MatchedPair>>> {
    let query = MatchQuery { limit: page_limit(query.limit)?, ..query };
    let PairPage { columns, pairs, next_cursor } = asker.match_pairs(id, query).await?.ok_or_else(no_result)?;
    Ok(Answer(MatchList { columns, items: pairs, next_cursor: next_cursor.map(|cursor| cursor.to_string()) }))
}

/// The groups
///
/// Of the latest result of Match, by their first records, each with at most its first 20 records. A filter of pairs takes groups
/// that hold such a pair. The number of a group stays from run to run. 404 also when there is no result yet.
#[utoipa::path(
    get,
    path = "/projects/{id}/groups",
    tag = "projects",
    params(("id" = ProjectId, Path, description = "Of the project"), MatchQuery),
    responses(
        (status = 200, description = "A page of them", body = MatchList<MatchedGroup>),
        (status = 409, description = "The records have changed since they were matched"),
    ),
    extensions(("x-role" = json!(VIEWER))),
)]
pub(super) async fn match_groups(
    asker: Asked,
    Id(id): Id<ProjectId>,
    Query(query): Query<MatchQuery>,
) -> Result<Answer<MatchList<MatchedGroup>>> {
    let query = MatchQuery { limit: page_limit(query.limit)?, ..query };
    let GroupPage { columns, groups, next_cursor } = asker.match_groups(id, query).await?.ok_or_else(no_result)?;
    Ok(Answer(MatchList { columns, items: groups, next_cursor: next_cursor.map(|cursor| cursor.to_string()) }))
}

/// Which records of a group.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct RecordsOfGroup {
    /// `next_cursor` of the page before.
    #[serde(default)]
    cursor: Option<u64>,
    #[serde(default)]
    #[param(schema_with = model::openapi::page_limit)]
    limit: Option<usize>,
}

/// One group
///
/// A page of its records in load order, and the pairs that match among those.
#[utoipa::path(
    get,
    path = "/projects/{id}/groups/{group}",
    tag = "projects",
    params(
        ("id" = ProjectId, Path, description = "Of the project"),
        ("group" = u32, Path, description = "Its number"),
        RecordsOfGroup,
    ),
    responses(
        (status = 200, description = "The group", body = GroupInFull),
        (status = 409, description = "The records have changed since they were matched"),
    ),
    extensions(("x-role" = json!(VIEWER))),
)]
pub(super) async fn match_group(
    asker: Asked,
    Id(id): Id<ProjectId>,
    Path((_, group)): Path<(String, String)>,
    Query(page): Query<RecordsOfGroup>,
) -> Result<Answer<GroupInFull>> {
    let limit = page_limit(page.limit)?;
    let no_such = || Error::not_found("group in the latest result of Match");
    let group = group.parse().map_err(|_| no_such())?;
    let found = asker.match_group(id, group, page.cursor.unwrap_or(0), limit).await?;
    found.map(Answer).ok_or_else(|| no_such().into())
}

/// Why a pair matches, or does not
///
/// What every definition says of two records, comparison by comparison; it adds up to the score. The records are named by their
/// numbers in the latest result, and need not be a pair that matches.
#[utoipa::path(
    get,
    path = "/projects/{id}/pairs/{left}/{right}",
    tag = "projects",
    params(
        ("id" = ProjectId, Path, description = "Of the project"),
        ("left" = u32, Path, description = "The number of one record"),
        ("right" = u32, Path, description = "That of the other"),
    ),
    responses(
        (status = 200, description = "Both records and the explanation", body = PairExplained),
        (status = 409, description = "The records have changed since they were matched"),
    ),
    extensions(("x-role" = json!(VIEWER))),
)]
pub(super) async fn explain_pair(
    asker: Asked,
    Id(id): Id<ProjectId>,
    Path((_, one, other)): Path<(String, String, String)>,
) -> Result<Answer<PairExplained>> {
    let no_such = || Error::not_found("pair of records in the latest result of Match");
    let (one, other) = one.parse().ok().zip(other.parse().ok()).ok_or_else(no_such)?;
    asker.explain_pair(id, one, other).await?.map(Answer).ok_or_else(|| no_such().into())
}

/// What was learned
///
/// The models of the probabilistic definitions (Fellegi–Sunter) in the latest result of Match: how much each level of each
/// comparison says, and why. 404 also when there is no result yet.
#[utoipa::path(
    get,
    path = "/projects/{id}/models",
    tag = "projects",
    params(("id" = ProjectId, Path, description = "Of the project")),
    responses(
        (status = 200, description = "One for each probabilistic definition", body = Items<MatchModel>),
        (status = 409, description = "The records have changed since they were matched"),
    ),
    extensions(("x-role" = json!(VIEWER))),
)]
pub(super) async fn match_models(asker: Asked, Id(id): Id<ProjectId>) -> Result<Answer<Items<MatchModel>>> {
    let items = asker.match_models(id).await?.ok_or_else(no_result)?;
    Ok(Answer(Items { items }))
}

/// What to estimate.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct EstimateBlocking {
    /// The settings to try; those that are stored when left out.
    #[serde(default, rename = "match")]
    matching: Option<MatchConfig>,
}

/// Estimate blocking
///
/// How many pairs each blocking key would propose for the latest cleansed records, its largest blocks, and whether Match would
/// refuse to compare so many. Nothing is compared or saved. 404 also when nothing was cleansed yet.
#[utoipa::path(
    post,
    path = "/projects/{id}/match/estimate",
    tag = "projects",
    params(("id" = ProjectId, Path, description = "Of the project")),
    request_body = EstimateBlocking,
    responses(
        (status = 200, description = "Pairs and blocks of each key", body = BlockingEstimate),
        (status = 409, description = "The keys cannot be made from these records"),
    ),
    extensions(("x-role" = json!(VIEWER))),
)]
pub(super) async fn estimate_blocking(
    asker: Asked,
    Id(id): Id<ProjectId>,
    body: Json<EstimateBlocking>,
) -> Result<Answer<BlockingEstimate>> {
    let config = match body.value.matching {
        Some(config) => config,
        None => asker.project(id).await?.config.matching,
    };
    let estimate = asker.estimate_blocking(id, config).await?;
    estimate.map(Answer).ok_or_else(|| Error::not_found("result of Cleanse in this project yet").into())
}
