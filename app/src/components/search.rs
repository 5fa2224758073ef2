//! A field for words to search for.

use leptos::prelude::*;

use crate::components::icon::Icon;

#[component]
pub fn SearchField(
    name: &'static str,
    #[prop(optional_no_strip)] value: Option<String>,
    /// What is searched, for those who see the field and those who do not.
    label: &'static str,
) -> impl IntoView {
    view! {
        <div class="search">
            {Icon::Search.view()}
            <input type="search" name=name value=value.unwrap_or_default() placeholder=label aria-label=label/>
        </div>
    }
    .into_any()
}
