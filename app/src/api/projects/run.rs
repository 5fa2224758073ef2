//! From a project to its golden records with one click.

use model::{
    Error, ProjectId, StepRange, WorkflowId,
    execution::Execution,
    limits,
    schedule::Schedule,
    workflow::{Notifications, Workflow, WorkflowDraft, WorkflowFilter},
};

use crate::{api::request::backend, backend::Backend};

pub(super) async fn on_demand(id: ProjectId, key: Option<String>) -> Result<Execution, Error> {
    let backend = backend();
    let workflow = match existing(backend.as_ref(), id).await? {
        Some(workflow) => workflow,
        None => create(backend.as_ref(), id).await?.id,
    };
    backend.run_now(workflow, None, key).await
}

/// The oldest workflow that runs all of this project, only when asked: a second click finds what the first one made.
async fn existing(backend: &dyn Backend, id: ProjectId) -> Result<Option<WorkflowId>, Error> {
    let filter = WorkflowFilter { project: Some(id), limit: Some(limits::PAGE_ITEMS_MAX), ..WorkflowFilter::default() };
    let cards = backend.workflows(filter).await?.data.items;
    let whole = cards
        .into_iter()
        .map(|card| card.workflow)
        .filter(|workflow| workflow.schedule == Schedule::OnDemand && workflow.steps == StepRange::ALL);
    Ok(whole.min_by_key(|workflow| workflow.created_at).map(|workflow| workflow.id))
}

/// Named after its project; when another workflow has the name already, with a number.
async fn create(backend: &dyn Backend, id: ProjectId) -> Result<Workflow, Error> {
    let project = backend.project(id).await?.name;
    let mut number = 1;
    loop {
        let ending = if number == 1 { String::new() } else { format!(" ({number})") };
        let room = limits::NAME_CHARS_MAX.saturating_sub(ending.chars().count());
        let name: String = project.chars().take(room).collect();
        let draft = WorkflowDraft {
            name: name.trim().to_owned() + &ending,
            project_id: id,
            steps: StepRange::ALL,
            schedule: Schedule::OnDemand,
            time_zone: None,
            retries: 0,
            retry_delays_s: None,
            suspend_after: None,
            missed: Default::default(),
            timeout_s: None,
            notifications: Notifications::default(),
        };
        match backend.create_workflow(draft).await {
            Err(Error::Invalid { fields })
                if number < NAMES_TRIED_MAX && fields.iter().all(|problem| problem.field == "name") =>
            {
                number += 1;
            }
            other => return other,
        }
    }
}

const NAMES_TRIED_MAX: u32 = 20;
