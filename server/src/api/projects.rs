//! `/projects`

use app::backend::Backend as _;
use axum::{
    Json as Answer,
    body::Body,
    extract::{Path, State},
    http::{HeaderMap, StatusCode, header},
    response::IntoResponse,
};
use model::{
    Error, ProjectId, Step,
    project::{Project, ProjectDraft, ProjectFilter, ProjectSummary},
    results::StepResult,
};
use serde::Deserialize;

use super::{
    List, PREFIX,
    extract::{Id, Json, NoBody, Parameters, Query, page_limit},
};
use crate::{
    backend::Asked,
    problem::{Problem, Result},
    services::Services,
    uploads,
};

impl Parameters for ProjectFilter {
    const NAMES: &'static [&'static str] = &["q", "cursor", "limit"];
}

pub(super) async fn list(asker: Asked, Query(filter): Query<ProjectFilter>) -> Result<Answer<List<ProjectSummary>>> {
    let filter = ProjectFilter { limit: page_limit(filter.limit)?, ..filter };
    let page = asker.projects(filter).await.map_err(Problem::of_query)?.data;
    Ok(Answer(List { items: page.items, next_cursor: page.next_cursor }))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Create {
    name: String,
}

pub(super) async fn create(asker: Asked, body: Json<Create>) -> Result<impl IntoResponse> {
    let project = asker.create_project(body.value.name).await?;
    let location = format!("{PREFIX}/projects/{}", project.id);
    Ok((StatusCode::CREATED, [(header::LOCATION, location)], Answer(project)))
}

pub(super) async fn read(asker: Asked, Id(id): Id<ProjectId>) -> Result<Answer<Project>> {
    Ok(Answer(asker.project(id).await?))
}

pub(super) async fn replace(asker: Asked, Id(id): Id<ProjectId>, body: Json<ProjectDraft>) -> Result<Answer<Project>> {
    Ok(Answer(asker.replace_project(id, body.value).await?))
}

pub(super) async fn delete(asker: Asked, Id(id): Id<ProjectId>) -> Result<StatusCode> {
    asker.delete_project(id).await?;
    Ok(StatusCode::NO_CONTENT)
}

pub(super) async fn suggest(asker: Asked, Id(id): Id<ProjectId>, _: NoBody) -> Result<Answer<Project>> {
    Ok(Answer(asker.suggest_project(id).await?))
}

#[derive(Deserialize)]
pub(super) struct FileQuery {
    name: Option<String>,
}

impl Parameters for FileQuery {
    const NAMES: &'static [&'static str] = &["name"];
}

/// The body is the file.
pub(super) async fn upload(
    State(services): State<Services>,
    asker: Asked,
    Id(id): Id<ProjectId>,
    Query(query): Query<FileQuery>,
    headers: HeaderMap,
    body: Body,
) -> Result<(StatusCode, Answer<Project>)> {
    let name = query.name.ok_or_else(|| Problem::query("name", "say the name of the file: ?name=people.csv"))?;
    let project = uploads::raw(&services, &asker, id, &name, &headers, body).await?;
    Ok((StatusCode::CREATED, Answer(project)))
}

pub(super) async fn result(
    asker: Asked,
    Id(id): Id<ProjectId>,
    Path((_, step)): Path<(String, String)>,
) -> Result<Answer<StepResult>> {
    let step = Step::parse(&step).ok_or_else(|| {
        let steps = Step::ALL.map(Step::as_str).join(", ");
        Problem::from(Error::not_found(format!("step “{step}” (there are {steps})")))
    })?;
    let result = asker.project_result(id, step).await?;
    result.map(Answer).ok_or_else(|| Error::not_found(format!("result of {step} in this project yet")).into())
}
