//! One action on several workflows: a box on each card, and the bar that acts on those that are ticked. The boxes belong
//! to the bar's form wherever they stand, so it works without JavaScript.

use leptos::prelude::*;
use model::WorkflowId;

use crate::components::{icon::Icon, keys};

const FORM: &str = "bulk";

/// The box on a card.
#[component]
pub fn Tick(workflow: WorkflowId, name: String) -> impl IntoView {
    view! {
        <input
            type="checkbox"
            class="tick"
            form=FORM
            name="workflows[]"
            value=workflow.to_string()
            aria-label=format!("Select {name}")
        />
    }
    .into_any()
}

/// Ticks every box of the page, or none. Only the browser's code can do that, and only with it this is shown.
#[component]
pub fn TickAll(count: usize) -> impl IntoView {
    view! {
        <label class="check tick-all with-script">
            <input type="checkbox" form=FORM data-tick-all/>
            {format!("Select all {count}")}
        </label>
    }
    .into_any()
}

/// Shown once a box is ticked. Once it is sent, nothing is ticked any more.
#[component]
pub fn BulkBar() -> impl IntoView {
    let button = |action: &'static str, icon: Icon, label: &'static str| {
        view! { <button class="button" type="submit" name="action" value=action>{icon.view()} {label}</button> }
    };
    view! {
        <form id=FORM class="bulk" method="post" action="/_fn/act_on_workflows" aria-label="Selected workflows" data-reset>
            <input type="hidden" name="key" value=keys::fresh()/>
            <span class="soft">"With those selected:"</span>
            {button("run", Icon::Play, "Run")}
            {button("pause", Icon::Pause, "Pause")}
            {button("resume", Icon::Play, "Resume")}
            <button class="button quiet" type="reset">"Clear"</button>
        </form>
    }
    .into_any()
}
