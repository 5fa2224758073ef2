//! `/executions`: the history of all workflows.

use leptos::prelude::*;
use leptos_meta::Title;

#[component]
pub fn ExecutionsPage() -> impl IntoView {
    view! {
        <Title text="Executions"/>
        <header class="page-head">
            <h1>"Executions"</h1>
        </header>
    }
    .into_any()
}
