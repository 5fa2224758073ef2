//! `/workflows`

use app::backend::Backend as _;
use axum::{
    Json as Answer,
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
    Items, List, PREFIX,
    executions::idempotency_key,
    extract::{Id, Json, NoBody, Parameters, Query, page_limit},
};
use crate::{
    backend::Asked,
    problem::{Problem, Result},
};

impl Parameters for WorkflowFilter {
    const NAMES: &'static [&'static str] = &["q", "state", "outcome", "project", "sort", "cursor", "limit"];
}

pub(super) async fn list(asker: Asked, Query(filter): Query<WorkflowFilter>) -> Result<Answer<List<Workflow>>> {
    let filter = WorkflowFilter { limit: page_limit(filter.limit)?, ..filter };
    let page = asker.workflows(filter).await.map_err(Problem::of_query)?.data;
    let items = page.items.into_iter().map(|card| card.workflow).collect();
    Ok(Answer(List { items, next_cursor: page.next_cursor }))
}

pub(super) async fn create(asker: Asked, body: Json<WorkflowDraft>) -> Result<impl IntoResponse> {
    let workflow = asker.create_workflow(body.value).await?;
    Ok(created(workflow))
}

pub(super) async fn read(asker: Asked, Id(id): Id<WorkflowId>) -> Result<Answer<Workflow>> {
    Ok(Answer(asker.workflow(id).await?.data.workflow))
}

pub(super) async fn replace(
    asker: Asked,
    Id(id): Id<WorkflowId>,
    body: Json<WorkflowDraft>,
) -> Result<Answer<Workflow>> {
    let version = body.version()?;
    Ok(Answer(asker.replace_workflow(id, body.value, version).await?))
}

pub(super) async fn delete(asker: Asked, Id(id): Id<WorkflowId>) -> Result<StatusCode> {
    asker.delete_workflow(id).await?;
    Ok(StatusCode::NO_CONTENT)
}

pub(super) async fn pause(asker: Asked, Id(id): Id<WorkflowId>, _: NoBody) -> Result<Answer<Workflow>> {
    Ok(Answer(asker.pause_workflow(id).await?))
}

pub(super) async fn resume(asker: Asked, Id(id): Id<WorkflowId>, _: NoBody) -> Result<Answer<Workflow>> {
    Ok(Answer(asker.resume_workflow(id).await?))
}

pub(super) async fn duplicate(asker: Asked, Id(id): Id<WorkflowId>, _: NoBody) -> Result<impl IntoResponse> {
    Ok(created(asker.duplicate_workflow(id).await?))
}

/// Each workflow has its own outcome; the request as a whole is refused only when it cannot be read.
pub(super) async fn act_on_several(
    asker: Asked,
    headers: HeaderMap,
    body: Json<BulkRequest>,
) -> Result<Answer<Items<BulkOutcome>>> {
    let key = idempotency_key(&headers)?;
    Ok(Answer(Items { items: asker.act_on_workflows(body.value, key).await? }))
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
    asker: Asked,
    Id(id): Id<WorkflowId>,
    Query(query): Query<ActivityQuery>,
) -> Result<Answer<List<Activity>>> {
    let limit = page_limit(query.limit)?;
    let page = asker.workflow_activity(id, query.cursor, limit).await.map_err(Problem::of_query)?;
    Ok(Answer(List { items: page.items, next_cursor: page.next_cursor }))
}

fn created(workflow: Workflow) -> impl IntoResponse {
    let location = format!("{PREFIX}/workflows/{}", workflow.id);
    (StatusCode::CREATED, [(header::LOCATION, location)], Answer(workflow))
}
