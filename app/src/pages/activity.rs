//! `/activity`: who did what on the whole server, for administrators. What is filtered is in the address.

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
        activity::ActivityList,
        filters::{self, Choice, day_fields, days, text},
        icon::Icon,
        loaded::Loaded,
        paging::NewestOlder,
        watch::Watch,
    },
    interest::Interest,
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
    let (from, to) = days(query, wall);
    ActivityFilter {
        subject: text(query, "subject").as_deref().and_then(SubjectKind::parse).into_iter().collect(),
        actor: text(query, "actor"),
        project: text(query, "project").and_then(|id| id.parse().ok()),
        from,
        to,
        cursor: text(query, "cursor"),
        ..ActivityFilter::default()
    }
}

/// The address of this list, at `cursor` or at its newest page.
fn address(query: &ParamsMap, cursor: Option<String>) -> String {
    filters::address("/activity", &FIELDS, query, cursor)
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
        <NewestOlder label="More activity" newest older/>
    }
    .into_any()
}

#[component]
fn FilterForm(query: ParamsMap, wall: Wall, actors: Vec<String>, projects: Vec<ProjectName>) -> impl IntoView {
    let subjects = SubjectKind::ALL.map(|it| (it.as_str().to_owned(), it.label().to_owned())).into();
    let actors = actors.into_iter().map(|name| (name.clone(), name)).collect();
    let projects = projects.into_iter().map(|it| (it.id.to_string(), it.name)).collect();
    view! {
        <form method="get" action="/activity" class="filters" role="search" data-in-place data-ahead=wall.ahead_minutes()>
            <Choice query=query.clone() name="subject" label="What" options=subjects/>
            <Choice query=query.clone() name="actor" label="Who" options=actors/>
            <Choice query=query.clone() name="project" label="Project" options=projects/>
            {day_fields(&query, wall)}
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
