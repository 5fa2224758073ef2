//! Says what the page shows, so that the browser fetches it again when that changed.

use leptos::prelude::*;

use crate::interest::Interest;

#[component]
pub fn Watch(
    /// Number of the last event that is in the page.
    after: i64,
    topics: Vec<Interest>,
) -> impl IntoView {
    let interests = topics.iter().map(Interest::to_string).collect::<Vec<_>>().join(" ");
    view! { <data id="watch" hidden data-after=after.to_string() data-interests=interests></data> }
}
