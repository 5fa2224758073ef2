//! `/projects/:id`: one project. The tabs are part of the address (`?tab=`), so that they work without JavaScript.

pub mod configuration;
pub mod profile_table;
pub mod results;
pub mod run;
pub mod sample_table;
pub mod sources;
pub mod suggest;
pub mod workflow_rows;

use std::str::FromStr as _;

use configuration::ConfigurationTab;
use leptos::{prelude::*, task::spawn_local};
use leptos_meta::Title;
use leptos_router::hooks::{use_params_map, use_query_map};
use model::{Error, ProjectId, event::Change};
use results::ResultsTab;
use run::RunProject;
use sources::SourcesTab;

use crate::{
    api::{
        self, ApiError,
        projects::{LatestResults, ProjectHead, SourcesSeen, document::Document},
    },
    components::{loaded::Loaded, notice::PostedProblem},
    live::{Message, use_live},
};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tab {
    Results,
    Sources,
    Configuration,
}

impl Tab {
    const ALL: [Tab; 3] = [Tab::Results, Tab::Sources, Tab::Configuration];

    const fn word(self) -> &'static str {
        match self {
            Tab::Results => "results",
            Tab::Sources => "sources",
            Tab::Configuration => "configuration",
        }
    }

    const fn label(self) -> &'static str {
        match self {
            Tab::Results => "Results",
            Tab::Sources => "Sources and profile",
            Tab::Configuration => "Configuration",
        }
    }

    fn parse(word: Option<&str>) -> Self {
        Self::ALL.into_iter().find(|tab| Some(tab.word()) == word).unwrap_or(Tab::Results)
    }
}

#[component]
pub fn ProjectPage() -> impl IntoView {
    let params = use_params_map();
    let id = Memo::new(move |_| params.with(|params| params.get("id").and_then(|id| ProjectId::from_str(&id).ok())));
    // Counts what happened to this project on the server.
    let news = RwSignal::new(0_u32);
    let tab = current_tab();
    let head = Resource::new_blocking(
        move || id.get(),
        async |id| match id {
            Some(id) => api::projects::project(id).await,
            None => Err(ApiError::Refused(Error::not_found("project"))),
        },
    );
    let tabs = TabResources::new(id, tab, news);
    view! {
        <Loaded data=move || async move { head.await } let:head>
            <Project head news tab tabs/>
        </Loaded>
    }
    .into_any()
}

/// What the tabs show, each loaded when its tab is open. Made with the page: what is made inside of `Loaded` is made
/// twice on the server, and a form that was posted to this page must not be saved twice.
#[derive(Clone, Copy)]
pub struct TabResources {
    results: Resource<Result<Option<LatestResults>, ApiError>>,
    sources: Resource<Result<Option<SourcesSeen>, ApiError>>,
    document: Resource<Result<Option<Document>, ApiError>>,
}

impl TabResources {
    fn new(id: Memo<Option<ProjectId>>, tab: Memo<Tab>, news: RwSignal<u32>) -> Self {
        let open = move |wanted: Tab| (tab.get() == wanted).then(|| id.get()).flatten();
        Self {
            results: Resource::new(
                move || (open(Tab::Results), news.get()),
                async |(id, _)| match id {
                    Some(id) => api::projects::project_results(id).await.map(Some),
                    None => Ok(None),
                },
            ),
            sources: Resource::new(
                move || (open(Tab::Sources), news.get()),
                async |(id, _)| match id {
                    Some(id) => api::projects::project_sources(id).await.map(Some),
                    None => Ok(None),
                },
            ),
            // Not loaded again on news: what is being typed stays.
            document: Resource::new_blocking(
                move || open(Tab::Configuration),
                async |id| match id {
                    Some(id) => api::projects::document::open_document(id).await.map(Some),
                    None => Ok(None),
                },
            ),
        }
    }
}

/// Built once for a project; what changes on the server is patched in, so that nothing that is being typed is lost.
#[component]
fn Project(head: ProjectHead, news: RwSignal<u32>, tab: Memo<Tab>, tabs: TabResources) -> impl IntoView {
    let id = head.id;
    use_live().listen(head.number, move |message| {
        let concerns = match message {
            Message::Reload => true,
            Message::Sample(_) => false,
            Message::Change(change) => concerns(change, id),
        };
        if concerns {
            news.update(|count| *count += 1);
        }
    });
    let head = kept_up_to_date(head, news.into());
    view! {
        <Title text=move || head.with(|head| head.name.clone())/>
        <header class="page-head">
            <div>
                <p class="crumb">
                    <a href="/projects">"Projects"</a>
                </p>
                <h1>{move || head.with(|head| head.name.clone())}</h1>
            </div>
            <RunProject head/>
        </header>
        <PostedProblem/>
        <nav class="tabs" aria-label="Project">
            {Tab::ALL.map(|entry| view! { <TabLink id entry tab/> }).collect_view()}
        </nav>
        {move || match tab.get() {
            Tab::Results => view! { <ResultsTab head results=tabs.results/> }.into_any(),
            Tab::Sources => view! { <SourcesTab head seen=tabs.sources/> }.into_any(),
            Tab::Configuration => view! { <ConfigurationTab id document=tabs.document/> }.into_any(),
        }}
    }
    .into_any()
}

fn current_tab() -> Memo<Tab> {
    let query = use_query_map();
    Memo::new(move |_| Tab::parse(query.with(|query| query.get("tab")).as_deref()))
}

#[component]
fn TabLink(id: ProjectId, entry: Tab, tab: Memo<Tab>) -> impl IntoView {
    let here = move || (tab.get() == entry).then_some("page");
    view! {
        <a href=format!("/projects/{id}?tab={}", entry.word()) aria-current=here>
            {entry.label()}
        </a>
    }
}

/// The head as it stands after all the news.
fn kept_up_to_date(head: ProjectHead, news: Signal<u32>) -> Signal<ProjectHead> {
    let id = head.id;
    let head = RwSignal::new(head);
    Effect::new(move || {
        if news.get() > 0 {
            spawn_local(async move {
                // What cannot be loaded now stays as it was; the next news try again.
                let Ok(fresh) = api::projects::project(id).await else { return };
                // Answers may overtake one another, and the page may be gone.
                if head.try_with_untracked(|head| fresh.number >= head.number) == Some(true) {
                    head.set(fresh);
                }
            });
        }
    });
    head.into()
}

fn concerns(change: &Change, id: ProjectId) -> bool {
    match change {
        Change::Execution { execution } => execution.project_id == id,
        Change::Workflow { workflow } => workflow.project_id == id,
        // Which project it belonged to is not known any more.
        Change::WorkflowDeleted { .. } => true,
        Change::Delivery { .. } | Change::Maintenance { .. } => false,
        Change::Project { project_id, .. } | Change::ProjectDeleted { project_id } => *project_id == id,
    }
}
