//! `/activity`: who did what on the whole server, for administrators. What is filtered is in the address.

use std::time::Duration;

use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::{hooks::use_query_map, params::ParamsMap};
use model::{
    Error, Page, Snapshot,
    activity::{Activity, ActivityFilter, SubjectKind},
    project::ProjectName,
};

use crate::{
    api::request::backend,
    components::{
        activity::{ActivityList, MoreActivity},
        icon::Icon,
        loaded::Loaded,
        watch::Watch,
    },
    interest::Interest,
    pages::executions::midnight,
    viewer::Wall,
};

/// The parts of the address that the filter is made of.
const FIELDS: [&str; 5] = ["subject", "actor", "project", "from", "to"];

#[component]
pub fn ActivityPage() -> impl IntoView {
    let query = use_query_map().get_untracked();
    let wall = Wall::of_viewer();
    let filter = filter_of(&query, wall);
    view! {
        <Title text="Activity"/>
        <header class="page-head">
            <div>
                <h1>"Activity"</h1>
                <p>"Who did what on this server, and from where. Nothing here can be changed."</p>
            </div>
        </header>
        <Loaded data=load(filter) let:listed>
            <Content listed query wall/>
        </Loaded>
    }
    .into_any()
}

/// A page of the log, and what it can be narrowed to.
struct Listed {
    snapshot: Snapshot<Page<Activity>>,
    actors: Vec<String>,
    projects: Vec<ProjectName>,
}

async fn load(filter: ActivityFilter) -> Result<Listed, Error> {
    let backend = backend();
    let snapshot = backend.activity(filter).await?;
    Ok(Listed { snapshot, actors: backend.actors().await?, projects: backend.project_names().await? })
}

fn filter_of(query: &ParamsMap, wall: Wall) -> ActivityFilter {
    let text = |name: &str| query.get(name).filter(|text| !text.trim().is_empty());
    ActivityFilter {
        subject: text("subject").as_deref().and_then(SubjectKind::parse).into_iter().collect(),
        actor: text("actor"),
        project: text("project").and_then(|id| id.parse().ok()),
        from: text("from").and_then(|day| midnight(&day, wall)),
        // The day itself is included.
        to: text("to").and_then(|day| midnight(&day, wall)).map(|start| start.plus(Duration::from_secs(86_400))),
        cursor: text("cursor"),
        ..ActivityFilter::default()
    }
}

/// The address of this list, at `cursor` or at its newest page.
fn address(query: &ParamsMap, cursor: Option<String>) -> String {
    let mut kept = ParamsMap::new();
    for name in FIELDS {
        if let Some(value) = query.get(name).filter(|value| !value.is_empty()) {
            kept.insert(name, value);
        }
    }
    if let Some(cursor) = cursor {
        kept.insert("cursor", cursor);
    }
    format!("/activity{}", kept.to_query_string())
}

#[component]
fn Content(listed: Listed, query: ParamsMap, wall: Wall) -> impl IntoView {
    let Listed { snapshot: Snapshot { number, data: page }, actors, projects } = listed;
    let older = page.next_cursor.map(|cursor| address(&query, Some(cursor)));
    let newest = query.get("cursor").is_some().then(|| address(&query, None));
    let list = match page.items.is_empty() {
        true => view! { <NothingFits/> }.into_any(),
        false => view! { <ActivityList entries=page.items projects=projects.clone() of_all=true/> }.into_any(),
    };
    view! {
        <Watch after=number topics=vec![Interest::Workflows, Interest::Executions, Interest::Projects]/>
        <FilterForm query wall actors projects/>
        {list}
        <MoreActivity newest older/>
    }
    .into_any()
}

#[component]
fn FilterForm(query: ParamsMap, wall: Wall, actors: Vec<String>, projects: Vec<ProjectName>) -> impl IntoView {
    let value = move |name: &str| query.get(name).unwrap_or_default();
    let option = |chosen: &str, value: String, label: String| {
        let selected = chosen == value;
        view! { <option value=value selected=selected>{label}</option> }
    };
    let (subject, actor, project) = (value("subject"), value("actor"), value("project"));
    let subjects = SubjectKind::ALL.map(|it| option(&subject, it.as_str().to_owned(), it.label().to_owned()));
    let actors = actors.into_iter().map(|name| option(&actor, name.clone(), name)).collect_view();
    let projects = projects.into_iter().map(|it| option(&project, it.id.to_string(), it.name)).collect_view();
    view! {
        <form method="get" action="/activity" class="filters" role="search" data-in-place data-ahead=wall.ahead_minutes()>
            <div class="field">
                <label for="subject">"What"</label>
                <select id="subject" name="subject">
                    <option value="">"All"</option>
                    {subjects.into_iter().collect_view()}
                </select>
            </div>
            <div class="field">
                <label for="actor">"Who"</label>
                <select id="actor" name="actor">
                    <option value="">"All"</option>
                    {actors}
                </select>
            </div>
            <div class="field">
                <label for="project">"Project"</label>
                <select id="project" name="project">
                    <option value="">"All"</option>
                    {projects}
                </select>
            </div>
            <div class="field">
                <label for="from">{format!("From ({})", wall.name())}</label>
                <input id="from" type="date" name="from" value=value("from")/>
            </div>
            <div class="field">
                <label for="to">{format!("To ({})", wall.name())}</label>
                <input id="to" type="date" name="to" value=value("to")/>
            </div>
            <button class="button" type="submit">"Filter"</button>
        </form>
    }
    .into_any()
}

#[component]
fn NothingFits() -> impl IntoView {
    view! {
        <section class="empty">
            {Icon::Search.view()}
            <h2>"Nothing fits"</h2>
            <p>"Nobody did that in these days."</p>
            <a class="button" href="/activity">"Show all activity"</a>
        </section>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_address_is_the_filter() {
        let query: ParamsMap = [("subject", "sign_in"), ("actor", "ann"), ("to", "2026-11-20"), ("project", "")]
            .into_iter()
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .collect();
        let filter = filter_of(&query, Wall::ahead(60));
        assert_eq!((filter.subject, filter.actor.as_deref()), (vec![SubjectKind::SignIn], Some("ann")));
        assert_eq!(filter.to.map(|at| at.to_string()).as_deref(), Some("2026-11-20T23:00:00.000000Z"));
        assert_eq!((filter.project, filter.from), (None, None));
        assert_eq!(address(&query, None), "/activity?subject=sign%5Fin&actor=ann&to=2026%2D11%2D20");
    }
}
