//! `/activity`, and the same of one project and of one workflow

use app::backend::Backend as _;
use axum::Json as Answer;
use model::{
    ProjectId, WorkflowId,
    activity::{Activity, ActivityFilter},
};

use super::{
    List,
    extract::{Id, Query, page_limit},
    openapi::{ADMINISTRATOR, VIEWER},
};
use crate::{
    backend::Asked,
    problem::{Problem, Result},
};

/// Who did what on the whole server
///
/// Changes with what was before and is after, runs that were asked for, sign-ins; the newest first. Narrowed to a project or
/// workflow, whoever may see that may ask, too.
#[utoipa::path(
    get,
    path = "/activity",
    tag = "server",
    params(ActivityFilter),
    responses(
        (status = 200, description = "A page of it", body = List<Activity>),
        (status = 404, description = "It is narrowed to what does not exist"),
    ),
    extensions(("x-role" = json!(ADMINISTRATOR))),
)]
pub(super) async fn activity(asker: Asked, Query(filter): Query<ActivityFilter>) -> Result<Answer<List<Activity>>> {
    read(&asker, filter).await
}

/// Who did what in a project
///
/// With it, its workflows and their executions; the newest first. It outlives the project.
#[utoipa::path(
    get,
    path = "/projects/{id}/activity",
    tag = "projects",
    params(("id" = ProjectId, Path, description = "Of the project"), ActivityFilter),
    responses((status = 200, description = "A page of it", body = List<Activity>)),
    extensions(("x-role" = json!(VIEWER))),
)]
pub(super) async fn project_activity(
    asker: Asked,
    Id(id): Id<ProjectId>,
    Query(filter): Query<ActivityFilter>,
) -> Result<Answer<List<Activity>>> {
    must_be(filter.project, id, "project")?;
    read(&asker, ActivityFilter { project: Some(id), ..filter }).await
}

/// Who did what with a workflow
///
/// With it, its trigger address and its executions, and what its schedule did without leaving an execution behind; the newest
/// first. It outlives the workflow.
#[utoipa::path(
    get,
    path = "/workflows/{id}/activity",
    tag = "workflows",
    params(("id" = WorkflowId, Path, description = "Of the workflow"), ActivityFilter),
    responses((status = 200, description = "A page of it", body = List<Activity>)),
    extensions(("x-role" = json!(VIEWER))),
)]
pub(super) async fn workflow_activity(
    asker: Asked,
    Id(id): Id<WorkflowId>,
    Query(filter): Query<ActivityFilter>,
) -> Result<Answer<List<Activity>>> {
    must_be(filter.workflow, id, "workflow")?;
    read(&asker, ActivityFilter { workflow: Some(id), ..filter }).await
}

/// The path has said which one already.
fn must_be<T: PartialEq>(named: Option<T>, id: T, parameter: &'static str) -> Result<()> {
    match named {
        Some(other) if other != id => Err(Problem::query(parameter, "is another one than in the path; leave it out")),
        _ => Ok(()),
    }
}

async fn read(asker: &Asked, filter: ActivityFilter) -> Result<Answer<List<Activity>>> {
    let filter = ActivityFilter { limit: page_limit(filter.limit)?, ..filter };
    let page = asker.activity(filter).await.map_err(Problem::of_query)?.data;
    Ok(Answer(List { items: page.items, next_cursor: page.next_cursor }))
}
