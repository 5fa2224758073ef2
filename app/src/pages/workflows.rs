//! `/workflows`: every workflow as a card.

use leptos::prelude::*;
use leptos_meta::Title;

#[component]
pub fn WorkflowsPage() -> impl IntoView {
    view! {
        <Title text="Workflows"/>
        <header class="page-head">
            <h1>"Workflows"</h1>
        </header>
    }
    .into_any()
}
