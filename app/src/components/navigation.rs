//! The way around: a sidebar, on a phone a bar at the bottom.

use leptos::prelude::*;
use leptos_router::hooks::use_location;

use crate::{components::icon::Icon, live::Connection};

#[component]
pub fn Navigation(connection: Signal<Connection>) -> impl IntoView {
    view! {
        <header class="sidebar">
            <a class="brand" href="/">
                <svg viewBox="0 0 24 24" aria-hidden="true">
                    <path d="M3 8c3-3 6 3 9 0s6 3 9 0M3 14c3-3 6 3 9 0s6 3 9 0"></path>
                </svg>
                "Millrace"
            </a>
            <nav aria-label="Main">
                <Entry href="/" icon=Icon::Overview label="Overview"/>
                <Entry href="/workflows" icon=Icon::Workflow label="Workflows"/>
                <Entry href="/executions" icon=Icon::Execution label="Executions"/>
                <Entry href="/projects" icon=Icon::Project label="Projects"/>
            </nav>
            <ConnectionBadge connection/>
        </header>
    }
    .into_any()
}

#[component]
fn Entry(href: &'static str, icon: Icon, label: &'static str) -> impl IntoView {
    let path = use_location().pathname;
    let here = move || {
        let inside = path.with(|path| {
            path == href || (href != "/" && path.strip_prefix(href).is_some_and(|rest| rest.starts_with('/')))
        });
        inside.then_some("page")
    };
    view! {
        <a href=href aria-current=here>
            {icon.view()} <span>{label}</span>
        </a>
    }
    .into_any()
}

/// Says whether what the page shows is kept up to date. Silent without JavaScript, where nothing is.
#[component]
fn ConnectionBadge(connection: Signal<Connection>) -> impl IntoView {
    let class = move || match connection.get() {
        Connection::None => "connection",
        Connection::Live => "connection live",
        Connection::Offline => "connection offline",
    };
    let text = move || match connection.get() {
        Connection::None => "",
        Connection::Live => "Live",
        Connection::Offline => "Offline, trying again…",
    };
    view! { <p class=class role="status">{text}</p> }
}
