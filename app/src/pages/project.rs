//! `/projects/:id`: one project.

use leptos::prelude::*;
use leptos_meta::Title;

#[component]
pub fn ProjectPage() -> impl IntoView {
    view! {
        <Title text="Project"/>
        <header class="page-head">
            <h1>"Project"</h1>
        </header>
    }
    .into_any()
}
