//! "Suggest again": replaces settings, so it asks first. The question opens without JavaScript too.

use leptos::prelude::*;
use model::{ProjectId, Role};

use crate::components::{allowed::may, opener::Opener};

#[component]
pub fn SuggestAgain(id: ProjectId) -> impl IntoView {
    if !may(Role::Editor, id) {
        return ().into_any();
    }
    let label = view! { "Suggest settings again…" }.into_any();
    view! {
        <div class="row suggest-again">
            <Opener class="button" label upward=true>
                <form class="confirm" method="post" action="/_fn/suggest_project">
                    <input type="hidden" name="id" value=id.to_string()/>
                    <p>
                        "The records are profiled anew, and the settings for cleanse, match, merge and export are "
                        <strong>"replaced"</strong>
                        " by new suggestions. What was changed by hand there is lost. Sources and results stay."
                    </p>
                    <button class="button danger">"Replace the settings"</button>
                </form>
            </Opener>
            <p class="soft">"Looks at the records anew and replaces the settings."</p>
        </div>
    }
    .into_any()
}
