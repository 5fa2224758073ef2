//! `/projects`: every project in one table.

use leptos::{either::Either, prelude::*};
use leptos_meta::Title;
use model::project::ProjectSummary;

use crate::{
    api::request,
    components::{
        icon::Icon,
        loaded::Loaded,
        time::{Saying, Time},
        watch::Watch,
    },
    format,
    interest::Interest,
};

#[component]
pub fn ProjectsPage() -> impl IntoView {
    let projects = async { request::backend().projects().await };
    view! {
        <Title text="Projects"/>
        <header class="page-head">
            <h1>"Projects"</h1>
            <a class="button main" href="/projects/new">
                {Icon::Plus.view()}
                "New project"
            </a>
        </header>
        <Loaded data=projects let:projects>
            <Watch after=projects.number topics=vec![Interest::Projects]/>
            {if projects.data.is_empty() {
                Either::Left(view! { <NoProjects/> })
            } else {
                Either::Right(view! { <ProjectTable projects=projects.data/> })
            }}
        </Loaded>
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
            <a class="button main" href="/projects/new">
                {Icon::Import.view()}
                "Upload a CSV"
            </a>
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
