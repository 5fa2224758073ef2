//! "Suggest again": replaces settings, so it asks first. The question opens without JavaScript too.

use leptos::prelude::*;
use model::ProjectId;

use crate::{
    api::projects::SuggestProject,
    browser,
    components::{notice::announce, opener::Opener},
};

#[component]
pub fn SuggestAgain(
    id: ProjectId,
    /// The page shows the settings: it is loaded anew when they are replaced.
    #[prop(optional)]
    shows_settings: bool,
) -> impl IntoView {
    let suggest = ServerAction::<SuggestProject>::new();
    announce(
        move || suggest.version().get(),
        move || suggest.value().get(),
        move |notices, ()| {
            notices.say("New settings are suggested and saved.");
            if shows_settings {
                browser::reload();
            }
        },
    );
    let label = view! { "Suggest settings again…" }.into_any();
    view! {
        <div class="row suggest-again">
            <Opener class="button" label upward=true>
                <ActionForm action=suggest attr:class="confirm">
                    <input type="hidden" name="id" value=id.to_string()/>
                    <p>
                        "The records are profiled anew, and the settings for cleanse, match, merge and export are "
                        <strong>"replaced"</strong>
                        " by new suggestions. What was changed by hand there is lost. Sources and results stay."
                    </p>
                    <button class="button danger" disabled=move || suggest.pending().get()>
                        "Replace the settings"
                    </button>
                </ActionForm>
            </Opener>
            <p class="soft" role="status">
                {move || {
                    if suggest.pending().get() {
                        "Looking at the records…"
                    } else {
                        "Looks at the records anew and replaces the settings."
                    }
                }}
            </p>
        </div>
    }
}
