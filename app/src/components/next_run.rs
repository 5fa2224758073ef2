//! When a workflow runs next by itself, or why it does not.

use leptos::prelude::*;
use model::{
    schedule::Schedule,
    workflow::{Workflow, WorkflowState},
};

use crate::components::time::{Saying, Time};

#[component]
pub fn NextRun(workflow: Workflow) -> impl IntoView {
    match (workflow.state, workflow.next_run_at) {
        _ if workflow.schedule == Schedule::OnDemand => "only when asked".into_any(),
        (WorkflowState::Paused, _) => "none while paused".into_any(),
        (WorkflowState::Suspended, _) => "none until resumed".into_any(),
        (WorkflowState::Active, Some(at)) => {
            let zone = format!("Scheduled in {}", workflow.time_zone);
            view! { <span title=zone><Time at saying=Saying::Due/></span> }.into_any()
        }
        (WorkflowState::Active, None) => "none".into_any(),
    }
}
