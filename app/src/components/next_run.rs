//! When a workflow runs next by itself, or why it does not.

use leptos::prelude::*;
use model::{
    schedule::Schedule,
    workflow::{Workflow, WorkflowState},
};

use crate::components::time::{Saying, Time};

#[component]
pub fn NextRun(#[prop(into)] workflow: Signal<Workflow>) -> impl IntoView {
    let next = Memo::new(move |_| {
        workflow.with(|it| (it.state, it.next_run_at, it.schedule == Schedule::OnDemand, it.time_zone.clone()))
    });
    move || match next.get() {
        (_, _, true, _) => "only when asked".into_any(),
        (WorkflowState::Paused, ..) => "none while paused".into_any(),
        (WorkflowState::Suspended, ..) => "none until resumed".into_any(),
        (WorkflowState::Active, Some(at), _, zone) => {
            view! { <span title=format!("Scheduled in {zone}")><Time at saying=Saying::Due/></span> }.into_any()
        }
        (WorkflowState::Active, None, ..) => "none".into_any(),
    }
}
