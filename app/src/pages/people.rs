//! `/people`: who may sign in and what they may do, for administrators. A new person's link is shown in answer to the form
//! and never again, so the form is posted to this page itself.

pub mod person;

use leptos::prelude::*;
use leptos_meta::Title;
use model::{
    Access, Error, Role, limits,
    people::{Invitation, User, UserDraft},
    project::ProjectName,
};

use crate::{
    api::request::{backend, page_address},
    components::{icon::Icon, loaded::Loaded, secret::Secret, time::Time},
    format,
    posted::{Fields, answered, typed},
};

#[component]
pub fn PeoplePage() -> impl IntoView {
    view! {
        <Title text="People"/>
        <header class="page-head">
            <div>
                <h1>"People"</h1>
                <p class="soft">"Who may sign in, and what they may do."</p>
            </div>
        </header>
        <Loaded data=load() let:loaded>
            <Content loaded/>
        </Loaded>
    }
    .into_any()
}

struct Loads {
    users: Vec<User>,
    projects: Vec<ProjectName>,
    made: Option<Result<Invitation, Error>>,
    name: String,
}

async fn load() -> Result<Loads, Error> {
    let backend = backend();
    let made = answered(make).await;
    let name = typed(made.as_ref(), "name");
    Ok(Loads { users: backend.users().await?, projects: backend.project_names().await?, made, name })
}

async fn make(fields: &Fields<'_>) -> Result<Invitation, Error> {
    let access = Access { everywhere: fields.role("role")?, ..Access::default() };
    let draft = UserDraft { name: fields.text("name").to_owned(), access, disabled: false };
    backend().create_user(draft).await
}

#[component]
fn Content(loaded: Loads) -> impl IntoView {
    let Loads { users, projects, made, name } = loaded;
    let answer = made.map(|made| match made {
        Ok(invitation) => view! { <InvitationLink invitation/> }.into_any(),
        Err(error) => view! { <p class="cause" role="alert">{error.to_string()}</p> }.into_any(),
    });
    let list = if users.is_empty() {
        view! { <p class="soft">"Nobody can sign in: this server runs without sign-in."</p> }.into_any()
    } else {
        view! { <ul class="rows" role="list">{users.into_iter().map(|user| row(user, &projects)).collect_view()}</ul> }
            .into_any()
    };
    view! {
        <section class="sheet stack" aria-label="People">
            {answer}
            {list}
            <NewPersonForm name/>
        </section>
    }
    .into_any()
}

fn row(user: User, projects: &[ProjectName]) -> impl IntoView + use<> {
    let href = format!("/people/{}", user.id);
    let seen = match user.seen_at {
        Some(at) => view! { "last seen " <Time at/> }.into_any(),
        None if user.has_password || user.has_provider => "not signed in".into_any(),
        None => "invited, has not chosen a password yet".into_any(),
    };
    view! {
        <li data-key=user.id.to_string()>
            <div>
                <a href=href.clone()><b>{user.name.clone()}</b></a>
                {user.disabled.then(|| view! { " " <span class="chip">"disabled"</span> })}
                <p class="soft">{format::people::roles(&user.access, projects)} " · " {seen}</p>
            </div>
            <a class="button quiet" href=href aria-label=format!("Edit {}", user.name)>{Icon::Pencil.view()} "Edit"</a>
        </li>
    }
}

/// With the whole address, to be sent to whom it is for.
#[component]
pub fn InvitationLink(invitation: Invitation) -> impl IntoView {
    view! {
        <Secret
            heading=format!("Link for {}", invitation.user.name)
            secret=page_address(&invitation.link)
            more="Give it to them now: it is not shown again. They choose a password with it, once, within seven days."
        />
    }
    .into_any()
}

#[component]
fn NewPersonForm(name: String) -> impl IntoView {
    view! {
        <form class="filters" method="post" action="/people" data-reset>
            <div class="field wide">
                <label for="name">"New person"</label>
                <input id="name" name="name" value=name required maxlength=limits::NAME_CHARS_MAX placeholder="Ann" autocomplete="off"/>
            </div>
            <div class="field">
                <label for="role">"Role in all projects"</label>
                <RoleChoice id="role" name="role" chosen=Some(Role::Viewer) without="None yet"/>
            </div>
            <button class="button main" type="submit">{Icon::Plus.view()} "Invite"</button>
        </form>
    }
    .into_any()
}

/// A role, or none.
#[component]
pub fn RoleChoice(
    #[prop(into)] id: String,
    #[prop(into)] name: String,
    chosen: Option<Role>,
    without: &'static str,
) -> impl IntoView {
    let options = Role::ALL.map(|role| {
        view! { <option value=role.as_str() selected=chosen == Some(role)>{format::people::role(role)}</option> }
    });
    view! {
        <select id=id name=name>
            <option value="" selected=chosen.is_none()>{without}</option>
            {options.into_iter().collect_view()}
        </select>
    }
    .into_any()
}
