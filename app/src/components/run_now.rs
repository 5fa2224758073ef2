//! Run Now: one press is one execution. A plain form, so it works before and without JavaScript.

use leptos::prelude::*;
use model::WorkflowId;

use crate::components::{icon::Icon, keys};

#[component]
pub fn RunNow(
    workflow: WorkflowId,
    /// The one filled button of a page; on a card it is an outlined one.
    #[prop(optional)]
    main: bool,
    #[prop(default = "Run Now")] label: &'static str,
) -> impl IntoView {
    view! {
        <form class="inline" method="post" action="/_fn/run_now">
            <input type="hidden" name="workflow" value=workflow.to_string()/>
            <input type="hidden" name="key" value=keys::fresh()/>
            <button class="button run-now" class:main=main type="submit">
                {Icon::Play.view()}
                {label}
            </button>
        </form>
    }
    .into_any()
}
