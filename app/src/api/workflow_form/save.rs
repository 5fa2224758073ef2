//! Opening and saving the workflow form: everything that is wrong is said at once.

use model::{
    Error, FieldError, ProjectId, StepRange, WorkflowId,
    workflow::{Notifications, WorkflowFilter},
};

use super::{Saved, compare, preview, read};
use crate::{
    api::request,
    api::workflow_form::fields::{ProjectChoice, Refusal, WorkflowFields, WorkflowForm},
    backend::Backend,
    posted::{posted, refuse},
};

/// The form as it was posted to the page, after doing what the post asked for; or as it stands in the store.
pub(crate) async fn open(id: Option<WorkflowId>, project: Option<ProjectId>) -> Result<WorkflowForm, Error> {
    let backend = request::backend();
    let stored = match id {
        Some(id) => Some(backend.workflow(id).await?.data.workflow),
        None => None,
    };
    let mut refusal = Refusal::default();
    let fields = match (posted(), &stored) {
        (Some(body), _) => {
            let mut fields = read::fields(&body);
            if read::wants_save(&body) {
                refusal = save_posted(id, &mut fields).await?;
            }
            fields
        }
        (None, Some(workflow)) => read::of_workflow(workflow),
        (None, None) => read::blank(project, &backend.default_time_zone()),
    };
    Ok(WorkflowForm {
        id,
        stored_name: stored.map(|workflow| workflow.name),
        preview: preview::of_form(backend.as_ref(), &fields).await?,
        projects: project_choices(backend.as_ref()).await?,
        time_zones: preview::time_zones(),
        fields,
        refusal,
    })
}

/// Leads on to the workflow when it was saved. Otherwise the page comes back, ready to be saved over the version that is
/// shown beside it.
async fn save_posted(id: Option<WorkflowId>, fields: &mut WorkflowFields) -> Result<Refusal, Error> {
    match save(id, fields).await? {
        Saved::Yes(workflow) => {
            leptos_axum::redirect(&format!("/workflows/{workflow}"));
            Ok(Refusal::default())
        }
        Saved::No(refusal) => {
            refuse();
            if let Some(conflict) = &refusal.conflict {
                fields.version = conflict.version;
            }
            Ok(refusal)
        }
    }
}

pub(crate) async fn save(id: Option<WorkflowId>, fields: &WorkflowFields) -> Result<Saved, Error> {
    let backend = request::backend();
    let notifications = match id {
        // The form does not show them: what is stored stays.
        Some(id) => backend.workflow(id).await?.data.workflow.notifications,
        None => Notifications::default(),
    };
    let reading = read::draft(fields, notifications);
    if !reading.problems.is_empty() {
        let problems = complete(backend.as_ref(), id, fields, reading).await?;
        return Ok(Saved::No(Refusal { problems, conflict: None }));
    }
    let saved = match id {
        Some(id) => backend.replace_workflow(&request::actor(), id, reading.draft, fields.version).await,
        None => backend.create_workflow(&request::actor(), reading.draft).await,
    };
    match (saved, id) {
        (Ok(workflow), _) => Ok(Saved::Yes(workflow.id)),
        (Err(Error::Invalid { fields: problems }), _) => Ok(Saved::No(Refusal { problems, conflict: None })),
        (Err(Error::OutdatedVersion { .. }), Some(id)) => {
            let stored = backend.workflow(id).await?.data.workflow;
            let projects = project_choices(backend.as_ref()).await?;
            let conflict = compare::conflict(backend.as_ref(), &stored, fields, &projects).await;
            Ok(Saved::No(Refusal { problems: Vec::new(), conflict: Some(conflict) }))
        }
        (Err(Error::Conflict { message }), _) => {
            Ok(Saved::No(Refusal { problems: vec![FieldError::new("", message)], conflict: None }))
        }
        (Err(other), _) => Err(other),
    }
}

/// All problems of a draft that cannot be sent to the store because some of its inputs cannot be read: those inputs, and
/// what the store would have said about the others.
async fn complete(
    backend: &dyn Backend,
    id: Option<WorkflowId>,
    fields: &WorkflowFields,
    reading: read::Reading,
) -> Result<Vec<FieldError>, Error> {
    let read::Reading { draft, mut problems } = reading;
    let unread: Vec<String> = problems.iter().map(|problem| problem.field.clone()).collect();
    let mut found = draft.problems();
    found.extend(preview::problems(backend, fields).await?);
    if let Some(taken) = name_taken(backend, id, &draft.name).await? {
        found.push(taken);
    }
    if !unread.iter().any(|field| field == "project_id" || field == "steps") {
        found.extend(configuration_problems(backend, draft.project_id, draft.steps).await?);
    }
    for problem in found {
        if !unread.contains(&problem.field) && !problems.contains(&problem) {
            problems.push(problem);
        }
    }
    Ok(problems)
}

async fn name_taken(backend: &dyn Backend, id: Option<WorkflowId>, name: &str) -> Result<Option<FieldError>, Error> {
    let filter = WorkflowFilter { q: Some(name.to_owned()), ..WorkflowFilter::default() };
    let found = backend.workflows(filter).await?.data.items;
    let taken = found.iter().any(|card| card.workflow.name == name && Some(card.workflow.id) != id);
    Ok(taken.then(|| FieldError::new("name", "another workflow has this name")))
}

async fn configuration_problems(
    backend: &dyn Backend,
    project: ProjectId,
    steps: StepRange,
) -> Result<Vec<FieldError>, Error> {
    let checked = match backend.project(project).await {
        Ok(project) => backend.check_project(project.id, project.config, steps).await,
        Err(error) => Err(error),
    };
    match checked {
        Ok(()) => Ok(Vec::new()),
        Err(Error::Invalid { fields }) => Ok(fields),
        Err(Error::NotFound { .. }) => Ok(vec![FieldError::new("project_id", "this project does not exist any more")]),
        Err(other) => Err(other),
    }
}

async fn project_choices(backend: &dyn Backend) -> Result<Vec<ProjectChoice>, Error> {
    let projects = backend.projects().await?;
    Ok(projects.into_iter().map(|project| ProjectChoice { id: project.id, name: project.name }).collect())
}
