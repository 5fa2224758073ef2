//! `/workflows`

use app::backend::Backend as _;
use axum::{
    Json as Answer,
    extract::State,
    http::{HeaderMap, StatusCode, header},
    response::IntoResponse,
};
use model::{
    WorkflowId,
    activity::Activity,
    bulk::{BulkOutcome, BulkRequest},
    workflow::{Workflow, WorkflowDraft, WorkflowFilter},
};
use serde::Deserialize;

use super::{
    Items, List, PREFIX, actor,
    executions::idempotency_key,
    extract::{Id, Json, NoBody, Parameters, Query, page_limit},
};
use crate::{
    problem::{Problem, Result},
    services::Services,
};

impl Parameters for WorkflowFilter {
    const NAMES: &'static [&'static str] = &["q", "state", "outcome", "project", "sort", "cursor", "limit"];
}

pub(super) async fn list(
    State(services): State<Services>,
    Query(filter): Query<WorkflowFilter>,
) -> Result<Answer<List<Workflow>>> {
    let filter = WorkflowFilter { limit: page_limit(filter.limit)?, ..filter };
    let page = services.backend.workflows(filter).await.map_err(Problem::of_query)?.data;
    let items = page.items.into_iter().map(|card| card.workflow).collect();
    Ok(Answer(List { items, next_cursor: page.next_cursor }))
}

pub(super) async fn create(State(services): State<Services>, body: Json<WorkflowDraft>) -> Result<impl IntoResponse> {
    let workflow = services.backend.create_workflow(&actor(), body.value).await?;
    Ok(created(workflow))
}

pub(super) async fn read(State(services): State<Services>, Id(id): Id<WorkflowId>) -> Result<Answer<Workflow>> {
    Ok(Answer(services.backend.workflow(id).await?.data.workflow))
}

pub(super) async fn replace(
    State(services): State<Services>,
    Id(id): Id<WorkflowId>,
    body: Json<WorkflowDraft>,
) -> Result<Answer<Workflow>> {
    let version = body.version()?;
    Ok(Answer(services.backend.replace_workflow(&actor(), id, body.value, version).await?))
}

pub(super) async fn delete(State(services): State<Services>, Id(id): Id<WorkflowId>) -> Result<StatusCode> {
    services.backend.delete_workflow(&actor(), id).await?;
    Ok(StatusCode::NO_CONTENT)
}

pub(super) async fn pause(
    State(services): State<Services>,
    Id(id): Id<WorkflowId>,
    _: NoBody,
) -> Result<Answer<Workflow>> {
    Ok(Answer(services.backend.pause_workflow(&actor(), id).await?))
}

pub(super) async fn resume(
    State(services): State<Services>,
    Id(id): Id<WorkflowId>,
    _: NoBody,
) -> Result<Answer<Workflow>> {
    Ok(Answer(services.backend.resume_workflow(&actor(), id).await?))
}

pub(super) async fn duplicate(
    State(services): State<Services>,
    Id(id): Id<WorkflowId>,
    _: NoBody,
) -> Result<impl IntoResponse> {
    Ok(created(services.backend.duplicate_workflow(&actor(), id).await?))
}

/// Each workflow has its own outcome; the request as a whole is refused only when it cannot be read.
pub(super) async fn act_on_several(
    State(services): State<Services>,
    headers: HeaderMap,
    body: Json<BulkRequest>,
) -> Result<Answer<Items<BulkOutcome>>> {
    let key = idempotency_key(&headers)?;
    Ok(Answer(Items { items: services.backend.act_on_workflows(&actor(), body.value, key).await? }))
}

#[derive(Deserialize)]
pub(super) struct ActivityQuery {
    cursor: Option<String>,
    limit: Option<usize>,
}

impl Parameters for ActivityQuery {
    const NAMES: &'static [&'static str] = &["cursor", "limit"];
}

pub(super) async fn activity(
    State(services): State<Services>,
    Id(id): Id<WorkflowId>,
    Query(query): Query<ActivityQuery>,
) -> Result<Answer<List<Activity>>> {
    let limit = page_limit(query.limit)?;
    let page = services.backend.workflow_activity(id, query.cursor, limit).await.map_err(Problem::of_query)?;
    Ok(Answer(List { items: page.items, next_cursor: page.next_cursor }))
}

fn created(workflow: Workflow) -> impl IntoResponse {
    let location = format!("{PREFIX}/workflows/{}", workflow.id);
    (StatusCode::CREATED, [(header::LOCATION, location)], Answer(workflow))
}
