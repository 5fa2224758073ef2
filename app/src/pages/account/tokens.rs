//! Tokens: what programs show in place of signing in.

use leptos::prelude::*;
use model::{
    Error, Role, limits,
    people::{NewToken, Token},
    project::ProjectName,
};

use crate::{
    components::{
        icon::Icon,
        secret::Secret,
        time::{Saying, Time},
    },
    format,
};

#[component]
pub fn Tokens(
    tokens: Vec<Token>,
    projects: Vec<ProjectName>,
    made: Option<Result<NewToken, Error>>,
    /// What was typed, when it was refused.
    name: String,
) -> impl IntoView {
    let (made, refused) = match made {
        Some(Ok(made)) => (Some(made), None),
        Some(Err(error)) => (None, Some(error)),
        None => (None, None),
    };
    let is_empty = tokens.is_empty();
    let rows: Vec<_> = tokens.into_iter().map(|token| row(token, &projects)).collect();
    view! {
        <section class="sheet stack" aria-labelledby="tokens">
            <div>
                <h2 id="tokens">"Tokens"</h2>
                <p class="soft">"A program that calls the API shows one. It does what its role allows, and never more than you may."</p>
            </div>
            {made.map(|made| view! {
                <Secret
                    heading=format!("Token “{}”", made.details.name)
                    secret=made.token
                    more="Copy it now: it is not shown again. Programs send it as Authorization: Bearer TOKEN."
                />
            })}
            {refused.map(|error| view! { <p class="cause" role="alert">{error.to_string()}</p> })}
            {if is_empty {
                view! { <p class="soft">"There are no tokens."</p> }.into_any()
            } else {
                view! { <ul class="rows" role="list">{rows}</ul> }.into_any()
            }}
            <NewTokenForm projects name/>
        </section>
    }
    .into_any()
}

fn row(token: Token, projects: &[ProjectName]) -> impl IntoView + use<> {
    let place = match token.project_id {
        None => "in all projects".to_owned(),
        Some(id) => {
            let known = projects.iter().find(|project| project.id == id);
            known.map_or("in a project that is gone".to_owned(), |project| format!("in {}", project.name))
        }
    };
    let owner = token.owner.unwrap_or_else(|| "the server".to_owned());
    let used = match token.used_at {
        Some(at) => view! { "used " <Time at/> }.into_any(),
        None => "never used".into_any(),
    };
    let ends = token.ends_at.map(|at| view! { " · ends " <Time at saying=Saying::Moment/> });
    view! {
        <li data-key=token.id.to_string()>
            <div>
                <b>{token.name.clone()}</b> " " <span class="chip">{format::people::role(token.role)} " " {place}</span>
                <p class="soft">"Of " {owner} " · " {used} {ends}</p>
            </div>
            <form class="inline" method="post" action="/_fn/delete_token">
                <input type="hidden" name="id" value=token.id.to_string()/>
                <button class="button quiet" type="submit" aria-label=format!("Delete token {}", token.name)>
                    {Icon::Trash.view()} "Delete"
                </button>
            </form>
        </li>
    }
}

#[component]
fn NewTokenForm(projects: Vec<ProjectName>, name: String) -> impl IntoView {
    let options = projects.into_iter().map(|project| {
        view! { <option value=project.id.to_string()>{project.name}</option> }
    });
    let roles = Role::ALL.map(|role| view! { <option value=role.as_str()>{format::people::role(role)}</option> });
    view! {
        <form class="filters" method="post" action="/account" data-reset>
            <div class="field wide">
                <label for="token-name">"New token for"</label>
                <input id="token-name" name="name" value=name required maxlength=limits::NAME_CHARS_MAX placeholder="nightly load" autocomplete="off"/>
            </div>
            <div class="field">
                <label for="token-role">"Role"</label>
                <select id="token-role" name="role">{roles.into_iter().collect_view()}</select>
            </div>
            <div class="field">
                <label for="token-project">"Where"</label>
                <select id="token-project" name="project">
                    <option value="">"All projects"</option>
                    {options.collect_view()}
                </select>
            </div>
            <div class="field">
                <label for="token-days">"Ends after days, or never"</label>
                <input id="token-days" name="days" type="number" min="1" max=limits::TOKEN_DAYS_MAX value="365" placeholder="never"/>
            </div>
            <button class="button main" type="submit">{Icon::Plus.view()} "Make token"</button>
        </form>
    }
    .into_any()
}
