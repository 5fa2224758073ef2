//! The way around: a sidebar, on a phone a bar at the bottom.

use leptos::prelude::*;
use leptos_router::hooks::use_location;

use model::Role;

use crate::{
    backend::SharedBackend,
    components::{
        allowed::{may_everywhere, may_somewhere},
        bell::Bell,
        icon::Icon,
        maintenance::{self, MaintenanceSwitch},
        opener::Opener,
        theme::ThemeSwitch,
    },
};

#[component]
pub fn Navigation() -> impl IntoView {
    view! {
        <header class="sidebar">
            <Brand/>
            <nav aria-label="Main">
                <Entry href="/" icon=Icon::Overview label="Overview"/>
                <Entry href="/workflows" icon=Icon::Workflow label="Workflows"/>
                <Entry href="/executions" icon=Icon::Execution label="Executions"/>
                <Entry href="/projects" icon=Icon::Project label="Projects"/>
            </nav>
            // Whoever has no role yet is shown nothing that changes, and refused the live feed.
            {may_somewhere(Role::Viewer).then(|| view! {
                // Says whether what the page shows is kept up to date. Silent without JavaScript, where nothing is.
                <p id="connection" class="connection" role="status" data-keep></p>
                <Bell/>
            })}
            <ServerMenu/>
        </header>
    }
    .into_any()
}

#[component]
pub fn Brand() -> impl IntoView {
    view! {
        <a class="brand" href="/">
            <svg viewBox="0 0 24 24" aria-hidden="true">
                <path d="M3 8c3-3 6 3 9 0s6 3 9 0M3 14c3-3 6 3 9 0s6 3 9 0"></path>
            </svg>
            "Millrace"
        </a>
    }
    .into_any()
}

/// What concerns the whole server, and whoever uses it.
#[component]
fn ServerMenu() -> impl IntoView {
    let backend = use_context::<SharedBackend>();
    let is_person = backend.as_ref().is_some_and(|backend| backend.actor().user().is_some());
    let name = match &backend {
        Some(backend) if is_person => backend.actor().name.clone(),
        _ => "Tokens".to_owned(),
    };
    view! {
        <div class="server-menu" data-key="server-menu">
            <Opener class="button quiet" name="Server" label=view! { {Icon::More.view()} <span>"Server"</span> }.into_any() upward=true>
                <div class="menu">
                    <ThemeSwitch/>
                    <a href="/api">{Icon::Reference.view()} "API"</a>
                    <a href="/deliveries">{Icon::Mail.view()} "Undelivered notifications"</a>
                    <a href="/account">{Icon::Person.view()} {name}</a>
                    {may_everywhere(Role::Administrator).then(|| view! {
                        <a href="/people">{Icon::People.view()} "People"</a>
                        <a href="/activity">{Icon::Clock.view()} "Activity"</a>
                        <Suspense>
                            {Suspend::new(async move {
                                maintenance::read().await.map(|maintenance| view! { <MaintenanceSwitch maintenance/> })
                            })}
                        </Suspense>
                    })}
                    {is_person.then(|| view! {
                        <form class="inline" method="post" action="/sign-out" data-native>
                            <button type="submit">{Icon::Leave.view()} "Sign out"</button>
                        </form>
                    })}
                </div>
            </Opener>
        </div>
    }
    .into_any()
}

#[component]
fn Entry(href: &'static str, icon: Icon, label: &'static str) -> impl IntoView {
    let path = use_location().pathname;
    let inside = path.with_untracked(|path| {
        path == href || (href != "/" && path.strip_prefix(href).is_some_and(|rest| rest.starts_with('/')))
    });
    view! {
        <a href=href aria-current=inside.then_some("page")>
            {icon.view()} <span>{label}</span>
        </a>
    }
    .into_any()
}
