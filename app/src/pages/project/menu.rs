//! What is done with a project as a whole, seldom enough for a menu.

use leptos::prelude::*;
use model::{ProjectId, Role};

use crate::components::{allowed::may, icon::Icon, opener::Opener};

#[component]
pub fn ProjectMenu(id: ProjectId, name: String) -> impl IntoView {
    if !may(Role::Editor, id) {
        return ().into_any();
    }
    view! {
        <Opener class="button quiet icon" name=format!("More actions for {name}") label=Icon::More.view()>
            <div class="menu">
                <Delete id name/>
            </div>
        </Opener>
    }
    .into_any()
}

/// Asks inside the menu before it deletes.
#[component]
fn Delete(id: ProjectId, name: String) -> impl IntoView {
    view! {
        <details>
            <summary class="danger">{Icon::Trash.view()} "Delete project…"</summary>
            <form class="confirm" method="post" action="/_fn/delete_project">
                <input type="hidden" name="id" value=id.to_string()/>
                <p>
                    {format!(
                        "Delete “{name}”? Its files, settings and results go with it. \
                         While workflows use the project it cannot be deleted.",
                    )}
                </p>
                <button class="button danger main">"Delete the project"</button>
            </form>
        </details>
    }
    .into_any()
}
