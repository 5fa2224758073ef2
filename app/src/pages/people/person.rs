//! `/people/:id`: one person: name, roles everywhere and by project, a new link, disable, delete.

use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_params_map;
use model::{
    Access, Error, ProjectId, Role, UserId, limits,
    people::{Invitation, User, UserDraft},
    project::ProjectName,
};

use super::{InvitationLink, RoleChoice};
use crate::{
    api::request::backend,
    components::{icon::Icon, loaded::Loaded},
    format,
    posted::{Fields, answered},
};

#[component]
pub fn PersonPage() -> impl IntoView {
    let id = use_params_map().with_untracked(|params| params.get("id"));
    view! {
        <Loaded data=load(id) let:loaded>
            <Content loaded/>
        </Loaded>
    }
    .into_any()
}

struct Loads {
    user: User,
    projects: Vec<ProjectName>,
    done: Option<Result<Done, Error>>,
}

/// What came of the form that was posted.
enum Done {
    Saved,
    Invited(Box<Invitation>),
}

async fn load(id: Option<String>) -> Result<Loads, Error> {
    let id = id.and_then(|id| id.parse::<UserId>().ok()).ok_or_else(|| Error::not_found("person"))?;
    let backend = backend();
    let done = answered(async |fields| act(id, fields).await).await;
    Ok(Loads { user: backend.user(id).await?, projects: backend.project_names().await?, done })
}

async fn act(id: UserId, fields: &Fields<'_>) -> Result<Done, Error> {
    if fields.text("intent") == "invite" {
        return Ok(Done::Invited(Box::new(backend().invite_user(id).await?)));
    }
    let mut access = Access { everywhere: fields.role("role")?, ..Access::default() };
    for (project, role) in fields.beginning("project-") {
        if let (Ok(project), Some(role)) = (project.parse::<ProjectId>(), Role::parse(role)) {
            access.projects.insert(project, role);
        }
    }
    let draft = UserDraft { name: fields.text("name").to_owned(), access, disabled: fields.text("disabled") == "true" };
    backend().replace_user(id, draft).await?;
    Ok(Done::Saved)
}

#[component]
fn Content(loaded: Loads) -> impl IntoView {
    let Loads { user, projects, done } = loaded;
    let answer = done.map(|done| match done {
        Ok(Done::Saved) => view! { <p class="soft" role="status">"Saved. It holds from now on."</p> }.into_any(),
        Ok(Done::Invited(invitation)) => view! { <InvitationLink invitation=*invitation/> }.into_any(),
        Err(error) => view! { <p class="cause" role="alert">{error.to_string()}</p> }.into_any(),
    });
    view! {
        <Title text=user.name.clone()/>
        <header class="page-head">
            <div>
                <p class="crumb"><a href="/people">"People"</a></p>
                <h1>{user.name.clone()}</h1>
                <p class="soft">{format::people::roles(&user.access, &projects)}</p>
            </div>
        </header>
        {answer}
        <div class="columns">
            <Roles user=user.clone() projects/>
            <Ways user/>
        </div>
    }
    .into_any()
}

#[component]
fn Roles(user: User, projects: Vec<ProjectName>) -> impl IntoView {
    let rows = projects.into_iter().map(|project| {
        let id = format!("project-{}", project.id);
        let chosen = user.access.projects.get(&project.id).copied();
        view! {
            <div class="field">
                <label for=id.clone()>{project.name}</label>
                <RoleChoice id=id.clone() name=id chosen without="As in all projects"/>
            </div>
        }
    });
    view! {
        <section class="sheet" aria-labelledby="roles">
            <form class="stack" method="post" action=format!("/people/{}", user.id)>
                <h2 id="roles">"Name and roles"</h2>
                <div class="field">
                    <label for="name">"Name"</label>
                    <input id="name" name="name" value=user.name.clone() required maxlength=limits::NAME_CHARS_MAX autocomplete="off"/>
                </div>
                <div class="field">
                    <label for="role">"In all projects"</label>
                    <RoleChoice id="role" name="role" chosen=user.access.everywhere without="None"/>
                    <p class="help">
                        "A viewer reads. An operator also runs, cancels, pauses and resumes. An editor also changes projects and \
                         workflows. An administrator also lets people in."
                    </p>
                </div>
                {rows.collect_view()}
                <label class="check">
                    <input type="checkbox" name="disabled" value="true" checked=user.disabled/>
                    "Disabled: may not sign in, and their tokens do nothing"
                </label>
                <div class="actions"><button class="button main">"Save"</button></div>
            </form>
        </section>
    }
    .into_any()
}

#[component]
fn Ways(user: User) -> impl IntoView {
    let id = user.id;
    view! {
        <section class="sheet stack" aria-labelledby="way-in">
            <h2 id="way-in">"The way in"</h2>
            <form class="stack" method="post" action=format!("/people/{id}")>
                <input type="hidden" name="intent" value="invite"/>
                <p class="soft">"A link with which they choose a new password, once. Until they do, the old one holds."</p>
                <div class="actions"><button class="button">"Make a link"</button></div>
            </form>
            <details>
                <summary class="button quiet">{Icon::Trash.view()} "Delete…"</summary>
                <div class="confirm">
                    <p>{format!("Delete {}? Their sessions and tokens end at once. What they did stays in the history.", user.name)}</p>
                    <form method="post" action="/_fn/delete_user">
                        <input type="hidden" name="id" value=id.to_string()/>
                        <button class="button danger" type="submit">"Delete"</button>
                    </form>
                </div>
            </details>
        </section>
    }
    .into_any()
}
