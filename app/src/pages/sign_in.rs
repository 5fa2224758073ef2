//! `/sign-in`: the way in. The form is posted to the same path and leads on to the page that was asked for.

use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_query_map;
use model::limits;

use crate::components::outside::Outside;

#[component]
pub fn SignInPage() -> impl IntoView {
    let query = use_query_map().read_untracked();
    let name = query.get("name").unwrap_or_default();
    let next = query.get("next").unwrap_or_default();
    view! {
        <Title text="Sign in"/>
        <Outside>
            <h1>"Sign in"</h1>
            <form class="stack" method="post" action="/sign-in" data-native>
                <input type="hidden" name="next" value=next/>
                <div class="field">
                    <label for="name">"Name"</label>
                    <input
                        id="name"
                        name="name"
                        value=name.clone()
                        required
                        maxlength=limits::NAME_CHARS_MAX
                        autocomplete="username"
                        autocapitalize="none"
                        spellcheck="false"
                        autofocus=name.is_empty()
                    />
                </div>
                <div class="field">
                    <label for="password">"Password"</label>
                    <input
                        id="password"
                        name="password"
                        type="password"
                        required
                        maxlength=limits::PASSWORD_CHARS_MAX
                        autocomplete="current-password"
                        autofocus=!name.is_empty()
                    />
                </div>
                <button class="button main wide">"Sign in"</button>
            </form>
            <p class="soft">"Forgot it? An administrator can give you a link with which you choose a new one."</p>
        </Outside>
    }
    .into_any()
}
