//! `/sign-in`: the way in. The form is posted to the same path and leads on to the page that was asked for; so does the
//! identity provider, where there is one.

use form_urlencoded::byte_serialize;
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_query_map;
use model::limits;

use crate::{backend::SharedEntrance, components::outside::Outside};

#[component]
pub fn SignInPage() -> impl IntoView {
    let query = use_query_map().read_untracked();
    let name = query.get("name").unwrap_or_default();
    let next = query.get("next").unwrap_or_default();
    view! {
        <Title text="Sign in"/>
        <Outside>
            <h1>"Sign in"</h1>
            <WithProvider next=next.clone()/>
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

/// A link and not a form: a page's forms may lead nowhere but to this server.
#[component]
fn WithProvider(next: String) -> impl IntoView {
    let provider = use_context::<SharedEntrance>().and_then(|entrance| entrance.provider())?;
    let next: String = byte_serialize(next.as_bytes()).collect();
    let with_provider = view! {
        <a class="button wide" href=format!("/sign-in/provider?next={next}")>{format!("Sign in with {provider}")}</a>
        <p class="or soft">"or with a password"</p>
    };
    Some(with_provider)
}
