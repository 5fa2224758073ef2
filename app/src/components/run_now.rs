//! Run Now: one press is one execution. A plain form, so it works before and without JavaScript.

use leptos::{form::ActionForm, prelude::*};
use model::{
    WorkflowId,
    execution::{Execution, Status},
};

use crate::{
    api,
    components::{icon::Icon, keys::use_key, notice::announce},
    format,
};

#[component]
pub fn RunNow(
    workflow: WorkflowId,
    /// The one filled button of a page; on a card it is an outlined one.
    #[prop(optional)]
    main: bool,
) -> impl IntoView {
    let run = ServerAction::<api::executions::RunNow>::new();
    let key = use_key(move || run.version().get());
    announce(
        move || run.version().get(),
        move || run.value().get(),
        |notices, execution: Execution| {
            let text = match (execution.status, format::execution::place(&execution)) {
                (Status::Queued, Some(place)) => format!("Queued “{}”, {place}.", execution.workflow_name),
                _ => format!("Started “{}”.", execution.workflow_name),
            };
            notices.say_with_link(text, format!("/executions/{}", execution.id), "See the execution");
        },
    );
    view! {
        <ActionForm action=run attr:class="inline">
            <input type="hidden" name="workflow" value=workflow.to_string()/>
            <input type="hidden" name="key" value=move || key.get()/>
            <button class="button run-now" class:main=main type="submit" on:click=ignore_second_of_double>
                {Icon::Play.view()}
                "Run Now"
            </button>
        </ActionForm>
    }
    .into_any()
}

/// A double click is one click, however fast the answer to its first half was. Clicks on purpose are further apart.
fn ignore_second_of_double(event: leptos::ev::MouseEvent) {
    if event.detail() > 1 {
        event.prevent_default();
    }
}
