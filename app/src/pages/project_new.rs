//! `/projects/new`: a project from an uploaded file.

use leptos::prelude::*;
use leptos_meta::Title;

#[component]
pub fn NewProjectPage() -> impl IntoView {
    view! {
        <Title text="New project"/>
        <header class="page-head">
            <h1>"New project"</h1>
        </header>
    }
    .into_any()
}
