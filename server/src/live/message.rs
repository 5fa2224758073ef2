//! What the ring holds: each message as the text that is sent, made once, and who may have it.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use axum::extract::ws::Utf8Bytes;
use model::{
    Access, Error, ExecutionId, ProjectId, Role, WorkflowId,
    event::{Change, Event, Sample, ServerMessage},
    execution::QueuePlace,
};

use crate::backend::LocalBackend;

#[derive(Clone, Debug)]
pub(super) struct Message {
    text: Utf8Bytes,
    /// The same without what only editors may know, where there is such a thing.
    without_secrets: Option<Utf8Bytes>,
    /// Of an event; samples have none.
    pub(super) number: Option<i64>,
    pub(super) audience: Audience,
    home: Home,
}

/// Whose pages a message concerns.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Audience {
    Everyone,
    /// Pages that watch the workflows.
    Workflows,
    /// Those, and the page of this execution.
    Execution(ExecutionId),
    /// Only the page of this execution.
    Log(ExecutionId),
}

/// Whose role decides who may have a message.
#[derive(Clone, Debug)]
enum Home {
    /// It is about no project.
    None,
    Project(ProjectId),
    /// Places in the queue, each of a project.
    Each(Arc<Queue>),
    /// It is about something that is gone, or cannot be looked up: for those who see all projects.
    Unknown,
}

#[derive(Debug)]
struct Queue {
    places: Vec<(Option<ProjectId>, QueuePlace)>,
    more: bool,
}

/// The project of each workflow, as far as it was asked for. It follows the log: the tail tells it of every event, in their
/// order, and nothing else does. What is replayed to a page that comes back tells of the past.
#[derive(Debug, Default)]
pub(super) struct Homes(Mutex<HashMap<WorkflowId, ProjectId>>);

impl Homes {
    pub(super) fn heard(&self, change: &Change) {
        match change {
            Change::Workflow { workflow } => {
                self.lock().insert(workflow.id, workflow.project_id);
            }
            Change::WorkflowDeleted { workflow_id, .. } => {
                self.lock().remove(workflow_id);
            }
            Change::Execution { .. }
            | Change::Project { .. }
            | Change::ProjectDeleted { .. }
            | Change::Delivery { .. }
            | Change::Maintenance { .. } => {}
        }
    }

    /// Some events were not heard.
    pub(super) fn forget(&self) {
        self.lock().clear();
    }

    async fn find(&self, backend: &LocalBackend, workflow: WorkflowId) -> Option<ProjectId> {
        let known = self.lock().get(&workflow).copied();
        match known {
            Some(project) => Some(project),
            None => {
                let project = found(backend.project_of_workflow(workflow).await)?;
                // What was heard meanwhile is newer.
                Some(*self.lock().entry(workflow).or_insert(project))
            }
        }
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<WorkflowId, ProjectId>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What is gone has no project; that one cannot be read is logged where it happens.
fn found(project: Result<ProjectId, Error>) -> Option<ProjectId> {
    project.ok()
}

impl Message {
    pub(super) async fn event(event: Event, backend: &LocalBackend) -> Self {
        let project = |project: Option<ProjectId>| project.map_or(Home::Unknown, Home::Project);
        let (audience, home, hidden) = match &event.change {
            Change::Execution { execution } => {
                (Audience::Execution(execution.id), Home::Project(execution.project_id), None)
            }
            Change::Delivery { delivery } => {
                let of = match delivery.execution_id {
                    Some(execution) => found(backend.project_of_execution(execution).await),
                    None => found(backend.project_of_workflow(delivery.workflow_id).await),
                };
                let audience = delivery.execution_id.map_or(Audience::Workflows, Audience::Execution);
                let hidden = Change::Delivery { delivery: Box::new(delivery.as_ref().clone().without_secrets()) };
                (audience, project(of), Some(hidden))
            }
            Change::Maintenance { .. } => (Audience::Everyone, Home::None, None),
            Change::Workflow { workflow } => {
                let hidden = (!workflow.notifications.webhooks.is_empty())
                    .then(|| Change::Workflow { workflow: Box::new(workflow.as_ref().clone().without_secrets()) });
                (Audience::Workflows, Home::Project(workflow.project_id), hidden)
            }
            Change::WorkflowDeleted { project_id, .. } => (Audience::Workflows, project(*project_id), None),
            Change::Project { project_id, .. } | Change::ProjectDeleted { project_id } => {
                (Audience::Workflows, Home::Project(*project_id), None)
            }
        };
        let without_secrets =
            hidden.map(|change| json(&ServerMessage::Event(Event { change, number: event.number, at: event.at })));
        Self { number: Some(event.number), text: json(&ServerMessage::Event(event)), without_secrets, audience, home }
    }

    pub(super) async fn sample(sample: Sample, homes: &Homes, backend: &LocalBackend) -> Self {
        let (audience, home) = match &sample {
            Sample::Progress(progress) => {
                let of = homes.find(backend, progress.workflow).await;
                (Audience::Execution(progress.execution), of.map_or(Home::Unknown, Home::Project))
            }
            // Whoever watches an execution was looked at when they began.
            Sample::Log { execution, .. } => (Audience::Log(*execution), Home::None),
            Sample::Queue { places, more } => {
                let mut queue = Queue { places: Vec::with_capacity(places.len()), more: *more };
                for place in places {
                    queue.places.push((homes.find(backend, place.workflow).await, place.clone()));
                }
                (Audience::Everyone, Home::Each(Arc::new(queue)))
            }
            Sample::Live { .. } | Sample::Resync => (Audience::Everyone, Home::None),
        };
        Self { number: None, text: json(&ServerMessage::Sample(sample)), without_secrets: None, audience, home }
    }

    /// What someone with this access gets of it.
    pub(super) fn shown_to(&self, access: &Access) -> Option<Utf8Bytes> {
        let role = match &self.home {
            Home::None => return Some(self.text.clone()),
            Home::Project(project) => access.role_in(*project),
            Home::Unknown => access.everywhere,
            Home::Each(_) if access.everywhere.is_some() => return Some(self.text.clone()),
            Home::Each(queue) => return Some(queue.shown_to(access)),
        };
        let text = match &self.without_secrets {
            Some(hidden) if role? < Role::Editor => hidden,
            _ => &self.text,
        };
        role.map(|_| text.clone())
    }
}

impl Queue {
    fn shown_to(&self, access: &Access) -> Utf8Bytes {
        let may_see = |project: &Option<ProjectId>| project.is_some_and(|project| access.role_in(project).is_some());
        let places =
            self.places.iter().filter(|(project, _)| may_see(project)).map(|(_, place)| place.clone()).collect();
        json(&ServerMessage::Sample(Sample::Queue { places, more: self.more }))
    }
}

pub(super) fn json(message: &ServerMessage) -> Utf8Bytes {
    serde_json::to_string(message).expect("messages hold text, numbers and lists only").into()
}
