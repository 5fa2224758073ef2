//! `/workflows/:id`: one workflow, its live execution, history and configuration.

use leptos::prelude::*;
use leptos_meta::Title;

#[component]
pub fn WorkflowPage() -> impl IntoView {
    view! {
        <Title text="Workflow"/>
        <header class="page-head">
            <h1>"Workflow"</h1>
        </header>
    }
    .into_any()
}
