//! Instants and time spans on the page. The server writes the exact time in UTC, which reads without JavaScript too; the
//! browser replaces it by what a person wants to know, with the exact local time on hover.

use leptos::prelude::*;
use model::Timestamp;

use crate::format::time;
pub use crate::format::time::Saying;

#[component]
pub fn Time(at: Timestamp, #[prop(optional)] saying: Saying) -> impl IntoView {
    view! { <time datetime=at.to_string() data-say=saying.as_str()>{time::utc(at)}</time> }
}

/// Time since `since`, counting: `12 s`. Only a word until the viewer's clock is known.
#[component]
pub fn Elapsed(since: Timestamp) -> impl IntoView {
    view! { <span data-since=since.to_string()>"running"</span> }
}
