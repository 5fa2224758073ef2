//! `/`: what runs, waits, failed lately and comes next.

use leptos::prelude::*;
use leptos_meta::Title;

#[component]
pub fn OverviewPage() -> impl IntoView {
    view! {
        <Title text="Overview"/>
        <header class="page-head">
            <h1>"Overview"</h1>
        </header>
    }
    .into_any()
}
