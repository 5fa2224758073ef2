//! The way through a list that is longer than a page.

use leptos::prelude::*;

/// Links to the pages that there are.
#[component]
pub fn Paging(
    /// What there is more of: `More workflows`.
    label: &'static str,
    #[prop(optional_no_strip)] first: Option<String>,
    #[prop(optional_no_strip)] next: Option<String>,
) -> impl IntoView {
    (first.is_some() || next.is_some()).then(|| {
        view! {
            <nav class="row" aria-label=label>
                {first.map(|href| view! { <a class="button" href=href>"First page"</a> })}
                {next.map(|href| view! { <a class="button" href=href>"Next page"</a> })}
            </nav>
        }
    })
}

/// The same for a list whose newest page changes while it is open.
#[component]
pub fn NewestOlder(
    /// What there is more of: `More activity`.
    label: &'static str,
    newest: Option<String>,
    older: Option<String>,
) -> impl IntoView {
    view! {
        <nav class="row" aria-label=label>
            {newest.map(|href| view! { <a class="button" href=href data-in-place>"Newest"</a> })}
            {older.map(|href| view! { <a class="button" href=href data-in-place>"Older"</a> })}
        </nav>
    }
}
