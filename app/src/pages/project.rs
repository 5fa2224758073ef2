//! `/projects/:id`: one project. The tabs are part of the address (`?tab=`), so that they work without JavaScript.

pub mod cleansing;
pub mod configuration;
pub mod drift;
pub mod file_form;
pub mod menu;
pub mod merging;
pub mod profile_table;
pub mod results;
pub mod run;
pub mod sources;
pub mod suggest;
pub mod workflow_rows;

use std::str::FromStr as _;

use configuration::ConfigurationTab;
use leptos::{either::EitherOf4, prelude::*};
use leptos_meta::Title;
use leptos_router::hooks::{use_params_map, use_query_map};
use menu::ProjectMenu;
use model::{Error, ProjectId, activity::ActivityFilter};
use results::ResultsTab;
use run::RunProject;
use sources::SourcesTab;

use crate::{
    api::projects::{
        CleansingSeen, LatestResults, MergingSeen, ProjectHead, SourcesSeen,
        document::{self, Document},
        gather,
    },
    components::{activity::ActivityTab, loaded::Loaded, watch::Watch},
    interest::Interest,
};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Tab {
    Results,
    Sources,
    Configuration,
    Activity,
}

impl Tab {
    const ALL: [Tab; 4] = [Tab::Results, Tab::Sources, Tab::Configuration, Tab::Activity];

    const fn word(self) -> &'static str {
        match self {
            Tab::Results => "results",
            Tab::Sources => "sources",
            Tab::Configuration => "configuration",
            Tab::Activity => "activity",
        }
    }

    const fn label(self) -> &'static str {
        match self {
            Tab::Results => "Results",
            Tab::Sources => "Sources and profile",
            Tab::Configuration => "Configuration",
            Tab::Activity => "Activity",
        }
    }

    fn parse(word: Option<&str>) -> Self {
        Self::ALL.into_iter().find(|tab| Some(tab.word()) == word).unwrap_or(Tab::Results)
    }
}

/// What the open tab shows.
enum Content {
    Results(LatestResults),
    Sources(SourcesSeen),
    Configuration(Document, CleansingSeen, MergingSeen),
    Activity,
}

#[component]
pub fn ProjectPage() -> impl IntoView {
    let id = use_params_map().read_untracked().get("id").and_then(|text| ProjectId::from_str(&text).ok());
    let tab = Tab::parse(use_query_map().read_untracked().get("tab").as_deref());
    let data = async move {
        let id = id.ok_or_else(|| Error::not_found("project"))?;
        // First what has the number to watch from: what is read after it may be newer, never older.
        let head = gather::head(id).await?;
        let content = match tab {
            Tab::Results => Content::Results(gather::results(id).await?),
            Tab::Sources => Content::Sources(gather::sources(id).await?),
            Tab::Configuration => {
                // After it, since what was posted is saved first.
                let document = document::open(id).await?;
                Content::Configuration(document, gather::cleansing(id).await?, gather::merging(id).await?)
            }
            Tab::Activity => Content::Activity,
        };
        Ok((head, content))
    };
    view! {
        <Loaded data let:page>
            <Project head=page.0 tab content=page.1/>
        </Loaded>
    }
    .into_any()
}

#[component]
fn Project(head: ProjectHead, tab: Tab, content: Content) -> impl IntoView {
    let ProjectHead { id, number, .. } = head;
    let name = head.name.clone();
    // What is being typed is not to be changed by what happens elsewhere.
    let watch = (tab != Tab::Configuration).then(|| view! { <Watch after=number topics=vec![Interest::Project(id)]/> });
    view! {
        <Title text=name.clone()/>
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
        {match content {
            Content::Results(results) => EitherOf4::A(view! { <ResultsTab head results/> }),
            Content::Sources(seen) => EitherOf4::B(view! { <SourcesTab head seen/> }),
            Content::Configuration(document, seen, merging) => {
                EitherOf4::C(view! { <ConfigurationTab id document seen merging/> })
            }
            Content::Activity => {
                let of = ActivityFilter { project: Some(id), ..ActivityFilter::default() };
                EitherOf4::D(view! { <ActivityTab of/> })
            }
        }}
    }
    .into_any()
}

#[component]
fn TabLink(id: ProjectId, entry: Tab, open: bool) -> impl IntoView {
    view! {
        <a href=format!("/projects/{id}?tab={}", entry.word()) aria-current=open.then_some("page") data-in-place="">
            {entry.label()}
        </a>
    }
    .into_any()
}
