//! `/welcome/:secret`: the one-time link. The first of all chooses a name and a password, everyone after them a password.

use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::{use_params_map, use_query_map};
use model::{Error, limits};

use crate::{
    backend::{Invited, SharedEntrance},
    components::{loaded::Loaded, new_password::NewPassword, outside::Outside},
};

#[component]
pub fn WelcomePage() -> impl IntoView {
    let secret = use_params_map().with_untracked(|params| params.get("secret")).unwrap_or_default();
    let name = use_query_map().read_untracked().get("name").unwrap_or_default();
    let asked = secret.clone();
    let invited = async move {
        let entrance = use_context::<SharedEntrance>().ok_or_else(|| Error::not_found("link"))?;
        entrance.invited(&asked).await
    };
    view! {
        <Title text="Welcome"/>
        <Outside>
            <Loaded data=invited let:invited>
                {match invited {
                    Some(invited) => view! { <Choose secret invited name/> }.into_any(),
                    None => view! { <Used/> }.into_any(),
                }}
            </Loaded>
        </Outside>
    }
    .into_any()
}

#[component]
fn Choose(secret: String, invited: Invited, name: String) -> impl IntoView {
    let (heading, words, name) = match invited {
        Invited::First => (
            "Welcome to Millrace".to_owned(),
            "There is no administrator yet. Choose a name and a password: you become the administrator, and let others in.",
            view! {
                <div class="field">
                    <label for="name">"Name"</label>
                    <input
                        id="name"
                        name="name"
                        value=name
                        required
                        maxlength=limits::NAME_CHARS_MAX
                        autocomplete="username"
                        autocapitalize="none"
                        spellcheck="false"
                        autofocus
                    />
                </div>
            }
            .into_any(),
        ),
        Invited::User(name) => (
            format!("Welcome, {name}"),
            "Choose a password. This link works once.",
            // For the browser's own list of passwords.
            view! { <input type="text" value=name autocomplete="username" readonly hidden/> }.into_any(),
        ),
    };
    view! {
        <h1>{heading}</h1>
        <p>{words}</p>
        <form class="stack" method="post" action=format!("/welcome/{secret}") data-native>
            {name}
            <NewPassword label="Password" more="A few words are easier to keep than signs."/>
            <button class="button main wide">"Choose and sign in"</button>
        </form>
    }
    .into_any()
}

/// Also what someone sees who guesses.
#[component]
fn Used() -> impl IntoView {
    crate::api::request::set_status(axum::http::StatusCode::NOT_FOUND);
    view! {
        <h1>"This link does not work any more"</h1>
        <p>"It was used, has ended, or a newer one took its place. An administrator can give you another."</p>
        <a class="button wide" href="/sign-in">"Sign in"</a>
    }
    .into_any()
}
