//! States three ways at once: word, shape, colour.

use leptos::prelude::*;
use model::{
    execution::{Status, StepStatus},
    workflow::WorkflowState,
};

use crate::components::icon::Icon;

/// How a state is drawn: the class gives the colour.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mark {
    pub word: &'static str,
    pub icon: Icon,
    pub class: &'static str,
}

impl From<Status> for Mark {
    fn from(status: Status) -> Self {
        let (icon, class) = match status {
            Status::Queued => (Icon::Clock, "waiting"),
            Status::Running => (Icon::Play, "running"),
            Status::Cancelling => (Icon::Stop, "waiting"),
            Status::Success => (Icon::Check, "success"),
            Status::Failed => (Icon::Alert, "failed"),
            Status::Cancelled => (Icon::Stop, "stopped"),
            Status::Interrupted => (Icon::Broken, "stopped"),
        };
        Mark { word: status.label(), icon, class }
    }
}

impl From<StepStatus> for Mark {
    fn from(status: StepStatus) -> Self {
        let (icon, class) = match status {
            StepStatus::Pending => (Icon::Circle, "pending"),
            StepStatus::Running => (Icon::Play, "running"),
            StepStatus::Success => (Icon::Check, "success"),
            StepStatus::Failed => (Icon::Alert, "failed"),
            StepStatus::Cancelled => (Icon::Stop, "stopped"),
            StepStatus::Skipped => (Icon::Circle, "pending"),
        };
        Mark { word: status.label(), icon, class }
    }
}

impl From<WorkflowState> for Mark {
    fn from(state: WorkflowState) -> Self {
        let (icon, class) = match state {
            WorkflowState::Active => (Icon::Circle, "success"),
            WorkflowState::Paused => (Icon::Pause, "stopped"),
            WorkflowState::Suspended => (Icon::Alert, "failed"),
        };
        Mark { word: state.label(), icon, class }
    }
}

/// The mark with its word.
#[component]
pub fn State(#[prop(into)] mark: Mark) -> impl IntoView {
    view! {
        <span class=format!("state {}", mark.class)>{mark.icon.view()} <span>{mark.word}</span></span>
    }
    .into_any()
}
