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
    Error, ProjectId, Role, Step, limits,
    project::{Project, ProjectDraft, ProjectFilter, ProjectSummary},
    results::StepResult,
};
use serde::Deserialize;
use utoipa::{
    IntoParams, ToSchema,
    openapi::{
        Required,
        path::{Parameter, ParameterBuilder, ParameterIn},
        schema::{ObjectBuilder, Type},
    },
};

use super::{
    List, PREFIX,
    extract::{Id, Json, NoBody, Nothing, Query, page_limit},
    openapi::{EDITOR, FileContent, Needs, VIEWER},
};
use crate::{
    backend::Asked,
    problem::{Problem, Result},
    services::Services,
    uploads,
};

/// Projects
///
/// By name.
#[utoipa::path(
    get,
    path = "/projects",
    tag = "projects",
    params(ProjectFilter),
    responses((status = 200, description = "A page of them", body = List<ProjectSummary>)),
    extensions(("x-role" = json!(Needs::AnyRole))),
)]
pub(super) async fn projects(
    asker: Asked,
    Query(filter): Query<ProjectFilter>,
) -> Result<Answer<List<ProjectSummary>>> {
    let filter = ProjectFilter { limit: page_limit(filter.limit)?, ..filter };
    let page = asker.projects(filter).await.map_err(Problem::of_query)?.data;
    Ok(Answer(List { items: page.items, next_cursor: page.next_cursor }))
}

/// A new project.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NewProject)]
pub(super) struct Create {
    #[schema(schema_with = model::openapi::name)]
    name: String,
}

/// Make a project
///
/// Then add a file, and let it suggest a configuration.
#[utoipa::path(
    post,
    path = "/projects",
    tag = "projects",
    request_body = Create,
    responses((status = 201, description = "It is made", body = Project, headers(("location" = String, description = "Where it is")))),
    extensions(("x-role" = json!(Needs::Everywhere(Role::Editor)))),
)]
pub(super) async fn create_project(asker: Asked, body: Json<Create>) -> Result<impl IntoResponse> {
    let project = asker.create_project(body.value.name).await?;
    let location = format!("{PREFIX}/projects/{}", project.id);
    Ok((StatusCode::CREATED, [(header::LOCATION, location)], Answer(project)))
}

/// One project
///
/// With its configuration document and its files.
#[utoipa::path(
    get,
    path = "/projects/{id}",
    tag = "projects",
    params(("id" = ProjectId, Path, description = "Of the project")),
    responses((status = 200, description = "As it is stored", body = Project)),
    extensions(("x-role" = json!(VIEWER))),
)]
pub(super) async fn project(asker: Asked, Id(id): Id<ProjectId>) -> Result<Answer<Project>> {
    Ok(Answer(asker.project(id).await?))
}

/// Change a project
///
/// The whole of it is sent, with the `version` that the writer started from.
#[utoipa::path(
    put,
    path = "/projects/{id}",
    tag = "projects",
    params(("id" = ProjectId, Path, description = "Of the project")),
    request_body = ProjectDraft,
    responses(
        (status = 200, description = "As it is stored now", body = Project),
        (status = 409, description = "Someone else saved meanwhile; `current_version` is what is stored now"),
    ),
    extensions(("x-role" = json!(EDITOR))),
)]
pub(super) async fn replace_project(
    asker: Asked,
    Id(id): Id<ProjectId>,
    body: Json<ProjectDraft>,
) -> Result<Answer<Project>> {
    Ok(Answer(asker.replace_project(id, body.value).await?))
}

/// Delete a project
///
/// With its files and results.
#[utoipa::path(
    delete,
    path = "/projects/{id}",
    tag = "projects",
    params(("id" = ProjectId, Path, description = "Of the project")),
    responses(
        (status = 204, description = "It is gone"),
        (status = 409, description = "A workflow uses it"),
    ),
    extensions(("x-role" = json!(EDITOR))),
)]
pub(super) async fn delete_project(asker: Asked, Id(id): Id<ProjectId>) -> Result<StatusCode> {
    asker.delete_project(id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Suggest a configuration
///
/// Profiles the sources and fills cleanse, match, merge and export; saves it and raises the version.
#[utoipa::path(
    post,
    path = "/projects/{id}/suggest",
    tag = "projects",
    params(("id" = ProjectId, Path, description = "Of the project")),
    request_body = Option<Nothing>,
    responses(
        (status = 200, description = "As it is stored now", body = Project),
        (status = 409, description = "A source cannot be read, or someone else saves all the time"),
    ),
    extensions(("x-role" = json!(EDITOR))),
)]
pub(super) async fn suggest_project(asker: Asked, Id(id): Id<ProjectId>, _: NoBody) -> Result<Answer<Project>> {
    Ok(Answer(asker.suggest_project(id).await?))
}

#[derive(Deserialize)]
pub(super) struct FileQuery {
    name: Option<String>,
}

impl IntoParams for FileQuery {
    fn into_params(_: impl Fn() -> Option<ParameterIn>) -> Vec<Parameter> {
        let text = format!(
            "What the file is called, such as `people.csv`: 1 to {} characters. What stands before a slash is left out.",
            limits::FILE_NAME_CHARS_MAX
        );
        let parameter = ParameterBuilder::new()
            .name("name")
            .parameter_in(ParameterIn::Query)
            .required(Required::True)
            .description(Some(text))
            .schema(Some(ObjectBuilder::new().schema_type(Type::String).min_length(Some(1))));
        vec![parameter.build()]
    }
}

/// Add a file
///
/// The body is the file. It becomes a source of the project; under a name that is there already it takes that file's place.
/// What runs keeps the file that it started with.
#[utoipa::path(
    post,
    path = "/projects/{id}/files",
    tag = "projects",
    params(("id" = ProjectId, Path, description = "Of the project"), FileQuery),
    request_body(content = FileContent, content_type = "application/octet-stream", description = "The file as it is: CSV in any dialect, JSON lines, Parquet, XLSX or XLS, packed by gzip or zstd or not"),
    responses(
        (status = 201, description = "The project as it is stored now", body = Project),
        (status = 409, description = "The project has as many sources as it can"),
    ),
    extensions(("x-role" = json!(EDITOR))),
)]
pub(super) async fn add_file(
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

/// The latest result of a step
///
/// What it counted and found. 404 also when the step has none yet.
#[utoipa::path(
    get,
    path = "/projects/{id}/results/{step}",
    tag = "projects",
    params(("id" = ProjectId, Path, description = "Of the project"), ("step" = Step, Path, description = "The step")),
    responses((status = 200, description = "The summary", body = StepResult)),
    extensions(("x-role" = json!(VIEWER))),
)]
pub(super) async fn project_result(
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
