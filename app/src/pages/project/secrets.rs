//! The project's secrets: their names, and a form for another one. What they are is never shown.

use leptos::prelude::*;
use model::{ProjectId, limits, secret::KeptSecret};

use crate::components::{
    icon::Icon,
    time::{Saying, Time},
};

#[component]
pub fn Secrets(id: ProjectId, secrets: Vec<KeptSecret>) -> impl IntoView {
    let is_empty = secrets.is_empty();
    let rows = secrets.into_iter().map(|secret| row(id, secret)).collect_view();
    view! {
        <section class="sheet stack" data-key="secrets" aria-labelledby="secrets">
            <div>
                <h2 id="secrets">"Secrets"</h2>
                <p class="soft">
                    "Passwords and keys of databases, file servers and buckets. The configuration names them; what they are \
                     is kept encrypted, given to the runs of this project, and shown to nobody."
                </p>
            </div>
            {if is_empty {
                view! { <p class="soft">"There are no secrets."</p> }.into_any()
            } else {
                view! { <ul class="rows" role="list">{rows}</ul> }.into_any()
            }}
            <form class="filters" method="post" action="/_fn/keep_secret" data-reset>
                <input type="hidden" name="id" value=id.to_string()/>
                <div class="field">
                    <label for="secret-name">"Name"</label>
                    <input
                        id="secret-name" name="name" required maxlength=limits::NAME_CHARS_MAX pattern="[A-Za-z0-9._\\-]+"
                        title="Letters, digits, “-”, “_” and “.”" placeholder="crm-password" autocomplete="off"
                    />
                </div>
                <div class="field wide">
                    <label for="secret-value">"Secret"</label>
                    <textarea
                        id="secret-value" name="value" required rows="1" maxlength=limits::SECRET_MAX_BYTES
                        spellcheck="false" autocomplete="off"
                    ></textarea>
                </div>
                <button class="button" type="submit">{Icon::Plus.view()} "Set secret"</button>
            </form>
        </section>
    }
    .into_any()
}

fn row(id: ProjectId, secret: KeptSecret) -> impl IntoView {
    let KeptSecret { name, changed_at, changed_by } = secret;
    view! {
        <li data-key=format!("secret {name}")>
            <div>
                <b>{name.clone()}</b>
                <p class="soft">"Set by " {changed_by} " " <Time at=changed_at saying=Saying::Moment/></p>
            </div>
            <form class="inline" method="post" action="/_fn/remove_secret">
                <input type="hidden" name="id" value=id.to_string()/>
                <input type="hidden" name="name" value=name.clone()/>
                <button class="button quiet" type="submit" aria-label=format!("Remove secret {name}")>
                    {Icon::Trash.view()} "Remove"
                </button>
            </form>
        </li>
    }
    .into_any()
}
