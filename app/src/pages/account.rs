//! `/account`: whoever is signed in: their roles, password, sessions and tokens.
//!
//! A new token is shown in answer to its form and never again, so that form is posted to this page itself.

pub mod sessions;
pub mod tokens;

use leptos::prelude::*;
use leptos_meta::Title;
use model::{
    Access, Error,
    actor::Identity,
    people::{NewToken, Session, Token, TokenDraft},
    project::ProjectName,
};

use crate::{
    api::request::backend,
    components::{loaded::Loaded, new_password::NewPassword},
    format,
    posted::{Fields, answered, typed},
};
use sessions::Sessions;
use tokens::Tokens;

#[component]
pub fn AccountPage() -> impl IntoView {
    view! {
        <Title text="Account"/>
        <Loaded data=load() let:loaded>
            <Content loaded/>
        </Loaded>
    }
    .into_any()
}

struct Loads {
    name: String,
    access: Access,
    is_person: bool,
    has_password: bool,
    sessions: Vec<Session>,
    tokens: Vec<Token>,
    projects: Vec<ProjectName>,
    made: Option<Result<NewToken, Error>>,
    typed: String,
}

async fn load() -> Result<Loads, Error> {
    let backend = backend();
    let made = answered(make).await;
    let actor = backend.actor();
    // Someone who has no role yet sees no projects, and has a password and sessions all the same.
    let projects = match actor.access.highest() {
        Some(_) => backend.project_names().await?,
        None => Vec::new(),
    };
    Ok(Loads {
        name: actor.name.clone(),
        access: actor.access.clone(),
        is_person: actor.user().is_some(),
        has_password: matches!(actor.identity, Identity::User { has_password: true, .. }),
        sessions: backend.sessions().await?,
        tokens: backend.tokens().await?,
        projects,
        typed: typed(made.as_ref(), "name"),
        made,
    })
}

async fn make(fields: &Fields<'_>) -> Result<NewToken, Error> {
    let draft = TokenDraft {
        name: fields.text("name").to_owned(),
        role: fields.role("role")?.ok_or_else(|| Error::invalid("role", "choose what it may do"))?,
        project_id: fields.id("project")?,
        days: fields.number("days")?,
    };
    backend().create_token(draft).await
}

#[component]
fn Content(loaded: Loads) -> impl IntoView {
    let Loads { name, access, is_person, has_password, sessions, tokens, projects, made, typed } = loaded;
    let roles = format::people::roles(&access, &projects);
    view! {
        <header class="page-head">
            <div>
                <h1>{name.clone()}</h1>
                <p class="soft">{roles}</p>
            </div>
            {is_person.then(|| view! {
                <form class="inline" method="post" action="/sign-out" data-native>
                    <button class="button" type="submit">"Sign out"</button>
                </form>
            })}
        </header>
        <Tokens tokens projects made name=typed/>
        {is_person.then(|| view! {
            <div class="columns">
                <Sessions sessions/>
                {has_password.then(|| view! { <Password name=name.clone()/> })}
            </div>
        })}
    }
    .into_any()
}

#[component]
fn Password(name: String) -> impl IntoView {
    view! {
        <section class="sheet stack" aria-labelledby="password-heading">
            <h2 id="password-heading">"Password"</h2>
            <form class="stack narrow" method="post" action="/account/password" data-native>
                // For the browser's own list of passwords.
                <input type="text" value=name autocomplete="username" readonly hidden/>
                <div class="field">
                    <label for="current">"Your password now"</label>
                    <input id="current" name="current" type="password" required autocomplete="current-password"/>
                </div>
                <NewPassword label="The new one" more="You are signed out everywhere else."/>
                <div class="actions"><button class="button">"Change password"</button></div>
            </form>
        </section>
    }
    .into_any()
}
