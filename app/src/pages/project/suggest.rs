//! "Suggest again": replaces settings, so it asks first. A `<details>` asks without JavaScript too.

use leptos::prelude::*;
use model::ProjectId;

use crate::{api::projects::SuggestProject, components::notice::announce};

#[component]
pub(super) fn SuggestAgain(id: ProjectId) -> impl IntoView {
    let suggest = ServerAction::<SuggestProject>::new();
    announce(
        move || suggest.version().get(),
        move || suggest.value().get(),
        |notices, ()| notices.say("New settings are suggested and saved."),
    );
    view! {
        <details class="suggest-again">
            <summary>"Suggest settings again…"</summary>
            <ActionForm action=suggest>
                <input type="hidden" name="id" value=id.to_string()/>
                <p>
                    "The records are profiled anew, and the settings for cleanse, match, merge and export are "
                    <strong>"replaced"</strong>
                    " by new suggestions. What was changed by hand there is lost. Sources and results stay."
                </p>
                <button class="button danger" disabled=move || suggest.pending().get()>
                    {move || if suggest.pending().get() { "Looking at the records…" } else { "Replace the settings" }}
                </button>
            </ActionForm>
        </details>
    }
}
