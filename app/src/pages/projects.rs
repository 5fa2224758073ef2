//! `/projects`: every project in one table.

use leptos::{either::Either, prelude::*};
use leptos_meta::Title;
use leptos_router::{hooks::use_query_map, params::ParamsMap};
use model::{
    Page, Role,
    project::{ProjectFilter, ProjectSummary},
};

use crate::{
    api::request,
    components::{
        allowed::may_everywhere,
        filters::text,
        icon::Icon,
        loaded::Loaded,
        paging::Paging,
        search::SearchField,
        time::{Saying, Time},
        watch::Watch,
    },
    format,
    interest::Interest,
};

#[component]
pub fn ProjectsPage() -> impl IntoView {
    let filter = use_query_map().with_untracked(filter_of);
    let asked = filter.clone();
    let projects = async { request::backend().projects(asked).await };
    view! {
        <Title text="Projects"/>
        <header class="page-head">
            <h1>"Projects"</h1>
            {may_everywhere(Role::Editor).then(|| view! {
                <a class="button main" href="/projects/new">
                    {Icon::Plus.view()}
                    "New project"
                </a>
            })}
        </header>
        <Loaded data=projects let:projects>
            <Watch after=projects.number topics=vec![Interest::Projects]/>
            <Listed page=projects.data filter/>
        </Loaded>
    }
    .into_any()
}

fn filter_of(query: &ParamsMap) -> ProjectFilter {
    ProjectFilter {
        q: text(query, "q"),
        cursor: text(query, "cursor"),
        limit: text(query, "limit").and_then(|limit| limit.parse().ok()),
    }
}

/// The address of the list from a cursor on. A cursor belongs to its words and no others.
fn address(filter: &ProjectFilter, cursor: Option<String>) -> String {
    let mut query = ParamsMap::new();
    let limit = filter.limit.map(|limit| limit.to_string());
    for (name, value) in [("q", filter.q.clone()), ("limit", limit), ("cursor", cursor)] {
        if let Some(value) = value {
            query.insert(name, value);
        }
    }
    format!("/projects{}", query.to_query_string())
}

#[component]
fn Listed(page: Page<ProjectSummary>, filter: ProjectFilter) -> impl IntoView {
    let Page { items, next_cursor } = page;
    let is_first = filter.cursor.is_none();
    if items.is_empty() && is_first && filter.q.is_none() {
        return view! { <NoProjects/> }.into_any();
    }
    let is_empty = items.is_empty();
    // Few projects are found by eye.
    let can_be_searched = filter.q.is_some() || !is_first || next_cursor.is_some();
    let first = (!is_first).then(|| address(&filter, None));
    let next = next_cursor.map(|cursor| address(&filter, Some(cursor)));
    view! {
        {can_be_searched.then(|| view! {
            <form method="get" action="/projects" class="row filter-bar" role="search" data-in-place>
                <SearchField name="q" value=filter.q label="Search by name"/>
                <button class="button" type="submit">"Apply"</button>
            </form>
        })}
        {if is_empty {
            Either::Left(view! { <NothingFound/> })
        } else {
            Either::Right(view! { <ProjectTable projects=items/> })
        }}
        <Paging label="More projects" first next/>
    }
    .into_any()
}

#[component]
fn NothingFound() -> impl IntoView {
    view! {
        <section class="empty">
            {Icon::Search.view()}
            <h2>"No project fits"</h2>
            <p>"None has these words in its name."</p>
            <a class="button" href="/projects">"Show all projects"</a>
        </section>
    }
    .into_any()
}

#[component]
fn NoProjects() -> impl IntoView {
    view! {
        <section class="empty">
            {Icon::Project.view()} <h2>"Start with a file of records"</h2>
            <p>
                "Customers, products, companies: any list in which some lines may mean the same thing. \
                 Millrace looks at it, proposes how to clean and match it, and gives back one golden record for each."
            </p>
            {may_everywhere(Role::Editor).then(|| view! {
                <a class="button main" href="/projects/new">
                    {Icon::Import.view()}
                    "Upload a CSV"
                </a>
            })}
        </section>
    }
    .into_any()
}

#[component]
fn ProjectTable(projects: Vec<ProjectSummary>) -> impl IntoView {
    let rows = projects.into_iter().map(|project| view! { <ProjectRow project/> }).collect_view();
    view! {
        <table class="table folding">
            <thead>
                <tr>
                    <th scope="col">"Project"</th>
                    <th scope="col">"Sources"</th>
                    <th scope="col" class="number">"Records"</th>
                    <th scope="col" class="number">"Groups"</th>
                    <th scope="col" class="number">"Workflows"</th>
                    <th scope="col">"Last run"</th>
                </tr>
            </thead>
            <tbody>{rows}</tbody>
        </table>
    }
    .into_any()
}

#[component]
fn ProjectRow(project: ProjectSummary) -> impl IntoView {
    let ProjectSummary { id, name, sources, workflows, records, groups, last_run_at, .. } = project;
    let last_run = match last_run_at {
        Some(at) => Either::Left(view! { <Time at saying=Saying::Distance/> }),
        None => Either::Right(view! { <span class="soft">"never"</span> }),
    };
    view! {
        <tr data-key=id.to_string()>
            <td class="lead">
                <a href=format!("/projects/{id}")>{name}</a>
            </td>
            <td data-name="Sources">{source_names(&sources)}</td>
            <td data-name="Records" class="number">{figure(records)}</td>
            <td data-name="Groups" class="number">{figure(groups)}</td>
            <td data-name="Workflows" class="number">{workflows}</td>
            <td data-name="Last run">{last_run}</td>
        </tr>
    }
    .into_any()
}

/// The first few by name; a project may have many.
fn source_names(sources: &[String]) -> String {
    const NAMED: usize = 3;
    match sources.len() {
        0 => "none yet".to_owned(),
        1..=NAMED => sources.join(", "),
        more => format!("{} and {} more", sources[..NAMED].join(", "), more - NAMED),
    }
}

fn figure(value: Option<u64>) -> String {
    value.map_or_else(|| "–".to_owned(), format::number)
}
