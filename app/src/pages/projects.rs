//! `/projects`: every project.

use leptos::prelude::*;
use leptos_meta::Title;

#[component]
pub fn ProjectsPage() -> impl IntoView {
    view! {
        <Title text="Projects"/>
        <header class="page-head">
            <h1>"Projects"</h1>
        </header>
    }
    .into_any()
}
