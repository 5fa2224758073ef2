//! `/projects/:id/matches`: what matching found: figures, groups, pairs, and what it learned. Which list is open and what
//! it is narrowed to is in the address, so that it works without JavaScript.

pub mod groups;
pub mod model_table;
pub mod narrowing;
pub mod pairs;
pub mod summary;
pub mod table;

use std::str::FromStr as _;

use groups::Groups;
use leptos::prelude::*;
use leptos_router::{
    hooks::{use_params_map, use_query_map},
    params::ParamsMap,
};
use model::{Error, ProjectId};
use model_table::Models;
use narrowing::{Narrowing, address};
use pairs::Pairs;
use summary::Figures;

use crate::{
    api::{
        matches::{self, List, Listed, Matched},
        projects::{ProjectHead, gather},
    },
    components::{icon::Icon, loaded::Loaded, paging::Paging},
    format,
    pages::project::{
        frame::{ProjectFrame, Tab},
        run::NextStep,
    },
};

struct Content {
    head: ProjectHead,
    /// Nothing before the first result.
    found: Option<(Matched, Listed)>,
}

#[component]
pub fn MatchesPage() -> impl IntoView {
    let id = use_params_map().read_untracked().get("id").and_then(|text| ProjectId::from_str(&text).ok());
    let query = use_query_map().get_untracked();
    let list = list_of(&query);
    let narrowed = narrowing::of(&query);
    let data = async move {
        let id = id.ok_or_else(|| Error::not_found("project"))?;
        // First what has the number to watch from: what is read after it may be newer, never older.
        let head = gather::head(id).await?;
        let found = match matches::matched(id).await? {
            Some(matched) => Some((matched, matches::listed(id, list, narrowed).await?)),
            None => None,
        };
        Ok(Content { head, found })
    };
    view! {
        <Loaded data let:content>
            <Matches content list query/>
        </Loaded>
    }
    .into_any()
}

fn list_of(query: &ParamsMap) -> List {
    match query.get("view").as_deref() {
        Some("pairs") => List::Pairs,
        Some("model") => List::Models,
        _ => List::Groups,
    }
}

#[component]
fn Matches(content: Content, list: List, query: ParamsMap) -> impl IntoView {
    let Content { head, found } = content;
    let id = head.id;
    let framed = head.clone();
    let content = match found {
        None => view! { <Nothing head/> }.into_any(),
        Some((matched, listed)) => {
            let summary = matched.summary.clone();
            view! {
                <div class="sections" data-key="matches">
                    <Figures id matched=matched.clone()/>
                    <nav class="segments" aria-label="Matches">
                        {link(id, List::Groups, list, format::counted(summary.groups, "group"))}
                        {link(id, List::Pairs, list, format::counted(summary.matching_pairs, "pair"))}
                        {link(id, List::Models, list, "What was learned".to_owned())}
                    </nav>
                    <Open id matched listed list query/>
                </div>
            }
            .into_any()
        }
    };
    view! {
        <ProjectFrame head=framed tab=Tab::Matches>
            {content}
        </ProjectFrame>
    }
    .into_any()
}

fn link(id: ProjectId, list: List, open: List, words: String) -> impl IntoView {
    let view = match list {
        List::Groups => "",
        List::Pairs => "?view=pairs",
        List::Models => "?view=model",
    };
    let current = (list == open).then_some("page");
    view! { <a href=format!("/projects/{id}/matches{view}") aria-current=current data-in-place="">{words}</a> }
}

#[component]
fn Open(id: ProjectId, matched: Matched, listed: Listed, list: List, query: ParamsMap) -> impl IntoView {
    let narrowed = narrowing::of(&query);
    let first = narrowed.cursor.is_some().then(|| address(id, &query, None));
    let next = |cursor: Option<u64>| cursor.map(|cursor| address(id, &query, Some(cursor)));
    let filters = (list != List::Models).then(|| {
        view! { <Narrowing id matched=matched.clone() query=query.clone() of_groups={list == List::Groups}/> }
    });
    let content = match listed {
        Listed::Outdated(words) => view! {
            <section class="problem" role="alert">
                {Icon::Alert.view()}
                <div class="stack"><h2>"These results are out of date"</h2><p>{words}</p></div>
            </section>
        }
        .into_any(),
        Listed::Groups(page, _) if page.groups.is_empty() => nothing_fits(id, list, narrowed.is_narrowed()),
        Listed::Pairs(page) if page.pairs.is_empty() => nothing_fits(id, list, narrowed.is_narrowed()),
        Listed::Groups(page, reviews) => {
            let next = next(page.next_cursor);
            view! { <Groups id page reviews compared=matched.compared/> <Paging label="More groups" first next/> }
                .into_any()
        }
        Listed::Pairs(page) => {
            let next = next(page.next_cursor);
            view! { <Pairs id page compared=matched.compared/> <Paging label="More pairs" first next/> }.into_any()
        }
        Listed::Models(models) => view! { <Models models/> }.into_any(),
    };
    view! { {filters} {content} }.into_any()
}

fn nothing_fits(id: ProjectId, list: List, is_narrowed: bool) -> AnyView {
    let (what, view) = if list == List::Pairs { ("pair", "?view=pairs") } else { ("group", "") };
    if !is_narrowed {
        return view! {
            <section class="empty">
                {Icon::Match.view()}
                <h2>{format!("No {what} was found")}</h2>
                <p>"No two records are alike enough for any definition. Lower a threshold, or add a blocking key that brings \
                    likely duplicates together."</p>
                <a class="button" href=format!("/projects/{id}?tab=configuration")>"Open the configuration"</a>
            </section>
        }
        .into_any();
    }
    view! {
        <section class="empty">
            {Icon::Search.view()}
            <h2>{format!("No {what} fits")}</h2>
            <p>"None has all of this together."</p>
            <a class="button" href=format!("/projects/{id}/matches{view}")>{format!("Show all {what}s")}</a>
        </section>
    }
    .into_any()
}

/// Before the first result.
#[component]
fn Nothing(head: ProjectHead) -> impl IntoView {
    if head.sources.is_empty() || !head.problems.is_empty() {
        return view! { <NextStep head/> }.into_any();
    }
    view! {
        <section class="empty" data-key="no-matches">
            {Icon::Match.view()}
            <h2>"Nothing was matched yet"</h2>
            <p>
                "With the first run, groups of records that describe the same appear here, each pair with the reason why it \
                 matches. " <strong>"Run it now"</strong> " above starts one."
            </p>
        </section>
    }
    .into_any()
}
