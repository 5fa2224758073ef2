//! What every page of a project begins with: its name, its main action, the way to its other pages.

use leptos::prelude::*;
use leptos_meta::Title;
use model::ProjectId;

use super::{menu::ProjectMenu, run::RunProject};
use crate::{api::projects::ProjectHead, components::watch::Watch, interest::Interest};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tab {
    Results,
    /// A page of its own.
    Matches,
    Sources,
    Configuration,
    Activity,
}

impl Tab {
    const ALL: [Tab; 5] = [Tab::Results, Tab::Matches, Tab::Sources, Tab::Configuration, Tab::Activity];

    const fn word(self) -> &'static str {
        match self {
            Tab::Results => "results",
            Tab::Matches => "matches",
            Tab::Sources => "sources",
            Tab::Configuration => "configuration",
            Tab::Activity => "activity",
        }
    }

    const fn label(self) -> &'static str {
        match self {
            Tab::Results => "Results",
            Tab::Matches => "Matches",
            Tab::Sources => "Sources and profile",
            Tab::Configuration => "Configuration",
            Tab::Activity => "Activity",
        }
    }

    fn address(self, id: ProjectId) -> String {
        match self {
            Tab::Matches => format!("/projects/{id}/matches"),
            Tab::Results | Tab::Sources | Tab::Configuration | Tab::Activity => {
                format!("/projects/{id}?tab={}", self.word())
            }
        }
    }

    /// The tab of `/projects/:id` that the address names.
    pub fn parse(word: Option<&str>) -> Self {
        let own = [Tab::Results, Tab::Sources, Tab::Configuration, Tab::Activity];
        own.into_iter().find(|tab| Some(tab.word()) == word).unwrap_or(Tab::Results)
    }
}

#[component]
pub fn ProjectFrame(head: ProjectHead, tab: Tab, children: Children) -> impl IntoView {
    let ProjectHead { id, number, .. } = head;
    let name = head.name.clone();
    let title = if tab == Tab::Matches { format!("Matches of {name}") } else { name.clone() };
    // What is being typed is not to be changed by what happens elsewhere.
    let watch = (tab != Tab::Configuration).then(|| view! { <Watch after=number topics=vec![Interest::Project(id)]/> });
    view! {
        <Title text=title/>
        {watch}
        <header class="page-head">
            <div>
                <p class="crumb">
                    <a href="/projects">"Projects"</a>
                </p>
                <h1>{name.clone()}</h1>
            </div>
            <div class="actions">
                <RunProject head=head.clone()/>
                <ProjectMenu id name/>
            </div>
        </header>
        <nav class="tabs" aria-label="Project">
            {Tab::ALL.map(|entry| view! { <TabLink id entry open=entry == tab/> }).collect_view()}
        </nav>
        {children()}
    }
    .into_any()
}

#[component]
fn TabLink(id: ProjectId, entry: Tab, open: bool) -> impl IntoView {
    view! {
        <a href=entry.address(id) aria-current=open.then_some("page") data-in-place="">
            {entry.label()}
        </a>
    }
    .into_any()
}
