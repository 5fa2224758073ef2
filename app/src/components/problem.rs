//! An error in the place of what could not be shown: what happened, and the way on.

use leptos::prelude::*;
use model::Error;

use crate::{api::ApiError, browser, components::icon::Icon};

#[component]
pub fn Problem(error: ApiError) -> impl IntoView {
    let reload = matches!(error, ApiError::Outdated | ApiError::Unreachable)
        .then(|| view! { <button class="button" type="button" on:click=|_| browser::reload()>"Reload"</button> });
    let heading = match &error {
        ApiError::Refused(Error::NotFound { .. }) => "Not found",
        ApiError::Refused(_) => "This did not work",
        ApiError::Unreachable => "No connection",
        ApiError::Outdated => "Reload needed",
    };
    view! {
        <section class="problem" role="alert">
            {Icon::Alert.view()}
            <div class="stack">
                <h2>{heading}</h2>
                <p>{error.to_string()}</p>
                {reload}
            </div>
        </section>
    }
    .into_any()
}
