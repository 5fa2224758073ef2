//! A workflow's card and an execution, kept as a reload would show them.

use leptos::prelude::*;
use model::{
    ExecutionId, Step, WorkflowId,
    event::{Change, Progress, Sample},
    execution::{Execution, QueuePlace, StepStatus},
    workflow::WorkflowCard,
};

use super::Message;

/// A card with the progress of its running step, which is in no snapshot.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct LiveCard {
    pub id: WorkflowId,
    pub card: RwSignal<WorkflowCard>,
    pub progress: RwSignal<Option<Progress>>,
}

impl LiveCard {
    pub fn new(card: WorkflowCard) -> Self {
        Self { id: card.workflow.id, card: RwSignal::new(card), progress: RwSignal::new(None) }
    }

    /// Takes in what concerns this workflow. Its deletion and `Reload` are the page's business.
    pub fn hear(self, message: Message<'_>) {
        match message {
            Message::Change(Change::Execution { execution }) if execution.workflow_id == self.id => {
                forget_other_step(self.progress, execution);
                self.card.update(|card| card.apply(execution));
            }
            Message::Change(Change::Workflow { workflow }) if workflow.id == self.id => {
                self.card.update(|card| card.workflow = (**workflow).clone());
            }
            Message::Sample(Sample::Progress(progress)) if progress.workflow == self.id => {
                self.progress.set(Some(progress.clone()));
            }
            Message::Sample(Sample::Queue { places }) => {
                let concerned = self.card.with_untracked(|card| card.active.iter().any(|known| moves(known, places)));
                if concerned {
                    self.card.update(|card| card.active.iter_mut().for_each(|known| set_place(known, places)));
                }
            }
            Message::Change(_) | Message::Sample(_) | Message::Reload => {}
        }
    }
}

/// An execution with the progress of its running step.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct LiveExecution {
    pub id: ExecutionId,
    pub execution: RwSignal<Execution>,
    pub progress: RwSignal<Option<Progress>>,
}

impl LiveExecution {
    pub fn new(execution: Execution) -> Self {
        Self { id: execution.id, execution: RwSignal::new(execution), progress: RwSignal::new(None) }
    }

    pub fn hear(self, message: Message<'_>) {
        match message {
            Message::Change(Change::Execution { execution }) if execution.id == self.id => {
                forget_other_step(self.progress, execution);
                self.execution.set((**execution).clone());
            }
            Message::Sample(Sample::Progress(progress)) if progress.execution == self.id => {
                self.progress.set(Some(progress.clone()));
            }
            Message::Sample(Sample::Queue { places }) => {
                if self.execution.with_untracked(|known| moves(known, places)) {
                    self.execution.update(|known| set_place(known, places));
                }
            }
            Message::Change(_) | Message::Sample(_) | Message::Reload => {}
        }
    }
}

/// Progress belongs to one step; when another runs, or none, it is history.
fn forget_other_step(progress: RwSignal<Option<Progress>>, execution: &Execution) {
    let running = running_step(execution);
    let outdated = progress.with_untracked(|known| {
        known.as_ref().is_some_and(|known| known.execution == execution.id && Some(known.step) != running)
    });
    if outdated {
        progress.set(None);
    }
}

/// The step that runs now.
pub fn running_step(execution: &Execution) -> Option<Step> {
    execution.steps.iter().find(|run| run.status == StepStatus::Running).map(|run| run.step)
}

fn place_of<'a>(execution: &Execution, places: &'a [QueuePlace]) -> Option<&'a QueuePlace> {
    places.iter().find(|place| place.execution == execution.id)
}

fn moves(known: &Execution, places: &[QueuePlace]) -> bool {
    place_of(known, places).is_some_and(|place| {
        known.queue_position != Some(place.position) || known.queue_reason.as_ref() != Some(&place.reason)
    })
}

fn set_place(known: &mut Execution, places: &[QueuePlace]) {
    if let Some(place) = place_of(known, places) {
        known.queue_position = Some(place.position);
        known.queue_reason = Some(place.reason.clone());
    }
}
