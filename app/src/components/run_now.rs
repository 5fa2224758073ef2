//! Run Now: one press is one execution. A plain form, so it works before and without JavaScript.

use leptos::prelude::*;
use model::{Step, WorkflowId};

use crate::components::{icon::Icon, keys};

#[component]
pub fn RunNow(
    workflow: WorkflowId,
    /// The one filled button of a page; on a card it is an outlined one.
    #[prop(optional)]
    main: bool,
    #[prop(default = "Run Now".to_owned(), into)] label: String,
    /// Begins at this step instead of the workflow's first.
    #[prop(optional)]
    from: Option<Step>,
) -> impl IntoView {
    let from = from.map(|step| view! { <input type="hidden" name="from" value=step.as_str()/> });
    view! {
        <form class="inline" method="post" action="/_fn/run_now">
            <input type="hidden" name="workflow" value=workflow.to_string()/>
            {from}
            <input type="hidden" name="key" value=keys::fresh()/>
            <button class="button run-now" class:main=main type="submit">
                {Icon::Play.view()}
                {label}
            </button>
        </form>
    }
    .into_any()
}
