//! `/executions`: the history of all workflows, as a list or on a timeline. What is filtered is in the address.

pub mod timeline;

use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::{hooks::use_query_map, params::ParamsMap};
use model::{
    Error, Page, Snapshot,
    execution::{Execution, ExecutionFilter, Status, Trigger},
};

use crate::{
    api::request::backend,
    components::{
        csv_link::CsvLink,
        execution_table::ExecutionTable,
        filters::{self, Choice, day_fields, days, text},
        icon::Icon,
        loaded::Loaded,
        paging::NewestOlder,
        watch::Watch,
    },
    interest::Interest,
    viewer::Wall,
};
use timeline::TimelineTab;

/// The parts of the address that the filter is made of.
const FIELDS: [&str; 7] = ["workflow", "project", "status", "trigger", "from", "to", "q"];

#[component]
pub fn ExecutionsPage() -> impl IntoView {
    let query = use_query_map().get_untracked();
    let on_timeline = query.get("view").as_deref() == Some("timeline");
    let tab = |href: &'static str, label: &'static str, is_chosen: bool| {
        view! { <a href=href aria-current=is_chosen.then_some("page")>{label}</a> }
    };
    view! {
        <Title text="Executions"/>
        <header class="page-head">
            <div>
                <h1>"Executions"</h1>
                <p>
                    {if on_timeline { "What ran, and what will run." } else { "Every attempt to run a workflow, newest first." }}
                </p>
            </div>
        </header>
        <nav class="tabs" aria-label="Executions">
            {tab("/executions", "History", !on_timeline)}
            {tab("/executions?view=timeline", "Timeline", on_timeline)}
        </nav>
        {match on_timeline {
            true => view! { <TimelineTab query/> }.into_any(),
            false => view! { <HistoryTab query/> }.into_any(),
        }}
    }
    .into_any()
}

#[component]
fn HistoryTab(query: ParamsMap) -> impl IntoView {
    let wall = Wall::of_viewer();
    let filter = filter_of(&query, wall);
    let asked = filter.clone();
    view! {
        <FilterForm query=query.clone() wall/>
        <Loaded data=load(asked) let:listed>
            <Rows listed query filter/>
        </Loaded>
    }
    .into_any()
}

/// A page of executions, and the names of what it is narrowed to.
struct Listed {
    snapshot: Snapshot<Page<Execution>>,
    narrowed: Vec<Narrowed>,
}

/// One workflow or project that the list is narrowed to, by another page's link.
struct Narrowed {
    field: &'static str,
    words: String,
}

async fn load(filter: ExecutionFilter) -> Result<Listed, Error> {
    let backend = backend();
    let mut narrowed = Vec::new();
    if let Some(id) = filter.workflow {
        // One that was deleted keeps its history and has no name any more.
        let name = backend.workflow(id).await.map(|card| card.data.workflow.name);
        let words = name.map_or("A deleted workflow".to_owned(), |name| format!("Workflow: {name}"));
        narrowed.push(Narrowed { field: "workflow", words });
    }
    if let Some(id) = filter.project {
        let name = backend.project(id).await.map(|project| project.name);
        let words = name.map_or("A deleted project".to_owned(), |name| format!("Project: {name}"));
        narrowed.push(Narrowed { field: "project", words });
    }
    Ok(Listed { snapshot: backend.executions(filter).await?, narrowed })
}

fn filter_of(query: &ParamsMap, wall: Wall) -> ExecutionFilter {
    let (from, to) = days(query, wall);
    ExecutionFilter {
        workflow: text(query, "workflow").and_then(|id| id.parse().ok()),
        project: text(query, "project").and_then(|id| id.parse().ok()),
        status: text(query, "status").as_deref().and_then(Status::parse),
        trigger: text(query, "trigger").as_deref().and_then(Trigger::parse),
        from,
        to,
        q: text(query, "q"),
        cursor: text(query, "cursor"),
        limit: None,
    }
}

/// The address of this list, at `cursor` or at its newest page.
fn address(query: &ParamsMap, cursor: Option<String>) -> String {
    filters::address("/executions", &FIELDS, query, cursor)
}

#[component]
fn FilterForm(query: ParamsMap, wall: Wall) -> impl IntoView {
    let value = |name: &str| query.get(name).unwrap_or_default();
    let statuses = Status::ALL.map(|it| (it.as_str().to_owned(), it.label().to_owned())).into();
    let triggers = Trigger::ALL.map(|it| (it.as_str().to_owned(), it.label().to_owned())).into();
    let kept = ["workflow", "project"].map(|name| {
        let value = value(name);
        (!value.is_empty()).then(|| view! { <input type="hidden" name=name value=value/> })
    });
    view! {
        <form method="get" action="/executions" class="filters" role="search" data-in-place data-ahead=wall.ahead_minutes()>
            {kept}
            <Choice query=query.clone() name="status" label="Status" options=statuses/>
            <Choice query=query.clone() name="trigger" label="Trigger" options=triggers/>
            {day_fields(&query, wall)}
            <div class="field wide">
                <label for="q">"Words in the error"</label>
                <input id="q" type="search" name="q" value=value("q")/>
            </div>
            <button class="button" type="submit">"Filter"</button>
        </form>
    }
    .into_any()
}

#[component]
fn Rows(listed: Listed, query: ParamsMap, filter: ExecutionFilter) -> impl IntoView {
    let Listed { snapshot: Snapshot { number, data: page }, narrowed } = listed;
    let older = page.next_cursor.map(|cursor| address(&query, Some(cursor)));
    let newest = filter.cursor.is_some().then(|| address(&query, None));
    let is_filtered = filter != ExecutionFilter::default();
    let table = if page.items.is_empty() {
        view! { <Nothing is_filtered/> }.into_any()
    } else {
        view! { <ExecutionTable rows=page.items of_all=true/> }.into_any()
    };
    view! {
        <Watch after=number topics=vec![Interest::Executions]/>
        <div class="list">
            <div class="row">
                <NarrowedTo narrowed query=query.clone()/>
                <div class="push">
                    <CsvLink filter=filter.clone()/>
                </div>
            </div>
            {table}
        </div>
        <NewestOlder label="More executions" newest older/>
    }
    .into_any()
}

/// What the list is narrowed to, as chips that widen it again.
#[component]
fn NarrowedTo(narrowed: Vec<Narrowed>, query: ParamsMap) -> impl IntoView {
    if narrowed.is_empty() {
        return ().into_any();
    }
    let chip = |Narrowed { field, words }: Narrowed| {
        let mut wider = query.clone();
        wider.remove(field);
        let name = format!("{words}: show all");
        view! {
            <a class="chip" href=address(&wider, None) data-in-place aria-current="true" aria-label=name>
                {words} {Icon::Cross.view()}
            </a>
        }
    };
    view! { <nav class="chips" aria-label="Narrowed to">{narrowed.into_iter().map(chip).collect_view()}</nav> }
        .into_any()
}

#[component]
fn Nothing(is_filtered: bool) -> impl IntoView {
    if is_filtered {
        return view! {
            <section class="empty">
                {Icon::Search.view()}
                <h2>"No execution fits"</h2>
                <p>"None has this status, trigger, day and text together."</p>
                <a class="button" href="/executions">"Show all executions"</a>
            </section>
        }
        .into_any();
    }
    view! {
        <section class="empty">
            {Icon::Execution.view()}
            <h2>"Nothing has run yet"</h2>
            <p>"Each run of a workflow leaves a row here, with its steps, files and log. Run one to see it live."</p>
            <a class="button main" href="/workflows">"Go to the workflows"</a>
        </section>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_address_is_the_filter() {
        let query: ParamsMap =
            [("status", "failed"), ("from", "2026-11-20"), ("to", "2026-11-20"), ("q", ""), ("open", "x")]
                .into_iter()
                .map(|(name, value)| (name.to_owned(), value.to_owned()))
                .collect();
        let filter = filter_of(&query, Wall::ahead(60));
        assert_eq!(filter.status, Some(Status::Failed));
        assert_eq!(filter.q, None);
        assert!(!address(&query, None).contains("open"), "an open row belongs to the page, not to the filter");
    }
}
