//! Every address that leads nowhere.

use leptos::prelude::*;
use leptos_meta::Title;

use crate::components::icon::Icon;

#[component]
pub fn NotFound() -> impl IntoView {
    crate::api::request::set_status(axum::http::StatusCode::NOT_FOUND);
    view! {
        <Title text="Not found"/>
        <section class="empty">
            {Icon::Search.view()}
            <h1>"There is no such page"</h1>
            <p>"The address may be mistyped, or what it showed was deleted."</p>
            <div class="actions">
                <a class="button main" href="/workflows">"Go to the workflows"</a>
                <a class="button" href="/executions">"Look in the history"</a>
            </div>
        </section>
    }
    .into_any()
}
