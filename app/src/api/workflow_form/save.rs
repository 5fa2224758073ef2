//! Saving what is in the workflow form, or saying everything that is wrong with it at once.

use model::{Error, FieldError, ProjectId, StepRange, WorkflowId, workflow::WorkflowFilter};

use super::{
    compare,
    fields::{Conflict, Refusal, WorkflowFields},
    preview, read,
};
use crate::{api::request, backend::Backend};

pub(super) enum Saved {
    Yes(WorkflowId),
    No(Refusal),
}

/// Creates a workflow, or replaces the workflow `id`.
///
/// # Errors
/// Whatever can be mended in the form is part of the answer.
pub(super) async fn save(id: Option<WorkflowId>, fields: &WorkflowFields) -> Result<Saved, Error> {
    let backend = request::backend();
    let reading = read::draft(fields);
    if !reading.problems.is_empty() {
        let problems = complete(backend.as_ref(), id, fields, reading).await?;
        return Ok(Saved::No(Refusal { problems, conflict: None }));
    }
    let saved = match id {
        Some(id) => backend.replace_workflow(id, reading.draft, fields.version).await,
        None => backend.create_workflow(reading.draft).await,
    };
    match (saved, id) {
        (Ok(workflow), _) => Ok(Saved::Yes(workflow.id)),
        (Err(Error::Invalid { fields: problems }), _) => Ok(Saved::No(Refusal { problems, conflict: None })),
        (Err(Error::OutdatedVersion { .. }), Some(id)) => {
            let conflict = Some(conflict(backend.as_ref(), id, fields).await?);
            Ok(Saved::No(Refusal { problems: Vec::new(), conflict }))
        }
        (Err(Error::Conflict { message }), _) => {
            Ok(Saved::No(Refusal { problems: vec![FieldError::new("", message)], conflict: None }))
        }
        (Err(other), _) => Err(other),
    }
}

/// Everything that a save would be refused for, without saving.
pub(super) async fn problems(
    backend: &dyn Backend,
    id: Option<WorkflowId>,
    fields: &WorkflowFields,
) -> Result<Vec<FieldError>, Error> {
    complete(backend, id, fields, read::draft(fields)).await
}

/// What is typed beside what is stored.
pub(super) async fn conflict(
    backend: &dyn Backend,
    id: WorkflowId,
    fields: &WorkflowFields,
) -> Result<Conflict, Error> {
    let stored = backend.workflow(id).await?.data.workflow;
    let projects = backend.project_names().await?;
    Ok(compare::conflict(backend, &stored, fields, &projects).await)
}

/// What keeps the chosen project from running the chosen steps, as far as both are chosen.
pub(super) async fn unready(backend: &dyn Backend, fields: &WorkflowFields) -> Result<Vec<FieldError>, Error> {
    let read::Reading { draft, problems } = read::draft(fields);
    if problems.iter().any(|problem| matches!(problem.field.as_str(), "project_id" | "steps")) {
        return Ok(Vec::new());
    }
    configuration_problems(backend, draft.project_id, draft.steps).await
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
