//! `/executions/:id`: one execution.

use leptos::prelude::*;
use leptos_meta::Title;

#[component]
pub fn ExecutionPage() -> impl IntoView {
    view! {
        <Title text="Execution"/>
        <header class="page-head">
            <h1>"Execution"</h1>
        </header>
    }
    .into_any()
}
