//! `/workflows/new` and `/workflows/:id/edit`: the form.

use leptos::prelude::*;
use leptos_meta::Title;

#[component]
pub fn NewWorkflowPage() -> impl IntoView {
    view! {
        <Title text="New workflow"/>
        <header class="page-head">
            <h1>"New workflow"</h1>
        </header>
    }
    .into_any()
}

#[component]
pub fn EditWorkflowPage() -> impl IntoView {
    view! {
        <Title text="Edit workflow"/>
        <header class="page-head">
            <h1>"Edit workflow"</h1>
        </header>
    }
    .into_any()
}
