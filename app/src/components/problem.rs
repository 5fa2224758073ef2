//! An error in the place of what could not be shown: what happened, and the way on.

use leptos::prelude::*;
use model::Error;

use crate::components::icon::Icon;

#[component]
pub fn Problem(error: Error) -> impl IntoView {
    let heading = match &error {
        Error::NotFound { .. } => "Not found",
        _ => "This did not work",
    };
    view! {
        <section class="problem" role="alert">
            {Icon::Alert.view()}
            <div class="stack">
                <h1>{heading}</h1>
                <p>{error.to_string()}</p>
            </div>
        </section>
    }
    .into_any()
}
