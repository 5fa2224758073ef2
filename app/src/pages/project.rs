//! `/projects/:id`: one project. The tabs are part of the address (`?tab=`), so that they work without JavaScript.

pub mod cleansing;
pub mod configuration;
pub mod drift;
pub mod elsewhere_form;
pub mod estimate;
pub mod file_form;
pub mod frame;
pub mod menu;
pub mod merging;
pub mod profile_table;
pub mod results;
pub mod run;
pub mod secrets;
pub mod sources;
pub mod suggest;
pub mod workflow_rows;

use std::str::FromStr as _;

use configuration::ConfigurationTab;
use frame::{ProjectFrame, Tab};
use leptos::{either::EitherOf4, prelude::*};
use leptos_router::hooks::{use_params_map, use_query_map};
use model::{Error, ProjectId, activity::ActivityFilter};
use results::ResultsTab;
use sources::SourcesTab;

use crate::{
    api::projects::{
        BlockingSeen, CleansingSeen, LatestResults, MergingSeen, ProjectHead, SourcesSeen,
        document::{self, Document},
        elsewhere::{self, SourceForm},
        gather,
    },
    components::{activity::ActivityTab, loaded::Loaded},
};

/// What the open tab shows.
enum Content {
    Results(LatestResults),
    Sources(SourcesSeen, SourceForm),
    Configuration(Box<Document>, CleansingSeen, BlockingSeen, MergingSeen),
    Activity,
}

#[component]
pub fn ProjectPage() -> impl IntoView {
    let id = use_params_map().read_untracked().get("id").and_then(|text| ProjectId::from_str(&text).ok());
    let query = use_query_map().get_untracked();
    let tab = Tab::parse(query.get("tab").as_deref());
    let asked = query.get("estimate").is_some();
    let data = async move {
        let id = id.ok_or_else(|| Error::not_found("project"))?;
        // First what has the number to watch from: what is read after it may be newer, never older.
        let head = gather::head(id).await?;
        let content = match tab {
            Tab::Results => Content::Results(gather::results(id).await?),
            Tab::Sources => {
                let form = elsewhere::posted(id).await;
                Content::Sources(gather::sources(id).await?, form)
            }
            Tab::Configuration => {
                // After it, since what was posted is saved first.
                let document = document::open(id).await?;
                let (cleansing, blocking) = (gather::cleansing(id).await?, gather::blocking(id, asked).await?);
                Content::Configuration(Box::new(document), cleansing, blocking, gather::merging(id).await?)
            }
            // A page of its own.
            Tab::Matches | Tab::Activity => Content::Activity,
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
    let id = head.id;
    let framed = head.clone();
    view! {
        <ProjectFrame head=framed tab>
            {match content {
                Content::Results(results) => EitherOf4::A(view! { <ResultsTab head results/> }),
                Content::Sources(seen, form) => EitherOf4::B(view! { <SourcesTab head seen form/> }),
                Content::Configuration(document, cleansing, blocking, merging) => {
                    EitherOf4::C(view! { <ConfigurationTab id document=*document cleansing blocking merging/> })
                }
                Content::Activity => {
                    let of = ActivityFilter { project: Some(id), ..ActivityFilter::default() };
                    EitherOf4::D(view! { <ActivityTab of/> })
                }
            }}
        </ProjectFrame>
    }
    .into_any()
}
