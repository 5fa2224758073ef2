//! Every address that leads nowhere.

use leptos::prelude::*;
use leptos_meta::Title;

#[component]
pub fn NotFound() -> impl IntoView {
    crate::api::request::set_status(axum::http::StatusCode::NOT_FOUND);
    view! {
        <Title text="Not found"/>
        <header class="page-head">
            <div>
                <h1>"There is no such page"</h1>
                <p>"The address may be mistyped, or what it showed was deleted."</p>
            </div>
        </header>
        <p>
            <a href="/workflows">"Go to the workflows"</a>
        </p>
    }
    .into_any()
}
