//! Something that is shown once, to be copied.

use leptos::prelude::*;

#[component]
pub fn Secret(heading: String, secret: String, more: &'static str) -> impl IntoView {
    view! {
        <section class="secret" role="status">
            <b>{heading}</b>
            <code tabindex="0">{secret}</code>
            <p class="soft">{more}</p>
        </section>
    }
    .into_any()
}
